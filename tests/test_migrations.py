"""The migrations in git make exactly the tables the code works with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, select, text

from bot.storage.database import MIGRATIONS, driver_url, engine_with, upgrade
from bot.storage.tables import Base, Chat
from tests.fakes import VAULT


def test_migrated_schema_equals_the_tables_of_the_code(empty_database: str) -> None:
    upgrade(empty_database, VAULT)
    engine = create_engine(driver_url(empty_database))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert differences == []


def test_second_upgrade_changes_nothing(empty_database: str) -> None:
    assert upgrade(empty_database, VAULT) == upgrade(empty_database, VAULT) is not None


def test_two_processes_may_upgrade_at_the_same_time(empty_database: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(upgrade, [empty_database] * 2, [VAULT] * 2)
    assert first == second is not None


def test_what_was_written_before_the_encryption_is_readable_after_it(empty_database: str) -> None:
    migrate_to(empty_database, "0002")
    engine = engine_with(VAULT, empty_database)
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into chats (channel, external_id, is_group, created_at, turns, memory, held_text) "
                "values ('web', 'sari', false, now(), 0, '{\"last_text\": \"halo\"}', 'di Sibu')"
            )
        )
    upgrade(empty_database, VAULT)
    with engine.begin() as connection:
        assert "Sibu" not in connection.execute(text("select held_text from chats")).scalar_one()
        kept = connection.execute(select(Chat.memory, Chat.held_text)).one()
    assert tuple(kept) == ({"last_text": "halo"}, "di Sibu")
    migrate_to(empty_database, "0002", down=True)
    with engine.begin() as connection:
        assert connection.execute(text("select held_text from chats")).scalar_one() == "di Sibu"
    engine.dispose()


def migrate_to(url: str, revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = engine_with(VAULT, url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)
    engine.dispose()
