"""What is overdue is never silent: its officers are called, then the next, then the supervisors, again and again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from bot.domain.calendar import Calendar
from bot.domain.cases import OPEN_STATES, CaseUrgency, EventKind
from bot.services import cases, clock, roster
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


async def count_overdue(session: Session, *, now: datetime) -> int:
    """Cases whose officers are late."""
    return (await session.execute(select(func.count()).where(*_IS_OVERDUE, Case.due_at <= now))).scalar_one()


async def overdue_cases(session: Session, *, emergencies_alone: bool = False, now: datetime) -> list[int]:
    """Their ids, those that wait longest first."""
    found = select(Case.id).where(*_IS_OVERDUE, Case.due_at <= now).order_by(Case.due_at, Case.id)
    if emergencies_alone:
        found = found.where(Case.urgency == CaseUrgency.EMERGENCY)
    return list((await session.execute(found)).scalars())


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


async def remind(session: Session, case_id: int, *, desk: Desk, now: datetime) -> bool:
    """Call whoever's turn it is on an overdue case; False where it is not yet time, or no longer.

    The case is locked and looked at anew: of two workers the later finds that the reminder is out.
    """
    case = await cases.lock(session, case_id)
    if case is None or case.state not in OPEN_STATES:
        return False
    call_at = clock.next_reminder_at(case, desk.calendar)
    if call_at is None or call_at > now:
        return False
    steps = await roster.on_duty(session, case, now)
    called = steps[min(case.reminders, len(steps) - 1)] if steps else ()
    due_at = case.due_at
    clock.note_reminder(case, now)
    await _call(session, case, called, words.overdue(case, called, due_at, desk.zone), desk=desk, now=now)
    return True


async def overdue_referrals(session: Session, *, now: datetime) -> list[tuple[int, int]]:
    """Ids of referrals that should have been answered, each behind that of its case."""
    found = (
        select(Referral.case_id, Referral.id)
        .join(Case, Case.id == Referral.case_id)
        .where(Referral.answered_at.is_(None), Referral.due_at <= now, Case.state.in_(OPEN_STATES))
        .order_by(Referral.due_at, Referral.id)
    )
    return [(case_id, referral_id) for case_id, referral_id in (await session.execute(found)).all()]


async def remind_of_referral(session: Session, case_id: int, referral_id: int, *, desk: Desk, now: datetime) -> bool:
    """Tell the case's officer that an agency has not answered in time; False where it is not yet time, or no longer."""
    case = await cases.lock(session, case_id)
    referral = await session.get_one(Referral, referral_id, populate_existing=True)
    call_at = referral.due_at
    if referral.reminded_at is not None:
        call_at = clock.working_days_later(referral.reminded_at, _REFERRAL_DAYS, desk.calendar)
    if referral.answered_at is not None or case.state not in OPEN_STATES or call_at > now:
        return False
    called = next(iter(await roster.on_duty(session, case, now)), ())
    referral.reminded_at = now
    await _call(session, case, called, words.referral_overdue(case, called, referral, desk.zone), desk=desk, now=now)
    return True


async def _call(
    session: Session, case: Case, called: tuple[Officer, ...], said: words.Call, *, desk: Desk, now: datetime
) -> None:
    cases.log(session, case, EventKind.REMINDED, words.names(called), now=now)
    await desk_service.call(session, desk, case, called, said, now=now)
    logger.warning("case %s is overdue; called: %d officers", case.number, len(called))
