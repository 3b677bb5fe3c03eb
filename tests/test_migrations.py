"""The migrations in git make exactly the tables the code works with."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import create_engine, select, text

from bot.storage.database import MIGRATIONS, driver_url, engine_with, upgrade
from bot.storage.tables import Base, Chat, is_ours
from tests.fakes import VAULT


def test_migrated_schema_equals_the_tables_of_the_code(empty_database: str) -> None:
    upgrade(empty_database, VAULT)
    engine = create_engine(driver_url(empty_database))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def test_second_upgrade_changes_nothing(empty_database: str) -> None:
    assert upgrade(empty_database, VAULT) == upgrade(empty_database, VAULT) is not None


def test_two_processes_may_upgrade_at_the_same_time(empty_database: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(upgrade, [empty_database] * 2, [VAULT] * 2)
    assert first == second is not None


def test_schema_of_the_task_queue_is_the_one_its_revision_was_written_for() -> None:
    shipped = sorted(path.name for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    assert shipped[-1] == importlib.import_module("bot.storage.migrations.versions.0005_jobs").NEWEST_MIGRATION


def test_task_queue_is_taken_away_again_and_made_anew(empty_database: str) -> None:
    upgrade(empty_database, VAULT)
    migrate_to(empty_database, "0003", down=True)
    engine = create_engine(driver_url(empty_database))
    with engine.connect() as connection:
        for catalogue, column in (("pg_class", "relname"), ("pg_proc", "proname"), ("pg_type", "typname")):
            left = text(f"select count(*) from {catalogue} where {column} like '%procrastinate%'")
            assert connection.execute(left).scalar_one() == 0
    engine.dispose()
    assert upgrade(empty_database, VAULT) is not None


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
