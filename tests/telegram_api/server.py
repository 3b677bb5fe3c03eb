"""The local Bot API server: as much of Telegram as Silvi uses, with Telegram's manners."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.telegram_api.account import Account, ApiError, Fault, Upload, parsed

HANG_S = 60.0
WEBHOOK_PAUSE_S = 0.2
CONTROLLED = (
    "person_says",
    "person_edits",
    "presses",
    "blocks",
    "unblocks",
    "migrates",
    "push",
    "fault",
    "flood_limits",
    "delivered_since",
)


class TelegramApi:
    """Serves any number of bots from a thread of its own; each test takes a bot of its own."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self._ids = count(7_000_001)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed: asyncio.Event | None = None
        self.port = 0
        self.hang_s = HANG_S

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def new_bot(self, token: str | None = None) -> Account:
        account = Account(token or f"{next(self._ids)}:uji")
        account.on_update.append(self._wake)
        self.accounts[account.token] = account
        return account

    @contextlib.contextmanager
    def running(self, port: int = 0) -> Iterator[TelegramApi]:
        """Serve from a thread on a loopback port (0 takes a free one)."""
        listener = socket.create_server(("127.0.0.1", port))
        self.port = listener.getsockname()[1]
        server = uvicorn.Server(self.config())
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield self
        finally:
            server.should_exit = server.force_exit = True
            thread.join(5)

    def config(self, port: int = 0) -> uvicorn.Config:
        return uvicorn.Config(
            self.application(),
            host="127.0.0.1",
            port=port,
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=1,
        )

    def application(self) -> Starlette:
        any_method = ["GET", "POST"]
        return Starlette(
            lifespan=self._lifespan,
            routes=[
                Route("/bot{token}/{method}", self._call, methods=any_method),
                Route("/file/bot{token}/files/{name}", self._download),
                Route("/control/{token}/{name}", self._control, methods=["POST"]),
            ],
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self._loop, self._changed = asyncio.get_running_loop(), asyncio.Event()
        posting = asyncio.create_task(self._post_to_webhooks())
        yield
        posting.cancel()

    def _wake(self) -> None:
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._change)

    def _change(self) -> None:
        """Let everybody who waits look again."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _happens(self, within_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), within_s)

    async def _call(self, request: Request) -> Response:
        account = self.accounts.get(request.path_params["token"])
        if account is None:
            return _refusal(ApiError(401, "Unauthorized"))
        method = request.path_params["method"]
        fault = account.take_fault(method)
        if fault is Fault.ERROR_500:
            return _refusal(ApiError(500, "Internal Server Error"))
        if fault is Fault.ERROR_502:
            return Response("<html><h1>502 Bad Gateway</h1></html>", status_code=502, media_type="text/html")
        if fault is Fault.ERROR_429:
            return _refusal(ApiError(429, "Too Many Requests: retry after 1", retry_after=1))
        if fault is Fault.HANG:
            await asyncio.sleep(self.hang_s)
        if fault is Fault.CUT_BEFORE:
            return CutResponse()
        try:
            parameters = parsed(await _fields(request))
            if method == "getUpdates":
                result = await self._get_updates(account, parameters)
            else:
                result = account.call(method, parameters)
                if fault:
                    account.left_unsure[int(parameters.get("chat_id", 0))] += 1
                self._change()
        except ApiError as error:
            return _refusal(error)
        return CutResponse() if fault is Fault.CUT_AFTER else AsciiResponse({"ok": True, "result": result})

    async def _get_updates(self, account: Account, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        number = account.begin_poll(parameters)
        self._change()
        deadline = time.monotonic() + float(parameters.get("timeout", 0))
        while True:
            updates = account.poll(number, parameters)
            remaining = deadline - time.monotonic()
            if updates or remaining <= 0:
                return updates
            await self._happens(remaining)

    async def _post_to_webhooks(self) -> None:
        """Post each update to the hook until it says 2xx, in the order they came."""
        async with httpx.AsyncClient(timeout=10.0) as client:
            while True:
                refused = False
                for account in list(self.accounts.values()):
                    hook = account.webhook
                    if not hook["url"]:
                        continue
                    for update in list(account.queue):
                        if await _accepts(client, hook, update):
                            account.acknowledge(update["update_id"])
                        else:
                            refused = True
                await self._happens(WEBHOOK_PAUSE_S if refused else 1.0)

    async def _download(self, request: Request) -> Response:
        account = self.accounts.get(request.path_params["token"])
        fault = account and account.take_fault("download")
        if fault:
            return Response(status_code=502)
        name = request.path_params["name"]
        file = account and account.files.get(name)
        return Response(file.content) if file and name not in account.lost else Response(status_code=404)

    async def _control(self, request: Request) -> Response:
        """For tests in another process: call a helper of an account, which is made when first named."""
        token, name = request.path_params["token"], request.path_params["name"]
        if name not in CONTROLLED:
            return Response(status_code=404)
        account = self.accounts.get(token) or self.new_bot(token)
        arguments = json.loads(await request.body() or b"{}")
        return JSONResponse(getattr(account, name)(**arguments))


class AsciiResponse(JSONResponse):
    """Escapes as Telegram does, so that half an emoji can be sent too."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content).encode()


class CutResponse(Response):
    """Breaks the connection in the middle of an answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


async def _fields(request: Request) -> dict[str, str | Upload]:
    fields = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        return {**fields, **await request.json()}
    form = await request.form()
    for name, value in form.items():
        fields[name] = value if isinstance(value, str) else Upload(value.filename, await value.read())
    return fields


async def _accepts(client: httpx.AsyncClient, hook: dict[str, str], update: dict[str, Any]) -> bool:
    try:
        answer = await client.post(
            hook["url"],
            content=json.dumps(update),
            headers={
                "Content-Type": "application/json",
                "X-Telegram-Bot-Api-Secret-Token": hook["secret_token"],
            },
        )
    except httpx.HTTPError:
        return False
    return answer.is_success


def _refusal(error: ApiError) -> JSONResponse:
    body = {"ok": False, "error_code": error.status, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return JSONResponse(body, status_code=error.status)
