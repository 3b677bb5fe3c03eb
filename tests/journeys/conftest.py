"""Silvi as a service: the real dialogue behind the real channels, on the shipped content."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from pydantic import SecretStr

from bot.app import App
from bot.channels.telegram import application, lane
from bot.dialogue.turn import resume_held
from bot.settings import Settings
from bot.storage.database import Database
from knowledge.base import KnowledgeBase
from tests.fakes import VAULT, FakeNlu, Knowledge
from tests.telegram_api import Account, TelegramApi

FRAGMENT_WAIT_S = 0.5


@pytest.fixture(autouse=True)
def at_full_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages to one person follow each other at once: what is told here are stories, not the pace."""
    monkeypatch.setattr(lane, "CHAT_GAP_S", 0.0)


@pytest.fixture
def nlu() -> FakeNlu:
    return FakeNlu()


Process = Callable[[], AbstractAsyncContextManager[App]]


@pytest.fixture
def process(
    database_url: str, telegram_api: TelegramApi, telegram: Account, base: KnowledgeBase, nlu: FakeNlu
) -> Process:
    """`async with process() as app:` is one run of the service with its Telegram channel; leaving stops it."""
    settings = Settings(
        _env_file=None,
        telegram_token=SecretStr(telegram.token),
        telegram_api_url=telegram_api.url,
        fragment_wait_s=FRAGMENT_WAIT_S,
    )

    @asynccontextmanager
    async def running() -> AsyncIterator[App]:
        app, stop = App(settings, Database(database_url, VAULT), nlu, Knowledge(base)), asyncio.Event()
        await resume_held(app)
        service = asyncio.create_task(application.run(app, stop))
        try:
            yield app
        finally:
            stop.set()
            await service
            await app.close()
            # What is said after a run, or in the next story, is a message of its own and no fragment of the last.
            await asyncio.sleep(FRAGMENT_WAIT_S)

    return running
