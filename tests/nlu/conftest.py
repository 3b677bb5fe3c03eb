"""The trained NLU, served once for all tests that ask it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bot.nlu_client import NluClient
from bot.nlu_process import PROJECT, QUIET, NluNotSetUp, rasa_command

START_S = 180.0
"""Rasa takes 20 s on an idle machine, and much longer when the rest of the tests keep both cores busy."""


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            if httpx.get(f"{url}/status", timeout=2.0).json().get("model_file"):
                return
        except (httpx.HTTPError, ValueError):
            time.sleep(0.5)
    raise TimeoutError(f"the NLU did not load its model in {START_S:.0f} s:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def nlu_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Rasa writes, at its most talkative."""
    return tmp_path_factory.mktemp("nlu") / "nlu.log"


@pytest.fixture(scope="session")
def nlu_server(nlu_log: Path) -> Iterator[str]:
    """The address of Rasa with the trained model; tests that need it are skipped where none was trained."""
    try:
        command = rasa_command()
    except NluNotSetUp as error:
        pytest.skip(str(error))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open(nlu_log, "wb") as file:
        server = subprocess.Popen(
            [*command, "-p", str(port)],
            cwd=PROJECT,
            env={**os.environ, **QUIET, "LOG_LEVEL": "DEBUG", "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, server, nlu_log)
        yield url
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest_asyncio.fixture
async def nlu(nlu_server: str) -> AsyncIterator[NluClient]:
    """A client of the trained NLU, patient enough for a busy machine."""
    client = NluClient(nlu_server, timeout_s=10.0)
    yield client
    await client.close()
