"""What is kept about a person, shown to them, and erased when they ask (UU 27/2022)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from bot.storage.database import Session
from bot.storage.tables import Chat, Delivery, OutboxMessage, Question

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Kept:
    """The questions of a person as they are kept: masked, newest first."""

    count: int
    since: datetime | None
    newest: tuple[str, ...]


async def kept_about(session: Session, chat_id: int) -> Kept:
    """What is kept of this private chat's person."""
    count, since = (
        await session.execute(select(func.count(), func.min(Question.asked_at)).where(Question.chat_id == chat_id))
    ).one()
    newest = (
        await session.execute(
            select(Question.text_masked).where(Question.chat_id == chat_id).order_by(Question.id.desc()).limit(SHOWN)
        )
    ).scalars()
    return Kept(count, since, tuple(newest))


async def erase(session: Session, chat: Chat) -> int:
    """Erase questions, memory, unsent reports and delivered replies of a chat; returns how many questions there were.

    A report that was sent is a case, which its office must be able to account for: it stays.

    The channel's id of the chat stays: without it a second delivery of an old message would look like a new person's.
    """
    erased = await session.execute(delete(Question).where(Question.chat_id == chat.id))
    await session.execute(
        delete(OutboxMessage).where(OutboxMessage.chat_id == chat.id, OutboxMessage.state != Delivery.PENDING)
    )
    chat.memory, chat.held_text, chat.held_until, chat.draft = {}, "", None, None
    return erased.rowcount
