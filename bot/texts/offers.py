"""What Silvi says about the recruiters that an offer names."""

from __future__ import annotations

from datetime import date

from bot.domain.recruiters import Found
from bot.texts import recruiters


def about_recruiter(found: Found, *, today: date) -> str:
    """The first thing to know about a name in an offer; the whole answer is that of the look-up itself."""
    first, _, _ = recruiters.advice(found, today=today).partition("\n\n")
    return f"{found.query}: {first}"
