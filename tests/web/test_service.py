"""The server: it starts on the set address, ends with the service, and lets open streams go."""

from __future__ import annotations

import asyncio
import re
import socket
import time

import httpx
import pytest

from bot.channels.web import service
from bot.channels.web.application import build
from bot.channels.web.service import listen_on, serve
from tests.web.conftest import SCRIPT_ASKS


async def test_address_in_use_is_an_error_of_the_start(app, settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        app.settings = settings.model_copy(update={"web_listen": f"127.0.0.1:{other.getsockname()[1]}"})
        with pytest.raises(OSError):
            await service.run(app, asyncio.Event())


async def test_stop_ends_open_streams_at_once(app, dialogue):
    site, stop, listener = build(app, take_turn=dialogue.turn), asyncio.Event(), listen_on("127.0.0.1:0")
    serving = asyncio.create_task(serve(site, listener, stop, before_stop=site.state.close_pages))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as sari:
        await sari.get("/")
        async with sari.stream("GET", "/obrolan/aliran") as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == "retry: 2000"
            began = time.monotonic()
            stop.set()
            assert [line async for line in lines if line.startswith("data")] == []
            await serving
    assert time.monotonic() - began < 3
    await app.close()


async def test_stop_lets_the_turn_in_hand_come_to_its_end(app, dialogue):
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow_turn(its_app, update):
        if update.text:
            begun.set()
            await may_end.wait()
        await dialogue.turn(its_app, update)

    site, stop, listener = build(app, take_turn=slow_turn), asyncio.Event(), listen_on("127.0.0.1:0")
    closing = asyncio.Event()

    def close_pages():
        site.state.close_pages()
        closing.set()

    serving = asyncio.create_task(serve(site, listener, stop, before_stop=close_pages))
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=base_url, headers={**SCRIPT_ASKS, "Origin": base_url}) as sari:
        await sari.get("/")
        sending = asyncio.create_task(sari.post("/obrolan/pesan", json={"teks": "gaji saya belum dibayar", "nomor": 7}))
        await begun.wait()
        stop.set()
        await closing.wait()
        may_end.set()
        assert (await sending).status_code == 200
    await serving
    assert [update.text for update in dialogue.handled if update.text] == ["gaji saya belum dibayar"]
    await app.close()


async def test_stream_goes_on_behind_the_last_event_the_browser_saw(app, dialogue):
    site, stop, listener = build(app, take_turn=dialogue.turn), asyncio.Event(), listen_on("127.0.0.1:0")
    serving = asyncio.create_task(serve(site, listener, stop, before_stop=site.state.close_pages))
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=base_url, headers={**SCRIPT_ASKS, "Origin": base_url}) as sari:
        await sari.get("/")
        for number, text in enumerate(["satu", "dua", "tiga"], start=10):
            await sari.post("/obrolan/pesan", json={"teks": text, "nomor": number})
        seen = await events(sari, 3, {})
        await sari.get("/obrolan/riwayat")  # what a stream ended too early to mark is shown once more: mark it here
        again = await events(sari, 2, {"Last-Event-ID": seen[0][0]})
    stop.set()
    await serving
    await app.close()
    assert [text for _, text in seen] == ["satu", "dua", "tiga"]
    assert again == seen[1:]


async def events(browser: httpx.AsyncClient, count: int, headers: dict[str, str]) -> list[tuple[str, str]]:
    """The next `count` replies of the stream: each id with the question it answers."""
    found, event_id = [], ""
    async with browser.stream("GET", "/obrolan/aliran", headers=headers) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("id: "):
                event_id = line.removeprefix("id: ")
            if line.startswith("data: "):
                found.append((event_id, re.search(r"Anda bertanya: (\w+)", line).group(1)))
            if len(found) == count:
                return found
    return found
