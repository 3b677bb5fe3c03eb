"""Erases a person, or empties their cases so that what is left counts in the figures and points to nobody (UU 27/2022)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, text, update

from bot.domain.cases import CaseState, CaseUrgency
from bot.domain.messages import ChatRef
from bot.domain.retention import Kept, kept_until
from bot.services import attachments, holdings, partners, people, programmes, subscriptions
from bot.services.holdings import Whose
from bot.storage.database import Session
from bot.storage.tables import (
    Agreement,
    Attachment,
    AttachmentContent,
    Case,
    CaseEvent,
    Chat,
    Checklist,
    Delivery,
    FactsBefore,
    FailedUpdate,
    Handover,
    KioskVisit,
    OfferAsked,
    OutboxMessage,
    Outcome,
    Person,
    Question,
    Referral,
    Update,
)

NOBODY = "anonymous"
"""The channel of who is behind an anonymised case: one for each, so that people are counted as before."""


@dataclass(frozen=True, slots=True)
class Stays:
    """A case that must stay, and until when; None while it is open, since its time begins with its end."""

    number: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Erased:
    """How many questions went, which cases were anonymised, and what stays."""

    questions: int
    anonymised: tuple[str, ...]
    stays: tuple[Stays, ...]


IS_TAKEN_BACK = (Case.state == CaseState.WITHDRAWN) & (Case.urgency == CaseUrgency.NORMAL)
"""A cry for help is not unsaid by whoever holds the phone: taken back, it stays like a case that was closed."""


async def what_stays(session: Session, person: Person) -> tuple[Stays, ...]:
    """The cases that /hapusdata leaves: the office must be able to account for them."""
    cases = select(Case).where(Case.person_id == person.id, ~IS_TAKEN_BACK)
    return tuple(
        Stays(case.number, kept_until(Kept.CASES, case.closed_at) if case.closed_at else None)
        for case in (await session.execute(cases.order_by(Case.id))).scalars()
    )


async def erase(session: Session, person: Person, chat: Chat, *, now: datetime) -> Erased:
    """Erase all of `person` that no case must keep; cases they took back are anonymised, files and all.

    The ids of the channel go with the next purge (Kept.ERASED_CHATS): a second delivery of an old message would else
    look like a new person's.
    """
    stays = await what_stays(session, person)
    withdrawn = select(Case).where(Case.person_id == person.id, IS_TAKEN_BACK)
    taken_back = (await session.execute(withdrawn.order_by(Case.id).with_for_update())).scalars().all()
    for case in taken_back:
        await anonymise(session, case, now=now)
    await attachments.forget(session, chat)
    count = await _erase_rows(session, await holdings.whose(session, person))
    person.notice_version = person.notice_at = None
    _empty(chat)
    chat.erased_at = now
    return Erased(count, tuple(case.number for case in taken_back), stays)


async def anonymise(session: Session, case: Case, *, now: datetime) -> None:
    """Take out of a case all that was told and written, its files, and who is behind it; dates and kinds stay."""
    await session.execute(text("set local silvi.anonymising = 'on'"))
    await session.execute(update(CaseEvent).where(CaseEvent.case_id == case.id).values(text=""))
    await session.execute(text("set local silvi.anonymising = 'off'"))
    files = select(Attachment.id).where(Attachment.case_id == case.id)
    await session.execute(delete(AttachmentContent).where(AttachmentContent.id.in_(files)))
    await session.execute(delete(Attachment).where(Attachment.case_id == case.id))
    await session.execute(update(Referral).where(Referral.case_id == case.id).values(purpose="", answer=None))
    await session.execute(update(Outcome).where(Outcome.case_id == case.id).values(note=""))
    await session.execute(update(OfferAsked).where(OfferAsked.case_id == case.id).values(case_id=None))
    await session.execute(delete(OutboxMessage).where(OutboxMessage.case_id == case.id))
    case.narrative, case.place, case.district, case.duration, case.contact = "", None, None, None, None
    case.asked = case.answered = case.topic_name = case.head_id = None
    nobody = await people.person_of(session, NOBODY, f"case-{case.id}", now=now)
    nowhere = await people.chat_of(session, ChatRef(NOBODY, f"case-{case.id}"), now=now)
    case.person_id, case.chat_id, case.anonymised_at = nobody.id, nowhere.id, now
    await session.flush()
    await session.execute(update(FactsBefore).where(FactsBefore.case_id == case.id).values(district=None))


async def forget_chat(session: Session, chat: Chat) -> None:
    """Delete a private chat and its person, by whom no case is held, with all that is left of them."""
    found = select(Person).where(Person.channel == chat.channel, Person.external_id == chat.external_id)
    person = (await session.execute(found)).scalar_one_or_none()
    whose = (
        await holdings.whose(session, person)
        if person
        else Whose((), (chat.id,), (), (f"{chat.channel}:{chat.external_id}",))
    )
    await attachments.forget(session, chat)
    await _erase_rows(session, whose)
    await session.execute(delete(OutboxMessage).where(OutboxMessage.chat_id == chat.id))
    await session.execute(delete(Update).where(Update.source.in_(whose.sources)))
    await session.execute(delete(KioskVisit).where(KioskVisit.chat_id == chat.id))
    await session.execute(delete(Chat).where(Chat.id == chat.id))
    await session.execute(delete(Person).where(Person.id.in_(whose.person_ids)))


async def forget_conversation(session: Session, chat: Chat) -> None:
    """Erase what was said in this chat, and what still waits to be said, but its masked questions and its cases."""
    await attachments.forget(session, chat)
    await _erase_said(session, Whose((), (chat.id,), (), ()))
    await session.execute(delete(OutboxMessage).where(OutboxMessage.chat_id == chat.id))
    _empty(chat)


async def _erase_rows(session: Session, whose: Whose) -> int:
    """Delete what is erased at once; returns how many questions that were."""
    await _erase_said(session, whose)
    await session.execute(delete(Handover).where(Handover.chat_id.in_(whose.chat_ids)))
    questions = Question.chat_id.in_(whose.chat_ids) | Question.person_id.in_(whose.person_ids)
    return (await session.execute(delete(Question).where(questions))).rowcount


async def _erase_said(session: Session, whose: Whose) -> None:
    for chat_id in whose.chat_ids:
        await subscriptions.forget(session, chat_id)
        await partners.forget(session, chat_id)
        await programmes.forget(session, chat_id)
    sent = OutboxMessage.chat_id.in_(whose.chat_ids), OutboxMessage.state != Delivery.PENDING
    await session.execute(delete(OutboxMessage).where(*sent))
    asked = OfferAsked.chat_id.in_(whose.chat_ids) | OfferAsked.person_id.in_(whose.person_ids)
    await session.execute(delete(OfferAsked).where(asked))
    await session.execute(delete(Checklist).where(Checklist.chat_id.in_(whose.chat_ids)))
    await session.execute(delete(FailedUpdate).where(FailedUpdate.chat_id.in_(whose.chat_ids)))
    await session.execute(delete(Agreement).where(Agreement.person_id.in_(whose.person_ids)))


def _empty(chat: Chat) -> None:
    chat.memory, chat.held_text, chat.held_until, chat.draft = {}, "", None, None
