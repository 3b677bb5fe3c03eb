"""The knowledge base in the console: what is published, how often it helps, and how Silvi decides about a question."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.app import App
from bot.channels.web.console.editing import telegram_bubbles
from bot.channels.web.console.guard import Guard, Page, Visit
from bot.services import editing
from bot.services.editing import Use
from bot.texts import editing as words
from knowledge.entries import CONTENT, Entry, read_yaml

MAX_SEARCH = 100
MAX_QUESTION = 1000
ROWS_SHOWN = 200
NEVER_USED = Use(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in the list; `entry` is None for one that was never published."""

    id: str
    title: str
    entry: Entry | None
    draft_state: str | None
    use: Use


@dataclass(frozen=True, slots=True)
class ContentPages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/isi", self.entries),
            Page("/konsol/isi/coba", self.question),
            Page("/konsol/isi/coba", self.question, method="POST"),
            Page("/konsol/isi/{entry_id}", self.entry),
        )

    async def entries(self, visit: Visit) -> Response:
        """All entries, those past their review first; `cari` looks into titles, ids and wordings."""
        search, state = visit.asked("cari", MAX_SEARCH), visit.asked("keadaan", 20)
        base, today = self.app.knowledge.current, self._today(visit.now)
        drafts, uses = await editing.open_drafts(visit.session), await editing.uses(visit.session, now=visit.now)
        published = await self.app.knowledge.published(visit.session)
        rows = [
            Row(entry.id, entry.title, entry, _state_of(drafts, entry.id), uses.get(entry.id, NEVER_USED))
            for entry in sorted(published, key=lambda entry: (entry.review_by, entry.id))
            if _holds(entry, search.lower())
        ]
        known = {entry.id for entry in published}
        rows += [
            Row(entry_id, draft.document["title"] or entry_id, None, draft.state, NEVER_USED)
            for entry_id, draft in drafts.items()
            if entry_id not in known and search.lower() in f"{entry_id} {draft.document['title']}".lower()
        ]
        found = [row for row in rows if not state or _is_in(row, state, today)]
        return self.guard.show(
            visit,
            "isi.html",
            found=found,
            shown=found[:ROWS_SHOWN],
            overdue=sum(entry.review_by < today for entry in published),
            search=search,
            state=state,
            filters=words.FILTERS,
            categories=read_yaml(CONTENT / "categories.yaml"),
            too_large=words.TOO_LARGE_TO_LEARN if base and base.is_too_large_to_learn else "",
            states=words.STATES,
            today=today,
        )

    async def entry(self, visit: Visit) -> Response:
        """One entry whole, with the answer as people see it."""
        wanted = visit.request.path_params["entry_id"]
        published = {entry.id: entry for entry in await self.app.knowledge.published(visit.session)}
        entry = published.get(wanted)
        if entry is None:
            raise HTTPException(404)
        base, today = self.app.knowledge.current, self._today(visit.now)
        uses = await editing.uses(visit.session, now=visit.now)
        return self.guard.show(
            visit,
            "entri.html",
            entry=entry,
            titles={near: published[near].title for near in entry.near if near in published},
            categories=read_yaml(CONTENT / "categories.yaml"),
            sources=read_yaml(CONTENT / "sources.yaml"),
            bubbles=telegram_bubbles(base, entry, today) if base else [],
            draft=await editing.open_draft(visit.session, entry.id),
            use=uses.get(entry.id, NEVER_USED),
            states=words.STATES,
            today=today,
        )

    async def question(self, visit: Visit) -> Response:
        """What Silvi would do with a question and why; nothing of it is kept."""
        asked = visit.fields.get("tanya", "").strip()[:MAX_QUESTION]
        base = self.app.knowledge.current
        found = await asyncio.to_thread(base.explain, asked) if base and asked else None
        return self.guard.show(
            visit,
            "coba.html",
            asked=asked,
            found=found,
            outcomes=words.OUTCOMES,
            titles={entry.id: entry.title for entry in base.entries.values()} if base else {},
            near_of=lambda entry_id: base.entries[entry_id].near,
        )

    def _today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.app.settings.time_zone)).date()


def _state_of(drafts: dict, entry_id: str) -> str | None:
    draft = drafts.get(entry_id)
    return draft.state if draft else None


def _is_in(row: Row, state: str, today: date) -> bool:
    if state == words.OVERDUE:
        return row.entry is not None and row.entry.review_by < today
    return row.draft_state == state


def _holds(entry: Entry, search: str) -> bool:
    texts = (entry.id, entry.title, *(variant.text for variant in entry.variants))
    return any(search in text.lower() for text in texts)
