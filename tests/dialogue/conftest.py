"""The dialogue on a real database and the shipped content, with an NLU that tests can teach or take away."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.app import App
from bot.settings import Settings
from bot.storage.database import Database
from knowledge.base import KnowledgeBase
from tests.fakes import VAULT, FakeNlu, Knowledge, Sari


@pytest.fixture
def nlu() -> FakeNlu:
    return FakeNlu()


@pytest.fixture
async def app(database_url: str, base: KnowledgeBase, nlu: FakeNlu) -> AsyncIterator[App]:
    """Silvi that answers every message at once."""
    app = App(Settings(_env_file=None, fragment_wait_s=0), Database(database_url, VAULT), nlu, Knowledge(base))
    yield app
    await app.close()


@pytest.fixture
async def patient_app(database_url: str, base: KnowledgeBase, nlu: FakeNlu) -> AsyncIterator[App]:
    """Silvi that waits for the rest of a message."""
    app = App(Settings(_env_file=None, fragment_wait_s=0.6), Database(database_url, VAULT), nlu, Knowledge(base))
    yield app
    await app.close()


@pytest.fixture
async def bare_app(database_url: str, nlu: FakeNlu) -> AsyncIterator[App]:
    """Silvi without an index."""
    app = App(Settings(_env_file=None, fragment_wait_s=0), Database(database_url, VAULT), nlu, Knowledge(None))
    yield app
    await app.close()


@pytest.fixture
def sari(app: App) -> Sari:
    return Sari(app)
