"""What news a person asked for: chosen, changed, stopped with one tap, and gone with their data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update

from bot.domain.broadcasts import WEEK, RecipientState, Topic
from bot.services import broadcast_figures
from bot.storage.database import Session
from bot.storage.tables import BroadcastRecipient, Chat, Subscription


async def of_chat(session: Session, chat_id: int) -> Subscription | None:
    return await session.get(Subscription, chat_id)


async def choose(
    session: Session,
    chat: Chat,
    *,
    topics: Iterable[Topic | str],
    country: str | None,
    district: str | None,
    now: datetime,
) -> Subscription | None:
    """Set what this chat hears of; without any topic that is the end of it, and None."""
    wanted = [topic for topic in Topic if topic in set(topics)]
    if not wanted:
        await stop(session, chat, now=now)
        return None
    found = await of_chat(session, chat.id)
    if found is None:
        found = Subscription(chat_id=chat.id, since=now)
        session.add(found)
    found.topics, found.country, found.district = [str(topic) for topic in wanted], country, district
    return found


async def stop(session: Session, chat: Chat, *, now: datetime) -> bool:
    """No news any more; the broadcast that was the last to arrive this week is told so. False where there was none."""
    ended = await session.execute(
        delete(Subscription).where(Subscription.chat_id == chat.id).returning(Subscription.chat_id)
    )
    if ended.scalar() is None:
        return False
    newest = (
        select(BroadcastRecipient.id)
        .where(BroadcastRecipient.chat_id == chat.id, BroadcastRecipient.given_at > now - WEEK)
        .order_by(BroadcastRecipient.given_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    await session.execute(update(BroadcastRecipient).where(BroadcastRecipient.id == newest).values(left_at=now))
    return True


async def forget(session: Session, chat_id: int) -> None:
    """Erase the choice, and who it was that broadcasts went to; that somebody got them still counts."""
    await session.execute(delete(Subscription).where(Subscription.chat_id == chat_id))
    mine = BroadcastRecipient.chat_id == chat_id
    is_waiting = BroadcastRecipient.state == RecipientState.WAITING
    await session.execute(update(BroadcastRecipient).where(mine, is_waiting).values(state=RecipientState.LEFT))
    await broadcast_figures.let_go(session, mine)


async def prune(session: Session) -> int:
    """End the news of those who blocked Silvi or are gone; returns how many."""
    gone = select(Chat.id).where(Chat.unreachable_at.is_not(None))
    ended = await session.execute(
        delete(Subscription).where(Subscription.chat_id.in_(gone)).returning(Subscription.chat_id)
    )
    return len(ended.all())
