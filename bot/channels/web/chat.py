"""The chat in the browser: its page, what comes in, and the stream of what goes out."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.templating import Jinja2Templates

from bot.app import App
from bot.channels.web import files, incoming, render
from bot.channels.web.auth import Cookies, is_same_origin, new_chat_id
from bot.channels.web.bell import Bell
from bot.channels.web.body import read_fields, read_form
from bot.channels.web.errors import wants_json
from bot.channels.web.files import ACCEPTED, MAX_FILE_BYTES
from bot.channels.web.pace import Pace
from bot.channels.web.render import Bubble, OwnWords
from bot.domain.messages import Incoming, Kind
from bot.services import attachments, conversation
from bot.services.conversation import Told

Turn = Callable[[App, Incoming], Awaitable[None]]

MAX_BODY_BYTES = 32 * 1024
SHOWN_MESSAGES = 40
HEARTBEAT_S = 15.0
LONGEST_POLL_S = 20.0
FILE_LOOKS, FILE_LOOK_S = 10, 0.5
"""How often and after what pause a file that is still fetched is looked for."""
REPLY_WITHIN_S = 4.0
"""Longer than Silvi waits for the rest of a message written in pieces."""

WORDS_COOKIE = "silvi_ucapan"
KEPT_WORDS = 8
KEPT_CHARACTERS = 240
COOKIE_CHARACTERS = 3_000
"""Browsers drop a cookie over 4,096 bytes."""

NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class ChatPages:
    """The handlers of the chat; `take_turn` is the one call into the dialogue."""

    app: App
    take_turn: Turn
    templates: Jinja2Templates
    cookies: Cookies
    bell: Bell
    pace: Pace

    async def page(self, request: Request) -> Response:
        """The conversation so far. A new visitor gets a cookie first; the greeting comes once that cookie returns."""
        chat_id = self.cookies.chat_id(request)
        if chat_id is None:
            response = self._show(request, [], [], cookies_refused="mulai" in request.query_params)
            self.cookies.set_chat(request, response, new_chat_id())
            self.cookies.clear(response, WORDS_COOKIE)
            return response
        told = await self._told(chat_id)
        if not told:
            await self.take_turn(self.app, incoming.start(chat_id, now=_now()))
            told = await self._told(chat_id)
        response = self._show(request, told, self._own_words(request))
        self.cookies.set_chat(request, response, chat_id)
        await self._mark_shown(told)
        return response

    async def message(self, request: Request) -> Response:
        """One message, command or pressed button is one turn; its replies come through the outbox."""
        chat_id = self._chat_of_post(request)
        fields = await read_fields(request, MAX_BODY_BYTES)
        update = incoming.read(chat_id, fields, now=_now())
        if wait_s := self.pace.wait_s(chat_id):
            raise _too_fast(wait_s)
        return await self._take(request, chat_id, update, fields.get("teks", ""))

    async def file(self, request: Request) -> Response:
        """A picture or PDF, with words or without, is one turn."""
        chat_id = self._chat_of_post(request)
        if wait_s := self.pace.wait_s(chat_id):
            raise _too_fast(wait_s)
        fields, upload = await read_form(request, MAX_FILE_BYTES + MAX_BODY_BYTES)
        # Pillow looks at every byte of a picture.
        checked = await asyncio.to_thread(files.checked, upload.filename, await upload.read())
        update = incoming.sent(chat_id, fields, checked, now=_now())
        shown = "\n".join(part for part in (f"📎 {checked.name}", update.text) if part)
        return await self._take(request, chat_id, update, shown)

    async def _take(self, request: Request, chat_id: str, update: Incoming, shown: str) -> Response:
        """Take the turn; a page without script gets its replies with the next page."""
        told = await self._told(chat_id)
        if wants_json(request):
            await self.take_turn(self.app, update)
            response = JSONResponse({"diterima": True}, headers=NO_STORE)
        else:
            await self._turn_and_reply(chat_id, update)
            response = _to_chat("#terbaru")
        self._remember_words(request, response, update, told, shown)
        return response

    async def attachment(self, request: Request) -> Response:
        """The file of one message, for the browser to which it was told and for no other."""
        chat_id = self._chat_of_get(request)
        async with self.app.db.transaction() as session:
            media = await conversation.media_told(session, incoming.chat_ref(chat_id), request.path_params["number"])
        if media is None or media.attachment_id is None:
            raise HTTPException(404)
        content = await self._content(media.attachment_id)
        return Response(content, headers=files.headers_for(media))

    async def _content(self, attachment_id: int) -> bytes:
        """The content, which may be on its way from Telegram; raises HTTPException 404 or 425 (not there yet)."""
        for is_last in (*[False] * FILE_LOOKS, True):
            async with self.app.db.transaction() as session:
                content = await attachments.content_of(session, attachment_id)
                if content is not None:
                    return content
                if not await attachments.is_still_fetched(session, attachment_id):
                    raise HTTPException(404)
            if not is_last:
                await asyncio.sleep(FILE_LOOK_S)
        raise HTTPException(425)

    async def start_over(self, request: Request) -> Response:
        """A new, empty chat: on a shared phone the next person sees nothing of this one."""
        self._chat_of_post(request)
        response = _to_chat()
        self.cookies.set_chat(request, response, new_chat_id())
        self.cookies.clear(response, WORDS_COOKIE)
        return response

    async def stream(self, request: Request) -> Response:
        """Server-sent events: each reply with its id; a browser that comes back goes on behind the last one it saw."""
        chat_id = self._chat_of_get(request)
        last_id = _last_id(request.headers.get("last-event-id") or request.query_params.get("sejak", ""))
        return StreamingResponse(
            self._events(chat_id, last_id),
            media_type="text/event-stream",
            headers={**NO_STORE, "X-Accel-Buffering": "no"},
        )

    async def history(self, request: Request) -> Response:
        """What came behind `sejak`, at once or as soon as there is something; for browsers without event streams."""
        chat_id = self._chat_of_get(request)
        last_id = _last_id(request.query_params.get("sejak", ""))
        wait_s = min(_last_id(request.query_params.get("tunggu", "")), LONGEST_POLL_S)
        async with self.bell.page(chat_id) as news:
            told = await self._told(chat_id, last_id)
            if not told and wait_s and not self.bell.is_closing:
                await _wait(news, wait_s)
                told = await self._told(chat_id, last_id)
        await self._mark_shown(told)
        return JSONResponse({"pesan": [self._as_event(item) for item in told]}, headers=NO_STORE)

    async def _turn_and_reply(self, chat_id: str, update: Incoming) -> None:
        """A turn for a page without script: its reply, which may come after the turn, is there at the next load."""
        async with self.bell.page(chat_id) as news:
            await self.take_turn(self.app, update)
            if not any(item.is_new for item in await self._told(chat_id)):
                await _wait(news, REPLY_WITHIN_S)

    async def _events(self, chat_id: str, last_id: int) -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        async with self.bell.page(chat_id) as news:
            while not self.bell.is_closing:
                news.clear()
                told = await self._told(chat_id, last_id)
                for item in told:
                    last_id = max(last_id, item.id)
                    yield f"id: {last_id}\nevent: balasan\ndata: {json.dumps(self._as_event(item))}\n\n"
                await self._mark_shown(told)
                if not await _wait(news, HEARTBEAT_S):
                    yield ": masih di sini\n\n"

    async def _told(self, chat_id: str, last_id: int = 0) -> list[Told]:
        async with self.app.db.transaction() as session:
            return await conversation.told_after(
                session, incoming.chat_ref(chat_id), last_id, limit=SHOWN_MESSAGES, now=_now()
            )

    async def _mark_shown(self, told: Sequence[Told]) -> None:
        if ids := [item.id for item in told if item.is_new]:
            async with self.app.db.transaction() as session:
                await conversation.mark_shown(session, ids, now=_now())

    def _chat_of_get(self, request: Request) -> str:
        chat_id = self.cookies.chat_id(request)
        if chat_id is None:
            raise HTTPException(401)
        return chat_id

    def _chat_of_post(self, request: Request) -> str:
        if not is_same_origin(request, self.app.settings.web_public_url):
            raise HTTPException(403)
        return self._chat_of_get(request)

    def _show(
        self, request: Request, told: Sequence[Told], own: Sequence[OwnWords], *, cookies_refused: bool = False
    ) -> Response:
        context = {
            "bubbles": render.conversation(told, own),
            "last_id": max((item.id for item in told), default=0),
            "notice": render.latest_notice(told),
            "is_new": not told,
            "cookies_refused": cookies_refused,
            "start_number": incoming.START_NUMBER,
            "max_text": incoming.MAX_TEXT,
            "accepted_files": ACCEPTED,
            "new_number": _new_number,
        }
        return self.templates.TemplateResponse(request, "obrolan.html", context, headers=NO_STORE)

    def _as_event(self, item: Told) -> dict:
        """A reply as the page's script takes it; the markup comes from the same template as the page's own."""
        if render.is_notice(item.reply):
            return {"id": item.id, "catatan": item.reply.footer}
        bubble = Bubble(item.id, reply=item.reply)
        html = self.templates.get_template("pesan.html").render(bubble=bubble, new_number=_new_number)
        return {"id": item.id, "ganti": item.reply.edits_message_id, "html": html}

    def _own_words(self, request: Request) -> list[OwnWords]:
        kept = self.cookies.read(request, WORDS_COOKIE)
        return [OwnWords(after_id, text) for _, after_id, text in kept] if isinstance(kept, list) else []

    def _remember_words(
        self, request: Request, response: Response, update: Incoming, told: Sequence[Told], typed: str
    ) -> None:
        """Keep the person's own last words in their browser, for the next rendering of the page; Silvi's tables hold
        them masked or not at all."""
        text = render.button_label(told, update.button) if update.kind is Kind.BUTTON else incoming.clean(typed)
        kept = self.cookies.read(request, WORDS_COOKIE)
        words = kept if isinstance(kept, list) else []
        if not text or any(number == update.update_id for number, *_ in words):
            return
        after_id = max((item.id for item in told), default=0)
        words = [*words, [update.update_id, after_id, _shortened(text)]][-KEPT_WORDS:]
        while len(words) > 1 and self.cookies.length(words) > COOKIE_CHARACTERS:
            words = words[1:]
        self.cookies.write(request, response, WORDS_COOKIE, words)


def _too_fast(wait_s: float) -> HTTPException:
    return HTTPException(429, headers={"Retry-After": str(round(wait_s + 0.5))})


def _now() -> datetime:
    return datetime.now(UTC)


def _new_number() -> int:
    return secrets.randbelow(incoming.MAX_NUMBER - 2) + 2


def _to_chat(place: str = "") -> Response:
    return RedirectResponse(f"/{place}", status_code=303, headers=NO_STORE)


def _shortened(text: str) -> str:
    return text if len(text) <= KEPT_CHARACTERS else f"{text[:KEPT_CHARACTERS].rstrip()} …"


def _last_id(value: str) -> int:
    """A number from an address or header; anything else counts as 0."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0


async def _wait(event: asyncio.Event, timeout_s: float) -> bool:
    """True when the event came, False when the time was over."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
