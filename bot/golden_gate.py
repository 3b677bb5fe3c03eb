"""Asks the golden questions of the knowledge as it is and as a change would make it, beside everything else that runs."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from datetime import UTC, datetime

from bot.app import App
from bot.services import knowledge_base
from bot.services.golden_checks import RETIRED
from bot.storage.database import Session
from bot.storage.tables import EntryDraft, EntryRevision, GoldenCheck
from knowledge.entries import Entry, entry_from_document, load_golden
from knowledge.golden import Outcome, differences

logger = logging.getLogger(__name__)

TELL_EVERY_S = 1.0


async def run(app: App, check_id: int) -> None:
    """Work off one check: its row tells how far it is, and what it found."""
    async with app.db.transaction() as session:
        check = await session.get_one(GoldenCheck, check_id)
        document = await _document(session, check)
        entries = [entry for entry in await knowledge_base.published_entries(session) if entry.id != check.entry_id]
    progress = [0, 0]
    try:
        work = asyncio.create_task(asyncio.to_thread(_compare, app, entries, document, progress))
        while not work.done():
            await asyncio.wait({work}, timeout=TELL_EVERY_S)
            await _tell(app, check_id, state="running", done=progress[0], total=progress[1])
        found = [asdict(difference) for difference in work.result()]
        await _tell(app, check_id, state="done", done=progress[1], total=progress[1], changes=found)
    except Exception:
        logger.exception("the golden questions could not be asked")
        await _tell(app, check_id, state="failed")


async def _document(session: Session, check: GoldenCheck) -> dict | None:
    """What the entry would be; None where it would be retired."""
    if check.draft_id is not None:
        return (await session.get_one(EntryDraft, check.draft_id)).document
    if check.revision == RETIRED:
        return None
    return (await session.get_one(EntryRevision, (check.entry_id, check.revision))).document


def _compare(app: App, entries: list[Entry], document: dict | None, progress: list[int]) -> list[Outcome]:
    before = app.knowledge.current
    if before is None:
        raise RuntimeError("there is no index")
    golden = load_golden()
    progress[1] = 2 * len(golden)
    changed = [entry_from_document(document)] if document else []
    after = app.knowledge.with_entries([*entries, *changed])

    def step(count: int) -> None:
        progress[0] += count

    return differences(before, after, golden, step)


async def _tell(app: App, check_id: int, **values: object) -> None:
    async with app.db.transaction() as session:
        check = await session.get_one(GoldenCheck, check_id)
        check.seen_at = datetime.now(UTC)
        for name, value in values.items():
            setattr(check, name, value)
