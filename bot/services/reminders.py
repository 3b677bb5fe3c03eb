"""What is overdue is never silent: its officers are called, then the next, then the supervisors, again and again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from bot.domain.calendar import Calendar
from bot.domain.cases import OPEN_STATES, CaseUrgency, EventKind
from bot.services import cases, clock, outbox, roster
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Case, Officer, Referral
from bot.texts import officer as words

logger = logging.getLogger(__name__)

_CLOCKS_DIFFER = timedelta(minutes=1)
"""Between two machines; and a clock that was stopped goes on with whole seconds."""
_IS_OVERDUE = Case.state.in_(OPEN_STATES), Case.due_at.is_not(None)
_REFERRAL_DAYS = 1
"""Working days between two reminders of a referral that nobody answered."""

MOST_EMERGENCIES, MOST_OTHERS, MOST_REFERRALS = 60, 12, 5
"""In one round, a minute: Telegram takes some twenty posts a minute for a group, and people are to be heard meanwhile."""
HELD_FOR = timedelta(seconds=10)
"""Calls to the own chats of a round wait so long to be put together; if the worker dies, each goes by itself."""


@dataclass(frozen=True, slots=True)
class _Late:
    """As much of a case as tells when somebody is reminded of it."""

    id: int
    urgency: str
    due_at: datetime
    reminded_at: datetime | None


async def count_overdue(session: Session, *, now: datetime) -> int:
    """Cases whose officers are late."""
    return (await session.execute(select(func.count()).where(*_IS_OVERDUE, Case.due_at <= now))).scalar_one()


async def cases_to_remind_of(
    session: Session, *, calendar: Calendar, emergencies_alone: bool = False, now: datetime
) -> list[int]:
    """Ids of the cases somebody is to be reminded of in this round, emergencies first, then what waits longest.

    The others have their turn in the next rounds.
    """
    paces = {
        CaseUrgency.EMERGENCY: clock.EMERGENCY_REMINDED_EVERY,
        CaseUrgency.HIGH: timedelta(hours=clock.HIGH_REMINDED_EVERY_HOURS),
        CaseUrgency.NORMAL: timedelta(hours=clock.NORMAL_REMINDED_EVERY_DAYS * calendar.hours_a_day),
    }
    # Working time passes no faster than the clock: whom that rules out is not looked at.
    rested = or_(
        Case.reminded_at.is_(None),
        *(and_(Case.urgency == urgency, Case.reminded_at <= now - pace) for urgency, pace in paces.items()),
    )
    found = select(Case.id, Case.urgency, Case.due_at, Case.reminded_at).where(*_IS_OVERDUE, Case.due_at <= now, rested)
    if emergencies_alone:
        found = found.where(Case.urgency == CaseUrgency.EMERGENCY)
    waiting_since = func.coalesce(Case.reminded_at, Case.due_at)
    late = [_Late(*row) for row in await session.execute(found.order_by(waiting_since, Case.id))]
    # All of one round were reminded at the same moment: the calendar is asked once for them.
    reminded = {(one.urgency, one.reminded_at): one for one in late if one.reminded_at}
    next_at = {pace: clock.next_reminder_at(one, calendar) for pace, one in reminded.items()}
    due = [one for one in late if next_at.get((one.urgency, one.reminded_at), now) <= now]

    def of(urgency: CaseUrgency) -> list[int]:
        return [one.id for one in due if one.urgency == urgency]

    others = [*of(CaseUrgency.HIGH), *of(CaseUrgency.NORMAL)]
    return of(CaseUrgency.EMERGENCY)[:MOST_EMERGENCIES] + others[:MOST_OTHERS]


async def cases_ahead(session: Session, *, calendar: Calendar, now: datetime) -> list[int]:
    """Ids of cases with times that cannot be, because they were reckoned on a clock that was ahead.

    Left alone an emergency told while the clock was a day ahead would call nobody for a day.
    """
    kinds = [(urgency, is_taken) for urgency in CaseUrgency for is_taken in (False, True)]
    too_late = or_(
        *(
            (Case.urgency == urgency)
            & (Case.acknowledged_at.is_not(None) if is_taken else Case.acknowledged_at.is_(None))
            & (Case.due_at > clock.latest_due_at(urgency, calendar, now, is_taken=is_taken) + _CLOCKS_DIFFER)
            for urgency, is_taken in kinds
        )
    )
    found = select(Case.id).where(*_IS_OVERDUE, too_late | (Case.reminded_at > now + _CLOCKS_DIFFER))
    return list((await session.execute(found.order_by(Case.id))).scalars())


async def put_right(session: Session, case_id: int, *, calendar: Calendar, now: datetime) -> None:
    """Its times by the clock of `now`."""
    case = await cases.lock(session, case_id)
    if case is not None:
        clock.put_right(case, calendar, now)
        logger.warning("case %s had times that lie ahead of the clock", case.number)


async def remind(session: Session, case_id: int, *, desk: Desk, now: datetime) -> list[int] | None:
    """Call whoever's turn it is on an overdue case; None where it is not yet time, or no longer.

    Returns what waits for `put_together`. The case is locked and looked at anew: of two workers the later finds that the
    reminder is out.
    """
    case = await cases.lock(session, case_id)
    if case is None or case.state not in OPEN_STATES:
        return None
    call_at = clock.next_reminder_at(case, desk.calendar)
    if call_at is None or call_at > now:
        return None
    steps = await roster.on_duty(session, case, now)
    called = steps[min(case.reminders, len(steps) - 1)] if steps else ()
    due_at = case.due_at
    clock.note_reminder(case, now)
    return await _call(session, case, called, words.overdue(case, called, due_at, desk.zone), desk=desk, now=now)


async def referrals_to_remind_of(session: Session, *, now: datetime) -> list[tuple[int, int]]:
    """Ids of referrals that should have been answered, each behind that of its case; as many as fit into a round."""
    a_day_ago = now - timedelta(days=_REFERRAL_DAYS)
    found = (
        select(Referral.case_id, Referral.id)
        .join(Case, Case.id == Referral.case_id)
        .where(Referral.answered_at.is_(None), Referral.due_at <= now, Case.state.in_(OPEN_STATES))
        .where(or_(Referral.reminded_at.is_(None), Referral.reminded_at <= a_day_ago))
        .order_by(Referral.due_at, Referral.id)
        .limit(MOST_REFERRALS)
    )
    return [(case_id, referral_id) for case_id, referral_id in (await session.execute(found)).all()]


async def remind_of_referral(
    session: Session, case_id: int, referral_id: int, *, desk: Desk, now: datetime
) -> list[int] | None:
    """Tell the case's officer that an agency has not answered in time; None where it is not yet time, or no longer."""
    case = await cases.lock(session, case_id)
    referral = await session.get_one(Referral, referral_id, populate_existing=True)
    call_at = referral.due_at
    if referral.reminded_at is not None:
        call_at = clock.working_days_later(referral.reminded_at, _REFERRAL_DAYS, desk.calendar)
    if referral.answered_at is not None or case.state not in OPEN_STATES or call_at > now:
        return None
    called = next(iter(await roster.on_duty(session, case, now)), ())
    referral.reminded_at = now
    said = words.referral_overdue(case, called, referral, desk.zone)
    return await _call(session, case, called, said, desk=desk, now=now)


async def put_together(session: Session, held: Sequence[int], *, now: datetime) -> None:
    """Whoever is called for several cases in one round gets one message that names them all; it leaves now."""
    await outbox.put_together(session, held, words.digest, now=now)


async def _call(
    session: Session, case: Case, called: tuple[Officer, ...], said: words.Call, *, desk: Desk, now: datetime
) -> list[int]:
    cases.log(session, case, EventKind.REMINDED, words.names(called), now=now)
    held = await desk_service.call(session, desk, case, called, said, now=now, private_at=now + HELD_FOR)
    await session.flush()
    logger.warning("case %s is overdue; called: %d officers", case.number, len(called))
    return [message.id for message in held]
