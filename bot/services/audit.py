"""Who did what: in the console, with what it was before and after, and to cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Row,
    Select,
    Subquery,
    Text,
    case,
    cast,
    literal,
    null,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from bot.domain.cases import EventKind
from bot.domain.messages import LARGEST_NUMBER
from bot.storage.database import Session
from bot.storage.tables import AuditRecord, Case, CaseEvent, Officer
from bot.storage.vault import Encrypted

FACTS = ("state", "urgency", "officer")
"""What the log of a case keeps of it after each step."""

CONSOLE, CASES = 0, 1
"""Where a line comes from; part of its place in the order."""


def record(
    session: Session,
    officer: Officer | None,
    action: str,
    subject: str,
    *,
    now: datetime,
    before: dict | None = None,
    after: dict | None = None,
) -> None:
    """Add one line to the log; `officer` is None for the command line."""
    officer_id = officer.id if officer else None
    session.add(
        AuditRecord(at=now, officer_id=officer_id, action=action, subject=subject[:80], before=before, after=after)
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands among all lines, the newest first."""

    at: datetime
    source: int
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}/{self.source}/{self.id}"

    @classmethod
    def read(cls, written: str) -> Place | None:
        """The place written so, or None."""
        try:
            at, source, number = written.split("/")
            place = cls(datetime.fromisoformat(at), int(source), int(number))
        except ValueError:
            return None
        return (
            place if place.at.tzinfo and 0 <= place.id <= LARGEST_NUMBER and place.source in (CONSOLE, CASES) else None
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One thing an officer, the command line or Silvi did; what was done to a case stands whole in its file.

    Of a case, `before` and `after` are those of FACTS that the step changed, an owner by number.
    """

    place: Place
    officer: str | None
    action: str
    subject: str
    is_case: bool
    before: dict | None
    after: dict | None
    detail: str | None
    """What was opened of a case."""


async def newest(
    session: Session,
    *,
    officer_id: int | None = None,
    subject: str = "",
    action: str = "",
    until: datetime | None = None,
    before: Place | None = None,
    limit: int = 50,
) -> list[Line]:
    """What was done in the console, and by officers to cases, the newest first; of one officer, subject or kind alone."""
    nothing = cast(null(), Text)
    console = select(
        AuditRecord.at,
        literal(CONSOLE).label("source"),
        AuditRecord.id,
        AuditRecord.officer_id,
        AuditRecord.action,
        AuditRecord.subject,
        AuditRecord.before,
        AuditRecord.after,
        type_coerce(nothing, Encrypted).label("detail"),
        cast(null(), JSONB).label("facts_before"),
        cast(null(), JSONB).label("facts_after"),
    )
    earlier = aliased(CaseEvent)
    before_it = (
        select(earlier.facts)
        .where(earlier.case_id == CaseEvent.case_id, earlier.id < CaseEvent.id, earlier.facts.is_not(None))
        .order_by(earlier.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    cases = (
        select(
            CaseEvent.at,
            literal(CASES).label("source"),
            CaseEvent.id,
            CaseEvent.officer_id,
            CaseEvent.kind.label("action"),
            Case.number.label("subject"),
            nothing.label("before"),
            nothing.label("after"),
            type_coerce(case((CaseEvent.kind == EventKind.READ, CaseEvent.text)), Encrypted).label("detail"),
            before_it.label("facts_before"),
            CaseEvent.facts.label("facts_after"),
        )
        .join(Case, Case.id == CaseEvent.case_id)
        .where(CaseEvent.officer_id.is_not(None))
    )
    if subject:
        console = console.where(AuditRecord.subject.startswith(subject, autoescape=True))
        cases = cases.where(Case.number.startswith(subject.upper(), autoescape=True))
    if action:
        console, cases = console.where(AuditRecord.action == action), cases.where(CaseEvent.kind == action)
    if until is not None:
        console, cases = console.where(AuditRecord.at < until), cases.where(CaseEvent.at < until)
    arms = [
        # Each side gives its newest, so that neither is read whole.
        _newest_of(found, table, source, officer_id, before, limit)
        for found, table, source in ((console, AuditRecord, CONSOLE), (cases, CaseEvent, CASES))
    ]
    lines = union_all(*(select(arm) for arm in arms)).subquery()
    found = select(lines, Officer.name).outerjoin(Officer, Officer.id == lines.c.officer_id)
    rows = await session.execute(
        found.order_by(lines.c.at.desc(), lines.c.source.desc(), lines.c.id.desc()).limit(limit)
    )
    return [_line(row) for row in rows]


def _line(row: Row) -> Line:
    is_case = row.source == CASES
    before, after = _changed(row.facts_before, row.facts_after) if is_case else (row.before, row.after)
    return Line(
        Place(row.at, row.source, row.id), row.name, row.action, row.subject, is_case, before, after, row.detail
    )


def _changed(before: dict | None, after: dict | None) -> tuple[dict | None, dict | None]:
    """What differs; nothing where one of both was not kept."""
    if before is None or after is None:
        return None, None
    names = [name for name in FACTS if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def _newest_of(
    found: Select,
    table: type[AuditRecord | CaseEvent],
    source: int,
    officer_id: int | None,
    before: Place | None,
    limit: int,
) -> Subquery:
    if officer_id is not None:
        found = found.where(table.officer_id == officer_id)
    if before is not None:
        found = found.where(tuple_(table.at, literal(source), table.id) < tuple_(before.at, before.source, before.id))
    return found.order_by(table.at.desc(), table.id.desc()).limit(limit).subquery()
