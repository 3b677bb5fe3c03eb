"""The worker forgets what can no longer matter, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.storage.database import Database
from bot.storage.tables import Update
from bot.worker import forget_old_updates
from tests.fakes import VAULT


async def test_marks_of_old_updates_are_forgotten_and_recent_ones_kept(database_url: str) -> None:
    now, db = datetime.now(UTC), Database(database_url, VAULT)
    async with db.transaction() as session:
        session.add(Update(source="telegram:1", update_id=1, handled_at=now - timedelta(days=31)))
        session.add(Update(source="telegram:1", update_id=2, handled_at=now - timedelta(days=29)))
    async with db.transaction() as session:
        assert await forget_old_updates(session, now=now) == 1
        assert (await session.scalars(select(Update.update_id))).all() == [2]
    await db.close()
