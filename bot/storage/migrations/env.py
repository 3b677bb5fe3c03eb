"""Alembic's entry: migrates the connection it is handed, or, from the `alembic` command, the configured database."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from bot.settings import Settings
from bot.storage import embedded
from bot.storage.database import driver_url
from bot.storage.tables import Base


def migrate(connection: Connection) -> None:
    """Run the pending revisions in the connection's transaction."""
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


def configured_url() -> str:
    """The database of the settings, the embedded one included."""
    settings = Settings()
    return settings.database_url or embedded.start(settings.data_dir)


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(driver_url(configured_url())).connect() as opened:
        migrate(opened)
