"""The migrations in git make exactly the tables the code works with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text

from bot.storage.database import driver_url, upgrade
from bot.storage.tables import Base


@pytest.fixture
def empty_database(server_url: str) -> str:
    """The address of a database in which nothing has been made yet."""
    name = f"empty_{uuid4().hex}"
    engine = create_engine(driver_url(server_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def test_migrated_schema_equals_the_tables_of_the_code(empty_database: str) -> None:
    upgrade(empty_database)
    engine = create_engine(driver_url(empty_database))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert differences == []


def test_second_upgrade_changes_nothing(empty_database: str) -> None:
    assert upgrade(empty_database) == upgrade(empty_database) is not None


def test_two_processes_may_upgrade_at_the_same_time(empty_database: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(upgrade, [empty_database, empty_database])
    assert first == second is not None
