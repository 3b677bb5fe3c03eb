"""Files sent to Silvi, fetched from Telegram to be kept."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot import logs
from bot.channels.telegram.pauses import happens
from bot.dialogue import offer
from bot.services import attachments
from bot.services.attachments import ToFetch

if TYPE_CHECKING:
    from bot.app import App

logger = logging.getLogger(__name__)

LOOK_S = 2.0
FETCHING_MAX_S = 50.0
"""Less than the pause before the next try, so that no other process begins meanwhile."""
READ_TIMEOUT_S = 20.0


class Fetcher:
    """Fetches what is sent to Silvi and keeps it, so that a case has its evidence whatever happens at Telegram.

    Of what was fetched it has read and answered the offers that wait for it.
    """

    def __init__(self, app: App, bot: Bot, *, stop: asyncio.Event) -> None:
        self._app = app
        self._bot = bot
        self._stop = stop

    async def run(self) -> None:
        """Until `stop`, one file after the other; any number of processes may do so."""
        while not self._stop.is_set():
            try:
                while not self._stop.is_set() and await self._do_next():
                    pass
            except Exception as error:  # the database is away: what is to be fetched stands in it
                logger.warning("files to fetch not readable (%s)", type(error).__name__)
            await happens(self._stop, LOOK_S)

    async def _do_next(self) -> bool:
        """One file or one answer, a turn of its own in the log; False where nothing is due."""
        with logs.turn():
            return await self._fetch_next() or await offer.answer_waiting(self._app)

    async def _fetch_next(self) -> bool:
        """False where nothing is due."""
        async with self._app.db.transaction() as session:
            due = await attachments.claim_to_fetch(session, limit=1, now=datetime.now(UTC))
        for item in due:
            await self._fetch(item)
        return bool(due)

    async def _fetch(self, item: ToFetch) -> None:
        reason = ""
        try:
            async with asyncio.timeout(FETCHING_MAX_S):
                file = await self._bot.get_file(item.file_id)
                content = bytes(await file.download_as_bytearray(read_timeout=READ_TIMEOUT_S))
        except BadRequest as error:  # gone, of another bot, or too large: no later try will be better
            reason = error.message
        except (TelegramError, TimeoutError) as error:
            logger.warning("attachment %s not fetched (%s)", item.id, type(error).__name__)
            if item.attempts < attachments.TRIES:
                return
            reason = type(error).__name__
        now = datetime.now(UTC)
        async with self._app.db.transaction() as session:
            if reason:
                logger.warning("attachment %s is not kept: %s", item.id, reason)
                await attachments.give_up(session, item.id, reason)
            else:
                await attachments.store(session, item.id, content, now=now)
