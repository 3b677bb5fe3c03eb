"""The office's own figures in the console: a file is checked whole, shown as a diff, and counts once that is confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot import apart
from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Upload, Visit
from bot.domain.cases import Role
from bot.domain.messages import LARGEST_NUMBER
from bot.services import console_uploads, office_figures, office_file
from bot.services.console_uploads import UploadOf
from bot.services.office_file import OfficeFile, UnusableOfficeFile
from bot.storage.tables import ConsoleUpload
from bot.texts import office_figures as words
from bot.texts.console import FILE_TOO_MUCH
from bot.texts.recruiters import CHANGED_SINCE, DATE_IS_AHEAD, NO_DATE

SHOWN_PROBLEMS, SHOWN_VERSIONS, SHOWN_CHANGES = 50, 20, 500
HOME = "/konsol/angka/kantor"


@dataclass(frozen=True, slots=True)
class OfficeFigurePages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        lead = Role.SUPERVISOR
        return (
            Page(HOME, self.show, lead),
            Page(HOME, self.upload, lead, method="POST", file_bytes=office_file.MAX_BYTES, reader=read),
            Page(f"{HOME}/{{number:int}}", self.preview, lead, reader=read, kept=UploadOf.FIGURES),
            Page(f"{HOME}/{{number:int}}", self.confirm, lead, method="POST", reader=read, kept=UploadOf.FIGURES),
        )

    async def show(self, visit: Visit, *, problems: tuple[str, ...] = ()) -> Response:
        """The form, and the files that came in."""
        return self.guard.show(
            visit,
            "angka_kantor.html",
            status_code=422 if problems else 200,
            problems=problems[:SHOWN_PROBLEMS],
            more=max(0, len(problems) - SHOWN_PROBLEMS),
            versions=await office_figures.versions(visit.session, limit=SHOWN_VERSIONS),
            max_mb=office_file.MAX_BYTES // 1_000_000,
            today=self._today(visit),
            zone=ZoneInfo(self.app.settings.time_zone),
        )

    async def upload(self, visit: Visit) -> Response:
        """Keep a file without a mistake, for its diff to be looked at; any other is refused with all lines and reasons."""
        try:
            day = date.fromisoformat(visit.fields.get("tanggal", ""))
        except ValueError:
            return await self.show(visit, problems=(NO_DATE,))
        if day > self._today(visit):
            return await self.show(visit, problems=(DATE_IS_AHEAD,))
        if isinstance(visit.read, UnusableOfficeFile):
            return await self.show(visit, problems=tuple(str(visit.read).splitlines()))
        content, name = visit.file.content, visit.file.name
        kept = await console_uploads.keep(
            visit.session, visit.officer, UploadOf.FIGURES, name, content, day, now=visit.now
        )
        return _to(f"{HOME}/{kept.id}")

    async def preview(self, visit: Visit, *, problem: str = "") -> Response:
        """What would change."""
        upload, file = await self._own(visit), _read_again(visit)
        return self.guard.show(
            visit,
            "angka_kantor_periksa.html",
            status_code=409 if problem else 200,
            upload=upload,
            rows=len(file.rows),
            seen=await office_figures.compared(visit.session, file, data_date=upload.data_date),
            shown=SHOWN_CHANGES,
            problem=problem,
            words=words,
        )

    async def confirm(self, visit: Visit) -> Response:
        """Make it a version, or throw it away; what changed since the diff was shown is shown first."""
        upload = await self._own(visit)
        if visit.fields.get("tindakan") == "pakai":
            file = _read_again(visit)
            seen = await office_figures.compared(visit.session, file, data_date=upload.data_date)
            if str(seen.newest) != visit.fields.get("versi"):
                return await self.preview(visit, problem=CHANGED_SINCE)
            await office_figures.publish(
                visit.session,
                file,
                data_date=upload.data_date,
                author=visit.officer.name,
                now=visit.now,
                officer=visit.officer,
            )
        await visit.session.delete(upload)
        return _to(HOME)

    async def _own(self, visit: Visit) -> ConsoleUpload:
        number = min(visit.request.path_params["number"], LARGEST_NUMBER)
        upload = await console_uploads.own(visit.session, visit.officer, UploadOf.FIGURES, number)
        if upload is None:
            raise HTTPException(404)
        return upload

    def _today(self, visit: Visit) -> date:
        return visit.now.astimezone(ZoneInfo(self.app.settings.time_zone)).date()


async def read(file: Upload) -> OfficeFile | UnusableOfficeFile:
    """The rows of a file, or why it cannot be used."""
    try:
        return await apart.call(office_file.parse, file.content, file.name)
    except apart.TookTooMuch:
        return UnusableOfficeFile(FILE_TOO_MUCH)
    except UnusableOfficeFile as error:
        return error


def _read_again(visit: Visit) -> OfficeFile:
    """The rows of the kept file; raises HTTPException(409) where this takes too much now."""
    if isinstance(visit.read, UnusableOfficeFile):
        raise HTTPException(409) from visit.read
    return visit.read


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers=NO_STORE)
