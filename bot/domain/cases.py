"""The life of a case: its states, who may take it from one to the next, how urgent it is and by when it is answered."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.calendar import Calendar


class CaseState(StrEnum):
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    """For something the person must send."""
    REFERRED = "referred"
    RESOLVED = "resolved"
    """Done in the officer's eyes; the person has not confirmed it."""
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class CaseAction(StrEnum):
    CLAIM = "claim"
    REPLY = "reply"
    HEAR = "hear"
    """The person wrote."""
    WAIT = "wait"
    REFER = "refer"
    RESOLVE = "resolve"
    ANSWERED = "answered"
    """An agency answered a referral."""
    PRIORITISE = "prioritise"
    LOWER = "lower"
    """An emergency is made less urgent."""
    HAND_OVER = "hand_over"
    """To another officer."""
    HAND_BACK = "hand_back"
    """The conversation goes back to Silvi; the case stays with its officer."""
    TAKE_BACK = "take_back"
    CONFIRM = "confirm"
    EXPIRE = "expire"
    """The person never said whether it is solved."""
    REOPEN = "reopen"
    WITHDRAW = "withdraw"


class CaseUrgency(StrEnum):
    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"


class Privacy(StrEnum):
    """What the person allowed the office to show of them."""

    CONFIDENTIAL = "confidential"
    """Known to the officers alone."""
    ANONYMOUS = "anonymous"
    """Officers see no contact either."""
    NAMED = "named"


class Route(StrEnum):
    """How the person of a case left, or was about to; nobody is accused by it, and the person is not told."""

    PROCEDURAL = "prosedural"
    NONPROCEDURAL = "nonprosedural"


class Role(StrEnum):
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class EventKind(StrEnum):
    """What the log of a case holds; an action is logged under its own name."""

    OPENED = "opened"
    MESSAGE = "message"
    """From the person."""
    NOTE = "note"
    """Between officers."""
    DETAIL = "detail"
    """A fact learnt later."""
    REMINDED = "reminded"
    """Officers were called; the text names them."""
    OUTCOME = "outcome"
    """A dated step of enforcement or of a return home."""
    ROUTE = "route"
    """How the person left, as the officer found it."""
    STORY = "story"
    """The story of the letters in an officer's words; empty where it is the person's own again."""
    READ = "read"
    """Somebody opened what lists and topics do not show; the text says what."""
    ASKED_AGAIN = "asked_again"
    """Whether it is solved."""
    RATED = "rated"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    """Somebody who is no officer tried to act; the text is their account."""


class Standing(StrEnum):
    """How an officer stands to a case."""

    FREE = "free"
    """Nobody has it."""
    OWNER = "owner"
    OTHER = "other"
    """A colleague has it."""
    LEAD = "lead"
    """Supervisor or admin, whoever has it."""


class TransitionNotAllowed(Exception):
    """The case is not in a state that allows this."""


class NotAllowed(Exception):
    """This officer may not do this to this case."""

    def __init__(self, action: CaseAction | EventKind, standing: Standing) -> None:
        super().__init__(f"{action} as {standing}")
        self.standing = standing


_S, _A = CaseState, CaseAction

OPEN_STATES = frozenset({_S.NEW, _S.ACKNOWLEDGED, _S.IN_PROGRESS, _S.WAITING, _S.REFERRED})
OWNED_STATES = OPEN_STATES - {_S.NEW}
"""An officer has it: the person talks to the officer, and Silvi keeps silent."""

TRANSITIONS: dict[tuple[CaseState, CaseAction], CaseState] = {
    (_S.NEW, _A.CLAIM): _S.ACKNOWLEDGED,
    (_S.NEW, _A.REPLY): _S.IN_PROGRESS,
    (_S.NEW, _A.HEAR): _S.NEW,
    (_S.NEW, _A.WAIT): _S.WAITING,
    (_S.NEW, _A.REFER): _S.REFERRED,
    (_S.NEW, _A.HAND_OVER): _S.ACKNOWLEDGED,
    (_S.NEW, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ACKNOWLEDGED, _A.REPLY): _S.IN_PROGRESS,
    (_S.ACKNOWLEDGED, _A.HEAR): _S.ACKNOWLEDGED,
    (_S.ACKNOWLEDGED, _A.WAIT): _S.WAITING,
    (_S.ACKNOWLEDGED, _A.REFER): _S.REFERRED,
    (_S.ACKNOWLEDGED, _A.RESOLVE): _S.RESOLVED,
    (_S.ACKNOWLEDGED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.IN_PROGRESS, _A.REPLY): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.HEAR): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.WAIT): _S.WAITING,
    (_S.IN_PROGRESS, _A.REFER): _S.REFERRED,
    (_S.IN_PROGRESS, _A.RESOLVE): _S.RESOLVED,
    (_S.IN_PROGRESS, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.WAITING, _A.REPLY): _S.WAITING,
    (_S.WAITING, _A.HEAR): _S.IN_PROGRESS,
    (_S.WAITING, _A.WAIT): _S.WAITING,
    (_S.WAITING, _A.REFER): _S.REFERRED,
    (_S.WAITING, _A.RESOLVE): _S.RESOLVED,
    (_S.WAITING, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.REFERRED, _A.REPLY): _S.REFERRED,
    (_S.REFERRED, _A.HEAR): _S.REFERRED,
    (_S.REFERRED, _A.WAIT): _S.WAITING,
    (_S.REFERRED, _A.REFER): _S.REFERRED,
    (_S.REFERRED, _A.ANSWERED): _S.IN_PROGRESS,
    (_S.REFERRED, _A.RESOLVE): _S.RESOLVED,
    (_S.REFERRED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.RESOLVED, _A.CONFIRM): _S.CLOSED,
    (_S.RESOLVED, _A.EXPIRE): _S.CLOSED,
    (_S.RESOLVED, _A.REOPEN): _S.IN_PROGRESS,
    (_S.CLOSED, _A.REOPEN): _S.IN_PROGRESS,
    (_S.WITHDRAWN, _A.REOPEN): _S.NEW,
    **{(state, action): state for state in OPEN_STATES for action in (_A.PRIORITISE, _A.LOWER)},
    **{(state, action): state for state in OWNED_STATES for action in (_A.HAND_OVER, _A.HAND_BACK, _A.TAKE_BACK)},
    # An agency may answer when the case is long past it.
    **{(state, _A.ANSWERED): state for state in _S if state not in (_S.NEW, _S.REFERRED)},
}
"""The whole life of a case; what is not here is refused."""

_EVERYBODY = frozenset(Standing)
_AT_WORK = frozenset({Standing.FREE, Standing.OWNER, Standing.LEAD})
_HOLDING = frozenset({Standing.OWNER, Standing.LEAD})

PERMISSIONS: dict[CaseAction | EventKind, frozenset[Standing]] = {
    _A.CLAIM: _AT_WORK,
    _A.REPLY: _AT_WORK,
    _A.WAIT: _AT_WORK,
    _A.REFER: _AT_WORK,
    _A.ANSWERED: _AT_WORK,
    _A.PRIORITISE: _AT_WORK,
    _A.LOWER: _HOLDING,
    _A.RESOLVE: _AT_WORK,
    _A.REOPEN: _AT_WORK,
    _A.HAND_OVER: _HOLDING,
    _A.HAND_BACK: _HOLDING,
    _A.TAKE_BACK: _HOLDING,
    EventKind.OUTCOME: _AT_WORK,
    EventKind.ROUTE: _AT_WORK,
    EventKind.STORY: _AT_WORK,
    EventKind.READ: _HOLDING,
    EventKind.NOTE: _EVERYBODY,
}
"""Which registered officer may do what; the other actions are the person's own. Offices do not matter: small teams help out."""

LEADING = frozenset({Role.SUPERVISOR, Role.ADMIN})

REOPENED_WITHIN = timedelta(days=30)
ASKED_AGAIN_AFTER_WORKING_DAYS = 3
CLOSED_UNCONFIRMED_AFTER = timedelta(days=14)
EMERGENCY_MINUTES = 15
HIGH_WORKING_HOURS = 4
NORMAL_WORKING_DAYS = 3
FOLLOW_UP_WORKING_DAYS = 5

_ORDER = (CaseUrgency.NORMAL, CaseUrgency.HIGH, CaseUrgency.EMERGENCY)
_NUMBER = re.compile(r"SLV-\d{4}-\d{6,}")


def advance(state: CaseState | str, action: CaseAction) -> CaseState:
    """The state after `action`; raises TransitionNotAllowed."""
    try:
        return TRANSITIONS[CaseState(state), action]
    except KeyError:
        raise TransitionNotAllowed(f"{action} in state {state}") from None


def standing(officer_id: int, role: Role | str, owner_id: int | None) -> Standing:
    """How this officer stands to a case that `owner_id` has."""
    if Role(role) in LEADING:
        return Standing.LEAD
    if owner_id is None:
        return Standing.FREE
    return Standing.OWNER if owner_id == officer_id else Standing.OTHER


def check_permission(action: CaseAction | EventKind, stands: Standing) -> None:
    """Raises NotAllowed."""
    if stands not in PERMISSIONS[action]:
        raise NotAllowed(action, stands)


def may_now(action: CaseAction | EventKind, state: CaseState | str, stands: Standing) -> bool:
    """Whether an officer who stands so may do this to a case in this state; notes and the like need no state."""
    is_possible = not isinstance(action, CaseAction) or (CaseState(state), action) in TRANSITIONS
    return is_possible and stands in PERMISSIONS[action]


def more_urgent(one: CaseUrgency | str, other: CaseUrgency | str) -> CaseUrgency:
    """The more urgent of two."""
    return max(CaseUrgency(one), CaseUrgency(other), key=_ORDER.index)


def case_number(year: int, serial: int) -> str:
    """SLV-2026-000123."""
    return f"SLV-{year}-{serial:06d}"


def find_case_number(text: str) -> str | None:
    """The case number in a text, however it is written."""
    found = _NUMBER.search(text.upper())
    return found[0] if found else None


def first_answer_due_at(urgency: CaseUrgency | str, opened_at: datetime, calendar: Calendar) -> datetime:
    """By when an officer must have answered: emergencies by the clock, the others in working time (LAPOR's steps)."""
    match CaseUrgency(urgency):
        case CaseUrgency.EMERGENCY:
            return opened_at + timedelta(minutes=EMERGENCY_MINUTES)
        case CaseUrgency.HIGH:
            return calendar.add_working_hours(opened_at, HIGH_WORKING_HOURS)
        case _:
            return calendar.end_of_working_day(opened_at, NORMAL_WORKING_DAYS)
