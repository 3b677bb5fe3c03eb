"""The clock of a case: what an officer owes next, standing while the person is waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cases import CaseUrgency
from bot.services import clock
from bot.services.working_days import calendar_of, years_without_joint_leave
from bot.storage.tables import Case
from knowledge.office import load_office

PONTIANAK = ZoneInfo("Asia/Pontianak")
CALENDAR = calendar_of(load_office(), PONTIANAK)
MOMENTS = st.datetimes(datetime(2026, 11, 1), datetime(2027, 12, 1), timezones=st.just(UTC))
PAUSES = st.timedeltas(timedelta(0), timedelta(days=9))
URGENCIES = st.sampled_from(list(CaseUrgency))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PONTIANAK)


def started(urgency: CaseUrgency, at: datetime) -> Case:
    case = Case(urgency=urgency)
    clock.start(case, CALENDAR, at)
    return case


@given(URGENCIES, MOMENTS)
def test_nothing_is_due_before_it_is_opened(urgency: CaseUrgency, opened_at: datetime) -> None:
    assert started(urgency, opened_at).due_at > opened_at


@given(MOMENTS)
def test_emergency_is_due_in_exactly_15_minutes_day_and_night(opened_at: datetime) -> None:
    assert started(CaseUrgency.EMERGENCY, opened_at).due_at == opened_at + timedelta(minutes=15)


def test_follow_up_has_five_working_days_around_christmas() -> None:
    case = started(CaseUrgency.HIGH, local("2026-12-22T09:00"))
    clock.follow_up(case, CALENDAR, local("2026-12-22T10:00"))
    assert case.due_at == local("2026-12-30T16:00")


@given(MOMENTS, PAUSES, st.lists(st.tuples(PAUSES, PAUSES), min_size=1, max_size=4))
def test_waiting_for_the_person_takes_no_working_time(
    at: datetime, before: timedelta, waits: list[tuple[timedelta, timedelta]]
) -> None:
    case = Case(urgency=CaseUrgency.NORMAL)
    clock.follow_up(case, CALENDAR, at)
    now, worked_s = at + before, CALENDAR.working_seconds(at, at + before)
    owed_s = CALENDAR.working_seconds(at, case.due_at)
    for waited, worked in waits:
        clock.stop(case, CALENDAR, now)
        assert case.due_at is None
        now += waited
        clock.go_on(case, CALENDAR, now)
        left_s = CALENDAR.working_seconds(now, case.due_at)
        # Each stop rounds up to whole seconds: never against the officer, and never by more than that.
        assert 0 <= round(left_s - max(owed_s - worked_s, 0), 6) < len(waits)
        worked_s += CALENDAR.working_seconds(now, now + worked)
        now += worked


def test_stopped_clock_is_stopped_only_once_and_a_running_one_not_wound_up() -> None:
    case = started(CaseUrgency.HIGH, local("2026-11-24T08:00"))
    clock.stop(case, CALENDAR, local("2026-11-24T09:00"))
    clock.stop(case, CALENDAR, local("2026-11-24T11:00"))
    assert case.left_s == 3 * 3600
    clock.go_on(case, CALENDAR, local("2026-11-25T10:00"))
    clock.go_on(case, CALENDAR, local("2026-11-25T12:00"))
    assert case.due_at == local("2026-11-25T13:00")


def test_answer_to_somebody_who_is_waited_for_leaves_the_clock_standing() -> None:
    case = started(CaseUrgency.HIGH, local("2026-11-23T08:00"))
    clock.stop(case, CALENDAR, local("2026-11-23T09:00"))
    clock.follow_up(case, CALENDAR, local("2026-11-24T16:00"))
    assert case.due_at is None
    clock.go_on(case, CALENDAR, local("2026-11-24T17:00"))
    assert case.due_at == local("2026-12-01T16:00")


@given(URGENCIES, URGENCIES, MOMENTS, PAUSES)
def test_raised_urgency_never_gives_more_time(
    first: CaseUrgency, then: CaseUrgency, opened_at: datetime, pause: timedelta
) -> None:
    case = started(first, opened_at)
    due_at, case.urgency = case.due_at, then
    clock.hasten(case, CALENDAR, opened_at + pause)
    assert case.due_at <= due_at
    assert case.due_at <= opened_at + pause + (due_at - opened_at)


def test_emergency_starts_a_clock_that_stood() -> None:
    case = started(CaseUrgency.NORMAL, local("2026-11-24T08:00"))
    clock.stop(case, CALENDAR, local("2026-11-24T09:00"))
    case.urgency = CaseUrgency.EMERGENCY
    clock.hasten(case, CALENDAR, local("2026-11-28T23:00"))
    assert case.due_at == local("2026-11-28T23:15") and case.left_s is None


def test_new_deadline_begins_with_no_reminders() -> None:
    case = started(CaseUrgency.HIGH, local("2026-11-24T08:00"))
    case.reminders, case.reminded_at = 3, local("2026-11-24T14:00")
    clock.follow_up(case, CALENDAR, local("2026-11-24T15:00"))
    assert (case.reminders, case.reminded_at) == (0, None)


@given(URGENCIES, MOMENTS, st.booleans(), PAUSES)
def test_no_time_that_is_right_is_put_right(
    urgency: CaseUrgency, at: datetime, is_taken: bool, later: timedelta
) -> None:
    case = started(urgency, at)
    if is_taken:
        case.acknowledged_at = at
        clock.follow_up(case, CALENDAR, at)
    case.reminded_at = at
    before = (case.due_at, case.promised_at)
    clock.put_right(case, CALENDAR, at + later)
    assert (case.due_at, case.promised_at, case.reminded_at) == (*before, at)


@given(URGENCIES, MOMENTS, st.timedeltas(timedelta(days=20), timedelta(days=400)))
def test_case_told_on_a_clock_that_was_ahead_gets_the_time_it_would_have_now(
    urgency: CaseUrgency, now: datetime, ahead: timedelta
) -> None:
    case = started(urgency, now + ahead)
    clock.put_right(case, CALENDAR, now)
    assert case.due_at == case.promised_at == started(urgency, now).due_at


def test_case_that_is_over_owes_nothing() -> None:
    case = started(CaseUrgency.HIGH, local("2026-11-24T08:00"))
    clock.end(case)
    assert (case.due_at, case.left_s) == (None, None)


@pytest.mark.parametrize("day", ["2026-12-25", "2027-01-01", "2027-08-17", "2025-12-26"])
def test_national_holidays_and_announced_joint_leave_are_days_off(day: str) -> None:
    assert CALENDAR.holidays(date.fromisoformat(day))


def test_office_adds_days_off_and_takes_back_what_was_only_estimated() -> None:
    own = {date(2026, 12, 24): "Cuti bersama", date(2027, 1, 5): None}
    holidays = calendar_of(replace(load_office(), holidays=own), PONTIANAK).holidays
    assert holidays(date(2026, 12, 24)) == "Cuti bersama"
    assert CALENDAR.holidays(date(2027, 1, 5)) and not holidays(date(2027, 1, 5))


def test_year_whose_joint_leave_nobody_named_is_told() -> None:
    years = [2025, 2026, 2027]
    assert years_without_joint_leave({}, years) == [2026, 2027]
    assert years_without_joint_leave({date(2026, 12, 24): "Cuti bersama"}, years) == [2027]
