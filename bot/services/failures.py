"""Updates that could not be handled: kept whole under a number, and the person is told that number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.domain.messages import ChatRef, Reply
from bot.logs import masked
from bot.services import outbox, people, updates
from bot.storage.database import Session
from bot.storage.tables import FailedUpdate


async def keep_failed_update(
    session: Session,
    *,
    source: str,
    update_id: int,
    payload: dict[str, Any],
    error: str,
    tell: ChatRef | None,
    words: Callable[[int], str],
    now: datetime,
) -> int | None:
    """Keep the update and tell the chat `tell` in `words(number)`; None when the update was dealt with before."""
    if not await updates.note_handled(session, source, update_id, now=now):
        return None
    failed = FailedUpdate(
        source=source, update_id=update_id, payload=payload, error=masked(error)[:2000], failed_at=now
    )
    session.add(failed)
    await session.flush()
    if tell:
        chat = await people.lock_chat(session, tell, now=now)
        failed.chat_id = chat.id
        outbox.add(session, chat, Reply(body=words(failed.id)), now=now)
        await outbox.announce(session)
    return failed.id
