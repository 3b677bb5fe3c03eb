"""Moments as people read them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.texts.formats import moment, when


def there(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-24T14:30", "hari ini pukul 14.30 WIB"),
        ("2026-11-25T08:00", "besok pukul 08.00 WIB"),
        ("2026-11-30T08:00", "Senin pukul 08.00 WIB"),
        ("2026-12-01T08:00", "Selasa, 1 Desember 2026 pukul 08.00 WIB"),
        ("2026-11-23T23:59", "Senin, 23 November 2026 pukul 23.59 WIB"),
    ],
)
def test_near_moment_is_told_by_its_day(at: str, said: str) -> None:
    zone = "Asia/Pontianak"
    assert when(there(at, zone), ZoneInfo(zone), there("2026-11-24T23:00", zone)) == said


@pytest.mark.parametrize(
    ("zone", "name"), [("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT"), ("Asia/Dubai", "UTC+4")]
)
def test_clock_names_its_zone(zone: str, name: str) -> None:
    assert moment(there("2026-11-24T08:05", zone), ZoneInfo(zone)) == f"Selasa, 24 November 2026 pukul 08.05 {name}"
