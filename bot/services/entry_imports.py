"""A file of entries on its way into the knowledge base: shown as a difference first, then a draft for each change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from bot.domain.editing import Fields, fields_of
from bot.services import audit, editing
from bot.services.editing import Seen
from bot.storage.database import Session
from bot.storage.tables import ContentImport, EntryDraft, Officer
from bot.storage.tables import Entry as EntryRow
from knowledge.entries import Entry, document_of

MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Coming:
    """What a file would make of one entry."""

    entry_id: str
    is_new: bool
    before: Fields
    after: Fields
    has_draft: bool
    """Somebody is at work on this entry: it is passed over."""


async def keep(
    session: Session, officer: Officer, file_name: str, entries: list[Entry], *, now: datetime
) -> ContentImport:
    """Keep what differs from what is in force; an earlier file of this officer that became nothing is dropped."""
    rows = {row.id: row for row in (await session.execute(select(EntryRow))).scalars()}
    differing = []
    for entry in entries:
        row, document = rows.get(entry.id), document_of(entry)
        if row is None or row.retired_at is not None or row.document != document:
            differing.append({"base_version": row.version if row else 0, "document": document})
    await session.execute(delete(ContentImport).where(ContentImport.officer_id == officer.id))
    kept = ContentImport(
        officer_id=officer.id,
        file_name=file_name[:MAX_NAME],
        entries=differing,
        unchanged=len(entries) - len(differing),
        made_at=now,
    )
    session.add(kept)
    await session.flush()
    return kept


async def of_officer(session: Session, officer: Officer, number: int) -> ContentImport | None:
    """A file this officer uploaded and has not used yet."""
    kept = await session.get(ContentImport, number)
    return kept if kept is not None and kept.officer_id == officer.id else None


async def coming(session: Session, kept: ContentImport, *, first: int, limit: int) -> list[Coming]:
    """What would become drafts, each against what is in force now; `limit` of them from the `first` on."""
    some = kept.entries[first : first + limit]
    ids = [one["document"]["id"] for one in some]
    found = select(EntryRow).where(EntryRow.id.in_(ids))
    rows = {row.id: row for row in (await session.execute(found)).scalars()}
    drafts = await editing.open_drafts(session)
    return [
        Coming(
            entry_id=entry_id,
            is_new=entry_id not in rows,
            before=fields_of(rows[entry_id].document) if entry_id in rows else {},
            after=fields_of(one["document"]),
            has_draft=entry_id in drafts,
        )
        for entry_id, one in zip(ids, some, strict=True)
    ]


async def make_drafts(session: Session, officer: Officer, kept: ContentImport, *, now: datetime) -> list[EntryDraft]:
    """A draft for every change whose entry has none yet; raises ChangedMeanwhile where an entry was published since."""
    drafts = await editing.open_drafts(session)
    made = []
    for one in kept.entries:
        document = one["document"]
        if document["id"] not in drafts:
            seen = Seen(0, one["base_version"])
            made.append(await editing.save(session, officer, document["id"], fields_of(document), seen, now=now))
    after = {"berkas": kept.file_name, "draf": len(made), "dilewati": len(kept.entries) - len(made)}
    audit.record(session, officer, "isi:masukkan", "pengetahuan", now=now, after=after)
    await session.delete(kept)
    return made
