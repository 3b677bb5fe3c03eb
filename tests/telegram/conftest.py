"""Silvi's Telegram channel on real parts, with a stand-in for the dialogue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from pydantic import SecretStr
from sqlalchemy import Select, select, text
from sqlalchemy.dialects.postgresql import insert

from bot.app import App
from bot.channels.telegram import application, lane
from bot.domain.messages import Channel, ChatRef, Incoming, Reply
from bot.nlu_client import NluClient
from bot.services import outbox, updates
from bot.settings import Settings
from bot.storage.database import Database, Session
from bot.storage.tables import Chat, Delivery, OutboxMessage, WaitingUpdate
from tests.fakes import VAULT, Knowledge
from tests.telegram_api import Account, TelegramApi

SARI, BUDI, RINA, JOKO = 1001, 1002, 1003, 1004


class StandInDialogue:
    """Answers like the dialogue does: update number, chat and reply in one transaction, then the wake-up."""

    def __init__(self) -> None:
        self.committed: list[Incoming] = []
        self.tried: list[Incoming] = []
        self.replies: Callable[[Incoming], list[Reply]] = lambda said: [Reply(f"Jawaban: {said.text or said.button}")]
        self.before: Callable[[Incoming], Awaitable[None]] = self._nothing
        """Runs before the transaction; may wait or raise."""

    async def turn(self, app: App, said: Incoming) -> None:
        self.tried.append(said)
        await self.before(said)
        async with app.db.transaction() as session:
            if not await updates.note_handled(session, said.source, said.update_id, now=said.sent_at):
                return
            chat = await chat_row(session, said.chat)
            chat.unreachable_at = None
            for reply in self.replies(said):
                outbox.add(session, chat, reply, now=said.sent_at)
            await outbox.announce(session)
        self.committed.append(said)
        app.deliveries.wake(said.chat.channel)

    def texts(self) -> list[str]:
        return [said.text for said in self.committed]

    def holds_back_all_but(self, person: int) -> asyncio.Event:
        """Everybody else's updates wait until the event is set."""
        go_on = asyncio.Event()

        async def crowd_waits(said: Incoming) -> None:
            if said.sender_id != str(person):
                await go_on.wait()

        self.before = crowd_waits
        return go_on

    async def _nothing(self, said: Incoming) -> None:
        pass


async def chat_row(session: Session, ref: ChatRef) -> Chat:
    """The chat's row, locked, made where it is missing."""
    values = {"channel": ref.channel, "external_id": ref.external_id, "is_group": ref.is_group}
    await session.execute(
        insert(Chat)
        .values(**values, created_at=text("now()"), turns=0, memory={}, held_text="")
        .on_conflict_do_nothing()
    )
    found = select(Chat).where(Chat.channel == ref.channel, Chat.external_id == ref.external_id)
    return (await session.execute(found.with_for_update())).scalar_one()


@pytest.fixture(autouse=True)
def at_full_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages to one person follow each other at once, but where a test asks for the pace."""
    monkeypatch.setattr(lane, "CHAT_GAP_S", 0.0)


@pytest.fixture
def dialogue() -> StandInDialogue:
    return StandInDialogue()


@pytest.fixture
async def app(database_url: str, telegram_api: TelegramApi, telegram: Account) -> AsyncIterator[App]:
    """Silvi with an empty database and the token of this test's bot."""
    settings = Settings(_env_file=None, telegram_token=SecretStr(telegram.token), telegram_api_url=telegram_api.url)
    app = make_app(settings, database_url)
    async with app.db.transaction() as session:
        await session.execute(
            text("truncate outbox, updates, waiting_updates, failed_updates, questions, chats, people cascade")
        )
    yield app
    await app.close()


def make_app(settings: Settings, database_url: str) -> App:
    return App(
        settings=settings,
        db=Database(database_url, VAULT),
        nlu=NluClient(None, timeout_s=1.0),
        knowledge=Knowledge(None),
    )


Running = Callable[[App], AbstractAsyncContextManager[None]]


@pytest.fixture
def running(dialogue: StandInDialogue) -> Running:
    """`async with running(app):` is the Telegram channel at work; leaving stops it gracefully."""

    @asynccontextmanager
    async def channel(app: App) -> AsyncIterator[None]:
        stop = asyncio.Event()
        service = asyncio.create_task(application.run(app, stop, turn=dialogue.turn))
        try:
            yield
        finally:
            stop.set()
            await service

    return channel


async def say_to(app: App, chat: int, *replies: Reply, is_group: bool = False) -> list[int]:
    """Put replies into the outbox as any service would, and return their row numbers."""
    async with app.db.transaction() as session:
        row = await chat_row(session, ChatRef(Channel.TELEGRAM, str(chat), is_group))
        now = (await session.execute(text("select now()"))).scalar_one()
        messages = [outbox.add(session, row, reply, now=now) for reply in replies]
        await session.flush()
        numbers = [message.id for message in messages]
        await outbox.announce(session)
    app.deliveries.wake(Channel.TELEGRAM)
    return numbers


async def outbox_row(app: App, number: int) -> OutboxMessage:
    async with app.db.transaction() as session:
        return await session.get_one(OutboxMessage, number)


async def until_done(app: App) -> None:
    """Wait until nothing is left to send."""
    await _until_none(app, select(OutboxMessage.id).where(OutboxMessage.state == Delivery.PENDING))


async def until_handled(app: App, telegram: Account) -> None:
    """Wait until everything sent to Silvi is fetched, handled and forgotten."""
    await telegram.wait_for(lambda: not telegram.queue)
    await _until_none(app, select(WaitingUpdate.update_id))


async def _until_none(app: App, rows: Select) -> None:
    async with asyncio.timeout(60):
        while True:
            async with app.db.transaction() as session:
                if not (await session.execute(rows)).all():
                    return
            await asyncio.sleep(0.05)
