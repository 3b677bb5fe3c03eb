"""The tables. One dialect (PostgreSQL); moments are aware UTC and end in `_at`.

What people tell, and what is told them, stands encrypted: no search looks into those columns.
"""

from __future__ import annotations

from bot.storage.tables.base import Base
from bot.storage.tables.cases import Attachment, AttachmentContent, Case, CaseEvent, FactsBefore, Outcome, Referral
from bot.storage.tables.content import (
    ContentImport,
    ContentVersion,
    Entry,
    EntryDraft,
    EntryDraftSave,
    EntryRevision,
    GoldenCheck,
)
from bot.storage.tables.figures import OfficeFigure, OfficeFigureVersion
from bot.storage.tables.messages import (
    Delivery,
    FailedUpdate,
    OutboxMessage,
    Priority,
    SendingLane,
    Update,
    WaitingUpdate,
)
from bot.storage.tables.office import AuditRecord, ConsoleSession, ConsoleUpload, Duty, KeyCheck, Officer, SignInLink
from bot.storage.tables.outreach import (
    Broadcast,
    BroadcastRecipient,
    Episode,
    EpisodeQuestion,
    Handover,
    Introduction,
    Kiosk,
    KioskVisit,
    Partner,
    Programme,
    Resident,
    Subscription,
)
from bot.storage.tables.people import Agreement, Chat, Checklist, Person, Question
from bot.storage.tables.recruiters import (
    AskedTrace,
    JobOrderRow,
    LicenceRow,
    OfferAsked,
    OfferPicture,
    OfferSeen,
    Recruiter,
    RecruiterCase,
    RecruiterStatement,
    RecruiterTrace,
    RecruiterVerdict,
    RegistryVersion,
    TraceKey,
    TraceRow,
    VerdictTrace,
)

__all__ = [
    "Agreement",
    "AskedTrace",
    "Attachment",
    "AttachmentContent",
    "AuditRecord",
    "Base",
    "Broadcast",
    "BroadcastRecipient",
    "Case",
    "CaseEvent",
    "Chat",
    "Checklist",
    "ConsoleSession",
    "ConsoleUpload",
    "ContentImport",
    "ContentVersion",
    "Delivery",
    "Duty",
    "Entry",
    "EntryDraft",
    "EntryDraftSave",
    "EntryRevision",
    "Episode",
    "EpisodeQuestion",
    "FactsBefore",
    "FailedUpdate",
    "GoldenCheck",
    "Handover",
    "Introduction",
    "JobOrderRow",
    "KeyCheck",
    "Kiosk",
    "KioskVisit",
    "LicenceRow",
    "OfferAsked",
    "OfferPicture",
    "OfferSeen",
    "OfficeFigure",
    "OfficeFigureVersion",
    "Officer",
    "OutboxMessage",
    "Outcome",
    "Partner",
    "Person",
    "Priority",
    "Programme",
    "Question",
    "Recruiter",
    "RecruiterCase",
    "RecruiterStatement",
    "RecruiterTrace",
    "RecruiterVerdict",
    "Referral",
    "RegistryVersion",
    "Resident",
    "SendingLane",
    "SignInLink",
    "Subscription",
    "TraceKey",
    "TraceRow",
    "Update",
    "VerdictTrace",
    "WaitingUpdate",
    "is_ours",
]


def is_ours(name: str | None, kind: str, _parents: dict) -> bool:
    """Whether Alembic shall compare something with the tables above: those of the task queue are its own."""
    return kind != "table" or not (name or "").startswith("procrastinate_")
