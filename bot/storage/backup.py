"""The whole database as one sealed file, and back into an empty one: tables by COPY, all of one snapshot.

Not pg_dump: it refuses servers newer than itself, and the office's server may be of any version. The jobs of the task
queue stay behind: they are all periodic, and come anew.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from psycopg import Cursor, sql
from sqlalchemy import text

from bot.storage.database import MIGRATION_LOCK, engine_with, migrate_to, upgrade
from bot.storage.sealed import SealedReader, SealingWriter, Unreadable
from bot.storage.vault import Vault

MANIFEST, OFFICE_FILE = "manifest.json", "office.yaml"
COPIED_AT_ONCE = 256 * 1024

_TABLES = """
select tablename from pg_tables where schemaname = current_schema()
and tablename <> 'alembic_version' and tablename not like 'procrastinate%' order by tablename
"""
_POINTS_TO = """
select conrelid::regclass::text, confrelid::regclass::text from pg_constraint
where contype = 'f' and connamespace = current_schema()::regnamespace and conrelid <> confrelid
"""
_COLUMNS = """
select column_name from information_schema.columns
where table_schema = current_schema() and table_name = %s order by ordinal_position
"""
_SEQUENCES = """
select sequencename, last_value from pg_sequences
where schemaname = current_schema() and sequencename not like 'procrastinate%' and last_value is not null
"""


class NotEmpty(Exception):
    """Somebody's data are in the database already."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: the revision of the schema, how many rows of each table, and where the sequences stood."""

    made_at: str
    revision: str
    rows: dict[str, int]
    columns: dict[str, list[str]]
    sequences: dict[str, int]
    has_office_file: bool


def write(url: str, vault: Vault, target: BinaryIO, *, key: str, office_file: Path | None, now: datetime) -> Manifest:
    """Write all tables as they are at this moment to `target`; the service may go on meanwhile."""
    engine = engine_with(vault, url)
    sealing = SealingWriter(target, key)
    with closing(engine.raw_connection()) as connection, tarfile.open(fileobj=sealing, mode="w|gz") as archive:
        cursor = connection.driver_connection.cursor()
        cursor.execute("set transaction isolation level repeatable read, read only")
        revision = cursor.execute("select version_num from alembic_version").fetchone()[0]
        rows, columns = {}, {}
        for table in [name for (name,) in cursor.execute(_TABLES).fetchall()]:
            columns[table] = [name for (name,) in cursor.execute(_COLUMNS, [table]).fetchall()]
            rows[table] = _add_table(archive, cursor, table, columns[table])
        if office_file:
            archive.add(office_file, OFFICE_FILE)
        sequences = dict(cursor.execute(_SEQUENCES).fetchall())
        manifest = Manifest(now.isoformat(), revision, rows, columns, sequences, office_file is not None)
        content = json.dumps(asdict(manifest)).encode()
        _add(archive, MANIFEST, io.BytesIO(content), len(content))
        connection.rollback()
    sealing.finish()
    engine.dispose()
    return manifest


def restore(url: str, vault: Vault, source: BinaryIO, *, keys: Sequence[str], office_file_to: Path) -> Manifest:
    """Put a backup into an empty database and bring its schema up to date; all of it or nothing.

    Raises NotEmpty, Unreadable, and WrongKey where the columns were encrypted with another key.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(fileobj=SealedReader(source, keys), mode="r|gz") as archive:
                archive.extractall(folder, filter="data")
            unpacked = Path(folder)
            manifest = Manifest(**json.loads((unpacked / MANIFEST).read_text(encoding="utf-8")))
        except (tarfile.TarError, EOFError, OSError, ValueError, TypeError) as error:
            raise Unreadable(f"berkas cadangan rusak atau terpotong ({type(error).__name__})") from error
        _load(url, vault, manifest, unpacked)
        if manifest.has_office_file and not office_file_to.exists():
            office_file_to.parent.mkdir(parents=True, exist_ok=True)
            office_file_to.write_bytes((unpacked / OFFICE_FILE).read_bytes())
    upgrade(url, vault)
    return manifest


def _load(url: str, vault: Vault, manifest: Manifest, unpacked: Path) -> None:
    engine = engine_with(vault, url)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        cursor = connection.connection.driver_connection.cursor()
        _refuse_if_in_use(cursor)
        migrate_to(connection, manifest.revision)
        order = _parents_first(list(manifest.rows), cursor.execute(_POINTS_TO).fetchall())
        for table in order:
            # What migrations put in comes from the backup, too.
            cursor.execute(sql.SQL("truncate {} cascade").format(sql.Identifier(table)))
        for table in order:
            names = sql.SQL(", ").join(map(sql.Identifier, manifest.columns[table]))
            into = sql.SQL("copy {} ({}) from stdin (format binary)").format(sql.Identifier(table), names)
            with (unpacked / table).open("rb") as rows, cursor.copy(into) as copy:
                while piece := rows.read(COPIED_AT_ONCE):
                    copy.write(piece)
        for sequence, value in manifest.sequences.items():
            cursor.execute("select setval(%s::regclass, %s)", [sequence, value])
    engine.dispose()


def _refuse_if_in_use(cursor: Cursor) -> None:
    for table in ("people", "cases"):
        if cursor.execute("select to_regclass(%s)", [table]).fetchone()[0] is None:
            continue
        if cursor.execute(sql.SQL("select exists (select from {})").format(sql.Identifier(table))).fetchone()[0]:
            raise NotEmpty("basis data tujuan sudah berisi; pulihkan hanya ke basis data kosong")


def _add_table(archive: tarfile.TarFile, cursor: Cursor, table: str, columns: Sequence[str]) -> int:
    """What people told stands encrypted in these rows; the scratch file holds no more than the database does."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    out = sql.SQL("copy {} ({}) to stdout (format binary)").format(sql.Identifier(table), names)
    with tempfile.TemporaryFile() as rows:
        with cursor.copy(out) as copy:
            for piece in copy:
                rows.write(piece)
        count = cursor.rowcount
        size = rows.tell()
        rows.seek(0)
        _add(archive, table, rows, size)
    return count


def _add(archive: tarfile.TarFile, name: str, content: BinaryIO, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, content)


def _parents_first(tables: list[str], points_to: Sequence[tuple[str, str]]) -> list[str]:
    """Tables in an order in which no row points to one that is not there yet."""
    parents = {
        table: {parent for child, parent in points_to if child == table and parent in tables} for table in tables
    }
    order: list[str] = []
    while parents:
        ready = sorted(table for table, needed in parents.items() if needed <= set(order))
        order += ready
        for table in ready:
            del parents[table]
    return order


def save(url: str, vault: Vault, path: Path, *, key: str, office_file: Path | None, now: datetime) -> Manifest:
    """Write the backup to `path`, readable by this user alone; a run that fails leaves no half file under that name."""
    scratch = path.with_name(f"{path.name}.sebagian")
    try:
        with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            manifest = write(url, vault, target, key=key, office_file=office_file, now=now)
            target.flush()
            os.fsync(target.fileno())
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
    return manifest
