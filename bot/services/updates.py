"""Updates whose effects are committed: whatever comes twice has its effects once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from bot.storage.database import Session
from bot.storage.tables import Update


async def note_handled(session: Session, source: str, update_id: int, *, now: datetime) -> bool:
    """Mark the update as handled by this transaction; False where it was handled before."""
    # The inserted row is asked for: the driver gives no row count for an insert.
    inserted = await session.execute(
        insert(Update)
        .values(source=source, update_id=update_id, handled_at=now)
        .on_conflict_do_nothing()
        .returning(Update.update_id)
    )
    return inserted.scalar() is not None
