"""Masks personal data before a text is kept: numbers of identity, phone, account, e-mail, names of persons (UU 27/2022)."""

from __future__ import annotations

import re

NOTICE_VERSION = 1
"""Version of the privacy notice shown at the start; raise it when its text changes."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK_WITH_HANDLE = re.compile(r"(?<!\w)@\w{4,}")
_NIK = re.compile(r"(?<!\d)\d{2}[\s.-]?\d{4}[\s.-]?\d{6}[\s.-]?\d{4}(?!\d)|(?<!\d)\d{16}(?!\d)")
_PHONE = re.compile(r"(?<![\d/-])(?:\+?\d{1,3}[\s.-]?)?\(?0?\d{2,4}\)?(?:[\s.-]?\d{3,4}){2,3}(?![\d/])")
_PASSPORT = re.compile(r"(?<!\w)[A-Za-z]{1,2}\s?\d{6,8}(?!\w)")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{9,}(?!\d)")
_CASE_NUMBER = re.compile(r"\b[A-Z]{3}-\d{4}-\d{6}\b")
_NAMED = re.compile(
    r"\b(nama(?:nya| saya| anak saya| suami saya| istri saya| ibu saya| bapak saya| adik saya| kakak saya)?(?: adalah)?|bernama|atas nama|a\.?n\.?)"
    r"[\s:]+([A-Za-z'’.]+(?:\s+[A-Z][A-Za-z'’.]+){0,3})",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"\b([Pp]ak|[Bb]u|[Ii]bu|[Bb]apak|[Mm]as|[Mm]bak|[Bb]ang|[Kk]ak|[Hh]aji|[Hh]j?\.|[Ss]i|[Cc]ik|[Tt]uan|[Nn]yonya|[Ss]audara|[Ss]dr\.?)\s+"
    r"([A-Z][a-z'’]+(?:\s+[A-Z][a-z'’]+){0,2})"
)
NOT_NAMES = frozenset(
    "Admin Silvi Petugas Kades Lurah Camat RT RW Kepala Mau Saya Apa Berapa Bagaimana Kalau Di Ke Min Izin Tanya Haji Guru Dokter Polisi "
    "Sarawak Malaysia Taiwan Korea Jepang Brunei Singapura Kuching Pontianak Sambas Entikong Bos Mandor Direktur Hong Kong Arab Saudi PT CV".split()
)
"""Words that follow a form of address without being a name."""


def mask(text: str) -> str:
    """`text` without what points to a person; each gap says what stood there. Case numbers of Silvi stay."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\x00{len(kept) - 1}\x00"

    text = _CASE_NUMBER.sub(keep, text)
    text = _EMAIL.sub("[email]", text)
    text = _LINK_WITH_HANDLE.sub("[akun]", text)
    text = _NIK.sub("[NIK]", text)
    text = _PASSPORT.sub("[nomor paspor]", text)
    text = _PHONE.sub(_phone, text)
    text = _LONG_NUMBER.sub("[nomor]", text)
    text = _NAMED.sub(_named, text)
    text = _TITLED.sub(_titled, text)
    return re.sub("\x00(\\d+)\x00", lambda match: kept[int(match[1])], text)


def _phone(match: re.Match[str]) -> str:
    """Sums of money and years are short or grouped by threes: not a phone."""
    digits = re.sub(r"\D", "", match[0])
    grouped_money = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", match[0])
    return match[0] if len(digits) < 9 or grouped_money else "[telepon]"


def _named(match: re.Match[str]) -> str:
    first = match[2].split()[0]
    return match[0] if first in NOT_NAMES or len(first) < 2 else f"{match[1]} [nama]"


def _titled(match: re.Match[str]) -> str:
    return match[0] if match[2].split()[0] in NOT_NAMES else f"{match[1]} [nama]"
