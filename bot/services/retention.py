"""The purge: what has been kept long enough goes, class by class, and the office sees how much that was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import String, cast, delete, exists, func, or_, select, update

from bot.domain.cases import CaseState
from bot.domain.messages import Channel
from bot.domain.retention import Kept, ends_before
from bot.services import attachments, audit, broadcast_figures, erasure, offers, traces
from bot.storage.database import Session
from bot.storage.tables import (
    Attachment,
    Broadcast,
    BroadcastRecipient,
    Case,
    Chat,
    Checklist,
    ConsoleSession,
    ConsoleUpload,
    ContentImport,
    Delivery,
    EpisodeQuestion,
    FailedUpdate,
    Introduction,
    OfferAsked,
    Officer,
    OutboxMessage,
    Question,
    SignInLink,
    Update,
    WaitingUpdate,
)

AT_ONCE = 500
"""Cases and chats of one purge: each takes several statements, and the rest waits for the next day."""
EMPTY_MEMORY_LENGTH = 100
"""An encrypted `{}` has so many characters, whatever the key; what is longer remembers something."""
OVER = (CaseState.CLOSED, CaseState.WITHDRAWN)

Purge = Callable[..., Awaitable[int]]


async def purge(session: Session, kept: Kept, *, now: datetime) -> int:
    """Let one class go as far as its time is over; returns how many."""
    return await PURGES[kept](session, ends_before(kept, now), now=now)


def report(session: Session, counts: dict[str, int], *, now: datetime) -> None:
    """Put the counts before the office, in the log of the console; nothing where nothing went."""
    if any(counts.values()):
        audit.record(session, None, "retensi:hapus", "retensi", now=now, after={k: n for k, n in counts.items() if n})


def _delete(table, is_over: Callable) -> Purge:
    async def purge(session: Session, before: datetime, *, now: datetime) -> int:
        return (await session.execute(delete(table).where(is_over(before)))).rowcount

    return purge


async def _files(session: Session, before: datetime, *, now: datetime) -> int:
    return await attachments.forget_left_over(session, now=now)


async def _offer_texts(session: Session, before: datetime, *, now: datetime) -> int:
    return await offers.forget_texts(session, now=now)


async def _traces(session: Session, before: datetime, *, now: datetime) -> int:
    return await traces.forget(session, now=now)


async def _recipients(session: Session, before: datetime, *, now: datetime) -> int:
    over = select(Broadcast.id).where(Broadcast.ended_at < before)
    return await broadcast_figures.let_go(session, BroadcastRecipient.broadcast_id.in_(over))


async def _drafts(session: Session, before: datetime, *, now: datetime) -> int:
    holds_words = or_(Chat.draft.is_not(None), func.length(Chat.memory) > EMPTY_MEMORY_LENGTH)
    silent = update(Chat).where(Chat.last_message_at < before, Chat.is_group.is_(False), holds_words)
    return (await session.execute(silent.values(draft=None, memory={}, held_text="", held_until=None))).rowcount


async def _sessions(session: Session, before: datetime, *, now: datetime) -> int:
    await session.execute(delete(SignInLink).where(SignInLink.ends_at < before))
    return (await session.execute(delete(ConsoleSession).where(ConsoleSession.ends_at < before))).rowcount


async def _console_files(session: Session, before: datetime, *, now: datetime) -> int:
    await session.execute(delete(ContentImport).where(ContentImport.made_at < before))
    return (await session.execute(delete(ConsoleUpload).where(ConsoleUpload.made_at < before))).rowcount


async def _cases(session: Session, before: datetime, *, now: datetime) -> int:
    old = select(Case).where(Case.state.in_(OVER), Case.anonymised_at.is_(None), Case.closed_at < before)
    cases = (await session.execute(old.order_by(Case.id).limit(AT_ONCE).with_for_update())).scalars().all()
    for case in cases:
        await erasure.anonymise(session, case, now=now)
    return len(cases)


async def _erased_chats(session: Session, before: datetime, *, now: datetime) -> int:
    # A kiosk's chat bears nobody's id, and is counted as a visit.
    wrote_again = (Chat.channel == Channel.KIOSK) | func.coalesce(Chat.last_message_at > Chat.erased_at, False)
    return await _chats(session, (Chat.erased_at < before) & ~wrote_again)


async def _silent_chats(session: Session, before: datetime, *, now: datetime) -> int:
    return await _chats(session, func.coalesce(Chat.last_message_at, Chat.created_at) < before)


async def _chats(session: Session, which) -> int:
    """Forget private chats by which no case is held; an officer's own is where they are called."""
    is_officer = exists().where(cast(Officer.telegram_id, String) == Chat.external_id, Officer.removed_at.is_(None))
    is_shown = exists().where(Broadcast.picture_id == Attachment.id)
    is_needed = or_(
        exists().where(Case.chat_id == Chat.id),
        exists().where(Attachment.chat_id == Chat.id, or_(Attachment.case_id.is_not(None), is_shown)),
        exists().where(OutboxMessage.chat_id == Chat.id, OutboxMessage.state == Delivery.PENDING),
    )
    found = select(Chat).where(which, Chat.is_group.is_(False), ~is_officer, ~is_needed)
    chats = (await session.execute(found.order_by(Chat.id).limit(AT_ONCE).with_for_update())).scalars().all()
    for chat in chats:
        await erasure.forget_chat(session, chat)
    return len(chats)


def _is_old_message(before: datetime):
    of_open_case = exists().where(Case.id == OutboxMessage.case_id, Case.state.not_in(OVER))
    is_counted = exists().where(
        BroadcastRecipient.outbox_id == OutboxMessage.id, BroadcastRecipient.chat_id.is_not(None)
    )
    return (OutboxMessage.created_at < before) & (OutboxMessage.state != Delivery.PENDING) & ~of_open_case & ~is_counted


PURGES: dict[Kept, Purge] = {
    Kept.RECIPIENTS: _recipients,
    Kept.UPDATES: _delete(Update, lambda before: Update.handled_at < before),
    Kept.LEFT_OVER_FILES: _files,
    Kept.OFFER_TEXTS: _offer_texts,
    Kept.TRACES: _traces,
    Kept.QUESTIONS: _delete(Question, lambda before: Question.asked_at < before),
    Kept.OFFERS: _delete(OfferAsked, lambda before: OfferAsked.asked_at < before),
    Kept.MESSAGES: _delete(OutboxMessage, _is_old_message),
    Kept.EPISODE_QUESTIONS: _delete(EpisodeQuestion, lambda before: EpisodeQuestion.asked_at < before),
    Kept.INTRODUCTIONS: _delete(Introduction, lambda before: Introduction.ends_at < before),
    Kept.DRAFTS: _drafts,
    Kept.CHECKLISTS: _delete(Checklist, lambda before: (Checklist.begun_at < before) & Checklist.remind_at.is_(None)),
    Kept.WAITING_UPDATES: _delete(WaitingUpdate, lambda before: WaitingUpdate.received_at < before),
    Kept.FAILED_UPDATES: _delete(FailedUpdate, lambda before: FailedUpdate.failed_at < before),
    Kept.CONSOLE_SESSIONS: _sessions,
    Kept.CONSOLE_FILES: _console_files,
    Kept.CASES: _cases,
    Kept.ERASED_CHATS: _erased_chats,
    Kept.SILENT_CHATS: _silent_chats,
}
"""Recipients first: their figures are made of messages and questions. Chats last: what is left of them has gone by then."""
