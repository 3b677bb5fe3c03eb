"""The door of the console: the page of a one-time link, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bot.app import App
from bot.channels.web.auth import Cookies, is_same_origin
from bot.channels.web.body import read_fields
from bot.channels.web.console.guard import NO_STORE, Visit
from bot.channels.web.pace import Pace
from bot.services import sign_in

MAX_FORM_BYTES = 4096
MAX_KEY = 100


@dataclass(frozen=True, slots=True)
class Entrance:
    """A link is used by a press of a button, not by being opened: previews and scanners open links too."""

    app: App
    cookies: Cookies
    templates: Jinja2Templates
    pace: Pace

    async def page(self, request: Request) -> Response:
        """Without a key it says how to get one."""
        return self._show(request, request.query_params.get("kunci", "")[:MAX_KEY])

    async def enter(self, request: Request) -> Response:
        """Use the link up and begin a session."""
        if not is_same_origin(request, self.app.settings.web_public_url):
            raise HTTPException(403)
        caller = request.client.host if request.client else ""
        if wait_s := self.pace.wait_s(caller):
            raise HTTPException(429, headers={"Retry-After": str(round(wait_s + 0.5))})
        fields = await read_fields(request, MAX_FORM_BYTES)
        device, now = request.headers.get("user-agent", ""), datetime.now(UTC)
        try:
            async with self.app.db.transaction() as session:
                token = await sign_in.open_session(session, fields.get("kunci", ""), device, now=now)
        except sign_in.LinkUnusable:
            return self._show(request, "", is_refused=True)
        response = RedirectResponse("/konsol", status_code=303, headers=NO_STORE)
        self.cookies.set_console(request, response, token)
        return response

    async def leave(self, visit: Visit) -> Response:
        """End this session."""
        await sign_in.revoke(visit.session, visit.officer, visit.session_id, now=visit.now)
        response = RedirectResponse("/konsol/masuk", status_code=303, headers=NO_STORE)
        self.cookies.clear_console(response)
        return response

    def _show(self, request: Request, key: str, *, is_refused: bool = False) -> Response:
        status = 403 if is_refused else 200
        context = {"key": key, "is_refused": is_refused}
        return self.templates.TemplateResponse(
            request, "konsol/masuk.html", context, status_code=status, headers=NO_STORE
        )
