"""An officer's reply to one person as the beginning of an answer for all: masked, and a draft like any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.cases import CaseAction, EventKind
from bot.domain.privacy import mask_person
from bot.services import audit, casework, editing
from bot.storage.database import Session
from bot.storage.tables import Case, CaseEvent, EntryDraft, Officer


class NoSuchReply(Exception):
    """This case has no such reply of an officer."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a new entry could begin with; nobody's name or number is left in it, as far as rules can tell."""

    question: str
    answer: str


async def begin(session: Session, case: Case, officer: Officer, event_id: int) -> Proposal:
    """Masked question and reply. Raises NotAllowed for who may not read the case whole, and NoSuchReply."""
    await casework.allow(session, case, officer, EventKind.READ)
    event = await session.get(CaseEvent, event_id)
    if event is None or event.case_id != case.id or event.kind != CaseAction.REPLY or event.officer_id is None:
        raise NoSuchReply
    return Proposal(mask_person(case.asked or "", case.contact), mask_person(event.text, case.contact))


async def make_draft(
    session: Session, case: Case, officer: Officer, proposal: Proposal, *, now: datetime
) -> EntryDraft:
    """A draft of a new entry with what the officer made of it, masked once more. Raises NotAllowed."""
    await casework.allow(session, case, officer, EventKind.READ)
    question, answer = (mask_person(said, case.contact) for said in (proposal.question, proposal.answer))
    draft = await editing.propose(session, officer, None, [" ".join(question.split())], answer=answer, now=now)
    audit.record(session, officer, "isi:usul dari kasus", f"entri {draft.entry_id}", now=now)
    return draft
