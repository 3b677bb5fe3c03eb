"""What is known about an offer: its red flags, the recruiters and phones it names, and what to do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.domain.recruiters import Found, RecruiterStatus
from bot.services import recruiters
from bot.storage.database import Session
from bot.texts.offers import about_recruiter
from knowledge.contacts import ContactKind, phone_number
from knowledge.office import OfficeProfile
from knowledge.recruiter_names import find_recruiter_names
from knowledge.red_flags import Analysis, with_unlicensed
from knowledge.red_flags.advice import advice

CHAT_LINKS = ("wa.me/", "api.whatsapp.com/")
UNLICENSED = (RecruiterStatus.SUSPENDED, RecruiterStatus.REVOKED)
MOST_NAMES = 5
"""An offer with more names than this is a list; only the first are looked up."""


@dataclass(frozen=True, slots=True)
class OfferReport:
    """The whole answer to one offer; `phones` are E.164, or digits as typed where no such number can exist."""

    analysis: Analysis
    recruiters: tuple[Found, ...]
    phones: tuple[str, ...]
    advice: str


async def report(session: Session, text: str, analysis: Analysis, office: OfficeProfile, *, today: date) -> OfferReport:
    """The report on an offer that was analysed before: each name in it is looked up in the registry of `today`.

    Without a licence nobody may place workers, so a suspended or revoked one is a red flag itself.
    """
    country = analysis.countries[-1] if analysis.countries else None
    found = tuple(
        [
            await recruiters.look_up(session, name, country=country, today=today)
            for name in find_recruiter_names(text)[:MOST_NAMES]
        ]
    )
    analysis = with_unlicensed(analysis, text, [one.query for one in found if one.status in UNLICENSED])
    told = advice(analysis, office, tuple(about_recruiter(one, today=today) for one in found))
    return OfferReport(analysis, found, _phones(analysis), told)


def _phones(analysis: Analysis) -> tuple[str, ...]:
    """Phone numbers in the order of the text, also those inside chat links and of e-wallets."""
    found = []
    for contact in analysis.contacts:
        if contact.kind is ContactKind.PHONE:
            found.append(contact.value)
        elif contact.kind is ContactKind.LINK and contact.value.startswith(CHAT_LINKS):
            found.append(phone_number(contact.value.rpartition("/")[2]))
        elif contact.kind is ContactKind.ACCOUNT and contact.value.startswith("08"):
            found.append(phone_number(contact.value))
    return tuple(dict.fromkeys(number for number in found if number))
