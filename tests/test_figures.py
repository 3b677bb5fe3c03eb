"""The office's figures: counted as they were, by the office's clock, and never of a few people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.domain.cases import CaseUrgency
from bot.domain.figures import ANSWERED, FEWEST, NOT_ANSWERED, BadPeriod, Cell, Figures, Period, Subject, protected
from bot.services import figures
from bot.storage.database import Database
from bot.storage.tables import Case, Chat, OfferAsked, OfferSeen, Officer, Outcome, Person, Question
from tests.fakes import VAULT

ZONE = ZoneInfo("Asia/Pontianak")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
NOON = datetime(2026, 11, 10, 5, tzinfo=UTC)
SOME = 7
"""Enough people to be shown."""


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, VAULT)
    async with database.transaction() as session:
        await session.execute(text("truncate people, chats, officers cascade"))
        session.add(Chat(id=1, channel="web", external_id="chat", created_at=NOON, memory={}))
        session.add_all(
            Person(id=number, channel="web", external_id=str(number), created_at=NOON) for number in range(1, 100)
        )
    yield database
    await database.close()


def asked(
    person: int, *, at: datetime = NOON, outcome: str = "answer", entry: str | None = "biaya", **fields
) -> Question:
    entry_id = entry if outcome == "answer" else None
    kept = {"chat_id": 1, "text_masked": "biaya?", "confidence": 1.0, "suggestions": [], **fields}
    return Question(person_id=person, asked_at=at, outcome=outcome, entry_id=entry_id, **kept)


def reported(person: int, *, at: datetime = NOON, **fields) -> Case:
    told = {"state": "new", "urgency": "high", "category": "gaji", "narrative": "cerita", "privacy": "confidential"}
    number = f"SLV-2026-{reported.serial:06d}"
    reported.serial += 1
    return Case(number=number, person_id=person, chat_id=1, opened_at=at, reminders=0, **{**told, **fields})


reported.serial = 1


async def counted(db: Database, *rows: object, period: Period = NOVEMBER, now: datetime = NOON) -> Figures:
    async with db.transaction() as session:
        session.add_all(rows)
    async with db.transaction() as session:
        return await figures.of(session, period, ZONE, now=now)


def as_cells(groups: list[set[int]]) -> list[Cell]:
    """A question a person, one cell a group."""
    return [
        Cell(str(key), len(people), len(people), frozenset(people if len(people) < FEWEST else ()))
        for key, people in enumerate(groups)
    ]


@given(st.lists(st.sets(st.integers(1, 20), max_size=9), max_size=6))
def test_what_is_held_back_can_never_be_worked_out_from_the_total(groups: list[set[int]]) -> None:
    table = protected(as_cells(groups))
    hidden = [people for people, row in zip(groups, table.rows, strict=True) if row.count is None]
    assert all(row.count is None or not 0 < row.count < FEWEST for row in table.rows)
    if hidden and any(row.count for row in table.rows):
        assert len(hidden) > 1 and len(set().union(*hidden)) >= FEWEST


def test_single_small_line_takes_the_next_smallest_with_it() -> None:
    table = protected(as_cells([set(range(30)), {1, 2}, set(range(8)), set()]))
    assert [row.count for row in table.rows] == [30, None, None, 0]


def test_the_same_few_people_in_two_lines_are_still_few() -> None:
    table = protected(as_cells([set(range(30)), {1, 2, 3}, {1, 2, 3}]))
    assert [row.count for row in table.rows] == [None, None, None]


async def test_questions_count_by_answer_entry_country_and_thumb(db: Database) -> None:
    people = range(1, SOME + 1)
    found = await counted(
        db,
        *(asked(who, country="brunei", thumb=1) for who in people),
        *(asked(who, outcome="handoff", thumb=-1) for who in people),
        *(asked(who, outcome="suggest") for who in people),
        *(asked(who, outcome="smalltalk") for who in people),
    )
    tables = found.tables
    assert found.questions == 3 * SOME
    assert (tables[Subject.ANSWERS].count(ANSWERED), tables[Subject.ANSWERS].count(NOT_ANSWERED)) == (SOME, 2 * SOME)
    assert tables[Subject.ENTRIES].count("biaya") == SOME
    assert (tables[Subject.COUNTRIES].count("brunei"), tables[Subject.COUNTRIES].count("")) == (SOME, 2 * SOME)
    assert (found.answered_share, found.helped_share) == (pytest.approx(1 / 3), 0.5)


async def test_one_person_who_asks_often_is_still_one(db: Database) -> None:
    found = await counted(db, *(asked(1) for _ in range(20)))
    assert found.questions is None and found.answered_share is None
    assert found.tables[Subject.ENTRIES].count("biaya") is None


async def test_entries_do_not_give_away_the_few_who_had_no_answer(db: Database) -> None:
    crowd = range(1, 40)
    answered = [asked(who, entry="biaya") for who in crowd] + [asked(who, entry="paspor") for who in range(1, 10)]
    found = await counted(db, *answered, *(asked(who, outcome="handoff") for who in (50, 51)))
    assert found.tables[Subject.ANSWERS].count(NOT_ANSWERED) is None
    shown = [row.count for row in found.tables[Subject.ENTRIES].rows]
    assert shown == [39, None], "the sum of all entries would be the number of answers"


async def test_period_begins_and_ends_with_the_days_of_the_office(db: Database) -> None:
    first, last = datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2026, 11, 30, 16, 59, tzinfo=UTC)
    inside = [asked(who, at=at) for at in (first, last) for who in range(1, SOME + 1)]
    outside = [
        asked(who, at=at)
        for at in (first - timedelta(minutes=1), last + timedelta(minutes=1))
        for who in range(1, SOME + 1)
    ]
    found = await counted(db, *inside, *outside)
    assert found.questions == 2 * SOME
    days = found.tables[Subject.QUESTIONS]
    assert (days.rows[0].key, days.rows[-1].key, len(days.rows)) == ("2026-11-01", "2026-11-30", 30)
    assert (days.rows[0].count, days.rows[-1].count) == (SOME, SOME)


@pytest.mark.parametrize(("last", "lines"), [(date(2026, 3, 31), 14), (date(2026, 12, 31), 12)])
async def test_longer_periods_are_shown_by_week_and_month(db: Database, last: date, lines: int) -> None:
    found = await counted(db, *(asked(who) for who in range(1, SOME)), period=Period(date(2026, 1, 1), last))
    assert len(found.tables[Subject.QUESTIONS].rows) == lines


async def test_cases_are_measured_against_the_promise(db: Database) -> None:
    promise = NOON + timedelta(hours=4)
    in_time = [
        reported(who, promised_at=promise, acknowledged_at=NOON + timedelta(hours=1), state="acknowledged")
        for who in range(1, 7)
    ]
    late = [
        reported(who, promised_at=promise, acknowledged_at=NOON + timedelta(hours=9), state="acknowledged")
        for who in range(7, 9)
    ]
    overdue, not_due = reported(9, promised_at=promise), reported(10, promised_at=NOON + timedelta(days=9))
    too_few = reported(11, urgency="normal", promised_at=promise, acknowledged_at=NOON)
    found = await counted(db, *in_time, *late, overdue, not_due, too_few, now=NOON + timedelta(days=1))
    paces = {pace.urgency: pace for pace in found.paces}
    assert paces[CaseUrgency.HIGH].kept_share == pytest.approx(6 / 9)
    assert paces[CaseUrgency.HIGH].taken_after_s == 3600
    assert paces[CaseUrgency.HIGH].solved_after_s is None
    assert paces[CaseUrgency.NORMAL].kept_share is None and paces[CaseUrgency.NORMAL].taken_after_s is None


async def test_outcomes_count_cases_in_the_period_by_their_newest_date(db: Database) -> None:
    cases = [reported(who) for who in range(1, SOME + 1)]
    async with db.transaction() as session:
        session.add(Officer(id=1, telegram_id=1, name="Budi", role="officer", added_at=NOON))
        session.add_all(cases)
        await session.flush()
        for case in cases:
            for day in (date(2026, 11, 2), date(2026, 11, 3)):
                session.add(Outcome(case_id=case.id, stage="home", on_date=day, officer_id=1, recorded_at=NOON))
        session.add(
            Outcome(case_id=cases[0].id, stage="verdict", on_date=date(2026, 11, 3), officer_id=1, recorded_at=NOON)
        )
    stages = (await counted(db)).tables[Subject.STAGES]
    assert (stages.count("home"), stages.count("verdict"), stages.count("shelter")) == (SOME, None, 0)
    october = await counted(db, period=Period(date(2026, 10, 1), date(2026, 10, 31)))
    assert october.tables[Subject.STAGES].count("home") == 0


def test_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadPeriod):
        Period(date(2026, 11, 2), date(2026, 11, 1))


async def test_cases_are_counted_by_the_district_their_place_names(db: Database) -> None:
    rows = [reported(person, district="sambas") for person in range(1, SOME + 1)]
    rows += [reported(person, district="landak") for person in range(10, 10 + FEWEST - 1)]
    rows += [reported(person) for person in range(20, 20 + SOME)]
    table = (await counted(db, *rows)).tables[Subject.DISTRICTS]
    assert table.count("landak") is None, "too few people"
    assert {table.count("sambas"), table.count("")} == {SOME, None}, "one more hides what is held back"


async def test_offers_are_counted_by_what_was_found(db: Database) -> None:
    offers = [
        OfferSeen(id=-n, sketch=[], verdict=verdict, first_seen_at=NOON, last_seen_at=NOON)
        for n, verdict in ((1, "danger"), (2, "no_flag"))
    ]
    asked_about = {"chat_id": 1, "text": "", "asked_at": NOON}
    rows = [OfferAsked(offer_id=-1, person_id=person, **asked_about) for person in range(1, SOME + 1)]
    rows += [OfferAsked(offer_id=-2, person_id=person, **asked_about) for person in range(1, FEWEST + 1)]
    rows.append(OfferAsked(offer_id=-1, person_id=9, **asked_about | {"asked_at": NOON - timedelta(days=40)}))
    async with db.transaction() as session:
        await session.execute(text("truncate offers_seen cascade"))
        session.add_all(offers)
    table = (await counted(db, *rows)).tables[Subject.WARNINGS]
    assert [(row.key, row.count) for row in table.rows] == [("danger", SOME), ("caution", 0), ("no_flag", FEWEST)]
