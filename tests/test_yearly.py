"""A year in figures: as it was known at the end of a day, beside the same part of the year before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.domain.broadcasts import RecipientState
from bot.domain.cases import CaseUrgency
from bot.domain.figures import BadPeriod
from bot.domain.yearly import OF_OFFICE, PACES, Measure, YearReport
from bot.services import office_figures, yearly
from bot.services.office_file import parse
from bot.storage.database import Database
from bot.storage.tables import (
    Broadcast,
    BroadcastRecipient,
    Case,
    CaseEvent,
    Chat,
    Kiosk,
    KioskVisit,
    Officer,
    Outcome,
    Person,
    Question,
    Referral,
)
from bot.texts import yearly as words
from tests.fakes import VAULT

ZONE = ZoneInfo("Asia/Pontianak")
NOON = datetime(2026, 3, 10, 5, tzinfo=UTC)
NOW = datetime(2027, 6, 1, tzinfo=UTC)
END = date(2026, 12, 31)
PEOPLE = range(1, 8)
"""Enough to be shown."""
numbers: Iterator[int] = count(1)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, VAULT)
    async with database.transaction() as session:
        await session.execute(
            text(
                "truncate people, chats, officers, kiosks, office_figures, office_figure_versions restart identity cascade"
            )
        )
        session.add(Officer(id=1, telegram_id=11, name="Budi", role="officer", added_at=NOON))
        session.add_all(
            Chat(id=who, channel="web", external_id=str(who), created_at=NOON, memory={}) for who in range(1, 20)
        )
        session.add_all(Person(id=who, channel="web", external_id=str(who), created_at=NOON) for who in range(1, 20))
    yield database
    await database.close()


def asked(who: int, at: datetime = NOON, **fields: object) -> Question:
    kept = {
        "chat_id": who,
        "text_masked": "biaya?",
        "confidence": 1.0,
        "suggestions": [],
        "outcome": "answer",
        **fields,
    }
    return Question(person_id=who, asked_at=at, **kept)


def reported(who: int, at: datetime = NOON, **fields: object) -> Case:
    told = {"state": "new", "urgency": "high", "category": "gaji", "narrative": "cerita", "privacy": "confidential"}
    number = next(numbers)
    return Case(
        id=number,
        number=f"SLV-2026-{number:06d}",
        person_id=who,
        chat_id=who,
        opened_at=at,
        reminders=0,
        **told | fields,
    )


def happened(case: Case, kind: str, after: timedelta, *, by_officer: bool = True) -> CaseEvent:
    return CaseEvent(
        case_id=case.id, at=case.opened_at + after, kind=kind, officer_id=1 if by_officer else None, text=""
    )


async def put(db: Database, *rows: object) -> None:
    async with db.transaction() as session:
        session.add_all(rows)
        await session.flush()


async def report(db: Database, year: int = 2026, as_of: date = END, now: datetime = NOW) -> YearReport:
    async with db.transaction() as session:
        return await yearly.of(session, year, ZONE, as_of=as_of, now=now)


async def office(db: Database, *lines: str, data_date: date = END) -> None:
    content = "\n".join(["tahun,data,jumlah,negara,jalur,terbit_di", *lines])
    async with db.transaction() as session:
        file = parse(content.encode(), f"{data_date}.csv")
        await office_figures.publish(session, file, data_date=data_date, author="cli", now=NOW)


def lines(found: YearReport, measure: Measure) -> dict[str, int | None]:
    return {row.key: row.count for row in found.now.tables[measure].table.rows}


async def test_cases_and_questions_of_the_year_are_counted_by_all_they_tell(db: Database) -> None:
    cases = [reported(who, country="sarawak", district="sambas", route="prosedural") for who in PEOPLE]
    await put(db, *cases, *(asked(who, country="brunei") for who in PEOPLE))
    await put(
        db,
        *(
            Referral(
                case_id=case.id,
                agency="polda",
                letter_number=f"{case.number}/R1",
                purpose="periksa",
                officer_id=1,
                referred_at=NOON,
                due_at=NOON,
            )
            for case in cases
        ),
        *(
            Outcome(case_id=case.id, stage="verdict", on_date=NOON.date(), note="", officer_id=1, recorded_at=NOON)
            for case in cases
        ),
    )
    found = await report(db)
    assert lines(found, Measure.CATEGORIES) == {"gaji": 7}
    assert lines(found, Measure.CASE_ROUTES) == {"prosedural": 7}
    assert lines(found, Measure.CASE_COUNTRIES) == {"sarawak": 7}
    assert lines(found, Measure.DISTRICTS) == {"sambas": 7}
    assert lines(found, Measure.REFERRALS) == {"polda": 7}
    assert lines(found, Measure.STAGES)["verdict"] == 7
    assert lines(found, Measure.QUESTION_COUNTRIES) == {"brunei": 7}
    assert lines(found, Measure.ANSWERS) == {"answered": 7}
    months = lines(found, Measure.QUESTIONS)
    assert len(months) == 12 and months["2026-03-01"] == 7 == found.now.tables[Measure.QUESTIONS].total


async def test_the_same_day_gives_the_same_figures_whatever_happened_since(db: Database) -> None:
    as_of = date(2026, 3, 31)
    cases = [reported(who) for who in PEOPLE]
    await put(db, *cases, *(asked(who) for who in PEOPLE))
    await put(db, *(happened(case, "claim", timedelta(hours=1)) for case in cases))
    await put(db, *(happened(case, "resolve", timedelta(days=2)) for case in cases))
    await office(db, "2026,penempatan,50,,,", data_date=as_of)
    before = await report(db, as_of=as_of, now=datetime(2026, 4, 1, tzinfo=UTC))
    later = timedelta(days=40)
    await put(
        db,
        *(asked(who, NOON + later) for who in PEOPLE),
        *(reported(who, NOON + later) for who in PEOPLE),
        *(happened(case, "reopen", later) for case in cases),
        *(
            Outcome(case_id=case.id, stage="home", on_date=NOON.date(), note="", officer_id=1, recorded_at=NOON + later)
            for case in cases
        ),
        *(
            Referral(
                case_id=case.id,
                agency="lpsk",
                letter_number=f"{case.number}/R2",
                purpose="",
                officer_id=1,
                referred_at=NOON + later,
                due_at=NOON + later,
            )
            for case in cases
        ),
    )
    async with db.transaction() as session:
        for case in cases:
            kept = await session.get_one(Case, case.id)
            kept.acknowledged_at, kept.resolved_at, kept.state = None, None, "withdrawn"
            kept.category, kept.country, kept.district, kept.route = "paspor", "sarawak", "sambas", "nonprosedural"
            kept.urgency, kept.promised_at, kept.closed_at = "emergency", NOON, NOON + later
    await office(db, "2026,penempatan,70,,,", data_date=END)
    assert await report(db, as_of=as_of) == before
    assert lines(before, Measure.CATEGORIES) == {"gaji": 7}
    now = await report(db, as_of=NOW.date(), now=datetime.now(UTC) + timedelta(days=365))
    assert lines(now, Measure.CATEGORIES) == {"gaji": 7, "paspor": 7}


async def test_cases_are_measured_by_their_log(db: Database) -> None:
    cases = [reported(who) for who in PEOPLE]
    await put(db, *cases)
    await put(
        db,
        *(happened(case, "note", timedelta(minutes=5)) for case in cases),
        *(happened(case, "claim", timedelta(hours=1)) for case in cases),
        *(happened(case, "resolve", timedelta(days=2)) for case in cases),
        *(happened(case, "confirm", timedelta(days=3), by_officer=False) for case in cases),
    )
    paces = {pace.urgency: pace for pace in (await report(db)).now.paces}
    assert (paces[CaseUrgency.HIGH].taken_after_s, paces[CaseUrgency.HIGH].solved_after_s) == (3600, 2 * 86_400)
    assert paces[CaseUrgency.NORMAL].taken_after_s is None
    await put(db, *(happened(case, "reopen", timedelta(days=4)) for case in cases))
    await put(db, *(happened(case, "resolve", timedelta(days=9)) for case in cases))
    paces = {pace.urgency: pace for pace in (await report(db)).now.paces}
    assert (paces[CaseUrgency.HIGH].taken_after_s, paces[CaseUrgency.HIGH].solved_after_s) == (3600, 9 * 86_400)


async def test_what_was_withdrawn_is_not_solved(db: Database) -> None:
    cases = [reported(who) for who in PEOPLE]
    await put(db, *cases)
    await put(db, *(happened(case, "resolve", timedelta(days=2)) for case in cases))
    await put(db, *(happened(case, "withdraw", timedelta(days=3), by_officer=False) for case in cases))
    paces = {pace.urgency: pace for pace in (await report(db)).now.paces}
    assert paces[CaseUrgency.HIGH].solved_after_s is None


async def test_year_that_is_not_over_stands_beside_the_same_part_of_the_year_before(db: Database) -> None:
    in_part, after_it = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC)
    await put(db, *(asked(who, at) for who in PEOPLE for at in (in_part, after_it, NOON)))
    part, whole = await report(db, as_of=date(2026, 6, 30)), await report(db)
    assert [report.before.tables[Measure.QUESTIONS].total for report in (part, whole)] == [7, 14]
    silvi, of_office = words.comparison_notes(part)
    assert "sampai 30 Juni 2025" in silvi and "setahun penuh" in of_office
    notes = {chapter.code: chapter.notes for chapter in words.chapters(part)}
    assert silvi in notes[Measure.QUESTIONS] and of_office in notes[Measure.PLACEMENT_COUNTRIES]
    assert words.comparison_notes(whole) == ()


async def test_leap_day_has_a_day_before_it_to_stand_beside(db: Database) -> None:
    found = await report(db, 2024, date(2024, 2, 29))
    assert (found.before.period.first, found.before.period.last) == (date(2023, 1, 1), date(2023, 2, 28))


async def test_reach_counts_people_once_each(db: Database) -> None:
    await put(db, *(asked(who) for who in PEOPLE for _ in range(3)), *(reported(who) for who in (1, 2)))
    sent = Broadcast(
        id=1, state="done", version=1, title="Kabar", body="Isi", buttons=[], topic="events", author_id=1, made_at=NOON
    )
    await put(db, sent)
    given = {"broadcast_id": 1, "state": RecipientState.GIVEN, "given_at": NOON}
    await put(db, *(BroadcastRecipient(chat_id=who, **given) for who in PEOPLE))
    await put(db, Kiosk(id=1, name="Kios Desa Contoh", district="sambas", added_at=NOON))
    await put(db, *(KioskVisit(kiosk_id=1, chat_id=who, began_at=NOON, seen_at=NOON) for who in range(1, 7)))
    await put(
        db, *(Person(id=100 + who, channel="kiosk", external_id=str(who), created_at=NOON) for who in range(1, 7))
    )
    reach = lines(await report(db), Measure.REACH)
    assert reach == {"askers": 7, "reporters": None, "new_people": 19, "news_readers": 7, "kiosk_visits": 6}


async def test_newest_file_of_the_office_replaces_only_what_it_holds(db: Database) -> None:
    await office(db, "2026,penempatan,50,,,", "2026,pengaduan,30,,prosedural,", data_date=date(2026, 6, 30))
    await office(db, "2026,penempatan,80,,,", "2025,penempatan,40,,,")
    found = await report(db)
    assert found.now.tables[Measure.PLACEMENT_COUNTRIES].total == 80
    assert found.before.tables[Measure.PLACEMENT_COUNTRIES].total == 40
    assert lines(found, Measure.COMPLAINT_ROUTES) == {"prosedural": 30}
    assert [version.file_name for version in found.versions] == ["2026-06-30.csv", "2026-12-31.csv"]
    earlier = await report(db, as_of=date(2026, 6, 30))
    assert earlier.now.tables[Measure.PLACEMENT_COUNTRIES].total == 50


async def test_correction_of_the_same_day_counts_and_the_file_before_it_stays(db: Database) -> None:
    await office(db, "2026,penempatan,50,,,")
    await office(db, "2026,penempatan,51,,,")
    assert (await report(db)).now.tables[Measure.PLACEMENT_COUNTRIES].total == 51
    async with db.transaction() as session:
        assert (await session.execute(text("select count(*) from office_figures"))).scalar_one() == 2


@pytest.mark.parametrize(("year", "as_of"), [(2026, date(2025, 12, 31)), (2027, date(2027, 6, 2)), (1999, END)])
async def test_a_day_ahead_or_before_the_year_is_refused(db: Database, year: int, as_of: date) -> None:
    with pytest.raises(BadPeriod):
        await report(db, year, as_of)


def test_every_figure_is_explained_and_every_way_of_reach_has_a_name() -> None:
    codes = [row[0] for row in words.appendix()]
    assert codes == [*Measure, PACES]
    assert all(all(row) for row in words.appendix())
    assert words.WAYS.keys() == yearly.REACH.keys()


async def test_every_query_of_the_report_can_be_asked_again_by_hand_and_gives_its_figures(db: Database) -> None:
    cases = [reported(who, country="sarawak", district="sambas", route="prosedural") for who in PEOPLE]
    await put(db, *cases, *(asked(who, country="brunei") for who in PEOPLE))
    await put(db, *(happened(case, "claim", timedelta(hours=1)) for case in cases))
    await office(db, "2026,penempatan,50,Malaysia,,", "2026,pengaduan,30,,prosedural,")
    found = await report(db)
    answers = {}
    async with db.transaction() as session:
        connection = await session.connection()
        for code, query in found.queries.items():
            answers[code] = (await connection.exec_driver_sql(query)).all()
    codes = {code.partition(":")[0] for code in found.queries}
    assert codes == {*Measure, PACES}, "every figure has its query"
    by_hand = {
        code: {line: count for line, count, *_ in rows} for code, rows in answers.items() if rows and len(rows[0]) > 1
    }
    assert by_hand[Measure.CATEGORIES] == {"gaji": 7} == lines(found, Measure.CATEGORIES)
    assert by_hand[Measure.CASES] == {3: 7} and by_hand[Measure.QUESTIONS] == {3: 7}
    assert by_hand[Measure.DISTRICTS] == {"sambas": 7} and by_hand[Measure.QUESTION_COUNTRIES] == {"brunei": 7}
    assert by_hand[Measure.PLACEMENT_COUNTRIES] == {"malaysia": 50} == lines(found, Measure.PLACEMENT_COUNTRIES)
    assert answers["jangkauan: askers"] == [(7,)]
    assert [row[1] for row in answers[PACES]] == [3600]
    assert "disamarkan" in words.queries(found) and found.queries[Measure.CASES] in words.queries(found)


async def test_before_silvi_was_there_is_no_figure_rather_than_none(db: Database) -> None:
    await office(db, "2020,penempatan,334,,,", "2019,penempatan,300,Malaysia,,", data_date=date(2020, 12, 31))
    found = await report(db, 2020, date(2020, 12, 31))
    assert [key.label for key in words.key_figures(found)] == ["Penempatan", "Pemulangan", "Perkara penempatan ilegal"]
    assert words.silvi_note(found) == words.NOT_THERE_YET
    assert {chapter.code for chapter in words.chapters(found)} == set(OF_OFFICE)
    first = await report(db)
    (cases,) = (key for key in words.key_figures(first) if key.label == "Kasus di Silvi")
    assert (cases.now, cases.before) == ("0", words.NO_DATA)
    assert "10 Maret 2026" in words.silvi_note(first)
    (months,) = (chapter for chapter in words.chapters(first) if chapter.code == Measure.CASES)
    assert {line.before for line in months.lines} == {words.NO_DATA} and len(months.lines) == 13
    in_part = await report(db, as_of=date(2026, 6, 30))
    assert words.comparison_notes(in_part)[0] == "", "there is no same part of the year before to speak of"


async def test_a_line_the_office_did_not_break_down_is_not_called_zero(db: Database) -> None:
    await office(
        db,
        "2026,penempatan,80,Malaysia,,",
        "2026,penempatan,20,Taiwan,,",
        "2025,penempatan,60,Malaysia,,",
        "2025,penempatan,100,,,",
    )
    (chapter,) = (one for one in words.chapters(await report(db)) if one.code == Measure.PLACEMENT_COUNTRIES)
    shown = {line.label: (line.now, line.before, line.value_before) for line in chapter.lines}
    assert shown["Taiwan"] == ("20", words.NOT_DETAILED, None), "40 of 2025 may have gone there"
    assert shown[words.NOT_DETAILED] == ("0", "40", 40)
    await office(db, "2025,penempatan,60,Malaysia,,", "2025,penempatan,60,,,")
    (chapter,) = (one for one in words.chapters(await report(db)) if one.code == Measure.PLACEMENT_COUNTRIES)
    assert {line.label: line.before for line in chapter.lines}["Taiwan"] == "0"


async def test_proceedings_stand_on_the_first_page_with_how_far_they_are(db: Database) -> None:
    async with db.transaction() as session:
        content = "tahun,data,jumlah,tahap,sampai,terbit_di\n2026,penegakan,3,putusan,,Pers\n2026,penegakan,2,proses,,Pers\n2026,pemulangan,900,,2026-12-12,\n"
        await office_figures.publish(
            session, parse(content.encode(), "kantor.csv"), data_date=END, author="cli", now=NOW
        )
    details = {key.label: key.detail for key in words.key_figures(await report(db))}
    assert details["Perkara penempatan ilegal"] == "3 sudah ada putusan, 2 masih diproses"
    assert details["Pemulangan"] == "sampai 12 Desember 2026"
