"""What is kept about a person, shown to them, and erased when they ask (UU 27/2022)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select

from bot.services import attachments, checklists, partners, programmes, subscriptions
from bot.storage.database import Session
from bot.storage.tables import (
    Attachment,
    Case,
    Chat,
    Checklist,
    Delivery,
    OfferAsked,
    OutboxMessage,
    Question,
    Subscription,
)

SHOWN = 10


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
    to_hosts: int = 0
    """Questions to the host of an event."""
    village: str | None = None
    """Counted to it, because they came through its link."""


async def kept_about(session: Session, chat_id: int) -> Kept:
    """What is kept of this private chat's person."""
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
    to_hosts = await programmes.count_of(session, chat_id)
    village = await partners.village_of(session, chat_id)
    return Kept(count, since, tuple(newest), loose, in_reports, checklist, asked, news, to_hosts, village)


async def erase(session: Session, chat: Chat, *, now: datetime) -> int:
    """Erase questions, offers, memory, checklist, news, unsent reports with files, delivered replies; returns how many questions.

    A report that was sent is a case, which its office must be able to account for: it stays, with all that belongs to it.

    The channel's id of the chat stays: without it a second delivery of an old message would look like a new person's.
    """
    erased = await session.execute(delete(Question).where(Question.chat_id == chat.id))
    await forget_conversation(session, chat, OutboxMessage.state != Delivery.PENDING)
    chat.erased_at = now
    return erased.rowcount


async def forget_conversation(session: Session, chat: Chat, *which: ColumnElement[bool]) -> None:
    """Erase what was said in this chat but its masked questions and its cases; `which` narrows the replies erased."""
    await session.execute(delete(OutboxMessage).where(OutboxMessage.chat_id == chat.id, *which))
    await session.execute(delete(OfferAsked).where(OfferAsked.chat_id == chat.id))
    await attachments.forget(session, chat)
    await checklists.forget(session, chat.id)
    await subscriptions.forget(session, chat.id)
    await partners.forget(session, chat.id)
    await programmes.forget(session, chat.id)
    chat.memory, chat.held_text, chat.held_until, chat.draft = {}, "", None, None
