"""How PTB's calls travel: what fails is told by kind and never by address, and nothing is sent twice behind our back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut

from bot.channels.telegram.request import Request

TOKEN = "123456:ini-rahasia"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def hanging(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def closing(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def no_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"what is this\r\n\r\n")


async def refusing(writer: asyncio.StreamWriter) -> None:
    body = b'{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}'
    writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: %d\r\n\r\n" % len(body) + body)


async def moving(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[tuple[str, list[bytes]]]:
    """An address with the token in it, and the heads of the calls that came."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        await answer(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot{TOKEN}/getMe", heads
    finally:
        server.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (hanging, TimedOut),
        (closing, NetworkError),
        (no_http, NetworkError),
        (moving, NetworkError),
        (refusing, BadRequest),
    ],
)
async def test_failed_call_is_made_once_and_tells_no_token(answer: Answer, error: type[TelegramError]) -> None:
    async with serving(answer) as (url, heads), Request(1, connect_s=1.0, read_s=0.2, write_s=0.1) as request:
        with pytest.raises(error) as failed:
            await request.post(url)
    assert len(heads) == 1
    assert TOKEN not in str(failed.value)


async def test_call_beyond_the_connections_waits_its_time_and_no_longer() -> None:
    async with serving(hanging) as (url, heads), Request(1, connect_s=0.1, read_s=2.0, pool_s=0.1) as request:
        first = asyncio.create_task(request.post(url))
        while not heads:
            await asyncio.sleep(0)
        with pytest.raises(TimedOut):
            await request.post(url)
        first.cancel()
    assert len(heads) == 1


async def test_office_proxy_is_used_except_for_the_hosts_it_is_not_for(monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request(1, connect_s=2.0, read_s=2.0)
    async with serving(refusing) as (address, heads), request:
        proxy = address.partition("/bot")[0]
        monkeypatch.setenv("http_proxy", proxy.replace("//", "//kantor:sandi@"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with pytest.raises(BadRequest):
            await request.post("http://telegram.test/getMe")
        with pytest.raises(BadRequest):
            await request.post(address)
    through, directly = heads
    assert through.startswith(b"POST http://telegram.test/getMe ") and b"\r\nProxy-Authorization: Basic " in through
    assert directly.startswith(f"POST /bot{TOKEN}/getMe ".encode())
