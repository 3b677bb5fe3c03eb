"""Broadcasts on their way: one lane for all processes, one message after the other, each person once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, any_, func, literal, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain import broadcasts as rules
from bot.domain.broadcasts import BroadcastState, RecipientState
from bot.domain.messages import Channel, ChatRef, Reply
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
    """A recipient whose turn it is, with what decides whether they get it: columns alone, since whole rows of chats hold
    sealed words that would all be opened."""

    recipient_id: int
    broadcast_id: int
    chat_id: int
    external_id: str
    is_unreachable: bool
    has_news: bool
    has_enough: bool

    def left_out(self) -> RecipientState | None:
        if self.is_unreachable:
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
        if await _leave_out(session, pick):
            continue
        message, reply = await _give(session, pick, Channel.TELEGRAM, now, lease_s)
        chat = ChatRef(Channel.TELEGRAM, pick.external_id)
        return Claimed(message.id, chat, reply, attempts=1, parts_sent=0, priority=Priority.BROADCAST)
    return None


async def give_to_web(session: Session, *, now: datetime) -> int:
    """Put the messages of people on the web into their chats; nobody is rung, so night and pace do not matter."""
    given = 0
    for pick in await _picks(session, Channel.WEB, now, WEB_AT_ONCE):
        if not await _leave_out(session, pick):
            await _give(session, pick, Channel.WEB, now)
            given += 1
    return given


async def _leave_out(session: Session, pick: Pick) -> bool:
    """Whether this recipient is left out; written down so that nobody looks at them again."""
    state = pick.left_out()
    if state:
        mine = BroadcastRecipient.id == pick.recipient_id
        await session.execute(update(BroadcastRecipient).where(mine).values(state=state))
    return state is not None


async def _give(
    session: Session, pick: Pick, channel: Channel, now: datetime, lease_s: float | None = None
) -> tuple[OutboxMessage, Reply]:
    """The recipient's message in the outbox; with a lease it is claimed already."""
    broadcast = await session.get_one(Broadcast, pick.broadcast_id)
    reply = words.message(broadcast, await broadcasts.media_of(session, broadcast))
    message = outbox.add_to(session, pick.chat_id, channel, reply, now=now, priority=Priority.BROADCAST)
    if lease_s is not None:
        message.leased_until, message.attempts = now + timedelta(seconds=lease_s), 1
    await session.flush()
    given = {"state": RecipientState.GIVEN, "outbox_id": message.id, "given_at": now}
    mine = BroadcastRecipient.id == pick.recipient_id
    await session.execute(update(BroadcastRecipient).where(mine).values(**given))
    return message, reply


async def _picks(
    session: Session, channel: Channel, now: datetime, limit: int, *, asleep: Collection[str] = ()
) -> list[Pick]:
    """Who waits, the broadcast that ends first before the others; who is in a conversation now waits on.

    So does who chose a country of `asleep`.
    """
    running = select(Broadcast.id, Broadcast.topic).where(
        Broadcast.state == BroadcastState.SENDING, or_(Broadcast.expires_at.is_(None), Broadcast.expires_at > now)
    )
    picks: list[Pick] = []
    # What is over soonest comes first: the reminder of an evening's programme must not wait behind news for a week.
    in_order = running.order_by(Broadcast.expires_at.nulls_last(), Broadcast.id)
    for broadcast_id, topic in (await session.execute(in_order)).all():
        found = _waiting(broadcast_id, topic, channel, now, asleep).limit(limit - len(picks))
        picks += [Pick(*row) for row in await session.execute(found)]
        if len(picks) >= limit:
            break
    return picks


def _waiting(broadcast_id: int, topic: str, channel: Channel, now: datetime, asleep: Collection[str]) -> Select:
    """Who waits for one broadcast, in the order of their rows: the database reads no more of them than are asked for.

    Ten thousand joined and sorted anew for every message took longer than sending it.
    """
    has_news = func.coalesce(literal(topic) == any_(Subscription.topics), False)
    is_awake = or_(Subscription.country.is_(None), Subscription.country.not_in(asleep)) if asleep else true()
    return (
        select(
            BroadcastRecipient.id,
            BroadcastRecipient.broadcast_id,
            Chat.id,
            Chat.external_id,
            Chat.unreachable_at.is_not(None),
            has_news,
            broadcasts.has_had_enough(Chat.id, now),
        )
        .join(Chat, Chat.id == BroadcastRecipient.chat_id)
        .outerjoin(Subscription, Subscription.chat_id == Chat.id)
        .where(
            BroadcastRecipient.broadcast_id == broadcast_id,
            # As a literal: a plan that is kept for any state cannot use the index.
            BroadcastRecipient.state == literal(str(RecipientState.WAITING), literal_execute=True),
            Chat.channel == channel,
            _may_be_disturbed(now),
            is_awake,
        )
        .order_by(BroadcastRecipient.id)
        .with_for_update(of=BroadcastRecipient, skip_locked=True)
    )


def _may_be_disturbed(now: datetime) -> ColumnElement[bool]:
    is_calm = or_(Chat.last_message_at.is_(None), Chat.last_message_at <= now - rules.LEFT_ALONE)
    return is_calm & or_(Chat.paused_until.is_(None), Chat.paused_until <= now)
