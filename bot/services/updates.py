"""Updates whose effects are committed: whatever comes twice has its effects once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from bot.storage.database import Session
from bot.storage.tables import Update


async def note_handled(session: Session, source: str, update_id: int, *, now: datetime) -> bool:
    """Mark the update as handled by this transaction; False where it was handled before."""
    known = {"source": source, "update_id": update_id, "handled_at": now}
    return (await session.execute(_NOTE, known)).scalar() is not None


_NOTE = (
    insert(Update.__table__)
    .values({name: bindparam(name) for name in ("source", "update_id", "handled_at")})
    .on_conflict_do_nothing()
    .returning(Update.update_id)
)
"""Put together once, for every message. The inserted row is asked for: the driver gives no row count for an insert."""
