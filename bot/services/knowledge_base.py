"""The knowledge base in the database (revisions, publication) and alive in this process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from bot.settings import Settings
from bot.storage.database import CONTENT_CHANNEL, Database, Session
from bot.storage.tables import ContentVersion, Entry as EntryRow, EntryRevision
from knowledge.base import KnowledgeBase
from knowledge.embedder import Embedder
from knowledge.entries import CONTENT, Entry, document_of, entry_from_document, load_entries
from knowledge.office import load_office

logger = logging.getLogger(__name__)

SEED = "seed"
"""Author of revisions that came with the program; entries an editor has changed are never overwritten by it."""

PROJECT = Path(__file__).parents[2]
WATCH_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication changed."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class KnowledgeState:
    """What /health tells of the index; `embedding` is ready or away."""

    entries: int
    variants: int
    content_version: int
    embedding: str


async def publish(session: Session, entries: list[Entry], *, author: str, now: datetime) -> Published:
    """Publish each entry that differs from what stands, as a new revision; a seed leaves edited entries alone."""
    standing = {row.id: row for row in (await session.execute(select(EntryRow).with_for_update())).scalars()}
    authors = dict((await session.execute(_latest_authors())).all()) if author == SEED else {}
    added, changed = [], []
    for entry in entries:
        document, row = document_of(entry), standing.get(entry.id)
        if row is not None and (row.document == document or (author == SEED and authors.get(entry.id) != SEED)):
            continue
        version = row.version + 1 if row else 1
        session.add(
            EntryRevision(entry_id=entry.id, version=version, document=document, published_at=now, author=author)
        )
        if row is None:
            session.add(EntryRow(id=entry.id, version=version, document=document, published_at=now))
            added.append(entry.id)
        else:
            row.version, row.document, row.published_at, row.retired_at = version, document, now, None
            changed.append(entry.id)
    if added or changed:
        await session.execute(
            insert(ContentVersion)
            .values(id=1, version=1, published_at=now)
            .on_conflict_do_update(
                index_elements=["id"], set_={"version": ContentVersion.version + 1, "published_at": now}
            )
        )
        await session.execute(text(f"notify {CONTENT_CHANNEL}"))
    return Published(tuple(added), tuple(changed), len(entries) - len(added) - len(changed))


async def published_entries(session: Session) -> list[Entry]:
    """All entries in force, sorted by id."""
    rows = (
        await session.execute(select(EntryRow).where(EntryRow.retired_at.is_(None)).order_by(EntryRow.id))
    ).scalars()
    return [entry_from_document(row.document, version=row.version) for row in rows]


async def content_version(session: Session) -> int:
    """Counts publications; 0 before the first."""
    return (await session.execute(select(ContentVersion.version))).scalar() or 0


def model_folder(settings: Settings) -> Path:
    """Where the encoder lies: the bundled one of the set-up, a folder of one's own, or the converted copy of a named one."""
    if settings.embedding_model is None:
        return PROJECT / "build" / "models" / "e5"
    own = Path(settings.embedding_model)
    if (own / "onnx").is_dir():
        return own
    return settings.data_dir / "models" / settings.embedding_model.strip("/").replace("/", "--")


class LiveKnowledge:
    """The current KnowledgeBase of this process; a publication builds the next one beside it and swaps."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._embedder = Embedder(model_folder(settings))
        self._version = 0
        self.office = load_office(settings.office_file)
        self.current: KnowledgeBase | None = None

    async def load(self, db: Database, *, tell: Callable[[str], None] = lambda _text: None) -> None:
        """Publish what came new with the program and build the index; without a model Silvi still runs and offers officers."""
        seed = await asyncio.to_thread(load_entries, CONTENT / "faq")
        async with db.transaction() as session:
            await publish(session, seed, author=SEED, now=(await session.execute(select(text("now()")))).scalar_one())
        await self._rebuild(db, tell)

    async def watch(self, db: Database, stop: asyncio.Event) -> None:
        """Rebuild within seconds of a publication by any process, until `stop`."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), WATCH_EVERY_S)
            async with db.transaction() as session:
                newest = await content_version(session)
            if newest != self._version:
                await self._rebuild(db)

    def state(self) -> KnowledgeState:
        """What stands in the index now."""
        if self.current is None:
            return KnowledgeState(0, 0, self._version, "away")
        return KnowledgeState(len(self.current.entries), len(self.current.index.texts), self._version, "ready")

    async def _rebuild(self, db: Database, tell: Callable[[str], None] = lambda _text: None) -> None:
        async with db.transaction() as session:
            version, entries = await content_version(session), await published_entries(session)
        try:
            self.current = await asyncio.to_thread(self._build, entries, tell)
            self._version = version
        except Exception:
            logger.exception("the index could not be built; the old one stays")
            if self.current is not None:
                self._version = version

    def _build(self, entries: list[Entry], tell: Callable[[str], None]) -> KnowledgeBase:
        # Before anybody asks: its tokenizer takes a second in which the whole process stands still.
        self._embedder.load()
        folders = [self._embedder.folder, self._settings.data_dir / "cache"]
        return KnowledgeBase.build(entries, self._embedder, self.office, folders, tell=tell)


def _latest_authors():
    newest = select(EntryRevision.entry_id, EntryRevision.author).order_by(
        EntryRevision.entry_id, EntryRevision.version.desc()
    )
    return newest.distinct(EntryRevision.entry_id)
