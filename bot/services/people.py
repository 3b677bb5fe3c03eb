"""Chats and the people behind them, as a turn needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TIMESTAMP, Executable, bindparam, select
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
    found = await session.execute(_STATE, {"channel": ref.channel, "external_id": ref.external_id})
    if (row := found.one_or_none()) is None:
        return NO_CHAT_YET
    return ChatState(
        row.turns,
        Memory.from_json(row.memory),
        row.held_text,
        row.held_until,
        Pace(row.minute_began_at, row.in_minute),
        has_draft=row.has_draft,
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
    return await _made_and_locked(session, _LOCKED, ref, now=now)


async def begin_turn(session: Session, ref: ChatRef, *, now: datetime) -> Chat:
    """The same, with this turn counted: the chat has `turns` of which this is one."""
    return await _made_and_locked(session, _COUNTED, ref, now=now)


async def _made_and_locked(session: Session, statement: Executable, ref: ChatRef, *, now: datetime) -> Chat:
    return (await session.scalars(statement, _new(ref, now), execution_options={"populate_existing": True})).one()


async def chat_of(session: Session, ref: ChatRef, *, now: datetime) -> Chat:
    """The chat's row, made where it is new, without locking it: for writing to a chat that did not just write to us.

    Looked for first: an insertion would wait for whoever has locked the row.
    """
    if chat := (await session.execute(_chat(ref))).scalar_one_or_none():
        return chat
    await session.execute(_new_chat(is_turn=False).on_conflict_do_nothing(), _new(ref, now))
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
    known = {"channel": channel, "external_id": external_id}
    if person := (await session.execute(_PERSON, known)).scalar_one_or_none():
        return person
    new = insert(Person).values(**known, created_at=now)
    made = (await session.scalars(new.on_conflict_do_nothing().returning(Person))).one_or_none()
    return made or (await session.execute(_PERSON, known)).scalar_one()


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


def _chat(ref: ChatRef):
    return select(Chat).where(Chat.channel == ref.channel, Chat.external_id == ref.external_id)


def _new(ref: ChatRef, now: datetime) -> dict[str, object]:
    return {"channel": ref.channel, "external_id": ref.external_id, "is_group": ref.is_group, "now": now}


_NOW = bindparam("now", type_=TIMESTAMP(timezone=True))


def _new_chat(*, is_turn: bool) -> Insert:
    return insert(Chat.__table__).values(
        channel=bindparam("channel"),
        external_id=bindparam("external_id"),
        is_group=bindparam("is_group"),
        created_at=_NOW,
        turns=int(is_turn),
        memory={},
        held_text="",
        last_message_at=_NOW if is_turn else None,
    )


def _locked(*, is_turn: bool) -> Executable:
    """The chat's row, made where it is missing, locked and loaded; a chat that writes is reachable again."""
    chats = Chat.__table__
    counted = {"turns": chats.c.turns + 1, "last_message_at": _NOW} if is_turn else {}
    locked = _new_chat(is_turn=is_turn).on_conflict_do_update(
        index_elements=["channel", "external_id"],
        set_={"unreachable_at": None, "unreachable_reason": None, **counted},
    )
    return select(Chat).from_statement(locked.returning(chats))


# Asked with every message: putting the statements together takes longer than running them.
_STATE = select(
    Chat.turns,
    Chat.memory,
    Chat.held_text,
    Chat.held_until,
    Chat.minute_began_at,
    Chat.in_minute,
    Chat.draft.is_not(None).label("has_draft"),
).where(Chat.channel == bindparam("channel"), Chat.external_id == bindparam("external_id"))
_PERSON = select(Person).where(Person.channel == bindparam("channel"), Person.external_id == bindparam("external_id"))
_LOCKED, _COUNTED = _locked(is_turn=False), _locked(is_turn=True)
