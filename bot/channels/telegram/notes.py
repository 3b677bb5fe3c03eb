"""What became of messages, kept in this process until the database has it: nothing that is out must go out again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.channels.telegram.pauses import growing_pauses
from bot.storage.database import Session, takes_no_writes

if TYPE_CHECKING:
    from bot.post import Post

logger = logging.getLogger(__name__)

LONGEST_PAUSE_S = 2.0
OTHERS_NOTE_WITHIN_S = 10.0
"""After an outage every process has written by then: its longest pause, and the time to connect."""
TRIES = 5
"""Beside a working database; what it refuses so often is our own mistake, and waiting will not mend it."""

Write = Callable[[Session], Awaitable[None]]
"""What became of a message, as one write to the outbox."""


class Notes:
    """Writes as soon as the database takes it, each message's writes in their order."""

    def __init__(self, app: Post) -> None:
        self._app = app
        self._latest: dict[int, asyncio.Task[None]] = {}
        """By message, its newest write while that is under way."""

    async def write(self, message_id: int, write: Write) -> None:
        """Return when it is written; who is cancelled meanwhile leaves it to be written without them."""
        task = asyncio.create_task(self._write_after(self._latest.get(message_id), write))
        self._latest[message_id] = task
        try:
            await asyncio.shield(task)
        finally:
            if task.done() and self._latest.get(message_id) is task:
                del self._latest[message_id]

    async def finish(self, within_s: float) -> None:
        """Write what is left, as far as the time goes."""
        waiting = [task for task in self._latest.values() if not task.done()]
        if not waiting:
            return
        _, late = await asyncio.wait(waiting, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            logger.warning("%d results not written: those messages may go out twice", len(late))

    async def _write_after(self, earlier: asyncio.Task[None] | None, write: Write) -> None:
        if earlier:
            await asyncio.wait({earlier})
        failures = 0
        for pause_s in growing_pauses(0.2, LONGEST_PAUSE_S):
            try:
                async with self._app.db.transaction() as session:
                    return await write(session)
            except Exception as error:
                # Only what fails beside a working database is the write's own fault.
                failures += not takes_no_writes(error) and await self._app.db.answers()
                if failures >= TRIES:
                    logger.exception("outbox not written; the lease runs out and another try follows")
                    return
                logger.warning("outbox not writable (%s), trying again", type(error).__name__)
            await asyncio.sleep(pause_s)


class Outage:
    """After the database was away: leases that ran out meanwhile tell nothing of the process that holds them.

    It may have sent in time and wait, as this one does, to write it down.
    """

    def __init__(self, now: datetime) -> None:
        self._last_look_at = now
        self._began_at: datetime | None = None
        self._over_at: datetime | None = None

    def looked(self, now: datetime) -> None:
        """The database has answered."""
        self._last_look_at = now

    def goes_on(self) -> None:
        """The database does not answer."""
        self._began_at, self._over_at = self._began_at or self._last_look_at, None

    def abandoned_before(self, now: datetime) -> datetime:
        """A lease that ran out before this is of a process that is gone."""
        if self._began_at and self._over_at is None:
            self._over_at = now + timedelta(seconds=OTHERS_NOTE_WITHIN_S)
        if self._began_at is None or now >= self._over_at:
            self._began_at = self._over_at = None
            return now
        return self._began_at
