"""Working time: never outside the office's hours, and never lost or made in adding it up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import Calendar

ZONES = ["Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"]
DAYS_OFF = {date(2026, 12, 24): "Cuti bersama", date(2026, 12, 25): "Hari Raya Natal", date(2027, 1, 1): "Tahun Baru"}
MOMENTS = st.datetimes(datetime(2026, 11, 1), datetime(2027, 2, 1), timezones=st.just(UTC))
SECONDS = st.integers(0, 60 * 3600)
CALENDARS = st.builds(
    Calendar,
    st.sampled_from([ZoneInfo(zone) for zone in ZONES]),
    st.sets(st.dates(date(2026, 11, 1), date(2027, 3, 1)), max_size=20).map(
        lambda days: dict.fromkeys(days, "libur").get
    ),
    st.sampled_from([time(7, 30), time(8)]),
    st.sampled_from([time(15, 30), time(16)]),
)


def calendar(zone: str = "Asia/Pontianak") -> Calendar:
    return Calendar(ZoneInfo(zone), DAYS_OFF.get)


def local(text: str, zone: str = "Asia/Pontianak") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def is_working(calendar: Calendar, at: datetime) -> bool:
    """Said a second time and simply; closing time itself still counts."""
    there = at.astimezone(calendar.zone)
    is_weekday = there.strftime("%a") not in ("Sat", "Sun")
    return is_weekday and not calendar.holidays(there.date()) and calendar.opens <= there.time() <= calendar.closes


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24T09:30", 4, "2026-11-24T13:30"),
        ("2026-11-24T12:00", 4, "2026-11-24T16:00"),
        ("2026-11-24T12:00:01", 4, "2026-11-25T08:00:01"),
        ("2026-11-28T12:00", 2.5, "2026-11-30T10:30"),
        ("2026-12-23T15:00", 2, "2026-12-28T09:00"),
        ("2026-12-25T10:00", 16, "2026-12-29T16:00"),
    ],
)
def test_working_hours_leave_out_nights_weekends_and_holidays(start: str, hours: float, end: str) -> None:
    assert calendar().add_working_hours(local(start), hours) == local(end)


@pytest.mark.parametrize("zone", ZONES)
def test_working_day_ends_by_the_clock_of_its_zone(zone: str) -> None:
    ends = calendar(zone).end_of_working_day(local("2026-12-23T23:00", zone), 1)
    assert ends == local("2026-12-28T16:00", zone)


def test_office_is_open_from_opening_until_closing() -> None:
    def is_open(moment: str) -> bool:
        return calendar().next_opening(local(moment)) == local(moment)

    assert [is_open(f"2026-11-24T{hour}") for hour in ("07:59", "08:00", "15:59", "16:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert not is_open("2026-12-25T10:00")


def test_next_opening_is_now_or_the_next_morning_of_work() -> None:
    there = calendar()
    assert there.next_opening(local("2026-11-24T10:00")) == local("2026-11-24T10:00")
    assert there.next_opening(local("2026-11-24T05:00")) == local("2026-11-24T08:00")
    assert there.next_opening(local("2026-12-23T16:00")) == local("2026-12-28T08:00")


@given(CALENDARS, MOMENTS, SECONDS)
def test_end_is_in_working_time_and_not_before_the_start(calendar: Calendar, start: datetime, seconds: int) -> None:
    end = calendar.add_working_seconds(start, seconds)
    assert end >= start + timedelta(seconds=seconds)
    assert is_working(calendar, end)


@given(CALENDARS, MOMENTS, SECONDS, SECONDS)
def test_adding_twice_is_adding_the_sum(calendar: Calendar, start: datetime, one: int, other: int) -> None:
    twice = calendar.add_working_seconds(calendar.add_working_seconds(start, one), other)
    # The end of one working day and the beginning of the next are the same moment of working time.
    assert calendar.next_opening(twice) == calendar.next_opening(calendar.add_working_seconds(start, one + other))


@given(CALENDARS, MOMENTS, SECONDS, SECONDS)
def test_more_time_and_a_later_start_never_end_earlier(
    calendar: Calendar, start: datetime, seconds: int, more: int
) -> None:
    end = calendar.add_working_seconds(start, seconds)
    assert calendar.add_working_seconds(start, seconds + more) >= end
    assert calendar.add_working_seconds(start + timedelta(seconds=more), seconds) >= end


@given(CALENDARS, MOMENTS, SECONDS)
def test_working_seconds_measure_what_was_added(calendar: Calendar, start: datetime, seconds: int) -> None:
    assert calendar.working_seconds(start, calendar.add_working_seconds(start, seconds)) == seconds


@given(CALENDARS, MOMENTS, st.integers(1, 8))
def test_working_days_end_at_closing_time_after_the_day_of_the_start(
    calendar: Calendar, start: datetime, days: int
) -> None:
    end = calendar.end_of_working_day(start, days)
    there = end.astimezone(calendar.zone)
    assert is_working(calendar, end) and there.time() == calendar.closes
    assert there.date() > start.astimezone(calendar.zone).date()
    first_morning = datetime.combine(start.astimezone(calendar.zone).date() + timedelta(days=1), time(), calendar.zone)
    assert calendar.working_seconds(first_morning, end) == days * calendar.hours_a_day * 3600
