"""Sends broadcasts: one message after the other, slower than Telegram allows, and behind everything else."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

from bot.channels.telegram.pauses import growing_pauses, happens
from bot.domain.broadcasts import PER_SECOND
from bot.services import sending
from bot.services.outbox import Claimed

if TYPE_CHECKING:
    from bot.post import Post

logger = logging.getLogger(__name__)

LOOK_S = 1.0


class Traffic:
    """What this process has sent in the last second, replies included."""

    def __init__(self) -> None:
        self._sent: deque[float] = deque()

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

    async def run(self) -> None:
        """Until `stop`; the message in hand is finished, and the lane is free for another process."""
        pauses = growing_pauses(0.5, 10.0)
        while not self._stop.is_set():
            try:
                wait_s = await self._step()
                pauses = growing_pauses(0.5, 10.0)
            except Exception as error:  # the database is away: what waits there waits
                wait_s = next(pauses)
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
            if not await sending.hold_lane(session, self._holder, now=now, lease_s=self._lease_s):
                return LOOK_S
            claimed = await sending.take_next(session, zone=self._zone, now=now, lease_s=self._lease_s)
        if claimed is None:
            return LOOK_S
        await asyncio.sleep(self._traffic.gap_s())
        await self._deliver(claimed)
        return 0.0
