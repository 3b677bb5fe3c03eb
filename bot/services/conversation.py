"""What a chat was told: its outbox rows as the channel that shows a whole conversation (the web) reads them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update

from bot.domain.messages import ChatRef, Media, Reply
from bot.services import outbox
from bot.storage.database import Session
from bot.storage.tables import Chat, Delivery, OutboxMessage


@dataclass(frozen=True, slots=True)
class Told:
    """One reply of Silvi; `id` grows within a chat."""

    id: int
    reply: Reply
    is_new: bool
    """Nobody has shown it yet."""


async def told_after(session: Session, chat: ChatRef, last_id: int, *, limit: int, now: datetime) -> list[Told]:
    """What this chat was told behind `last_id`, oldest first: the newest `limit` at most.

    A row not shown yet is included whatever its id: two transactions may commit in another order than their ids.
    """
    rows = (
        await session.execute(
            select(OutboxMessage)
            .join(Chat, Chat.id == OutboxMessage.chat_id)
            .where(
                Chat.channel == chat.channel,
                Chat.external_id == chat.external_id,
                OutboxMessage.channel == chat.channel,
                OutboxMessage.state.in_((Delivery.PENDING, Delivery.SENT)),
                outbox.is_due(now),
                or_(OutboxMessage.id > last_id, OutboxMessage.state == Delivery.PENDING),
            )
            .order_by(OutboxMessage.id.desc())
            .limit(limit)
        )
    ).scalars()
    return [
        Told(row.id, Reply.from_json(row.reply), is_new=row.state == Delivery.PENDING) for row in reversed(list(rows))
    ]


async def media_told(session: Session, chat: ChatRef, message_id: int) -> Media | None:
    """The file of one message to this chat, or None: there is no other way to a file."""
    found = (
        select(OutboxMessage.reply)
        .join(Chat, Chat.id == OutboxMessage.chat_id)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.channel == chat.channel,
            OutboxMessage.case_id.is_(None),
            Chat.channel == chat.channel,
            Chat.external_id == chat.external_id,
        )
    )
    reply = (await session.execute(found)).scalar_one_or_none()
    return Reply.from_json(reply).media if reply else None


async def mark_shown(session: Session, ids: Collection[int], *, now: datetime) -> None:
    """These rows have reached the person; on the web a message's own id is the row's."""
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids), OutboxMessage.state != Delivery.SENT)
        .values(state=Delivery.SENT, sent_at=now, sent_message_id=OutboxMessage.id, leased_until=None, error=None)
    )


async def waiting(session: Session, channel: str, external_ids: Collection[str], *, now: datetime) -> set[str]:
    """Which of these chats have something new to show."""
    return set(
        (
            await session.execute(
                select(Chat.external_id)
                .join(OutboxMessage, OutboxMessage.chat_id == Chat.id)
                .where(
                    Chat.channel == channel,
                    Chat.external_id.in_(external_ids),
                    OutboxMessage.state == Delivery.PENDING,
                    outbox.is_due(now),
                )
                .distinct()
            )
        ).scalars()
    )
