"""The NLU dead, hanging or talking nonsense: the person is answered without it, and soon."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot import nlu_client
from bot.nlu_client import UNKNOWN, Intent, NluClient

TIMEOUT_S = 0.4
GOOD = (
    b'{"intent":{"name":"greet","confidence":0.9},"intent_ranking":[{"name":"greet","confidence":0.9}],"entities":[]}'
)
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class SmallServer:
    """Counts its calls and answers each with `answer`."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.calls, self.heads = answer, 0, b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        try:
            self.heads += await reader.readuntil(b"\r\n\r\n")
            await self.answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has had enough
        finally:
            writer.close()


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[tuple[NluClient, SmallServer]]:
    small = SmallServer(answer)
    server = await asyncio.start_server(small.serve, "127.0.0.1", 0)
    client = NluClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_s=TIMEOUT_S)
    try:
        yield client, small
    finally:
        await client.close()
        server.close()


def saying(body: bytes, status: str = "200 OK") -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return answer


async def hanging(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def dripping(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(100):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def closing(writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(
    "answer",
    [
        hanging,
        dripping,
        closing,
        saying(b""),
        saying(b"<html>bad gateway</html>"),
        saying(b"\xff\xfe"),
        saying(b"[]"),
        saying(b"null"),
        saying(b"{}"),
        saying(b'{"intent":{"name":null,"confidence":0},"intent_ranking":[]}'),
        saying(b'{"intent":{"name":"order_pizza","confidence":1},"intent_ranking":[]}'),
        saying(GOOD.replace(b'"entities":[]', b'"entities":[1]')),
        saying(GOOD.replace(b'"entities":[]', b'"category":"gaji"')),
        saying(GOOD.replace(b'"entities":[]', b'"vector":"AAAA"')),
        saying(GOOD.replace(b'"entities":[]', b'"vector":{"text":"halo","weights":"x"}')),
        saying(GOOD.replace(b'"entities":[]', b'"vector":{"text":"halo","weights":"x","values":"%%%"}')),
        saying(GOOD, "401 Unauthorized"),
        saying(GOOD, "500 Internal Server Error"),
    ],
)
async def test_bad_answer_is_unknown_within_the_time_out(answer: Answer) -> None:
    async with serving(answer) as (client, _):
        started = time.monotonic()
        assert await client.parse("halo") is UNKNOWN
        assert time.monotonic() - started < TIMEOUT_S + 0.5


async def test_dead_server_is_unknown() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: every call is refused
        client = NluClient(f"http://127.0.0.1:{taken.getsockname()[1]}", timeout_s=TIMEOUT_S)
        assert await client.parse("halo") is UNKNOWN
        assert not await client.is_ready()
        await client.close()


async def test_nlu_that_failed_is_left_alone_for_a_while_and_then_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(saying(b"", "503 Service Unavailable")) as (client, server):
        assert await client.parse("halo") is UNKNOWN
        server.answer = saying(GOOD)
        assert await client.parse("halo") is UNKNOWN
        assert server.calls == 1
        monkeypatch.setattr(client, "_away_until", time.monotonic())
        assert (await client.parse("halo")).intent == Intent.GREET


async def test_endless_text_is_cut_before_it_is_sent() -> None:
    async with serving(saying(GOOD)) as (client, server):
        assert (await client.parse("x" * 1_000_000)).intent == Intent.GREET
    length = re.search(rb"content-length: (\d+)", server.heads.lower())
    assert int(length[1]) < nlu_client.LONGEST_TEXT + 100


async def test_figures_alone_are_no_report_whatever_rasa_sees_in_them() -> None:
    report = GOOD.replace(b"greet", b"report_problem").replace(
        b'"entities":[]', b'"category":{"name":"disekap"},"entities":[{"entity":"phone","value":"081200000000"}]'
    )
    async with serving(saying(report)) as (client, _):
        assert (await client.parse("081200000000")) == replace(UNKNOWN, entities={"phone": ["081200000000"]})
        assert (await client.parse("tolong 1")).intent == Intent.REPORT_PROBLEM
