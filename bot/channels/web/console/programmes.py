"""Programmes in the console: a series, its episodes, their messages and the questions for the host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.app import App
from bot.channels.web.console.broadcasts import LOCAL
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.broadcasts import BroadcastAction, NotPossible, may_now
from bot.domain.cases import Role
from bot.domain.messages import LARGEST_NUMBER
from bot.services import officers, outbox, programmes
from bot.services.broadcasts import ChangedMeanwhile, NotAllowed
from bot.storage.tables import Episode, Officer, Programme
from bot.texts import broadcasts as broadcast_words
from bot.texts import programmes as words

Row = TypeVar("Row", Programme, Episode)

MAX_NAME, MAX_TITLE, MAX_ABOUT, MAX_ADDRESS = 40, 60, 500, 500


@dataclass(frozen=True, slots=True)
class ProgrammePages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        lead = Role.SUPERVISOR
        return (
            Page("/konsol/acara", self.all, lead),
            Page("/konsol/acara", self.make, lead, method="POST"),
            Page("/konsol/acara/{number:int}", self.programme, lead),
            Page("/konsol/acara/{number:int}", self.add, lead, method="POST"),
            Page("/konsol/acara/episode/{number:int}", self.episode, lead),
            Page("/konsol/acara/episode/{number:int}", self.act, lead, method="POST"),
        )

    async def all(self, visit: Visit, *, problem: str = "") -> Response:
        """Every programme."""
        return self.guard.show(
            visit,
            "acara.html",
            status_code=422 if problem else 200,
            shown=await programmes.all_of(visit.session),
            officers=await officers.active(visit.session),
            names={officer.id: officer.name for officer in await officers.ever(visit.session)},
            problem=problem,
            typed=visit.fields,
        )

    async def make(self, visit: Visit) -> Response:
        """A new programme."""
        name, host_id = visit.fields.get("nama", "").strip(), visit.fields.get("pembawa", "")
        host = next((one for one in await officers.active(visit.session) if str(one.id) == host_id), None)
        if host is None or not 1 <= len(name) <= MAX_NAME:
            return await self.all(visit, problem=words.BAD_PROGRAMME.format(limit=MAX_NAME))
        made = await programmes.make(visit.session, visit.officer, name, host, now=visit.now)
        return _to(f"/konsol/acara/{made.id}")

    async def programme(self, visit: Visit, *, problem: str = "") -> Response:
        """Its episodes."""
        found = await _found(visit, Programme)
        return self.guard.show(
            visit,
            "acara_satu.html",
            status_code=422 if problem else 200,
            programme=found,
            host=await visit.session.get_one(Officer, found.host_id),
            episodes=await programmes.episodes_of(visit.session, found.id),
            zone=self._zone(),
            problem=problem,
            typed=visit.fields,
            limits={"judul": MAX_TITLE, "tentang": MAX_ABOUT, "alamat": MAX_ADDRESS},
        )

    async def add(self, visit: Visit) -> Response:
        """The next episode, with drafts of its messages."""
        found = await _found(visit, Programme)
        title, about, link = (visit.fields.get(name, "").strip() for name in ("judul", "tentang", "alamat"))
        if not (1 <= len(title) <= MAX_TITLE and 1 <= len(about) <= MAX_ABOUT and _is_address(link)):
            return await self.programme(visit, problem=words.BAD_EPISODE.format(title=MAX_TITLE, about=MAX_ABOUT))
        zone = self._zone()
        try:
            starts_at = datetime.strptime(visit.fields.get("mulai", ""), LOCAL).replace(tzinfo=zone).astimezone(UTC)
            made = await programmes.add_episode(
                visit.session,
                visit.officer,
                found,
                title=title,
                about=about,
                link=link,
                starts_at=starts_at,
                zone=zone,
                now=visit.now,
            )
        except (ValueError, OverflowError):
            return await self.programme(visit, problem=words.BAD_TIME)
        return _to(f"/konsol/acara/episode/{made.id}")

    async def episode(self, visit: Visit, *, notice: str = "") -> Response:
        """Its messages and their next step, and the questions for the host."""
        found = await _found(visit, Episode)
        parts = await programmes.broadcasts_of(visit.session, found.id)
        waiting = [part for part in parts if may_now(part.state, BroadcastAction.APPROVE)]
        return self.guard.show(
            visit,
            "episode.html",
            status_code=422 if notice else 200,
            episode=found,
            programme=await visit.session.get_one(Programme, found.programme_id),
            parts=parts,
            waiting=waiting,
            has_drafts=any(may_now(part.state, BroadcastAction.SUBMIT) for part in parts),
            is_own=any(part.author_id == visit.officer.id for part in waiting),
            questions=await programmes.questions_of(visit.session, found.id),
            notice=notice,
            words=broadcast_words,
            zone=self._zone(),
            now=visit.now,
        )

    async def act(self, visit: Visit) -> Response:
        """One step for all messages of the episode; what is refused is said, and nothing of it was done."""
        found = await _found(visit, Episode)
        try:
            async with visit.session.begin_nested():
                refused = await self._perform(visit, found, visit.fields.get("tindakan", ""))
        except NotAllowed:
            refused = broadcast_words.OWN_WORDS
        except NotPossible:
            refused = broadcast_words.NOT_NOW
        except ChangedMeanwhile:
            refused = broadcast_words.CHANGED
        if refused:
            return await self.episode(visit, notice=refused)
        await outbox.announce(visit.session)
        return _to(f"/konsol/acara/episode/{found.id}")

    async def _perform(self, visit: Visit, found: Episode, step: str) -> str:
        session, officer, now = visit.session, visit.officer, visit.now
        match step:
            case "ajukan":
                await programmes.submit_all(session, officer, found, now=now)
            case "setujui":
                seen = {name.removeprefix("versi:"): value for name, value in visit.fields.items() if ":" in name}
                versions = {
                    int(one): int(value) for one, value in seen.items() if one.isdecimal() and value.isdecimal()
                }
                await programmes.approve_all(session, officer, found, versions, now=now)
            case "rekaman":
                address = visit.fields.get("alamat", "").strip()
                if not _is_address(address):
                    return words.BAD_ADDRESS
                if found.recording:
                    return words.HAS_RECORDING
                await programmes.add_recording(session, officer, found, address, zone=self._zone(), now=now)
            case _:
                raise HTTPException(400)
        return ""

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.app.settings.time_zone)


async def _found(visit: Visit, table: type[Row]) -> Row:
    number = visit.request.path_params["number"]
    found = await visit.session.get(table, number) if number <= LARGEST_NUMBER else None
    if found is None:
        raise HTTPException(404)
    return found


def _is_address(written: str) -> bool:
    is_web = written.startswith("https://") and not any(sign.isspace() for sign in written)
    return is_web and len(written) <= MAX_ADDRESS


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers=NO_STORE)
