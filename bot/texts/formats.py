"""Moments and countries as people read them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from knowledge.office import long_date

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
ZONES = {7: "WIB", 8: "WITA", 9: "WIT"}


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Selasa, 24 November 2026 pukul 14.30 WIB."""
    local = at.astimezone(zone)
    hours_ahead = int(local.utcoffset().total_seconds() // 3600)
    name = ZONES.get(hours_ahead, f"UTC{hours_ahead:+d}")
    return f"{DAYS[local.weekday()]}, {long_date(local.date())} pukul {local:%H.%M} {name}"


def country_name(code: str) -> str:
    """Hong Kong, for hong-kong."""
    return code.upper() if len(code) <= 3 else code.replace("-", " ").title()
