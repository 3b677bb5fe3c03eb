"""Chats and the people behind them, as a turn needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Insert, insert

from bot.domain.messages import Channel, ChatRef, Memory
from bot.domain.pace import Pace
from bot.domain.privacy import AgreedBy
from bot.storage.database import Session
from bot.storage.tables import Agreement, Chat, Person


@dataclass(frozen=True, slots=True)
class ChatState:
    """What a turn is prepared from; `turns` tells whether it still holds when the turn is written."""

    turns: int
    memory: Memory
    held_text: str
    held_until: datetime | None
    pace: Pace = Pace()
    has_draft: bool = False


NO_CHAT_YET = ChatState(0, Memory(), "", None)


async def peek_chat(session: Session, ref: ChatRef) -> ChatState:
    """The chat's state, without locking it."""
    chat = (await session.execute(_chat(ref))).scalar_one_or_none()
    if chat is None:
        return NO_CHAT_YET
    return ChatState(
        chat.turns,
        Memory.from_json(chat.memory),
        chat.held_text,
        chat.held_until,
        Pace(chat.minute_began_at, chat.in_minute),
        has_draft=chat.draft is not None,
    )


async def held_chats(session: Session) -> list[tuple[ChatRef, int, datetime]]:
    """Chats with held fragments, the turn that held them, and until when."""
    rows = (await session.execute(select(Chat).where(Chat.held_until.is_not(None)))).scalars()
    return [
        (ChatRef(Channel(chat.channel), chat.external_id, chat.is_group), chat.turns, chat.held_until) for chat in rows
    ]


async def lock_chat(session: Session, ref: ChatRef, *, now: datetime) -> Chat:
    """The chat's row, made where it is new, locked until the transaction ends; a chat that writes is reachable again.

    The lock lets others put messages to this chat into the outbox: two officers who write call each other.
    """
    locked = (
        _new_chat(ref, now=now)
        .on_conflict_do_update(
            index_elements=[Chat.channel, Chat.external_id], set_={"unreachable_at": None, "unreachable_reason": None}
        )
        .returning(Chat)
    )
    return (await session.scalars(locked, execution_options={"populate_existing": True})).one()


async def chat_of(session: Session, ref: ChatRef, *, now: datetime) -> Chat:
    """The chat's row, made where it is new, without locking it: for writing to a chat that did not just write to us.

    Looked for first: an insertion would wait for whoever has locked the row.
    """
    if chat := (await session.execute(_chat(ref))).scalar_one_or_none():
        return chat
    await session.execute(_new_chat(ref, now=now).on_conflict_do_nothing())
    return (await session.execute(_chat(ref))).scalar_one()


async def warns(session: Session, ref: ChatRef) -> bool:
    """True for a group in which Silvi warns of dangerous offers."""
    return (await session.execute(_chat(ref).with_only_columns(Chat.warns_at))).scalar() is not None


async def reachable_chats(session: Session, channel: str, external_ids: Sequence[str]) -> list[Chat]:
    """Those of these people's own chats in which they once wrote, and did not leave."""
    found = select(Chat).where(
        Chat.channel == channel, Chat.external_id.in_(external_ids), Chat.unreachable_at.is_(None)
    )
    return list((await session.execute(found.order_by(Chat.id))).scalars())


async def person_of(session: Session, channel: str, external_id: str, *, now: datetime) -> Person:
    """The person with this id on this channel, made where new."""
    found = select(Person).where(Person.channel == channel, Person.external_id == external_id)
    if person := (await session.execute(found)).scalar_one_or_none():
        return person
    new = insert(Person).values(channel=channel, external_id=external_id, created_at=now)
    made = (await session.scalars(new.on_conflict_do_nothing().returning(Person))).one_or_none()
    return made or (await session.execute(found)).scalar_one()


def note_shown(person: Person, version: int, *, now: datetime) -> None:
    """Record that this person was shown this version of the privacy notice."""
    person.notice_version, person.notice_at = version, now


async def agree(session: Session, person_id: int, version: int, how: AgreedBy, *, now: datetime) -> None:
    """Record that this person agreed to this version of the notice; a second tap adds nothing."""
    known = select(Agreement.id).where(
        Agreement.person_id == person_id, Agreement.version == version, Agreement.how == how
    )
    if (await session.execute(known.limit(1))).scalar() is None:
        session.add(Agreement(person_id=person_id, version=version, how=how, agreed_at=now))


def _new_chat(ref: ChatRef, *, now: datetime) -> Insert:
    return insert(Chat).values(
        channel=ref.channel,
        external_id=ref.external_id,
        is_group=ref.is_group,
        created_at=now,
        turns=0,
        memory={},
        held_text="",
    )


def _chat(ref: ChatRef):
    return select(Chat).where(Chat.channel == ref.channel, Chat.external_id == ref.external_id)
