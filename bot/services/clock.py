"""The clock of a case: by when the officer's next step is due. Nothing else touches due_at, promised_at, left_s and reminders."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.calendar import Calendar
from bot.domain.cases import FOLLOW_UP_WORKING_DAYS, CaseUrgency, first_answer_due_at
from bot.storage.tables import Case

EMERGENCY_REMINDED_EVERY = timedelta(minutes=5)
HIGH_REMINDED_EVERY_HOURS = 1
NORMAL_REMINDED_EVERY_DAYS = 1


def start(case: Case, calendar: Calendar, now: datetime) -> None:
    """The case is new, or new again: an officer must take it in the time its urgency allows."""
    _run_until(case, first_answer_due_at(case.urgency, now, calendar))


def hasten(case: Case, calendar: Calendar, now: datetime) -> None:
    """The case became more urgent: what is due comes sooner, never later; a clock that stood goes on."""
    go_on(case, calendar, now)
    due_at = first_answer_due_at(case.urgency, now, calendar)
    if case.due_at is None or due_at < case.due_at:
        _run_until(case, due_at)


def follow_up(case: Case, calendar: Calendar, now: datetime) -> None:
    """An officer did something: the next step has its full time again; a clock that stood stands on."""
    is_stopped = case.left_s is not None
    _run_until(case, calendar.end_of_working_day(now, FOLLOW_UP_WORKING_DAYS))
    if is_stopped:
        stop(case, calendar, now)


def stop(case: Case, calendar: Calendar, now: datetime) -> None:
    """The case waits for its person: the working time that is left is kept, to the second."""
    if case.due_at is not None:
        left_s = math.ceil(calendar.working_seconds(now, case.due_at))
        end(case)
        case.left_s = left_s


def go_on(case: Case, calendar: Calendar, now: datetime) -> None:
    """The person wrote: the officer has the working time that was left."""
    if case.left_s is not None:
        _run_until(case, calendar.add_working_seconds(now, case.left_s))


def end(case: Case) -> None:
    """The case is over, or solved in the officer's eyes: nothing is due."""
    case.due_at = case.left_s = case.reminded_at = None
    case.reminders = 0


class Timed(Protocol):
    """What the reminders of a case depend on."""

    urgency: str
    due_at: datetime | None
    reminded_at: datetime | None


def next_reminder_at(case: Timed, calendar: Calendar) -> datetime | None:
    """When somebody is reminded of the case: first when it is due, then at the pace of its urgency."""
    if case.due_at is None or case.reminded_at is None:
        return case.due_at
    match CaseUrgency(case.urgency):
        case CaseUrgency.EMERGENCY:
            return case.reminded_at + EMERGENCY_REMINDED_EVERY
        case CaseUrgency.HIGH:
            return calendar.add_working_hours(case.reminded_at, HIGH_REMINDED_EVERY_HOURS)
        case _:
            return working_days_later(case.reminded_at, NORMAL_REMINDED_EVERY_DAYS, calendar)


def working_days_later(at: datetime, days: int, calendar: Calendar) -> datetime:
    """The same hour so many working days later."""
    return calendar.add_working_hours(at, days * calendar.hours_a_day)


def latest_due_at(urgency: CaseUrgency | str, calendar: Calendar, now: datetime, *, is_taken: bool) -> datetime:
    """Later than this nothing is due that was reckoned by `now`."""
    first = first_answer_due_at(urgency, now, calendar)
    return max(first, calendar.end_of_working_day(now, FOLLOW_UP_WORKING_DAYS)) if is_taken else first


def put_right(case: Case, calendar: Calendar, now: datetime) -> None:
    """Times that were reckoned on a clock that was ahead: the case has the time it would have if all that were now."""
    latest = latest_due_at(case.urgency, calendar, now, is_taken=case.acknowledged_at is not None)
    if case.due_at is not None and case.due_at > latest:
        _run_until(case, latest)
    if case.reminded_at is not None and case.reminded_at > now:
        case.reminded_at = now


def note_reminder(case: Case, now: datetime) -> None:
    """Somebody was reminded: next time it is another's turn."""
    case.reminders, case.reminded_at = case.reminders + 1, now


def _run_until(case: Case, due_at: datetime) -> None:
    end(case)
    case.due_at = due_at
    if case.acknowledged_at is None:
        case.promised_at = due_at
