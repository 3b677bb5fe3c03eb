"""All of Silvi over the local Bot API server: people, officers, their forum group, and a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.app import App
from bot.channels.telegram import application
from bot.domain.cases import Role
from bot.services import officers
from bot.settings import Settings
from bot.storage.database import Database
from tests.fakes import VAULT, FakeNlu, Knowledge
from tests.telegram_api import Account, TelegramApi

SARI, BUDI, RINA, JOKO = 1001, 1002, 1003, 1004
DESK = -1_000_000_000_777

Running = Callable[[App], AbstractAsyncContextManager[None]]


@pytest.fixture
def nlu() -> FakeNlu:
    return FakeNlu()


@pytest.fixture
async def app(database_url: str, telegram_api: TelegramApi, telegram: Account, nlu: FakeNlu) -> AsyncIterator[App]:
    """Silvi with a desk, Budi and Rina registered; without an index, so that danger is seen by the rules alone."""
    telegram.opens_forum(DESK)
    settings = Settings(
        _env_file=None,
        telegram_token=SecretStr(telegram.token),
        telegram_api_url=telegram_api.url,
        desk_chat_id=DESK,
        fragment_wait_s=0,
    )
    app = App(settings, Database(database_url, VAULT), nlu, Knowledge(None))
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        await session.execute(
            text("truncate outbox, updates, failed_updates, questions, chats, people, officers cascade")
        )
        await officers.add(session, BUDI, "Budi", Role.OFFICER, now=now)
        await officers.add(session, RINA, "Rina", Role.SUPERVISOR, now=now)
    yield app
    await app.close()


@pytest.fixture
def running() -> Running:
    """`async with running(app):` is the Telegram channel at work with the real dialogue."""

    @asynccontextmanager
    async def channel(app: App) -> AsyncIterator[None]:
        stop = asyncio.Event()
        service = asyncio.create_task(application.run(app, stop))
        try:
            yield
        finally:
            stop.set()
            await service

    return channel
