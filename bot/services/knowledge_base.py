"""The knowledge base in the database (revisions, publication) and alive in this process."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import pickle
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from bot.settings import Settings
from bot.storage.database import CONTENT_CHANNEL, Database, Session
from bot.storage.tables import ContentVersion, EntryRevision
from bot.storage.tables import Entry as EntryRow
from knowledge.base import KnowledgeBase, is_learnt
from knowledge.embedder import Embedder
from knowledge.entries import CONTENT, Entry, document_of, entry_from_document, load_entries
from knowledge.office import load_office
from knowledge.red_flags.learned import FLAGS_FILE, FlagModel, load_or_learn
from knowledge.training import wordings_of

logger = logging.getLogger(__name__)

SEED = "seed"
"""Author of revisions that came with the program; entries an editor has changed are never overwritten by it."""

PROJECT = Path(__file__).parents[2]
WATCH_EVERY_S = 0.5
LEARN_AFTER_QUIET_S = 60.0
"""After a publication the next one often follows: learning as a whole waits for the last of them."""
LEARNING_LOCK = 0x51_1F_02
"""Any number that no other advisory lock of this database uses."""


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


async def publish(
    session: Session,
    entries: list[Entry],
    *,
    author: str,
    now: datetime,
    officer_id: int | None = None,
    reason: str = "",
    is_correction: bool = False,
) -> Published:
    """Publish each entry that differs from what stands, as a new revision.

    A seed leaves alone what an editor has changed or retired.
    """
    standing = {row.id: row for row in (await session.execute(select(EntryRow).with_for_update())).scalars()}
    authors = dict((await session.execute(_latest_authors())).all()) if author == SEED else {}
    added, changed = [], []
    for entry in entries:
        document, row = document_of(entry), standing.get(entry.id)
        if row is not None and author == SEED and (row.retired_at or authors.get(entry.id) != SEED):
            continue
        if row is not None and row.document == document and row.retired_at is None:
            continue
        version = row.version + 1 if row else 1
        session.add(
            EntryRevision(
                entry_id=entry.id,
                version=version,
                document=document,
                published_at=now,
                author=author,
                officer_id=officer_id,
                reason=reason,
                is_correction=is_correction,
            )
        )
        if row is None:
            session.add(EntryRow(id=entry.id, version=version, document=document, published_at=now))
            added.append(entry.id)
        else:
            row.version, row.document, row.published_at, row.retired_at = version, document, now, None
            changed.append(entry.id)
    if added or changed:
        await _count_publication(session, now=now)
    return Published(tuple(added), tuple(changed), len(entries) - len(added) - len(changed))


async def retire(session: Session, entry_id: str, *, now: datetime) -> bool:
    """Take an entry out of what Silvi answers; its revisions stay. False where there is none in force."""
    result = await session.execute(
        update(EntryRow).where(EntryRow.id == entry_id, EntryRow.retired_at.is_(None)).values(retired_at=now)
    )
    if result.rowcount:
        await _count_publication(session, now=now)
    return bool(result.rowcount)


async def _count_publication(session: Session, *, now: datetime) -> None:
    await session.execute(
        insert(ContentVersion)
        .values(id=1, version=1, published_at=now)
        .on_conflict_do_update(index_elements=["id"], set_={"version": ContentVersion.version + 1, "published_at": now})
    )
    await session.execute(text(f"notify {CONTENT_CHANNEL}"))


async def published_entries(session: Session) -> list[Entry]:
    """All entries in force, sorted by id."""
    rows = (
        await session.execute(select(EntryRow).where(EntryRow.retired_at.is_(None)).order_by(EntryRow.id))
    ).scalars()
    return [entry_from_document(row.document, version=row.version) for row in rows]


async def titles(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """What these entries are called, retired ones too."""
    found = select(EntryRow.id, EntryRow.document["title"].astext).where(EntryRow.id.in_(ids))
    return dict((await session.execute(found)).all())


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
        """Of the content whose wordings are in the index."""
        self._newest: tuple[int, list[Entry]] = 0, []
        """The content whose answers are given, and its version."""
        self._built_at_s = 0.0
        self.office = load_office(settings.office_file)
        self.current: KnowledgeBase | None = None
        self.flags: FlagModel | None = None
        """Finds red flags beyond the rules; None without a language model."""

    async def load(self, db: Database, *, tell: Callable[[str], None] = lambda _text: None) -> None:
        """Publish what came new with the program and build the index; without a model Silvi still runs and offers officers."""
        seed = await asyncio.to_thread(load_entries, CONTENT / "faq")
        async with db.transaction() as session:
            await publish(session, seed, author=SEED, now=(await session.execute(select(text("now()")))).scalar_one())
        await self._take_answers(db)
        await self._rebuild(partial(self._first, seed=seed, tell=tell), tell)

    async def watch(self, db: Database, stop: asyncio.Event) -> None:
        """Follow the publications of any process until `stop`: answers at once, wordings within seconds, and when it is quiet
        all is learnt as a whole."""
        building: asyncio.Task[None] | None = None
        learning: asyncio.Task[None] | None = None
        try:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), WATCH_EVERY_S)
                async with db.transaction() as session:
                    newest = await content_version(session)
                if newest != self._newest[0]:
                    # A wrong fee must not stand for the seconds that its wordings, or those of the change before, take.
                    await self._take_answers(db)
                if building is not None and not building.done():
                    continue
                if self._newest[0] != self._version:
                    building = asyncio.create_task(self._rebuild(self._next))
                elif self._should_learn() and (learning is None or learning.done()):
                    learning = asyncio.create_task(self._learn_anew(db))
        finally:
            working = [task for task in (building, learning) if task is not None]
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    def state(self) -> KnowledgeState:
        """What stands in the index now."""
        if self.current is None:
            return KnowledgeState(0, 0, self._version, "away")
        return KnowledgeState(len(self.current.entries), len(self.current.index.texts), self._version, "ready")

    async def _take_answers(self, db: Database) -> None:
        async with db.transaction() as session:
            self._newest = await content_version(session), await published_entries(session)
        if self.current is not None:
            self._swap(self.current)

    def _swap(self, base: KnowledgeBase) -> None:
        """Whatever was published while it was built is answered by it."""
        self.current = base.with_answers(self._newest[1])

    async def _rebuild(
        self, build: Callable[[list[Entry]], KnowledgeBase], tell: Callable[[str], None] = lambda _text: None
    ) -> None:
        version, entries = self._newest
        try:
            self._swap(await asyncio.to_thread(build, entries))
            self._version, self._built_at_s = version, time.monotonic()
        except Exception:
            logger.exception("the index could not be built; the old one stays")
            if self.current is not None:
                self._version = version
        if self.flags is None:
            try:
                self.flags = await asyncio.to_thread(self._load_flags, tell)
            except Exception:
                logger.exception("offers are checked by the rules alone")
        _settle()

    def _load_flags(self, tell: Callable[[str], None]) -> FlagModel:
        return load_or_learn(self._embedder, [folder / FLAGS_FILE for folder in self._folders], tell=tell)

    async def published(self, session: Session) -> list[Entry]:
        """All entries in force; those of the index, where it is of the newest content, spare reading them."""
        if self.current is not None and await content_version(session) == self._version:
            return list(self.current.entries.values())
        return await published_entries(session)

    def with_entries(self, entries: list[Entry]) -> KnowledgeBase:
        """The knowledge as it would be with other entries; raises RuntimeError while there is none."""
        if self.current is None:
            raise RuntimeError("there is no index")
        return self.current.with_entries(entries, self._folders)

    def _should_learn(self) -> bool:
        if self.current is None or not self.current.learned.is_interim:
            return False
        return time.monotonic() - self._built_at_s > LEARN_AFTER_QUIET_S

    async def _learn_anew(self, db: Database) -> None:
        """Learn the published content as a whole in a process of its own, one at a time for all that share the database."""
        self._built_at_s = time.monotonic()  # the next try, where another process is at it, is as far away
        async with db.transaction() as session:
            lock = text("select pg_try_advisory_xact_lock(:lock)").bindparams(lock=LEARNING_LOCK)
            if not (await session.execute(lock)).scalar_one():
                return
            version, entries = await content_version(session), await published_entries(session)
            if not await self._learn_apart(entries):
                return
            base = await asyncio.to_thread(self._build, entries)
        if version == self._version:
            self._swap(base)
            logger.info("the content of version %d is learnt as a whole", version)

    async def _learn_apart(self, entries: list[Entry]) -> bool:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "knowledge.learn_apart", stdin=asyncio.subprocess.PIPE, cwd=PROJECT
        )
        try:
            await child.communicate(pickle.dumps((entries, self._embedder.folder, self._folders)))
        finally:
            if child.returncode is None:
                child.kill()
        if child.returncode:
            logger.error("learning the content as a whole failed; what was learnt in haste stays")
        return child.returncode == 0

    @property
    def _folders(self) -> list[Path]:
        return [self._embedder.folder, self._settings.data_dir / "cache"]

    def _next(self, entries: list[Entry]) -> KnowledgeBase:
        return self._build(entries) if self.current is None else self.with_entries(entries)

    def _first(self, entries: list[Entry], *, seed: list[Entry], tell: Callable[[str], None]) -> KnowledgeBase:
        """The knowledge at the start: what was published and is not learnt as a whole yet is put on top of what came with the
        program, because learning takes minutes in which nobody would be answered."""
        learnt = partial(is_learnt, embedder=self._embedder, folders=self._folders)
        if wordings_of(entries) != wordings_of(seed) and not learnt(entries) and learnt(seed):
            return self._build(seed, tell).with_entries(entries, self._folders)
        return self._build(entries, tell)

    def _build(self, entries: list[Entry], tell: Callable[[str], None] = lambda _text: None) -> KnowledgeBase:
        # Before anybody asks: its tokenizer takes a second in which the whole process stands still.
        self._embedder.load()
        return KnowledgeBase.build(entries, self._embedder, self.office, self._folders, tell=tell)


def _settle() -> None:
    """Give back what only the loading needed, and spare the collector what stays for good.

    Without the first the process keeps about 70 MB more, without the second a collection under load looks through
    the whole index each time.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    if give_back := getattr(ctypes.CDLL(None), "malloc_trim", None):  # glibc's alone
        give_back(0)


def _latest_authors():
    newest = select(EntryRevision.entry_id, EntryRevision.author).order_by(
        EntryRevision.entry_id, EntryRevision.version.desc()
    )
    return newest.ext(distinct_on(EntryRevision.entry_id))
