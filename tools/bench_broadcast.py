"""`make bench-broadcast`: a broadcast at the limit of the local Bot API server, killed three times, with people asking meanwhile."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from bot.dialogue.understand import is_opener
from bot.domain.broadcasts import Audience, Topic
from bot.domain.cases import Role
from bot.domain.messages import Channel
from bot.offline import database_address
from bot.secret_key import secret_keys
from bot.services import broadcasts, officers
from bot.services.broadcasts import Written
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import Chat, Subscription
from bot.storage.vault import Vault
from knowledge.entries import load_golden
from knowledge.metrics import percentile
from tests.telegram_api import Account, TelegramApi

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / "build" / "bench-broadcast"
PEOPLE, KILLS = 10_000, 3
LIMIT_PER_SECOND, LIMIT_PER_CHAT = 30, 3
"""Telegram asks for one message a second in a chat and lets short bursts pass: an answer in danger is two messages."""
ASKS_EVERY_S, ANSWERED_WITHIN_S, GOES_ON_WITHIN_S = 0.5, 15.0, 240.0
FIRST_CHAT, FIRST_ASKING = 100_000, 900_000
AUTHOR, APPROVER = 1, 2
TITLE = "Lowongan resmi bulan ini"
NOON = 12
NOBODY = "http://127.0.0.1:9"
"""A Rasa of its own would outlive the killed service: questions are answered without it."""


@dataclass(slots=True)
class Replies:
    """When people asked, while the service was up."""

    asked_at: dict[int, float] = field(default_factory=dict)

    def answered_after_ms(self, account: Account) -> list[float]:
        first: dict[int, float] = {}
        for sent in list(account.sent):
            if sent.chat in self.asked_at:
                first.setdefault(sent.chat, sent.at)
        return [(at - self.asked_at[chat]) * 1000 for chat, at in first.items()]


def main() -> None:
    """Measure and print; the settings of this machine's own Silvi do not count."""
    options = _options()
    for name in [name for name in os.environ if name.startswith("SILVI_")]:
        del os.environ[name]
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    settings = Settings(_env_file=None, data_dir=options.folder / "data", time_zone=_where_it_is_noon())
    url = database_address(settings)
    with TelegramApi().running() as api:
        account = api.new_bot()
        for chat in range(FIRST_CHAT, FIRST_CHAT + options.people):
            account._chat(chat)
        asyncio.run(_approve(settings, url, options.people))
        account.flood_limits(per_second=LIMIT_PER_SECOND, per_chat=LIMIT_PER_CHAT)
        environment = {
            "SILVI_DATA_DIR": str(settings.data_dir),
            "SILVI_DATABASE_URL": url,
            "SILVI_TELEGRAM_TOKEN": account.token,
            "SILVI_TELEGRAM_API_URL": api.url,
            "SILVI_TIME_ZONE": settings.time_zone,
            "SILVI_NLU_URL": NOBODY,
        }
        _measure(account, options, environment)


def _measure(account: Account, options: argparse.Namespace, environment: dict[str, str]) -> None:
    replies, texts = Replies(), [question.text for question in load_golden() if not is_opener(question.text)]
    parts = [options.people * (kill + 1) // (options.kills + 1) for kill in range(options.kills)] + [options.people]
    began, sending_s = time.time(), 0.0
    for part, wanted in enumerate(parts):
        before = _reached(account)
        with _service(options.folder / "silvi.log", environment) as process:
            _until(lambda before=before: _reached(account) > before, GOES_ON_WITHIN_S, process)
            goes_on = time.time()
            _ask_until(account, replies, texts, lambda wanted=wanted: _reached(account) >= wanted, process)
            sending_s += time.time() - goes_on
            if part < options.kills:
                process.kill()
                process.wait()
                print(f"dimatikan setelah {_reached(account)} orang", flush=True)
    _print(account, options.people, replies, sending_s, time.time() - began)


def _ask_until(
    account: Account, replies: Replies, texts: list[str], is_enough: Callable[[], bool], process: subprocess.Popen
) -> None:
    """Somebody new asks twice a second; before this returns all of them are answered, or waited for long enough."""
    mine: list[int] = []
    while not is_enough():
        number = len(replies.asked_at)
        chat = FIRST_ASKING + number
        replies.asked_at[chat] = time.time()
        account.person_says(chat, texts[number % len(texts)])
        mine.append(chat)
        time.sleep(ASKS_EVERY_S)
        if process.poll() is not None:
            raise SystemExit(f"silvi run berhenti dengan status {process.returncode}")
    deadline = time.time() + ANSWERED_WITHIN_S
    while time.time() < deadline and not set(mine) <= {sent.chat for sent in list(account.sent)}:
        time.sleep(0.05)


def _print(account: Account, people: int, replies: Replies, sending_s: float, took_s: float) -> None:
    got = Counter(sent.chat for sent in list(account.sent) if sent.text.startswith(TITLE))
    times = replies.answered_after_ms(account)
    print(f"{people} orang; {took_s:.0f} s, di antaranya {sending_s:.0f} s mengirim ({people / sending_s:.1f}/s)")
    print(f"Tidak dapat: {people - len(got)}; dapat lebih dari sekali: {sum(count > 1 for count in got.values())}")
    print(f"429: {account.floods}")
    p50, p95 = (percentile(times, percent) for percent in (50, 95))
    print(
        f"Pertanyaan sementara itu: {len(replies.asked_at)}, tidak dijawab {len(replies.asked_at) - len(times)}; "
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, terlama {max(times):.0f} ms"
    )


async def _approve(settings: Settings, url: str, people: int) -> None:
    """Everybody subscribed, and a broadcast that two officers agreed to."""
    db, now = Database(url, Vault(secret_keys(settings))), datetime.now(UTC)
    chats = [
        {
            "channel": Channel.TELEGRAM,
            "external_id": str(FIRST_CHAT + number),
            "is_group": False,
            "created_at": now,
            "turns": 0,
            "memory": {},
            "held_text": "",
        }
        for number in range(people)
    ]
    async with db.transaction() as session:
        ids = (await session.execute(insert(Chat).returning(Chat.id), chats)).scalars().all()
        subscribed = [{"chat_id": chat_id, "topics": [str(Topic.JOBS)], "since": now} for chat_id in ids]
        await session.execute(insert(Subscription), subscribed)
        await officers.add(session, AUTHOR, "Rina", Role.SUPERVISOR, now=now)
        await officers.add(session, APPROVER, "Adi", Role.ADMIN, now=now)
        author, approver = [await officers.by_telegram_id(session, number) for number in (AUTHOR, APPROVER)]
        written = Written(TITLE, "Daftar lowongan resmi ada di tombol ini.", (), Audience(Topic.JOBS))
        draft = await broadcasts.write(session, author, written, None, now=now)
        await broadcasts.submit(session, author, draft, now=now)
        await broadcasts.approve(session, approver, draft, version=draft.version, now=now)
    await db.close()


@contextlib.contextmanager
def _service(log: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    """`silvi run` with Telegram and worker, from a folder without a .env."""
    start = "from bot.cli import main; main()"
    command = [PROJECT / ".venv/bin/python", "-c", start, "run", "--only", "telegram,worker"]
    with open(log, "ab") as file:
        process = subprocess.Popen(
            command,
            cwd=log.parent,
            env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
            stdout=file,
            stderr=file,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _reached(account: Account) -> int:
    return len({sent.chat for sent in list(account.sent) if sent.text.startswith(TITLE)})


def _until(condition: Callable[[], bool], within_s: float, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        if process.poll() is not None:
            raise SystemExit(f"silvi run berhenti dengan status {process.returncode}")
        if time.monotonic() > deadline:
            raise SystemExit(f"siaran tidak jalan dalam {within_s:.0f} s")
        time.sleep(0.1)


def _where_it_is_noon() -> str:
    """A zone in which no quiet hours come, whenever this is run."""
    ahead = NOON - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help="recipients")
    parser.add_argument("--kills", type=int, default=KILLS, help="how often the service is killed midway")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where data and log go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
