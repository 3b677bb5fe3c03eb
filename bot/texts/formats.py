"""Moments and countries as people read them."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dateutil.parser import parse, parserinfo

from knowledge.office import MONTHS, long_date

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
ZONES = {7: "WIB", 8: "WITA", 9: "WIT"}
PHONE = re.compile(r"\+?\(?\d(?:[\s().-]?\d){7,15}")
HOME_CODE = "62"
HIDDEN = "•••"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Selasa, 24 November 2026 pukul 14.30 WIB."""
    local = at.astimezone(zone)
    return f"{DAYS[local.weekday()]}, {long_date(local.date())} {_clock(local)}"


def brief(at: datetime, zone: ZoneInfo) -> str:
    """24 Nov 2026, 14.30 WIB: for tables, where the day's name is not needed."""
    local = at.astimezone(zone)
    month = MONTHS[local.month - 1][:3]
    return f"{local.day} {month} {local.year}, {_clock(local).removeprefix('pukul ')}"


def when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A moment to come, as one says it: hari ini pukul 14.30 WIB, besok ..., Senin ..., later with its date."""
    local = at.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    if not 0 <= days < len(DAYS):
        return moment(at, zone)
    return f"{('hari ini', 'besok')[days] if days < 2 else DAYS[local.weekday()]} {_clock(local)}"


class _Indonesian(parserinfo):
    """Month names in full and by three letters; the day stands before the month."""

    MONTHS = [(month[:3], month) for month in MONTHS]

    def __init__(self) -> None:
        super().__init__(dayfirst=True)


_INDONESIAN = _Indonesian()


def read_day(text: str, today: date) -> date:
    """15-12-2026, 15/12, 15 Desember: without a year the next such day; raises ValueError for what is no day."""
    start = datetime.combine(today, datetime.min.time())
    day = parse(text, _INDONESIAN, default=start, fuzzy=True).date()
    is_past = day < today and str(day.year) not in text
    return day.replace(year=day.year + 1) if is_past else day


def country_name(code: str) -> str:
    """Hong Kong, for hong-kong."""
    return code.upper() if len(code) <= 3 else code.replace("-", " ").title()


def masked_contact(contact: str) -> str:
    """S•••, +62 8•• ••• 789: enough to know it again, not enough to call."""
    words = re.findall(r"[^\W\d_]+", PHONE.sub(" ", contact))
    names = " ".join(f"{word[0]}{HIDDEN}" for word in words)
    return ", ".join([*([names] if names else []), *(_masked_phone(phone[0]) for phone in PHONE.finditer(contact))])


def _masked_phone(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    if not phone.startswith("+") and not digits.startswith(HOME_CODE):
        digits = HOME_CODE + digits.removeprefix("0")
    return f"+{digits[:2]} {digits[2]}•• {HIDDEN} {digits[-3:]}"


def _clock(local: datetime) -> str:
    """pukul 14.30 WIB."""
    hours_ahead = int(local.utcoffset().total_seconds() // 3600)
    return f"pukul {local:%H.%M} {ZONES.get(hours_ahead, f'UTC{hours_ahead:+d}')}"
