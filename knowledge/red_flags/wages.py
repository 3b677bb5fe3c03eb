"""Sums of money in a text, and whether an offered wage is far above what the destination pays."""

from __future__ import annotations

import re
from dataclasses import dataclass

IDR_OF = {
    "rp": 1, "rm": 3_900, "hkd": 2_100, "twd": 520, "sgd": 12_700, "bnd": 12_700, "usd": 16_400, "sar": 4_400,
    "aed": 4_500, "kwd": 53_500, "qar": 4_500, "omr": 42_600, "bhd": 43_500, "jpy": 110, "krw": 12, "nzd": 9_700,
    "aud": 10_700, "cad": 11_900, "eur": 18_500, "gbp": 21_800, "thb": 500, "try": 400,
}  # fmt: skip
"""Rounded, only to compare sizes with a wide margin; never shown to people."""

HOURS_OF = {"jam": 208.0, "hari": 26.0, "minggu": 4.3, "bulan": 1.0, "tahun": 1 / 12}
"""How many of a period make a working month: 26 days of 8 hours."""


@dataclass(frozen=True, slots=True)
class Official:
    """What a destination pays in a month by that fact; `times` it is far above for work without a skill."""

    currency: str
    monthly: int
    fact: str
    times: float


OFFICIAL = {
    "malaysia": Official("RM", 1_700, "F-1301", 1.9),
    "sarawak": Official("RM", 1_700, "F-1301", 1.9),
    "hong-kong": Official("HKD", 5_100, "F-1303", 2.0),
    "taiwan": Official("TWD", 28_590, "F-1304", 2.5),
    "singapura": Official("SGD", 550, "F-1305", 3.0),  # a figure for households; other work there pays more
    "arab-saudi": Official("SAR", 1_500, "F-1306", 2.5),
    "jepang": Official("JPY", 200_000, "F-1307", 1.8),
}

OVER_ANY_IDR = 15_000_000
"""Where no official figure is known: the catalogue's own examples of bait begin at Rp15 million."""

OVER_KNOWN_HIGH_IDR = 45_000_000
"""Korea, Germany and other places with truly high wages: the catalogue calls Rp15 to 30 million ordinary there."""

HOME_OF = {
    "rm": "malaysia", "hkd": "hong-kong", "twd": "taiwan", "sgd": "singapura", "sar": "arab-saudi", "jpy": "jepang",
    "krw": "korea", "nzd": "selandia-baru", "aud": "australia", "cad": "kanada", "gbp": "inggris", "eur": "jerman",
}  # fmt: skip
"""Where a wage in that currency is paid, for texts that name no country; the euro stands for its best known employer."""

HIGH_WAGE = frozenset(
    """
    korea jerman australia selandia-baru kanada amerika-serikat inggris swiss austria belanda belgia prancis
    denmark norwegia swedia finlandia italia spanyol portugal yunani polandia kroasia rumania hungaria ceko
    tiongkok makau
    """.split()
)
SKILLED_TIMES = 2.0

_NUMBER = r"\d+(?:[.,]\d+)*"
_CURRENCIES = {
    r"rp|idr|rupiah": "rp", r"rm|myr|ringgit": "rm", r"hk ?\$|hkd": "hkd", r"nt ?\$|ntd|twd|nt": "twd",
    r"sgd|s\$|sing\$": "sgd", r"bnd|b\$": "bnd", r"usd|us ?\$|dolar|dollar|\$": "usd", r"sar|riyal|real": "sar",
    r"aed|dirham": "aed", r"kwd|dinar": "kwd", r"qar": "qar", r"omr": "omr", r"bhd": "bhd", r"jpy|yen|¥|en": "jpy",
    r"krw|won|₩": "krw", r"nzd|nz ?\$": "nzd", r"aud|au ?\$": "aud", r"cad|ca ?\$": "cad", r"eur|euro|€": "eur",
    r"gbp|pound|£": "gbp", r"thb|baht": "thb", r"try|lira": "try",
}  # fmt: skip
_ANY = "|".join(sorted("|".join(_CURRENCIES).split("|"), key=len, reverse=True))
_TIMES = {"jt": 1e6, "juta": 1e6, "jutaan": 1e6, "jeti": 1e6, "rb": 1e3, "ribu": 1e3, "rebu": 1e3, "k": 1e3}
_MANY = "|".join(sorted(_TIMES, key=len, reverse=True))
_PERIOD = r"(?:\s?(?:nett?o?|bersih|plus|\+|an)?\s?(?:/|per|se|tiap|setiap|sa)\s?(jam|hari|hr|minggu|mgg|bulan|bln|sasi|tahun|thn))?"
_AMOUNT = re.compile(
    rf"(?<![\w$])(?:({_ANY})\.?\s?)?({_NUMBER})(?:\s?(?:-|–|s/d|sd|sampai|hingga)\s?(?:{_ANY})?\.?\s?({_NUMBER}))?"
    rf"\s?(?:({_MANY})(?:an)?(?![a-z]))?(?:\s?({_ANY})(?![a-z]))?{_PERIOD}"
)
_UNITS = ["se", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"]
_UNIT = "|".join(_UNITS)
_SPELLED = re.compile(rf"\b(?:({_UNIT})\s?(puluh|belas)\s?({_UNIT})?|({_UNIT}))\s?(juta|ribu)\b{_PERIOD}")
_DAILY_BEFORE = re.compile(r"(?:sehari|harian|per ?hari|tiap hari|sedino|sa ari)\W{0,3}(?:\w+\W{1,3})?$")
_HOURLY_BEFORE = re.compile(r"(?:per ?jam|sejam)\W{0,3}$")


@dataclass(frozen=True, slots=True)
class Amount:
    """`value` in `currency`, None where only "juta" or "ribu" was said, which is rupiah; `period` as it was said."""

    value: float
    currency: str | None
    period: str | None
    start: int
    end: int

    @property
    def monthly_idr(self) -> float:
        """The sum as a month's rupiah: a sum without a period is taken as a month's."""
        return self.value * IDR_OF[self.currency or "rp"] * HOURS_OF[self.period or "bulan"]


def find_amounts(text: str) -> list[Amount]:
    """Sums of money in a folded text: a number with a currency, with "juta" or "ribu", or spelled out."""
    found = []
    for match in _AMOUNT.finditer(text):
        before, low, high, many, behind, period = match.groups()
        currency = _currency(before or behind)
        if not currency and not many:
            continue
        value = _value(high or low, bool(many)) * _TIMES.get(many or "", 1)
        if currency == "rp" and not many and value < 1_000:
            value *= 1_000
        found.append(Amount(value, currency, _period(period, text[: match.start()]), *match.span()))
    for match in _SPELLED.finditer(text):
        tens, kind, rest, single, many, period = match.groups()
        value = _number_of(single) if single else _number_of(tens) * 10 + _number_of(rest)
        if kind == "belas":
            value = 10 + _number_of(tens)
        found.append(Amount(value * _TIMES[many], None, _period(period, text[: match.start()]), *match.span()))
    return sorted(found, key=lambda amount: amount.start)


def limit_idr(countries: tuple[str, ...], *, is_skilled: bool) -> float:
    """From which monthly sum on a wage is far above what is usual, by the best paying country named."""
    limit = max(map(_limit_of, countries), default=OVER_ANY_IDR)
    return limit * (SKILLED_TIMES if is_skilled else 1)


def _limit_of(country: str) -> float:
    official = OFFICIAL.get(country)
    if official:
        return official.monthly * IDR_OF[official.currency.lower()] * official.times
    return OVER_KNOWN_HIGH_IDR if country in HIGH_WAGE else OVER_ANY_IDR


def _currency(written: str | None) -> str | None:
    if not written:
        return None
    return next(code for names, code in _CURRENCIES.items() if re.fullmatch(names, written))


def _value(number: str, has_times: bool) -> float:
    """5.100 is five thousand one hundred, 1,2 with "juta" behind it is one and a fifth."""
    parts = re.split("[.,]", number)
    if len(parts) == 1:
        return float(number)
    if all(len(part) == 3 for part in parts[1:]) and not (has_times and len(parts) == 2 and len(parts[0]) == 1):
        return float("".join(parts))
    if len(parts[-1]) < 3:
        return float("".join(parts[:-1]) + "." + parts[-1])
    return float("".join(parts))


def _period(written: str | None, before: str) -> str | None:
    if written:
        return {"hr": "hari", "mgg": "minggu", "bln": "bulan", "sasi": "bulan", "thn": "tahun"}.get(written, written)
    if _DAILY_BEFORE.search(before[-30:]):
        return "hari"
    return "jam" if _HOURLY_BEFORE.search(before[-12:]) else None


def _number_of(word: str | None) -> int:
    return max(_UNITS.index(word), 1) if word else 0
