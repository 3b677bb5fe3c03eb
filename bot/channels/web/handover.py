"""The page a phone opens from a kiosk's QR code where there is no Telegram: one press, and the web chat goes on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bot.app import App
from bot.channels.web import incoming
from bot.channels.web.auth import Cookies, is_same_origin, new_chat_id
from bot.channels.web.body import read_fields
from bot.channels.web.chat import NO_STORE, Turn
from bot.channels.web.pace import Pace

MAX_FORM_BYTES = 4096
MAX_KEY = 100


@dataclass(frozen=True, slots=True)
class HandoverPages:
    """The link is used by a press, not by being opened: previews open links too."""

    app: App
    take_turn: Turn
    templates: Jinja2Templates
    cookies: Cookies
    pace: Pace

    async def page(self, request: Request) -> Response:
        """What the press will do."""
        context = {"key": request.query_params.get("k", "")[:MAX_KEY]}
        return self.templates.TemplateResponse(request, "kios/lanjut.html", context, headers=NO_STORE)

    async def take_over(self, request: Request) -> Response:
        """The chat of this browser, or a new one, goes on with what the link carries."""
        if not is_same_origin(request, self.app.settings.web_public_url):
            raise HTTPException(403)
        if wait_s := self.pace.wait_s(request.client.host if request.client else ""):
            raise HTTPException(429, headers={"Retry-After": str(round(wait_s + 0.5))})
        key = (await read_fields(request, MAX_FORM_BYTES)).get("k", "")[:MAX_KEY]
        chat_id = self.cookies.chat_id(request) or new_chat_id()
        number = secrets.randbelow(incoming.MAX_NUMBER - 2) + 2
        await self.take_turn(self.app, incoming.taking_over(chat_id, key, number, now=datetime.now(UTC)))
        response = RedirectResponse("/", status_code=303, headers=NO_STORE)
        self.cookies.set_chat(request, response, chat_id)
        return response
