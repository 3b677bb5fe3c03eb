"""What a kiosk keeps for hours without a network: the published entries as they are shown, and the words to find them by."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from starlette.templating import Jinja2Templates

from bot.app import App
from bot.services import knowledge_base
from bot.storage.database import Session
from bot.texts import answers
from bot.texts.formats import country_name
from knowledge.entries import CONTENT, Entry, read_yaml
from knowledge.offline_words import words_of


@dataclass(frozen=True, slots=True)
class Packed:
    """The content of one version on one day, as it is sent."""

    version: int
    day: date
    body: bytes
    """JSON, gzipped."""


class KioskContent:
    """Made once for each version and day; the day tells whether an entry is past its review."""

    def __init__(self, app: App, templates: Jinja2Templates) -> None:
        self._app = app
        self._templates = templates
        self._sources: dict[str, dict] = read_yaml(CONTENT / "sources.yaml")
        self._topics: dict[str, str] = read_yaml(CONTENT / "categories.yaml")
        self._packed: Packed | None = None

    async def packed(self, session: Session, *, today: date) -> Packed:
        """The newest content."""
        version = await knowledge_base.content_version(session)
        if self._packed is None or (self._packed.version, self._packed.day) != (version, today):
            entries = await knowledge_base.published_entries(session)
            body = await asyncio.to_thread(self._pack, version, entries, today)
            self._packed = Packed(version, today, body)
        return self._packed

    def _pack(self, version: int, entries: Sequence[Entry], today: date) -> bytes:
        topics = [
            {"nama": name, "isi": [entry.id for entry in entries if entry.category == key]}
            for key, name in self._topics.items()
        ]
        content = {
            "versi": version,
            "topik": [topic for topic in topics if topic["isi"]],
            "entri": {entry.id: {"judul": entry.title, "html": self._html(entry, today)} for entry in entries},
            "kata": words_of(entries),
        }
        return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())

    def _html(self, entry: Entry, today: date) -> str:
        """The whole answer, with its legal basis, sources and date."""
        fill = self._app.office().fill
        sources = [self._sources[key]["title"] for key in entry.sources if key in self._sources]
        return self._templates.get_template("kios/entri.html").render(
            parts=[fill(part) for part in (entry.short, entry.more) if part],
            countries=[(country_name(code), fill(part)) for code, part in entry.countries.items()],
            sources="; ".join(sources),
            footer=answers.footer(entry, today=today),
        )
