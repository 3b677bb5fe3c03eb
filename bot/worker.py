"""The worker: what happens on a clock and answers nobody. Any number of them may run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from bot.app import App
from bot.storage.database import Session
from bot.storage.tables import Update

logger = logging.getLogger(__name__)

PAUSE_S = 3600.0
UPDATES_KEPT = timedelta(days=30)
"""Telegram delivers an update again for a day at most; a month leaves room for a backup put back."""


async def run(app: App, stop: asyncio.Event) -> None:
    """Every hour until `stop`; without a database the next hour does it."""
    while not stop.is_set():
        try:
            async with app.db.transaction() as session:
                forgotten = await forget_old_updates(session, now=datetime.now(UTC))
            logger.info("worker: forgot %d handled updates", forgotten)
        except SQLAlchemyError as error:
            logger.warning("worker: database away (%s)", type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_S)


async def forget_old_updates(session: Session, *, now: datetime) -> int:
    """Delete the marks of updates that can no longer come a second time; returns how many."""
    result = await session.execute(delete(Update).where(Update.handled_at < now - UPDATES_KEPT))
    return result.rowcount
