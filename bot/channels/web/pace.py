"""How fast one chat may write."""

from __future__ import annotations

import time
from collections.abc import Callable

KEPT_CHATS = 10_000


class Pace:
    """A token bucket per chat: `burst` messages at once, then one every `every_s` seconds.

    Kept in this process alone: it guards this process's time, so it may forget, and another process counts anew.
    """

    def __init__(self, *, burst: int = 12, every_s: float = 2.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._every_s = every_s
        self._clock = clock
        self._full_at: dict[str, float] = {}
        """Per chat, the moment at which its bucket is full again."""

    def wait_s(self, chat_id: str) -> float:
        """0 when the chat may write now (and this counts), otherwise the seconds until it may."""
        now = self._clock()
        full_at = max(self._full_at.get(chat_id, now), now) + self._every_s
        too_early_s = full_at - now - self._burst * self._every_s
        if too_early_s > 0:
            return too_early_s
        if len(self._full_at) >= KEPT_CHATS:
            self._full_at = {chat: moment for chat, moment in self._full_at.items() if moment > now}
        self._full_at[chat_id] = full_at
        return 0.0
