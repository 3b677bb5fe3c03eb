"""Who may see which page of the console: session, role and the origin of a form are checked before any page is made."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeSerializer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from bot.app import App
from bot.channels.web.auth import Cookies, is_same_origin
from bot.channels.web.body import read_fields, read_form
from bot.channels.web.files import safe_name
from bot.channels.web.pace import Pace
from bot.dialogue.drawing import Drawn, with_drawings
from bot.domain.cases import Role
from bot.domain.messages import LARGEST_NUMBER
from bot.secret_key import secret_keys
from bot.services import audit, console_uploads, sign_in
from bot.services.console_uploads import UploadOf
from bot.services.sign_in import SignedIn
from bot.storage.database import Session
from bot.storage.tables import Officer
from bot.texts import console as words

logger = logging.getLogger(__name__)

MAX_FORM_BYTES = 256 * 1024
NO_STORE = {"Cache-Control": "no-store"}
ROLES = (Role.OFFICER, Role.SUPERVISOR, Role.ADMIN)
"""Each may do what those before it may."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The file of a form, with a name that can do no harm."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """The form of a request, read once however often its transaction is begun again."""

    fields: dict[str, str] = field(default_factory=dict)
    file: Upload | None = None
    read: object = None
    """What the page's `reader` made of the file."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of an officer who is signed in and may see the page; `fields` is the form of a POST."""

    request: Request
    session: Session
    officer: Officer
    session_id: int
    csrf: str
    fields: dict[str, str]
    now: datetime
    drawn: Drawn
    file: Upload | None = None
    """Of a form that carries one."""
    read: object = None
    """What the page's `reader` made of it."""

    def asked(self, name: str, length: int) -> str:
        """What the address asks for under `name`; the database takes no zero characters."""
        return self.request.query_params.get(name, "").replace("\x00", "").strip()[:length]

    def may(self, role: Role) -> bool:
        return may(self.officer, role)


Handler = Callable[[Visit], Awaitable[Response]]
Reader = Callable[[Upload], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Page:
    """One address of the console, and the least role that may open it."""

    path: str
    handler: Handler
    role: Role = Role.OFFICER
    method: str = "GET"
    file_bytes: int = 0
    """The largest file its form may carry; 0 for a form without one."""
    reader: Reader | None = None
    """Reads that file, or the kept one, before the transaction of the handler begins."""
    kept: UploadOf | None = None
    """What the file is of that waits for its officer under the `number` of the address."""

    @property
    def looks_first(self) -> bool:
        """Whether something is read before the page's own transaction, so that who asks is found out twice."""
        return self.method == "POST" or self.kept is not None


def may(officer: Officer, role: Role) -> bool:
    return ROLES.index(Role(officer.role)) >= ROLES.index(role)


class Guard:
    """Makes routes of pages: the transaction of the request is the page's, and begins with the question who asks."""

    def __init__(self, app: App, cookies: Cookies, templates: Jinja2Templates) -> None:
        self._app = app
        self._cookies = cookies
        self._templates = templates
        self._forms = URLSafeSerializer(list(reversed(secret_keys(app.settings))), salt="console form")
        self._pace = Pace(burst=60, every_s=0.5)

    def route(self, page: Page) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._answer(request, page)

        return Route(page.path, endpoint, methods=[page.method])

    async def _answer(self, request: Request, page: Page) -> Response:
        """What is sent is read before the page's own transaction begins, however long that takes."""
        now, token, sent, new_token = datetime.now(UTC), self._cookies.console_token(request), Sent(), None
        if page.looks_first:
            async with self._app.db.transaction() as session:
                known = await self._known(session, token, now)
                is_allowed = known is not None and may(known.officer, page.role)
                waiting = await _waiting(session, known.officer, request, page) if is_allowed and page.kept else None
            if known is None:
                return _to_sign_in(page)
            new_token = known.new_token
            if is_allowed:
                fields, file = (
                    await self._form(request, known.session_id, page) if page.method == "POST" else ({}, None)
                )
                of_use = waiting or file
                sent = Sent(fields, file, await page.reader(of_use) if page.reader and of_use else None)
        response = await with_drawings(lambda drawn: self._one_visit(request, page, sent, drawn, now))
        if new_token:
            self._cookies.set_console(request, response, new_token)
        return response

    async def _known(self, session: Session, token: str | None, now: datetime) -> SignedIn | None:
        """Who asks; raises HTTPException(429) for one who asks too fast."""
        known = await sign_in.who(session, token, now=now) if token else None
        if known and (wait_s := self._pace.wait_s(str(known.session_id))):
            raise HTTPException(429, headers={"Retry-After": str(round(wait_s + 0.5))})
        return known

    async def _one_visit(self, request: Request, page: Page, sent: Sent, drawn: Drawn, now: datetime) -> Response:
        token = self._cookies.console_token(request)
        async with self._app.db.transaction() as session:
            if page.looks_first:
                known = await sign_in.who(session, token, now=now)
            else:
                known = await self._known(session, token, now)
            if known is None:
                return _to_sign_in(page)
            csrf = self._forms.dumps(known.session_id)
            visit = Visit(
                request,
                session,
                known.officer,
                known.session_id,
                csrf,
                sent.fields,
                now,
                drawn,
                sent.file,
                sent.read,
            )
            response = await page.handler(visit) if visit.may(page.role) else self.refuse(visit, words.ROLES[page.role])
        if known.new_token:
            self._cookies.set_console(request, response, known.new_token)
        return response

    async def _form(self, request: Request, session_id: int, page: Page) -> tuple[dict[str, str], Upload | None]:
        """Fields and file of a form that this session's own page has sent; raises HTTPException(403)."""
        if not is_same_origin(request, self._app.settings.web_public_url):
            raise HTTPException(403)
        file = None
        if page.file_bytes:
            fields, sent = await read_form(request, page.file_bytes + MAX_FORM_BYTES)
            file = Upload(safe_name(sent.filename or ""), await sent.read())
        else:
            fields = await read_fields(request, MAX_FORM_BYTES)
        try:
            is_ours = self._forms.loads(fields.get("csrf", "")) == session_id
        except BadData:
            is_ours = False
        if not is_ours:
            raise HTTPException(403)
        return {name: value.replace("\x00", "") for name, value in fields.items()}, file

    def refuse(self, visit: Visit, needed: str) -> Response:
        """A page that says for whom this is; that somebody else tried is written down."""
        logger.warning("officer %s (%s) was refused %s", visit.officer.id, visit.officer.role, visit.request.url.path)
        audit.record(
            visit.session,
            visit.officer,
            "konsol:ditolak",
            f"{visit.request.method} {visit.request.url.path}",
            now=visit.now,
        )
        return self.show(visit, "ditolak.html", status_code=403, needed=needed)

    def show(self, visit: Visit, template: str, *, status_code: int = 200, **context: object) -> Response:
        """A page of the console with what every one of them needs."""
        shared = {
            "officer": visit.officer,
            "role_name": words.ROLES[Role(visit.officer.role)],
            "csrf": visit.csrf,
            "menu": [(path, label) for path, label, role in words.MENU if visit.may(role)],
            "here": visit.request.url.path,
            "now": visit.now,
        }
        return self._templates.TemplateResponse(
            visit.request, f"konsol/{template}", {**shared, **context}, status_code=status_code, headers=NO_STORE
        )


async def _waiting(session: Session, officer: Officer, request: Request, page: Page) -> Upload | None:
    """The file that waits under the number of the address, where it is this officer's."""
    number = min(request.path_params["number"], LARGEST_NUMBER)
    kept = await console_uploads.own(session, officer, page.kept, number)
    return Upload(kept.file_name, kept.content) if kept else None


def _to_sign_in(page: Page) -> Response:
    if page.method != "GET":
        raise HTTPException(401)
    return RedirectResponse("/konsol/masuk", status_code=303, headers=NO_STORE)
