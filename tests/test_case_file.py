"""`silvi cases show` and `silvi cases referrals`: the whole file for who may read it, and a record of who did."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner, Result

from bot.cli import UnusableInput, app
from bot.domain.agencies import BY_CODE
from bot.domain.cases import EventKind, Privacy, Role
from bot.domain.messages import Channel, ChatRef
from bot.services import cases, casework, officers, people, referrals
from bot.services.desk import desk_at
from bot.storage.database import Database
from bot.storage.tables import CaseEvent, Officer
from bot.texts import case_file as words
from knowledge.office import load_office
from tests.fakes import SECRET_KEY, VAULT

BUDI, RINA, DEWI, JOKO = 1002, 1003, 1005, 1004
STORY = "nama saya Sari Dewi, gaji ditahan"
CONTACT = "Sari Dewi, 0812-0000-1111"


@pytest.fixture
async def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setenv("SILVI_DATABASE_URL", database_url)
    monkeypatch.setenv("SILVI_SECRET_KEY", SECRET_KEY)
    database = Database(database_url, VAULT)
    yield database
    await database.close()


@pytest.fixture
async def number(database: Database) -> str:
    """Of Sari's case, which Budi has and referred to Disnaker."""
    desk, now = desk_at(None, "Asia/Pontianak", load_office()), datetime.now(UTC)
    async with database.transaction() as session:
        await session.execute(text("truncate outbox, chats, people, officers cascade"))
        for account, name, role in (
            (BUDI, "Budi", Role.OFFICER),
            (DEWI, "Dewi", Role.OFFICER),
            (RINA, "Rina", Role.SUPERVISOR),
        ):
            await officers.add(session, account, name, role, now=now)
        budi = await officers.by_telegram_id(session, BUDI)
        chat = await people.lock_chat(session, ChatRef(Channel.WEB, "sari"), now=now)
        person = await people.person_of(session, Channel.WEB, "sari", now=now)
        report = cases.Report(narrative=STORY, category="gaji", country="brunei")
        case = (await cases.open_case(session, person, chat, report, desk=desk, now=now)).case
        case.contact, case.privacy = CONTACT, Privacy.NAMED
        await casework.claim(session, case, budi, desk=desk, now=now)
        await referrals.refer(session, case, budi, BY_CODE["disnaker"], "memediasi Sari Dewi", desk=desk, now=now)
        return case.number


async def silvi(*arguments: object) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(map(str, arguments)))


async def shown(number: str, officer: int) -> dict:
    return json.loads((await silvi("cases", "show", number, "--json", "--officer", officer)).stdout)


async def readings(database: Database) -> list[tuple[str, str]]:
    async with database.transaction() as session:
        found = (
            select(Officer.name, CaseEvent.text)
            .join(Officer, Officer.id == CaseEvent.officer_id)
            .where(CaseEvent.kind == EventKind.READ)
            .order_by(CaseEvent.id)
        )
        return [tuple(row) for row in await session.execute(found)]


@pytest.mark.parametrize("reader", [BUDI, RINA])
async def test_file_is_whole_for_its_officer_and_supervisors(number: str, reader: int) -> None:
    file = await shown(number.lower(), reader)
    assert (file["narrative"], file["contact"], file["officer"]) == (STORY, CONTACT, "Budi")
    assert [row["kind"] for row in file["log"]] == ["opened", "claim", "refer"]
    assert file["referrals"][0]["letter"] == f"{number}/R1"


async def test_file_is_masked_for_a_colleague(number: str) -> None:
    file = await shown(number, DEWI)
    assert file["is_masked"] and file["contact"] is None
    assert file["category"] == "gaji" and "gaji ditahan" in file["narrative"]
    page = (await silvi("cases", "show", number, "--officer", DEWI)).stdout
    assert words.MASKED in page
    assert "Sari" not in json.dumps(file) + page


async def test_every_reading_is_recorded_with_its_reader(number: str, database: Database) -> None:
    await shown(number, RINA)
    await shown(number, DEWI)
    assert await readings(database) == [("Rina", "berkas"), ("Dewi", "berkas, tersamar")]
    assert (await shown(number, BUDI))["log"][-1]["kind"] == EventKind.READ


async def test_who_is_no_officer_reads_nothing(number: str, database: Database) -> None:
    result = await silvi("cases", "show", number, "--officer", JOKO)
    assert isinstance(result.exception, UnusableInput) and not result.stdout
    assert await readings(database) == []


async def test_number_that_does_not_exist_is_refused(number: str) -> None:
    assert isinstance((await silvi("cases", "show", "SLV-2026-999999", "--officer", BUDI)).exception, UnusableInput)


async def test_page_tells_facts_story_referral_and_log(number: str) -> None:
    page = (await silvi("cases", "show", number, "--officer", BUDI)).stdout
    assert page.startswith(number)
    for part in (STORY, CONTACT, BY_CODE["disnaker"].name, "belum dijawab", "Riwayat:"):
        assert part in page


async def test_referrals_that_wait_are_listed_without_the_person(number: str) -> None:
    (row,) = [json.loads(line) for line in (await silvi("cases", "referrals", "--json")).stdout.splitlines()]
    assert (row["case"], row["agency"], row["letter"]) == (number, "disnaker", f"{number}/R1")
    assert "Sari" not in (await silvi("cases", "referrals")).stdout
