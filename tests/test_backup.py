"""A backup put into an empty machine gives every table back as it was; nobody reads it without the office's key."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.domain.cases import CaseState
from bot.storage import backup, sealed
from bot.storage.database import Database, engine_with
from bot.storage.sealed import SealedReader, SealingWriter, Unreadable
from tests.commands import silvi_in
from tests.fakes import SECRET_KEY, VAULT
from tests.test_migrations import migrate_to
from tests.test_my_data import live


def contents(url: str) -> dict[str, list]:
    """Every row of every table but those of the task queue, in the order of all its columns."""
    engine = engine_with(VAULT, url)
    with engine.connect() as connection:
        tables = connection.execute(text(backup._TABLES)).scalars().all()
        rows = {
            table: sorted(connection.execute(text(f'select t::text from "{table}" t')).scalars()) for table in tables
        }
        rows["sequences"] = sorted(
            map(
                tuple,
                connection.execute(
                    text(
                        "select sequencename, last_value from pg_sequences where sequencename not like 'procrastinate%'"
                    )
                ),
            )
        )
    engine.dispose()
    return rows


async def fill(url: str) -> None:
    database = Database(url, VAULT)
    async with database.transaction() as session:
        for state in (CaseState.NEW, CaseState.CLOSED):
            await live(session, state)
    await database.close()


def test_empty_machine_gets_every_table_back(database_url: str, empty_database: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url))
    office = tmp_path / "kantor.yaml"
    office.write_text("holidays: []\n", encoding="utf-8")
    old, new = tmp_path / "lama", tmp_path / "baru"
    old.mkdir()
    new.mkdir()
    file = tmp_path / "cadangan.silvi"
    known = {"SILVI_SECRET_KEY": SECRET_KEY}
    saved = silvi_in(old)("backup", file, SILVI_DATABASE_URL=database_url, SILVI_OFFICE_FILE=str(office), **known)
    assert saved.returncode == 0, saved.stderr
    assert SECRET_KEY not in saved.stdout and file.stat().st_mode & 0o077 == 0
    back = silvi_in(new)("restore", file, SILVI_DATABASE_URL=empty_database, **known)
    assert back.returncode == 0, back.stderr
    before, after = contents(database_url), contents(empty_database)
    assert before == after and len(before["cases"]) >= 2
    assert (new / "office.yaml").read_text(encoding="utf-8") == "holidays: []\n"
    # A second time there is something to lose.
    again = silvi_in(new)("restore", file, SILVI_DATABASE_URL=empty_database, **known)
    assert again.returncode == 2 and "sudah berisi" in again.stderr
    assert contents(empty_database) == after


def test_wrong_key_and_other_files_are_refused_in_words(database_url: str, empty_database: str, tmp_path: Path) -> None:
    file, no_backup = tmp_path / "cadangan.silvi", tmp_path / "catatan.txt"
    no_backup.write_text("bukan cadangan")
    silvi = silvi_in(tmp_path)
    assert silvi("backup", file, SILVI_DATABASE_URL=database_url, SILVI_SECRET_KEY=SECRET_KEY).returncode == 0
    for given_file, key, reason in (
        (file, "another key that is long enough too", "kunci lain"),
        (no_backup, SECRET_KEY, "bukan berkas cadangan"),
        (tmp_path / "tidak-ada", SECRET_KEY, "No such file"),
    ):
        done = silvi("restore", given_file, SILVI_DATABASE_URL=empty_database, SILVI_SECRET_KEY=key)
        assert done.returncode == 2 and reason in done.stderr
    again = silvi("backup", file, SILVI_DATABASE_URL=database_url, SILVI_SECRET_KEY=SECRET_KEY)
    assert again.returncode == 2 and "sudah ada" in again.stderr


def test_key_is_shown_only_when_asked(database_url: str, tmp_path: Path) -> None:
    silvi = silvi_in(tmp_path)
    known = {"SILVI_DATABASE_URL": database_url, "SILVI_SECRET_KEY": SECRET_KEY}
    shown = silvi("backup", tmp_path / "a.silvi", "--show-key", **known)
    assert f"SILVI_SECRET_KEY={SECRET_KEY}" in shown.stdout


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 128, 200])
@pytest.mark.parametrize("kind", ["cut", "changed", "whole"])
def test_broken_file_is_refused_before_anything_is_written(
    length: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "PIECE_BYTES", 64)
    target, content = io.BytesIO(), bytes(range(length))
    writer = SealingWriter(target, SECRET_KEY)
    writer.write(content)
    writer.finish()
    file = bytearray(target.getvalue())
    if kind == "whole":
        assert SealedReader(io.BytesIO(file), ["wrong", SECRET_KEY]).readall() == content
        return
    if kind == "cut":
        del file[-80 if length > 64 else -1 :]
    else:
        file[-1] ^= 1
    with pytest.raises(Unreadable):
        SealedReader(io.BytesIO(file), [SECRET_KEY]).readall()


def test_backup_of_an_earlier_schema_is_brought_up_to_date(
    database_url: str, empty_database: str, tmp_path: Path
) -> None:

    old = make_url(empty_database)
    migrate_to(empty_database, "0010")
    engine = engine_with(VAULT, empty_database)
    with engine.begin() as connection:
        connection.execute(text("insert into people (channel, external_id, created_at) values ('web', 'sari', now())"))
        connection.execute(
            text("insert into key_check (id, token) values (1, :token)"), {"token": VAULT.close(b"silvi").decode()}
        )
    target = io.BytesIO()

    made = backup.write(empty_database, VAULT, target, key=SECRET_KEY, office_file=None, now=datetime.now(UTC))
    assert made.revision == "0010"
    name = f"{old.database}_baru"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    new = old.set(database=name).render_as_string(hide_password=False)
    target.seek(0)
    backup.restore(new, VAULT, target, keys=[SECRET_KEY], office_file_to=tmp_path / "office.yaml")
    assert [row for row in contents(new)["people"] if "sari" in row]
    assert "agreements" in contents(new)
