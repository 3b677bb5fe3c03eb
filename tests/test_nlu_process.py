"""The NLU beside the service: found by its callers, restarted when it dies, gone when the service goes."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot import nlu_process
from bot.nlu_process import NluNotSetUp, NluProcess, rasa_command, read_address

SMALL_SERVER = """
import http.server, os, subprocess, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = self.path.endswith("token=" + os.environ["SILVI_NLU_TOKEN"])
        self.send_response(200 if good else 401)
        self.end_headers()
    def log_message(self, *arguments): pass
helper = subprocess.Popen(["sleep", "300"])
open("helper.pid", "w").write(str(helper.pid))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("-p") + 1])), Handler).serve_forever()
"""


@asynccontextmanager
async def running(tmp_path: Path, script: str = SMALL_SERVER) -> AsyncIterator[tuple[NluProcess, list[str]]]:
    """An NLU process that serves `script`, and the addresses it has told."""
    process, urls, stop = NluProcess(tmp_path, [sys.executable, "-c", script], project=tmp_path), [], asyncio.Event()
    task = asyncio.create_task(process.run(stop, urls.append))
    try:
        yield process, urls
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def until(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.05)


async def status(url: str, token: str) -> int:
    """The answer of the server at `url`, once it listens."""
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=6)) as client:
        return (await client.get(f"{url}/status", params={"token": token})).status_code


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def test_other_commands_find_the_running_nlu_by_its_private_file(tmp_path: Path) -> None:
    async with running(tmp_path):
        await until(lambda: read_address(tmp_path))
        address = read_address(tmp_path)
        assert await status(address.url, address.token) == 200
        assert await status(address.url, "guessed") == 401
        assert stat.S_IMODE((tmp_path / "nlu.json").stat().st_mode) == 0o600
    assert read_address(tmp_path) is None


async def test_token_is_not_on_the_command_line(tmp_path: Path) -> None:
    async with running(tmp_path):
        await until(lambda: read_address(tmp_path))
        address = read_address(tmp_path)
        assert address.token not in Path(f"/proc/{address.pid}/cmdline").read_text()


async def test_killed_nlu_is_started_again_at_a_new_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlu_process, "FIRST_PAUSE_S", 0.1)
    async with running(tmp_path) as (process, urls):
        await until(lambda: len(urls) == 1)
        os.kill(read_address(tmp_path).pid, signal.SIGKILL)
        await until(lambda: len(urls) == 2)
        assert await status(urls[1], process.token) == 200


async def test_nothing_of_the_nlu_outlives_the_service(tmp_path: Path) -> None:
    async with running(tmp_path):
        await until(lambda: (tmp_path / "helper.pid").exists() and (tmp_path / "helper.pid").read_text())
        pids = [read_address(tmp_path).pid, int((tmp_path / "helper.pid").read_text())]
        assert all(map(is_alive, pids))
    await until(lambda: not any(map(is_alive, pids)))


async def test_nlu_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlu_process, "GRACE_S", 0.3)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('up', 'w'); time.sleep(300)"
    async with running(tmp_path, stubborn):
        await until((tmp_path / "up").exists)
        pid = read_address(tmp_path).pid
    await until(lambda: not is_alive(pid))


def test_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(NluNotSetUp, match="make setup"):
        rasa_command(tmp_path)


def test_leftover_of_a_killed_service_is_not_taken_for_a_running_nlu(tmp_path: Path) -> None:
    (tmp_path / "nlu.json").write_text('{"url": "http://127.0.0.1:1", "token": "x", "pid": 999999999}')
    assert read_address(tmp_path) is None
