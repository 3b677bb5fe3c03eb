"""What came of a broadcast: arrived, opened, unsubscribed, and the questions that followed; of groups alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from bot.domain.broadcasts import RecipientState
from bot.domain.figures import FEWEST, Cell, Table, protected
from bot.storage.database import Session
from bot.storage.tables import BroadcastRecipient, Delivery, OutboxMessage, Question

FOLLOWED_WITHIN = timedelta(days=1)
"""A question so soon after the message is counted as one that followed."""
OPENED, NOT_OPENED, STAYED, LEFT, ASKED, NOT_ASKED = "opened", "not_opened", "stayed", "left", "asked", "not_asked"


@dataclass(frozen=True, slots=True)
class BroadcastFigures:
    """Counts of people; what is of fewer than five is None, and so is what would give it away."""

    arrived: int | None
    opened: Table
    left: Table
    asked: Table
    questions: int | None
    """How many questions those who asked had."""


async def of(session: Session, number: int) -> BroadcastFigures:
    """The figures of one broadcast. A message whose row was erased with a person's data had arrived before."""
    has_arrived = and_(
        BroadcastRecipient.broadcast_id == number,
        BroadcastRecipient.state == RecipientState.GIVEN,
        or_(OutboxMessage.id.is_(None), OutboxMessage.state == Delivery.SENT),
    )
    asked = func.coalesce(BroadcastRecipient.asked, _followed())
    found = (
        select(BroadcastRecipient.id, BroadcastRecipient.opened_at, BroadcastRecipient.left_at, asked)
        .outerjoin(OutboxMessage, OutboxMessage.id == BroadcastRecipient.outbox_id)
        .where(has_arrived)
    )
    rows = (await session.execute(found)).all()
    everybody = [row[0] for row in rows]
    opened = [number for number, opened_at, *_ in rows if opened_at]
    left = [number for number, _, left_at, _ in rows if left_at]
    asking = [number for number, *_, count in rows if count]
    return BroadcastFigures(
        arrived=None if 0 < len(everybody) < FEWEST else len(everybody),
        opened=_split(everybody, opened, (OPENED, NOT_OPENED)),
        left=_split(everybody, left, (LEFT, STAYED)),
        asked=_split(everybody, asking, (ASKED, NOT_ASKED)),
        questions=None if 0 < len(asking) < FEWEST else sum(row[3] for row in rows),
    )


async def let_go(session: Session, which: ColumnElement[bool]) -> int:
    """Forget who these recipients were, and keep what came of it for the figures; returns how many.

    Before their messages and questions go, of which the counts are made.
    """
    failed = select(OutboxMessage.id).where(OutboxMessage.state.in_((Delivery.FAILED, Delivery.DROPPED)))
    lost = update(BroadcastRecipient).where(which, BroadcastRecipient.outbox_id.in_(failed))
    await session.execute(lost.values(state=RecipientState.FAILED))
    known = update(BroadcastRecipient).where(which, BroadcastRecipient.chat_id.is_not(None))
    gone = await session.execute(
        known.values(chat_id=None, asked=_followed()), execution_options={"synchronize_session": False}
    )
    return gone.rowcount


def _followed() -> ColumnElement[int]:
    followed = and_(
        Question.chat_id == BroadcastRecipient.chat_id,
        Question.asked_at > BroadcastRecipient.given_at,
        Question.asked_at <= BroadcastRecipient.given_at + FOLLOWED_WITHIN,
        Question.outcome != "smalltalk",
    )
    return select(func.count(Question.id)).where(followed).correlate(BroadcastRecipient).scalar_subquery()


def _split(everybody: Sequence[int], some: Sequence[int], keys: tuple[str, str]) -> Table:
    chosen = set(some)
    others = [number for number in everybody if number not in chosen]
    return protected([_cell(key, ids) for key, ids in zip(keys, (some, others), strict=True)])


def _cell(key: str, ids: Sequence[int]) -> Cell:
    few = frozenset(ids) if 0 < len(ids) < FEWEST else frozenset()
    return Cell(key, len(ids), len(ids), few)
