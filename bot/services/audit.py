"""Who did what in the console, and what it was before and after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot.storage.database import Session
from bot.storage.tables import AuditRecord, Officer


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


async def newest(
    session: Session, *, officer_id: int | None = None, subject: str = "", before_id: int | None = None, limit: int = 50
) -> list[tuple[AuditRecord, str | None]]:
    """The newest lines first, each with its officer's name; of one officer or one subject where they are given."""
    found = select(AuditRecord, Officer.name).outerjoin(Officer, Officer.id == AuditRecord.officer_id)
    if officer_id is not None:
        found = found.where(AuditRecord.officer_id == officer_id)
    if subject:
        found = found.where(AuditRecord.subject.startswith(subject, autoescape=True))
    if before_id is not None:
        found = found.where(AuditRecord.id < before_id)
    rows = await session.execute(found.order_by(AuditRecord.id.desc()).limit(limit))
    return [tuple(row) for row in rows]
