"""The knowledge base in the console: what is published, and how Silvi answers a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.app import App
from bot.channels.web.console.guard import Guard, Page, Visit
from bot.services import knowledge_base
from bot.texts import answers
from knowledge.entries import Entry

MAX_SEARCH = 100


@dataclass(frozen=True, slots=True)
class ContentPages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (Page("/konsol/isi", self.entries), Page("/konsol/isi/{entry_id}", self.entry))

    async def entries(self, visit: Visit) -> Response:
        """All entries, the next to be reviewed first; `cari` looks into titles, ids and wordings."""
        search = visit.asked("cari", MAX_SEARCH)
        found = [entry for entry in await self._published(visit) if _holds(entry, search.lower())]
        found.sort(key=lambda entry: (entry.review_by, entry.id))
        return self.guard.show(visit, "isi.html", found=found, search=search, today=self._today(visit.now))

    async def entry(self, visit: Visit) -> Response:
        """One entry whole, with the answer as people see it."""
        wanted = visit.request.path_params["entry_id"]
        entry = next((entry for entry in await self._published(visit) if entry.id == wanted), None)
        if entry is None:
            raise HTTPException(404)
        base, today = self.app.knowledge.current, self._today(visit.now)
        previews = (
            (
                answers.short_answer(base, entry, None, today=today, question_id=0),
                answers.full_answer(base, entry, None, today=today, question_id=0),
            )
            if base
            else ()
        )
        return self.guard.show(visit, "entri.html", entry=entry, previews=previews, today=today)

    async def _published(self, visit: Visit) -> list[Entry]:
        base = self.app.knowledge.current
        return await knowledge_base.published_entries(visit.session) or (list(base.entries.values()) if base else [])

    def _today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.app.settings.time_zone)).date()


def _holds(entry: Entry, search: str) -> bool:
    texts = (entry.id, entry.title, *(variant.text for variant in entry.variants))
    return any(search in text.lower() for text in texts)
