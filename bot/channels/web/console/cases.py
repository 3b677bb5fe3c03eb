"""Cases in the console: the queue, the file, and the same actions as in the topic of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.channels.web.files import headers_for
from bot.dialogue import desk as desk_dialogue
from bot.dialogue.desk import DeskTurn
from bot.domain.agencies import AGENCIES, BY_CODE, suggested
from bot.domain.cases import (
    CaseAction,
    CaseUrgency,
    EventKind,
    NotAllowed,
    Role,
    find_case_number,
    may_now,
    standing,
)
from bot.domain.messages import LARGEST_NUMBER
from bot.services import case_file, case_queue, casework, officers, outbox, proposals, stories
from bot.services import cases as case_service
from bot.services.case_queue import Wanted
from bot.services.proposals import NoSuchReply, Proposal
from bot.storage.tables import Case, Officer
from bot.texts import case_file as file_words
from bot.texts import console as words
from bot.texts import desk_menus as menus
from bot.texts import officer as officer_words
from bot.texts.complaint import CATEGORIES
from bot.texts.formats import country_name

ROWS_A_PAGE = 50
MAX_PAGE = 10_000
MAX_TEXT = 4000

PLAIN = {
    "ambil": CaseAction.CLAIM,
    "silvi": CaseAction.HAND_BACK,
    "lanjut": CaseAction.TAKE_BACK,
    "selesai": CaseAction.RESOLVE,
    "buka": CaseAction.REOPEN,
}
"""Actions that need nothing more than a press, by their command."""

FORMS = {
    "kegawatan": CaseAction.PRIORITISE,
    "tunggu": CaseAction.WAIT,
    "alih": CaseAction.HAND_OVER,
    "rujuk": CaseAction.REFER,
    "jawaban": CaseAction.ANSWERED,
    "hasil": EventKind.OUTCOME,
    "jalur": EventKind.ROUTE,
    "cerita": EventKind.STORY,
    "catatan": EventKind.NOTE,
    "balas": CaseAction.REPLY,
}
"""Actions with a form of their own."""


class _Refused(Exception):
    """One of several cases cannot be handed over; the text says which and why."""


FILTERS = ("gawat", "keadaan", "masalah", "kantor", "milik", "lewat", "nomor", "halaman")


@dataclass(frozen=True, slots=True)
class CasePages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/kasus", self.queue),
            Page("/konsol/kasus/bagikan", self.assign, Role.SUPERVISOR, method="POST"),
            Page("/konsol/kasus/{number}", self.file),
            Page("/konsol/kasus/{number}", self.act, method="POST"),
            Page("/konsol/kasus/{number}/lampiran/{attachment:int}", self.attachment),
            Page("/konsol/kasus/{number}/usul/{reply:int}", self.proposal),
            Page("/konsol/kasus/{number}/usul/{reply:int}", self.propose, method="POST"),
        )

    async def queue(self, visit: Visit, *, problem: str = "") -> Response:
        """What waits, the gravest first; a whole number or its last digits find any case."""
        asked = {name: visit.asked(name, 40) for name in FILTERS}
        number = asked["halaman"]
        at_page = min(int(number), MAX_PAGE) if number.isascii() and number.isdigit() and number != "0" else 1
        wanted = Wanted(
            urgency=asked["gawat"],
            state=asked["keadaan"],
            category=asked["masalah"],
            office=asked["kantor"],
            owner_id=visit.officer.id if asked["milik"] == "saya" else None,
            without_owner=asked["milik"] == "kosong",
            is_overdue=asked["lewat"] == "1",
            number=asked["nomor"].upper(),
        )
        found = await case_queue.page(
            visit.session, wanted, now=visit.now, first=(at_page - 1) * ROWS_A_PAGE, limit=ROWS_A_PAGE
        )
        kept = {name: value for name, value in asked.items() if name != "halaman" and value}
        return self.guard.show(
            visit,
            "kasus.html",
            status_code=422 if problem else 200,
            found=found,
            asked=asked,
            page=at_page,
            pages=max(1, -(-found.count // ROWS_A_PAGE)),
            address=lambda page: f"/konsol/kasus?{urlencode({**kept, 'halaman': page})}",
            officers=await officers.active(visit.session) if visit.may(Role.SUPERVISOR) else [],
            problem=problem,
            **self._names(),
        )

    async def file(self, visit: Visit, *, notice: str = "") -> Response:
        """The whole file; that it was opened, and by whom, is written in it."""
        case = await self._case(visit)
        file = await case_file.read(visit.session, case, visit.officer, now=visit.now)
        owner = await casework.owner_of(visit.session, case)
        stands = standing(visit.officer.id, visit.officer.role, owner.id if owner else None)
        may = {name: may_now(action, case.state, stands) for name, action in {**PLAIN, **FORMS}.items()}
        may["silvi"] = may["silvi"] and not case.with_silvi
        may["lanjut"] = may["lanjut"] and case.with_silvi
        fitting = suggested(case.category, case.country)
        return self.guard.show(
            visit,
            "berkas.html",
            status_code=422 if notice else 200,
            file=file,
            case=case,
            may=may,
            notice=notice,
            typed=visit.fields,
            officers=[row for row in await officers.active(visit.session) if row.id != case.officer_id],
            agencies=(*fitting, *(agency for agency in AGENCIES if agency not in fitting)),
            story="" if file.is_masked else await stories.for_letters(visit.session, case),
            waiting_for=[row.agency for row in file.referrals if row.answered_at is None],
            **self._names(),
        )

    async def attachment(self, visit: Visit) -> Response:
        """A file of the case, to be saved; for those who may read the whole file."""
        case, number = await self._case(visit), visit.request.path_params["attachment"]
        if number > LARGEST_NUMBER:
            raise HTTPException(404)
        try:
            found = await case_file.content_of(visit.session, case, visit.officer, number, now=visit.now)
        except NotAllowed:
            return self.guard.refuse(visit, words.WHO_READS_ALL)
        if found is None:
            raise HTTPException(404)
        media, content = found
        return Response(content, headers=headers_for(media))

    async def proposal(self, visit: Visit, *, typed: Proposal | None = None) -> Response:
        """An officer's reply, masked, on its way to the draft of an entry."""
        case = await self._case(visit)
        try:
            begun = await proposals.begin(visit.session, case, visit.officer, _reply_number(visit))
        except NotAllowed:
            return self.guard.refuse(visit, words.WHO_READS_ALL)
        except NoSuchReply:
            raise HTTPException(404) from None
        return self.guard.show(
            visit,
            "usul.html",
            status_code=422 if typed else 200,
            case=case,
            reply=_reply_number(visit),
            proposal=typed or begun,
            problem=words.WRITE_BOTH if typed else "",
        )

    async def propose(self, visit: Visit) -> Response:
        """Make the draft, to be finished and reviewed as any other."""
        case = await self._case(visit)
        typed = Proposal(*(visit.fields.get(name, "").strip()[:MAX_TEXT] for name in ("tanya", "jawab")))
        if not (typed.question and typed.answer):
            return await self.proposal(visit, typed=typed)
        try:
            await proposals.begin(visit.session, case, visit.officer, _reply_number(visit))
            draft = await proposals.make_draft(visit.session, case, visit.officer, typed, now=visit.now)
        except NotAllowed:
            return self.guard.refuse(visit, words.WHO_READS_ALL)
        except NoSuchReply:
            raise HTTPException(404) from None
        return RedirectResponse(f"/konsol/isi/{draft.entry_id}/ubah", status_code=303, headers=NO_STORE)

    async def act(self, visit: Visit) -> Response:
        """Do what the topic's command of the same name does; what is refused is said on the page."""
        case = await self._case(visit)
        desk = self.app.desk()
        turn = DeskTurn(self.app, visit.session, case, visit.officer, desk, visit.now, visit.drawn)
        notice = await self._perform(turn, visit.fields)
        if notice:
            return await self.file(visit, notice=notice)
        await outbox.announce(visit.session)
        return RedirectResponse(f"/konsol/kasus/{case.number}", status_code=303, headers=NO_STORE)

    async def assign(self, visit: Visit) -> Response:
        """Give all marked cases to one officer, or none of them where one cannot be given."""
        to = next(
            (row for row in await officers.active(visit.session) if str(row.id) == visit.fields.get("kepada")), None
        )
        numbers = [name.removeprefix("kasus:") for name in visit.fields if name.startswith("kasus:")]
        if to is None or not numbers:
            return await self.queue(visit, problem=words.CHOOSE_CASES)
        try:
            async with visit.session.begin_nested():
                await self._hand_over(visit, sorted(numbers), to)
        except _Refused as refused:
            return await self.queue(visit, problem=str(refused))
        await outbox.announce(visit.session)
        return RedirectResponse("/konsol/kasus", status_code=303, headers=NO_STORE)

    async def _hand_over(self, visit: Visit, numbers: list[str], to: Officer) -> None:
        desk = self.app.desk()
        for number in numbers:
            case = await case_service.by_number(visit.session, number)
            if case is None:
                raise HTTPException(404)
            turn = DeskTurn(self.app, visit.session, case, visit.officer, desk, visit.now, visit.drawn)
            if case.officer_id != to.id and (notice := await desk_dialogue.perform(turn, "alih", str(to.id))):
                raise _Refused(f"{number}: {notice}")

    async def _perform(self, turn: DeskTurn, fields: dict[str, str]) -> str:
        name, said = fields.get("tindakan", ""), fields.get("isi", "").strip()[:MAX_TEXT]
        choice = fields.get("pilihan", "").strip()[:40]
        if name in PLAIN:
            return await desk_dialogue.perform(turn, name, "")
        if name not in FORMS:
            raise HTTPException(400)
        if name in ("balas", "catatan", "tunggu", "jawaban", "cerita") and not said:
            return words.WRITE_SOMETHING
        if name in ("kegawatan", "alih", "rujuk", "hasil", "jalur") and not choice:
            return words.CHOOSE_SOMETHING
        match name:
            case "balas":
                return await desk_dialogue.say(turn, said)
            case "kegawatan":
                return await desk_dialogue.perform(turn, "prioritas", f"{choice} {said}")
            case "rujuk":
                command = ("rujuk", f"{choice} {said}") if said else ("surat", choice)
                return await desk_dialogue.perform(turn, *command)
            case "hasil":
                on_date = fields.get("tanggal", "").strip()
                if not _is_date(on_date):
                    return officer_words.BAD_DATE
                return await desk_dialogue.perform(turn, "hasil", f"{choice} {on_date} {said}")
            case "jawaban":
                return await desk_dialogue.perform(turn, "jawaban", f"{choice} {said}".strip())
            case "alih" | "jalur":
                return await desk_dialogue.perform(turn, name, choice)
            case _:
                return await desk_dialogue.perform(turn, name, said)

    async def _case(self, visit: Visit) -> Case:
        number = find_case_number(visit.request.path_params["number"])
        case = await case_service.by_number(visit.session, number) if number else None
        if case is None:
            raise HTTPException(404)
        return case

    def _names(self) -> dict[str, object]:
        """What codes are called."""
        return {
            "zone": ZoneInfo(self.app.settings.time_zone),
            "categories": CATEGORIES,
            "states": officer_words.STATES,
            "urgencies": officer_words.URGENCIES,
            "urgency_codes": {
                code: officer_words.URGENCIES[CaseUrgency(of)] for code, of in menus.URGENCY_CODES.items()
            },
            "marks": officer_words.MARKS,
            "privacies": officer_words.PRIVACIES,
            "stages": officer_words.STAGES,
            "routes": officer_words.ROUTES,
            "stage_codes": {code: officer_words.STAGES[stage] for code, stage in menus.STAGE_CODES.items()},
            "agency_names": {code: agency.name for code, agency in BY_CODE.items()},
            "kinds": words.EVENTS,
            "attachment_kinds": {kind: mark.strip("[]") for kind, mark in officer_words.KINDS.items()},
            "masked": file_words.MASKED,
            "who_reads_all": words.WHO_READS_ALL,
            "country_name": country_name,
        }


def _reply_number(visit: Visit) -> int:
    return min(visit.request.path_params["reply"], LARGEST_NUMBER)


def _is_date(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True
