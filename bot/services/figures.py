"""What the office sees of its own work in numbers: counted by the database, for any period, and of groups alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Select, Text, and_, case, cast, distinct, func, literal, or_, select

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
    protected_total,
    share,
)
from bot.domain.outcomes import Stage
from bot.services import outcomes
from bot.storage.database import Session
from bot.storage.tables import Case, Question


async def of(session: Session, period: Period, zone: ZoneInfo, *, now: datetime) -> Figures:
    """The figures of what was asked, and of the cases opened, in `period`; `zone` is the office's."""
    # Compiling a plan costs more than running it here.
    await session.execute(select(func.set_config("jit", "off", True)))
    begins, ends = period.bounds(zone)
    asked = and_(Question.asked_at >= begins, Question.asked_at < ends, Question.outcome != "smalltalk")
    asker = func.coalesce(Question.person_id, -Question.chat_id)
    opened = and_(Case.opened_at >= begins, Case.opened_at < ends)

    async def questions_by(key: ColumnElement) -> list[Cell]:
        return await _cells(session, key, asker, asked)

    async def cases_by(key: ColumnElement) -> list[Cell]:
        return await _cells(session, key, Case.person_id, opened)

    answers = await questions_by(case((Question.outcome == "answer", ANSWERED), else_=NOT_ANSWERED))
    thumbs = await questions_by(case((Question.thumb > 0, HELPED), (Question.thumb < 0, NOT_HELPED), else_=NO_THUMB))
    entries = await _cells(session, Question.entry_id, asker, and_(asked, Question.outcome == "answer"))
    unanswered = next((cell for cell in answers if cell.key == NOT_ANSWERED), None)
    over_time = period.step, zone
    tables = {
        Subject.QUESTIONS: _over_time(await questions_by(_piece(Question.asked_at, *over_time)), period),
        Subject.ANSWERS: protected(answers),
        Subject.THUMBS: protected(thumbs),
        # Both are parts of the same total: what one holds back must not be worked out from the other.
        Subject.ENTRIES: protected(entries, rest=unanswered if unanswered and unanswered.is_small else None),
        Subject.COUNTRIES: protected(await questions_by(Question.country)),
        Subject.CASES: _over_time(await cases_by(_piece(Case.opened_at, *over_time)), period),
        Subject.STATES: _in_order(await cases_by(Case.state), list(CaseState)),
        Subject.URGENCIES: _in_order(await cases_by(Case.urgency), list(CaseUrgency)),
        Subject.CATEGORIES: protected(await cases_by(Case.category)),
        Subject.CASE_COUNTRIES: protected(await cases_by(Case.country)),
        Subject.OFFICES: protected(await cases_by(Case.office)),
        Subject.STAGES: await _stages(session, period),
    }
    return Figures(
        period=period,
        questions=await _total(session, asker, asked),
        cases=await _total(session, Case.person_id, opened),
        answered_share=share(tables[Subject.ANSWERS].count(ANSWERED), tables[Subject.ANSWERS].count(NOT_ANSWERED)),
        helped_share=share(tables[Subject.THUMBS].count(HELPED), tables[Subject.THUMBS].count(NOT_HELPED)),
        tables=tables,
        paces=await _paces(session, opened, now),
    )


async def _cells(session: Session, key: ColumnElement, who: ColumnElement, where: ColumnElement) -> list[Cell]:
    """Rows by `key`, the most first; the key that is null is UNKNOWN."""
    each = select(key.label("key"), who.label("who"), func.count().label("number")).where(where).group_by("key", "who")
    return await _counted(session, each)


async def _counted(session: Session, each: Select) -> list[Cell]:
    """`each` gives key, who, number: one row a person and key."""
    each = each.subquery()
    people = func.count()
    few = case((people < FEWEST, func.array_agg(each.c.who)))
    found = select(each.c.key, func.sum(each.c.number), people, few).group_by(each.c.key)
    cells = [
        Cell(UNKNOWN if key is None else str(key), int(number), who, frozenset(few_ids or ()))
        for key, number, who, few_ids in await session.execute(found)
    ]
    return sorted(cells, key=lambda cell: (-cell.count, cell.key))


async def _total(session: Session, who: ColumnElement, where: ColumnElement) -> int | None:
    found = select(func.count(), func.count(distinct(who))).where(where)
    count, people = (await session.execute(found)).one()
    return protected_total(Cell("", count, people))


async def _stages(session: Session, period: Period) -> Table:
    """Cases that came to each stage in the period; a case may come to several, so they have no common total."""
    newest = outcomes.newest_steps()
    each = (
        select(newest.c.stage.label("key"), Case.person_id.label("who"), func.count().label("number"))
        .join(Case, Case.id == newest.c.case_id)
        .where(newest.c.on_date.between(period.first, period.last))
        .group_by("key", "who")
    )
    counted = {cell.key: cell for cell in await _counted(session, each)}
    rows = [counted.get(stage, Cell(stage, 0, 0)) for stage in Stage]
    return Table(tuple(Row(cell.key, None if cell.is_small else cell.count) for cell in rows))


async def _paces(session: Session, opened: ColumnElement, now: datetime) -> tuple[Pace, ...]:
    taken_after = func.extract("epoch", Case.acknowledged_at - Case.opened_at)
    solved_at = func.coalesce(Case.resolved_at, Case.closed_at)
    solved_after = func.extract("epoch", solved_at - Case.opened_at)
    was_taken, was_solved = Case.acknowledged_at.is_not(None), and_(solved_at.is_not(None), Case.state != "withdrawn")
    until = func.coalesce(Case.acknowledged_at, Case.closed_at, literal(now))
    is_due = and_(Case.promised_at.is_not(None), or_(was_taken, until > Case.promised_at))
    is_kept = and_(is_due, was_taken, Case.acknowledged_at <= Case.promised_at)

    def median(value: ColumnElement, where: ColumnElement) -> ColumnElement:
        return func.percentile_cont(0.5).within_group(value).filter(where)

    def people(where: ColumnElement) -> ColumnElement:
        return func.count(distinct(Case.person_id)).filter(where)

    found = select(
        Case.urgency,
        median(taken_after, was_taken),
        people(was_taken),
        func.count().filter(is_kept),
        func.count().filter(is_due),
        people(is_due),
        median(solved_after, was_solved),
        people(was_solved),
    )
    by_urgency = {}
    for urgency, taken, takers, kept, due, due_people, solved, solvers in await session.execute(
        found.where(opened).group_by(Case.urgency)
    ):
        by_urgency[urgency] = Pace(
            CaseUrgency(urgency),
            taken_after_s=float(taken) if takers >= FEWEST else None,
            kept_share=kept / due if due_people >= FEWEST else None,
            solved_after_s=float(solved) if solvers >= FEWEST else None,
        )
    return tuple(by_urgency.get(urgency, Pace(urgency, None, None, None)) for urgency in CaseUrgency)


def _piece(moment: ColumnElement, step: str, zone: ZoneInfo) -> ColumnElement:
    """The first day of the day, week or month of a moment, by the office's clock."""
    return cast(cast(func.date_trunc(step, func.timezone(zone.key, moment)), Date), Text)


def _over_time(cells: Sequence[Cell], period: Period) -> Table:
    return _in_order(cells, [day.isoformat() for day in period.pieces()])


def _in_order(cells: Sequence[Cell], keys: Sequence[str]) -> Table:
    """Each of `keys` is a line, also where there was nothing."""
    counted = {cell.key: cell for cell in cells}
    return protected(counted.get(key, Cell(key, 0, 0)) for key in keys)
