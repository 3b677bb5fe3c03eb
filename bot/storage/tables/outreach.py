"""Kiosks, hand-overs, subscriptions, programmes, partners and broadcasts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Base
from bot.storage.vault import Encrypted, EncryptedJson


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
