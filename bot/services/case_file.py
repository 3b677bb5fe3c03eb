"""The whole file of a case: who opens it is recorded, and sees what their standing allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from bot.domain.cases import EventKind, NotAllowed, Privacy
from bot.domain.outcomes import Stage
from bot.domain.privacy import mask
from bot.services import cases, casework, outcomes, referrals
from bot.storage.database import Session
from bot.storage.tables import Attachment, Case, CaseEvent, Officer, Referral

CONTACT, WHOLE, MASKED = "kontak", "berkas", "berkas, tersamar"


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What is known of a case; where `is_masked`, its texts do not tell who the person is."""

    case: Case
    is_masked: bool
    owner: str | None
    narrative: str
    place: str
    contact: str | None
    events: tuple[tuple[datetime, str, str | None, str], ...]
    """Moment, kind, officer and text, oldest first."""
    attachments: tuple[Attachment, ...]
    referrals: tuple[Referral, ...]
    outcomes: dict[Stage, date]


async def contact_of(session: Session, case: Case, officer: Officer, *, now: datetime) -> str | None:
    """The contact the person gave; nobody sees that of an anonymous report. Raises NotAllowed."""
    await casework.allow(session, case, officer, EventKind.READ)
    cases.log(session, case, EventKind.READ, CONTACT, officer=officer, now=now)
    return _contact(case)


async def read(session: Session, case: Case, officer: Officer, *, now: datetime) -> CaseFile:
    """The file, whole for who has the case and for supervisors, masked for the others."""
    try:
        await casework.allow(session, case, officer, EventKind.READ)
        is_masked = False
    except NotAllowed:
        is_masked = True
    shown = mask if is_masked else str
    owner = await casework.owner_of(session, case)
    rows = (
        select(CaseEvent, Officer.name)
        .outerjoin(Officer, Officer.id == CaseEvent.officer_id)
        .where(CaseEvent.case_id == case.id)
        .order_by(CaseEvent.id)
    )
    events = tuple((event.at, event.kind, name, shown(event.text)) for event, name in await session.execute(rows))
    attached = select(Attachment).where(Attachment.case_id == case.id).order_by(Attachment.id)
    cases.log(session, case, EventKind.READ, MASKED if is_masked else WHOLE, officer=officer, now=now)
    return CaseFile(
        case=case,
        is_masked=is_masked,
        owner=owner.name if owner else None,
        narrative=shown(case.narrative),
        place=shown(case.place or ""),
        contact=None if is_masked else _contact(case),
        events=events,
        attachments=tuple((await session.execute(attached)).scalars()),
        referrals=tuple(await referrals.of(session, case)),
        outcomes=await outcomes.of(session, case),
    )


def _contact(case: Case) -> str | None:
    return None if case.privacy == Privacy.ANONYMOUS else case.contact
