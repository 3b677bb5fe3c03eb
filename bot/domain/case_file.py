"""A case file as a reader sees it, whole or masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    at: datetime
    kind: str
    officer: str | None
    text: str
    id: int


@dataclass(frozen=True, slots=True)
class Attached:
    """A file, place or contact that belongs to the case; a file's content is opened by its `id`."""

    id: int
    at: datetime
    kind: str
    officer: str | None
    size_bytes: int | None
    told: str
    """Name of the file, place or contact; empty where the file is masked."""
    is_kept: bool
    """Its content is there to be opened."""


@dataclass(frozen=True, slots=True)
class Referred:
    agency: str
    letter: str
    referred_at: datetime
    due_at: datetime
    answered_at: datetime | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What is known of a case; where `is_masked`, its texts do not tell who the person is."""

    number: str
    is_masked: bool
    state: str
    urgency: str
    category: str
    country: str | None
    place: str | None
    duration: str | None
    is_for_other: bool
    privacy: str
    contact: str | None
    narrative: str
    officer: str | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcomes: dict[str, date]
    referrals: tuple[Referred, ...]
    attachments: tuple[Attached, ...]
    log: tuple[Entry, ...]
