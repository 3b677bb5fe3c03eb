"""The roster in the console: who is called first, read by all and changed by supervisors and admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.cases import Role
from bot.domain.messages import LARGEST_NUMBER
from bot.services import audit, officers, roster
from bot.services.roster import DutyEndsBeforeItBegins
from bot.texts import console as words
from bot.texts.formats import moment


@dataclass(frozen=True, slots=True)
class DutyPages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/jaga", self.show),
            Page("/konsol/jaga", self.add, Role.SUPERVISOR, method="POST"),
            Page("/konsol/jaga/{number:int}/hapus", self.remove, Role.SUPERVISOR, method="POST"),
        )

    async def show(self, visit: Visit, *, problem: str = "") -> Response:
        """The duties that run or are to come, and a form for the next."""
        return self.guard.show(
            visit,
            "jaga.html",
            status_code=422 if problem else 200,
            problem=problem,
            duties=await roster.not_over(visit.session, visit.now),
            may_change=visit.may(Role.SUPERVISOR),
            officers=await officers.active(visit.session),
            offices=self.app.office().names(),
            typed=visit.fields,
            zone=self._zone(),
        )

    async def add(self, visit: Visit) -> Response:
        """Put an officer on the roster, by the office's clock."""
        chosen = visit.fields.get("petugas", "")
        officer = next((row for row in await officers.active(visit.session) if str(row.id) == chosen), None)
        if officer is None:
            return await self.show(visit, problem=words.CHOOSE_OFFICER)
        try:
            starts_at, ends_at = self._moment(visit, "mulai"), self._moment(visit, "sampai")
        except ValueError:
            return await self.show(visit, problem=words.BAD_MOMENT)
        if ends_at <= visit.now:
            return await self.show(visit, problem=words.DUTY_IS_OVER)
        try:
            duty = await roster.add(visit.session, officer, starts_at, ends_at)
        except DutyEndsBeforeItBegins:
            return await self.show(visit, problem=words.DUTY_ENDS_EARLY)
        after = {
            "petugas": officer.name,
            "mulai": moment(starts_at, self._zone()),
            "sampai": moment(ends_at, self._zone()),
        }
        audit.record(visit.session, visit.officer, "jaga:tambah", f"jadwal {duty.id}", now=visit.now, after=after)
        return _back()

    async def remove(self, visit: Visit) -> Response:
        """Take a duty off the roster."""
        number = min(visit.request.path_params["number"], LARGEST_NUMBER)
        duty = await roster.remove(visit.session, number)
        if duty is None:
            raise HTTPException(404)
        before = {"mulai": moment(duty.starts_at, self._zone()), "sampai": moment(duty.ends_at, self._zone())}
        audit.record(visit.session, visit.officer, "jaga:hapus", f"jadwal {number}", now=visit.now, before=before)
        return _back()

    def _moment(self, visit: Visit, name: str) -> datetime:
        """What a field for date and time sends; raises ValueError."""
        written = datetime.fromisoformat(visit.fields.get(name, "")[:16])
        if not 2000 <= written.year <= 2100:
            raise ValueError
        return written.replace(tzinfo=self._zone())

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.app.settings.time_zone)


def _back() -> Response:
    return RedirectResponse("/konsol/jaga", status_code=303, headers=NO_STORE)
