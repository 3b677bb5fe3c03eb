"""The one door to PostgreSQL: an engine, and transactions that the edges own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from select import POLLIN, poll

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine

from bot.storage.vault import Vault, check_key

Session = AsyncSession
SENT_CHANNEL = "silvi_sent"
"""Postgres channel on which processes tell each other what they sent to whom, for the pace."""
OUTBOX_CHANNEL = "silvi_outbox"
CONTENT_CHANNEL = "silvi_content"
MIGRATIONS = Path(__file__).with_name("migrations")
MIGRATION_LOCK, SOLE_LOCKS = 0x51_1F_01, 0x51_1F_05
"""Any numbers that no other advisory lock of this database uses."""
INSUFFICIENT_RESOURCES, READ_ONLY = "53", "25006"
"""A class of SQLSTATEs and one of them (PostgreSQL, appendix A)."""
Transactions = Callable[[], AbstractAsyncContextManager[AsyncSession]]


def driver_url(url: str) -> URL:
    """`url` for SQLAlchemy with psycopg 3, whichever driver it names."""
    return make_url(url).set(drivername="postgresql+psycopg")


def upgrade(url: str, vault: Vault) -> str | None:
    """Bring the schema to the newest revision and return it; blocks, also while another process migrates.

    All of it is one transaction: a revision that fails leaves the schema as it was. Raises WrongKey where the
    database was written with another key.
    """
    engine = engine_with(vault, url)
    try:
        with engine.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            migrate_to(connection, "head")
            check_key(connection, vault)
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def revisions(url: str, vault: Vault) -> tuple[str | None, str]:
    """The revision the schema has and the newest there is, without changing anything; the first is None in an empty database.

    Raises WrongKey where the schema is the newest and was written with another key.
    """
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    engine = engine_with(vault, url)
    try:
        with engine.begin() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            if revision == newest:
                check_key(connection, vault)
            return revision, newest
    finally:
        engine.dispose()


def migrate_to(connection: Connection, revision: str) -> None:
    """Bring the schema up to `revision` in the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def engine_with(vault: Vault, url: str) -> Engine:
    """A blocking engine that reads and writes encrypted columns with `vault`."""
    engine = create_engine(driver_url(url), connect_args={"connect_timeout": 5}, hide_parameters=True)
    engine.dialect.vault = vault
    return engine


def takes_no_writes(error: BaseException) -> bool:
    """Whether the database can be asked but has no room (disk, memory, connections) or may only be read: it passes."""
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return state is not None and (state.startswith(INSUFFICIENT_RESOURCES) or state == READ_ONLY)


def _refuse_a_dead_one(connection, _record, _proxy) -> None:
    """The pool opens another in place of a connection whose server is gone; asking the server costs a round trip each time."""
    socket = poll()
    socket.register(connection.driver_connection.fileno(), POLLIN)
    if socket.poll(0):  # An idle connection has nothing to say but that it has ended.
        raise DisconnectionError("the server has closed the connection")


class Database:
    """Opens nothing until first used; every outside call has a time-out."""

    def __init__(self, url: str, vault: Vault, *, pool_size: int = 20, statement_timeout_ms: int = 15_000) -> None:
        self.url = driver_url(url)
        self.engine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,  # an overflowing connection is closed after each use: a process of the server each time
            pool_timeout=10,
            hide_parameters=True,  # an error in the log must not quote what a person wrote
            connect_args={"connect_timeout": 5, "options": f"-c statement_timeout={statement_timeout_ms}"},
        )
        self.engine.dialect.vault = vault
        event.listen(self.engine.sync_engine, "checkout", _refuse_a_dead_one)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._single = async_sessionmaker(
            self.engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """One unit of work: returning commits, raising rolls back."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[Session]:
        """For one statement, committed with its end: without the two round trips that begin and end a transaction."""
        async with self._single() as session:
            yield session

    @asynccontextmanager
    async def sole(self, task: str) -> AsyncIterator[Transactions | None]:
        """For what one process of all may do: its transactions, which fail once it may be another's; None while it is.

        They run on the connection that holds the lock, so that nobody writes who has lost it unknowingly.
        """
        async with self.engine.connect() as connection:
            taken = select(func.pg_try_advisory_lock(SOLE_LOCKS, func.hashtext(task)))
            is_ours = (await connection.execute(taken)).scalar_one()
            await connection.commit()
            if not is_ours:
                yield None
                return
            try:
                yield partial(self._transaction_on, connection)
            finally:
                # Closed, not given back to the pool: the lock goes with the connection, whatever state that is in.
                await connection.invalidate()

    @asynccontextmanager
    async def _transaction_on(self, connection: AsyncConnection) -> AsyncIterator[Session]:
        async with AsyncSession(connection, expire_on_commit=False) as session, session.begin():
            yield session

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def answers(self) -> bool:
        """Whether it can be asked now; what fails then is not the database's fault."""
        try:
            await self.ping()
        except Exception:
            return False
        return True

    async def close(self) -> None:
        await self.engine.dispose()

    def psycopg_dsn(self) -> str:
        """The address for a plain psycopg connection (LISTEN, migrations, the task queue)."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)
