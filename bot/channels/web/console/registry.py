"""The registry in the console: look-ups, and imports that are shown as a diff before they count."""

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
from bot.domain.recruiters import Changes
from bot.services import audit, console_uploads, recruiters
from bot.services.console_uploads import UploadOf
from bot.services.registry_file import RegistryFile, UnusableRegistry, parse_registry
from bot.storage.tables import ConsoleUpload
from bot.texts import console as console_words
from bot.texts import recruiters as words

MAX_FILE_BYTES = 10 * 1024 * 1024
"""A larger registry is imported by the command line."""
SHOWN_PROBLEMS, SHOWN_VERSIONS, SHOWN_SOON = 50, 20, 50
SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class RegistryPages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/izin", self.show),
            Page("/konsol/izin", self.upload, Role.ADMIN, method="POST", file_bytes=MAX_FILE_BYTES, reader=read),
            Page("/konsol/izin/{number:int}", self.preview, Role.ADMIN, reader=read, kept=UploadOf.REGISTRY),
            Page(
                "/konsol/izin/{number:int}",
                self.confirm,
                Role.ADMIN,
                method="POST",
                reader=read,
                kept=UploadOf.REGISTRY,
            ),
        )

    async def show(self, visit: Visit, *, problems: tuple[str, ...] = ()) -> Response:
        """What is in force, and what it says about a name."""
        asked, today = visit.asked("cari", 200), self._today(visit)
        found = await recruiters.look_up(visit.session, asked, today=today) if asked else None
        return self.guard.show(
            visit,
            "izin.html",
            status_code=422 if problems else 200,
            problems=problems[:SHOWN_PROBLEMS],
            asked=asked,
            told=words.advice(found, today=today) if found else "",
            soon=await recruiters.running_out(visit.session, today=today, days=SOON_DAYS, limit=SHOWN_SOON),
            soon_days=SOON_DAYS,
            versions=await recruiters.versions(visit.session, limit=SHOWN_VERSIONS),
            kinds=words.KINDS,
            may_import=visit.may(Role.ADMIN),
            today=today,
            zone=ZoneInfo(self.app.settings.time_zone),
        )

    async def upload(self, visit: Visit) -> Response:
        """Keep a file that can be read, for its diff to be looked at; a bad one is refused with line and reason."""
        try:
            day = date.fromisoformat(visit.fields.get("tanggal", ""))
        except ValueError:
            return await self.show(visit, problems=(words.NO_DATE,))
        if day > self._today(visit):
            return await self.show(visit, problems=(words.DATE_IS_AHEAD,))
        content, name = visit.file.content, visit.file.name
        try:
            if isinstance(visit.read, UnusableRegistry):
                raise visit.read
            await recruiters.changes(visit.session, visit.read)
        except UnusableRegistry as error:
            return await self.show(visit, problems=tuple(str(error).splitlines()))
        kept = await console_uploads.keep(
            visit.session, visit.officer, UploadOf.REGISTRY, name, content, day, now=visit.now
        )
        return _to(f"/konsol/izin/{kept.id}")

    async def preview(self, visit: Visit, *, problem: str = "") -> Response:
        """What would change."""
        upload = await self._own(visit)
        read, seen = await self._compared(visit)
        told = words.preview(
            seen,
            file_name=upload.file_name,
            encoding=read.encoding,
            unused=read.unused_columns,
            data_date=upload.data_date,
        )
        return self.guard.show(
            visit,
            "izin_impor.html",
            status_code=409 if problem else 200,
            upload=upload,
            seen=seen,
            told=told,
            problem=problem,
        )

    async def confirm(self, visit: Visit) -> Response:
        """Make it the registry in force, or throw it away; what changed since the diff was shown is shown first."""
        upload = await self._own(visit)
        if visit.fields.get("tindakan") == "pakai":
            read, seen = await self._compared(visit)
            if str(seen.version_id) != visit.fields.get("versi"):
                return await self.preview(visit, problem=words.CHANGED_SINCE)
            day, zone = upload.data_date, ZoneInfo(self.app.settings.time_zone)
            version = await recruiters.publish(
                visit.session, read, seen, data_date=day, author=visit.officer.name, zone=zone, now=visit.now
            )
            after = {"berkas": upload.file_name, "data": day.isoformat(), "baris": version.rows}
            audit.record(visit.session, visit.officer, "izin:impor", words.KINDS[read.kind], now=visit.now, after=after)
        await visit.session.delete(upload)
        return _to("/konsol/izin")

    async def _compared(self, visit: Visit) -> tuple[RegistryFile, Changes]:
        """The file against what is in force now; raises HTTPException(409) where its companies are not there any more."""
        try:
            if isinstance(visit.read, UnusableRegistry):
                raise visit.read
            return visit.read, await recruiters.changes(visit.session, visit.read)
        except UnusableRegistry as error:
            raise HTTPException(409) from error

    async def _own(self, visit: Visit) -> ConsoleUpload:
        number = visit.request.path_params["number"]
        upload = await console_uploads.own(visit.session, visit.officer, UploadOf.REGISTRY, min(number, LARGEST_NUMBER))
        if upload is None:
            raise HTTPException(404)
        return upload

    def _today(self, visit: Visit) -> date:
        return visit.now.astimezone(ZoneInfo(self.app.settings.time_zone)).date()


async def read(file: Upload) -> RegistryFile | UnusableRegistry:
    """The rows of a file, or why it cannot be used."""
    try:
        return await apart.call(parse_registry, file.content, file.name)
    except apart.TookTooMuch:
        return UnusableRegistry(console_words.FILE_TOO_MUCH)
    except UnusableRegistry as error:
        return error


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers=NO_STORE)
