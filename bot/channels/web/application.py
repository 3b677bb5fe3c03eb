"""The web pages: the one list of routes."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import Scope

from bot.app import App
from bot.channels.web import render
from bot.channels.web.auth import Cookies
from bot.channels.web.bell import Bell
from bot.channels.web.chat import ChatPages, Turn
from bot.channels.web.console.broadcasts import BroadcastPages
from bot.channels.web.console.cases import CasePages
from bot.channels.web.console.content import ContentPages
from bot.channels.web.console.duties import DutyPages
from bot.channels.web.console.editing import EditPages
from bot.channels.web.console.entrance import Entrance
from bot.channels.web.console.entry_files import FilePages
from bot.channels.web.console.figures import FigurePages
from bot.channels.web.console.gaps import Board, GapPages
from bot.channels.web.console.guard import Guard, Page
from bot.channels.web.console.kiosks import KioskOffice
from bot.channels.web.console.office_figures import OfficeFigurePages
from bot.channels.web.console.pages import OfficePages
from bot.channels.web.console.partners import PartnerPages
from bot.channels.web.console.programmes import ProgrammePages
from bot.channels.web.console.recruiters import RecruiterPages
from bot.channels.web.console.registry import RegistryPages
from bot.channels.web.errors import ErrorPages, Shell
from bot.channels.web.handover import HandoverPages
from bot.channels.web.health import Health
from bot.channels.web.kiosk import KioskPages
from bot.channels.web.kiosk_content import KioskContent
from bot.channels.web.metrics import Metrics
from bot.channels.web.pace import Pace
from bot.dialogue.turn import turn
from bot.domain.messages import Channel
from bot.secret_key import secret_keys
from bot.texts.formats import brief, moment
from bot.texts.kiosk import at_kiosk
from knowledge.office import long_date

HERE = Path(__file__).parent


def build(app: App, *, take_turn: Turn = turn) -> Starlette:
    """The web application of `app`; nothing is opened before its lifespan begins."""
    templates = _templates()
    bell = Bell(app)
    pages = ErrorPages(app, templates)
    health = Health(app, is_closing=lambda: bell.is_closing)
    cookies = Cookies(secret_keys(app.settings), app.settings.web_public_url)
    guard = Guard(app, cookies, templates)
    entrance = Entrance(app, cookies, templates, Pace(burst=10, every_s=6.0))
    console = (
        Page("/konsol/keluar", entrance.leave, method="POST"),
        *OfficePages(app, guard).pages(),
        *CasePages(app, guard).pages(),
        *DutyPages(app, guard).pages(),
        *FilePages(app, guard).pages(),
        *EditPages(app, guard).pages(),
        *ContentPages(app, guard).pages(),
        *FigurePages(app, guard).pages(),
        *OfficeFigurePages(app, guard).pages(),
        *BroadcastPages(app, guard).pages(),
        *ProgrammePages(app, guard).pages(),
        *PartnerPages(app, guard).pages(),
        *GapPages(app, guard, Board(app)).pages(),
        *RecruiterPages(app, guard).pages(),
        *RegistryPages(app, guard).pages(),
        *KioskOffice(app, guard).pages(),
    )
    chat = ChatPages(
        app=app,
        take_turn=take_turn,
        templates=templates,
        cookies=cookies,
        bell=bell,
        pace=Pace(),
    )
    kiosk_bell = Bell(app, Channel.KIOSK)
    kiosk = KioskPages(
        app=app,
        take_turn=take_turn,
        templates=templates,
        cookies=cookies,
        bell=kiosk_bell,
        content=KioskContent(app, templates),
        pace=Pace(),
        code_pace=Pace(burst=10, every_s=6.0),
    )
    phone = HandoverPages(app, take_turn, templates, cookies, Pace(burst=10, every_s=6.0))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with bell.running(), kiosk_bell.running():
            yield

    def close_pages() -> None:
        bell.close()
        kiosk_bell.close()

    site = Starlette(
        routes=[
            Route("/", chat.page),
            Route("/obrolan", _to_start),
            Route("/obrolan/pesan", chat.message, methods=["POST"]),
            Route("/obrolan/berkas", chat.file, methods=["POST"]),
            Route("/obrolan/lampiran/{number:int}", chat.attachment),
            Route("/obrolan/baru", chat.start_over, methods=["POST"]),
            Route("/obrolan/aliran", chat.stream),
            Route("/obrolan/riwayat", chat.history),
            Route("/lanjut", phone.page),
            Route("/lanjut", phone.take_over, methods=["POST"]),
            *kiosk.routes(),
            Route("/konsol/masuk", entrance.page),
            Route("/konsol/masuk", entrance.enter, methods=["POST"]),
            *(guard.route(page) for page in console),
            Route("/health", health.report),
            Route("/ready", health.ready),
            Route("/metrics", Metrics(app).page),
            Route("/favicon.ico", _icon),
            Mount("/static", _Static(directory=HERE / "static")),
        ],
        middleware=[Middleware(Shell, pages=pages)],
        exception_handlers={HTTPException: pages.on_http_error},
        lifespan=lifespan,
    )
    site.state.close_pages = close_pages
    return site


async def _to_start(request: Request) -> RedirectResponse:
    return RedirectResponse("/")


async def _icon(request: Request) -> RedirectResponse:
    return RedirectResponse(_static_address("silvi.svg"))


def _templates() -> Jinja2Templates:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals["static"] = _static_address
    environment.filters["mark"] = _mark
    environment.filters["blocks"] = render.blocks
    environment.filters["at_kiosk"] = at_kiosk
    environment.filters["moment"] = moment
    environment.filters["brief"] = brief
    environment.filters["long_date"] = long_date
    environment.filters["attached"] = render.attached
    return Jinja2Templates(env=environment)


def _static_address(name: str) -> str:
    """The address of a static file with its content's mark: a browser may keep it until the content changes."""
    return f"/static/{name}?v={_mark(name)}"


def _mark(name: str) -> str:
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]


class _Static(StaticFiles):
    """Files of the pages: kept for a year when asked for with their content's mark, otherwise for five minutes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        is_marked = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if is_marked else "public, max-age=300"
        )
        return response
