"""A broadcast from the draft to its figures, over the local Bot API: each person once, whatever happens."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from bot.app import App
from bot.channels.telegram import delivery
from bot.channels.telegram.application import build_application
from bot.channels.telegram.lane import Traffic
from bot.domain import broadcasts as rules
from bot.domain.broadcasts import Audience, BroadcastAction, BroadcastState, RecipientState, Topic
from bot.domain.cases import Role
from bot.domain.messages import Channel, ChatRef
from bot.domain.zones import ZONES
from bot.services import broadcast_figures, broadcasts, officers, people, sending, subscriptions
from bot.services.broadcasts import Written
from bot.storage.tables import Broadcast, BroadcastRecipient, Chat, Officer
from bot.texts import broadcasts as words
from bot.worker import move_broadcasts
from tests.journeys.desk.conftest import BUDI, RINA, Running
from tests.telegram_api import Account

ADI, FIRST = 1009, 5001
TITLE = "Lowongan resmi ke Taiwan"


@pytest.fixture(autouse=True)
async def by_day(app: App, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Adi is an admin beside Rina, nothing was ever broadcast, and no night falls while the tests run."""
    monkeypatch.setattr(rules, "quiet_until", lambda at, zone: None)
    async with app.db.transaction() as session:
        await session.execute(text("truncate broadcasts, subscriptions, sending_lane cascade"))
        await officers.add(session, ADI, "Adi", Role.ADMIN, now=datetime.now(UTC))
    yield


async def subscribes(app: App, telegram: Account, count: int, **place: str) -> list[int]:
    """So many people who want job news."""
    chats = [FIRST + number for number in range(count)]
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        for number in chats:
            telegram._chat(number)
            chat = await people.chat_of(session, ChatRef(Channel.TELEGRAM, str(number)), now=now)
            wanted = {"country": place.get("country"), "district": place.get("district")}
            await subscriptions.choose(session, chat, topics=[Topic.JOBS], **wanted, now=now)
    return chats


async def approved(app: App, *buttons: tuple[str, str], **fields: object) -> int:
    """Rina writes, Adi approves: it begins."""
    now = datetime.now(UTC)
    audience = fields.pop("audience", Audience(Topic.JOBS))
    async with app.db.transaction() as session:
        rina = await officers.by_telegram_id(session, RINA)
        adi = await officers.by_telegram_id(session, ADI)
        written = Written(TITLE, "Ada 20 tempat.", buttons, audience, **fields)
        draft = await broadcasts.write(session, rina, written, None, now=now)
        await broadcasts.submit(session, rina, draft, now=now)
        await broadcasts.approve(session, adi, draft, version=draft.version, now=now)
        return draft.id


def got(telegram: Account, chats: list[int]) -> Counter:
    sent = Counter(sent.chat for sent in list(telegram.sent) if TITLE in sent.text)
    return Counter({chat: sent[chat] for chat in chats if sent[chat]})


async def steers(app: App, number: int, action: BroadcastAction) -> None:
    async with app.db.transaction() as session:
        adi = await officers.by_telegram_id(session, ADI)
        found = await broadcasts.get(session, number, for_update=True)
        await broadcasts.steer(session, adi, found, action, now=datetime.now(UTC))


async def state_of(app: App, number: int) -> str:
    async with app.db.transaction() as session:
        return (await session.execute(select(Broadcast.state).where(Broadcast.id == number))).scalar_one()


async def states(app: App, number: int) -> Counter:
    async with app.db.transaction() as session:
        found = select(BroadcastRecipient.state).where(BroadcastRecipient.broadcast_id == number)
        return Counter((await session.execute(found)).scalars())


async def test_sari_gets_the_news_opens_it_and_leaves_and_the_office_sees_figures_of_groups_only(
    app: App, running: Running, telegram: Account
) -> None:
    chats = await subscribes(app, telegram, 12)
    telegram.blocks(chats[-1])
    async with running(app):
        number = await approved(app, ("Buka daftarnya", "https://siskop2mi.kp2mi.go.id"))
        await telegram.wait_for(lambda: len(got(telegram, chats)) == 11)
        for chat in chats[:6]:
            telegram.presses(chat, "Buka daftarnya")
        await telegram.wait_for(lambda: all("https://siskop2mi" in telegram.texts_to(chat)[-1] for chat in chats[:6]))
        telegram.presses(chats[6], "Hentikan semua kabar")
        await telegram.wait_for(lambda: "berhenti" in telegram.texts_to(chats[6])[-1])
    assert set(got(telegram, chats).values()) == {1}
    await move_broadcasts(app, now=datetime.now(UTC))
    assert await state_of(app, number) == BroadcastState.DONE
    async with app.db.transaction() as session:
        figures = await broadcast_figures.of(session, number)
        left = await subscriptions.of_chat(session, (await chat_row(session, chats[-1])).id)
    assert left is None, "who blocked Silvi is pruned"
    assert (figures.arrived, figures.opened.count("opened"), figures.opened.count("not_opened")) == (11, 6, 5)
    assert figures.left.count("left") is figures.left.count("stayed") is None, "one alone would be recognised"


async def chat_row(session, number: int) -> Chat:
    return (await session.execute(select(Chat).where(Chat.external_id == str(number)))).scalar_one()


async def test_a_process_that_dies_leaves_at_most_one_message_in_doubt(
    app: App, running: Running, telegram: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LEASE_S", 1.0)
    chats = await subscribes(app, telegram, 30)
    for _ in range(2):
        bot = build_application(app).bot
        await bot.initialize()
        dying = asyncio.create_task(delivery.Delivery(app, bot, stop=asyncio.Event()).run())
        before = len(got(telegram, chats))
        if before == 0:
            await approved(app)
        await telegram.wait_for(lambda before=before: len(got(telegram, chats)) >= before + 6)
        # Not told to stop: what is under way is cut off where it stands.
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await bot.shutdown()
    async with running(app):
        await telegram.wait_for(lambda: len(got(telegram, chats)) == 30, within_s=15)
    doubles = sum(count - 1 for count in got(telegram, chats).values())
    assert doubles <= 2


async def test_pause_holds_it_resume_goes_on_and_stop_is_for_good(
    app: App, running: Running, telegram: Account
) -> None:
    chats = await subscribes(app, telegram, 60)
    async with running(app):
        number = await approved(app)
        await telegram.wait_for(lambda: len(got(telegram, chats)) >= 5)
        await steers(app, number, BroadcastAction.PAUSE)
        held = len(got(telegram, chats)) + 1
        telegram.person_says(BUDI, "/siaran")
        await telegram.wait_for(lambda: words.FOR_LEADING in telegram.texts_to(BUDI))
        assert len(got(telegram, chats)) <= held
        telegram.person_says(ADI, "/siaran")
        await telegram.wait_for(lambda: any("dijeda" in said for said in telegram.texts_to(ADI)))
        telegram.presses(ADI, f"Lanjutkan {number}")
        await telegram.wait_for(lambda: len(got(telegram, chats)) > held + 3)
        await steers(app, number, BroadcastAction.STOP)
        telegram.person_says(ADI, "/siaran")
        await telegram.wait_for(lambda: any("dihentikan" in said for said in telegram.texts_to(ADI)))
    after = await states(app, number)
    assert after[RecipientState.WAITING] == 0 and after[RecipientState.STOPPED] > 0
    assert after[RecipientState.GIVEN] == len(got(telegram, chats))


async def test_nobody_gets_more_than_the_cap_in_a_week_nor_in_the_middle_of_a_conversation(
    app: App, running: Running, telegram: Account
) -> None:
    sated, talking, other = await subscribes(app, telegram, 3)
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        row = await chat_row(session, sated)
        adi = await officers.by_telegram_id(session, ADI)
        for _ in range(rules.PER_WEEK):
            written = Written("Lama", "Isi", (), Audience(Topic.JOBS))
            old = await broadcasts.write(session, adi, written, None, now=now)
            session.add(
                BroadcastRecipient(
                    broadcast_id=old.id, chat_id=row.id, state=RecipientState.GIVEN, given_at=now - timedelta(days=2)
                )
            )
        await session.execute(update(Chat).where(Chat.external_id == str(talking)).values(last_message_at=now))
    async with running(app):
        number = await approved(app)
        await telegram.wait_for(lambda: got(telegram, [other])[other])
    assert await states(app, number) == {
        RecipientState.ENOUGH: 1,
        RecipientState.WAITING: 1,
        RecipientState.GIVEN: 1,
    }


async def test_at_night_nobody_is_written_to_and_by_day_one_process_alone_sends(
    app: App, telegram: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribes(app, telegram, 2)
    number, now, zone = await approved(app), datetime.now(UTC), ZoneInfo(app.settings.time_zone)
    async with app.db.transaction() as session:
        monkeypatch.setattr(rules, "quiet_until", lambda at, zone: at)
        assert await sending.take_next(session, zone=zone, now=now, lease_s=40) is None
        monkeypatch.setattr(rules, "quiet_until", lambda at, zone: None)
        assert await sending.hold_lane(session, "one", now=now, lease_s=40)
        assert not await sending.hold_lane(session, "other", now=now, lease_s=40)
        assert await sending.hold_lane(session, "other", now=now + timedelta(seconds=41), lease_s=40)
        first = await sending.take_next(session, zone=zone, now=now, lease_s=40)
        second = await sending.take_next(session, zone=zone, now=now, lease_s=40)
        assert first.chat != second.chat
        assert await sending.take_next(session, zone=zone, now=now, lease_s=40) is None
    assert await states(app, number) == {RecipientState.GIVEN: 2}


async def test_what_waits_for_the_morning_says_so_and_until_when(
    app: App, running: Running, telegram: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    await subscribes(app, telegram, 6, country="arab-saudi")
    number, zone = await approved(app), ZoneInfo("Asia/Pontianak")
    three_at_night, nine = (datetime(2026, 11, 24, hour, tzinfo=zone) for hour in (3, 9))
    async with app.db.transaction() as session:
        found = await broadcasts.get(session, number)
        assert words.state_of(found, zone, three_at_night) == "menunggu pagi, lanjut hari ini pukul 08.00 WIB"
        assert words.state_of(found, zone, nine) == words.STATES[BroadcastState.SENDING]
        assert await broadcasts.count_asleep(session, found, now=nine) == 6
        assert await broadcasts.count_asleep(session, found, now=nine + timedelta(hours=6)) == 0
        found.state, found.start_at = BroadcastState.APPROVED, three_at_night
        assert "08.00 WIB" in words.state_of(found, zone, three_at_night - timedelta(hours=1))


async def test_what_ends_soonest_is_sent_first(app: App, telegram: Account) -> None:
    await subscribes(app, telegram, 1)
    await approved(app)
    now, zone = datetime.now(UTC), ZoneInfo(app.settings.time_zone)
    soon = await approved(app, expires_at=now + timedelta(hours=1))
    async with app.db.transaction() as session:
        assert await sending.take_next(session, zone=zone, now=now, lease_s=40) is not None
    assert await states(app, soon) == {RecipientState.GIVEN: 1}


async def test_who_chose_a_country_is_not_woken_there_and_hears_of_it_by_day(
    app: App, telegram: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    await subscribes(app, telegram, 1, country="arab-saudi")
    number, zone = await approved(app), ZoneInfo("Asia/Pontianak")
    nine, three = (datetime(2026, 11, 24, hour, tzinfo=zone) for hour in (9, 15))
    async with app.db.transaction() as session:
        assert rules.quiet_until(nine, zone) is None and "arab-saudi" in rules.asleep(nine)
        assert await sending.take_next(session, zone=zone, now=nine, lease_s=40) is None
        assert "arab-saudi" not in rules.asleep(three)
        assert await sending.take_next(session, zone=zone, now=three, lease_s=40) is not None
    assert await states(app, number) == {RecipientState.GIVEN: 1}


@pytest.mark.parametrize("country", ZONES)
def test_everywhere_there_are_hours_that_are_day_there_and_in_the_office(
    country: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    office, begins = ZoneInfo("Asia/Pontianak"), datetime(2026, 1, 1, tzinfo=UTC)
    for day in (begins, begins + timedelta(days=182)):
        hours = [day + timedelta(hours=hour) for hour in range(24)]
        both = [at for at in hours if rules.quiet_until(at, office) is None and country not in rules.asleep(at)]
        assert len(both) >= 4


def test_a_fifth_of_telegrams_rate_stays_free_for_everything_else() -> None:
    traffic = Traffic()
    assert traffic.full_for_s() == traffic.gap_s() == 0
    for _ in range(rules.TELEGRAM_PER_SECOND * 4 // 5):
        assert traffic.full_for_s() == 0
        traffic.note()
    assert 0 < traffic.full_for_s() <= 1 and 0 < traffic.gap_s() <= 1 / 24


async def test_only_those_of_the_place_and_those_who_chose_none_are_written_to(app: App, telegram: Account) -> None:
    await subscribes(app, telegram, 2, country="taiwan", district="sambas")
    async with app.db.transaction() as session:
        now = datetime.now(UTC)
        chat = await people.chat_of(session, ChatRef(Channel.TELEGRAM, "6001"), now=now)
        await subscriptions.choose(session, chat, topics=[Topic.JOBS], country=None, district=None, now=now)
        chat = await people.chat_of(session, ChatRef(Channel.WEB, "web-sari"), now=now)
        await subscriptions.choose(session, chat, topics=[Topic.JOBS], country="taiwan", district=None, now=now)
    taiwan = await approved(app, audience=Audience(Topic.JOBS, "taiwan"))
    korea = await approved(app, audience=Audience(Topic.JOBS, "korea", "sambas"))
    assert (await states(app, taiwan)).total() == 4
    assert (await states(app, korea)).total() == 1
    await move_broadcasts(app, now=datetime.now(UTC))
    assert (await states(app, taiwan))[RecipientState.GIVEN] == 1, "people on the web need no lane"


async def test_author_never_approves_and_what_was_changed_is_read_again(app: App) -> None:
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        rina, adi, budi = [
            (await session.execute(select(Officer).where(Officer.telegram_id == number))).scalar_one()
            for number in (RINA, ADI, BUDI)
        ]
        written = Written(TITLE, "Isi", (), Audience(Topic.JOBS))
        with pytest.raises(broadcasts.NotAllowed):
            await broadcasts.write(session, budi, written, None, now=now)
        draft = await broadcasts.write(session, rina, written, None, now=now)
        await broadcasts.submit(session, rina, draft, now=now)
        with pytest.raises(broadcasts.NotAllowed):
            await broadcasts.approve(session, rina, draft, version=draft.version, now=now)
        with pytest.raises(broadcasts.ChangedMeanwhile):
            await broadcasts.approve(session, adi, draft, version=draft.version - 1, now=now)
        await broadcasts.write(session, adi, written, draft, now=now)
        assert draft.state == BroadcastState.DRAFT, "a change asks for approval anew"
