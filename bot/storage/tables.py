"""The tables. One dialect (PostgreSQL); moments are aware UTC and end in `_at`."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {datetime: TIMESTAMP(timezone=True), dict: JSONB, list: JSONB, int: BigInteger}


class Person(Base):
    """Somebody who wrote to Silvi, known only by the channel's id."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    notice_version: Mapped[int | None]
    """Version of the privacy notice this person was shown, with `notice_at` its moment (UU 27/2022)."""
    notice_at: Mapped[datetime | None]


class Chat(Base):
    """A chat and what the conversation in it remembers; its row is the lock of one turn at a time."""

    __tablename__ = "chats"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(64))
    is_group: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    turns: Mapped[int] = mapped_column(default=0)
    """Counts turns; a turn prepared against an older count is prepared again."""
    memory: Mapped[dict] = mapped_column(default=dict)
    held_text: Mapped[str] = mapped_column(Text, default="")
    """Fragments that wait for the rest of the message until `held_until`."""
    held_until: Mapped[datetime | None]
    draft: Mapped[dict | None]
    """A complaint begun and not yet sent; it waits for days, unlike the memory."""
    last_message_at: Mapped[datetime | None]
    unreachable_at: Mapped[datetime | None]
    """Since when the person has blocked the bot or left; cleared when they write again."""
    unreachable_reason: Mapped[str | None] = mapped_column(String(64))


class Update(Base):
    """An update whose effects are committed; written in the same transaction as every effect."""

    __tablename__ = "updates"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    update_id: Mapped[int] = mapped_column(primary_key=True)
    handled_at: Mapped[datetime]


class Question(Base):
    """One question, masked, with what Silvi made of it."""

    __tablename__ = "questions"
    __table_args__ = (Index("questions_by_time", "asked_at"), Index("questions_by_outcome", "outcome", "asked_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    asked_at: Mapped[datetime]
    text_masked: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(16))
    entry_id: Mapped[str | None] = mapped_column(String(64))
    entry_version: Mapped[int | None]
    confidence: Mapped[float]
    suggestions: Mapped[list] = mapped_column(default=list)
    country: Mapped[str | None] = mapped_column(String(32))
    intent: Mapped[str | None] = mapped_column(String(32))
    urgency: Mapped[str | None] = mapped_column(String(16))
    thumb: Mapped[int | None]
    """1 helped, -1 did not; `thumb_reason` is one of the one-tap reasons."""
    thumb_reason: Mapped[str | None] = mapped_column(String(32))
    wants_officer: Mapped[bool] = mapped_column(default=False)


class Priority(IntEnum):
    """What is sent first."""

    EMERGENCY = 0
    REPLY = 1
    NOTICE = 2
    BROADCAST = 3


class Delivery(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class OutboxMessage(Base):
    """A message to be sent: a row first, whatever happens to the process that wrote it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_pending", "priority", "id", postgresql_where=text("state = 'pending'")),
        Index("outbox_pending_by_chat", "chat_id", "id", postgresql_where=text("state = 'pending'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    channel: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int]
    reply: Mapped[dict]
    state: Mapped[str] = mapped_column(String(16), default=Delivery.PENDING)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """Not before this moment: now, after a retry pause, or later for planned messages."""
    leased_until: Mapped[datetime | None]
    """While a worker sends it; a lease that ran out means that worker died."""
    attempts: Mapped[int] = mapped_column(default=0)
    parts_sent: Mapped[int] = mapped_column(default=0)
    """Of a text split over several messages, how many are out: a retry goes on behind them."""
    sent_at: Mapped[datetime | None]
    sent_message_id: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    turn: Mapped[int | None]
    """The chat's turn this answers; a newer message makes an unsent answer stale."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    """For the officers' desk: the case whose topic this goes to."""


class Officer(Base):
    """Somebody who may act on cases, known by their Telegram account."""

    __tablename__ = "officers"

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    """The row stays, because the log of cases names who acted."""


class Case(Base):
    """A complaint or a wish to talk to an officer, from its number to its end."""

    __tablename__ = "cases"
    __table_args__ = (Index("cases_by_person", "person_id", "state"), Index("cases_by_state", "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), index=True)
    """Where the person is answered: always a chat of their own, never a group."""
    state: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(32))
    country: Mapped[str | None] = mapped_column(String(32))
    place: Mapped[str | None] = mapped_column(String(100))
    duration: Mapped[str | None] = mapped_column(String(100))
    narrative: Mapped[str] = mapped_column(Text)
    """In the person's own words, unmasked: officers need names and numbers. Lists and logs mask it."""
    asked: Mapped[str | None] = mapped_column(Text)
    """The question before, masked, with what Silvi answered in `answered`."""
    answered: Mapped[str | None] = mapped_column(Text)
    is_for_other: Mapped[bool] = mapped_column(default=False)
    privacy: Mapped[str] = mapped_column(String(16))
    consent_at: Mapped[datetime | None]
    """When the person sent the form under the privacy notice; None for a case opened to save somebody."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    topic_id: Mapped[int | None]
    """The topic in the officers' forum: the only link from desk to case."""
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When an officer must have acknowledged it."""
    acknowledged_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class CaseEvent(Base):
    """One thing that happened to a case; rows are only ever added."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    """Who did it; None for the person and for Silvi."""
    text: Mapped[str] = mapped_column(Text)


class Entry(Base):
    """A published entry of the knowledge base: the newest revision, whole."""

    __tablename__ = "entries"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    document: Mapped[dict]
    published_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class EntryRevision(Base):
    """Every version of every entry that was ever published."""

    __tablename__ = "entry_revisions"

    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict]
    published_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(64))


class ContentVersion(Base):
    """One row: counts publications; every process watches it to know when to build its index anew."""

    __tablename__ = "content_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    published_at: Mapped[datetime]


class FailedUpdate(Base):
    """An update Silvi could not handle, kept whole under the number the person and the log were told."""

    __tablename__ = "failed_updates"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    update_id: Mapped[int]
    payload: Mapped[dict]
    error: Mapped[str] = mapped_column(Text)
    failed_at: Mapped[datetime]
