"""Alembic's entry: migrates the connection it is handed, or, from the `alembic` command, the configured database."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from bot.secret_key import secret_keys
from bot.settings import Settings
from bot.storage import embedded
from bot.storage.database import engine_with
from bot.storage.tables import Base, is_ours
from bot.storage.vault import Vault


def migrate(connection: Connection) -> None:
    """Run the pending revisions in the connection's transaction."""
    context.configure(connection=connection, target_metadata=Base.metadata, include_name=is_ours)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    settings = Settings()
    url = settings.database_url or embedded.start(settings.data_dir)
    with engine_with(Vault(secret_keys(settings)), url).connect() as opened:
        migrate(opened)
