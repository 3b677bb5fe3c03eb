"""Our own receiver in front of PTB's handlers: brings each update to its end, whatever stands in the way.

PTB's updater acknowledges an update when it is fetched; a crash in between would lose a complaint. Here it is stored first
(`poller`), or handled before the webhook's call is answered.
"""

from __future__ import annotations

import asyncio
import json
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from telegram import Bot, Update
from telegram.ext import Application

from bot import logs
from bot.channels.telegram.pauses import growing_pauses, happens
from bot.channels.telegram.translate import chat_of, is_addressed, lane_of, source, text_of
from bot.dialogue.understand import sounds_dangerous
from bot.domain.messages import Channel, ChatRef
from bot.services.failures import keep_failed_update
from bot.storage.database import takes_no_writes
from bot.texts import danger
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
                if not takes_no_writes(error) and await self._app.db.answers():
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
                words=partial(update_failed, danger.while_broken(self._app.office())),
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
