"""A `silvi run` of one's own, as people start it, for the tools that measure it or do it harm."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

PROJECT = Path(__file__).resolve().parents[1]
SILVI = (PROJECT / ".venv/bin/silvi",)
SENDER = "bot.channels.telegram.sender"
HEALTHY_WITHIN_S, NLU_WITHIN_S, STOPS_WITHIN_S = 180.0, 300.0, 30.0


@dataclass(slots=True)
class Service:
    """A running `silvi run`."""

    process: subprocess.Popen
    client: httpx.Client
    log: Path
    began: float
    healthy_after_s: float = 0.0

    def wait_until_healthy(self) -> None:
        """Raises TimeoutError, and SystemExit where it has ended by itself."""
        until(lambda: self.client.get("/health").status_code == 200, HEALTHY_WITHIN_S, self)
        self.healthy_after_s = time.monotonic() - self.began

    def wait_for_nlu(self) -> None:
        """Raises TimeoutError."""
        until(lambda: self.client.get("/health").json()["nlu"] == "ready", NLU_WITHIN_S, self)

    def memory_mb(self) -> float:
        """Memory of the process with the models and of the one that sends, what they share counted once.

        PostgreSQL and Rasa are programs of their own.
        """
        service = psutil.Process(self.process.pid)
        ours = [service, *(child for child in service.children() if SENDER in child.cmdline())]
        return sum(process.memory_full_info().pss for process in ours) / 2**20

    def times_without_nlu(self) -> int:
        """How often an answer was given without the NLU, by the log."""
        return self.log.read_text(errors="replace").count("NLU away")

    def kill(self) -> None:
        """As a power cut does it: nothing is finished, nothing is said."""
        self.process.kill()
        self.process.wait()
        self.client.close()

    def stop(self) -> None:
        """Gracefully, and by force where that takes too long."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.client.close()


def start(
    folder: Path,
    settings: Mapping[str, str],
    *options: str,
    program: Sequence[str | Path] = SILVI,
    name: str = "silvi",
) -> Service:
    """Start it with its log, `name`.log, in `folder`; the settings of this machine's own Silvi do not count."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    others = {name: value for name, value in os.environ.items() if not name.startswith("SILVI_")}
    environment = {**others, **settings, "SILVI_WEB_LISTEN": address}
    log = folder / f"{name}.log"
    began = time.monotonic()
    with open(log, "ab") as file:
        # From a folder without a .env.
        command = [*program, "run", *options]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=file)
    # One client for all: making one costs more than a question to /health, and the service is to have the cores.
    return Service(process, httpx.Client(base_url=f"http://{address}", timeout=5), log, began)


@contextlib.contextmanager
def running(folder: Path, settings: Mapping[str, str], *options: str, name: str = "silvi") -> Iterator[Service]:
    """Started and healthy, stopped gracefully at the end."""
    service = start(folder, settings, *options, name=name)
    try:
        service.wait_until_healthy()
        yield service
    finally:
        service.stop()


def until(condition: Callable[[], bool], within_s: float, service: Service) -> None:
    """Wait; raises TimeoutError, and SystemExit where the service has ended by itself."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if service.process.poll() is not None:
            raise SystemExit(f"silvi run berhenti dengan status {service.process.returncode}; lihat {service.log}")
        with contextlib.suppress(httpx.TransportError):
            if condition():
                return
        time.sleep(0.1)
    raise TimeoutError(f"tidak siap dalam {within_s:.0f} s; lihat {service.log}")
