"""What one person has written and a second one must agree to before it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Subject(StrEnum):
    DRAFT = "draft"
    BROADCAST = "broadcast"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that one person has written and another must agree to."""

    subject: Subject
    key: str
    """The entry, or the number of the broadcast or the recruiter."""
    title: str
    by: str
    since: datetime
    is_yours: bool
    """This officer may be the second person."""
    not_before: date | None = None
    """A recruiter has time to answer until this day."""
