"""The figures of a year as they were known at the end of a day: the same whenever they are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select, text
from sqlalchemy.dialects import postgresql

from bot.domain.broadcasts import RecipientState
from bot.domain.cases import CaseAction
from bot.domain.figures import ANSWERED, EARLIEST, FEWEST, NOT_ANSWERED, BadPeriod, Period, Row, Table, protected, total
from bot.domain.messages import Channel
from bot.domain.yearly import (
    OF_OFFICE,
    PACES,
    Counted,
    Measure,
    Year,
    YearReport,
    counted,
    is_recorded,
    year_before,
    year_until,
)
from bot.services import figures, office_figures
from bot.storage.database import Session
from bot.storage.tables import BroadcastRecipient, Case, CaseEvent, FactsBefore, KioskVisit, Person, Question, Referral

TAKING = (
    CaseAction.CLAIM,
    CaseAction.REPLY,
    CaseAction.WAIT,
    CaseAction.REFER,
    CaseAction.HAND_OVER,
    CaseAction.RESOLVE,
)
"""By the first of these an officer took a case."""
SOLVING = (CaseAction.RESOLVE, CaseAction.CONFIRM, CaseAction.EXPIRE)
UNDOING = (CaseAction.REOPEN, CaseAction.WITHDRAW)
"""What was solved before is not any more."""

Moments = tuple[datetime, datetime]
"""The first moment, and the first one after the last."""


def _askers(moments: Moments) -> Select:
    return select(func.count(func.distinct(_asker()))).where(_asked_within(moments))


def _reporters(moments: Moments) -> Select:
    return select(func.count(func.distinct(Case.person_id))).where(_within(Case.opened_at, moments))


def _new_people(moments: Moments) -> Select:
    """Nobody knows who comes to a kiosk: its visits are counted apart."""
    is_new = and_(Person.channel != Channel.KIOSK, _within(Person.created_at, moments))
    return select(func.count(Person.id)).where(is_new)


def _kiosk_visits(moments: Moments) -> Select:
    return select(func.count(KioskVisit.id)).where(_within(KioskVisit.began_at, moments))


def _news_readers(moments: Moments) -> Select:
    """Who had their data erased still counts, once for each broadcast."""
    one = func.coalesce(BroadcastRecipient.chat_id, -BroadcastRecipient.id)
    given = and_(BroadcastRecipient.state == RecipientState.GIVEN, _within(BroadcastRecipient.given_at, moments))
    return select(func.count(func.distinct(one))).where(given)


REACH: dict[str, Callable[[Moments], Select]] = {
    "askers": _askers,
    "reporters": _reporters,
    "new_people": _new_people,
    "news_readers": _news_readers,
    "kiosk_visits": _kiosk_visits,
}
"""How many people Silvi reached, by way: a new way is a line here and its name in the texts."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tables that are counted in one pass: by what, of whom, and which rows."""

    keys: dict[Measure, ColumnElement]
    who: ColumnElement
    where: ColumnElement


@dataclass(frozen=True, slots=True)
class Asked:
    """All that the database is asked for one year."""

    groups: tuple[Group, ...]
    reach: dict[str, Select]
    paces: Select


def usual_day(year: int, today: date) -> date:
    """The day as of which a year is reported where nobody says another: its last, or today; raises BadPeriod."""
    if not EARLIEST.year < year <= today.year:
        raise BadPeriod
    return min(today, date(year, 12, 31))


async def of(session: Session, year: int, zone: ZoneInfo, *, as_of: date, now: datetime) -> YearReport:
    """The year as it was known at the end of `as_of`; raises BadPeriod for a day ahead or before the year."""
    if as_of > now.astimezone(zone).date() or as_of.year < year:
        raise BadPeriod
    await session.execute(select(func.set_config("jit", "off", True)))
    period = year_until(year, as_of)
    earlier = Period(year_before(period.first), year_before(period.last))
    known_until = min(_end_of(as_of, zone), now)
    # Both years are measured after the same time, or the earlier one had longer for its cases.
    earlier_until = min(_end_of(year_before(as_of), zone), now)
    in_force = await office_figures.in_force(session, (year, year - 1), as_of=as_of)
    began_on = await _began_on(session, zone)
    asked = _asked(period, zone, known_until, known_until)
    years = [
        await _year(session, period, asked, known_until),
        await _year(session, earlier, _asked(earlier, zone, known_until, earlier_until), known_until),
    ]
    this, before = (
        replace(one, tables=_of_office(in_force, one.period.first.year) | _of_silvi(one, began_on)) for one in years
    )
    return YearReport(as_of, this, before, in_force.versions, began_on, _queries(asked, period, as_of, known_until))


async def _began_on(session: Session, zone: ZoneInfo) -> date | None:
    moments = (Person.created_at, Question.asked_at, Case.opened_at)
    firsts = (select(func.min(moment)).scalar_subquery() for moment in moments)
    first = (await session.execute(select(func.least(*firsts)))).scalar_one()
    return first.astimezone(zone).date() if first else None


def _of_silvi(year: Year, began_on: date | None) -> dict[Measure, Counted]:
    """Its tables; before Silvi was there nothing was recorded, which is not the same as none."""
    if is_recorded(year.period, began_on):
        return year.tables
    return {measure: Counted(Table(()), is_missing=True) for measure in year.tables}


def _of_office(in_force: office_figures.InForce, year: int) -> dict[Measure, Counted]:
    return {
        measure: counted([row for row in in_force.rows if (row.year, row.data) == (year, data)], part)
        for measure, (data, part) in OF_OFFICE.items()
    }


def _asked(period: Period, zone: ZoneInfo, known_until: datetime, measured_until: datetime) -> Asked:
    begins, ends = period.bounds(zone)
    moments = begins, min(ends, known_until)
    months = _months(period)
    opened = _within(Case.opened_at, moments)
    asked = Group(
        {
            Measure.QUESTIONS: figures.piece(Question.asked_at, months, zone),
            Measure.ANSWERS: case((Question.outcome == "answer", ANSWERED), else_=NOT_ANSWERED),
            Measure.QUESTION_COUNTRIES: Question.country,
        },
        _asker(),
        _asked_within(moments),
    )
    reported = Group(
        {
            Measure.CASES: figures.piece(Case.opened_at, months, zone),
            Measure.CATEGORIES: _then("category", known_until),
            Measure.CASE_ROUTES: _then("route", known_until),
            Measure.CASE_COUNTRIES: _then("country", known_until),
            Measure.DISTRICTS: _then("district", known_until),
        },
        Case.person_id,
        opened,
    )
    referred = Group(
        {Measure.REFERRALS: Referral.agency},
        Case.person_id,
        and_(Referral.case_id == Case.id, _within(Referral.referred_at, moments)),
    )
    paces = figures.pace_query(
        opened,
        measured_until,
        taken_at=_taken_at(measured_until),
        solved_at=_solved_at(measured_until),
        urgency=_then("urgency", known_until),
        promised_at=_then("promised_at", known_until),
        closed_at=_then("closed_at", known_until),
    )
    reach = {way: query(moments) for way, query in REACH.items()}
    return Asked((asked, reported, referred), reach, paces)


async def _year(session: Session, period: Period, asked: Asked, known_until: datetime) -> Year:
    months, cells = _months(period), {}
    for group in asked.groups:
        cells |= await figures.cells_by(session, group.keys, group.who, group.where)
    tables = {measure: Counted(protected(found), total(found)) for measure, found in cells.items()}
    for measure in (Measure.QUESTIONS, Measure.CASES):
        begun = [row for row in figures.over_time(cells[measure], months).rows if row.key <= period.last.isoformat()]
        tables[measure] = replace(tables[measure], table=Table(tuple(begun)))
    tables[Measure.STAGES] = Counted(await figures.stages(session, period, known_until=known_until))
    tables[Measure.REACH] = Counted(await _reach(session, asked.reach))
    return Year(period, tables, await figures.paces(session, asked.paces))


async def _reach(session: Session, ways: dict[str, Select]) -> Table:
    rows = []
    for way, query in ways.items():
        people = (await session.execute(query)).scalar_one()
        rows.append(Row(way, None if 0 < people < FEWEST else people))
    return Table(tuple(rows))


def _queries(asked: Asked, period: Period, as_of: date, known_until: datetime) -> dict[str, str]:
    """What is asked, code by code, with its values in place; each table by itself, where one pass counts several."""
    found: dict[str, Select] = {
        measure: office_figures.query(period.first.year, data, part, as_of=as_of)
        for measure, (data, part) in OF_OFFICE.items()
    }
    stage, came_to_it = figures.stage_of(period, known_until)
    for group in (*asked.groups, Group({Measure.STAGES: stage}, Case.person_id, came_to_it)):
        found |= {measure: _lines_of(key, group) for measure, key in group.keys.items()}
    found |= {f"{Measure.REACH}: {way}": query for way, query in asked.reach.items()}
    found[PACES] = asked.paces
    return {code: _sql(query) for code, query in found.items()}


def _lines_of(key: ColumnElement, group: Group) -> Select:
    people = func.count(func.distinct(group.who))
    lines = select(key.label("line"), func.count().label("count"), people.label("people")).where(group.where)
    return lines.group_by(text("line")).order_by(text("line"))


def _sql(query: Select) -> str:
    return str(query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))


def _months(period: Period) -> Period:
    return Period(period.first, period.first.replace(month=12, day=31))


def _then(fact: str, known_until: datetime) -> ColumnElement:
    """A fact of a case as it was known before `known_until`: an officer may have learnt better since."""
    changed = and_(FactsBefore.case_id == Case.id, FactsBefore.until >= known_until)
    before = select(getattr(FactsBefore, fact)).where(changed).order_by(FactsBefore.until, FactsBefore.id).limit(1)
    return case(
        (exists().where(changed).correlate(Case), before.correlate(Case).scalar_subquery()),
        else_=getattr(Case, fact),
    )


def _taken_at(known_until: datetime) -> ColumnElement:
    """When an officer first took the case, by its log: the case itself forgets it when it is opened again."""
    by_officer = and_(CaseEvent.case_id == Case.id, CaseEvent.officer_id.is_not(None), CaseEvent.at < known_until)
    return (
        select(func.min(CaseEvent.at)).where(by_officer, CaseEvent.kind.in_(TAKING)).correlate(Case).scalar_subquery()
    )


def _solved_at(known_until: datetime) -> ColumnElement:
    """When the case was solved for good, by its log; null where it was opened again or withdrawn since."""
    undone = select(func.max(CaseEvent.at)).where(
        CaseEvent.case_id == Case.id, CaseEvent.at < known_until, CaseEvent.kind.in_(UNDOING)
    )
    undone_at = func.coalesce(undone.correlate(Case).scalar_subquery(), Case.opened_at)
    solved = select(func.min(CaseEvent.at)).where(
        CaseEvent.case_id == Case.id,
        CaseEvent.at.between(undone_at, known_until),
        CaseEvent.kind.in_(SOLVING),
    )
    return solved.correlate(Case).scalar_subquery()


def _asker() -> ColumnElement:
    return func.coalesce(Question.person_id, -Question.chat_id)


def _asked_within(moments: Moments) -> ColumnElement:
    return and_(_within(Question.asked_at, moments), Question.outcome != "smalltalk")


def _within(moment: ColumnElement, moments: Moments) -> ColumnElement:
    return and_(moment >= moments[0], moment < moments[1])


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone)
