"""Failures of a web request: a kind page under a number that stands in the log as well."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.app import App
from bot.texts import danger

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sorry:
    """What a person is told about a failed request."""

    title: str
    body: str


SORRY = {
    400: Sorry("Permintaan ini tidak bisa dibaca", "Coba buka lagi halaman obrolan, lalu kirim ulang pesannya."),
    401: Sorry("Obrolan ini sudah berakhir", "Buka lagi halaman obrolan untuk memulai yang baru."),
    403: Sorry("Permintaan ini ditolak", "Demi keamanan, pesan hanya diterima dari halaman Silvi sendiri."),
    404: Sorry(
        "Halaman tidak ditemukan", "Alamatnya mungkin salah ketik. Silvi tetap siap membantu di halaman obrolan."
    ),
    405: Sorry("Permintaan ini tidak bisa dipakai", "Buka halaman obrolan untuk bertanya kepada Silvi."),
    413: Sorry(
        "Kirimannya terlalu besar", "Tulisan paling banyak 4.000 huruf sekali kirim, foto atau PDF paling besar 8 MB."
    ),
    415: Sorry("Berkas ini belum bisa dikirim", "Yang bisa dikirim: foto (JPG, PNG, WEBP) atau PDF."),
    422: Sorry("Kirimannya masih kosong", "Tulis dulu pertanyaan Anda, atau pilih berkasnya, lalu tekan Kirim."),
    425: Sorry("Berkasnya sedang disiapkan", "Tunggu sebentar, lalu buka lagi."),
    429: Sorry("Pelan-pelan, ya", "Pesan Anda datang terlalu cepat. Tunggu sebentar, lalu kirim lagi."),
    500: Sorry("Maaf, ada gangguan di sisi Silvi", "Pesan Anda belum diproses. Coba kirim lagi sebentar lagi."),
}


def incident_number() -> str:
    """A short number a person can read to an officer, who finds it in the log."""
    return f"W-{secrets.token_hex(4).upper()}"


def wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


class ErrorPages:
    """Answers every failed request: a page for people, JSON for the page's own script."""

    def __init__(self, app: App, templates: Jinja2Templates) -> None:
        self._app = app
        self._templates = templates

    async def on_http_error(self, request: Request, error: HTTPException) -> Response:
        """A request Silvi refuses."""
        number = incident_number()
        logger.warning("%s: %s %s -> %s", number, request.method, request.url.path, error.status_code)
        return self.answer(request, error.status_code, number, headers=dict(error.headers or {}))

    def answer(self, request: Request, status: int, number: str, headers: dict[str, str] | None = None) -> Response:
        sorry = SORRY.get(status, SORRY[500 if status >= 500 else 400])
        headers = {"Cache-Control": "no-store", **(headers or {})}
        urgent = danger.while_broken(self._app.office()) if status >= 500 else ""
        if wants_json(request):
            content = {"judul": sorry.title, "pesan": sorry.body, "nomor": number, "darurat": urgent}
            return JSONResponse(content, status_code=status, headers=headers)
        context = {"sorry": sorry, "number": number, "urgent": urgent}
        return self._templates.TemplateResponse(request, "galat.html", context, status_code=status, headers=headers)


SECURITY_HEADERS = {
    b"content-security-policy": b"default-src 'self'; object-src 'none'; base-uri 'none'; "
    b"form-action 'self'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    # Not no-referrer: with that our own forms are posted with "Origin: null", which the same-origin check refuses.
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    b"cross-origin-opener-policy": b"same-origin",
}


class Shell:
    """Around every request: security headers on the answer, and a kind page where our own code failed."""

    def __init__(self, app: ASGIApp, pages: ErrorPages) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def guarded_send(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS.items()]
            await send(message)

        try:
            await self._app(scope, receive, guarded_send)
        except Exception:
            number = incident_number()
            logger.exception("%s: %s %s failed", number, scope["method"], scope["path"])
            if has_begun:
                raise
            response = self._pages.answer(Request(scope), 500, number)
            await response(scope, receive, guarded_send)
