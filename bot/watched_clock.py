"""Notices that the machine's clock was set, by the clock that only counts seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

logger = logging.getLogger(__name__)

TOLERANCE = timedelta(seconds=5)
"""Less is a clock being brought right little by little; pauses are no finer than that."""
JUMP = timedelta(minutes=2)
"""What is done by the minute does not suffer from less."""


def counted_s() -> float:
    """Seconds since the machine started, those it slept through among them where the system counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class WatchedClock:
    """Compares moments of the wall clock with the seconds that passed between them."""

    def __init__(self, counting: Callable[[], float] = counted_s) -> None:
        self._counting = counting
        self._seen: tuple[datetime, float] | None = None

    def is_seen(self, now: datetime) -> None:
        """From here on."""
        self._seen = now, self._counting()

    def off_by(self, now: datetime) -> timedelta:
        """By how much `now` is later than it can be; negative where it is earlier."""
        if self._seen is None:
            return timedelta()
        at, counted = self._seen
        return now - at - timedelta(seconds=self._counting() - counted)

    def went_back(self, now: datetime) -> bool:
        """Whether `now` is earlier than it can be."""
        return self.off_by(now) < -TOLERANCE


class SteadyClock:
    """How far the wall clock may be acted on: after a jump ahead it is believed only when it has stood for a while.

    A jump ahead may be a mistake that somebody puts right, or the correction of one: nobody can tell at once. What harms
    nobody when it comes too early need not ask; what cannot be taken back asks for the longest.
    """

    def __init__(self, now: datetime, counting: Callable[[], float] = counted_s) -> None:
        self._counting = counting
        self._watched = WatchedClock(counting)
        self._watched.is_seen(now)
        self._ahead_since: float | None = None

    def jumped(self, now: datetime) -> bool:
        """Whether the clock was set since the last look; one that is put back is believed again."""
        off_by = self._watched.off_by(now)
        self._watched.is_seen(now)
        if abs(off_by) < JUMP:
            return False
        self._ahead_since = self._counting() if off_by > timedelta() else None
        logger.error("the clock was set %s by %s", "ahead" if off_by > timedelta() else "back", abs(off_by))
        return True

    def stood_for(self, time_needed: timedelta) -> bool:
        """True where it has not jumped ahead, or so long ago."""
        return self._ahead_since is None or self._counting() - self._ahead_since >= time_needed.total_seconds()
