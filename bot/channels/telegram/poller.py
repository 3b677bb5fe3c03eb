"""Fetches updates and stores them: then Telegram may forget them, and however many wait, the next ones are seen.

Telegram hands out at most a hundred that are not acknowledged. Were they acknowledged when they are handled, a cry for
help behind a hundred others would not even be seen before the first of those is answered.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot.channels.telegram.errors import pause_asked_for
from bot.channels.telegram.pauses import growing_pauses, happens, unless
from bot.channels.telegram.receiver import ALLOWED_UPDATES, Receiver, Unfinished, storable, update_id
from bot.channels.telegram.request import Request
from bot.channels.telegram.translate import source
from bot.services import inbox
from bot.storage.database import Transactions

if TYPE_CHECKING:
    from bot.app import App

logger = logging.getLogger(__name__)

LONG_POLL_S = 25
MOST_IN_HAND = 2_000
"""More than this is left with Telegram, which keeps it for a day: it must fit into memory."""
STAND_BY_S = 1.0
"""So often a process looks whether the one that fetches is gone."""
SWEEP_S = 0.1
"""What is handled within this time is forgotten in one transaction."""
GRACE_S = 10.0
"""What is in hand when Silvi is told to stop may take this long; the rest stays stored."""


class Backlog:
    """Stored updates on their way through the receiver; each is forgotten once it is handled."""

    def __init__(self, app: App, receiver: Receiver, bot: Bot) -> None:
        self._app = app
        self._receiver = receiver
        self._source = source(bot)
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._handled: set[int] = set()
        self._is_handled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._in_hand)

    async def store(self, transaction: Transactions, updates: list[dict[str, Any]]) -> None:
        """Durable when this returns."""
        numbered = [(update_id(raw), storable(raw)) for raw in updates]
        async with transaction() as session:
            await inbox.store(session, self._source, numbered, now=datetime.now(UTC))
        for number, raw in numbered:
            self._begin(number, raw)

    async def take_up(self, transaction: Transactions) -> None:
        """Go on with what another process, or this one before it died, has left."""
        async with transaction() as session:
            left = await inbox.waiting(session, self._source)
        if left:
            logger.info("%d stored updates are taken up", len(left))
        for number, raw in left:
            self._begin(number, raw)

    def _begin(self, number: int, raw: dict[str, Any]) -> None:
        # In the order of the numbers: the messages of a chat are handled as they were sent.
        if number not in self._in_hand:
            self._in_hand[number] = asyncio.create_task(self._handle(number, raw))

    async def _handle(self, number: int, raw: dict[str, Any]) -> None:
        try:
            await self._receiver.receive(raw)
            self._handled.add(number)
            self._is_handled.set()
        except Unfinished:
            logger.info("update %d stays stored", number)
        finally:
            del self._in_hand[number]

    async def some_end(self) -> None:
        """Wait until there is room for more."""
        await asyncio.wait(self._in_hand.values(), return_when=asyncio.FIRST_COMPLETED)

    async def sweep(self) -> None:
        """Forget what is handled, as long as the service runs."""
        while True:
            await self._is_handled.wait()
            await asyncio.sleep(SWEEP_S)
            await self.forget_handled()

    async def forget_handled(self) -> None:
        """What the database does not take now is forgotten later; handled again it would have no effect."""
        self._is_handled.clear()
        numbers = tuple(self._handled)
        try:
            async with self._app.db.at_once() as session:
                await inbox.forget(session, self._source, numbers)
            self._handled.difference_update(numbers)
        except Exception as error:
            logger.warning("handled updates not forgotten yet (%s)", type(error).__name__)

    def drop(self) -> None:
        """Handle nothing more; it is stored."""
        for task in self._in_hand.values():
            task.cancel()

    async def finish(self) -> None:
        """Let what is in hand come to its end; the rest stays stored."""
        tasks = list(self._in_hand.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self.forget_handled()


class Poller:
    """Of all processes on one database one fetches; the others stand by and take over within seconds."""

    def __init__(self, app: App, receiver: Receiver, bot: Bot, *, stop: asyncio.Event) -> None:
        self._app = app
        self._bot = bot
        self._stop = stop
        self._backlog = Backlog(app, receiver, bot)
        self._offset = 0
        self._request = Request(2, connect_s=10.0, read_s=LONG_POLL_S + 10.0)

    async def run(self) -> None:
        """Fetch, store and hand over until told to stop; then finish what is in hand.

        Only then another process is let in, so that it does not begin the same once more.
        """
        sweeping = asyncio.create_task(self._backlog.sweep())
        async with self._request:
            try:
                await self._fetch_until_stop()
                await self._backlog.finish()
            finally:
                self._backlog.drop()
                sweeping.cancel()
                await asyncio.gather(sweeping, return_exceptions=True)

    async def _fetch_until_stop(self) -> None:
        pauses = growing_pauses(1.0, 10.0)
        while not self._stop.is_set():
            try:
                async with self._app.db.sole(f"fetch {source(self._bot)}") as transaction:
                    if transaction:
                        await self._backlog.take_up(transaction)
                        pauses = growing_pauses(1.0, 10.0)
                        await unless(self._stop, self._fetch_alone(transaction))
                        await self._acknowledge()
                        await self._backlog.finish()
                await happens(self._stop, STAND_BY_S)
            except Exception as error:  # the database is away: what is not stored stays with Telegram
                pause_s = next(pauses)
                logger.warning("updates not stored (%s), next try in %.0f s", type(error).__name__, pause_s)
                await happens(self._stop, pause_s)

    async def _fetch_alone(self, transaction: Transactions) -> None:
        """Without end; raises where the database takes nothing any more."""
        pauses = growing_pauses(1.0, 30.0)
        while True:
            if len(self._backlog) >= MOST_IN_HAND:
                await self._backlog.some_end()
                continue
            try:
                fetched = await self._fetch(timeout_s=LONG_POLL_S)
            except RetryAfter as error:
                await asyncio.sleep(pause_asked_for(error).total_seconds())
                continue
            except TelegramError as error:  # network, or 409: another bot's program uses the same token
                pause_s = next(pauses)
                logger.warning("no updates (%s), next try in %.0f s", type(error).__name__, pause_s)
                await asyncio.sleep(pause_s)
                continue
            pauses = growing_pauses(1.0, 30.0)
            await self._take(transaction, fetched)

    async def _take(self, transaction: Transactions, fetched: list[dict[str, Any]]) -> None:
        usable = [raw for raw in fetched if update_id(raw) >= self._offset]
        if len(usable) < len(fetched):
            logger.error("skipped %d updates without a usable number", len(fetched) - len(usable))
        if usable:
            await self._backlog.store(transaction, usable)
            self._offset = max(map(update_id, usable)) + 1
        elif not fetched:
            # Everything before the offset is forgotten by now. After a quiet week Telegram counts from any number on,
            # and one below the offset would never be seen.
            self._offset = 0
        else:
            # What has no number cannot be acknowledged: it comes again at once until a good update follows.
            await asyncio.sleep(1.0)

    async def _fetch(self, *, timeout_s: int, limit: int = 100) -> list[dict[str, Any]]:
        # PTB's get_updates parses a whole batch at once: one malformed update would hide the others.
        query = {
            "offset": self._offset,
            "limit": limit,
            "timeout": timeout_s,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        return await self._request.post(f"{self._bot.base_url}/getUpdates?{urlencode(query)}")

    async def _acknowledge(self) -> None:
        try:
            await self._fetch(timeout_s=0, limit=1)
        except TelegramError as error:
            logger.info("last acknowledgement not possible (%s): duplicates will be recognised", type(error).__name__)


async def handle_left(app: App, receiver: Receiver, bot: Bot, *, stop: asyncio.Event) -> None:
    """Where updates now come by webhook: handle what was fetched and stored before that and left."""
    backlog = Backlog(app, receiver, bot)
    for pause_s in growing_pauses(1.0, 30.0):
        try:
            async with app.db.sole(f"fetch {source(bot)}") as transaction:
                if transaction:
                    await backlog.take_up(transaction)
                    await backlog.finish()
                    return
        except Exception as error:  # the database is away
            logger.warning("stored updates not read (%s), next try in %.0f s", type(error).__name__, pause_s)
        if await happens(stop, pause_s):
            return
