"""Partners in the console: registered, invited by a link of their own, and removed."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.cases import Role
from bot.domain.districts import DISTRICTS
from bot.domain.messages import LARGEST_NUMBER
from bot.domain.partners import PartnerKind
from bot.services import partners
from bot.texts import partners as words

MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class PartnerPages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/mitra", self.all, Role.SUPERVISOR),
            Page("/konsol/mitra", self.add, Role.SUPERVISOR, method="POST"),
            Page("/konsol/mitra/{number:int}/undang", self.invite, Role.SUPERVISOR, method="POST"),
            Page("/konsol/mitra/{number:int}/cabut", self.remove, Role.SUPERVISOR, method="POST"),
        )

    async def all(self, visit: Visit, *, problem: str = "", token: str = "") -> Response:
        """Who is a partner; a new link is shown this once, and only its hash is kept."""
        return self.guard.show(
            visit,
            "mitra.html",
            status_code=422 if problem else 200,
            shown=await partners.active(visit.session),
            link=self._link(token) if token else "",
            kinds=words.KINDS,
            districts=DISTRICTS,
            problem=problem,
            typed=visit.fields if problem else {},
        )

    async def add(self, visit: Visit) -> Response:
        """Register a partner and show their link."""
        fields = {name: value.strip() for name, value in visit.fields.items()}
        kind, name, village, district = (fields.get(key, "") for key in ("peran", "nama", "desa", "daerah"))
        is_whole = all(1 <= len(value) <= MAX_NAME for value in (name, village))
        if kind not in set(PartnerKind) or district not in DISTRICTS or not is_whole:
            return await self.all(visit, problem=words.CONSOLE_PROBLEM)
        _, token = await partners.add(
            visit.session, visit.officer, PartnerKind(kind), name, village, district, now=visit.now
        )
        return await self.all(visit, token=token)

    async def invite(self, visit: Visit) -> Response:
        """Another link, where the first was lost or fell into wrong hands."""
        found = await self._found(visit)
        return await self.all(visit, token=await partners.invite(visit.session, visit.officer, found, now=visit.now))

    async def remove(self, visit: Visit) -> Response:
        """Take their rights away."""
        await partners.remove(visit.session, visit.officer, await self._found(visit), now=visit.now)
        return RedirectResponse("/konsol/mitra", status_code=303, headers=NO_STORE)

    async def _found(self, visit: Visit):
        number = visit.request.path_params["number"]
        found = await partners.by_id(visit.session, number) if number <= LARGEST_NUMBER else None
        if found is None:
            raise HTTPException(404)
        return found

    def _link(self, token: str) -> str:
        name = self.app.telegram_name
        return f"https://t.me/{name}?start=p_{token}" if name else f"/start p_{token}"
