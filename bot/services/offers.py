"""What is known about an offer: its red flags, the recruiters and phones it names, and what to do now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from knowledge.contacts import ContactKind, phone_number
from knowledge.office import OfficeProfile
from knowledge.recruiter_names import find_recruiter_names
from knowledge.red_flags import Analysis, analyse
from knowledge.red_flags.advice import advice
from knowledge.red_flags.learned import FlagModel

CHAT_LINKS = ("wa.me/", "api.whatsapp.com/")


@dataclass(frozen=True, slots=True)
class Recruiter:
    """A name in the offer and what the registry says of it; `registry_name` is the registered one it was matched to."""

    name: str
    status: str
    registry_name: str | None


@dataclass(frozen=True, slots=True)
class OfferReport:
    """The whole answer to one offer; `phones` are E.164, or digits as typed where no such number can exist."""

    analysis: Analysis
    recruiters: tuple[Recruiter, ...]
    phones: tuple[str, ...]
    advice: str


LookUp = Callable[[str], Awaitable[Recruiter]]


async def not_in_registry(name: str) -> Recruiter:
    """The answer of an empty registry."""
    return Recruiter(name, "not_found", None)


async def check(
    text: str, office: OfficeProfile, model: FlagModel | None, look_up: LookUp = not_in_registry
) -> OfferReport:
    """The report on one offer; `look_up` answers for each name found in it, without a model the rules alone judge."""
    analysis = analyse(text, model)
    recruiters = tuple([await look_up(name) for name in find_recruiter_names(text)])
    told = advice(analysis, office, tuple(recruiter.name for recruiter in recruiters))
    return OfferReport(analysis, recruiters, _phones(analysis), told)


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
