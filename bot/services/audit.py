"""Who did what: in the console, with what it was before and after, and to cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
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

from bot.domain.cases import EventKind
from bot.domain.messages import LARGEST_NUMBER
from bot.storage.database import Session
from bot.storage.tables import AuditRecord, Case, CaseEvent, Officer
from bot.storage.vault import Encrypted

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
    """One thing an officer, the command line or Silvi did; what was done to a case stands whole in its file."""

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
    session: Session, *, officer_id: int | None = None, subject: str = "", before: Place | None = None, limit: int = 50
) -> list[Line]:
    """What was done in the console, and by officers to cases, the newest first; of one officer or one subject alone."""
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
        )
        .join(Case, Case.id == CaseEvent.case_id)
        .where(CaseEvent.officer_id.is_not(None))
    )
    if subject:
        console = console.where(AuditRecord.subject.startswith(subject, autoescape=True))
        cases = cases.where(Case.number.startswith(subject.upper(), autoescape=True))
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
    return [
        Line(
            Place(row.at, row.source, row.id),
            row.name,
            row.action,
            row.subject,
            row.source == CASES,
            row.before,
            row.after,
            row.detail,
        )
        for row in rows
    ]


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
