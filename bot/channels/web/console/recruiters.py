"""Reported recruiters in the console: the list, a file with its verdict and its steps, and the network between them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.cases import EventKind, NotAllowed, find_case_number
from bot.domain.messages import LARGEST_NUMBER
from bot.domain.outcomes import ENFORCEMENT, BadOutcome, Stage
from bot.domain.traces import TraceKind
from bot.domain.verdicts import LASTS, LASTS_AT_MOST, BadVerdict
from bot.services import audit, cases, casework, network, officers, outbox, reported, traces, verdicts
from bot.services.verdicts import Proposal
from bot.storage.tables import Case, Recruiter
from bot.texts import console as console_words
from bot.texts import verdicts as words
from bot.texts.officer import STAGES

ROWS_SHOWN = 100
MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class RecruiterPages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/perekrut", self.listed),
            Page("/konsol/perekrut/jaringan", self.network),
            Page("/konsol/perekrut/kasus/{number}", self.in_case),
            Page("/konsol/perekrut/kasus/{number}", self.link_case, method="POST"),
            Page("/konsol/perekrut/{number:int}", self.file),
            Page("/konsol/perekrut/{number:int}", self.act, method="POST"),
        )

    async def listed(self, visit: Visit) -> Response:
        """The newest reported; `cari` finds by a whole name, number, handle or account."""
        asked = visit.asked("cari", 200)
        wanted = (*traces.in_text(asked, self.app.office()), traces.name_trace(asked)) if asked else None
        rows = await reported.listed(visit.session, wanted, limit=ROWS_SHOWN)
        return self.guard.show(
            visit, "perekrut.html", rows=rows, asked=asked, state=lambda row: self._state(visit, row), zone=self._zone()
        )

    async def file(self, visit: Visit, *, problem: str = "") -> Response:
        """All of one recruiter; that it was opened is in the log."""
        found = await reported.read(visit.session, (await self._recruiter(visit)).id)
        audit.record(visit.session, visit.officer, "perekrut:baca", f"perekrut {found.recruiter.id}", now=visit.now)
        past = await verdicts.of(visit.session, found.recruiter.id)
        standing = next((one for one in past if one.ended_at is None), None)
        today = self._today(visit)
        return self.guard.show(
            visit,
            "perekrut_berkas.html",
            status_code=422 if problem else 200,
            problem=problem,
            found=found,
            past=past,
            standing=standing if standing and standing.expires_on >= today else None,
            about={one.id: await verdicts.traces_of(visit.session, one.id) for one in past},
            names={row.id: row.name for row in await officers.ever(visit.session)},
            state=lambda row: self._state(visit, row),
            kinds=words.KINDS,
            is_usable=lambda row: row.kind != TraceKind.NAME or traces.is_company(row.shown),
            stages={stage: STAGES[stage] for stage in ENFORCEMENT},
            today=today,
            until=today + LASTS,
            latest=today + LASTS_AT_MOST,
            zone=self._zone(),
        )

    async def act(self, visit: Visit) -> Response:
        """Do what the form of the page says; what is refused is said on the page."""
        recruiter, name = await self._recruiter(visit), visit.fields.get("tindakan", "")
        if name not in ACTIONS:
            raise HTTPException(400)
        try:
            async with visit.session.begin_nested():
                await ACTIONS[name](self, visit, recruiter)
        except BadVerdict as error:
            return await self.file(visit, problem=words.refusal(error))
        except BadOutcome:
            return await self.file(visit, problem=words.BAD_STEP)
        except _Missing as error:
            return await self.file(visit, problem=str(error))
        await outbox.announce(visit.session)
        return _to(f"/konsol/perekrut/{recruiter.id}")

    async def network(self, visit: Visit) -> Response:
        """A drawing of what links recruiters, and the same as a table; `perekrut` narrows it to one."""
        asked = visit.asked("perekrut", 18)
        number = int(asked) if asked.isascii() and asked.isdigit() else None
        found = await asyncio.to_thread(network.laid_out, await network.around(visit.session, number))
        kinds = {**words.KINDS, network.RECRUITER: "perekrut", network.OFFER: "tawaran"}
        return self.guard.show(visit, "jaringan.html", found=found, kinds=kinds, number=number)

    async def in_case(self, visit: Visit, *, problem: str = "") -> Response:
        """What a case names, for its officer to choose who of them is reported; the reporter's own number is none."""
        case = await self._case(visit)
        try:
            await casework.allow(visit.session, case, visit.officer, EventKind.READ)
        except NotAllowed:
            return self.guard.refuse(visit, console_words.WHO_READS_ALL)
        linked = await reported.of_case(visit.session, case.id)
        return self.guard.show(
            visit,
            "perekrut_kasus.html",
            status_code=422 if problem else 200,
            problem=problem,
            case=case,
            found=reported.named_in(case, self.app.office()),
            linked=linked,
            kinds=words.KINDS,
        )

    async def link_case(self, visit: Visit) -> Response:
        """Put the case and what was chosen of it into a file."""
        case = await self._case(visit)
        try:
            await casework.allow(visit.session, case, visit.officer, EventKind.READ)
        except NotAllowed:
            return self.guard.refuse(visit, console_words.WHO_READS_ALL)
        chosen = [
            trace
            for place, trace in enumerate(reported.named_in(case, self.app.office()))
            if f"jejak:{place}" in visit.fields
        ]
        recruiter = await reported.note_report(visit.session, case, chosen, officer=visit.officer, now=visit.now)
        if recruiter is None:
            return await self.in_case(visit, problem=console_words.CHOOSE_SOMETHING)
        return _to(f"/konsol/perekrut/{recruiter.id}")

    async def _propose(self, visit: Visit, recruiter: Recruiter) -> None:
        chosen = [name.removeprefix("jejak:") for name in visit.fields if name.startswith("jejak:")]
        proposal = Proposal(
            trace_ids=frozenset(int(number) for number in chosen if number.isascii() and number.isdigit()),
            reason=_said(visit, "alasan"),
            invited_on=_day(visit, "diminta"),
            invited_how=_said(visit, "lewat"),
            expires_on=_day(visit, "sampai"),
        )
        await verdicts.propose(visit.session, recruiter, proposal, visit.officer, zone=self._zone(), now=visit.now)

    async def _agree(self, visit: Visit, recruiter: Recruiter) -> None:
        await verdicts.agree(visit.session, recruiter, visit.officer, zone=self._zone(), now=visit.now)

    async def _end(self, visit: Visit, recruiter: Recruiter) -> None:
        reason = _said(visit, "alasan")
        await verdicts.end(visit.session, recruiter, visit.officer, reason, zone=self._zone(), now=visit.now)

    async def _state_reply(self, visit: Visit, recruiter: Recruiter) -> None:
        day = _day(visit, "tanggal")
        if day > self._today(visit):
            raise _Missing(words.BAD_STEP)
        await reported.add_statement(visit.session, recruiter, _said(visit, "isi"), day, visit.officer, now=visit.now)

    async def _step(self, visit: Visit, recruiter: Recruiter) -> None:
        if visit.fields.get("langkah") not in ENFORCEMENT:
            raise HTTPException(400)
        await reported.add_step(
            visit.session,
            recruiter,
            Stage(visit.fields["langkah"]),
            _day(visit, "tanggal"),
            visit.fields.get("isi", "").strip()[:MAX_TEXT],
            visit.officer,
            today=self._today(visit),
            now=visit.now,
        )

    async def _add_trace(self, visit: Visit, recruiter: Recruiter) -> None:
        said = _said(visit, "isi")[:200]
        found = traces.in_text(said, self.app.office()) or (traces.name_trace(said),)
        for trace in found:
            await reported.add_trace(visit.session, recruiter, trace, visit.officer, now=visit.now)

    async def _drop_trace(self, visit: Visit, recruiter: Recruiter) -> None:
        number = visit.fields.get("jejak", "")[:18]
        if number.isascii() and number.isdigit():
            await reported.drop_trace(visit.session, recruiter, int(number), visit.officer, now=visit.now)

    async def _recruiter(self, visit: Visit) -> Recruiter:
        number = visit.request.path_params["number"]
        recruiter = await visit.session.get(Recruiter, number) if number <= LARGEST_NUMBER else None
        if recruiter is None:
            raise HTTPException(404)
        return recruiter

    async def _case(self, visit: Visit) -> Case:
        number = find_case_number(visit.request.path_params["number"])
        case = await cases.by_number(visit.session, number) if number else None
        if case is None:
            raise HTTPException(404)
        return case

    def _state(self, visit: Visit, verdict) -> str:
        return "-" if verdict is None or verdict.ended_at else words.state(verdict, self._today(visit))

    def _today(self, visit: Visit) -> date:
        return visit.now.astimezone(self._zone()).date()

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.app.settings.time_zone)


ACTIONS = {
    "usul": RecruiterPages._propose,
    "setuju": RecruiterPages._agree,
    "cabut": RecruiterPages._end,
    "tanggapan": RecruiterPages._state_reply,
    "langkah": RecruiterPages._step,
    "jejak": RecruiterPages._add_trace,
    "lepas": RecruiterPages._drop_trace,
}


class _Missing(Exception):
    """A field that must be filled; the text says so to the officer."""


def _said(visit: Visit, name: str) -> str:
    said = visit.fields.get(name, "").strip()[:MAX_TEXT]
    if not said:
        raise _Missing(console_words.WRITE_SOMETHING)
    return said


def _day(visit: Visit, name: str) -> date:
    try:
        return date.fromisoformat(visit.fields.get(name, "").strip())
    except ValueError:
        raise _Missing(words.BAD_STEP) from None


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers=NO_STORE)
