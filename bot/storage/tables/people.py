"""Who writes, in which chat, and what was asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Base
from bot.storage.vault import Encrypted, EncryptedJson


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


class Agreement(Base):
    """A person agreed to one version of the privacy notice; rows are only ever added."""

    __tablename__ = "agreements"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    version: Mapped[int]
    how: Mapped[str] = mapped_column(String(16))
    """By the button under the notice, or with a report sent under it (bot.domain.privacy.AgreedBy)."""
    agreed_at: Mapped[datetime]


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
    memory: Mapped[dict] = mapped_column(EncryptedJson, default=dict)
    held_text: Mapped[str] = mapped_column(Encrypted, default="")
    """Fragments that wait for the rest of the message until `held_until`."""
    held_until: Mapped[datetime | None]
    draft: Mapped[dict | None] = mapped_column(EncryptedJson)
    """A complaint begun and not yet sent; it waits for days, unlike the memory."""
    last_message_at: Mapped[datetime | None]
    minute_began_at: Mapped[datetime | None]
    in_minute: Mapped[int] = mapped_column(default=0, server_default="0")
    """Messages since `minute_began_at`: who sends very many is answered once for all of them."""
    unreachable_at: Mapped[datetime | None]
    """Since when the person has blocked the bot or left; cleared when they write again."""
    unreachable_reason: Mapped[str | None] = mapped_column(String(64))
    paused_until: Mapped[datetime | None]
    """The channel asked for patience: until then nothing is sent here, by whatever worker."""
    warns_at: Mapped[datetime | None]
    """In a group: since when an officer lets Silvi warn of dangerous offers; None where she keeps silent."""
    erased_at: Mapped[datetime | None]
    """When the person last had everything erased: nothing before it is a reason to write to them, and the row goes soon
    after, unless they write again."""


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


class Checklist(Base):
    """The steps and papers of one person, by destination and job, with what is done."""

    __tablename__ = "checklists"
    __table_args__ = (Index("checklists_to_remind", "remind_at", postgresql_where=text("remind_at is not null")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    """A new one with every change of destination, so that the buttons of the old list tick nothing in the new one."""
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), unique=True)
    country: Mapped[str] = mapped_column(String(32))
    job: Mapped[str] = mapped_column(String(32))
    done: Mapped[list] = mapped_column(default=list)
    """Ids of the steps that are ticked."""
    begun_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    """When the person wants to be reminded next; None: not at all."""
    is_weekly: Mapped[bool] = mapped_column(default=False)
