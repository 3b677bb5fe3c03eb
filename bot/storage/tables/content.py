"""The knowledge base: entries, drafts, revisions and checks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Base


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
    """How it came: with the program, by the command line, or by an officer."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    """Who published it in the console."""
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    is_correction: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """What stood before was wrong: the people who were given it have been told."""


class EntryDraft(Base):
    """A change of an entry, or a new one, on its way; an entry has at most one open draft."""

    __tablename__ = "entry_drafts"
    __table_args__ = (
        Index(
            "entry_drafts_open",
            "entry_id",
            unique=True,
            postgresql_where=text("state in ('draft', 'review')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(64))
    base_version: Mapped[int]
    """The published version it was made from; 0 for a new entry."""
    version: Mapped[int]
    """Counts saves: of two editors the later is told what changed meanwhile."""
    state: Mapped[str] = mapped_column(String(16))
    document: Mapped[dict]
    """As typed: it need not be right before it is handed in."""
    note: Mapped[str] = mapped_column(Text, default="")
    """Why the reviewer sent it back."""
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class EntryDraftSave(Base):
    """Every save of a draft: who wrote what, and from what the next one began."""

    __tablename__ = "entry_draft_saves"

    draft_id: Mapped[int] = mapped_column(ForeignKey("entry_drafts.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    saved_at: Mapped[datetime]


class ContentImport(Base):
    """An uploaded file of entries that its officer is looking at: what would become drafts, until it does."""

    __tablename__ = "content_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(100))
    entries: Mapped[list] = mapped_column(default=list)
    """What differs from what was in force: `base_version` (0 for a new entry) and `document`."""
    unchanged: Mapped[int]
    made_at: Mapped[datetime]


class GoldenCheck(Base):
    """The golden questions asked of the knowledge as it is and as a change would make it."""

    __tablename__ = "golden_checks"
    __table_args__ = (Index("golden_checks_by_entry", "entry_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(64))
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("entry_drafts.id"), index=True)
    draft_version: Mapped[int]
    """0 without a draft."""
    revision: Mapped[int | None]
    """Without a draft: the revision that would be put in force again, or 0 where the entry would be retired."""
    content_version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    changes: Mapped[list] = mapped_column(default=list)
    """The questions whose outcome differs, each with what it was and would be."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """Its last sign of life: without one for a minute, the process that ran it is gone."""


class ContentVersion(Base):
    """One row: counts publications; every process watches it to know when to build its index anew."""

    __tablename__ = "content_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    published_at: Mapped[datetime]
