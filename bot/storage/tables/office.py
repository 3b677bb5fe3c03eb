"""Officers, their duty, their ways into the console, and the record of what they did."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Base
from bot.storage.vault import EncryptedBytes, EncryptedJson


class Officer(Base):
    """Somebody who may act on cases, known by their Telegram account."""

    __tablename__ = "officers"

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    office: Mapped[str | None] = mapped_column(String(32))
    """A key of the office profile's `offices`; None works for all of them."""
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    """The row stays, because the log of cases names who acted."""


class Duty(Base):
    """Who is called first from one moment to another."""

    __tablename__ = "duties"
    __table_args__ = (Index("duties_by_time", "starts_at", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class SignInLink(Base):
    """A link to the console that one officer may use once; only its hash is kept."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ConsoleSession(Base):
    """An officer signed in on one device; only the hash of the cookie's token is kept."""

    __tablename__ = "console_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    earlier_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    """The token before the last change, which requests under way may still carry."""
    rotated_at: Mapped[datetime]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(200))


class AuditRecord(Base):
    """Who did what in the console, with what it was before and after; rows are only ever added."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_subject", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"), index=True)
    """None for the command line and for Silvi."""
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    before: Mapped[dict | None] = mapped_column(EncryptedJson)
    after: Mapped[dict | None] = mapped_column(EncryptedJson)


class KeyCheck(Base):
    """One row, by which a process notices that it has another key than the one that wrote the database."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(Text)


class ConsoleUpload(Base):
    """A file of the office that was shown as a diff and waits to be confirmed.

    The table bears the name of its first kind, by which an older version beside this one knows it.
    """

    __tablename__ = "registry_uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), server_default="izin")
    """What it is a file of: each page confirms its own."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    file_name: Mapped[str] = mapped_column(String(255))
    data_date: Mapped[date]
    content: Mapped[bytes] = mapped_column(EncryptedBytes)
    made_at: Mapped[datetime]
