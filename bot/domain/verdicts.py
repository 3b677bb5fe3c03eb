"""When a recruiter may be shown to the public as reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

LASTS = timedelta(days=180)
LASTS_AT_MOST = timedelta(days=365)
REPLY_WITHIN = timedelta(days=3)
"""So long a recruiter has to answer before a second officer may agree."""


class BadVerdict(Exception):
    """A verdict that may not be proposed, agreed or ended so."""


class NothingChosen(BadVerdict):
    """It is about no trace of the file, or about a personal name, which others bear too."""


class BadDay(BadVerdict):
    """The invitation lies ahead, or the end is past or too far away."""


class SameOfficer(BadVerdict):
    """The one who proposed cannot be the second."""


class ReplyStillOpen(BadVerdict):
    """The recruiter still has time to answer, until `until`."""

    def __init__(self, until: date) -> None:
        super().__init__(f"until {until}")
        self.until = until


class NotNow(BadVerdict):
    """There is none in the state this needs, or there is one already."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What the public is told: what of the text it is about, since when, until when, and what the recruiter says."""

    shown: tuple[str, ...]
    since: date
    until: date
    statement: str | None


def check_days(invited_on: date, expires_on: date, *, today: date) -> None:
    """Raises BadDay."""
    if invited_on > today or not today < expires_on <= today + LASTS_AT_MOST:
        raise BadDay


def check_second(proposed_by: int, officer_id: int, invited_on: date, *, has_answered: bool, today: date) -> None:
    """Raises SameOfficer or ReplyStillOpen."""
    if proposed_by == officer_id:
        raise SameOfficer
    if not has_answered and today < invited_on + REPLY_WITHIN:
        raise ReplyStillOpen(invited_on + REPLY_WITHIN)
