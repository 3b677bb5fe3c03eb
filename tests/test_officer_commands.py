"""`silvi officer` and `silvi cases` on a real database."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner, Result

from bot.cli import UnusableInput, app
from bot.domain.messages import Channel, ChatRef
from bot.services import cases, people
from bot.services.desk import desk_at
from bot.storage.database import Database
from knowledge.office import load_office
from tests.fakes import SECRET_KEY, VAULT


@pytest.fixture(autouse=True)
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILVI_DATABASE_URL", database_url)
    monkeypatch.setenv("SILVI_SECRET_KEY", SECRET_KEY)


def silvi(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def add(number: int, name: str, role: str = "officer") -> Result:
    return silvi("officer", "add", "--telegram-id", str(number), "--name", name, "--role", role)


def listed() -> list[dict]:
    return [json.loads(line) for line in silvi("officer", "list", "--json").stdout.splitlines()]


def test_officer_is_added_changed_and_removed() -> None:
    assert "didaftarkan" in add(1002, "Budi").stdout
    assert "diubah" in add(1002, "Budi Santoso", "supervisor").stdout
    assert listed() == [{"telegram_id": 1002, "name": "Budi Santoso", "role": "supervisor"}]
    assert silvi("officer", "remove", "--telegram-id", "1002").exit_code == 0
    assert listed() == []
    assert "didaftarkan" in add(1002, "Budi").stdout


def test_unknown_role_is_refused() -> None:
    assert add(1002, "Budi", "bos").exit_code == 2


def test_officer_without_a_name_is_refused() -> None:
    assert isinstance(add(1002, " ").exception, UnusableInput)


def test_removing_who_is_no_officer_is_refused() -> None:
    assert isinstance(silvi("officer", "remove", "--telegram-id", "1004").exception, UnusableInput)


async def open_one(database_url: str) -> None:
    database, now = Database(database_url, VAULT), datetime.now(UTC)
    async with database.transaction() as session:
        chat = await people.lock_chat(session, ChatRef(Channel.WEB, "sari"), now=now)
        person = await people.person_of(session, Channel.WEB, "sari", now=now)
        report = cases.Report(narrative="nama saya Sari, gaji ditahan", category="gaji", country="brunei")
        await cases.open_case(
            session, person, chat, report, desk=desk_at(None, "Asia/Pontianak", load_office()), now=now
        )
    await database.close()


async def test_waiting_cases_are_listed_without_their_story(database_url: str) -> None:
    await open_one(database_url)
    result = await asyncio.to_thread(silvi, "cases", "list", "--json")
    (shown,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (shown["state"], shown["category"], shown["country"]) == ("new", "gaji", "brunei")
    assert "Sari" not in result.stdout
