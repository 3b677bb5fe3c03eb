"""What the office sees of its own work in numbers: counted by the database, for any period, and of groups alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    distinct,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIT, TIMESTAMP

from bot.domain.cases import CaseState, CaseUrgency
from bot.domain.figures import (
    ANSWERED,
    FEWEST,
    HELPED,
    NO_THUMB,
    NOT_ANSWERED,
    NOT_HELPED,
    UNKNOWN,
    Cell,
    Figures,
    Pace,
    Period,
    Row,
    Subject,
    Table,
    protected,
    share,
    total,
)
from bot.domain.outcomes import Stage
from bot.services import outcomes
from bot.storage.database import Session
from bot.storage.tables import Case, OfferAsked, OfferSeen, Question
from knowledge.red_flags import Verdict

MARKS = 61
"""A prime, so that numbers given one after the other are spread; all of them are bits of one number."""


async def of(session: Session, period: Period, zone: ZoneInfo, *, now: datetime) -> Figures:
    """The figures of what was asked, and of the cases opened, in `period`; `zone` is the office's."""
    # Compiling a plan costs more than running it here.
    await session.execute(select(func.set_config("jit", "off", True)))
    begins, ends = period.bounds(zone)
    opened = and_(Case.opened_at >= begins, Case.opened_at < ends)
    asked = await cells_by(
        session,
        {
            Subject.QUESTIONS: piece(Question.asked_at, period, zone),
            Subject.ANSWERS: case((Question.outcome == "answer", ANSWERED), else_=NOT_ANSWERED),
            Subject.THUMBS: case((Question.thumb > 0, HELPED), (Question.thumb < 0, NOT_HELPED), else_=NO_THUMB),
            Subject.ENTRIES: case((Question.outcome == "answer", Question.entry_id)),
            Subject.COUNTRIES: Question.country,
        },
        func.coalesce(Question.person_id, -Question.chat_id),
        and_(Question.asked_at >= begins, Question.asked_at < ends, Question.outcome != "smalltalk"),
    )
    reported = await cells_by(
        session,
        {
            Subject.CASES: piece(Case.opened_at, period, zone),
            Subject.STATES: Case.state,
            Subject.URGENCIES: Case.urgency,
            Subject.CATEGORIES: Case.category,
            Subject.CASE_COUNTRIES: Case.country,
            Subject.DISTRICTS: Case.district,
            Subject.OFFICES: Case.office,
        },
        Case.person_id,
        opened,
    )
    warned = await cells_by(
        session,
        {Subject.WARNINGS: OfferSeen.verdict},
        func.coalesce(OfferAsked.person_id, -OfferAsked.chat_id),
        and_(OfferAsked.offer_id == OfferSeen.id, OfferAsked.asked_at >= begins, OfferAsked.asked_at < ends),
    )
    unanswered = [cell for cell in asked[Subject.ANSWERS] if cell.key == NOT_ANSWERED and cell.is_small]
    tables = {subject: protected(cells) for subject, cells in {**asked, **reported, **warned}.items()} | {
        Subject.QUESTIONS: over_time(asked[Subject.QUESTIONS], period),
        # Answers by entry are a part of all questions: together the two tables must not tell what one holds back.
        Subject.ENTRIES: protected(
            [cell for cell in asked[Subject.ENTRIES] if cell.key != UNKNOWN], rest=next(iter(unanswered), None)
        ),
        Subject.CASES: over_time(reported[Subject.CASES], period),
        Subject.STATES: protected(_in_order(reported[Subject.STATES], list(CaseState))),
        Subject.URGENCIES: protected(_in_order(reported[Subject.URGENCIES], list(CaseUrgency))),
        Subject.STAGES: await stages(session, period),
        Subject.WARNINGS: protected(_in_order(warned[Subject.WARNINGS], list(Verdict))),
    }
    return Figures(
        period=period,
        questions=total(asked[Subject.ANSWERS]),
        cases=total(reported[Subject.URGENCIES]),
        answered_share=share(tables[Subject.ANSWERS].count(ANSWERED), tables[Subject.ANSWERS].count(NOT_ANSWERED)),
        helped_share=share(tables[Subject.THUMBS].count(HELPED), tables[Subject.THUMBS].count(NOT_HELPED)),
        tables=tables,
        paces=await paces(
            session,
            pace_query(
                opened,
                now,
                taken_at=Case.acknowledged_at,
                solved_at=case((Case.state != CaseState.WITHDRAWN, func.coalesce(Case.resolved_at, Case.closed_at))),
            ),
        ),
    )


async def cells_by(
    session: Session, keys: dict[Subject, ColumnElement], who: ColumnElement, where: ColumnElement
) -> dict[Subject, list[Cell]]:
    """For each subject the rows by its key, the most first; the key that is null is UNKNOWN.

    All in one pass. Telling people apart in every group would cost several times as much as counting: each person sets
    one of 61 marks instead. Where five are set there are five people or more; only the other groups are looked at
    person by person.
    """
    rows = select(*(key.label(subject) for subject, key in keys.items()), who.label("who")).where(where).subquery()
    columns = [rows.c[subject] for subject in keys]
    mark = literal(1, BigInteger).op("<<")(cast(func.abs(rows.c.who) % MARKS, Integer))
    marks = func.bit_count(cast(func.bit_or(mark), BIT(64)))
    found = select(func.grouping(*columns), *columns, func.count(), marks).group_by(func.grouping_sets(*columns))
    counted: dict[Subject, dict[str | int | None, tuple[int, int]]] = {subject: {} for subject in keys}
    for others, *values, count, set_marks in await session.execute(found):
        # The database names the columns that a group is not by: one bit each, the first column's the highest.
        number = len(columns) - (others ^ (2 ** len(columns) - 1)).bit_length()
        counted[list(keys)[number]][values[number]] = count, set_marks
    return {
        subject: await _by_person(session, rows.c[subject], rows.c.who, groups) for subject, groups in counted.items()
    }


async def _by_person(
    session: Session, key: ColumnElement, who: ColumnElement, groups: dict[str | int | None, tuple[int, int]]
) -> list[Cell]:
    """The cells of `groups` (count and set marks by key), with the people of those that may be few."""
    doubtful = [name for name, (_, set_marks) in groups.items() if set_marks < FEWEST]
    people: dict[str | int | None, set[int]] = {name: set() for name in doubtful}
    if doubtful:
        is_doubtful = key.in_([name for name in doubtful if name is not None])
        if None in doubtful:
            is_doubtful = or_(is_doubtful, key.is_(None))
        for name, one in await session.execute(select(key, who).where(is_doubtful).distinct()):
            people[name].add(one)
    cells = []
    for name, (count, set_marks) in groups.items():
        ids = people.get(name, ())
        few = frozenset(ids) if 0 < len(ids) < FEWEST else frozenset()
        cells.append(Cell(UNKNOWN if name is None else str(name), count, max(len(ids), set_marks), few))
    return sorted(cells, key=lambda cell: (-cell.count, cell.key))


def stage_of(period: Period, known_until: datetime | None = None) -> tuple[ColumnElement, ColumnElement]:
    """The stages that cases came to in the period, and where."""
    newest = outcomes.newest_steps(known_until)
    return newest.c.stage, and_(Case.id == newest.c.case_id, newest.c.on_date.between(period.first, period.last))


async def stages(session: Session, period: Period, *, known_until: datetime | None = None) -> Table:
    """Cases that came to each stage in the period; a case may come to several, so they have no common total."""
    stage, in_period = stage_of(period, known_until)
    counted = await cells_by(session, {Subject.STAGES: stage}, Case.person_id, in_period)
    rows = _in_order(counted[Subject.STAGES], list(Stage))
    return Table(tuple(Row(cell.key, None if cell.is_small else cell.count) for cell in rows))


def pace_query(
    opened: ColumnElement,
    now: datetime,
    *,
    taken_at: ColumnElement,
    solved_at: ColumnElement,
    urgency: ColumnElement = Case.urgency,
    promised_at: ColumnElement = Case.promised_at,
    closed_at: ColumnElement = Case.closed_at,
) -> Select:
    """How soon the cases that were `opened` are taken and solved; the two moments are null where it did not happen."""
    taken_after = func.extract("epoch", taken_at - Case.opened_at)
    solved_after = func.extract("epoch", solved_at - Case.opened_at)
    was_taken, was_solved = taken_at.is_not(None), solved_at.is_not(None)
    until = func.coalesce(taken_at, func.least(closed_at, literal(now)))
    is_due = and_(promised_at.is_not(None), or_(was_taken, until > promised_at))
    is_kept = and_(is_due, was_taken, taken_at <= promised_at)

    def median(value: ColumnElement, where: ColumnElement) -> ColumnElement:
        return func.percentile_cont(0.5).within_group(value).filter(where)

    def people(where: ColumnElement) -> ColumnElement:
        return func.count(distinct(Case.person_id)).filter(where)

    found = select(
        # A name that no column has: PostgreSQL groups by columns first.
        urgency.label("urgency_then"),
        median(taken_after, was_taken).label("taken_after_s"),
        people(was_taken).label("people_taken"),
        func.count().filter(is_kept).label("kept"),
        func.count().filter(is_due).label("due"),
        people(is_due).label("people_due"),
        median(solved_after, was_solved).label("solved_after_s"),
        people(was_solved).label("people_solved"),
    )
    return found.where(opened).group_by(text("urgency_then"))


async def paces(session: Session, query: Select) -> tuple[Pace, ...]:
    """What `pace_query` finds, of groups alone."""
    by_urgency = {}
    for found_urgency, taken, takers, kept, due, due_people, solved, solvers in await session.execute(query):
        by_urgency[found_urgency] = Pace(
            CaseUrgency(found_urgency),
            taken_after_s=float(taken) if takers >= FEWEST else None,
            kept_share=kept / due if due_people >= FEWEST else None,
            solved_after_s=float(solved) if solvers >= FEWEST else None,
        )
    return tuple(by_urgency.get(one, Pace(one, None, None, None)) for one in CaseUrgency)


def piece(moment: ColumnElement, period: Period, zone: ZoneInfo) -> ColumnElement:
    """The number of the day, week or month of a moment, counted from 1, by the office's clock."""
    begins = [datetime.combine(day, time(), zone) for day in period.pieces()]
    moments = ARRAY(TIMESTAMP(timezone=True))
    return func.width_bucket(moment, cast(literal(begins, moments), moments))


def over_time(cells: Sequence[Cell], period: Period) -> Table:
    days = [day.isoformat() for day in period.pieces()]
    dated = [replace(cell, key=days[int(cell.key) - 1]) for cell in cells]
    return protected(_in_order(dated, days))


def _in_order(cells: Sequence[Cell], keys: Sequence[str]) -> list[Cell]:
    """Each of `keys` is a line, also where there was nothing."""
    counted = {cell.key: cell for cell in cells}
    return [counted.get(key, Cell(key, 0, 0)) for key in keys]
