"""The service as a whole: its parts are kept running, and it ends when told to or when it would be of no use."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import run as service
from bot.run import CannotStart, keep_running
from bot.settings import Settings
from tests.fakes import SECRET_KEY


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "FIRST_PAUSE_S", 0.01)


async def test_part_that_dies_is_started_again() -> None:
    stop, starts = asyncio.Event(), []

    async def dies_twice() -> None:
        starts.append(len(starts))
        if len(starts) < 3:
            raise ConnectionError("the network is away")
        stop.set()

    await asyncio.wait_for(keep_running("telegram", dies_twice, stop), 5)
    assert starts == [0, 1, 2]


async def test_vital_part_that_cannot_start_ends_the_service_with_its_reason() -> None:
    async def address_taken() -> None:
        raise OSError("address already in use")

    with pytest.raises(CannotStart, match="web: address already in use"):
        await keep_running("web", address_taken, asyncio.Event(), vital=True)


def test_year_without_its_joint_leave_is_told_at_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    service._warn_of_days_unknown(Settings(_env_file=None), date(2025, 6, 2))
    assert not caplog.records
    service._warn_of_days_unknown(Settings(_env_file=None), date(2026, 12, 20))
    assert "2026 and 2027" in caplog.text
    caplog.clear()
    (tmp_path / "office.yaml").write_text("holidays: [{date: 2026-12-24, name: Cuti bersama}]", encoding="utf-8")
    settings = Settings(_env_file=None, office_file=tmp_path / "office.yaml")
    service._warn_of_days_unknown(settings, date(2026, 11, 20))
    assert not caplog.records


async def test_unknown_part_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kiosk"):
        await service.run(Settings(_env_file=None, data_dir=tmp_path), {"kiosk"})


async def test_telegram_alone_without_a_token_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="SILVI_TELEGRAM_TOKEN"):
        await service.run(Settings(_env_file=None, data_dir=tmp_path), {"telegram"})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_stops_the_service_gracefully(tmp_path: Path, database_url: str, number: signal.Signals) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=database_url, secret_key=SECRET_KEY)
    running = asyncio.create_task(service.run(settings, {"worker"}))
    await asyncio.sleep(0.2)
    os.kill(os.getpid(), number)
    await asyncio.wait_for(running, 10)


async def test_broken_vital_part_takes_the_others_down_with_it(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the knowledge and the NLU, which this story does not need.
    monkeypatch.setitem(service.PARTS, "web", replace(service.PARTS["web"], answers_people=False))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = Settings(
            _env_file=None, data_dir=tmp_path, database_url=database_url, web_listen=address, secret_key=SECRET_KEY
        )
        with pytest.raises(CannotStart, match="web: .*already in use"):
            await asyncio.wait_for(service.run(settings, {"web", "worker"}), 10)
