"""The working days of the office: holidays and joint leave from the `holidays` library, and the office's own days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from bot.domain.calendar import Calendar
from knowledge.office import OfficeProfile

JOINT_LEAVE = "government"
"""The library's name for cuti bersama, which the government announces year by year."""


def calendar_of(profile: OfficeProfile, zone: ZoneInfo) -> Calendar:
    """The office's calendar; a day the office named itself counts as it says, all others as the library says."""
    national, own = _national(), profile.holidays
    return Calendar(zone, lambda day: own[day] if day in own else national.get(day), profile.opens, profile.closes)


def years_without_joint_leave(own: Mapping[date, str | None], years: Iterable[int]) -> list[int]:
    """Those of `years` whose joint leave neither the library nor the office knows: due dates come too early there.

    In such a year the library also only estimates the holidays that follow the moon.
    """
    named = {day.year for day in own}
    return [year for year in years if year not in named and not _joint_leave(year)]


@cache
def _national() -> holidays.HolidayBase:
    return holidays.country_holidays("ID", categories=("public", JOINT_LEAVE), language="id")


@cache
def _joint_leave(year: int) -> bool:
    return bool(holidays.country_holidays("ID", years=year, categories=(JOINT_LEAVE,)))
