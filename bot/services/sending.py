"""Broadcasts on their way: one lane for all processes, one message after the other, each person once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, any_, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain import broadcasts as rules
from bot.domain.broadcasts import BroadcastState, RecipientState
from bot.domain.messages import Channel, ChatRef
from bot.services import broadcasts, outbox
from bot.services.outbox import Claimed
from bot.storage.database import Session
from bot.storage.tables import Broadcast, BroadcastRecipient, Chat, OutboxMessage, Priority, SendingLane, Subscription
from bot.texts import broadcasts as words

LANE = 1
LOOKED_AT = 20
"""Recipients looked at in one transaction: those who are left out cost no time of the lane."""
WEB_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Pick:
    """A recipient whose turn it is, with what decides whether they get it."""

    recipient: BroadcastRecipient
    broadcast: Broadcast
    chat: Chat
    has_news: bool
    has_enough: bool

    def left_out(self) -> RecipientState | None:
        if self.chat.unreachable_at is not None:
            return RecipientState.UNREACHABLE
        if not self.has_news:
            return RecipientState.LEFT
        return RecipientState.ENOUGH if self.has_enough else None


async def hold_lane(session: Session, holder: str, *, now: datetime, lease_s: float) -> bool:
    """Whether this process may send now: it has the lane already, or nobody's lease lasts.

    A process that dies leaves the lane closed until its lease runs out; by then its last message is known or tried again.
    """
    until = now + timedelta(seconds=lease_s)
    taken = (
        insert(SendingLane)
        .values(id=LANE, holder=holder, leased_until=until)
        .on_conflict_do_update(
            index_elements=[SendingLane.id],
            set_={"holder": holder, "leased_until": until},
            where=or_(SendingLane.holder == holder, SendingLane.leased_until <= now),
        )
        .returning(SendingLane.id)
    )
    return (await session.execute(taken)).scalar() is not None


async def leave_lane(session: Session, holder: str, *, now: datetime) -> None:
    """Let another process go on at once."""
    await session.execute(update(SendingLane).where(SendingLane.holder == holder).values(leased_until=now))


async def is_any_waiting(session: Session) -> bool:
    """Whether a broadcast is being sent at all: asked every moment, so it must cost nothing."""
    found = select(Broadcast.id).where(Broadcast.state == BroadcastState.SENDING).limit(1)
    return (await session.execute(found)).scalar() is not None


async def take_next(session: Session, *, zone: ZoneInfo, now: datetime, lease_s: float) -> Claimed | None:
    """Give the next person's message to the outbox, claimed already for who asks; None while nobody's turn is.

    The row of the recipient and that of the outbox are written together: after a crash the outbox sends what was given
    away, and nobody is given a second one.
    """
    if rules.quiet_until(now, zone):
        return None
    # Who chose a country may be there or still at home: news comes when it is day in both.
    for pick in await _picks(session, Channel.TELEGRAM, now, LOOKED_AT, asleep=rules.asleep(now)):
        if state := pick.left_out():
            pick.recipient.state = state
            continue
        message = await _give(session, pick, now)
        message.leased_until, message.attempts = now + timedelta(seconds=lease_s), 1
        chat = ChatRef(Channel.TELEGRAM, pick.chat.external_id)
        reply = words.message(pick.broadcast, await broadcasts.media_of(session, pick.broadcast))
        return Claimed(message.id, chat, reply, attempts=1, parts_sent=0, priority=Priority.BROADCAST)
    return None


async def give_to_web(session: Session, *, now: datetime) -> int:
    """Put the messages of people on the web into their chats; nobody is rung, so night and pace do not matter."""
    given = 0
    for pick in await _picks(session, Channel.WEB, now, WEB_AT_ONCE):
        if state := pick.left_out():
            pick.recipient.state = state
            continue
        await _give(session, pick, now)
        given += 1
    return given


async def _give(session: Session, pick: Pick, now: datetime) -> OutboxMessage:
    reply = words.message(pick.broadcast, await broadcasts.media_of(session, pick.broadcast))
    message = outbox.add(session, pick.chat, reply, now=now, priority=Priority.BROADCAST)
    await session.flush()
    pick.recipient.state, pick.recipient.outbox_id, pick.recipient.given_at = RecipientState.GIVEN, message.id, now
    return message


async def _picks(
    session: Session, channel: Channel, now: datetime, limit: int, *, asleep: Collection[str] = ()
) -> list[Pick]:
    """Who waits, the broadcast that began first before the others; who is in a conversation now waits on.

    So does who chose a country of `asleep`.
    """
    running = select(Broadcast.id).where(
        Broadcast.state == BroadcastState.SENDING, or_(Broadcast.expires_at.is_(None), Broadcast.expires_at > now)
    )
    has_news = (
        select(Subscription.chat_id)
        .where(Subscription.chat_id == Chat.id, Broadcast.topic == any_(Subscription.topics))
        .correlate(Chat, Broadcast)
        .exists()
    )
    sleeps = select(Subscription.chat_id).where(Subscription.country.in_(asleep)) if asleep else None
    found = (
        select(BroadcastRecipient, Broadcast, Chat, has_news, broadcasts.has_had_enough(Chat.id, now))
        .join(Broadcast, Broadcast.id == BroadcastRecipient.broadcast_id)
        .join(Chat, Chat.id == BroadcastRecipient.chat_id)
        .where(
            BroadcastRecipient.state == RecipientState.WAITING,
            BroadcastRecipient.broadcast_id.in_(running),
            Chat.channel == channel,
            _may_be_disturbed(now),
            Chat.id.not_in(sleeps) if sleeps is not None else true(),
        )
        .order_by(BroadcastRecipient.broadcast_id, BroadcastRecipient.id)
        .limit(limit)
        .with_for_update(of=BroadcastRecipient, skip_locked=True)
    )
    return [Pick(*row) for row in await session.execute(found)]


def _may_be_disturbed(now: datetime) -> ColumnElement[bool]:
    is_calm = or_(Chat.last_message_at.is_(None), Chat.last_message_at <= now - rules.LEFT_ALONE)
    return is_calm & or_(Chat.paused_until.is_(None), Chat.paused_until <= now)
