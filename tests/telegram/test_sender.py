"""Messages leave through a process of their own; where it dies, hangs or has not begun yet, the service sends by itself."""

from __future__ import annotations

import asyncio
import pickle
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr
from sqlalchemy import update

from bot import metrics
from bot.app import App
from bot.channels.telegram import application, service
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.sender import Orders
from bot.domain.messages import Channel, ChatRef, Reply
from bot.services import outbox
from bot.services.outbox import Claimed
from bot.storage.tables import OutboxMessage
from tests.fakes import SECRET_KEY
from tests.telegram.conftest import BUDI, SARI, chat_row, outbox_row, say_to, until_done
from tests.telegram_api import Account
from tools import moving_clock

BEGINS_WITHIN_S = 30.0
"""A process of its own imports what it needs first, and the tests share their processor."""


KILLED_SERVICE = """
import os, signal, subprocess, sys
sender = subprocess.Popen(
    [sys.executable, "-m", "bot.channels.telegram.sender"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
sender.stdin.write(sys.stdin.buffer.read())
sender.stdin.flush()
sender.stdout.readline()
print(sender.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Here(Delivery):
    """The service's own sending, as it is, but it tells of what it does."""

    sent: list[int]
    at_work: int

    async def run(self) -> None:
        Here.at_work += 1
        await super().run()
        Here.at_work -= 1

    async def _deliver(self, message: Claimed) -> bool:
        Here.sent.append(message.id)
        return await super()._deliver(message)


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch, app: App, telegram: Account) -> None:
    """Sari is known, the process can read what is encrypted, and it is seen who sends."""
    Here.sent, Here.at_work = [], 0
    monkeypatch.setattr(application, "Delivery", Here)
    monkeypatch.setattr(service, "STARTS_AFTER_S", 0.0)
    app.settings = app.settings.model_copy(update={"secret_key": SecretStr(SECRET_KEY)})
    telegram.person_says(SARI, "halo")
    telegram.queue.clear()


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[psutil.Process]:
    """The Telegram part as `silvi run` has it, once its other process is there and alone sends."""
    stop = asyncio.Event()
    part = asyncio.create_task(service.run(app, stop))
    try:
        await until(lambda: app.sender.is_there.is_set() and not Here.at_work)
        yield sender()
    finally:
        stop.set()
        await part
    assert not any(is_sender(child) for child in psutil.Process().children())


def sender() -> psutil.Process:
    return next(child for child in psutil.Process().children() if is_sender(child))


def is_sender(child: psutil.Process) -> bool:
    return child.status() != psutil.STATUS_ZOMBIE and "bot.channels.telegram.sender" in child.cmdline()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(BEGINS_WITHIN_S):
        while not condition():
            await asyncio.sleep(0.02)


def counted() -> float:
    return metrics.REGISTRY.get_sample_value("silvi_messages_sent_total", {"outcome": "sent"}) or 0.0


async def test_message_leaves_through_the_other_process_and_is_counted_here(app: App, telegram: Account) -> None:
    before = counted()
    async with serving(app):
        await say_to(app, SARI, Reply("Jawaban"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["Jawaban"])
        await until(lambda: counted() == before + 1)
    assert not Here.sent


async def test_secrets_are_not_on_the_command_line(app: App, telegram: Account) -> None:
    async with serving(app) as process:
        shown = " ".join([*process.cmdline(), *process.environ().values()])
    assert telegram.token not in shown and SECRET_KEY not in shown


async def test_killed_process_keeps_nobody_waiting_and_comes_back(app: App, telegram: Account) -> None:
    async with serving(app) as process:
        process.kill()
        await until(app.sender.is_gone.is_set)
        (number,) = await say_to(app, SARI, Reply("sesudah mati"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["sesudah mati"])
        assert Here.sent == [number]
        await until(lambda: app.sender.is_there.is_set() and not Here.at_work)
        await say_to(app, SARI, Reply("kembali"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["sesudah mati", "kembali"])
        assert Here.sent == [number] and sender().pid != process.pid


async def test_hanging_process_is_replaced(app: App, telegram: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SILENT_AT_MOST_S", 2.0)
    monkeypatch.setattr(service, "ENDS_WITHIN_S", 0.2)
    async with serving(app) as process:
        process.send_signal(signal.SIGSTOP)
        await say_to(app, SARI, Reply("tersangkut"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["tersangkut"])
        await until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
        await until(app.sender.is_there.is_set)


async def test_stop_sends_what_a_hanging_process_did_not(
    app: App, telegram: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "ENDS_WITHIN_S", 0.2)
    async with serving(app) as process:
        process.send_signal(signal.SIGSTOP)
        await say_to(app, SARI, Reply("yang terakhir"))
    assert telegram.texts_to(SARI) == ["yang terakhir"]


async def test_process_ends_by_itself_when_the_service_is_killed(app: App) -> None:
    orders = Orders(app.settings, app.db.url.render_as_string(hide_password=False))
    # A service that starts it, waits for its first word and is gone without another.
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED_SERVICE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    pid, _ = await asyncio.wait_for(killed.communicate(pickle.dumps(orders)), BEGINS_WITHIN_S)
    assert killed.returncode == -signal.SIGKILL
    await until(lambda: not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE)


async def test_kill_doubles_at_most_the_one_message_of_each_chat_that_was_on_its_way(
    app: App, telegram: Account
) -> None:
    people = [SARI, BUDI, SARI + 10_000, SARI + 20_000]
    for person in people:
        telegram.person_says(person, "halo")
    telegram.queue.clear()
    async with serving(app) as process:
        telegram.on_sent = process.kill
        async with app.db.transaction() as session:
            for person in people:
                chat = await chat_row(session, ChatRef(Channel.TELEGRAM, str(person)))
                for said in ("satu", "dua"):
                    outbox.add(session, chat, Reply(said), now=datetime.now(UTC))
            await outbox.announce(session)
        await until(lambda: not psutil.pid_exists(process.pid))
        telegram.on_sent = None
        async with app.db.transaction() as session:
            # As when the leases of the dead process have run out.
            leased = update(OutboxMessage).where(OutboxMessage.leased_until.is_not(None))
            await session.execute(leased.values(leased_until=datetime.now(UTC) - timedelta(seconds=1)))
            await outbox.announce(session)
        await until(lambda: all(telegram.texts_to(person)[-1:] == ["dua"] for person in people))
    texts = [telegram.texts_to(person) for person in people]
    assert all(said in (["satu", "dua"], ["satu", "satu", "dua"]) for said in texts)
    assert ["satu", "satu", "dua"] in texts


async def test_clock_of_the_other_process_can_be_moved(
    app: App, telegram: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jam").write_text("3600")
    monkeypatch.setenv(moving_clock.FILE, str(tmp_path / "jam"))
    monkeypatch.setattr(service, "PROGRAM", ("-m", "tools.moving_clock", moving_clock.SENDER))
    async with serving(app):
        (number,) = await say_to(app, SARI, Reply("Jawaban"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["Jawaban"])
        await until_done(app)
    assert (await outbox_row(app, number)).sent_at > datetime.now(UTC) + timedelta(minutes=59)
