"""`silvi officer` and `silvi cases` on a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from bot.cli import UnusableInput, app
from bot.domain.messages import Channel, ChatRef
from bot.services import cases, people
from bot.services.desk import desk_at
from bot.storage.database import Database, Session
from bot.storage.tables import Case
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
    assert listed() == [{"telegram_id": 1002, "name": "Budi Santoso", "role": "supervisor", "office": None}]
    assert silvi("officer", "remove", "--telegram-id", "1002").exit_code == 0
    assert listed() == []
    assert "didaftarkan" in add(1002, "Budi").stdout


def test_unknown_role_is_refused() -> None:
    assert add(1002, "Budi", "bos").exit_code == 2


def test_officer_without_a_name_is_refused() -> None:
    assert isinstance(add(1002, " ").exception, UnusableInput)


def test_removing_who_is_no_officer_is_refused() -> None:
    assert isinstance(silvi("officer", "remove", "--telegram-id", "1004").exception, UnusableInput)


def test_officer_belongs_to_an_office_of_the_profile() -> None:
    arguments = ("officer", "add", "--telegram-id", "1002", "--name", "Budi", "--role", "officer", "--office")
    assert silvi(*arguments, "p4mi_sambas").exit_code == 0
    assert listed()[0]["office"] == "p4mi_sambas"
    refused = silvi(*arguments, "p4mi_mars").exception
    assert isinstance(refused, UnusableInput) and "p4mi_sambas" in str(refused)
    assert listed()[0]["office"] == "p4mi_sambas"


def duty(number: int, starts: str, ends: str) -> Result:
    return silvi("roster", "add", "--telegram-id", str(number), "--from", starts, "--until", ends)


def duties() -> list[dict]:
    return [json.loads(line) for line in silvi("roster", "list", "--json").stdout.splitlines()]


def test_duty_is_put_on_the_roster_in_office_time_and_taken_off_again() -> None:
    add(1002, "Budi")
    added = duty(1002, "2999-12-02 08:00", "2999-12-09 08:00")
    assert "Budi jaga Senin, 2 Desember 2999 pukul 08.00 WIB" in added.stdout
    assert duty(1002, "2999-12-01 08:00", "2999-12-03 08:00").exit_code == 0
    first, second = duties()
    assert (first["from"], second["from"]) == ("2999-12-01T08:00:00+07:00", "2999-12-02T08:00:00+07:00")
    assert silvi("roster", "remove", str(first["id"])).exit_code == 0
    assert [row["id"] for row in duties()] == [second["id"]]
    assert isinstance(silvi("roster", "remove", str(first["id"])).exception, UnusableInput)


@pytest.mark.parametrize(
    ("number", "starts", "ends", "named"),
    [
        (1004, "2999-12-01 08:00", "2999-12-02 08:00", "1004"),
        (1002, "2999-12-02 08:00", "2999-12-01 08:00", "--until"),
        (1002, "2999-12-02 08:00", "2999-12-02 08:00", "--until"),
        (1002, "2020-12-01 08:00", "2020-12-02 08:00", "sudah lewat"),
        (1002, "besok", "2999-12-02 08:00", "--from besok"),
        (1002, "2999-12-01 08:00", "2999-12-32 08:00", "--until"),
    ],
)
def test_duty_that_cannot_be_is_refused_by_name(number: int, starts: str, ends: str, named: str) -> None:
    add(1002, "Budi")
    before = duties()
    refused = duty(number, starts, ends).exception
    assert isinstance(refused, UnusableInput) and named in str(refused)
    assert duties() == before


@asynccontextmanager
async def database_of(database_url: str) -> AsyncIterator[Session]:
    database = Database(database_url, VAULT)
    async with database.transaction() as session:
        yield session
    await database.close()


async def open_one(database_url: str) -> None:
    now = datetime.now(UTC)
    async with database_of(database_url) as session:
        chat = await people.lock_chat(session, ChatRef(Channel.WEB, "sari"), now=now)
        person = await people.person_of(session, Channel.WEB, "sari", now=now)
        report = cases.Report(narrative="nama saya Sari, gaji ditahan", category="gaji", country="brunei")
        await cases.open_case(
            session, person, chat, report, desk=desk_at(None, "Asia/Pontianak", load_office()), now=now
        )


async def test_waiting_cases_are_listed_without_their_story(database_url: str) -> None:
    await open_one(database_url)
    result = await asyncio.to_thread(silvi, "cases", "list", "--json")
    (shown,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (shown["state"], shown["category"], shown["country"]) == ("new", "gaji", "brunei")
    assert "Sari" not in result.stdout
    assert "lewat batas" not in result.stderr
    async with database_of(database_url) as session:
        await session.execute(update(Case).values(due_at=datetime.now(UTC)))
    assert "1 laporan sudah lewat batas" in (await asyncio.to_thread(silvi, "cases", "list")).stderr
