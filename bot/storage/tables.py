"""The tables. One dialect (PostgreSQL); moments are aware UTC and end in `_at`.

What people tell, and what is told them, stands encrypted: no search looks into those columns.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum, StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, BIT, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.storage.vault import Encrypted, EncryptedBytes, EncryptedJson


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


class Kiosk(Base):
    """A touch screen in a village office; of its code and of its device's token only the hashes are kept."""

    __tablename__ = "kiosks"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    district: Mapped[str] = mapped_column(String(80))
    added_at: Mapped[datetime]
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the code that one device may use once; None when it was used."""
    code_ends_at: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the device that is enrolled; None before the first and after the revocation."""
    enrolled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    content_version: Mapped[int | None]
    """Which content the device can show without a network."""
    revoked_at: Mapped[datetime | None]


class KioskVisit(Base):
    """One person at a kiosk, from the first touch until the screen is wiped; who it was is nowhere."""

    __tablename__ = "kiosk_visits"
    __table_args__ = (Index("kiosk_visits_open", "kiosk_id", postgresql_where=text("ended_at is null")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosks.id"), index=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), unique=True)
    began_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ending: Mapped[str | None] = mapped_column(String(16))


class Handover(Base):
    """What a person takes from a kiosk to their own phone, by a link that works once; only its hash is kept."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), index=True)
    """The visit's chat, whose cases go with the person."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    carried: Mapped[dict | None] = mapped_column(EncryptedJson)
    """The conversation and the unfinished report; emptied when it was taken over or when the link has run out."""
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


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


class RegistryVersion(Base):
    """One import of licences or of job orders; the newest of its kind is in force, older ones stay."""

    __tablename__ = "registry_versions"
    __table_args__ = (Index("registry_versions_by_kind", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(32), unique=True)
    """Random: tells processes whether the index they hold is of this version, whatever database they work on."""
    data_date: Mapped[date]
    """The day the data were true, as the office says."""
    file_name: Mapped[str] = mapped_column(String(255))
    imported_by: Mapped[str] = mapped_column(String(100))
    imported_at: Mapped[datetime]
    rows: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    gone: Mapped[int]
    told_on: Mapped[date | None]
    """Licences that ran out by their date before this day were told to who asked about them; None is the day of the import."""


class LicenceRow(Base):
    """One P3MI in one version of the registry."""

    __tablename__ = "licences"
    __table_args__ = (UniqueConstraint("version_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("registry_versions.id"))
    name: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(300))
    city: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(16))
    valid_until: Mapped[date]
    countries: Mapped[list]


class JobOrderRow(Base):
    """One position of one job order (SIP2MI) in one version of the registry."""

    __tablename__ = "job_orders"
    __table_args__ = (
        UniqueConstraint("version_id", "number", "country", "position"),
        Index("job_orders_by_company", "version_id", "name_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("registry_versions.id"))
    number: Mapped[str] = mapped_column(String(100))
    p3mi: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(400))
    """The company's name whatever its writing (knowledge.company_names.name_key)."""
    country: Mapped[str] = mapped_column(String(100))
    position: Mapped[str] = mapped_column(String(200))
    quota: Mapped[int | None]
    valid_until: Mapped[date]


class OfferSeen(Base):
    """One offer, however often and with whatever small changes it goes round; none of its words is kept here."""

    __tablename__ = "offers_seen"
    __table_args__ = (Index("offers_seen_by_sketch", "sketch", postgresql_using="gin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sketch: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """By which it is known again (bot.domain.offers.sketch)."""
    verdict: Mapped[str] = mapped_column(String(16))
    """The newest."""
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class OfferAsked(Base):
    """Somebody asked about an offer; without `person_id` Silvi warned a group of it."""

    __tablename__ = "offers_asked"
    __table_args__ = (
        Index("offers_asked_to_read", "read_at", postgresql_where=text("read_at is not null")),
        Index("offers_asked_by_time", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers_seen.id"), index=True)
    """None before its picture is read, and for one that nobody could read."""
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id", ondelete="SET NULL"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    """The report that was made of it."""
    text: Mapped[str] = mapped_column(Encrypted)
    """What was sent, with the text in the picture; emptied after some days."""
    is_kept: Mapped[bool] = mapped_column(default=True)
    """False once `text` was emptied."""
    asked_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """When its picture is read next, should its content be there; None when nothing is to be read (any more)."""
    album: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """The pictures of one album that wait are read together and answered once."""


class OfferPicture(Base):
    """What a picture of an offer looks like, by which it is known again when it was made smaller or sent on."""

    __tablename__ = "offer_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers_seen.id"), index=True)
    look: Mapped[str] = mapped_column(BIT(256))
    """Perceptual hash (bot.media.looks)."""


class TraceKey(Base):
    """One row: the key under which traces are found again without standing readable in the database."""

    __tablename__ = "trace_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Encrypted)


class TraceRow(Base):
    """A name, phone, handle, link or account that an offer or a report holds."""

    __tablename__ = "traces"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of kind and normalised value."""
    shown: Mapped[str] = mapped_column(Encrypted)
    seen_at: Mapped[datetime]


class AskedTrace(Base):
    """A trace in what somebody asked about: how they are found when there is news of it."""

    __tablename__ = "asked_traces"

    asked_id: Mapped[int] = mapped_column(ForeignKey("offers_asked.id", ondelete="CASCADE"), primary_key=True)
    trace_id: Mapped[int] = mapped_column(ForeignKey("traces.id"), primary_key=True, index=True)


class Recruiter(Base):
    """The file of somebody who was reported; what they are called is among its traces."""

    __tablename__ = "recruiters"

    id: Mapped[int] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime]
    reported_at: Mapped[datetime] = mapped_column(index=True)
    """The newest report."""


class RecruiterTrace(Base):
    """A trace in the file of a recruiter; without `officer_id` Silvi put it there from a report."""

    __tablename__ = "recruiter_traces"

    recruiter_id: Mapped[int] = mapped_column(ForeignKey("recruiters.id"), primary_key=True)
    trace_id: Mapped[int] = mapped_column(ForeignKey("traces.id"), primary_key=True, index=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    added_at: Mapped[datetime]


class RecruiterCase(Base):
    """A case that reports a recruiter."""

    __tablename__ = "recruiter_cases"

    recruiter_id: Mapped[int] = mapped_column(ForeignKey("recruiters.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)


class RecruiterStatement(Base):
    """What the recruiter said about the reports."""

    __tablename__ = "recruiter_statements"

    id: Mapped[int] = mapped_column(primary_key=True)
    recruiter_id: Mapped[int] = mapped_column(ForeignKey("recruiters.id"), index=True)
    text: Mapped[str] = mapped_column(Encrypted)
    on_date: Mapped[date]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    recorded_at: Mapped[datetime]


class RecruiterVerdict(Base):
    """That a recruiter is shown as reported: proposed by one officer, in force once another agreed, until it ends."""

    __tablename__ = "recruiter_verdicts"
    __table_args__ = (
        CheckConstraint("agreed_by <> proposed_by", name="recruiter_verdicts_by_two"),
        Index("recruiter_verdicts_open", "recruiter_id", unique=True, postgresql_where=text("ended_at is null")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recruiter_id: Mapped[int] = mapped_column(ForeignKey("recruiters.id"), index=True)
    reason: Mapped[str] = mapped_column(Encrypted)
    """For officers alone."""
    invited_on: Mapped[date]
    """When the recruiter was asked for a statement; `invited_how` says by what way."""
    invited_how: Mapped[str] = mapped_column(Encrypted)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    proposed_at: Mapped[datetime]
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    agreed_at: Mapped[datetime | None]
    expires_on: Mapped[date]
    """The last day on which it is shown."""
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(Encrypted)


class VerdictTrace(Base):
    """A trace that a verdict is about: by it alone the public is shown the verdict."""

    __tablename__ = "verdict_traces"

    verdict_id: Mapped[int] = mapped_column(ForeignKey("recruiter_verdicts.id"), primary_key=True)
    trace_id: Mapped[int] = mapped_column(ForeignKey("traces.id"), primary_key=True, index=True)


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


class Subscription(Base):
    """What news a chat asked for; a country or district that is None means all of them."""

    __tablename__ = "subscriptions"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), primary_key=True, autoincrement=False)
    topics: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    country: Mapped[str | None] = mapped_column(String(32))
    district: Mapped[str | None] = mapped_column(String(32))
    since: Mapped[datetime]


class Programme(Base):
    """A series of live events under one name, with an officer who hosts it."""

    __tablename__ = "programmes"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    host_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    """Questions from the box reach this officer."""
    made_at: Mapped[datetime]


class Episode(Base):
    """One event of a programme; its messages are broadcasts like any other."""

    __tablename__ = "episodes"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    about: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(500))
    recording: Mapped[str | None] = mapped_column(String(500))
    starts_at: Mapped[datetime]
    made_at: Mapped[datetime]


class EpisodeQuestion(Base):
    """A question for the host, masked."""

    __tablename__ = "episode_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[int] = mapped_column(ForeignKey("episodes.id"), index=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), index=True)
    text: Mapped[str] = mapped_column(Encrypted)
    asked_at: Mapped[datetime]


class Partner(Base):
    """A village head, Babinsa, Bhabinkamtibmas or teacher who sends people of their village to Silvi."""

    __tablename__ = "partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(Encrypted)
    village: Mapped[str] = mapped_column(String(80))
    district: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the link that makes a chat this partner's, once."""
    token_ends_at: Mapped[datetime]
    resident_token: Mapped[str] = mapped_column(String(32), unique=True)
    """Of the link for the people of the village; no secret."""
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id"), index=True)
    made_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class Resident(Base):
    """A chat that came through a partner's link; read for counts alone."""

    __tablename__ = "residents"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), primary_key=True, autoincrement=False)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    since: Mapped[datetime]


class Introduction(Base):
    """A partner's wish to bring somebody to an officer; who it was stands nowhere, only whether they agreed."""

    __tablename__ = "introductions"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    note: Mapped[str] = mapped_column(Encrypted)
    """What the partner wrote of it, masked; emptied with the answer."""
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    has_agreed: Mapped[bool | None]
    answered_at: Mapped[datetime | None]


class Broadcast(Base):
    """A message to everybody who asked for its topic, from the first draft to the last recipient."""

    __tablename__ = "broadcasts"
    __table_args__ = (Index("broadcasts_by_state", "state", "start_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    """Counts saves: what is approved is what the second person has seen."""
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    buttons: Mapped[list] = mapped_column(default=list)
    """Of each its label, and what it opens: the id of an entry, or a web address."""
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))
    episode_id: Mapped[int | None] = mapped_column(ForeignKey("episodes.id"), index=True)
    topic: Mapped[str] = mapped_column(String(16))
    country: Mapped[str | None] = mapped_column(String(32))
    district: Mapped[str | None] = mapped_column(String(32))
    author_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    """Who wrote it last."""
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    """Why it was sent back."""
    made_at: Mapped[datetime]
    start_at: Mapped[datetime | None]
    """Not before this moment; None: as soon as it is approved."""
    expires_at: Mapped[datetime | None]
    """Later than this nobody is sent it any more."""
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class BroadcastRecipient(Base):
    """One person of a broadcast: whether it was given to the outbox, and what they did with it."""

    __tablename__ = "broadcast_recipients"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "chat_id"),
        Index("broadcast_recipients_by_chat", "chat_id", "given_at"),
        Index("broadcast_recipients_waiting", "broadcast_id", "id", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id"))
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id"))
    """None once the person had their data erased: they still count, and nobody knows who it was."""
    state: Mapped[str] = mapped_column(String(16))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"), index=True)
    given_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    """When they first pressed one of its buttons."""
    left_at: Mapped[datetime | None]
    """When they stopped all news, with this the last they had been sent."""
    asked: Mapped[int | None]
    """How many questions followed; counted when `chat_id` goes, from the questions until then."""


class SendingLane(Base):
    """One row: the process that sends broadcasts now, one message after the other, until the lease runs out."""

    __tablename__ = "sending_lane"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(32))
    leased_until: Mapped[datetime]


class OfficeFigureVersion(Base):
    """One file of the office's own figures; older ones stay."""

    __tablename__ = "office_figure_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    data_date: Mapped[date]
    """The day the figures were true, as the office says: a report as of an earlier day does not know them."""
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    imported_by: Mapped[str] = mapped_column(String(100))
    imported_at: Mapped[datetime]


class OfficeFigure(Base):
    """One line of such a file: a count of people or proceedings, of nobody by name."""

    __tablename__ = "office_figures"
    __table_args__ = (Index("office_figures_by_year", "year", "data"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("office_figure_versions.id"), index=True)
    year: Mapped[int]
    data: Mapped[str] = mapped_column(String(16))
    parts: Mapped[dict]
    """By what it is broken down; empty for the total of the year."""
    count: Mapped[int | None]
    """None where only the word in `note` was published."""
    note: Mapped[str] = mapped_column(String(100))
    until: Mapped[date | None]
    published: Mapped[str] = mapped_column(String(200))


def is_ours(name: str | None, kind: str, _parents: dict) -> bool:
    """Whether Alembic shall compare something with the tables above: those of the task queue are its own."""
    return kind != "table" or not (name or "").startswith("procrastinate_")
