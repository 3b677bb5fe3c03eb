"""Who is called for a case that is late, in which order and how often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import ColumnElement, func, select, text

from bot import worker
from bot.app import App
from bot.domain.cases import CaseUrgency, EventKind, Role
from bot.domain.messages import Channel, ChatRef, Reply
from bot.services import cases, casework, officers, outbox, people, reminders, roster
from bot.services.cases import Report
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import Case, CaseEvent, Chat, Delivery, Officer, OutboxMessage, Referral
from tests.fakes import VAULT, FakeNlu, Knowledge

BUDI, RINA, ANI, DODI = 1002, 1003, 1005, 1006
DESK = -1_000_000_000_777
EMERGENCY, HIGH, NORMAL = CaseUrgency.EMERGENCY, CaseUrgency.HIGH, CaseUrgency.NORMAL


def local(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo("Asia/Pontianak"))


MORNING = local("2026-11-24T09:00")


class Silvi:
    """The services on a desk with Budi and Ani as officers and Rina as supervisor, at a time of the test's choosing."""

    def __init__(self, app: App) -> None:
        self.app, self.desk = app, app.desk()

    async def officer(self, account: int, name: str, role: Role = Role.OFFICER, office: str | None = None) -> None:
        async with self.app.db.transaction() as session:
            await officers.add(session, account, name, role, office=office, now=MORNING)

    async def writes_to_silvi(self, account: int) -> None:
        async with self.app.db.transaction() as session:
            await people.lock_chat(session, ChatRef(Channel.TELEGRAM, str(account)), now=MORNING)

    async def duty(self, account: int, starts: str, ends: str) -> None:
        async with self.app.db.transaction() as session:
            officer = await officers.by_telegram_id(session, account)
            await roster.add(session, officer, local(starts), local(ends))

    async def reports(
        self, urgency: CaseUrgency, at: datetime, *, place: str = "", said: str = "tolong", who: str = "sari"
    ) -> Case:
        async with self.app.db.transaction() as session:
            chat = await people.lock_chat(session, ChatRef(Channel.WEB, who), now=at)
            person = await people.person_of(session, Channel.WEB, who, now=at)
            report = Report(narrative=said, urgency=urgency, place=place)
            return (await cases.open_case(session, person, chat, report, desk=self.desk, now=at)).case

    async def claims(self, account: int, at: datetime) -> None:
        async with self.app.db.transaction() as session:
            case = await cases.lock(session, (await session.execute(select(Case.id))).scalar_one())
            officer = await officers.by_telegram_id(session, account)
            await casework.claim(session, case, officer, desk=self.desk, now=at)

    async def called_at(self, at: datetime) -> str:
        """Whom the reminder of this moment calls, or nobody."""
        async with self.app.db.transaction() as session:
            before = await called(session)
            for case_id in await reminders.cases_to_remind_of(session, calendar=self.desk.calendar, now=at):
                await reminders.remind(session, case_id, desk=self.desk, now=at)
            return "; ".join((await called(session))[len(before) :])

    async def clock_is_put_back_to(self, at: datetime) -> int:
        """What the worker does each minute with times that cannot be; returns for how many cases."""
        async with self.app.db.transaction() as session:
            ahead = await reminders.cases_ahead(session, calendar=self.desk.calendar, now=at)
            for case_id in ahead:
                await reminders.put_right(session, case_id, calendar=self.desk.calendar, now=at)
            return len(ahead)

    async def called(self) -> list[str]:
        async with self.app.db.transaction() as session:
            return await called(session)

    async def waiting(self, external_id: int) -> list[Reply]:
        """What is to be sent to a chat by now."""
        return await self.told(external_id, OutboxMessage.state == Delivery.PENDING, OutboxMessage.due_at <= func.now())

    async def told(self, external_id: int, *conditions: ColumnElement[bool]) -> list[Reply]:
        """What stands in the outbox for a chat."""
        async with self.app.db.transaction() as session:
            found = select(OutboxMessage).join(Chat).where(Chat.external_id == str(external_id), *conditions)
            return [
                Reply.from_json(row.reply)
                for row in (await session.execute(found.order_by(OutboxMessage.id))).scalars()
            ]


async def called(session) -> list[str]:
    found = select(CaseEvent.text).where(CaseEvent.kind == EventKind.REMINDED).order_by(CaseEvent.id)
    return list((await session.execute(found)).scalars())


@pytest.fixture
async def silvi(database_url: str) -> AsyncIterator[Silvi]:
    settings = Settings(_env_file=None, desk_chat_id=DESK)
    app = App(settings, Database(database_url, VAULT), FakeNlu(), Knowledge(None))
    async with app.db.transaction() as session:
        await session.execute(text("truncate outbox, updates, chats, people, officers cascade"))
    silvi = Silvi(app)
    await silvi.officer(BUDI, "Budi")
    await silvi.officer(ANI, "Ani")
    await silvi.officer(RINA, "Rina", Role.SUPERVISOR)
    yield silvi
    await app.close()


async def test_silence_calls_the_next_and_then_the_supervisor_again_and_again(silvi: Silvi) -> None:
    await silvi.duty(BUDI, "2026-11-23T08:00", "2026-11-30T08:00")
    await silvi.duty(ANI, "2026-11-30T08:00", "2026-12-07T08:00")
    case = await silvi.reports(HIGH, MORNING)
    assert await silvi.called_at(case.due_at - timedelta(seconds=1)) == ""
    assert await silvi.called_at(case.due_at) == "Budi"
    assert await silvi.called_at(local("2026-11-24T13:59")) == ""
    assert await silvi.called_at(local("2026-11-24T14:00")) == "Ani"
    assert await silvi.called_at(local("2026-11-24T15:00")) == "Rina"
    assert await silvi.called_at(local("2026-11-24T16:00")) == "Rina"
    assert await silvi.called_at(local("2026-11-24T23:00")) == ""
    assert await silvi.called_at(local("2026-11-25T09:00")) == "Rina"


@pytest.mark.parametrize(
    ("urgency", "first", "too_early", "second"),
    [
        (EMERGENCY, "2026-11-24T09:15", "2026-11-24T09:19", "2026-11-24T09:20"),
        (HIGH, "2026-11-24T13:00", "2026-11-24T13:59", "2026-11-24T14:00"),
        (NORMAL, "2026-11-27T16:00", "2026-11-30T15:59", "2026-11-30T16:00"),
    ],
)
async def test_pace_follows_the_urgency(
    silvi: Silvi, urgency: CaseUrgency, first: str, too_early: str, second: str
) -> None:
    await silvi.reports(urgency, MORNING)
    before = len(await silvi.called())
    for at in (first, too_early, second):
        await silvi.called_at(local(at))
    assert len(await silvi.called()) == before + 2


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=400)])
async def test_emergency_told_on_a_clock_that_was_ahead_calls_in_its_15_minutes(silvi: Silvi, ahead: timedelta) -> None:
    await silvi.reports(EMERGENCY, MORNING + ahead)
    await silvi.clock_is_put_back_to(MORNING)
    assert await silvi.called_at(MORNING + timedelta(minutes=14)) == ""
    assert await silvi.called_at(MORNING + timedelta(minutes=15)) != ""


async def test_reminder_sent_by_a_clock_that_was_ahead_does_not_silence_the_next(silvi: Silvi) -> None:
    case = await silvi.reports(EMERGENCY, MORNING)
    assert await silvi.called_at(case.due_at + timedelta(days=1)) != ""
    await silvi.clock_is_put_back_to(case.due_at)
    assert await silvi.called_at(case.due_at + timedelta(minutes=4)) == ""
    assert await silvi.called_at(case.due_at + timedelta(minutes=5)) != ""


async def test_cases_whose_times_are_right_are_left_alone(silvi: Silvi) -> None:
    await silvi.reports(HIGH, MORNING)
    await silvi.claims(BUDI, MORNING)
    assert await silvi.clock_is_put_back_to(MORNING) == 0


async def test_call_stands_in_the_topic_and_in_the_chat_of_who_ever_wrote_to_silvi(silvi: Silvi) -> None:
    await silvi.writes_to_silvi(BUDI)
    await silvi.duty(BUDI, "2026-11-23T08:00", "2026-11-30T08:00")
    case = await silvi.reports(NORMAL, MORNING, said="nama saya Sari, gaji ditahan")
    await silvi.called_at(case.due_at)
    in_topic = (await silvi.told(DESK))[-1]
    assert [(one.name, one.account) for one in in_topic.mentions] == [("Budi", str(BUDI))]
    assert "Budi" in in_topic.body and "Jumat, 27 November 2026 pukul 16.00 WIB" in in_topic.body
    (in_private,) = await silvi.told(BUDI)
    assert case.number in in_private.title and "Sari" not in in_private.title + in_private.body
    assert await silvi.told(ANI) == []


async def test_emergency_pages_who_is_on_duty_at_once_at_night_too(silvi: Silvi) -> None:
    await silvi.writes_to_silvi(ANI)
    await silvi.duty(ANI, "2026-11-27T16:00", "2026-11-30T08:00")
    await silvi.reports(EMERGENCY, local("2026-11-28T23:50"))
    assert await silvi.called() == ["Ani"]
    (page,) = await silvi.told(DESK)
    assert page.mentions[0].account == str(ANI) and page.buttons
    assert "Ani: tolong tangani sekarang, batasnya Minggu, 29 November 2026 pukul 00.05 WIB" in page.body
    assert len(await silvi.told(ANI)) == 1


async def test_new_emergency_message_calls_the_officer_of_the_case_and_starts_15_minutes(silvi: Silvi) -> None:
    await silvi.duty(ANI, "2026-11-23T08:00", "2026-11-30T08:00")
    await silvi.reports(NORMAL, MORNING)
    await silvi.claims(BUDI, MORNING)
    at = MORNING + timedelta(hours=2)
    case = await silvi.reports(EMERGENCY, at, said="saya dipukul")
    assert await silvi.called() == ["Budi"]
    assert case.due_at == at + timedelta(minutes=15)
    assert await silvi.called_at(case.due_at) == "Budi"
    assert await silvi.called_at(case.due_at + timedelta(minutes=5)) == "Ani"
    assert await silvi.called_at(case.due_at + timedelta(minutes=10)) == "Rina"


async def test_answered_case_is_left_in_peace_until_its_follow_up(silvi: Silvi) -> None:
    case = await silvi.reports(HIGH, MORNING)
    await silvi.claims(BUDI, MORNING + timedelta(hours=1))
    assert await silvi.called_at(case.due_at + timedelta(days=1)) == ""
    assert await silvi.called_at(local("2026-12-01T16:00")) == "Budi"
    assert "tindak lanjut" in (await silvi.told(DESK))[-1].body


async def test_case_marked_as_solved_owes_nothing_and_starts_anew_when_its_person_says_no(silvi: Silvi) -> None:
    await silvi.reports(HIGH, MORNING)
    await silvi.claims(BUDI, MORNING)
    async with silvi.app.db.transaction() as session:
        case = (await session.execute(select(Case))).scalar_one()
        officer = await officers.by_telegram_id(session, BUDI)
        await casework.resolve(session, case, officer, desk=silvi.desk, now=MORNING)
    assert case.due_at is None and await silvi.called_at(local("2026-12-24T10:00")) == ""
    again_at = local("2026-11-30T08:00")
    async with silvi.app.db.transaction() as session:
        case = (await session.execute(select(Case))).scalar_one()
        await cases.reopen_by_person(session, case, desk=silvi.desk, now=again_at)
    assert case.due_at == local("2026-11-30T12:00")
    assert await silvi.called_at(case.due_at) == "Budi"


async def test_withdrawn_case_calls_nobody(silvi: Silvi) -> None:
    await silvi.reports(HIGH, MORNING)
    async with silvi.app.db.transaction() as session:
        case = (await session.execute(select(Case))).scalar_one()
        await cases.withdraw(session, case, desk=silvi.desk, now=MORNING)
    assert case.due_at is None and await silvi.called_at(local("2026-12-24T10:00")) == ""


async def test_officers_of_the_place_are_called_before_all_others(silvi: Silvi) -> None:
    await silvi.officer(BUDI, "Budi", office="bp3mi")
    await silvi.officer(ANI, "Ani", office="bp3mi")
    await silvi.officer(DODI, "Dodi", office="p4mi_sambas")
    case = await silvi.reports(EMERGENCY, MORNING, place="Sajad, Sambas")
    assert case.office == "p4mi_sambas"
    assert await silvi.called() == ["Dodi"]


async def test_duty_of_another_office_is_better_than_none(silvi: Silvi) -> None:
    await silvi.officer(BUDI, "Budi", office="p4mi_sanggau")
    await silvi.duty(BUDI, "2026-11-23T08:00", "2026-11-30T08:00")
    await silvi.reports(EMERGENCY, MORNING, place="Sambas")
    assert await silvi.called() == ["Budi"]


async def test_place_that_becomes_known_moves_the_case_to_its_office(silvi: Silvi) -> None:
    assert (await silvi.reports(NORMAL, MORNING)).office == "bp3mi"
    assert (await silvi.reports(NORMAL, MORNING, place="Entikong")).office == "p4mi_sanggau"
    assert (await silvi.reports(NORMAL, MORNING, place="Sambas")).office == "p4mi_sanggau"


async def test_without_a_roster_all_officers_are_called(silvi: Silvi) -> None:
    await silvi.reports(EMERGENCY, MORNING)
    assert await silvi.called() == ["Ani, Budi"]


async def test_all_who_are_on_duty_together_are_called_together(silvi: Silvi) -> None:
    await silvi.duty(BUDI, "2026-11-24T08:00", "2026-11-24T16:00")
    await silvi.duty(ANI, "2026-11-24T08:30", "2026-11-24T12:00")
    await silvi.reports(EMERGENCY, MORNING)
    assert await silvi.called() == ["Budi, Ani"]


async def test_admin_is_called_where_there_is_no_supervisor(silvi: Silvi) -> None:
    async with silvi.app.db.transaction() as session:
        for account in (RINA, ANI):
            await officers.remove(session, account, now=MORNING)
    await silvi.officer(DODI, "Dodi", Role.ADMIN)
    case = await silvi.reports(HIGH, MORNING)
    assert await silvi.called_at(case.due_at) == "Budi"
    assert await silvi.called_at(case.due_at + timedelta(hours=1)) == "Dodi"


async def test_late_case_that_nobody_can_be_called_for_still_stands_in_topic_and_log(silvi: Silvi) -> None:
    async with silvi.app.db.transaction() as session:
        for account in (BUDI, RINA, ANI):
            await officers.remove(session, account, now=MORNING)
    case = await silvi.reports(HIGH, MORNING)
    assert "tidak ada petugas" in await silvi.called_at(case.due_at)
    assert "tidak ada petugas" in (await silvi.told(DESK))[-1].body


async def test_referral_that_is_not_answered_reminds_the_officer_once_a_working_day(silvi: Silvi) -> None:
    case = await silvi.reports(NORMAL, MORNING)
    await silvi.claims(BUDI, MORNING)
    due_at = local("2026-11-26T16:00")
    async with silvi.app.db.transaction() as session:
        officer = (await session.execute(select(Officer).where(Officer.telegram_id == BUDI))).scalar_one()
        referral = Referral(
            case_id=case.id,
            agency="polda",
            letter_number="R-1/2026",
            purpose="",
            officer_id=officer.id,
            referred_at=MORNING,
            due_at=due_at,
        )
        session.add(referral)

    async def reminded_at(at: datetime) -> bool:
        async with silvi.app.db.transaction() as session:
            found = await reminders.referrals_to_remind_of(session, now=at)
            told = [await reminders.remind_of_referral(session, *ids, desk=silvi.desk, now=at) for ids in found]
            return any(calls is not None for calls in told)

    assert not await reminded_at(due_at - timedelta(minutes=1))
    assert await reminded_at(due_at)
    assert not await reminded_at(due_at + timedelta(hours=20))
    assert await reminded_at(local("2026-11-27T16:00"))
    assert "R-1/2026" in (await silvi.told(DESK))[-1].body
    async with silvi.app.db.transaction() as session:
        (await session.get_one(Referral, referral.id)).answered_at = datetime.now(UTC)
    assert not await reminded_at(local("2026-12-07T16:00"))


async def test_who_is_called_for_many_cases_in_one_round_gets_one_message_that_names_them(silvi: Silvi) -> None:
    await silvi.writes_to_silvi(BUDI)
    await silvi.duty(BUDI, "2026-11-23T08:00", "2026-11-30T08:00")
    long_ago = datetime.now(UTC) - timedelta(days=30)
    late = [await silvi.reports(HIGH, long_ago, who=f"sari-{number}", said="gaji ditahan") for number in range(3)]
    assert await worker.remind_of_what_is_overdue(silvi.app) == 3
    assert await silvi.called() == ["Budi"] * 3
    in_topics = [told for told in await silvi.told(DESK) if told.mentions]
    assert len(in_topics) == 3
    (digest,) = await silvi.waiting(BUDI)
    assert "3 kasus" in digest.title and all(case.number in digest.body for case in late)
    assert "gaji ditahan" not in digest.body


async def test_a_flood_of_late_cases_is_worked_off_round_by_round_the_most_urgent_first(
    silvi: Silvi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "MOST_OTHERS", 2)
    long_ago = datetime.now(UTC) - timedelta(days=30)
    moments = [long_ago - timedelta(weeks=weeks) for weeks in range(4)]
    urgencies = (HIGH, NORMAL, HIGH, HIGH)
    late = [
        await silvi.reports(urgency, at, who=f"sari-{number}")
        for number, (urgency, at) in enumerate(zip(urgencies, moments, strict=True))
    ]
    emergency = await silvi.reports(EMERGENCY, long_ago, who="joko")

    async def next_round() -> list[int]:
        async with silvi.app.db.transaction() as session:
            calendar = silvi.desk.calendar
            found = await reminders.cases_to_remind_of(session, calendar=calendar, now=datetime.now(UTC))
        await worker.remind_of_what_is_overdue(silvi.app)
        return found

    assert await next_round() == [emergency.id, late[3].id, late[2].id]
    assert await next_round() == [late[0].id, late[1].id]
    assert await next_round() == []


async def test_officers_who_write_at_the_same_moment_are_called_for_each_other(silvi: Silvi) -> None:
    now = MORNING
    for officer in (BUDI, ANI):
        await silvi.writes_to_silvi(officer)
    budis, anis = (ChatRef(Channel.TELEGRAM, str(account)) for account in (BUDI, ANI))
    async with asyncio.timeout(5), silvi.app.db.transaction() as one, silvi.app.db.transaction() as other:
        await people.lock_chat(one, budis, now=now)
        await people.lock_chat(other, anis, now=now)
        for session, called in ((one, anis), (other, budis)):
            chat = await people.chat_of(session, called, now=now)
            outbox.add(session, chat, Reply("DARURAT"), now=now)
            await session.flush()
