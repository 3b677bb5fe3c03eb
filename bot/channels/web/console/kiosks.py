"""The pages of the console about kiosks: where they stand, whether they are in touch, and what they are used for."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.cases import Role
from bot.domain.messages import LARGEST_NUMBER
from bot.services import kiosks, knowledge_base, outbox
from bot.storage.tables import Kiosk
from bot.texts import kiosk as words

MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class KioskOffice:
    """The handlers; every officer sees the kiosks, supervisors and admins enrol and revoke them."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/kios", self.list),
            Page("/konsol/kios", self.add, Role.SUPERVISOR, method="POST"),
            Page("/konsol/kios/{number:int}/kode", self.make_code, Role.SUPERVISOR, method="POST"),
            Page("/konsol/kios/{number:int}/cabut", self.revoke, Role.SUPERVISOR, method="POST"),
        )

    async def list(self, visit: Visit, *, problem: str = "", code: str = "", coded: Kiosk | None = None) -> Response:
        """All kiosks; a code just made is shown this once."""
        return self.guard.show(
            visit,
            "kios.html",
            status_code=422 if problem else 200,
            seen=await kiosks.overview(visit.session, now=visit.now),
            newest_content=await knowledge_base.content_version(visit.session),
            may_change=visit.may(Role.SUPERVISOR),
            problem=problem,
            code=code,
            coded=coded,
            code_days=kiosks.CODE_LASTS.days,
            address=f"{self.app.settings.web_address}/kios",
            typed=visit.fields,
            zone=ZoneInfo(self.app.settings.time_zone),
        )

    async def add(self, visit: Visit) -> Response:
        """A new kiosk, and the code for its device."""
        name, district = (visit.fields.get(field, "").strip() for field in ("nama", "wilayah"))
        if not 1 <= len(name) <= MAX_NAME:
            return await self.list(visit, problem=words.BAD_NAME)
        if not 1 <= len(district) <= MAX_NAME:
            return await self.list(visit, problem=words.BAD_DISTRICT)
        await kiosks.add(visit.session, visit.officer, name, district, now=visit.now)
        return _to_list()

    async def make_code(self, visit: Visit) -> Response:
        """A code that is shown once and works once."""
        kiosk = await self._kiosk(visit)
        code = await kiosks.make_code(visit.session, visit.officer, kiosk, now=visit.now)
        return await self.list(visit, code=code, coded=kiosk)

    async def revoke(self, visit: Visit) -> Response:
        """The device is out at once."""
        await kiosks.revoke(visit.session, visit.officer, await self._kiosk(visit), desk=self.app.desk(), now=visit.now)
        await outbox.announce(visit.session)
        return _to_list()

    async def _kiosk(self, visit: Visit) -> Kiosk:
        number = visit.request.path_params["number"]
        kiosk = await kiosks.by_id(visit.session, number) if number <= LARGEST_NUMBER else None
        if kiosk is None:
            raise HTTPException(404)
        return kiosk


def _to_list() -> Response:
    return RedirectResponse("/konsol/kios", status_code=303, headers=NO_STORE)
