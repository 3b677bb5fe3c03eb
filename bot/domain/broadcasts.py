"""News for those who asked for it: topics and places, the life of a broadcast, and when and how fast it may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.zones import ZONES


class Topic(StrEnum):
    JOBS = "lowongan"
    EVENTS = "acara"
    FRAUD = "penipuan"
    RULES = "aturan"


class BroadcastState(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"
    """Waits for a second person."""
    APPROVED = "approved"
    """Waits for its moment."""
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class BroadcastAction(StrEnum):
    SAVE = "simpan"
    SUBMIT = "ajukan"
    SEND_BACK = "kembalikan"
    APPROVE = "setujui"
    BEGIN = "mulai"
    PAUSE = "jeda"
    RESUME = "lanjut"
    STOP = "hentikan"
    FINISH = "tamat"


class RecipientState(StrEnum):
    WAITING = "waiting"
    GIVEN = "given"
    """In the outbox, which knows whether it arrived; it did where the outbox has forgotten it."""
    FAILED = "failed"
    """Did not arrive, noted here before the outbox forgets it."""
    ENOUGH = "enough"
    """Has had as much as anybody gets in a week."""
    UNREACHABLE = "unreachable"
    LEFT = "left"
    """Stopped the news before their turn came."""
    STOPPED = "stopped"
    """The broadcast was stopped, or its time was over, before their turn came."""


class NotPossible(Exception):
    """The broadcast is not in a state that allows this."""


_S, _A = BroadcastState, BroadcastAction
TRANSITIONS: dict[tuple[BroadcastState, BroadcastAction], BroadcastState] = {
    (_S.DRAFT, _A.SAVE): _S.DRAFT,
    (_S.REVIEW, _A.SAVE): _S.DRAFT,
    (_S.DRAFT, _A.SUBMIT): _S.REVIEW,
    (_S.REVIEW, _A.SEND_BACK): _S.DRAFT,
    (_S.APPROVED, _A.SEND_BACK): _S.DRAFT,
    (_S.REVIEW, _A.APPROVE): _S.APPROVED,
    (_S.APPROVED, _A.BEGIN): _S.SENDING,
    (_S.SENDING, _A.PAUSE): _S.PAUSED,
    (_S.PAUSED, _A.RESUME): _S.SENDING,
    **{(state, _A.STOP): _S.STOPPED for state in (_S.DRAFT, _S.REVIEW, _S.APPROVED, _S.SENDING, _S.PAUSED)},
    (_S.SENDING, _A.FINISH): _S.DONE,
}
"""The whole life of a broadcast; what is not here is refused."""

TELEGRAM_PER_SECOND = 30
PER_SECOND = TELEGRAM_PER_SECOND * 8 // 10
"""Broadcasts leave a fifth of Telegram's rate free, and count what else is being sent as their own."""
PER_WEEK = 4
"""Messages of broadcasts that one person gets in seven days."""
WEEK = timedelta(days=7)
QUIET_FROM, QUIET_UNTIL = time(20), time(8)
LEFT_ALONE = timedelta(minutes=2)
"""Who wrote so lately is in a conversation, which no news interrupts."""
MAX_BUTTONS = 3
MAX_TITLE, MAX_BODY, MAX_CAPTIONED, MAX_LABEL = 120, 3000, 800, 40


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a broadcast is for: everybody with the topic, of one country or district where it names one."""

    topic: Topic
    country: str | None = None
    district: str | None = None


def advance(state: BroadcastState | str, action: BroadcastAction) -> BroadcastState:
    """The state after `action`; raises NotPossible."""
    try:
        return TRANSITIONS[BroadcastState(state), action]
    except KeyError:
        raise NotPossible(f"{action} in state {state}") from None


def may_now(state: BroadcastState | str, action: BroadcastAction) -> bool:
    return (BroadcastState(state), action) in TRANSITIONS


def quiet_until(at: datetime, zone: ZoneInfo) -> datetime | None:
    """The end (UTC) of the night that `at` falls into, by the clock of `zone`; None by day."""
    local = at.astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, zone).astimezone(UTC)


def asleep(at: datetime) -> frozenset[str]:
    """The countries where it is night at `at`."""
    return frozenset(country for country, zone in ZONES.items() if quiet_until(at, zone))


def ends_about(people: int, begins_at: datetime, zone: ZoneInfo) -> datetime:
    """When the last of so many is sent theirs at full speed, nights left out."""
    left, at = timedelta(seconds=people / PER_SECOND), quiet_until(begins_at, zone) or begins_at
    while True:
        closes = datetime.combine(at.astimezone(zone).date(), QUIET_FROM, zone).astimezone(UTC)
        if at + left <= closes:
            return at + left
        left -= closes - at
        at = quiet_until(closes, zone)
