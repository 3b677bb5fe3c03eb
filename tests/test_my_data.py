"""All that is kept of a person is shown, erased, and purged in time, table by table.

A new table makes the first tests fail until it stands in `bot.services.holdings`: as a holding (its columns then need
words in `bot.texts.my_data`), or in NOBODY with a reason. Rows of every holding are made here by themselves.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import String, Text, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from bot import worker
from bot.app import App
from bot.domain.broadcasts import RecipientState
from bot.domain.cases import CaseState, CaseUrgency
from bot.domain.messages import Channel, ChatRef, Reply
from bot.domain.privacy import NOTICE_VERSION, AgreedBy
from bot.domain.retention import PERIODS, YEAR, Kept
from bot.services import attachments, broadcast_figures, erasure, my_data, news, outbox, people, retention
from bot.services.holdings import HOLDINGS, NOBODY, Fate
from bot.settings import Settings
from bot.storage.database import Database, Session
from bot.storage.tables import (
    Agreement,
    AuditRecord,
    Base,
    Broadcast,
    BroadcastRecipient,
    Case,
    CaseEvent,
    Chat,
    Delivery,
    Person,
    Question,
    RecruiterCase,
)
from bot.storage.vault import Encrypted, EncryptedBytes, EncryptedJson
from bot.texts import jobseeker
from bot.texts import my_data as words
from tests.fakes import VAULT, FakeNlu, Knowledge, Sari

ZONE = ZoneInfo("Asia/Pontianak")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
OWN_PICTURES = {"broadcasts"}
"""Point to files of the office."""
OF_OFFICE = {holding.table.__tablename__ for holding in HOLDINGS if holding.fate is Fate.OF_OFFICE}
_ids = count(1_000_000)


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[App]:
    app = App(Settings(_env_file=None, fragment_wait_s=0), Database(database_url, VAULT), FakeNlu(), Knowledge(None))
    yield app
    await app.close()


def test_every_table_is_a_holding_or_holds_nobody() -> None:
    held = [holding.table.__tablename__ for holding in HOLDINGS]
    assert sorted([*held, *NOBODY]) == sorted(table.name for table in Base.metadata.sorted_tables)


def test_table_that_points_to_a_person_is_a_holding() -> None:
    of_people = {"people", "chats", "cases", "attachments"}
    pointing = {
        table.name
        for table in Base.metadata.sorted_tables
        if {key.column.table.name for key in table.foreign_keys} & of_people
    }
    assert not (pointing - OWN_PICTURES) & set(NOBODY)


def test_every_column_of_a_holding_is_shown_or_tells_nothing() -> None:
    for holding in HOLDINGS:
        columns = {column.name for column in holding.table.__table__.columns}
        shown = set(words.LABELS[holding.table.__tablename__])
        assert shown <= columns, holding
        assert columns - shown <= words.TECHNICAL, f"{holding.table.__tablename__}: give {columns - shown} a label"


def test_every_class_of_data_has_a_period_and_a_purge() -> None:
    assert set(PERIODS) == set(Kept) == set(retention.PURGES)


async def test_file_shows_what_every_table_holds(app: App) -> None:
    async with app.db.transaction() as session:
        person, _, markers = await live(session, CaseState.NEW)
        others = (await live(session, CaseState.NEW))[2]
        page = unescape((await my_data.as_file(session, person, ZONE, now=NOW)).decode())
    for table, columns in words.LABELS.items():
        assert words.SECTIONS[table] in page
        for column in columns:
            marker = markers.get((table, column))
            assert marker is None or marker in page, f"{table}.{column} is not in the file"
    assert not [marker for marker in others.values() if marker in page]


async def test_file_is_one_page_that_nothing_of_a_person_can_break(app: App) -> None:
    async with app.db.transaction() as session:
        person, chat, _ = await live(session, CaseState.NEW)
        chat.held_text = "<script>alert(1)</script>"
        await session.flush()
        page = (await my_data.as_file(session, person, ZONE, now=NOW)).decode()
    assert "<script" not in page and "&lt;script&gt;" in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)


async def test_own_file_comes_with_the_short_answer(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    sari = Sari(app)
    await sari.says("gaji saya belum dibayar")
    (shown,) = await sari.commands("datasaya")
    assert shown.media.name == words.FILE_NAME and words.FILE_ATTACHED in shown.body
    async with app.db.transaction() as session:
        page = unescape((await attachments.content_of(session, shown.media.attachment_id)).decode())
    assert "gaji saya belum dibayar" in page
    monkeypatch.setattr(attachments, "HANDOUTS_PER_DAY", 1)
    (shown,) = await sari.commands("datasaya")
    assert shown.media is None and words.FILE_TOO_OFTEN in shown.body


async def test_no_file_is_opened_on_a_screen_that_everybody_sees(app: App) -> None:
    sari = Sari(app, ChatRef(Channel.KIOSK, "layar"), sender="layar")
    (shown,) = await sari.commands("datasaya")
    assert shown.media is None and words.FILE_NOT_HERE in shown.body


async def test_after_erasing_only_the_open_case_and_the_ids_are_left(app: App) -> None:
    async with app.db.transaction() as session:
        person, chat, markers = await live(session, CaseState.IN_PROGRESS)
        number = markers["cases", "number"]
    sari = Sari(app, chat_ref(chat), sender=person.external_id)
    (asked,) = await sari.commands("hapusdata")
    assert jobseeker.STAYS_OPEN.format(number=number) in asked.body
    assert await found(app, markers)
    (done,) = await sari.presses(jobseeker.ERASE_YES)
    assert jobseeker.STAYS_OPEN.format(number=number) in done.body
    # What is sent now names the case that stays, and the ids are in it.
    told = {place: marker for place, marker in markers.items() if marker not in (number, person.external_id)}
    with_case = {holding.table.__tablename__ for holding in HOLDINGS if holding.fate is Fate.WITH_CASE}
    left = {table for table, _ in await found(app, told)} - OF_OFFICE
    assert left and left <= with_case, left


async def test_person_without_an_open_case_is_gone_after_two_days(app: App) -> None:
    async with app.db.transaction() as session:
        person, chat, markers = await live(session, CaseState.WITHDRAWN, is_officer=False)
        number = markers["cases", "number"]
        await session.execute(update(Case).where(Case.number == number).values(urgency=CaseUrgency.NORMAL))
    sari = Sari(app, chat_ref(chat), sender=person.external_id)
    await sari.commands("hapusdata")
    (done,) = await sari.presses(jobseeker.ERASE_YES)
    assert jobseeker.ERASED_WITHDRAWN.format(numbers=number) in done.body
    await worker.forget_what_is_over(app, now=datetime.now(UTC) + timedelta(days=3))
    left = await found(app, markers)
    # The number of a case and of its letter, and what it was about, count in the figures.
    assert {column for _, column in left} <= FIGURES, left
    async with app.db.transaction() as session:
        case = (await session.execute(select(Case).where(Case.number == number))).scalar_one()
        behind = await session.get_one(Person, case.person_id)
        assert behind.external_id == f"case-{case.id}" and case.anonymised_at is not None
        kinds = (await session.execute(select(CaseEvent.kind).where(CaseEvent.case_id == case.id))).scalars().all()
    assert kinds


async def test_cry_for_help_is_not_unsaid_by_whoever_holds_the_phone(app: App) -> None:
    async with app.db.transaction() as session:
        person, chat, markers = await live(session, CaseState.WITHDRAWN)
        case = (await session.execute(select(Case).where(Case.number == markers["cases", "number"]))).scalar_one()
        case.urgency, case.closed_at = CaseUrgency.EMERGENCY, NOW
        told = case.narrative
    sari = Sari(app, chat_ref(chat), sender=person.external_id)
    (asked,) = await sari.commands("hapusdata")
    (done,) = await sari.presses(jobseeker.ERASE_YES)
    for said in (asked, done):
        assert f"Laporan {case.number}: sampai" in said.body
    async with app.db.transaction() as session:
        assert told and (await session.get_one(Case, case.id)).narrative == told


async def test_who_writes_again_after_erasing_is_not_forgotten(app: App) -> None:
    sari = Sari(app)
    await sari.says("halo")
    await sari.commands("hapusdata")
    await sari.presses(jobseeker.ERASE_YES)
    assert (await sari.row()).erased_at is not None
    await sari.says("halo lagi")
    await worker.forget_what_is_over(app, now=datetime.now(UTC) + timedelta(days=3))
    # When it was stays known: nothing before it may be a reason to write to her.
    assert (await sari.row()).erased_at is not None


async def test_closed_case_is_anonymised_when_its_time_is_over_and_not_before(app: App) -> None:
    async with app.db.transaction() as session:
        person, chat, markers = await live(session, CaseState.CLOSED, is_officer=False)
    ended = datetime.now(UTC)
    async with app.db.transaction() as session:
        case = await of_number(session, markers["cases", "number"])
        case.closed_at = ended
    sari = Sari(app, chat_ref(chat), sender=person.external_id)
    (asked,) = await sari.commands("hapusdata")
    day = str((ended + PERIODS[Kept.CASES].lasts).year)
    assert day in asked.body
    for years, is_there in ((4, True), (6, False)):
        await worker.forget_what_is_over(app, now=ended + years * YEAR)
        assert (("cases", "narrative") in await found(app, markers)) is is_there


async def test_everything_goes_in_its_time_and_the_office_sees_how_much(app: App) -> None:
    async with app.db.transaction() as session:
        _, _, markers = await live(session, CaseState.CLOSED, is_officer=False)
    gone = await worker.forget_what_is_over(app, now=NOW + 12 * YEAR)
    assert all(gone[kept] for kept in (Kept.QUESTIONS, Kept.MESSAGES, Kept.CASES, Kept.FAILED_UPDATES)), gone
    await worker.forget_what_is_over(app, now=NOW + 12 * YEAR)
    left = await found(app, markers)
    assert {column for _, column in left} <= FIGURES, left
    async with app.db.transaction() as session:
        lines = (await session.execute(select(AuditRecord).where(AuditRecord.action == "retensi:hapus"))).scalars()
        report = [line.after for line in lines]
    assert report and all(isinstance(number, int) for line in report for number in line.values())


async def test_figures_of_a_broadcast_outlive_its_recipients(app: App) -> None:
    """Ten got it, five of whom asked something, and five more were not reached; one has her data erased meanwhile."""
    async with app.db.transaction() as session:
        number = await broadcast_to(session, arrived=10, asked=5, failed=5)
        chats = select(BroadcastRecipient.chat_id).where(BroadcastRecipient.broadcast_id == number)
        chat = await session.get_one(
            Chat, (await session.execute(chats.order_by(BroadcastRecipient.id))).scalars().first()
        )
        told = await broadcast_figures.of(session, number)
        assert told.arrived == 10 and told.questions == 5
        person = await people.person_of(session, chat.channel, chat.external_id, now=NOW)
        await erasure.erase(session, person, chat, now=NOW)
        assert await broadcast_figures.of(session, number) == told
    for days, left in ((80, 14), (100, 0), (1000, 0)):
        await worker.forget_what_is_over(app, now=NOW + timedelta(days=days))
        async with app.db.transaction() as session:
            known = (await session.execute(chats.where(BroadcastRecipient.chat_id.is_not(None)))).scalars().all()
            assert len(known) == left
            assert await broadcast_figures.of(session, number) == told


async def test_news_of_a_recruiter_is_not_sent_to_who_stands_behind_an_anonymised_case(app: App) -> None:
    async with app.db.transaction() as session:
        _, _, markers = await live(session, CaseState.CLOSED)
        case = await of_number(session, markers["cases", "number"])
        reported = select(RecruiterCase.recruiter_id).where(RecruiterCase.case_id == case.id)
        recruiter_id = (await session.execute(reported)).scalar_one()

        async def told() -> int:
            return await news.tell(session, recruiter_id, (), lambda shown: Reply(body="Ada kabar"), zone=ZONE, now=NOW)

        case.opened_at = NOW
        (await session.get_one(Chat, case.chat_id)).unreachable_at = None
        await session.flush()
        assert await told() == 1
        await erasure.anonymise(session, case, now=NOW)
        assert await told() == 0


async def test_log_of_a_case_loses_its_words_only_to_anonymising(app: App) -> None:
    async with app.db.transaction() as session:
        _, _, markers = await live(session, CaseState.CLOSED)
        case = await of_number(session, markers["cases", "number"])
    for statement in (
        "update case_events set kind = 'x' where case_id = :id",
        "delete from case_events where case_id = :id",
    ):
        with pytest.raises(Exception, match="append-only"):
            async with app.db.transaction() as session:
                await session.execute(text("set local silvi.anonymising = 'on'"))
                await session.execute(text(statement), {"id": case.id})


async def test_changed_notice_is_shown_once_more_and_the_agreement_kept(app: App) -> None:
    sari = Sari(app)
    await sari.commands("start")
    async with app.db.transaction() as session:
        person = (await session.execute(select(Person).where(Person.external_id == sari.sender))).scalar_one()
        person.notice_version = NOTICE_VERSION - 1
    *_, notice = await sari.says("halo")
    assert (notice.title, notice.body) == (jobseeker.NOTICE_CHANGED, jobseeker.PRIVACY_NOTICE)
    assert jobseeker.NOTICE_CHANGED not in [reply.title for reply in await sari.says("halo")]
    for _ in range(2):
        (thanks,) = await sari.presses(jobseeker.NOTICE_AGREE)
        assert thanks.body == jobseeker.NOTICE_AGREED
    (stale,) = await sari.presses(f"privasi:{NOTICE_VERSION - 1}")
    assert stale.body == jobseeker.STALE_BUTTON
    async with app.db.transaction() as session:
        agreed = (await session.execute(select(Agreement).where(Agreement.person_id == person.id))).scalars().all()
    assert [(one.version, one.how) for one in agreed] == [(NOTICE_VERSION, AgreedBy.BUTTON)]


async def test_notice_comes_behind_help_in_danger(app: App) -> None:
    sari = Sari(app)
    await sari.commands("start")
    async with app.db.transaction() as session:
        person = (await session.execute(select(Person).where(Person.external_id == sari.sender))).scalar_one()
        person.notice_version = NOTICE_VERSION - 1
    first, *_, last = await sari.says("TOLONG!!")
    assert first.title == jobseeker.DANGER_TITLE and last.title == jobseeker.NOTICE_CHANGED


async def broadcast_to(session: Session, *, arrived: int, asked: int, failed: int) -> int:
    """A broadcast that is over, by its number, to people of whom so many asked something after it."""
    await live(session, CaseState.CLOSED)
    broadcast = (await session.execute(select(Broadcast).order_by(Broadcast.id.desc()).limit(1))).scalar_one()
    await session.execute(delete(BroadcastRecipient).where(BroadcastRecipient.broadcast_id == broadcast.id))
    broadcast.ended_at = NOW
    for number in range(arrived + failed):
        chat = await people.chat_of(session, ChatRef(Channel.TELEGRAM, str(next(_ids))), now=NOW)
        message = outbox.add(session, chat, Reply(body="Siaran"), now=NOW)
        message.state = Delivery.SENT if number < arrived else Delivery.FAILED
        await session.flush()
        given = {"state": RecipientState.GIVEN, "outbox_id": message.id, "given_at": NOW}
        session.add(BroadcastRecipient(broadcast_id=broadcast.id, chat_id=chat.id, **given))
        if number < asked:
            await questions_of(session, chat, at=NOW + timedelta(hours=1))
    await session.flush()
    return broadcast.id


async def questions_of(session: Session, chat: Chat, *, at: datetime) -> None:
    row = {
        column.name: value_for("questions", column, 1, {})
        for column in Question.__table__.columns
        if column.name != "id"
    }
    await session.execute(insert(Question).values(row | {"chat_id": chat.id, "outcome": "answer", "asked_at": at}))


# A person who stands in every table

FIGURES = {
    "number",
    "letter_number",
    "category",
    "country",
    "urgency",
    "office",
    "state",
    "privacy",
    "kind",
    "agency",
    "stage",
    "route",
}
"""What an anonymised case keeps of what was written into it."""


def chat_ref(chat: Chat) -> ChatRef:
    return ChatRef(Channel(chat.channel), chat.external_id)


async def of_number(session: Session, number: str) -> Case:
    return (await session.execute(select(Case).where(Case.number == number))).scalar_one()


async def live(
    session: Session, state: CaseState, *, is_officer: bool = True
) -> tuple[Person, Chat, dict[tuple[str, str], str]]:
    """A person with a row of their own in every holding, and the words that stand in each of its columns."""
    serial, markers, ids = next(_ids), {}, {}
    channel, own_id = ("telegram", str(serial)) if is_officer else ("web", f"orang-{serial}")
    held = {holding.table.__table__ for holding in HOLDINGS}
    own = held if is_officer else {table for table in held if table.name not in OF_OFFICE}
    given = {
        "people": {"channel": channel, "external_id": own_id, "notice_version": NOTICE_VERSION},
        "chats": {"channel": channel, "external_id": own_id, "is_group": False, "held_until": None, "erased_at": None},
        "updates": {"source": f"{channel}:{own_id}"},
        "cases": {"state": state, "anonymised_at": None, "closed_at": NOW if state in retention.OVER else None},
        "outbox": {"channel": channel, "state": "sent", "case_id": None},
        "outcomes": {"recruiter_id": None},
        "broadcasts": {"picture_id": None, "state": "done"},
        "broadcast_recipients": {"state": "given"},
        "officers": {"removed_at": None},
        "checklists": {"remind_at": None},
        "kiosk_visits": {"ending": None},
    }
    for table in Base.metadata.sorted_tables:
        if table not in own and table not in needed_by(own):
            continue
        # Rows of others that hers point to hold none of her words.
        who = serial if table in own else next(_ids)
        fixed = given.get(table.name, {}) | ({"role": "officer", "chat_id": None} if table not in own else {})
        if table.name == "officers":
            fixed["telegram_id"] = who
        if table.name == "attachment_contents":
            fixed["id"] = ids["attachments"]
        row = {
            column.name: fixed.get(column.name, value_for(table.name, column, who, ids))
            for column in table.columns
            if not (column.primary_key and column.autoincrement is not False and column.name == "id")
            or column.name in fixed
        }
        made = await session.execute(insert(table).values(row).returning(*table.primary_key))
        ids[table.name] = made.one()[0]
        for name, value in row.items():
            shown = next(iter(value.values())) if isinstance(value, dict) else value
            if isinstance(shown, str) and str(serial) in shown and name not in words.TECHNICAL:
                markers[table.name, name] = shown
    person = await session.get_one(Person, ids["people"])
    return person, await session.get_one(Chat, ids["chats"]), markers


def needed_by(tables: set[Any]) -> set[Any]:
    """The tables that these cannot do without, and theirs."""
    found: set[Any] = set()
    while new := {key.column.table for table in tables | found for key in table.foreign_keys} - found - tables:
        found |= new
    return found


def value_for(table: str, column: Any, serial: int, ids: dict[str, int]) -> Any:
    """Something of the column's kind, which names table, column and person where it can hold words."""
    if column.foreign_keys:
        return ids.get(next(iter(column.foreign_keys)).column.table.name)
    words_ = f"{table}.{column.name}.{serial}"
    kind = column.type
    if isinstance(kind, EncryptedBytes):
        return words_.encode()
    if isinstance(kind, EncryptedJson):
        return {"body" if column.name == "reply" else "name": words_}
    if isinstance(kind, JSONB):
        return [words_]
    if isinstance(kind, ARRAY):
        return [str(serial)] if isinstance(kind.item_type, String) else [serial]
    if isinstance(kind, Encrypted | Text | String):
        length = getattr(kind, "length", None) or 200
        return words_ if len(words_) <= length else words_[-length:] if length >= len(str(serial)) + 1 else str(serial)
    return {datetime: NOW, date: NOW.date(), bool: False, int: serial}.get(kind.python_type, 0.5)


async def found(app: App, markers: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    """Where in the whole database a word of this person still stands, whatever table it stands in."""
    everything = {marker for marker in markers.values()}
    standing = set()
    async with app.db.transaction() as session:
        for table in Base.metadata.sorted_tables:
            for row in (await session.execute(select(table))).mappings():
                for name, value in row.items():
                    if any(marker in str(value) for marker in everything):
                        standing.add((table.name, name))
    return standing
