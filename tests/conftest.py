"""A real PostgreSQL for the whole run with a fresh database per module, and a local Telegram."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.services.knowledge_base import model_folder
from bot.settings import Settings
from bot.storage import embedded
from bot.storage.database import driver_url, upgrade
from knowledge.base import KnowledgeBase
from knowledge.embedder import Embedder
from knowledge.entries import CONTENT, load_entries
from knowledge.office import load_office
from tests.fakes import VAULT
from tests.telegram_api import Account, TelegramApi


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the embedded server; it stops with the test run."""
    return embedded.start(tmp_path_factory.mktemp("postgres"))


@pytest.fixture(scope="module")
def database_url(server_url: str) -> Iterator[str]:
    """A database of this module alone, with the schema that the migrations make."""
    name = f"test_{uuid4().hex}"
    engine = create_engine(driver_url(server_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
        url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
        upgrade(url, VAULT)
        yield url
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()


@pytest.fixture
def empty_database(server_url: str) -> str:
    """The address of a database in which nothing has been made yet."""
    name = f"empty_{uuid4().hex}"
    engine = create_engine(driver_url(server_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def telegram_api() -> Iterator[TelegramApi]:
    """The local Bot API server, in a thread of its own."""
    with TelegramApi().running() as api:
        yield api


@pytest.fixture
def telegram(telegram_api: TelegramApi) -> Account:
    """A bot of this test alone."""
    return telegram_api.new_bot()


@pytest.fixture(scope="session")
def base() -> KnowledgeBase:
    """The shipped content under the bundled model, for all tests to read.

    `make setup` has learnt it; what changed since is learnt once and kept for the next run.
    """
    model = model_folder(Settings(_env_file=None))
    folders = [model, model.parents[1] / "tests"]
    return KnowledgeBase.build(load_entries(CONTENT / "faq"), Embedder(model), load_office(None), folders)
