"""How long each class of data is kept (UU 27/2022: no longer than its purpose needs), and what ends it.

The periods are the program's own choice, not numbers of a law: an office whose archive schedule (jadwal retensi arsip)
asks for others changes them here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kept(StrEnum):
    """A class of data."""

    UPDATES = "updates"
    WAITING_UPDATES = "waiting_updates"
    LEFT_OVER_FILES = "left_over_files"
    OFFER_TEXTS = "offer_texts"
    QUESTIONS = "questions"
    OFFERS = "offers"
    TRACES = "traces"
    RECIPIENTS = "recipients"
    MESSAGES = "messages"
    EPISODE_QUESTIONS = "episode_questions"
    INTRODUCTIONS = "introductions"
    DRAFTS = "drafts"
    CHECKLISTS = "checklists"
    FAILED_UPDATES = "failed_updates"
    CONSOLE_SESSIONS = "console_sessions"
    CONSOLE_FILES = "console_files"
    CASES = "cases"
    ERASED_CHATS = "erased_chats"
    SILENT_CHATS = "silent_chats"


@dataclass(frozen=True, slots=True)
class Period:
    """How long after its beginning something is kept, and why so long."""

    lasts: timedelta
    why: str


DAY = timedelta(days=1)
YEAR = timedelta(days=365)

PERIODS = {
    Kept.UPDATES: Period(30 * DAY, "Telegram delivers again for a day; a month leaves room for a backup put back"),
    Kept.WAITING_UPDATES: Period(30 * DAY, "goes when it is handled; what is left is of a bot that is no longer served"),
    Kept.LEFT_OVER_FILES: Period(3 * DAY, "waits for the report it belongs to"),
    Kept.OFFER_TEXTS: Period(3 * DAY, "may still be reported"),
    Kept.QUESTIONS: Period(2 * YEAR, "masked; the answers are mended with them, and people told of corrections"),
    Kept.OFFERS: Period(2 * YEAR, "how many asked about an offer"),
    Kept.TRACES: Period(180 * DAY, "who asked about an offer is told of news of it"),
    Kept.RECIPIENTS: Period(90 * DAY, "who got a broadcast, counted from its end; then only how many stays"),
    Kept.MESSAGES: Period(90 * DAY, "what was sent, should somebody ask what they were told"),
    Kept.EPISODE_QUESTIONS: Period(90 * DAY, "the host answers them at the event or soon after"),
    Kept.INTRODUCTIONS: Period(30 * DAY, "whether somebody agreed; the partner's note goes with the answer"),
    Kept.DRAFTS: Period(30 * DAY, "a report begun may still be sent"),
    Kept.CHECKLISTS: Period(2 * YEAR, "a placement takes months, a contract two years"),
    Kept.FAILED_UPDATES: Period(90 * DAY, "somebody has to look at it"),
    Kept.CONSOLE_SESSIONS: Period(180 * DAY, "who was signed in where"),
    Kept.CONSOLE_FILES: Period(DAY, "a file shown to its officer, who has not confirmed it"),
    Kept.CASES: Period(5 * YEAR, "claims and prosecution after a case is over; then it is anonymised"),
    Kept.ERASED_CHATS: Period(2 * DAY, "a message on its way must not look like a new person's"),
    Kept.SILENT_CHATS: Period(2 * YEAR, "nothing else is kept of this chat by then"),
}


def ends_before(kept: Kept, now: datetime) -> datetime:
    """What began before this moment is kept no longer."""
    return now - PERIODS[kept].lasts


def kept_until(kept: Kept, since: datetime) -> datetime:
    """When something that began at `since` goes."""
    return since + PERIODS[kept].lasts
