"""Our own receiver in front of PTB's handlers: an update is acknowledged only after its effects are committed.

PTB's updater acknowledges an update when it is fetched; a crash in between would lose a complaint.
"""

from __future__ import annotations

import asyncio
import json
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from weakref import WeakValueDictionary

from telegram import Bot, Update
from telegram.error import RetryAfter
from telegram.ext import Application

from bot import logs
from bot.channels.telegram.errors import pause_asked_for
from bot.channels.telegram.pauses import growing_pauses, happens, unless
from bot.channels.telegram.request import Request
from bot.channels.telegram.translate import chat_of, is_addressed, lane_of, source, text_of
from bot.dialogue.understand import sounds_dangerous
from bot.domain.messages import Channel, ChatRef
from bot.services.failures import keep_failed_update
from bot.texts.telegram import update_failed

if TYPE_CHECKING:
    from bot.app import App

logger = logging.getLogger(__name__)

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
ATTEMPTS = 3
AT_ONCE = 12
"""Updates of different chats in hand at the same time; the database pool is the limit behind it."""
URGENT_AT_ONCE = 4
"""Places that only cries for help take, so that no crowd of other messages is before them."""
MAKES_WAY_S = 2.0
"""So long what is not urgent does not begin beside a cry for help; no longer, so that nobody can hold all others up."""
LONG_POLL_S = 25
LOOK_AGAIN_S = 0.1
"""While an update is in hand, new ones are looked for this often: an open one makes every long poll return at once."""
GRACE_S = 10.0
"""What is in hand when Silvi is told to stop may take this long; the rest is delivered again."""
WEBHOOK_PATIENCE_S = 20.0
"""Telegram gives a webhook call up after a minute; before that we refuse it and are called again."""


class Unfinished(Exception):
    """The update is neither handled nor kept: it must be delivered again."""


class MalformedUpdate(Exception):
    """Nothing Telegram would send; no second try will read it better."""


class Receiver:
    """Brings raw updates to their end: handled and committed, or kept under a number after three failures."""

    def __init__(
        self, app: App, application: Application, *, stop: asyncio.Event, patience_s: float | None = None
    ) -> None:
        self._app = app
        self._application = application
        self._stop = stop
        self._patience_s = patience_s
        self._places, self._urgent_places = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(URGENT_AT_ONCE)
        self._urgent_in_hand = 0
        self._nothing_urgent = asyncio.Event()
        self._nothing_urgent.set()
        # A lane's lock lives as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def receive(self, raw: dict[str, Any]) -> None:
        """Return after the commit; raises Unfinished when stopping, or out of patience with an absent database."""
        raw = storable(raw)
        lane = lane_of(raw)
        lock = self._locks.setdefault(lane, asyncio.Lock()) if lane else asyncio.Lock()
        is_urgent = sounds_dangerous(text_of(raw))
        if is_urgent:
            with self._going_first():
                async with lock, self._urgent_places if self._places.locked() else self._places:
                    with logs.turn():
                        await self._bring_to_an_end(raw)
        else:
            async with lock, self._places:
                await happens(self._nothing_urgent, MAKES_WAY_S)
                with logs.turn():
                    await self._bring_to_an_end(raw)

    @contextmanager
    def _going_first(self) -> Iterator[None]:
        """The processor is what a crowd fights for: what has not begun waits a moment."""
        self._urgent_in_hand += 1
        self._nothing_urgent.clear()
        try:
            yield
        finally:
            self._urgent_in_hand -= 1
            if not self._urgent_in_hand:
                self._nothing_urgent.set()

    async def _bring_to_an_end(self, raw: dict[str, Any]) -> None:
        failures, failure = 0, None
        waited_s = 0.0
        for pause_s in growing_pauses(0.2, 10.0):
            try:
                if failures < ATTEMPTS:
                    await self._application.process_update(read(raw, self._application.bot))
                else:
                    await self._keep(raw, failure)
                return
            except MalformedUpdate as error:
                failures, failure = ATTEMPTS, error
            except Exception as error:  # whatever a handler raises, the other chats go on
                logger.warning("update %s not handled yet", raw.get("update_id"), exc_info=True)
                # Only what fails beside a working database is the update's own fault.
                if await self._database_answers():
                    failures, failure = failures + 1, error
            waited_s += pause_s
            if self._patience_s is not None and waited_s > self._patience_s or await happens(self._stop, pause_s):
                raise Unfinished(raw.get("update_id"))

    async def _keep(self, raw: dict[str, Any], failure: Exception | None) -> None:
        """Keep the whole update under a number and tell the person that number."""
        async with self._app.db.transaction() as session:
            number = await keep_failed_update(
                session,
                source=source(self._application.bot),
                update_id=update_id(raw),
                payload=raw,
                error=f"{type(failure).__name__}: {failure}",
                tell=self._whom_to_tell(raw),
                words=update_failed,
                now=datetime.now(UTC),
            )
        logger.error("update kept under number %s: %s", number, type(failure).__name__)
        self._app.deliveries.wake(Channel.TELEGRAM)

    def _whom_to_tell(self, raw: dict[str, Any]) -> ChatRef | None:
        """The person's own chat, or the group that addressed Silvi; None where a word would come out of nowhere."""
        chat = chat_of(raw)
        if chat is None or "my_chat_member" in raw:
            return None
        if not chat.is_group or "callback_query" in raw:
            return chat
        try:
            message = read(raw, self._application.bot).effective_message
        except MalformedUpdate:
            return None
        return chat if message and is_addressed(message, self._application.bot) else None

    async def _database_answers(self) -> bool:
        try:
            await self._app.db.ping()
        except Exception:
            return False
        return True


class Poller:
    """Fetches updates; the offset moves past an update only when it and all before it are done."""

    def __init__(self, receiver: Receiver, bot: Bot, *, stop: asyncio.Event) -> None:
        self._receiver = receiver
        self._bot = bot
        self._stop = stop
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        """By update id, done or not, from the first that is not done on."""
        self._next_id = 0
        self._request = Request(2, connect_s=10.0, read_s=LONG_POLL_S + 10.0)

    async def run(self) -> None:
        """Fetch and hand over until told to stop; then finish what is in hand and acknowledge it."""
        async with self._request:
            try:
                await self._fetch_and_hand_over()
                await self._finish()
            finally:
                for task in self._in_hand.values():
                    task.cancel()

    async def _fetch_and_hand_over(self) -> None:
        pauses = growing_pauses(1.0, 30.0)
        while not self._stop.is_set():
            try:
                await unless(self._stop, self._round())
                pauses = growing_pauses(1.0, 30.0)
            except RetryAfter as error:
                await happens(self._stop, pause_asked_for(error).total_seconds())
            except Exception as error:  # network, 409 of a second poller, an answer that makes no sense
                pause_s = next(pauses)
                logger.warning("no updates (%s), next try in %.0f s", type(error).__name__, pause_s)
                await happens(self._stop, pause_s)

    async def _round(self) -> None:
        """One fetch; then wait a moment for what is in hand, so that the next fetch can ask beyond it."""
        offset = self._settle()
        fetched = await self._fetch(offset, timeout_s=0 if self._in_hand else LONG_POLL_S)
        for raw in fetched:
            number = update_id(raw)
            if number < offset:
                logger.error("skipped an update without a usable number")
            elif number not in self._in_hand:
                self._in_hand[number] = asyncio.create_task(self._receiver.receive(raw))
        if fetched and not self._in_hand:
            # What has no number cannot be acknowledged: it comes again at once until a good update follows.
            await asyncio.sleep(1.0)
        if self._in_hand:
            await asyncio.wait(self._in_hand.values(), timeout=LOOK_AGAIN_S)

    def _settle(self) -> int:
        """Forget the updates that are done with all before them, and return the first number not yet done."""
        for number in sorted(self._in_hand):
            task = self._in_hand[number]
            if not task.done() or task.cancelled() or task.exception():
                return number
            del self._in_hand[number]
            self._next_id = number + 1
        return self._next_id

    async def _fetch(self, offset: int, *, timeout_s: int, limit: int = 100) -> list[dict[str, Any]]:
        # PTB's get_updates parses a whole batch at once: one malformed update would hide the others.
        query = {
            "offset": offset,
            "limit": limit,
            "timeout": timeout_s,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        return await self._request.post(f"{self._bot.base_url}/getUpdates?{urlencode(query)}")

    async def _finish(self) -> None:
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand.values(), timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await self._fetch(self._settle(), timeout_s=0, limit=1)
        except Exception as error:
            logger.info("last acknowledgement not possible (%s): duplicates will be recognised", type(error).__name__)


def read(raw: dict[str, Any], bot: Bot) -> Update:
    """The update as PTB knows it; raises MalformedUpdate."""
    if not isinstance(raw.get("update_id"), int):
        raise MalformedUpdate("no update_id")
    try:
        return Update.de_json(raw, bot)
    except Exception as error:  # PTB raises whatever a missing or odd field leads to
        raise MalformedUpdate(f"{type(error).__name__}: {error}") from error


def update_id(raw: dict[str, Any]) -> int:
    """Telegram's number of the update; one without a usable number is known by the checksum of its content, negated."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    if isinstance(number, int) and 0 <= number < 2**63:
        return number
    return -zlib.crc32(json.dumps(raw).encode()) - 1


def storable(value: Any) -> Any:
    """The same JSON without NUL and lone surrogates, which PostgreSQL cannot hold."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "ignore").decode()
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value
