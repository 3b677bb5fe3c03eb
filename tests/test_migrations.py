"""The migrations in git make exactly the tables the code works with."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
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


COLUMNS = text(
    "select c.table_name, c.column_name, c.data_type, c.character_maximum_length, c.is_nullable, "
    "c.column_default is not null or c.is_identity = 'YES' as is_given from information_schema.columns c "
    "where table_schema = 'public' and table_name not like 'procrastinate%' and table_name <> 'alembic_version'"
)
NOT_BESIDE_THE_OLD_VERSION = {
    "0003": "encrypts what older versions wrote and would read in clear",
    "0007": "asks of every file whether Silvi made it",
    "0012": "asks of every check of the golden questions what entry it is of",
}
"""Revisions before the first release that need the old version stopped, each with the reason."""


def test_every_revision_leaves_the_old_version_working(empty_database: str) -> None:
    """While the new version migrates, the old one still reads and writes the tables as it knows them.

    So nothing it uses may go or change its kind, and what is new may not be asked of it.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    line = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    engine = engine_with(VAULT, empty_database)
    known: dict[tuple[str, str], tuple] = {}
    breaking = {}
    for revision in line:
        migrate_to(empty_database, revision)
        with engine.connect() as connection:
            columns = {(table, column): rest for table, column, *rest in connection.execute(COLUMNS)}
        if found := harm_done(known, columns):
            breaking[revision] = found
        known = columns
    engine.dispose()
    assert set(breaking) == set(NOT_BESIDE_THE_OLD_VERSION), breaking


def harm_done(before: dict[tuple[str, str], tuple], after: dict[tuple[str, str], tuple]) -> list[str]:
    """What the version that knows the tables `before` can no longer do."""
    tables = {table for table, _ in before}
    harm = [f"{'.'.join(name)} is gone" for name in before if name not in after]
    for name, (kind, length, nullable, is_given) in after.items():
        if name not in before:
            if name[0] in tables and nullable == "NO" and not is_given:
                harm.append(f"{'.'.join(name)} is asked of who does not know it")
            continue
        old_kind, old_length, was_nullable, _ = before[name]
        if kind != old_kind or (length or 10**9) < (old_length or 10**9):
            harm.append(f"{'.'.join(name)} takes less or other than before")
        if was_nullable == "YES" and nullable == "NO":
            harm.append(f"{'.'.join(name)} may no longer be empty")
    return harm


@pytest.mark.parametrize(
    ("after", "harm"),
    [
        ({("chats", "id"): ("bigint", None, "NO", True)}, "chats.name is gone"),
        ({("chats", "name"): ("text", None, "NO", False)}, "chats.id is gone"),
    ],
)
def test_harm_to_the_old_version_is_named(after: dict, harm: str) -> None:
    before = {("chats", "id"): ("bigint", None, "NO", True), ("chats", "name"): ("text", None, "YES", False)}
    assert harm in harm_done(before, after)
    asked = before | {("chats", "new"): ("text", None, "NO", False), ("other", "new"): ("text", None, "NO", False)}
    assert harm_done(before, asked) == ["chats.new is asked of who does not know it"]


def test_data_of_the_first_schema_come_through_all_revisions(empty_database: str) -> None:
    migrate_to(empty_database, "0001")
    engine = engine_with(VAULT, empty_database)
    with engine.begin() as connection:
        connection.execute(text("insert into people (channel, external_id, created_at) values ('web', 'sari', now())"))
        connection.execute(
            text(
                "insert into chats (channel, external_id, is_group, created_at, turns, memory, held_text) "
                "values ('web', 'sari', false, now(), 3, '{\"last_text\": \"halo\"}', 'di Sibu')"
            )
        )
        connection.execute(
            text(
                "insert into questions (chat_id, asked_at, text_masked, outcome, confidence, suggestions, wants_officer) "
                "select id, now(), 'biaya ke taiwan', 'answer', 0.9, '[]', false from chats"
            )
        )
    upgrade(empty_database, VAULT)
    with engine.connect() as connection:
        kept = connection.execute(select(Chat.memory, Chat.held_text, Chat.turns)).one()
        assert connection.execute(text("select text_masked from questions")).scalar_one() == "biaya ke taiwan"
    engine.dispose()
    assert tuple(kept) == ({"last_text": "halo"}, "di Sibu", 3)


def migrate_to(url: str, revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = engine_with(VAULT, url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)
    engine.dispose()
