"""The kiosk: a device of the office that many people use one after the other, and that keeps nothing of any of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import segno
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from bot.app import App
from bot.channels.web import incoming, render
from bot.channels.web.auth import Cookies, is_same_origin
from bot.channels.web.bell import Bell
from bot.channels.web.body import read_fields
from bot.channels.web.chat import MAX_BODY_BYTES, SHOWN_MESSAGES, Turn
from bot.channels.web.kiosk_content import KioskContent
from bot.channels.web.pace import Pace
from bot.channels.web.render import Bubble
from bot.dialogue.question import local_date
from bot.domain.messages import Channel, ChatRef
from bot.services import conversation, handovers, kiosks
from bot.services.conversation import Told
from bot.services.kiosks import CodeUnusable, Ending
from bot.storage.database import Session
from bot.storage.tables import Kiosk, KioskVisit
from bot.texts import danger, jobseeker
from bot.texts import kiosk as words

NO_STORE = {"Cache-Control": "no-store"}
LONGEST_POLL_S = 20.0
SCRIPTS = ("kios-cari.js", "kios-diam.js", "kios-suara.js", "kios.js")
STATIC_FILES = ("silvi.css", "kios.css", "silvi.svg", *SCRIPTS)


@dataclass(frozen=True, slots=True)
class Call:
    """A request of an enrolled kiosk, inside its transaction."""

    session: Session
    kiosk: Kiosk
    fields: dict[str, str]
    now: datetime


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class KioskPages:
    """The handlers; a visit's id travels in bodies alone, so that neither device nor log keeps it."""

    app: App
    take_turn: Turn
    templates: Jinja2Templates
    cookies: Cookies
    bell: Bell
    content: KioskContent
    pace: Pace
    code_pace: Pace

    def routes(self) -> list[Route]:
        posts = {"kunjungan": self._begin, "detak": self._alive, "hp": self._to_phone, "selesai": self._end}
        return [
            Route("/kios", self.page),
            Route("/kios/daftar", self.enrolment),
            Route("/kios/daftar", self.enrol, methods=["POST"]),
            Route("/kios/pekerja.js", self.worker),
            Route("/kios/isi.json", self.published),
            Route("/kios/pesan", self.message, methods=["POST"]),
            Route("/kios/balasan", self.replies, methods=["POST"]),
            *(Route(f"/kios/{name}", self._posted(handler), methods=["POST"]) for name, handler in posts.items()),
        ]

    async def page(self, request: Request) -> Response:
        """The same page for everybody, so that it may be kept on the device; a device that is no kiosk is asked for a code."""
        token = self.cookies.kiosk_token(request)
        async with self.app.db.transaction() as session:
            kiosk = await kiosks.of_device(session, token) if token else None
        if kiosk is None:
            return RedirectResponse("/kios/daftar", status_code=303, headers=NO_STORE)
        context = {
            "kiosk": kiosk,
            "scripts": SCRIPTS,
            "hotlines": danger.numbers(self.app.office()),
            "privacy": jobseeker.PRIVACY_NOTICE,
            "max_text": incoming.MAX_TEXT,
        }
        response = self.templates.TemplateResponse(request, "kios/halaman.html", context, headers=NO_STORE)
        self.cookies.set_kiosk(request, response, token)
        return response

    async def enrolment(self, request: Request) -> Response:
        """Where the code from the console is typed; a device that is a kiosk already has no use for it."""
        token = self.cookies.kiosk_token(request)
        async with self.app.db.transaction() as session:
            is_kiosk = token and await kiosks.of_device(session, token)
        return RedirectResponse("/kios", status_code=303, headers=NO_STORE) if is_kiosk else self._enrolment(request)

    async def enrol(self, request: Request) -> Response:
        """The device becomes the kiosk the code was made for."""
        if not is_same_origin(request, self.app.settings.web_public_url):
            raise HTTPException(403)
        _slow_down(self.code_pace, request.client.host if request.client else "")
        code = (await read_fields(request, MAX_BODY_BYTES)).get("kode", "")[:40]
        try:
            async with self.app.db.transaction() as session:
                token = await kiosks.enrol(session, code, desk=self.app.desk(), now=_now())
        except CodeUnusable:
            return self._enrolment(request, is_refused=True)
        response = RedirectResponse("/kios", status_code=303, headers=NO_STORE)
        self.cookies.set_kiosk(request, response, token)
        return response

    async def worker(self, request: Request) -> Response:
        """The service worker: it may serve /kios itself, which lies outside its own folder."""
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/kios"}
        context = {"files": STATIC_FILES}
        return self.templates.TemplateResponse(
            request, "kios/pekerja.js", context, media_type="text/javascript", headers=headers
        )

    async def published(self, request: Request) -> Response:
        """What the device shows and searches without a network."""
        now = _now()
        async with self.app.db.transaction() as session:
            await self._kiosk(request, session)
            packed = await self.content.packed(session, today=local_date(self.app, now))
        headers = {"Cache-Control": "no-cache", "Content-Encoding": "gzip", "ETag": f'"{packed.version}-{packed.day}"'}
        return Response(packed.body, media_type="application/json", headers=headers)

    async def message(self, request: Request) -> Response:
        """One message, command or pressed button is one turn of the same dialogue as everywhere."""
        fields = await self._fields(request)
        async with self.app.db.transaction() as session:
            kiosk = await self._kiosk(request, session)
            await self._visit(session, kiosk, fields)
        update = incoming.read(fields["kunjungan"], fields, now=_now(), channel=Channel.KIOSK)
        _slow_down(self.pace, str(kiosk.id))
        await self.take_turn(self.app, update)
        return _json(diterima=True)

    async def replies(self, request: Request) -> Response:
        """What came behind `sejak`, at once or as soon as there is something."""
        fields = await self._fields(request)
        chat_id, last_id = fields.get("kunjungan", ""), _number(fields.get("sejak", ""))
        async with self.bell.page(chat_id) as news:
            told = await self._told(request, fields, last_id)
            if not told and not self.bell.is_closing:
                try:
                    async with asyncio.timeout(LONGEST_POLL_S):
                        await news.wait()
                except TimeoutError:
                    pass
                told = await self._told(request, fields, last_id)
        return _json(pesan=[self._as_event(item) for item in told])

    async def _begin(self, call: Call) -> Response:
        return _json(kunjungan=await kiosks.begin_visit(call.session, call.kiosk, desk=self.app.desk(), now=call.now))

    async def _alive(self, call: Call) -> Response:
        """The heartbeat; it tells the device whether its content is the newest."""
        kiosks.note_alive(call.kiosk, _number(call.fields.get("versi", "")), now=call.now)
        packed = await self.content.packed(call.session, today=local_date(self.app, call.now))
        return _json(versi=packed.version)

    async def _to_phone(self, call: Call) -> Response:
        """QR codes that take the conversation to the person's own phone."""
        visit = await self._visit(call.session, call.kiosk, call.fields)
        wants_report = bool(call.fields.get("lapor"))
        token = await handovers.make(call.session, visit, wants_report=wants_report, now=call.now)
        ends_at = (call.now + handovers.LASTS).astimezone(ZoneInfo(self.app.settings.time_zone))
        links = [{"nama": name, "svg": _qr(address)} for name, address in self._addresses(token)]
        return _json(tautan=links, sampai=f"{ends_at:%H.%M}")

    async def _end(self, call: Call) -> Response:
        """The person is gone; saying so twice is no mistake."""
        visit = await kiosks.visit_of(call.session, call.kiosk, call.fields.get("kunjungan", ""), now=call.now)
        if visit:
            ending = Ending.IDLE if call.fields.get("karena") == Ending.IDLE else Ending.DONE
            await kiosks.end_visit(call.session, visit, ending, desk=self.app.desk(), now=call.now)
        return _json(selesai=True)

    def _addresses(self, token: str) -> list[tuple[str, str]]:
        """Where the phone goes on: in Telegram where there is a bot, and in the browser where others reach it."""
        settings, start = self.app.settings, f"{handovers.PREFIX}{token}"
        name = self.app.telegram_name
        found = [(words.BY_TELEGRAM, f"https://t.me/{name}?start={start}")] if name else []
        if settings.web_public_url or not found:
            found.append((words.BY_BROWSER, f"{settings.web_address}/lanjut?k={start}"))
        return found

    def _posted(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            fields = await self._fields(request)
            async with self.app.db.transaction() as session:
                kiosk = await self._kiosk(request, session)
                return await handler(Call(session, kiosk, fields, _now()))

        return endpoint

    async def _fields(self, request: Request) -> dict[str, str]:
        if not is_same_origin(request, self.app.settings.web_public_url):
            raise HTTPException(403)
        return await read_fields(request, MAX_BODY_BYTES)

    async def _kiosk(self, request: Request, session: Session) -> Kiosk:
        """The kiosk that asks; raises HTTPException(403) for a device that is none (any more)."""
        token = self.cookies.kiosk_token(request)
        kiosk = await kiosks.of_device(session, token) if token else None
        if kiosk is None:
            raise HTTPException(403)
        return kiosk

    async def _visit(self, session: Session, kiosk: Kiosk, fields: dict[str, str]) -> KioskVisit:
        """The visit that is asked for; raises HTTPException(401) for one that is over."""
        visit = await kiosks.visit_of(session, kiosk, fields.get("kunjungan", ""), now=_now())
        if visit is None:
            raise HTTPException(401)
        return visit

    async def _told(self, request: Request, fields: dict[str, str], last_id: int) -> Sequence[Told]:
        """What is new; asked for by the screen that shows it, so it counts as shown."""
        now = _now()
        async with self.app.db.transaction() as session:
            await self._visit(session, await self._kiosk(request, session), fields)
            ref = ChatRef(Channel.KIOSK, fields["kunjungan"])
            told = await conversation.told_after(session, ref, last_id, limit=SHOWN_MESSAGES, now=now)
            await conversation.mark_shown(session, [item.id for item in told if item.is_new], now=now)
        return told

    def _as_event(self, item: Told) -> dict:
        if render.is_notice(item.reply):
            return {"id": item.id, "catatan": item.reply.footer}
        html = self.templates.get_template("kios/pesan.html").render(bubble=Bubble(item.id, reply=item.reply))
        return {"id": item.id, "ganti": item.reply.edits_message_id, "html": html}

    def _enrolment(self, request: Request, *, is_refused: bool = False) -> Response:
        return self.templates.TemplateResponse(
            request,
            "kios/daftar.html",
            {"is_refused": is_refused},
            status_code=403 if is_refused else 200,
            headers=NO_STORE,
        )


def _qr(address: str) -> str:
    return segno.make(address, error="m", micro=False).svg_inline(
        border=4, svgclass=None, lineclass=None, omitsize=True
    )


def _slow_down(pace: Pace, who: str) -> None:
    if wait_s := pace.wait_s(who):
        raise HTTPException(429, headers={"Retry-After": str(round(wait_s + 0.5))})


def _json(**content: object) -> JSONResponse:
    return JSONResponse(content, headers=NO_STORE)


def _now() -> datetime:
    return datetime.now(UTC)


def _number(value: str) -> int:
    """A number from a body; anything else counts as 0."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0
