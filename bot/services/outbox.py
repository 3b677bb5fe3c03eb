"""Everything Silvi sends is a row first: written in the turn's transaction, delivered by whichever worker is there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    all_,
    bindparam,
    case,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from bot.domain.messages import ChatRef, Reply
from bot.logs import current_turn
from bot.storage.database import OUTBOX_CHANNEL, SENT_CHANNEL, Session
from bot.storage.tables import Case, Chat, Delivery, OutboxMessage, Priority

CAREFUL_AFTER_PAUSE = timedelta(minutes=1)
"""Telegram counts what goes to a group by the minute."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message a worker has taken: it alone sends it until the lease runs out."""

    id: int
    chat: ChatRef
    reply: Reply
    attempts: int
    parts_sent: int
    priority: int
    case_id: int | None = None
    """The case whose topic it goes to, at the officers' desk."""
    trace: str | None = None
    """The turn in the log that wrote it."""


def add(
    session: Session,
    chat: Chat,
    reply: Reply,
    *,
    now: datetime,
    priority: Priority = Priority.REPLY,
    due_at: datetime | None = None,
    turn: int | None = None,
    case: Case | None = None,
) -> OutboxMessage:
    """Put `reply` to `chat` into the outbox; it leaves after the commit, in order with the chat's other messages.

    With `case` it goes to that case's topic, in order with the topic's other messages.
    """
    return add_to(
        session, chat.id, chat.channel, reply, now=now, priority=priority, due_at=due_at, turn=turn, case=case
    )


def add_to(
    session: Session,
    chat_id: int,
    channel: str,
    reply: Reply,
    *,
    now: datetime,
    priority: Priority = Priority.REPLY,
    due_at: datetime | None = None,
    turn: int | None = None,
    case: Case | None = None,
) -> OutboxMessage:
    """The same for a chat of which only its number is known."""
    message = OutboxMessage(
        chat_id=chat_id,
        channel=channel,
        priority=priority,
        reply=reply.to_json(),
        state=Delivery.PENDING,
        created_at=now,
        due_at=due_at or now,
        turn=turn,
        case_id=case.id if case else None,
        trace=current_turn() or None,
        attempts=0,
        parts_sent=0,
    )
    session.add(message)
    return message


async def announce(session: Session) -> None:
    """Wake the delivery workers of every process when this transaction commits."""
    await session.execute(_NOTIFY)


async def drop_stale(session: Session, chat: Chat) -> int:
    """Drop answers of earlier turns of `chat` that nobody has begun to send; returns how many."""
    return (await session.execute(_DROP_STALE, {"chat": chat.id})).rowcount


async def claim(
    session: Session,
    *,
    channel: str,
    limit: int,
    now: datetime,
    lease_s: float,
    abandoned_before: datetime | None = None,
    in_hand: Collection[int] = (),
) -> list[Claimed]:
    """Take up to `limit` due messages, the urgent first, at most one per chat (or topic) and never ahead of an earlier one.

    From a chat that asked for patience a moment ago only one at a time, whatever the topic: all at once would be too many.
    A lease counts as abandoned when it ran out before `abandoned_before` (`now`, where nothing else is said), and never
    where the caller itself still has the message `in_hand`.
    """
    known = {
        "channel": channel,
        "now": now,
        "abandoned_before": abandoned_before or now,
        "in_hand": list(in_hand),
        "calm_since": now - CAREFUL_AFTER_PAUSE,
        "at_most": limit,
    }
    rows = (await session.execute(_CLAIMABLE, known)).all()
    claimed: list[Claimed] = []
    careful: set[int] = set()
    for message, chat in rows:
        if chat.paused_until and chat.paused_until > now - CAREFUL_AFTER_PAUSE:
            if chat.id in careful:
                continue
            careful.add(chat.id)
        message.leased_until = now + timedelta(seconds=lease_s)
        message.attempts += 1
        claimed.append(
            Claimed(
                id=message.id,
                chat=ChatRef(chat.channel, chat.external_id, chat.is_group),
                reply=Reply.from_json(message.reply),
                attempts=message.attempts,
                parts_sent=message.parts_sent,
                priority=message.priority,
                case_id=message.case_id,
                trace=message.trace,
            )
        )
    return claimed


async def put_together(
    session: Session, message_ids: Collection[int], joined: Callable[[list[Reply]], Reply], *, now: datetime
) -> None:
    """Of these messages, those to the same chat become one, made by `joined`; all that nobody has begun to send leave now."""
    untouched = OutboxMessage.state == Delivery.PENDING, OutboxMessage.attempts == 0
    found = select(OutboxMessage).where(OutboxMessage.id.in_(message_ids), *untouched).with_for_update(skip_locked=True)
    rows = (await session.execute(found.order_by(OutboxMessage.chat_id, OutboxMessage.id))).scalars().all()
    for _, messages in groupby(rows, key=lambda row: row.chat_id):
        first, *others = messages
        first.due_at = now
        if others:
            first.reply = joined([Reply.from_json(row.reply) for row in (first, *others)]).to_json()
            first.priority = min(row.priority for row in (first, *others))
        for row in others:
            row.state = Delivery.DROPPED


async def note_part(session: Session, message_id: int, parts_sent: int) -> None:
    """Remember that the first `parts_sent` parts of a split text are out."""
    await session.execute(update(OutboxMessage).where(OutboxMessage.id == message_id).values(parts_sent=parts_sent))


async def mark_sent(session: Session, message_id: int, *, sent_message_id: int | None, now: datetime) -> None:
    """The message is out."""
    known = {"message": message_id, "now": now, "sent_message": sent_message_id}
    await session.execute(_MARK_SENT, known)


async def tell_sent(session: Session, sender: str, chat: ChatRef) -> None:
    """Tell the other processes that `sender` sent something to this chat; they hear it before they can send what follows."""
    await session.execute(_TELL_SENT, {"told": f"{sender} {chat.external_id}"})


async def retry_later(session: Session, message_id: int, *, error: str, due_at: datetime) -> None:
    """A passing failure: try again at `due_at`, still in the chat's order."""
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(due_at=due_at, leased_until=None, error=error[:500])
    )


async def pause_chat(session: Session, chat_ref: ChatRef, *, until: datetime) -> None:
    """Send nothing to this chat before `until`: what waits for it, and what is still to come."""
    paused = update(Chat).where(Chat.channel == chat_ref.channel, Chat.external_id == chat_ref.external_id)
    await session.execute(paused.values(paused_until=func.greatest(Chat.paused_until, until)))


async def clock_went_back(session: Session, *, now: datetime, lease_s: float) -> None:
    """Pauses reckoned on a clock that was ahead would last as long as it was ahead: they are over.

    Too early a try costs a refusal more; a message that waits for an hour may cost a life.
    """
    waiting = OutboxMessage.state == Delivery.PENDING
    await session.execute(
        update(OutboxMessage).where(waiting, OutboxMessage.attempts > 0, OutboxMessage.due_at > now).values(due_at=now)
    )
    until = now + timedelta(seconds=lease_s)
    await session.execute(
        update(OutboxMessage).where(waiting, OutboxMessage.leased_until > until).values(leased_until=until)
    )
    await session.execute(update(Chat).where(Chat.paused_until > now).values(paused_until=now))


async def mark_failed(session: Session, message_id: int, *, error: str) -> None:
    """A permanent failure: this message will not be tried again."""
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(state=Delivery.FAILED, leased_until=None, error=error[:500])
    )


async def mark_unreachable(session: Session, chat_ref: ChatRef, *, reason: str, now: datetime) -> bool:
    """The person blocked Silvi or is gone: fail all that waits for this chat, and remember it; True where it is news."""
    chat = await _find(session, chat_ref)
    if chat is None:
        return False
    is_news = chat.unreachable_at is None
    chat.unreachable_at, chat.unreachable_reason = now, reason[:64]
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.chat_id == chat.id, OutboxMessage.state == Delivery.PENDING)
        .values(state=Delivery.FAILED, leased_until=None, error=reason[:500])
    )
    return is_news


async def move_waiting(session: Session, chat_id: int, chat: Chat) -> None:
    """What waits for the chat `chat_id` goes to `chat` instead."""
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.chat_id == chat_id, OutboxMessage.state == Delivery.PENDING)
        .values(chat_id=chat.id, channel=chat.channel, turn=None)
    )


async def migrate_chat(session: Session, old: ChatRef, new_external_id: str) -> None:
    """A group became a supergroup: all that waits for it goes to the new id, whose chat may already have written."""
    chat = await _find(session, old)
    newer = await _find(session, ChatRef(old.channel, new_external_id, old.is_group))
    if chat is None:
        return
    if newer is None:
        chat.external_id = new_external_id
        return
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.chat_id == chat.id, OutboxMessage.state == Delivery.PENDING)
        .values(chat_id=newer.id)
    )


async def _find(session: Session, ref: ChatRef) -> Chat | None:
    found = select(Chat).where(Chat.channel == ref.channel, Chat.external_id == ref.external_id)
    return (await session.execute(found)).scalar_one_or_none()


async def next_due_at(session: Session, *, channel: str) -> datetime | None:
    """When the next waiting message of this channel falls due (leases and pauses that run out included), or None."""
    return (await session.execute(_NEXT_DUE, {"channel": channel})).scalar()


def is_due(now: datetime | BindParameter) -> ColumnElement[bool]:
    """Whether a message may leave; one for at once may, whatever the clock says by now."""
    return (OutboxMessage.due_at <= now) | _is_for_at_once()


def _is_for_at_once() -> ColumnElement[bool]:
    return (OutboxMessage.due_at <= OutboxMessage.created_at) & (OutboxMessage.attempts == 0)


def _claimable() -> Select:
    earlier, under_way, now = aliased(OutboxMessage), aliased(OutboxMessage), bindparam("now")
    is_calm = (Chat.paused_until.is_(None)) | (Chat.paused_until <= bindparam("calm_since"))
    is_busy = (
        select(under_way.id)
        .where(
            under_way.chat_id == OutboxMessage.chat_id,
            under_way.state == Delivery.PENDING,
            under_way.leased_until > now,
        )
        .exists()
    )
    planned_for_later = (earlier.due_at > now) & (earlier.due_at > earlier.created_at) & (earlier.attempts == 0)
    waiting_before = (
        select(earlier.id)
        .where(
            earlier.chat_id == OutboxMessage.chat_id,
            earlier.case_id.is_not_distinct_from(OutboxMessage.case_id),
            earlier.state == Delivery.PENDING,
            earlier.id < OutboxMessage.id,
            ~planned_for_later,
        )
        .exists()
    )
    return (
        select(OutboxMessage, Chat)
        .join(Chat, Chat.id == OutboxMessage.chat_id)
        .where(
            OutboxMessage.state == Delivery.PENDING,
            OutboxMessage.channel == bindparam("channel"),
            is_due(now),
            (OutboxMessage.leased_until.is_(None)) | (OutboxMessage.leased_until < bindparam("abandoned_before")),
            OutboxMessage.id != all_(bindparam("in_hand", type_=ARRAY(BigInteger))),
            (Chat.paused_until.is_(None)) | (Chat.paused_until <= now),
            is_calm | ~is_busy,
            ~waiting_before,
        )
        .order_by(OutboxMessage.priority, OutboxMessage.id)
        .limit(bindparam("at_most"))
        .with_for_update(of=OutboxMessage, skip_locked=True)
    )


def _next_due() -> Select:
    due_at = case((_is_for_at_once(), func.least(OutboxMessage.due_at, func.now())), else_=OutboxMessage.due_at)
    # PostgreSQL's greatest() passes over nulls.
    due = func.greatest(due_at, OutboxMessage.leased_until, Chat.paused_until)
    return (
        select(func.min(due))
        .join(Chat, Chat.id == OutboxMessage.chat_id)
        .where(OutboxMessage.state == Delivery.PENDING, OutboxMessage.channel == bindparam("channel"))
    )


# Asked with every message: putting the statements together takes longer than running them.
_TELL_SENT = select(func.pg_notify(SENT_CHANNEL, bindparam("told")))
_NOTIFY = text(f"notify {OUTBOX_CHANNEL}")
_CLAIMABLE, _NEXT_DUE = _claimable(), _next_due()
_OUTBOX = OutboxMessage.__table__
_DROP_STALE = (
    update(_OUTBOX)
    .where(
        _OUTBOX.c.chat_id == bindparam("chat"),
        _OUTBOX.c.state == Delivery.PENDING,
        _OUTBOX.c.priority == Priority.REPLY,
        _OUTBOX.c.turn.is_not(None),
        _OUTBOX.c.leased_until.is_(None),
        _OUTBOX.c.attempts == 0,
    )
    .values(state=Delivery.DROPPED)
)
_MARK_SENT = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("message"))
    .values(
        state=Delivery.SENT,
        sent_at=bindparam("now"),
        sent_message_id=bindparam("sent_message"),
        leased_until=None,
        error=None,
    )
)
