"""What waits in the database, counted for whoever watches the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.domain.cases import OPEN_STATES
from bot.services.reminders import count_overdue
from bot.storage.database import Session
from bot.storage.tables import Case, Delivery, FailedUpdate, OutboxMessage


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts alone; `oldest_s` is how long the oldest due message waits, in seconds."""

    outbox: dict[str, int]
    oldest_s: float
    cases: dict[str, int]
    overdue: int
    failed_updates: int


async def waiting(session: Session, *, now: datetime) -> Waiting:
    """What is due and not sent, which cases are open, and what could not be handled."""
    due = OutboxMessage.state == Delivery.PENDING, OutboxMessage.due_at <= now
    by_channel = select(OutboxMessage.channel, func.count(), func.min(OutboxMessage.due_at)).where(*due)
    rows = (await session.execute(by_channel.group_by(OutboxMessage.channel))).all()
    by_urgency = select(Case.urgency, func.count()).where(Case.state.in_(OPEN_STATES)).group_by(Case.urgency)
    cases = (await session.execute(by_urgency)).all()
    failed = (await session.execute(select(func.count()).select_from(FailedUpdate))).scalar_one()
    oldest_s = max(((now - since).total_seconds() for _, _, since in rows), default=0.0)
    return Waiting(
        {channel: count for channel, count, _ in rows},
        oldest_s,
        dict(map(tuple, cases)),
        await count_overdue(session, now=now),
        failed,
    )
