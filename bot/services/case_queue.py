"""The officers' queue of cases: filtered, the most urgent first, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import defer

from bot.domain.cases import OPEN_STATES, CaseUrgency
from bot.storage.database import Session
from bot.storage.tables import Case, Officer

IN_ORDER = (
    text("array_position(array['emergency','high','normal'], cases.urgency)"),
    Case.due_at.nulls_last(),
    Case.id,
)
"""The most urgent first, then by when the next step is due."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer looks for; what is empty does not narrow. Without a state, cases that are not over are meant."""

    urgency: str = ""
    state: str = ""
    category: str = ""
    country: str = ""
    office: str = ""
    owner_id: int | None = None
    without_owner: bool = False
    is_overdue: bool = False
    number: str = ""
    """A whole case number, or its last digits; with it cases that are over are found too."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue; the person's words are not in it."""

    case: Case
    owner: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    rows: tuple[Row, ...]
    count: int
    """Of all pages."""


@dataclass(frozen=True, slots=True)
class Glance:
    """Cases that are not over."""

    by_urgency: dict[CaseUrgency, int]
    overdue: int
    mine: int

    @property
    def waiting(self) -> int:
        return sum(self.by_urgency.values())


async def open_cases(session: Session) -> list[Case]:
    """All that waits or is in hand, in the order of the queue."""
    found = select(Case).where(Case.state.in_(OPEN_STATES)).order_by(*IN_ORDER)
    return list((await session.execute(found)).scalars())


async def page(session: Session, wanted: Wanted, *, now: datetime, first: int, limit: int) -> Queue:
    """`limit` cases from the `first` on, counted from 0."""
    found = _narrowed(select(Case, Officer.name).outerjoin(Officer, Officer.id == Case.officer_id), wanted, now)
    count = (await session.execute(_narrowed(select(func.count(Case.id)), wanted, now))).scalar_one()
    ordered = found.order_by(*IN_ORDER).offset(first).limit(limit)
    rows = await session.execute(ordered.options(defer(Case.narrative), defer(Case.contact), defer(Case.asked)))
    return Queue(tuple(Row(case, owner) for case, owner in rows), count)


async def at_a_glance(session: Session, officer_id: int, *, now: datetime) -> Glance:
    """How much waits, without reading a case."""
    found = select(
        Case.urgency,
        func.count(),
        func.count().filter(Case.due_at < now),
        func.count().filter(Case.officer_id == officer_id),
    )
    rows = (await session.execute(found.where(Case.state.in_(OPEN_STATES)).group_by(Case.urgency))).all()
    return Glance(
        by_urgency=dict.fromkeys(CaseUrgency, 0) | {CaseUrgency(urgency): count for urgency, count, *_ in rows},
        overdue=sum(overdue for *_, overdue, _ in rows),
        mine=sum(mine for *_, mine in rows),
    )


def _narrowed(query: Select, wanted: Wanted, now: datetime) -> Select:
    equal = {
        Case.urgency: wanted.urgency,
        Case.category: wanted.category,
        Case.country: wanted.country,
        Case.office: wanted.office,
        Case.state: wanted.state,
    }
    query = query.where(*(column == value for column, value in equal.items() if value))
    if wanted.number:
        return query.where(Case.number.endswith(wanted.number, autoescape=True))
    if not wanted.state:
        query = query.where(Case.state.in_(OPEN_STATES))
    if wanted.owner_id is not None:
        query = query.where(Case.officer_id == wanted.owner_id)
    if wanted.without_owner:
        query = query.where(Case.officer_id.is_(None))
    if wanted.is_overdue:
        query = query.where(Case.due_at < now)
    return query
