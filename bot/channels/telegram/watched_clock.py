"""Notices that the machine's clock was put back, by the clock that only counts seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

TOLERANCE = timedelta(seconds=5)
"""Less is a clock being brought right little by little; pauses are no finer than that."""


class WatchedClock:
    """Compares moments of the wall clock with the seconds that passed between them."""

    def __init__(self, counting: Callable[[], float] = time.monotonic) -> None:
        self._counting = counting
        self._seen: tuple[datetime, float] | None = None

    def is_seen(self, now: datetime) -> None:
        """From here on."""
        self._seen = now, self._counting()

    def went_back(self, now: datetime) -> bool:
        """Whether `now` is earlier than it can be."""
        if self._seen is None:
            return False
        at, counted = self._seen
        return now < at + timedelta(seconds=self._counting() - counted) - TOLERANCE
