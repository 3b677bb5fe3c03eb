"""The registry of licences, offers people asked about, and reported recruiters."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, BIT
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.base import Base
from bot.storage.vault import Encrypted


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
