"""Updates on their way in, messages on their way out."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Base
from bot.storage.vault import EncryptedJson


class Update(Base):
    """An update whose effects are committed; written in the same transaction as every effect."""

    __tablename__ = "updates"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    update_id: Mapped[int] = mapped_column(primary_key=True)
    handled_at: Mapped[datetime]


class WaitingUpdate(Base):
    """An update that was fetched and not handled yet; the row goes when it is."""

    __tablename__ = "waiting_updates"
    __table_args__ = (UniqueConstraint("source", "update_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    update_id: Mapped[int]
    payload: Mapped[dict] = mapped_column(EncryptedJson)
    received_at: Mapped[datetime]


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
    reply: Mapped[dict] = mapped_column(EncryptedJson)
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
    trace: Mapped[str | None] = mapped_column(String(16))
    """The turn in the log that wrote it."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    """For the officers' desk: the case whose topic this goes to."""


class FailedUpdate(Base):
    """An update Silvi could not handle, kept whole under the number the person and the log were told."""

    __tablename__ = "failed_updates"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    update_id: Mapped[int]
    payload: Mapped[dict] = mapped_column(EncryptedJson)
    error: Mapped[str] = mapped_column(Text)
    failed_at: Mapped[datetime]
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id"), index=True)
    """Whose it is, so that they see and erase it; None where nobody could be told."""


class SendingLane(Base):
    """One row: the process that sends broadcasts now, one message after the other, until the lease runs out."""

    __tablename__ = "sending_lane"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(32))
    leased_until: Mapped[datetime]
