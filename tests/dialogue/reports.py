"""What the stories of reports share: a cry for help, and the cases of a person as they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.domain.cases import Role
from bot.services import cases, casework, officers
from bot.storage.tables import Case, CaseEvent, Chat, Officer, Person
from tests.fakes import Sari

CAPTIVE = "saya dikurung majikan, hp disita, tolong"
UNPAID = "gaji belum dibayar juga ini pak"


async def own_cases(sari: Sari) -> list[Case]:
    return await sari._rows(select(Case).join(Person).where(Person.external_id == sari.sender))


async def messages(sari: Sari) -> list[str]:
    found = select(CaseEvent).join(Case).join(Person).where(Person.external_id == sari.sender)
    return [event.text for event in await sari._rows(found) if event.kind == "message"]


async def claimed_by_budi(sari: Sari) -> Case:
    """Budi takes Sari's case."""
    now = datetime.now(UTC)
    (case,) = await own_cases(sari)
    async with sari.app.db.transaction() as session:
        await officers.add(session, 1002, "Budi", Role.OFFICER, now=now)
        budi = (await session.execute(select(Officer).where(Officer.telegram_id == 1002))).scalar_one()
        await casework.claim(session, await cases.lock(session, case.id), budi, desk=sari.app.desk(), now=now)
    await sari.hears()
    return case


async def days_pass(sari: Sari, days: int) -> None:
    async with sari.app.db.transaction() as session:
        long_ago = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        chat = (await session.execute(select(Chat).where(Chat.external_id == sari.chat.external_id))).scalar_one()
        chat.memory = {**chat.memory, "last_at": long_ago}


async def details(sari: Sari) -> list[str]:
    found = select(CaseEvent).join(Case).join(Person).where(Person.external_id == sari.sender)
    return [event.text for event in await sari._rows(found) if event.kind == "detail"]


async def resolved(sari: Sari, case_id: int, *, days_ago: int = 0) -> None:
    now = datetime.now(UTC) - timedelta(days=days_ago)
    async with sari.app.db.transaction() as session:
        budi = (await session.execute(select(Officer).where(Officer.telegram_id == 1002))).scalar_one()
        case = await cases.lock(session, case_id)
        await casework.resolve(session, case, budi, desk=sari.app.desk(), now=now)


async def solved_case(sari: Sari) -> Case:
    """A report that Budi marks as solved; Sari was asked."""
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    case = await claimed_by_budi(sari)
    await resolved(sari, case.id)
    await sari.hears()
    return case
