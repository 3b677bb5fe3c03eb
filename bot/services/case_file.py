"""The whole file of a case: who opens it is recorded, and sees what their standing allows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot.domain.case_file import Attached, CaseFile, Entry, Referred
from bot.domain.cases import EventKind, NotAllowed, Privacy
from bot.domain.messages import Kind, Media
from bot.domain.privacy import mask_person
from bot.services import attachments, cases, casework, outcomes, referrals
from bot.storage.database import Session
from bot.storage.tables import Attachment, Case, CaseEvent, Officer

CONTACT, WHOLE, MASKED, ATTACHMENT = "kontak", "berkas", "berkas, tersamar", "kiriman"
"""What was read, in the log."""


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

    def shown(told: str) -> str:
        return mask_person(told, case.contact) if is_masked else told

    owner = await casework.owner_of(session, case)
    file = CaseFile(
        number=case.number,
        is_masked=is_masked,
        state=case.state,
        urgency=case.urgency,
        category=case.category,
        country=case.country,
        place=case.place and shown(case.place),
        duration=case.duration,
        is_for_other=case.is_for_other,
        privacy=case.privacy,
        contact=None if is_masked else _contact(case),
        narrative=shown(case.narrative),
        officer=owner.name if owner else None,
        opened_at=case.opened_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
        outcomes=dict(await outcomes.of(session, case)),
        referrals=tuple(
            Referred(
                row.agency,
                row.letter_number,
                row.referred_at,
                row.due_at,
                row.answered_at,
                row.answer and shown(row.answer),
            )
            for row in await referrals.of(session, case)
        ),
        attachments=tuple(
            Attached(
                row.id,
                row.received_at,
                row.kind,
                name,
                row.size_bytes,
                "" if is_masked else _told(Media.from_json(row.media)),
                is_kept=row.stored_at is not None and not is_masked,
            )
            for row, name in await _with_officer(session, Attachment, case)
        ),
        log=tuple(
            Entry(row.at, row.kind, name, shown(row.text), row.id)
            for row, name in await _with_officer(session, CaseEvent, case)
        ),
    )
    cases.log(session, case, EventKind.READ, MASKED if is_masked else WHOLE, officer=officer, now=now)
    return file


async def content_of(
    session: Session, case: Case, officer: Officer, attachment_id: int, *, now: datetime
) -> tuple[Media, bytes] | None:
    """A file of the case with its content, or None where there is none. Raises NotAllowed."""
    await casework.allow(session, case, officer, EventKind.READ)
    attachment = await session.get(Attachment, attachment_id)
    if attachment is None or attachment.case_id != case.id:
        return None
    content = await attachments.content_of(session, attachment_id)
    if content is None:
        return None
    cases.log(session, case, EventKind.READ, f"{ATTACHMENT} {attachment_id}", officer=officer, now=now)
    return attachments.media_of(attachment), content


def _told(media: Media) -> str:
    """What can be said of it in a line."""
    where = f"{media.latitude}, {media.longitude}" if media.kind is Kind.LOCATION else ""
    return ", ".join(part for part in (media.name, media.person_name, media.phone, where) if part)


async def _with_officer(session: Session, table: type[Attachment | CaseEvent], case: Case):
    """Rows of the case, oldest first, with the name of the officer of each."""
    found = (
        select(table, Officer.name)
        .outerjoin(Officer, Officer.id == table.officer_id)
        .where(table.case_id == case.id)
        .order_by(table.id)
    )
    return (await session.execute(found)).all()


def _contact(case: Case) -> str | None:
    return None if case.privacy == Privacy.ANONYMOUS else case.contact
