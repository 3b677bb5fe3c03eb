"""What people tell is encrypted before it reaches the database: the key ring, and the column types that use it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Dialect, LargeBinary, MetaData, Text, select, text, type_coerce, update
from sqlalchemy.types import TypeDecorator

BATCH, FILES = 500, 1
"""Rows renewed at once; files may be large."""
KEY_CHECK = "silvi"
"""Any known text: who can read it back has the right key."""


class WrongKey(Exception):
    """The database was written with another key than the one this process has."""


class Vault:
    """Encrypts with the first key (Fernet: AES-128-CBC with HMAC-SHA256) and reads what any of the keys wrote."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._ring = MultiFernet([Fernet(_derived(key)) for key in keys])

    def close(self, content: bytes) -> bytes:
        """Encrypted; a second call gives other bytes for the same content."""
        return self._ring.encrypt(content)

    def open(self, token: bytes) -> bytes:
        """What was encrypted; raises WrongKey."""
        try:
            return self._ring.decrypt(token)
        except InvalidToken:
            raise WrongKey("SILVI_SECRET_KEY is not the key this was written with") from None

    def renew(self, token: bytes) -> bytes:
        """The same content under the first key; raises WrongKey."""
        try:
            return self._ring.rotate(token)
        except InvalidToken:
            raise WrongKey(
                "neither SILVI_SECRET_KEY nor SILVI_SECRET_KEY_OLD is the key this was written with"
            ) from None


class Encrypted(TypeDecorator[str]):
    """A text that stands encrypted in its column; the vault is the one of the engine (`dialect.vault`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else dialect.vault.close(value.encode()).decode("ascii")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else dialect.vault.open(value.encode("ascii")).decode()


class EncryptedJson(TypeDecorator[Any]):
    """A JSON document that stands encrypted in its column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else dialect.vault.close(json.dumps(value).encode()).decode("ascii")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(dialect.vault.open(value.encode("ascii")))


class EncryptedBytes(TypeDecorator[bytes]):
    """A file that stands encrypted in its column."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else dialect.vault.close(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else dialect.vault.open(value)


def check_key(connection: Connection, vault: Vault) -> None:
    """Raise WrongKey where this database was first used with another key; the first use sets it."""
    connection.execute(
        text("insert into key_check (id, token) values (1, :token) on conflict do nothing"),
        {"token": vault.close(KEY_CHECK.encode()).decode("ascii")},
    )
    vault.open(connection.execute(text("select token from key_check")).scalar_one().encode("ascii"))


def renew_all(connection: Connection, vault: Vault, tables: MetaData, tell: Callable[[str], None]) -> int:
    """Bring every encrypted value under the first key and return how many rows that were; may be run again.

    Each batch is committed by itself, so that an interrupted run loses nothing and the service goes on meanwhile.
    """
    renewed = 0
    for table in tables.sorted_tables:
        columns = [
            column for column in table.columns if isinstance(column.type, Encrypted | EncryptedJson | EncryptedBytes)
        ]
        if columns:
            tell(f"{table.name} ...")
            renewed += _renew_table(connection, vault, table, columns)
    token = connection.execute(text("select token from key_check for update")).scalar_one()
    renewed_token = vault.renew(token.encode("ascii")).decode("ascii")
    connection.execute(text("update key_check set token = :token"), {"token": renewed_token})
    connection.commit()
    return renewed


def _renew_table(connection: Connection, vault: Vault, table: Any, columns: list[Any]) -> int:
    # As they stand: neither decrypted nor encrypted on the way.
    raw = [type_coerce(column, column.type.impl).label(column.name) for column in columns]
    limit = FILES if any(isinstance(column.type, EncryptedBytes) for column in columns) else BATCH
    last_id, count = 0, 0
    while True:
        batch = select(table.c.id, *raw).where(table.c.id > last_id).order_by(table.c.id).limit(limit).with_for_update()
        rows = connection.execute(batch).mappings().all()
        if not rows:
            connection.commit()
            return count
        # The log of cases is append-only for everybody but this.
        connection.execute(text("set local silvi.renewing_key = 'on'"))
        for row in rows:
            tokens = {
                column: type_coerce(_renewed(vault, row[column.name]), column.type.impl)
                for column in columns
                if row[column.name] is not None
            }
            if tokens:
                connection.execute(update(table).where(table.c.id == row["id"]).values(tokens))
        connection.commit()
        last_id, count = rows[-1]["id"], count + len(rows)


def _renewed(vault: Vault, token: str | bytes) -> str | bytes:
    return vault.renew(token) if isinstance(token, bytes) else vault.renew(token.encode("ascii")).decode("ascii")


def _derived(key: str) -> bytes:
    """A Fernet key for this purpose alone, so that a signed cookie says nothing about the encryption."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"silvi at rest").derive(key.encode())
    return base64.urlsafe_b64encode(derived)
