"""Officers who keep silent are called, one after the other, until somebody answers; time is moved, not waited for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from bot import worker
from bot.app import App
from bot.domain.cases import EventKind
from bot.services import officers, roster
from bot.storage.tables import Case
from tests.journeys.desk.conftest import BUDI, DESK, RINA, SARI, Running
from tests.journeys.desk.test_case import CAPTIVE, events, number_and_topic, the_case
from tests.telegram_api import Account


async def puts_on_duty(app: App, account: int) -> None:
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        officer = await officers.by_telegram_id(session, account)
        await roster.add(session, officer, now - timedelta(hours=1), now + timedelta(hours=8))


async def passes(app: App, **moments: datetime) -> None:
    """The moments of the case are written back, and the worker comes by."""
    async with app.db.transaction() as session:
        await session.execute(update(Case).values(**moments))
    await worker.remind_of_what_is_overdue(app)


def calls(telegram: Account, topic: int) -> list[int]:
    """Whom the topic called, oldest first."""
    posts = [sent for sent in telegram.messages_to(DESK) if sent.topic == topic]
    return [entity["user"]["id"] for sent in posts for entity in sent.entities if entity["type"] == "text_mention"]


async def test_silent_officers_are_called_step_by_step_up_to_the_supervisor(
    app: App, telegram: Account, running: Running
) -> None:
    await puts_on_duty(app, BUDI)
    async with running(app):
        for officer in (BUDI, RINA):
            telegram.person_says(officer, "/start")
            await telegram.wait_for(lambda account=officer: telegram.texts_to(account))
        telegram.person_says(SARI, CAPTIVE)
        number, topic = await number_and_topic(telegram)
        await telegram.wait_for(lambda: calls(telegram, topic) == [BUDI])
        await telegram.wait_for(lambda: number in telegram.texts_to(BUDI)[-1])

        await worker.remind_of_what_is_overdue(app)
        now = datetime.now(UTC)
        await passes(app, due_at=now)
        await telegram.wait_for(lambda: calls(telegram, topic) == [BUDI, BUDI])
        await passes(app, reminded_at=now - timedelta(minutes=4))
        await passes(app, reminded_at=now - timedelta(minutes=5))
        await telegram.wait_for(lambda: calls(telegram, topic) == [BUDI, BUDI, RINA])
        await telegram.wait_for(lambda: number in telegram.texts_to(RINA)[-1])
        assert CAPTIVE not in telegram.texts_to(RINA)[-1]
        await passes(app, reminded_at=now - timedelta(minutes=5))
        await telegram.wait_for(lambda: calls(telegram, topic) == [BUDI, BUDI, RINA, RINA])

        telegram.officer_says(DESK, topic, RINA, "Kami datang. Tetap di dalam dulu.")
        await telegram.wait_for(lambda: "Kami datang" in telegram.texts_to(SARI)[-1])
        await worker.remind_of_what_is_overdue(app)
    assert await events(app, EventKind.REMINDED) == ["Budi", "Budi", "Rina", "Rina"]
    case = await the_case(app)
    assert case.due_at > now + timedelta(days=4) and case.reminders == 0
    assert len([text for text in telegram.texts_to(BUDI) if number in text]) == 2


async def test_reminder_written_while_silvi_was_down_arrives_when_it_is_back(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        _, topic = await number_and_topic(telegram)
        await telegram.wait_for(lambda: calls(telegram, topic) == [BUDI])
    await passes(app, due_at=datetime.now(UTC))
    assert calls(telegram, topic) == [BUDI]
    async with running(app):
        await telegram.wait_for(lambda: calls(telegram, topic) == [BUDI, BUDI])
