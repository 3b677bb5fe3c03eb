"""The embedded database comes back when it ends beside a running service."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import psycopg
import pytest

from bot.storage import embedded


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


async def until_answers(address: str) -> None:
    while True:
        try:
            psycopg.connect(address, connect_timeout=1).close()
            return
        except psycopg.OperationalError:
            await asyncio.sleep(0.05)


async def test_embedded_database_that_ends_is_started_again_with_what_it_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "CHECK_EVERY_S", 0.05)
    address, stop = embedded.start(tmp_path), asyncio.Event()
    with psycopg.connect(address) as connection:
        connection.execute("create table kept as select 7 as number")
    watching = asyncio.create_task(embedded.watch(tmp_path, stop))
    first = postmaster(tmp_path)
    os.kill(first, signal.SIGQUIT)
    async with asyncio.timeout(30):
        while not (tmp_path / "postgres" / "postmaster.pid").exists() or postmaster(tmp_path) == first:
            await asyncio.sleep(0.05)
        await until_answers(address)
    with psycopg.connect(address) as connection:
        assert connection.execute("select number from kept").fetchone() == (7,)
    stop.set()
    await watching


def test_embedded_database_that_is_there_is_left_alone(tmp_path: Path) -> None:
    embedded.start(tmp_path)
    assert embedded.revive(tmp_path) is False
