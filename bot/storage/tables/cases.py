"""Reports: the case, its events, files, referrals and outcomes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Base
from bot.storage.vault import Encrypted, EncryptedBytes, EncryptedJson


class Case(Base):
    """A complaint or a wish to talk to an officer, from its number to its end."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("cases_by_person", "person_id", "state"),
        Index("cases_by_state", "state", "due_at"),
        Index("cases_by_opening", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), index=True)
    """Where the person is answered: always a chat of their own, never a group."""
    state: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(32))
    country: Mapped[str | None] = mapped_column(String(32))
    place: Mapped[str | None] = mapped_column(Encrypted)
    duration: Mapped[str | None] = mapped_column(String(100))
    narrative: Mapped[str] = mapped_column(Encrypted)
    """In the person's own words, unmasked: officers need names and numbers. Lists and logs mask it."""
    contact: Mapped[str | None] = mapped_column(Encrypted)
    """Name and phone as the person gave them, for a named report."""
    asked: Mapped[str | None] = mapped_column(Encrypted)
    """The question before, masked, with what Silvi answered in `answered`."""
    answered: Mapped[str | None] = mapped_column(Encrypted)
    office: Mapped[str | None] = mapped_column(String(32))
    """The office it is routed to by its place: a key of the office profile's `offices`."""
    district: Mapped[str | None] = mapped_column(String(32))
    """The district its place names, for the figures: `place` itself cannot be counted."""
    route: Mapped[str | None] = mapped_column(String(16))
    """How the person left, as the officer found it: a Route."""
    is_for_other: Mapped[bool] = mapped_column(default=False)
    privacy: Mapped[str] = mapped_column(String(16))
    consent_at: Mapped[datetime | None]
    """When the person sent the form under the privacy notice; None for a case opened to save somebody."""
    consent_version: Mapped[int | None]
    """Of the notice that was shown for it."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    with_silvi: Mapped[bool] = mapped_column(default=False)
    """The officer gave the conversation back: Silvi answers, and the officer still sees what the person writes."""
    topic_id: Mapped[int | None]
    """The topic in the officers' forum: the only link from desk to case."""
    topic_name: Mapped[str | None] = mapped_column(String(128))
    """The name the topic has in Telegram; it is changed there when the case's own name differs.

    With no `topic_id` it is the name of a topic that was to be made: nobody knows whether it was.
    """
    head_id: Mapped[int | None]
    """The outbox row of the post at the head of the topic, which is edited when the facts change."""
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """When the officer's next step is due: the acknowledgement of a new case, afterwards the follow-up.

    None while the clock stands: the case waits for its person, or is over.
    """
    promised_at: Mapped[datetime | None]
    """By when an officer had to take it for the first time; it stays, so that the figures tell what was kept."""
    left_s: Mapped[int | None]
    """Working seconds that were left until `due_at` when the clock was stopped."""
    reminders: Mapped[int] = mapped_column(default=0)
    """How many were reminded since `due_at` passed; `reminded_at` is the last time."""
    reminded_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    """One tap at the end, 1 (bad) to 3 (good)."""
    anonymised_at: Mapped[datetime | None]
    """When all that was told was taken out; what is left counts in the figures and points to nobody."""


class FactsBefore(Base):
    """What was counted of a case until one of its facts changed: kept by a trigger, for reports of an earlier day."""

    __tablename__ = "case_facts_before"
    __table_args__ = (Index("case_facts_by_case", "case_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    until: Mapped[datetime]
    urgency: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(32))
    country: Mapped[str | None] = mapped_column(String(32))
    district: Mapped[str | None] = mapped_column(String(32))
    route: Mapped[str | None] = mapped_column(String(16))
    promised_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class CaseEvent(Base):
    """One thing that happened to a case; rows are only ever added."""

    __tablename__ = "case_events"
    __table_args__ = (
        Index("case_events_of_officers", "at", "id", postgresql_where=text("officer_id is not null")),
        Index("case_events_by_officer", "officer_id", "at", "id", postgresql_where=text("officer_id is not null")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    """Who did it; None for the person and for Silvi."""
    text: Mapped[str] = mapped_column(Encrypted)
    facts: Mapped[dict | None] = mapped_column(JSONB)
    """State, urgency and owner of the case after it; None for what happened before they were kept."""


class Attachment(Base):
    """A picture, document, voice note, location or contact that belongs to a case, or will when one is opened."""

    __tablename__ = "attachments"
    __table_args__ = (Index("attachments_to_fetch", "fetch_at", postgresql_where=text("fetch_at is not null")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), index=True)
    """The person's chat: where it came from, or where an officer's went."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    """The officer who sent it; None where the person did."""
    kind: Mapped[str] = mapped_column(String(16))
    media: Mapped[dict] = mapped_column(EncryptedJson)
    """What the channel knows of it: its file id, name, type, or the place or contact itself."""
    size_bytes: Mapped[int | None]
    received_at: Mapped[datetime]
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the content as it was sent; None until it was fetched, and for a place or a contact."""
    stored_at: Mapped[datetime | None]
    fetch_at: Mapped[datetime | None]
    """When its content is fetched from the channel next; None when there is nothing to fetch (any more)."""
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    """Why its content is not kept: too large, or gone at the channel."""
    is_handout: Mapped[bool] = mapped_column(default=False)
    """Made by Silvi for the person to take along: nothing they sent, and of no case."""


class AttachmentContent(Base):
    """The bytes of an attachment, in the database: one backup holds a case whole, and every process reads it."""

    __tablename__ = "attachment_contents"

    id: Mapped[int] = mapped_column(ForeignKey("attachments.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(EncryptedBytes)


class Referral(Base):
    """A case handed to another agency, and what came back."""

    __tablename__ = "referrals"
    __table_args__ = (Index("referrals_open", "due_at", postgresql_where=text("answered_at is null")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    agency: Mapped[str] = mapped_column(String(32))
    letter_number: Mapped[str] = mapped_column(String(40), unique=True)
    purpose: Mapped[str] = mapped_column(Encrypted)
    """What the agency is asked to do, in the officer's words."""
    is_named: Mapped[bool | None]
    """Whether the letter carries name and contact; None while the person was asked and has not answered."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    referred_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Encrypted)


class Outcome(Base):
    """A dated step of enforcement or of a return home: of a case, which the yearly report counts, or of a recruiter."""

    __tablename__ = "outcomes"
    __table_args__ = (CheckConstraint("num_nonnulls(case_id, recruiter_id) = 1", name="outcomes_of_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    recruiter_id: Mapped[int | None] = mapped_column(ForeignKey("recruiters.id"), index=True)
    stage: Mapped[str] = mapped_column(String(24))
    on_date: Mapped[date]
    note: Mapped[str] = mapped_column(Encrypted, default="")
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    recorded_at: Mapped[datetime]
