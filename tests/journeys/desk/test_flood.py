"""Telegram's limits count the officers' group as one, however many topics it has."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from sqlalchemy import func, select

from bot.app import App
from bot.domain.cases import CaseUrgency
from bot.domain.messages import Channel, ChatRef, Reply
from bot.services import cases, people
from bot.services import desk as desk_service
from bot.services.cases import Report
from bot.storage.tables import Chat, Delivery, OutboxMessage
from tests.journeys.desk.conftest import DESK, Running
from tests.telegram_api import Account


async def open_case(app: App, person: int, urgency: CaseUrgency = CaseUrgency.NORMAL) -> int:
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        who = await people.person_of(session, Channel.TELEGRAM, str(person), now=now)
        chat = await people.chat_of(session, ChatRef(Channel.TELEGRAM, str(person)), now=now)
        report = Report(narrative=f"cerita {person}", urgency=urgency)
        case = (await cases.open_case(session, who, chat, report, desk=app.desk(), now=now)).case
    return case.id


async def post(app: App, case_id: int, *texts: str) -> None:
    async with app.db.transaction() as session:
        case = await cases.lock(session, case_id)
        for said in texts:
            await desk_service.post(session, app.desk(), case, Reply(said), now=datetime.now(UTC))
    app.deliveries.wake(Channel.TELEGRAM)


async def everything_is_out(app: App) -> None:
    waiting = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == Delivery.PENDING)
    async with asyncio.timeout(10):
        while True:
            async with app.db.transaction() as session:
                if not (await session.execute(waiting)).scalar_one():
                    return
            await asyncio.sleep(0.05)


async def paused_until(app: App) -> datetime | None:
    async with app.db.transaction() as session:
        return (await session.execute(select(Chat.paused_until).where(Chat.external_id == str(DESK)))).scalar()


async def test_limited_group_rests_as_a_whole_and_goes_on_with_the_emergency(
    app: App, telegram: Account, running: Running
) -> None:
    calm = [await open_case(app, person) for person in (5001, 5002, 5003)]
    grave = await open_case(app, 5004, CaseUrgency.EMERGENCY)
    async with running(app):
        await everything_is_out(app)
        told = len(telegram.texts_to(DESK))
        telegram.flood_limits(per_chat=1, retry_after=1)
        await post(app, calm[0], "satu", "dua")
        async with asyncio.timeout(5):
            while not await paused_until(app):
                await asyncio.sleep(0.02)
        await post(app, calm[1], "tiga")
        await post(app, calm[2], "empat", "lima")
        await post(app, grave, "darurat")
        assert telegram.texts_to(DESK)[told:] == ["satu"]
        await telegram.wait_for(lambda: len(telegram.texts_to(DESK)) == told + 6, within_s=30)
    after = telegram.texts_to(DESK)[told:]
    assert after[:2] == ["satu", "darurat"]
    assert after.index("empat") < after.index("lima")
    assert sorted(after) == sorted(["satu", "dua", "tiga", "empat", "lima", "darurat"])
    assert telegram.too_early == []


async def test_pause_holds_for_another_process_too(app: App, telegram: Account, running: Running) -> None:
    case_id = await open_case(app, 5001)
    async with running(app):
        await everything_is_out(app)
        telegram.flood_limits(per_chat=1, retry_after=1)
        await post(app, case_id, "satu", "dua")
        async with asyncio.timeout(5):
            while not await paused_until(app):
                await asyncio.sleep(0.02)
    async with running(app):
        await post(app, case_id, "tiga")
        await telegram.wait_for(lambda: telegram.texts_to(DESK)[-1] == "tiga", within_s=15)
    assert telegram.texts_to(DESK)[-3:] == ["satu", "dua", "tiga"]
    assert telegram.too_early == []
