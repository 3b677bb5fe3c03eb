"""Sends broadcasts: one message after the other, slower than Telegram allows, and behind everything else."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

from bot.channels.telegram.pauses import growing_pauses, happens
from bot.domain.broadcasts import PER_SECOND
from bot.services import sending
from bot.services.outbox import Claimed
from bot.storage.database import Session

if TYPE_CHECKING:
    from bot.post import Post

logger = logging.getLogger(__name__)

LOOK_S = 1.0
RENEWED_AFTER = 4
"""A lease is renewed after this part of its time: a message takes at most half of it."""
CHAT_GAP_S = 1.0
"""Telegram asks for one message a second to a person. It lets short bursts pass, and nobody knows how short."""


class Traffic:
    """What was sent in the last second, replies included: by this process, and by the others as they tell it."""

    def __init__(self) -> None:
        self._sent: deque[float] = deque()
        self._last_to: OrderedDict[int, float] = OrderedDict()
        """When each person's last message was out, the oldest first."""

    @asynccontextmanager
    async def one_to(self, chat_id: int) -> AsyncIterator[None]:
        """Something goes out inside, to a person not before their last message is CHAT_GAP_S old.

        A group waits for nothing: Telegram counts it by the minute, and an emergency may stand in it.
        """
        is_person = chat_id > 0
        if is_person:
            await asyncio.sleep(self._last_to.get(chat_id, float("-inf")) + CHAT_GAP_S - time.monotonic())
        self.note()
        try:
            yield
        finally:
            if is_person:
                self._note_out(chat_id)

    def _note_out(self, chat_id: int) -> None:
        now = time.monotonic()
        self._last_to.pop(chat_id, None)
        self._last_to[chat_id] = now
        while self._last_to and next(iter(self._last_to.values())) <= now - CHAT_GAP_S:
            self._last_to.popitem(last=False)

    def note_elsewhere(self, chat_id: int) -> None:
        """Another process has sent something: Telegram counts the bot, not its processes."""
        self.note()
        if chat_id > 0:
            self._note_out(chat_id)

    def note(self) -> None:
        """Something goes out now."""
        self._sent.append(time.monotonic())

    def full_for_s(self) -> float:
        """Seconds until there is room for a broadcast's message; 0 where there is."""
        now = time.monotonic()
        while self._sent and self._sent[0] <= now - 1:
            self._sent.popleft()
        return self._sent[0] + 1 - now if len(self._sent) >= PER_SECOND else 0.0

    def gap_s(self) -> float:
        """Seconds to wait so that messages are evenly spread, with room for a reply at any moment."""
        return max(self._sent[-1] + 1 / PER_SECOND - time.monotonic(), 0.0) if self._sent else 0.0


class Lane:
    """Of all processes one sends broadcasts, and never two messages at once.

    That costs speed where Telegram answers slowly. It buys that a kill leaves at most one message of which nobody knows
    whether it arrived.
    """

    def __init__(
        self,
        app: Post,
        deliver: Callable[[Claimed], Awaitable[None]],
        traffic: Traffic,
        *,
        is_limited: Callable[[datetime], bool],
        lease_s: float,
        stop: asyncio.Event,
    ) -> None:
        self._app = app
        self._deliver = deliver
        self._traffic = traffic
        self._is_limited = is_limited
        self._lease_s = lease_s
        self._stop = stop
        self._holder = uuid4().hex
        self._zone = ZoneInfo(app.settings.time_zone)
        self._held_until = 0.0
        """By this process's clock, until when the lane is surely its own without asking again."""

    async def run(self) -> None:
        """Until `stop`; the message in hand is finished, and the lane is free for another process."""
        pauses = growing_pauses(0.5, 10.0)
        while not self._stop.is_set():
            try:
                wait_s = await self._step()
                pauses = growing_pauses(0.5, 10.0)
            except Exception as error:  # the database is away: what waits there waits
                wait_s = next(pauses)
                # A renewal may have been rolled back with the rest.
                self._held_until = 0.0
                logger.warning("broadcasts not readable (%s), next try in %.1f s", type(error).__name__, wait_s)
            if wait_s:
                await happens(self._stop, wait_s)
        try:
            async with self._app.db.transaction() as session:
                await sending.leave_lane(session, self._holder, now=datetime.now(UTC))
        except Exception as error:
            logger.info("lane not left (%s); its lease runs out", type(error).__name__)

    async def _step(self) -> float:
        """Send the next message, or say how long to wait before looking again."""
        now = datetime.now(UTC)
        if self._is_limited(now):
            return LOOK_S
        if full_s := self._traffic.full_for_s():
            return full_s
        async with self._app.db.transaction() as session:
            if not await sending.is_any_waiting(session):
                return LOOK_S
            if not await self._holds(session, now):
                return LOOK_S
            claimed = await sending.take_next(session, zone=self._zone, now=now, lease_s=self._lease_s)
        if claimed is None:
            return LOOK_S
        await asyncio.sleep(self._traffic.gap_s())
        await self._deliver(claimed)
        return 0.0

    async def _holds(self, session: Session, now: datetime) -> bool:
        """Whether the lane is ours; its lease is renewed long before it runs out, not with every message."""
        asked_at = time.monotonic()
        if asked_at < self._held_until:
            return True
        is_ours = await sending.hold_lane(session, self._holder, now=now, lease_s=self._lease_s)
        self._held_until = asked_at + self._lease_s / RENEWED_AFTER if is_ours else 0.0
        return is_ours
