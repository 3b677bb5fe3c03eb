"""Working hours of the office: Monday to Friday, 08.00 to 16.00 in its own zone. Holidays are not known here."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = time(8), time(16)
SATURDAY = 5


def add_working_hours(start: datetime, hours: float, zone: ZoneInfo) -> datetime:
    """The moment (UTC) when `hours` of working time have passed since `start`."""
    moment, left = start.astimezone(zone), timedelta(hours=hours)
    while True:
        opens, closes = _at(moment, OPENS), _at(moment, CLOSES)
        moment = max(moment, opens)
        if moment.weekday() < SATURDAY and moment < closes:
            if closes - moment >= left:
                return (moment + left).astimezone(UTC)
            left -= closes - moment
        moment = opens + timedelta(days=1)


def end_of_working_day(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Closing time (UTC) of the last of `days` working days that begin after the day of `start`."""
    moment = _at(start.astimezone(zone), CLOSES)
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < SATURDAY
    return moment.astimezone(UTC)


def _at(moment: datetime, hour: time) -> datetime:
    return moment.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
