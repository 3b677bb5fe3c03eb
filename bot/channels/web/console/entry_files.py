"""The knowledge base as a file in the console: taken out whole, and brought in by way of a difference and of drafts."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot import apart
from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Upload, Visit
from bot.domain.editing import PieceKind, changes
from bot.domain.messages import LARGEST_NUMBER
from bot.services import audit, editing, entry_files, entry_imports, knowledge_base
from bot.services.entry_files import DoesNotFit, UnusableFile
from bot.storage.tables import ContentImport
from bot.texts import console as console_words
from bot.texts import editing as words
from knowledge.entries import Entry

logger = logging.getLogger(__name__)

MAX_FILE_BYTES = 20_000_000
REASONS_SHOWN = 100
ENTRIES_A_PAGE = 20
MAX_PAGE = 1000


@dataclass(frozen=True, slots=True)
class FilePages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/isi/berkas", self.begin),
            Page("/konsol/isi/berkas", self.upload, method="POST", file_bytes=MAX_FILE_BYTES, reader=self.read),
            Page("/konsol/isi/berkas/unduh", self.download),
            Page("/konsol/isi/berkas/{number:int}", self.preview),
            Page("/konsol/isi/berkas/{number:int}", self.use, method="POST"),
        )

    async def begin(self, visit: Visit, *, reasons: list[str] | None = None) -> Response:
        """Where a file is taken out or brought in; a file that is refused is told with every line that is wrong."""
        reasons = reasons or []
        return self.guard.show(
            visit,
            "isi_berkas.html",
            status_code=422 if reasons else 200,
            forms=words.FORMS,
            reasons=reasons[:REASONS_SHOWN],
            more=max(0, len(reasons) - REASONS_SHOWN),
            megabytes=MAX_FILE_BYTES // 1_000_000,
        )

    async def download(self, visit: Visit) -> Response:
        """All entries in force as YAML, CSV or XLSX; that they were taken is in the log."""
        form = visit.asked("bentuk", 10)
        if form not in entry_files.FORMS:
            raise HTTPException(404)
        entries = await self.app.knowledge.published(visit.session)
        try:
            content = await asyncio.to_thread(entry_files.write, entries, form)
        except DoesNotFit as error:
            return await self.begin(visit, reasons=[words.DOES_NOT_FIT.format(entry_id=error)])
        name = f"silvi-pengetahuan-{visit.now.astimezone(self._zone()).date()}.{form}"
        audit.record(visit.session, visit.officer, "isi:unduh", name, now=visit.now)
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=entry_files.FORMS[form], headers=headers)

    async def upload(self, visit: Visit) -> Response:
        """Read and check the whole file; nothing of it is kept where anything is wrong."""
        file, entries = visit.file, visit.read
        if isinstance(entries, UnusableFile):
            reasons = entries.reasons
            logger.warning("a file of entries by officer %s was refused: %d reasons", visit.officer.id, len(reasons))
            after = {"berkas": file.name, "alasan": reasons[0], "jumlah alasan": len(reasons)}
            audit.record(visit.session, visit.officer, "isi:berkas ditolak", "pengetahuan", now=visit.now, after=after)
            return await self.begin(visit, reasons=reasons)
        kept = await entry_imports.keep(visit.session, visit.officer, file.name, entries, now=visit.now)
        return _to(f"/konsol/isi/berkas/{kept.id}")

    async def read(self, file: Upload) -> list[Entry] | UnusableFile:
        """The entries of a file, checked beside those in force, or why it cannot be used."""
        today = datetime.now(self._zone()).date()
        async with self.app.db.transaction() as session:
            others = await knowledge_base.published_entries(session)
        reading = partial(entry_files.read, office=self.app.office(), today=today)
        try:
            return await apart.call(reading, file.name, file.content, others)
        except apart.TookTooMuch:
            return UnusableFile([console_words.FILE_TOO_MUCH])
        except UnusableFile as error:
            return error

    async def preview(self, visit: Visit, *, problem: str = "") -> Response:
        """What the file would change, entry by entry."""
        kept = await self._kept(visit)
        asked = visit.asked("halaman", 4)
        page = min(int(asked), MAX_PAGE) if asked.isascii() and asked.isdigit() and int(asked) else 1
        found = await entry_imports.coming(visit.session, kept, first=(page - 1) * ENTRIES_A_PAGE, limit=ENTRIES_A_PAGE)
        return self.guard.show(
            visit,
            "isi_masuk.html",
            status_code=409 if problem else 200,
            problem=problem,
            kept=kept,
            found=[(one, changes(one.before, one.after)) for one in found],
            page=page,
            pages=max(1, -(-len(kept.entries) // ENTRIES_A_PAGE)),
            address=lambda page: f"/konsol/isi/berkas/{kept.id}?halaman={page}",
            field_name=words.field_name,
            PieceKind=PieceKind,
        )

    async def use(self, visit: Visit) -> Response:
        """Make drafts of the changes: all of them, or none where an entry was published meanwhile."""
        kept = await self._kept(visit)
        try:
            async with visit.session.begin_nested():
                await entry_imports.make_drafts(visit.session, visit.officer, kept, now=visit.now)
        except editing.ChangedMeanwhile:
            return await self.preview(visit, problem=words.PUBLISHED_SINCE)
        return _to("/konsol/isi?keadaan=draft")

    async def _kept(self, visit: Visit) -> ContentImport:
        number = visit.request.path_params["number"]
        kept = await entry_imports.of_officer(visit.session, visit.officer, min(number, LARGEST_NUMBER))
        if kept is None:
            raise HTTPException(404)
        return kept

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.app.settings.time_zone)


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers=NO_STORE)
