"""Where a person stands in the database: every table is either a holding, or named in NOBODY with the reason.

A new table goes into one of the two; `tests/test_my_data.py` fails until it does, and fills, shows and erases each holding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from bot.services import officers
from bot.storage.database import Session
from bot.storage.tables import (
    Agreement,
    AskedTrace,
    Attachment,
    AttachmentContent,
    Base,
    BroadcastRecipient,
    Case,
    CaseEvent,
    Chat,
    Checklist,
    ConsoleSession,
    Duty,
    EpisodeQuestion,
    FactsBefore,
    FailedUpdate,
    Handover,
    KioskVisit,
    OfferAsked,
    Officer,
    OutboxMessage,
    Outcome,
    Partner,
    Person,
    Question,
    RecruiterCase,
    Referral,
    Resident,
    SignInLink,
    Subscription,
    Update,
)


class Fate(StrEnum):
    """What /hapusdata does to a holding."""

    ERASED = "erased"
    """At once, apart from what belongs to a case that stays."""
    WITH_CASE = "with_case"
    """Emptied with its case: at once for one that was taken back, else when its time is over."""
    EMPTIED = "emptied"
    """The words go at once, the row with the channel's id soon after."""
    OF_OFFICE = "of_office"
    """Who works for the office is in its records."""


@dataclass(frozen=True, slots=True)
class Whose:
    """All the ids by which one person stands in the database."""

    person_ids: tuple[int, ...]
    chat_ids: tuple[int, ...]
    """Their own chats, never a group."""
    case_ids: tuple[int, ...]
    sources: tuple[str, ...]
    """Sources of updates that are theirs alone."""
    officer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """A table with data about people, how to find those of one, and what becomes of them."""

    table: type[Base]
    of: Callable[[Whose], ColumnElement[bool]]
    fate: Fate


def _attached(whose: Whose) -> ColumnElement[bool]:
    return or_(Attachment.chat_id.in_(whose.chat_ids), Attachment.case_id.in_(whose.case_ids))


def _asked(whose: Whose) -> ColumnElement[bool]:
    return or_(OfferAsked.chat_id.in_(whose.chat_ids), OfferAsked.person_id.in_(whose.person_ids))


HOLDINGS = (
    Holding(Person, lambda whose: Person.id.in_(whose.person_ids), Fate.EMPTIED),
    Holding(Agreement, lambda whose: Agreement.person_id.in_(whose.person_ids), Fate.ERASED),
    Holding(Chat, lambda whose: Chat.id.in_(whose.chat_ids), Fate.EMPTIED),
    Holding(Update, lambda whose: Update.source.in_(whose.sources), Fate.EMPTIED),
    Holding(
        Question,
        lambda whose: or_(Question.chat_id.in_(whose.chat_ids), Question.person_id.in_(whose.person_ids)),
        Fate.ERASED,
    ),
    Holding(
        OutboxMessage,
        lambda whose: or_(OutboxMessage.chat_id.in_(whose.chat_ids), OutboxMessage.case_id.in_(whose.case_ids)),
        Fate.ERASED,
    ),
    Holding(OfferAsked, _asked, Fate.ERASED),
    Holding(AskedTrace, lambda whose: AskedTrace.asked_id.in_(select(OfferAsked.id).where(_asked(whose))), Fate.ERASED),
    Holding(Checklist, lambda whose: Checklist.chat_id.in_(whose.chat_ids), Fate.ERASED),
    Holding(Subscription, lambda whose: Subscription.chat_id.in_(whose.chat_ids), Fate.ERASED),
    Holding(BroadcastRecipient, lambda whose: BroadcastRecipient.chat_id.in_(whose.chat_ids), Fate.ERASED),
    Holding(EpisodeQuestion, lambda whose: EpisodeQuestion.chat_id.in_(whose.chat_ids), Fate.ERASED),
    Holding(Resident, lambda whose: Resident.chat_id.in_(whose.chat_ids), Fate.ERASED),
    Holding(KioskVisit, lambda whose: KioskVisit.chat_id.in_(whose.chat_ids), Fate.EMPTIED),
    Holding(Handover, lambda whose: Handover.chat_id.in_(whose.chat_ids), Fate.ERASED),
    Holding(FailedUpdate, lambda whose: FailedUpdate.chat_id.in_(whose.chat_ids), Fate.ERASED),
    Holding(Case, lambda whose: Case.id.in_(whose.case_ids), Fate.WITH_CASE),
    Holding(CaseEvent, lambda whose: CaseEvent.case_id.in_(whose.case_ids), Fate.WITH_CASE),
    Holding(FactsBefore, lambda whose: FactsBefore.case_id.in_(whose.case_ids), Fate.WITH_CASE),
    Holding(Attachment, _attached, Fate.WITH_CASE),
    Holding(
        AttachmentContent,
        lambda whose: AttachmentContent.id.in_(select(Attachment.id).where(_attached(whose))),
        Fate.WITH_CASE,
    ),
    Holding(Referral, lambda whose: Referral.case_id.in_(whose.case_ids), Fate.WITH_CASE),
    Holding(Outcome, lambda whose: Outcome.case_id.in_(whose.case_ids), Fate.WITH_CASE),
    Holding(RecruiterCase, lambda whose: RecruiterCase.case_id.in_(whose.case_ids), Fate.WITH_CASE),
    Holding(Partner, lambda whose: Partner.chat_id.in_(whose.chat_ids), Fate.OF_OFFICE),
    Holding(Officer, lambda whose: Officer.id == whose.officer_id, Fate.OF_OFFICE),
    Holding(Duty, lambda whose: Duty.officer_id == whose.officer_id, Fate.OF_OFFICE),
    Holding(SignInLink, lambda whose: SignInLink.officer_id == whose.officer_id, Fate.OF_OFFICE),
    Holding(ConsoleSession, lambda whose: ConsoleSession.officer_id == whose.officer_id, Fate.OF_OFFICE),
)

NOBODY = {
    "audit": "what was done in the office's name; names officers as their office's record, and nobody who wrote",
    "entries": "content that is published",
    "entry_revisions": "content that was published",
    "entry_drafts": "content on its way",
    "entry_draft_saves": "content on its way",
    "content_imports": "content on its way",
    "golden_checks": "the office's own questions",
    "content_version": "a counter",
    "key_check": "a known word",
    "office_figure_versions": "imports of the office's own counts",
    "office_figures": "how many people left and came back, counted by the office",
    "registry_versions": "imports of the official registry",
    "licences": "companies",
    "job_orders": "companies",
    "registry_uploads": "companies, or how many people, in a file that waits for a day",
    "offers_seen": "none of an offer's words, and not who asked",
    "offer_pictures": "how pictures of offers look, and not who sent them",
    "trace_key": "a key",
    "traces": "what recruiters are called; who asked about them stands in asked_traces",
    "recruiters": "who is reported, under what reports and offers call them: shown by the office, once it knows who asks",
    "recruiter_traces": "as recruiters",
    "recruiter_statements": "as recruiters; a statement is theirs, and was given to the office",
    "recruiter_verdicts": "as recruiters",
    "verdict_traces": "as recruiters",
    "programmes": "the office's events",
    "episodes": "the office's events",
    "kiosks": "screens in village offices",
    "introductions": "who it was stands nowhere, and the partner's note is masked",
    "broadcasts": "what the office tells everybody; the picture is its own",
    "sending_lane": "a lease",
    "waiting_updates": "what was just sent and is not read yet, encrypted; who asks meanwhile has sent it after asking",
}
"""Tables that hold nobody who writes to Silvi, each with the reason."""


async def whose(session: Session, person: Person) -> Whose:
    """Under what ids this person stands; their own chat has the same id on the channel as they."""
    own_chat = select(Chat.id).where(
        Chat.channel == person.channel, Chat.external_id == person.external_id, Chat.is_group.is_(False)
    )
    chat_ids = tuple((await session.execute(own_chat)).scalars())
    case_ids = tuple((await session.execute(select(Case.id).where(Case.person_id == person.id))).scalars())
    officer = None
    if person.channel == "telegram" and person.external_id.isdigit():
        officer = await officers.by_telegram_id(session, int(person.external_id))
    return Whose(
        (person.id,),
        chat_ids,
        case_ids,
        (f"{person.channel}:{person.external_id}",),
        officer.id if officer else None,
    )


async def rows_of(session: Session, holding: Holding, whose: Whose) -> Sequence[Any]:
    """The rows of one holding, in the order they came."""
    key = list(holding.table.__table__.primary_key)
    return (await session.execute(select(holding.table).where(holding.of(whose)).order_by(*key))).scalars().all()
