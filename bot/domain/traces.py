"""What a recruiter leaves in offers and reports: a name, a phone, a handle, a link, an account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TraceKind(StrEnum):
    NAME = "name"
    PHONE = "phone"
    HANDLE = "handle"
    LINK = "link"
    EMAIL = "email"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Trace:
    """`value` is the form to compare by, `shown` how people write it."""

    kind: TraceKind
    value: str
    shown: str


def masked(kind: TraceKind | str, shown: str) -> str:
    """For lists: enough to know it again, not enough to call or pay; names and links stay as they are."""
    if TraceKind(kind) in (TraceKind.NAME, TraceKind.LINK) or len(shown) < 6:
        return shown
    return f"{shown[:4]}•••{shown[-2:]}"
