"""The third part of `make bench`: questions, reports and both at an office of full size, beside a bot that only echoes, and with one,
two and four processes on one PostgreSQL and one Rasa; the loopback only.

Several processes get their updates as behind a balancer: by webhook, each in its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import httpx
from sqlalchemy import text

from bot.dialogue.understand import is_opener
from bot.nlu_process import PROJECT as NLU_PROJECT
from bot.nlu_process import QUIET, rasa_command
from bot.offline import database_address
from bot.secret_key import secret_keys
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.texts.table import table
from knowledge.entries import load_golden
from knowledge.metrics import percentile
from tests.telegram_api import Account, TelegramApi
from tools.load import HEADINGS, Load, put_load
from tools.seed import Size, fill
from tools.service import NLU_WITHIN_S, PROJECT, Service, running, until

FOLDER = PROJECT / "build" / "bench-processes"
OFFICE = Size(entries=0, questions=50_000, cases=10_000)
PROCESSES = (1, 2, 4)
AT_ONCE, ECHOED = 400, 1_500
STEADY_PER_SECOND, STEADY_S = 15, 15
PATIENCE_S = 40.0
WARM_UP = 40
POSTED_AT_ONCE = 40
"""As many connections as Telegram makes to a webhook unless told otherwise."""
DESK, EMERGENCIES = -1_000_000_000_777, 20
SECRET = "rahasia-ukur-0123456789"
IN_DANGER = "saya dikurung majikan, hp mau diambil, tolong"


@dataclass(slots=True)
class Chats:
    """Everybody who writes is new."""

    next: int = 10_000

    def take(self, count: int) -> int:
        """The first of `count` chats that nobody has used."""
        self.next += count
        return self.next - count


def main() -> None:
    """Measure and print; the settings of this machine's own Silvi do not count."""
    for name in [name for name in os.environ if name.startswith("SILVI_")]:
        del os.environ[name]
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    settings = Settings(_env_file=None, data_dir=FOLDER / "data")
    url = database_address(settings)
    print(f"Membuat kantor: {OFFICE.cases} kasus, {OFFICE.questions} pertanyaan ...", flush=True)
    asyncio.run(_fill(settings, url))
    texts, chats = _texts(), Chats()
    with TelegramApi().running() as api, _rasa() as nlu_url:
        echoed = _echo(api)
        print(table(HEADINGS, [echoed.row("bot gema")]), flush=True)
        account = api.new_bot()
        account.opens_forum(DESK)
        common = {
            "SILVI_DATA_DIR": str(settings.data_dir),
            "SILVI_DATABASE_URL": url,
            "SILVI_NLU_URL": nlu_url,
            "SILVI_TELEGRAM_TOKEN": account.token,
            "SILVI_TELEGRAM_API_URL": api.url,
            "SILVI_DESK_CHAT_ID": str(DESK),
        }
        with running(FOLDER, common) as service:
            service.wait_for_nlu()
            put_load(account, texts[:WARM_UP], first_chat=chats.take(WARM_UP), per_second=10)
            _print_desk(account, service, chats)
            _print_kinds(account, texts, chats, echoed)
        _print_processes(account, common, texts, chats)


async def _fill(settings: Settings, url: str) -> None:
    db = Database(url, Vault(secret_keys(settings)))
    try:
        await fill(db, OFFICE, now=datetime.now(UTC))
        # Nobody is late, and every case has its topic: thousands of reminders or posts at once are another matter.
        async with db.transaction() as session:
            await session.execute(text("update cases set due_at = now() + interval '2 days' where due_at is not null"))
            await session.execute(text("update cases set topic_id = id + 1000, topic_name = number"))
    finally:
        await db.close()


def _texts() -> list[str]:
    """Golden questions; openers are held back on purpose and would measure only that."""
    return [question.text for question in load_golden() if not is_opener(question.text)][:AT_ONCE]


@contextlib.contextmanager
def _rasa() -> Iterator[str]:
    """One Rasa for all processes."""
    port = _free_port()
    with open(FOLDER / "nlu.log", "wb") as log:
        environment = {**os.environ, **QUIET, "PYTHONPATH": str(NLU_PROJECT)}
        process = subprocess.Popen(
            [*rasa_command(), "-p", str(port)], cwd=NLU_PROJECT, env=environment, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + NLU_WITHIN_S
        print("Menunggu NLU ...", flush=True)
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/status").is_success:
                    break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _echo(api: TelegramApi) -> Load:
    """The most that python-telegram-bot and this machine can do with the local server: texts said back."""
    account = api.new_bot()
    with open(FOLDER / "gema.log", "wb") as log:
        command = [sys.executable, "-m", "tools.echo_bot", api.url, account.token]
        process = subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=log)
    try:
        put_load(account, ["halo"], first_chat=1, per_second=0, answered_within_s=PATIENCE_S)
        return put_load(account, ["halo"] * ECHOED, first_chat=10, per_second=0, answered_within_s=PATIENCE_S)
    finally:
        process.terminate()
        process.wait()


def _print_desk(account: Account, service: Service, chats: Chats) -> None:
    """From an emergency to its first post at the desk, where ten thousand cases lie already."""
    times = []
    for chat in range(first := chats.take(EMERGENCIES), first + EMERGENCIES):
        said_at, sign = time.time(), f"rumah nomor {chat}"
        account.person_says(chat, f"{IN_DANGER}, {sign}")
        until(lambda sign=sign: any(sign in sent.text for sent in account.messages_to(DESK)), PATIENCE_S, service)
        post = next(sent for sent in account.messages_to(DESK) if sign in sent.text)
        times.append((post.at - said_at) * 1000)
    print(
        f"\nMeja dengan {OFFICE.cases} kasus: darurat sampai ke petugas "
        f"p50 {percentile(times, 50):.0f} ms, p95 {percentile(times, 95):.0f} ms",
        flush=True,
    )


def _print_kinds(account: Account, texts: Sequence[str], chats: Chats, echoed: Load) -> None:
    """Questions, reports and both: at a steady pace for the times, and all at once for the most that is possible."""
    reports = [f"{IN_DANGER}, rumah nomor {number}" for number in range(AT_ONCE)]
    both = [
        report if number % 5 == 0 else text for number, (text, report) in enumerate(zip(texts, reports, strict=False))
    ]
    rows = []
    for name, said in (("pertanyaan", texts), ("laporan", reports), ("campuran, 1 laporan dari 5", both)):
        steady = said[: STEADY_PER_SECOND * STEADY_S]
        rows.append(
            put_load(
                account,
                steady,
                first_chat=chats.take(len(steady)),
                per_second=STEADY_PER_SECOND,
                answered_within_s=PATIENCE_S,
            ).row(name)
        )
        at_once = _at_once(account, said, chats)
        rows.append(at_once.row(f"  {len(said)} sekaligus"))
        if name == "pertanyaan":
            ratio = at_once.per_second / echoed.per_second
    print(f"\n{table(HEADINGS, rows)}")
    print(f"Pertanyaan sekaligus dibanding bot gema: {ratio:.1%}", flush=True)


def _at_once(account: Account, said: Sequence[str], chats: Chats, **how: Any) -> Load:
    return put_load(account, said, first_chat=chats.take(len(said)), per_second=0, answered_within_s=PATIENCE_S, **how)


def _print_processes(account: Account, common: dict[str, str], texts: Sequence[str], chats: Chats) -> None:
    """The same questions to one, two and four processes."""
    rows = []
    for count in PROCESSES:
        with ExitStack() as stack:
            listeners = [f"127.0.0.1:{_free_port()}" for _ in range(count)]
            for number, listener in enumerate(listeners):
                hook = {
                    "SILVI_TELEGRAM_WEBHOOK_URL": f"http://{listener}/telegram",
                    "SILVI_TELEGRAM_WEBHOOK_LISTEN": listener,
                    "SILVI_TELEGRAM_WEBHOOK_SECRET": SECRET,
                }
                service = stack.enter_context(running(FOLDER, common | hook, name=f"proses-{count}-{number + 1}"))
                until(lambda: account.webhook["url"], PATIENCE_S, service)
            balancer = stack.enter_context(_balancer(account, listeners))
            put_load(
                account,
                texts[:WARM_UP],
                first_chat=chats.take(WARM_UP),
                per_second=10,
                says=balancer.says,
                answered_within_s=PATIENCE_S,
            )
            steady = texts[: STEADY_PER_SECOND * STEADY_S]
            rows.append(
                put_load(
                    account,
                    steady,
                    first_chat=chats.take(len(steady)),
                    per_second=STEADY_PER_SECOND,
                    says=balancer.says,
                    answered_within_s=PATIENCE_S,
                ).row(f"{count} proses")
            )
            rows.append(_at_once(account, texts, chats, says=balancer.says).row(f"  {len(texts)} sekaligus"))
    print(f"\n{table(HEADINGS, rows)}", flush=True)


@dataclass(slots=True)
class Balancer:
    """Posts what people say to the listeners in turn, forty at a time, as Telegram does it with one webhook behind a balancer."""

    account: Account
    listeners: Sequence[str]
    waiting: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def says(self, chat: int, text: str) -> None:
        """In place of `Account.person_says`."""
        update = self.account.person_says(chat, text)
        self.account.acknowledge(update["update_id"])
        self.loop.call_soon_threadsafe(self.waiting.put_nowait, update)

    async def post(self) -> None:
        """Until it is cancelled."""
        turns = cycle(self.listeners)
        headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with httpx.AsyncClient(timeout=PATIENCE_S, headers=headers) as client, asyncio.TaskGroup() as workers:
            for _ in range(POSTED_AT_ONCE):
                workers.create_task(self._work(client, turns))

    async def _work(self, client: httpx.AsyncClient, turns: Iterator[str]) -> None:
        while True:
            update = await self.waiting.get()
            while not (await client.post(f"http://{next(turns)}/telegram", content=json.dumps(update))).is_success:
                await asyncio.sleep(0.1)


@contextlib.contextmanager
def _balancer(account: Account, listeners: Sequence[str]) -> Iterator[Balancer]:
    # The local server posts one update after the other: this balancer takes its place.
    account.webhook = {"url": ""}
    balancer = Balancer(account, listeners)
    posting = balancer.loop.create_task(balancer.post())

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            balancer.loop.run_until_complete(posting)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield balancer
    finally:
        balancer.loop.call_soon_threadsafe(posting.cancel)
        thread.join()
        balancer.loop.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
