"""How many messages of one chat are answered one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
MOST_IN_MINUTE = 20
"""Nobody types more; what is more is forwarded in one go, or meant to hurt."""
QUIET_S = 5.0
"""After so long without another message, those that came too fast are answered together."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages since the minute began."""

    began_at: datetime | None = None
    count: int = 0

    def after_one_more(self, now: datetime) -> Pace:
        """With the message of `now`; a minute that is over, or lies ahead of a clock put back, begins anew."""
        if self.began_at is None or not self.began_at <= now < self.began_at + MINUTE:
            return Pace(now, 1)
        return Pace(self.began_at, self.count + 1)

    @property
    def is_too_fast(self) -> bool:
        return self.count > MOST_IN_MINUTE

    @property
    def just_became_too_fast(self) -> bool:
        """It is said once a minute, not at each message."""
        return self.count == MOST_IN_MINUTE + 1
