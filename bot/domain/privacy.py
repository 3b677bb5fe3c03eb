"""Masks personal data before a text is kept: identity, phone and account numbers, e-mail, names (UU 27/2022)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

NOTICE_VERSION = 3
"""Version of the privacy notice shown at the start; raise it when its text changes: who saw an earlier one is shown it again."""


class AgreedBy(StrEnum):
    """How somebody agreed to the notice."""

    BUTTON = "button"
    REPORT = "report"
    """They sent a report under it."""


NAME_WORDS = 4
"""A name written with capitals is masked up to this many words."""

TOO_SHORT_FOR_A_NAME = 2
"""Words of so few letters in a contact are no name, but "di" or "HP"."""

LOWER_CASE_NAME_WORDS = 2
"""Without capitals nothing shows where a name ends; most names people write have two words."""

_CASE_NUMBER = re.compile(r"\b[A-Z]{3}-\d{4}-\d{6}\b")
_AT, _DOT = (rf"\s?(?:{sign}|\[\s?{word}\s?\]|\(\s?{word}\s?\))\s?" for sign, word in (("@", "at"), (r"\.", "dot")))
_EMAIL = re.compile(rf"[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[a-z]{{2,}})+", re.IGNORECASE)
_LINK_WITH_HANDLE = re.compile(r"(?<!\w)@\w{4,}")
_NIK = re.compile(r"(?<!\d)\d(?:[\s.-]?\d){15}(?!\d)")
_ACCOUNT = re.compile(r"\b((?:no)?rek(?:ening)?\b[^\d\n]{0,25}?)(?<!\d)(\d(?:[ .-]?\d){5,})(?!\d)", re.IGNORECASE)
_PASSPORT = re.compile(
    r"(?<!\w)(?!(?i:rp|rm|nt|hk|us|sg|sr|bn)[\s-]?\d)(?:[A-Z]{1,2}[\s-]?|[a-z]{1,2}|(?<=paspor )[a-z]\s)\d{6,8}(?!\w)",
)
_PASSPORT_IN_GROUPS = re.compile(
    r"(\bpas?por\b\D{0,15}?\b)(?!rp|rm|nt|hk|us|sg|sr|bn|di|ke|no)[a-z]{1,2}(?:[ .-]?\d){6,8}(?!\w)", re.IGNORECASE
)
_PHONE = re.compile(r"(?<![\d/-])(?<!\d[.,])(?:\+?\d{1,3}[\s.-]?)?\(?0?\d{2,4}\)?(?:[\s.-]?\d{3,4}){2,3}(?![\d/])")
_SPELLED_PHONE = re.compile(r"(?<!\d)(?<!\d[.,-])(?:\+\s?6\s?2|0)(?:[\s.-]?\d){8,14}(?!\d)")
_DIGIT = "(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan)"
_PHONE_IN_WORDS = re.compile(rf"\b{_DIGIT}(?:[\s,-]+{_DIGIT}){{7,}}\b", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"(?<!\d)\d{9,}(?!\d)")
_DIGITS_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_CURRENCY_BEFORE = re.compile(r"(?:rp|idr|rm|myr|nt\$?|hk\$?|us\$?|s\$|sr|usd|sgd|bnd|\$)\.?\s?$", re.IGNORECASE)
_CURRENCY_BEHIND = re.compile(r"\s?(?:rupiah|ringgit|ribu|rb\b|juta|jt\b|dol+ar|yen|won|riyal|real)", re.IGNORECASE)
_ROUND_ZEROS = 5

_WORD_OF_NAME = re.compile(r"[ \t]*([^\W\d_][^\W\d_'’.-]*(?:['’-][^\W\d_]+)*)(?!\w)\.?")
_WHOSE = (
    "lengkap|asli|panggilan|saya|sy|sya|aku|kamek|saye|ayah|ibu|bapak|suami|istri|anak|adik|adek|kakak|sepupu|paman|"
    "majikan|calo|agen|sponsor|tekong|dia|orangnya|pelaku|korban"
)
_BEFORE_NAME = re.compile(
    rf"\b(?:nama(?:ku|nya|ny|e|ne)?(?:\s+(?:{_WHOSE})){{0,3}}(?:\s+(?:adalah|itu|yaitu|ialah))?"
    r"|ber\s?nama|atas\s+nama|a\.\s?n\.?|an\.|an(?=[\s:]+(?-i:[A-Z]))|a/n|panggil(?:\s+(?:saja|aja|saya))?|(?:per)?kenalkan,?\s+(?:saya|aku|sy)"
    r"|jenengku|jenenge|(?:my|his|her)\s+name\s+is)[\s:]+",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:(?:pak|bapak|bu|ibu|mas|mbak|mba|bang|abang|kak|kakak|haji|hajah|si|cik|encik|tuan|nyonya|"
    r"saudara|saudari|om|tante|pakde|bude|ustad|ustaz|koh)|(?:bpk|sdri?|mrs?|ms)\.?|hj?\.)\s+",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """`text` without what points to a person; each gap says what stood there. Case numbers and sums of money stay.

    Names are known by what stands before them ("pak", "bernama", "a.n."); a name alone cannot be told from a word.
    """
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\x00{len(kept) - 1}\x00"

    text = _CASE_NUMBER.sub(keep, text.replace("\x00", ""))
    text = _EMAIL.sub("[email]", text)
    text = _LINK_WITH_HANDLE.sub("[akun]", text)
    text = _NIK.sub("[NIK]", text)
    text = _ACCOUNT.sub(_account, text)
    text = _PASSPORT.sub("[nomor paspor]", text)
    text = _PASSPORT_IN_GROUPS.sub(r"\1[nomor paspor]", text)
    text = _PHONE.sub(_phone, text)
    text = _SPELLED_PHONE.sub(_phone, text)
    text = _PHONE_IN_WORDS.sub("[telepon]", text)
    text = _LONG_NUMBER.sub(_long_number, text)
    # Titles first: behind "namanya Mr" the name would be over with the title.
    text = _without_names(text, _TITLE)
    text = _without_names(text, _BEFORE_NAME)
    return re.sub("\x00(\\d+)\x00", lambda match: kept[int(match[1])], text)


def mask_person(text: str, contact: str | None) -> str:
    """`text` masked, and without the names in `contact` wherever they stand."""
    names = [word for word in re.findall(r"[^\W\d_]+", contact or "") if len(word) > TOO_SHORT_FOR_A_NAME]
    masked = mask(text)
    if not names:
        return masked
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", "[nama]", masked, flags=re.IGNORECASE)


def _account(match: re.Match[str]) -> str:
    return match[0] if _is_money(match, 2) else f"{match[1]}[nomor]"


def _phone(match: re.Match[str]) -> str:
    """Years and short numbers are no phone."""
    digits = re.sub(r"\D", "", match[0])
    return match[0] if len(digits) < 9 or _is_money(match, 0) else "[telepon]"


def _long_number(match: re.Match[str]) -> str:
    return match[0] if _is_money(match, 0) else "[nomor]"


def _is_money(match: re.Match[str], group: int) -> bool:
    """A sum stands by a currency, is grouped by threes, or ends in zeros; no phone or account does."""
    number, before, behind = match[group], match.string[: match.start(group)], match.string[match.end(group) :]
    if number.startswith(("0", "+", "(")):
        return False
    return bool(
        _CURRENCY_BEFORE.search(before)
        or _CURRENCY_BEHIND.match(behind)
        or _DIGITS_GROUPED.fullmatch(number)
        or re.sub(r"\D", "", number).endswith("0" * _ROUND_ZEROS)
    )


def _without_names(text: str, before_name: re.Pattern[str]) -> str:
    parts, done = [], 0
    for match in before_name.finditer(text):
        end = _end_of_name(text, match.end())
        if match.end() >= done and end > match.end():
            parts += [text[done : match.end()], "[nama]"]
            done = end
    return "".join(parts) + text[done:]


def _end_of_name(text: str, start: int) -> int:
    """Where a name that would begin at `start` ends: at an everyday word, or at a small letter behind a capital."""
    has_capital = text[start : start + 1].isupper()
    position = end = start
    for _ in range(NAME_WORDS if has_capital else LOWER_CASE_NAME_WORDS):
        match = _WORD_OF_NAME.match(text, position)
        word = match[1] if match else ""
        if len(word) < (1 if has_capital else 2) or word.lower() in _everyday_words():
            break
        if has_capital and not word[0].isupper():
            break
        position, end = match.end(), match.end(1)
    return end


@lru_cache(maxsize=1)
def _everyday_words() -> frozenset[str]:
    text = Path(__file__).with_name("everyday_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
