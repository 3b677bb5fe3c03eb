"""Ways to reach or pay somebody that a text names: phones, handles, links, accounts, wallets. Links are never opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import phonenumbers


class ContactKind(StrEnum):
    PHONE = "phone"
    HANDLE = "handle"
    LINK = "link"
    EMAIL = "email"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Contact:
    """`value` is the form to compare by: E.164, @handle, host and path, bare digits of an account."""

    kind: ContactKind
    value: str
    start: int
    end: int
    is_official: bool = False


OFFICIAL_HOSTS = (".go.id", "bp2mi.go.id", "kp2mi.go.id", "kemnaker.go.id")

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')]+|\b(?:[a-z0-9-]+\.)+(?:com|co\.id|go\.id|id|net|org|me|ly|my)(?:/[^\s<>\"')]*)?"
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[a-z]{2,})+")
_HANDLE = re.compile(r"(?<![\w.])@[a-z0-9_.]{3,32}")
_SPACED = re.compile(r"(?<![\d])(?:\+?\s?6\s?[02]|0)(?:[\s.\-()]{0,2}\d){7,13}(?!\d)")
_WALLETS = "dana|ovo|gopay|go-pay|shopeepay|linkaja|seabank|jago|jenius|flip"
_BANKS = f"bca|bri|bni|bsi|mandiri|btn|cimb|danamon|permata|maybank|bank [a-z]+|{_WALLETS}|norek|no rek|rek|rekening"
_ACCOUNT = re.compile(rf"\b(?:{_BANKS})\b[^\d\n]{{0,25}}(\d(?:[ .-]?\d){{7,17}})(?!\d)")
_LANDLINE = re.compile(r"\(?\b0(?:21|22|24|31|[2-79]\d{2})\)?[\s-]?\d{4}")


def find_contacts(text: str) -> list[Contact]:
    """All contacts of a folded text in the order they stand in it; what overlaps belongs to the first kind found."""
    found: list[Contact] = []

    def add(kind: ContactKind, value: str, start: int, end: int, *, is_official: bool = False) -> None:
        if all(end <= other.start or start >= other.end for other in found):
            found.append(Contact(kind, value, start, end, is_official))

    for match in _EMAIL.finditer(text):
        add(ContactKind.EMAIL, match[0], *match.span(), is_official=match[0].endswith(".go.id"))
    for match in _LINK.finditer(text):
        host, path = _taken_apart(match[0])
        add(ContactKind.LINK, host + path, *match.span(), is_official=host.endswith(OFFICIAL_HOSTS))
    for match in _ACCOUNT.finditer(text):
        add(ContactKind.ACCOUNT, re.sub(r"\D", "", match[1]), *match.span(1))
    for match in _SPACED.finditer(text):
        add(ContactKind.PHONE, phone_number(match[0]), match.start(), match.end())
    for region in ("ID", "MY"):
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID):
            add(ContactKind.PHONE, phone_number(match.raw_string), match.start, match.end)
    for match in _HANDLE.finditer(text):
        add(ContactKind.HANDLE, match[0].rstrip("."), *match.span())
    return sorted(found, key=lambda contact: contact.start)


def phone_number(typed: str) -> str:
    """E.164 where the number is valid in Indonesia or Malaysia, else its digits as typed."""
    digits = re.sub(r"[^\d+]", "", typed)
    international = f"+{digits}" if digits.startswith(("62", "60")) and len(digits) > 9 else digits
    for number, region in ((international, "ID"), (digits, "MY")):
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return digits.lstrip("+")


def has_landline(text: str) -> bool:
    """True where an office telephone with an area code stands in the folded text."""
    return bool(_LANDLINE.search(text))


def _taken_apart(link: str) -> tuple[str, str]:
    """Host without "www." and path of a link; what cannot be read as an address is all host."""
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
        return (parts.hostname or link).removeprefix("www."), parts.path.rstrip("/")
    except ValueError:
        return link, ""
