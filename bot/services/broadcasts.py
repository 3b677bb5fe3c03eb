"""Broadcasts until they are sent: written, tried out, approved by a second person, stopped; each step in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, any_, func, insert, literal, or_, select, update

from bot.domain import broadcasts as rules
from bot.domain.broadcasts import Audience, BroadcastAction, BroadcastState, NotPossible, RecipientState, Topic
from bot.domain.cases import LEADING, Role
from bot.domain.figures import FEWEST, Cell, Table, protected
from bot.domain.messages import Channel, ChatRef, Kind
from bot.services import attachments, audit, outbox, people
from bot.storage.database import Session
from bot.storage.tables import (
    Attachment,
    Broadcast,
    BroadcastRecipient,
    Chat,
    Officer,
    OutboxMessage,
    Subscription,
)
from bot.texts import broadcasts as words


class NotAllowed(Exception):
    """This officer may not do this: no rights, or nobody approves their own words."""


class ChangedMeanwhile(Exception):
    """It was saved again after this officer had looked at it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the form of a broadcast holds."""

    title: str
    body: str
    buttons: tuple[tuple[str, str], ...]
    """Label, and the entry or web address it opens."""
    audience: Audience
    start_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DryRun:
    """What sending would mean now."""

    on_telegram: int
    on_web: int
    had_enough: int
    """Of these, who would be left out because of what they had this week."""
    starts_at: datetime
    ends_at: datetime


async def get(session: Session, number: int, *, for_update: bool = False) -> Broadcast | None:
    return await session.get(Broadcast, number, with_for_update=for_update or None, populate_existing=for_update)


async def newest(session: Session, *, limit: int) -> list[Broadcast]:
    """Those under way first, then the newest."""
    is_over = Broadcast.state.in_((BroadcastState.DONE, BroadcastState.STOPPED))
    found = select(Broadcast).order_by(is_over, Broadcast.id.desc()).limit(limit)
    return list((await session.execute(found)).scalars())


async def write(
    session: Session, officer: Officer, written: Written, broadcast: Broadcast | None, *, now: datetime
) -> Broadcast:
    """Keep a new draft or a changed one; what waited for approval waits for it anew."""
    _check_role(officer)
    if broadcast is None:
        broadcast = Broadcast(state=BroadcastState.DRAFT, version=0, note="", made_at=now)
        session.add(broadcast)
    broadcast.state = rules.advance(broadcast.state, BroadcastAction.SAVE)
    broadcast.version += 1
    broadcast.title, broadcast.body = written.title, written.body
    broadcast.buttons = [{"label": label, "opens": opens} for label, opens in written.buttons]
    broadcast.topic = written.audience.topic
    broadcast.country, broadcast.district = written.audience.country, written.audience.district
    broadcast.start_at, broadcast.expires_at = written.start_at, written.expires_at
    broadcast.author_id = officer.id
    await session.flush()
    _log(session, officer, broadcast, BroadcastAction.SAVE, now, after={"judul": broadcast.title})
    return broadcast


async def set_picture(
    session: Session,
    officer: Officer,
    broadcast: Broadcast,
    name: str,
    mime_type: str,
    content: bytes,
    *,
    now: datetime,
) -> None:
    """Its one picture in place of another; a change like any other. Raises TooManyAttachments."""
    chat = await own_chat(session, officer, now=now)
    kept = await attachments.hand_out(
        session, chat, kind=Kind.PICTURE, name=name, mime_type=mime_type, content=content, now=now
    )
    await _set_picture(session, officer, broadcast, kept.id, now)


async def drop_picture(session: Session, officer: Officer, broadcast: Broadcast, *, now: datetime) -> None:
    await _set_picture(session, officer, broadcast, None, now)


async def submit(session: Session, officer: Officer, broadcast: Broadcast, *, now: datetime) -> None:
    """Ask for a second person's word."""
    _check_role(officer)
    broadcast.state = rules.advance(broadcast.state, BroadcastAction.SUBMIT)
    broadcast.note = ""
    _log(session, officer, broadcast, BroadcastAction.SUBMIT, now)


async def send_back(session: Session, officer: Officer, broadcast: Broadcast, note: str, *, now: datetime) -> None:
    """Not so: the author reads why."""
    _check_role(officer)
    broadcast.state = rules.advance(broadcast.state, BroadcastAction.SEND_BACK)
    broadcast.note, broadcast.approver_id = note, None
    _log(session, officer, broadcast, BroadcastAction.SEND_BACK, now, after={"alasan": note})


async def approve(session: Session, officer: Officer, broadcast: Broadcast, *, version: int, now: datetime) -> None:
    """A second person agrees to what they have seen; without a time of its own it begins at once."""
    _check_role(officer)
    if broadcast.author_id == officer.id:
        raise NotAllowed
    if broadcast.version != version:
        raise ChangedMeanwhile
    broadcast.state = rules.advance(broadcast.state, BroadcastAction.APPROVE)
    broadcast.approver_id = officer.id
    broadcast.start_at = broadcast.start_at or now
    _log(session, officer, broadcast, BroadcastAction.APPROVE, now, after={"versi": version})
    if broadcast.start_at <= now:
        await begin(session, broadcast, now=now)


async def steer(
    session: Session, officer: Officer, broadcast: Broadcast, action: BroadcastAction, *, now: datetime
) -> None:
    """Pause, resume or stop; what is stopped never goes on."""
    _check_role(officer)
    if action not in (BroadcastAction.PAUSE, BroadcastAction.RESUME, BroadcastAction.STOP):
        raise NotPossible(action)
    broadcast.state = rules.advance(broadcast.state, action)
    if action is BroadcastAction.STOP:
        broadcast.ended_at = now
        await _leave_out_waiting(session, broadcast.id)
    _log(session, officer, broadcast, action, now)


async def begin(session: Session, broadcast: Broadcast, *, now: datetime) -> None:
    """Write a row for everybody who asked for this; the same person never twice."""
    broadcast.state = rules.advance(broadcast.state, BroadcastAction.BEGIN)
    broadcast.begun_at = now
    chosen = _everybody(audience_of(broadcast)).with_only_columns(
        literal(broadcast.id), Chat.id, literal(str(RecipientState.WAITING))
    )
    await session.execute(
        insert(BroadcastRecipient).from_select(["broadcast_id", "chat_id", "state"], chosen.order_by(Chat.id))
    )


async def begin_due(session: Session, *, now: datetime) -> int:
    """Begin what was approved for this moment; of two workers each takes others."""
    due = (
        select(Broadcast)
        .where(Broadcast.state == BroadcastState.APPROVED, Broadcast.start_at <= now)
        .with_for_update(skip_locked=True)
    )
    found = (await session.execute(due)).scalars().all()
    for broadcast in found:
        await begin(session, broadcast, now=now)
    return len(found)


async def finish_done(session: Session, *, now: datetime) -> int:
    """End broadcasts that have reached everybody, and leave out the rest of those whose time is over."""
    late = (
        select(Broadcast)
        .where(
            Broadcast.state.in_((BroadcastState.SENDING, BroadcastState.PAUSED)),
            Broadcast.expires_at <= now,
        )
        .with_for_update(skip_locked=True)
    )
    for broadcast in (await session.execute(late)).scalars().all():
        await _leave_out_waiting(session, broadcast.id)
        broadcast.state = BroadcastState.SENDING
    await session.flush()
    is_waiting = (
        select(BroadcastRecipient.id)
        .where(BroadcastRecipient.broadcast_id == Broadcast.id, BroadcastRecipient.state == RecipientState.WAITING)
        .exists()
    )
    done = select(Broadcast).where(Broadcast.state == BroadcastState.SENDING, ~is_waiting)
    found = (await session.execute(done.with_for_update(skip_locked=True))).scalars().all()
    for broadcast in found:
        broadcast.state, broadcast.ended_at = rules.advance(broadcast.state, BroadcastAction.FINISH), now
    return len(found)


async def dry_run(session: Session, broadcast: Broadcast, *, zone: ZoneInfo, now: datetime) -> DryRun:
    """Who would get it, how many, and until when it takes at the rate kept to."""
    everybody = _everybody(audience_of(broadcast))
    counted = everybody.with_only_columns(
        Chat.channel, func.count(), func.count().filter(has_had_enough(Chat.id, now))
    ).group_by(Chat.channel)
    people_on = {channel: (count, enough) for channel, count, enough in await session.execute(counted)}
    on_telegram, too_many = people_on.get(Channel.TELEGRAM, (0, 0))
    on_web, web_too_many = people_on.get(Channel.WEB, (0, 0))
    starts_at = max(broadcast.start_at or now, now)
    starts_at = rules.quiet_until(starts_at, zone) or starts_at
    ends_at = rules.ends_about(on_telegram - too_many, starts_at, zone)
    return DryRun(on_telegram, on_web, too_many + web_too_many, starts_at, ends_at)


async def preview(session: Session, officer: Officer, broadcast: Broadcast, *, now: datetime) -> None:
    """The message as people will see it, to the officer's own chat."""
    _check_role(officer)
    chat = await own_chat(session, officer, now=now)
    media = await media_of(session, broadcast)
    outbox.add(session, chat, words.message(broadcast, media, is_preview=True), now=now)
    await outbox.announce(session)


async def note_opened(session: Session, number: int, chat_id: int, *, now: datetime) -> None:
    """Somebody pressed a button of it; the first time counts."""
    mine = (BroadcastRecipient.broadcast_id == number) & (BroadcastRecipient.chat_id == chat_id)
    await session.execute(
        update(BroadcastRecipient).where(mine, BroadcastRecipient.opened_at.is_(None)).values(opened_at=now)
    )


async def progress(session: Session, number: int) -> Table:
    """How many recipients are in each state, of groups alone; of those given away, what the outbox knows of them."""
    what = func.coalesce(OutboxMessage.state, BroadcastRecipient.state)
    counted = (
        select(what, func.count(), func.min(BroadcastRecipient.id))
        .select_from(BroadcastRecipient)
        .outerjoin(OutboxMessage, OutboxMessage.id == BroadcastRecipient.outbox_id)
        .where(BroadcastRecipient.broadcast_id == number)
        .group_by(what)
    )
    return protected([_cell(*row) for row in await session.execute(counted)])


async def count_asleep(session: Session, broadcast: Broadcast, *, now: datetime) -> int:
    """How many of those who wait chose a country where it is night, while the broadcast is being sent."""
    waiting = (
        select(func.count())
        .select_from(BroadcastRecipient)
        .join(Subscription, Subscription.chat_id == BroadcastRecipient.chat_id)
        .where(
            BroadcastRecipient.broadcast_id == broadcast.id,
            BroadcastRecipient.state == RecipientState.WAITING,
            Subscription.country.in_(rules.asleep(now)),
        )
    )
    is_sending = broadcast.state == BroadcastState.SENDING
    return (await session.execute(waiting)).scalar_one() if is_sending else 0


async def own_chat(session: Session, officer: Officer, *, now: datetime) -> Chat:
    """The officer's own chat with Silvi."""
    return await people.chat_of(session, ChatRef(Channel.TELEGRAM, str(officer.telegram_id)), now=now)


async def media_of(session: Session, broadcast: Broadcast):
    """Its picture as a part of a message, or None."""
    if broadcast.picture_id is None:
        return None
    return attachments.media_of(await session.get_one(Attachment, broadcast.picture_id))


def audience_of(broadcast: Broadcast) -> Audience:
    return Audience(Topic(broadcast.topic), broadcast.country, broadcast.district)


def has_had_enough(chat_id: ColumnElement, now: datetime) -> ColumnElement[bool]:
    """Whether a chat had as many broadcasts in the last seven days as anybody gets."""
    counted = select(func.count()).where(
        BroadcastRecipient.chat_id == chat_id, BroadcastRecipient.given_at > now - rules.WEEK
    )
    return counted.correlate(Chat).scalar_subquery() >= rules.PER_WEEK


def may(officer: Officer) -> bool:
    return Role(officer.role) in LEADING


def _everybody(audience: Audience) -> Select:
    """Subscribed chats that can be reached; who chose no place hears of all of them."""
    here = [
        literal(str(audience.topic)) == any_(Subscription.topics),
        Chat.unreachable_at.is_(None),
        Chat.is_group.is_(False),
    ]
    for column, wanted in ((Subscription.country, audience.country), (Subscription.district, audience.district)):
        if wanted:
            here.append(or_(column.is_(None), column == wanted))
    return select(Chat.id).join(Subscription, Subscription.chat_id == Chat.id).where(and_(*here))


async def _set_picture(
    session: Session, officer: Officer, broadcast: Broadcast, picture_id: int | None, now: datetime
) -> None:
    _check_role(officer)
    broadcast.state = rules.advance(broadcast.state, BroadcastAction.SAVE)
    broadcast.version += 1
    broadcast.picture_id, broadcast.author_id = picture_id, officer.id
    _log(session, officer, broadcast, BroadcastAction.SAVE, now, after={"gambar": picture_id is not None})


async def _leave_out_waiting(session: Session, number: int) -> None:
    waiting = (BroadcastRecipient.broadcast_id == number) & (BroadcastRecipient.state == RecipientState.WAITING)
    await session.execute(update(BroadcastRecipient).where(waiting).values(state=RecipientState.STOPPED))


def _cell(state: str, count: int, first_id: int) -> Cell:
    # Nobody is in two states, so any ids of their own will do to tell the few apart.
    few = frozenset(first_id * FEWEST + one for one in range(count)) if count < FEWEST else frozenset()
    return Cell(state, count, count, few)


def _check_role(officer: Officer) -> None:
    if not may(officer):
        raise NotAllowed


def _log(
    session: Session,
    officer: Officer,
    broadcast: Broadcast,
    action: BroadcastAction,
    now: datetime,
    after: dict | None = None,
) -> None:
    audit.record(session, officer, f"siaran:{action}", f"siaran {broadcast.id}", now=now, after=after)
