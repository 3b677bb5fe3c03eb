"""Rasa beside the service where no SILVI_NLU_URL is set: a child process on the loopback that lives and dies with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parent.parent / "nlu"
MODEL = Path("models", "silvi.tar.gz")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
HEALTHY_AFTER_S = 60.0
"""A process that ran this long starts over with the shortest pause."""
GRACE_S = 5.0
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL": "WARNING",
}


class NluNotSetUp(Exception):
    """There is no NLU environment or no trained model to run."""


@dataclass(frozen=True, slots=True)
class NluAddress:
    """Where the NLU of a running service answers; `pid` is the process that does."""

    url: str
    token: str
    pid: int


def rasa_command(project: Path = PROJECT) -> list[str]:
    """The command that serves the trained model; raises NluNotSetUp where `make setup` has not been run."""
    python, model = project / ".venv/bin/python", project / MODEL
    if not python.exists() or not model.exists():
        raise NluNotSetUp(f"no {model if python.exists() else python}; run `make setup`")
    return [str(python), str(project / "serve.py"), "run", "--enable-api", "-m", str(model), "-i", "127.0.0.1"]


def read_address(data_dir: Path) -> NluAddress | None:
    """The NLU of the service that runs on this `data_dir`, or None."""
    try:
        address = NluAddress(**json.loads((data_dir / "nlu.json").read_text()))
        os.kill(address.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return address


def _write_address(data_dir: Path, address: NluAddress) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    scratch = data_dir / f"nlu.json.{os.getpid()}"
    with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(address), file)
    scratch.replace(data_dir / "nlu.json")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class NluProcess:
    """Keeps `command` running; it is given `-p PORT` and, in SILVI_NLU_TOKEN, the token callers must show."""

    def __init__(self, data_dir: Path, command: Sequence[str], *, project: Path = PROJECT) -> None:
        self.data_dir, self.command, self.project = data_dir.resolve(), list(command), project
        self.token = secrets.token_urlsafe(32)

    async def run(self, stop: asyncio.Event, on_start: Callable[[str], None]) -> None:
        """Until `stop`: start, tell `on_start` the new address, wait, and start again with growing pauses."""
        pause_s = FIRST_PAUSE_S
        while not stop.is_set():
            began = time.monotonic()
            status = await self._run_once(stop, on_start)
            if stop.is_set():
                return
            pause_s = FIRST_PAUSE_S if time.monotonic() - began > HEALTHY_AFTER_S else pause_s
            logger.warning("NLU ended with status %s; starting it again in %.0f s", status, pause_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _run_once(self, stop: asyncio.Event, on_start: Callable[[str], None]) -> int | None:
        # A new port each time: the old one may have been taken while the process was down.
        url = f"http://127.0.0.1:{(port := _free_port())}"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with open(self.data_dir / "nlu.log", "ab") as log:
            process = await asyncio.create_subprocess_exec(
                *_dies_with_parent(),
                *self.command,
                "-p",
                str(port),
                cwd=self.project,
                env={**os.environ, **QUIET, "PYTHONPATH": str(self.project), "SILVI_NLU_TOKEN": self.token},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _write_address(self.data_dir, NluAddress(url, self.token, process.pid))
        on_start(url)
        ended, stopping = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            await self._end(process, ended)
        return process.returncode

    async def _end(self, process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
        """Take down the whole process group, gently first."""
        _signal_group(process.pid, signal.SIGTERM)
        await asyncio.wait({ended}, timeout=GRACE_S)
        _signal_group(process.pid, signal.SIGKILL)
        await ended
        (self.data_dir / "nlu.json").unlink(missing_ok=True)


def _signal_group(leader: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, number)


def _dies_with_parent() -> list[str]:
    """A service killed outright cannot end its child; on Linux the kernel does it, asked through `setpriv`."""
    return ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
