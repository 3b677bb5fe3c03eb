"""The office's working time: which hours of which days count, holidays left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Monday to Friday from `opens` to `closes` in the office's zone; `holidays` names a day off, or tells None."""

    zone: ZoneInfo
    holidays: Callable[[date], str | None]
    opens: time = time(8)
    closes: time = time(16)

    def add_working_hours(self, start: datetime, hours: float) -> datetime:
        """The moment (UTC) when `hours` of working time have passed since `start`."""
        return self.add_working_seconds(start, round(hours * 3600))

    def add_working_seconds(self, start: datetime, seconds: int) -> datetime:
        """The moment (UTC) when `seconds` of working time have passed since `start`; with 0 the next working moment."""
        left = timedelta(seconds=seconds)
        for opens, closes in self._working_days(start):
            begins = max(start, opens)
            if begins >= closes:
                continue
            if closes - begins >= left:
                return (begins + left).astimezone(UTC)
            left -= closes - begins
        raise AssertionError("working days never end")

    def end_of_working_day(self, start: datetime, days: int) -> datetime:
        """Closing time (UTC) of the last of `days` working days that begin after the day of `start`."""
        today = start.astimezone(self.zone).date()
        for _, closes in self._working_days(start):
            days -= closes.astimezone(self.zone).date() > today
            if not days:
                return closes
        raise AssertionError("working days never end")

    def working_seconds(self, start: datetime, end: datetime) -> float:
        """Working time between two moments in seconds; 0 where `end` is not later."""
        passed = timedelta()
        for opens, closes in self._working_days(start):
            if opens >= end:
                break
            passed += max(min(end, closes) - max(start, opens), timedelta())
        return passed.total_seconds()

    def next_opening(self, at: datetime) -> datetime:
        """When somebody is at the desk again (UTC): `at` itself where the office is open."""
        return self.add_working_seconds(at, 0)

    @property
    def hours_a_day(self) -> float:
        """Length of one working day."""
        return (self.closes.hour - self.opens.hour) + (self.closes.minute - self.opens.minute) / 60

    def _working_days(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Opening and closing (UTC) of each working day, that of `start` first."""
        day = start.astimezone(self.zone).date()
        while True:
            if day.weekday() < SATURDAY and not self.holidays(day):
                yield self._at(day, self.opens), self._at(day, self.closes)
            day += timedelta(days=1)

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.zone).astimezone(UTC)
