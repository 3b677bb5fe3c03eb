"""Rings the open pages: something new waits for their chat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import psycopg

from bot.app import App
from bot.domain.messages import Channel
from bot.services import conversation, outbox

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE_S = 2.0


class Bell:
    """One look into the outbox per wake-up, however many pages are open, then only the chats with news are rung."""

    def __init__(self, app: App, channel: Channel = Channel.WEB) -> None:
        self._app = app
        self._channel = channel
        self._pages: dict[str, set[asyncio.Event]] = {}
        self.is_closing = False

    @asynccontextmanager
    async def page(self, chat_id: str) -> AsyncIterator[asyncio.Event]:
        """While a page of this chat is open: the event that is set when there is news."""
        event = asyncio.Event()
        self._pages.setdefault(chat_id, set()).add(event)
        try:
            yield event
        finally:
            self._pages[chat_id].discard(event)
            if not self._pages[chat_id]:
                del self._pages[chat_id]

    def close(self) -> None:
        """Let every open page go, so that the server can stop."""
        self.is_closing = True
        for events in self._pages.values():
            for event in events:
                event.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen to this process's wake-ups and to those of others."""
        tasks = [asyncio.create_task(self._ring_pages()), asyncio.create_task(self._hear_other_processes())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _ring_pages(self) -> None:
        wake_up = self._app.deliveries.event(self._channel)
        while True:
            await wake_up.wait()
            wake_up.clear()
            if not self._pages:
                continue
            try:
                async with self._app.db.transaction() as session:
                    chats = await conversation.waiting(session, self._channel, list(self._pages), now=datetime.now(UTC))
            except Exception:
                # The database is away: the pages look again by themselves at their next heartbeat.
                logger.warning("could not look for news of open chats", exc_info=True)
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
                continue
            for chat_id in chats:
                for event in self._pages.get(chat_id, ()):
                    event.set()

    async def _hear_other_processes(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._app.db.psycopg_dsn(), autocommit=True, connect_timeout=5
                ) as connection:
                    await connection.execute(f"listen {outbox.OUTBOX_CHANNEL}")
                    self._app.deliveries.wake(self._channel)  # for what came while nobody listened
                    async for _ in connection.notifies():
                        self._app.deliveries.wake(self._channel)
            except (psycopg.Error, OSError) as error:
                logger.warning("not listening for outbox news: %s", type(error).__name__)
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
