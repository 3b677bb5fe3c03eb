"""Updates that were fetched and are not handled yet: a row each, so that Telegram may be told at once that they are here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, any_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from bot.storage.database import Session
from bot.storage.tables import WaitingUpdate


async def store(session: Session, source: str, updates: Sequence[tuple[int, dict[str, Any]]], *, now: datetime) -> None:
    """Keep these updates, by their numbers, until they are handled; one that is there already stays as it is."""
    rows = [
        {"source": source, "update_id": number, "payload": payload, "received_at": now} for number, payload in updates
    ]
    await session.execute(_STORE, rows)


async def waiting(session: Session, source: str) -> list[tuple[int, dict[str, Any]]]:
    """What a process that is gone has left, in the order in which it was sent."""
    found = select(WaitingUpdate).where(WaitingUpdate.source == source).order_by(WaitingUpdate.update_id)
    return [(row.update_id, row.payload) for row in (await session.execute(found)).scalars()]


async def forget(session: Session, source: str, numbers: Collection[int]) -> None:
    """They are handled: nothing of them stays here."""
    await session.execute(_FORGET, {"of": source, "handled": list(numbers)})


# With every message: putting the statements together takes longer than running them, above all one of several rows.
_WAITING = WaitingUpdate.__table__
_STORE = insert(_WAITING).on_conflict_do_nothing()
_FORGET = delete(_WAITING).where(
    _WAITING.c.source == bindparam("of"), _WAITING.c.update_id == any_(bindparam("handled", type_=ARRAY(BigInteger)))
)
