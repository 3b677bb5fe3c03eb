"""The pages of the console that are about the office itself: start, devices, officers, and the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.cases import Role
from bot.domain.messages import LARGEST_NUMBER
from bot.services import audit, case_queue, officers, second_words, sign_in
from bot.services.audit import Place
from bot.texts import console as words

LINES_A_PAGE = 50
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class OfficePages:
    """The handlers; each is one page or one form."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol", self.home),
            Page("/konsol/sesi", self.devices),
            Page("/konsol/sesi/{number:int}/tutup", self.end_device, method="POST"),
            Page("/konsol/petugas", self.officers, Role.ADMIN),
            Page("/konsol/petugas", self.add_officer, Role.ADMIN, method="POST"),
            Page("/konsol/petugas/{number:int}/cabut", self.remove_officer, Role.ADMIN, method="POST"),
            Page("/konsol/audit", self.log, Role.SUPERVISOR),
        )

    async def home(self, visit: Visit) -> Response:
        """What waits, at a glance."""
        seen = await case_queue.at_a_glance(visit.session, visit.officer.id, now=visit.now)
        today = visit.now.astimezone(self._zone()).date()
        return self.guard.show(
            visit,
            "beranda.html",
            seen=seen,
            second=await second_words.waiting(visit.session, visit.officer, today=today),
            subjects=words.SECOND_WORDS,
            zone=self._zone(),
        )

    async def devices(self, visit: Visit) -> Response:
        """Where this officer is signed in."""
        opened = await sign_in.sessions_of(visit.session, visit.officer.id, now=visit.now)
        return self.guard.show(visit, "perangkat.html", opened=opened, own_id=visit.session_id, zone=self._zone())

    async def end_device(self, visit: Visit) -> Response:
        """Sign one of the officer's own devices out."""
        number = visit.request.path_params["number"]
        if not await sign_in.revoke(visit.session, visit.officer, _usable(number), now=visit.now):
            raise HTTPException(404)
        return _to("/konsol/sesi")

    async def officers(self, visit: Visit, *, problem: str = "") -> Response:
        """Who may act."""
        return self.guard.show(
            visit,
            "petugas.html",
            status_code=422 if problem else 200,
            active=await officers.active(visit.session),
            roles=words.ROLES,
            offices=self.app.office().names(),
            problem=problem,
            typed=visit.fields,
        )

    async def add_officer(self, visit: Visit) -> Response:
        """Register an officer or change one."""
        number, name = visit.fields.get("nomor", "").strip(), visit.fields.get("nama", "").strip()
        role, office = visit.fields.get("peran", ""), visit.fields.get("kantor", "") or None
        if not (number.isascii() and number.isdigit() and 0 < int(number[:20]) <= LARGEST_NUMBER):
            return await self.officers(visit, problem=words.BAD_NUMBER)
        if not 1 <= len(name) <= MAX_NAME:
            return await self.officers(visit, problem=words.BAD_NAME)
        if role not in set(Role):
            return await self.officers(visit, problem=words.BAD_ROLE)
        if office is not None and office not in self.app.office().offices:
            return await self.officers(visit, problem=words.BAD_OFFICE)
        if int(number) == visit.officer.telegram_id and role != Role.ADMIN:
            return await self.officers(visit, problem=words.NOT_YOURSELF)
        await officers.add(visit.session, int(number), name, Role(role), office=office, now=visit.now)
        after = {"nama": name, "peran": role, "kantor": office}
        audit.record(
            visit.session, visit.officer, "petugas:daftar", f"akun Telegram {number}", now=visit.now, after=after
        )
        return _to("/konsol/petugas")

    async def remove_officer(self, visit: Visit) -> Response:
        """Take all rights away from an officer; nobody removes themself."""
        number = _usable(visit.request.path_params["number"])
        if number == visit.officer.telegram_id:
            return await self.officers(visit, problem=words.NOT_YOURSELF)
        removed = await officers.remove(visit.session, number, now=visit.now)
        if removed is None:
            raise HTTPException(404)
        before = {"nama": removed.name, "peran": removed.role}
        audit.record(
            visit.session, visit.officer, "petugas:cabut", f"akun Telegram {number}", now=visit.now, before=before
        )
        return _to("/konsol/petugas")

    async def log(self, visit: Visit) -> Response:
        """Who did what, newest first; narrowed to a subject or case number, an officer, a kind of step, up to a day."""
        subject, officer = visit.asked("tentang", 80), visit.asked("petugas", 18)
        action, day = visit.asked("apa", 40), visit.asked("sampai", 10)
        lines = await audit.newest(
            visit.session,
            officer_id=int(officer) if officer.isascii() and officer.isdigit() else None,
            subject=subject,
            action=action,
            until=self._end_of(day),
            before=Place.read(visit.asked("sebelum", 80)),
            limit=LINES_A_PAGE,
        )
        asked = {"tentang": subject, "petugas": officer, "apa": action, "sampai": day}
        everybody = await officers.ever(visit.session)
        names = {row.id: row.name for row in everybody}
        older = {"sebelum": lines[-1].place, **asked} if lines else {}
        return self.guard.show(
            visit,
            "audit.html",
            lines=lines,
            asked=asked,
            everybody=everybody,
            told=lambda facts, is_case: words.case_facts(facts, names) if is_case else facts or {},
            older=f"/konsol/audit?{urlencode(older)}" if len(lines) == LINES_A_PAGE else "",
            actions=words.ACTIONS | words.EVENTS,
            zone=self._zone(),
        )

    def _end_of(self, day: str) -> datetime | None:
        """When the day of the address ends; None where there is none."""
        try:
            return datetime.combine(date.fromisoformat(day), time(), self._zone()) + timedelta(days=1)
        except (ValueError, OverflowError):
            return None

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.app.settings.time_zone)


def _usable(number: int) -> int:
    """A number the database takes; raises HTTPException(404) for any other."""
    if number > LARGEST_NUMBER:
        raise HTTPException(404)
    return number


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers=NO_STORE)
