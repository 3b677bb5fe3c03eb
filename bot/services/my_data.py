"""What is kept about a person, shown to them: in short, and whole as a file (UU 27/2022)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.domain.broadcasts import RecipientState
from bot.domain.cases import EventKind
from bot.domain.messages import Kind, Media
from bot.services import attachments, checklists, holdings, partners, programmes, subscriptions
from bot.services.holdings import HOLDINGS, Holding, Whose
from bot.storage.database import Session
from bot.storage.tables import (
    AskedTrace,
    Attachment,
    AttachmentContent,
    Broadcast,
    BroadcastRecipient,
    Case,
    CaseEvent,
    Chat,
    Checklist,
    OfferAsked,
    OutboxMessage,
    Partner,
    Person,
    Question,
    RecruiterCase,
    Resident,
    Subscription,
    TraceRow,
)
from bot.texts import my_data as words

SHOWN = 10
FILES_UP_TO_BYTES = 20 * 1024 * 1024
"""So much of a person's files goes into the page; Telegram takes files of 50 MB, and base64 needs a third more."""

NAMED_BY = {AskedTrace: TraceRow.shown, RecruiterCase: Case.number, Resident: Partner.village}
"""Rows that only point to another: by what of that one they are shown."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The questions of a person as they are kept: masked, newest first; and what else was sent."""

    count: int
    since: datetime | None
    newest: tuple[str, ...]
    loose: int = 0
    """Pictures, files, places and contacts that belong to no report."""
    in_reports: tuple[tuple[str, int], ...] = ()
    """Numbers of reports, and how many of them each holds."""
    checklist: Checklist | None = None
    offers: int = 0
    """Offers asked about."""
    news: Subscription | None = None
    broadcasts: int = 0
    """Broadcasts that came here."""
    to_hosts: int = 0
    """Questions to the host of an event."""
    village: str | None = None
    """Counted to it, because they came through its link."""


async def kept_about(session: Session, chat_id: int) -> Kept:
    """What is kept of this private chat's person, in short."""
    count, since = (
        await session.execute(select(func.count(), func.min(Question.asked_at)).where(Question.chat_id == chat_id))
    ).one()
    newest = (
        await session.execute(
            select(Question.text_masked).where(Question.chat_id == chat_id).order_by(Question.id.desc()).limit(SHOWN)
        )
    ).scalars()
    sent = (
        await session.execute(
            select(Case.number, func.count())
            .select_from(Attachment)
            .outerjoin(Case, Case.id == Attachment.case_id)
            .where(Attachment.chat_id == chat_id, Attachment.officer_id.is_(None), Attachment.is_handout.is_(False))
            .group_by(Case.number)
            .order_by(Case.number)
        )
    ).all()
    loose = sum(number_of for number, number_of in sent if number is None)
    in_reports = tuple((number, number_of) for number, number_of in sent if number is not None)
    asked = (await session.execute(select(func.count()).where(OfferAsked.chat_id == chat_id))).scalar_one()
    checklist = await checklists.of_chat(session, chat_id)
    news = await subscriptions.of_chat(session, chat_id)
    got = select(func.count()).where(
        BroadcastRecipient.chat_id == chat_id, BroadcastRecipient.state == RecipientState.GIVEN
    )
    broadcasts = (await session.execute(got)).scalar_one()
    to_hosts = await programmes.count_of(session, chat_id)
    village = await partners.village_of(session, chat_id)
    return Kept(count, since, tuple(newest), loose, in_reports, checklist, asked, news, broadcasts, to_hosts, village)


async def as_file(session: Session, person: Person, zone: ZoneInfo, *, now: datetime) -> bytes:
    """All that is kept of this person, from every table that holds them, as a page to read."""
    whose = await holdings.whose(session, person)
    files = await _files(session, whose)
    sections = []
    for holding in HOLDINGS:
        if holding.table is AttachmentContent:
            rows = [{"content": file} for file in files]
        elif holding.table in NAMED_BY:
            rows = await _named(session, holding, whose)
        elif holding.table is BroadcastRecipient:
            rows = [
                _shown(row, whose) | {"broadcast_id": (await session.get_one(Broadcast, row.broadcast_id)).title}
                for row in await holdings.rows_of(session, holding, whose)
            ]
        else:
            found = await holdings.rows_of(session, holding, whose)
            rows = [_shown(row, whose) for row in found]
        sections.append(words.Section(holding.table.__tablename__, rows))
    return words.page(sections, zone, now=now)


async def hand_out(session: Session, person: Person, chat: Chat, zone: ZoneInfo, *, now: datetime) -> Media | None:
    """The file as part of a message; None for who asked too often today."""
    content = await as_file(session, person, zone, now=now)
    try:
        kept = await attachments.hand_out(
            session,
            chat,
            kind=Kind.DOCUMENT,
            name=words.FILE_NAME,
            mime_type=words.MIME_TYPE,
            content=content,
            now=now,
        )
    except attachments.TooManyAttachments:
        return None
    return attachments.media_of(kept)


async def _named(session: Session, holding: Holding, whose: Whose) -> list[dict[str, Any]]:
    name = NAMED_BY[holding.table]
    (column,) = words.LABELS[holding.table.__tablename__]
    found = select(name).select_from(holding.table).join(name.class_).where(holding.of(whose)).order_by(name.class_.id)
    return [{column: shown} for shown in (await session.execute(found)).scalars()]


def _shown(row: Any, whose: Whose) -> dict[str, Any]:
    """The columns of a row that are shown. What officers write to each other is theirs to hand out, after a look at it:
    it may speak of others."""
    shown = {column: getattr(row, column) for column in words.LABELS[row.__tablename__]}
    if isinstance(row, OutboxMessage):
        is_told = row.chat_id in whose.chat_ids
        told = [row.reply.get(part) for part in ("title", "body", "footer")]
        shown["reply"] = "\n".join(filter(None, told)) if is_told else words.DESK_POST
    if isinstance(row, CaseEvent) and row.kind == EventKind.NOTE:
        shown["text"] = words.INTERNAL
    return shown


async def _files(session: Session, whose: Whose) -> list[words.KeptFile | str]:
    """The person's files, oldest first, as long as they fit; what Silvi made for them to take along is not repeated."""
    (contents,) = (holding for holding in HOLDINGS if holding.table is AttachmentContent)
    kept = (
        select(AttachmentContent.id, Attachment)
        .join(Attachment, Attachment.id == AttachmentContent.id)
        .where(contents.of(whose), Attachment.is_handout.is_(False))
        .order_by(Attachment.id)
    )
    files, room = [], FILES_UP_TO_BYTES
    for _, attachment in (await session.execute(kept)).all():
        name = attachment.media.get("name") or f"{attachment.kind}-{attachment.id}"
        if (attachment.size_bytes or 0) > room:
            files.append(f"{name} {words.NOT_HERE}")
            continue
        content = await attachments.content_of(session, attachment.id)
        room -= len(content)
        files.append(words.KeptFile(name, content))
    return files
