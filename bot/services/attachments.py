"""Pictures, documents, voice notes, places and contacts: recorded, kept encrypted, and found again when they are sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from bot.domain.messages import FILES, Incoming, Kind, Media
from bot.domain.retention import Kept, ends_before
from bot.storage.database import Session
from bot.storage.tables import Attachment, AttachmentContent, Broadcast, Case, Chat, Officer

FETCHED_UP_TO_BYTES = 20 * 1024 * 1024
"""What Telegram lets a bot download; passing a larger file on by its id works all the same."""
PER_DAY = 100
"""So many of one chat in 24 hours are kept, so that nobody fills the database."""
HANDOUTS_PER_DAY = 20
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=2)
TRIES = 10

TOO_LARGE = "larger than the channel lets us fetch"


class TooManyAttachments(Exception):
    """This chat has sent more in a day than is kept."""


@dataclass(frozen=True, slots=True)
class ToFetch:
    """A file whose content is still at the channel alone."""

    id: int
    file_id: str
    attempts: int


async def received(
    session: Session,
    chat: Chat,
    incoming: Incoming,
    *,
    case: Case | None,
    officer: Officer | None = None,
    now: datetime,
) -> Attachment:
    """Record what came in; `chat` is the person's, also for what an officer sent them. Raises TooManyAttachments.

    Without a case it waits for one. The content follows by itself where the channel did not bring it along.
    """
    if await _count_since(session, chat, now - timedelta(days=1), is_handout=False) >= PER_DAY and officer is None:
        raise TooManyAttachments
    media = incoming.media
    attachment = Attachment(
        case_id=case.id if case else None,
        chat_id=chat.id,
        officer_id=officer.id if officer else None,
        kind=media.kind,
        media=media.to_json(),
        size_bytes=len(incoming.content) or media.size_bytes,
        received_at=now,
        attempts=0,
    )
    session.add(attachment)
    await session.flush()
    if incoming.content:
        _put_content(session, attachment, incoming.content, now)
    elif media.kind in FILES and (media.size_bytes or 0) > FETCHED_UP_TO_BYTES:
        attachment.error = TOO_LARGE
    elif media.kind in FILES:
        attachment.fetch_at = now
    return attachment


async def keep(
    session: Session,
    case: Case,
    *,
    officer: Officer | None,
    kind: Kind,
    name: str,
    mime_type: str,
    content: bytes,
    now: datetime,
) -> Attachment:
    """Record a file that Silvi made herself, such as a letter."""
    media = Media(kind, name=name, mime_type=mime_type, size_bytes=len(content))
    attachment = Attachment(
        case_id=case.id,
        chat_id=case.chat_id,
        officer_id=officer.id if officer else None,
        kind=kind,
        media=media.to_json(),
        size_bytes=len(content),
        received_at=now,
        attempts=0,
    )
    session.add(attachment)
    await session.flush()
    _put_content(session, attachment, content, now)
    return attachment


async def hand_out(
    session: Session, chat: Chat, *, kind: Kind, name: str, mime_type: str, content: bytes, now: datetime
) -> Attachment:
    """Record a file that Silvi made for the person to take along; it is kept as long as what waits for a case.

    Raises TooManyAttachments for more than anybody needs in a day.
    """
    if await _count_since(session, chat, now - timedelta(days=1), is_handout=True) >= HANDOUTS_PER_DAY:
        raise TooManyAttachments
    attachment = Attachment(
        chat_id=chat.id,
        kind=kind,
        media=Media(kind, name=name, mime_type=mime_type, size_bytes=len(content)).to_json(),
        received_at=now,
        attempts=0,
        is_handout=True,
    )
    session.add(attachment)
    await session.flush()
    _put_content(session, attachment, content, now)
    return attachment


def media_of(attachment: Attachment) -> Media:
    """The attachment as a part of a message."""
    return replace(Media.from_json(attachment.media), attachment_id=attachment.id)


async def join(session: Session, chat: Chat, case: Case) -> Sequence[Attachment]:
    """What this chat sent before there was a case belongs to `case` from now on; returns it, oldest first."""
    waiting = select(Attachment).where(
        Attachment.chat_id == chat.id, Attachment.case_id.is_(None), Attachment.is_handout.is_(False)
    )
    attachments = (await session.execute(waiting.order_by(Attachment.id))).scalars().all()
    for attachment in attachments:
        attachment.case_id = case.id
    return attachments


async def of_case(session: Session, case_id: int) -> Sequence[Attachment]:
    """All of a case, oldest first."""
    found = select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id)
    return (await session.execute(found)).scalars().all()


async def forget_left_over(session: Session, *, now: datetime) -> int:
    """Erase what no case came for; returns how many."""
    return await _erase(session, Attachment.received_at < ends_before(Kept.LEFT_OVER_FILES, now))


async def forget(session: Session, chat: Chat) -> int:
    """Erase what this chat sent and no case holds; returns how many."""
    return await _erase(session, Attachment.chat_id == chat.id)


async def claim_to_fetch(session: Session, *, limit: int, now: datetime) -> list[ToFetch]:
    """Files of Telegram whose content is due to be fetched; each falls due again later, should this try come to nothing."""
    due = (
        select(Attachment)
        .where(Attachment.fetch_at <= now)
        .order_by(Attachment.fetch_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = []
    for attachment in (await session.execute(due)).scalars():
        attachment.fetch_at = now + min(FIRST_PAUSE * 2**attachment.attempts, LONGEST_PAUSE)
        attachment.attempts += 1
        claimed.append(ToFetch(attachment.id, attachment.media["file_id"], attachment.attempts))
    return claimed


async def store(session: Session, attachment_id: int, content: bytes, *, now: datetime) -> None:
    """Keep the content that was fetched; nothing where the attachment was erased or another process was first."""
    attachment = await session.get(Attachment, attachment_id, with_for_update=True)
    if attachment is None or attachment.stored_at is not None:
        return
    _put_content(session, attachment, content, now)


async def give_up(session: Session, attachment_id: int, reason: str) -> None:
    """The content cannot be fetched; the row says why."""
    attachment = await session.get(Attachment, attachment_id, with_for_update=True)
    if attachment is not None:
        attachment.fetch_at, attachment.error = None, reason[:200]


async def content_of(session: Session, attachment_id: int) -> bytes | None:
    """The content, or None where it is not kept."""
    found = select(AttachmentContent.content).where(AttachmentContent.id == attachment_id)
    return (await session.execute(found)).scalar_one_or_none()


async def is_still_fetched(session: Session, attachment_id: int) -> bool:
    """True while the content may still come."""
    found = select(Attachment.fetch_at).where(Attachment.id == attachment_id)
    return (await session.execute(found)).scalar_one_or_none() is not None


async def note_file(session: Session, attachment_id: int, file_id: str) -> None:
    """The file was uploaded to Telegram, which knows it by this id from now on."""
    attachment = await session.get(Attachment, attachment_id, with_for_update=True)
    if attachment is not None:
        attachment.media = {**attachment.media, "file_id": file_id}


def _put_content(session: Session, attachment: Attachment, content: bytes, now: datetime) -> None:
    session.add(AttachmentContent(id=attachment.id, content=content))
    attachment.sha256 = hashlib.sha256(content).hexdigest()
    attachment.size_bytes, attachment.stored_at, attachment.fetch_at = len(content), now, None


async def _count_since(session: Session, chat: Chat, since: datetime, *, is_handout: bool) -> int:
    counted = select(func.count()).where(
        Attachment.chat_id == chat.id,
        Attachment.received_at > since,
        Attachment.officer_id.is_(None),
        Attachment.is_handout.is_(is_handout),
    )
    return (await session.execute(counted)).scalar_one()


async def _erase(session: Session, which) -> int:
    """Erase those of them that no case and no broadcast holds."""
    is_shown = select(Broadcast.id).where(Broadcast.picture_id == Attachment.id).exists()
    left = select(Attachment.id).where(Attachment.case_id.is_(None), ~is_shown, which).with_for_update()
    ids = (await session.execute(left)).scalars().all()
    await session.execute(delete(AttachmentContent).where(AttachmentContent.id.in_(ids)))
    await session.execute(delete(Attachment).where(Attachment.id.in_(ids)))
    return len(ids)
