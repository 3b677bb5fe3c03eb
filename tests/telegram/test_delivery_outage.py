"""The database goes away while messages are being sent: what is out goes out once, and what is not goes out later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update

from bot.app import App
from bot.channels.telegram import delivery, notes
from bot.channels.telegram.notes import Outage
from bot.channels.telegram.render import Part
from bot.domain.messages import Channel, ChatRef, Kind, Media, Reply
from bot.services import outbox
from bot.storage.database import Database
from bot.storage.tables import Delivery, OutboxMessage
from tests.fakes import VAULT
from tests.telegram.conftest import BUDI, SARI, Running, chat_row, make_app, outbox_row, say_to, until_done
from tests.telegram_api import Account
from tools import moving_clock

LEASE_S = 1.0


@pytest.fixture(autouse=True)
def known_chats(telegram: Account) -> None:
    """The people have written to the bot before."""
    for person in (SARI, BUDI):
        telegram.person_says(person, "halo")
    telegram.queue.clear()


class Door:
    """The database behind it can be taken away and given back."""

    def __init__(self, app: App) -> None:
        self._app, self._working = app, app.db
        self.away = Database("postgresql://127.0.0.1:1/nowhere", VAULT)

    def shut(self) -> None:
        self._app.db = self.away

    def open(self) -> None:
        self._app.db = self._working


@pytest.fixture
async def door(app: App, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """Leases run out within the outages of these tests."""
    monkeypatch.setattr(delivery, "LEASE_S", LEASE_S)
    monkeypatch.setattr(notes, "LONGEST_PAUSE_S", 0.2)
    door = Door(app)
    yield door
    door.open()
    await door.away.close()


async def test_message_sent_while_the_database_goes_away_is_not_sent_again(
    app: App, telegram: Account, running: Running, door: Door
) -> None:
    async with running(app):
        telegram.on_sent = door.shut
        (number,) = await say_to(app, SARI, Reply("satu"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        await asyncio.sleep(LEASE_S + 0.2)
        telegram.on_sent = None
        door.open()
        await say_to(app, SARI, Reply("dua"))
        await telegram.wait_for(lambda: "dua" in telegram.texts_to(SARI))
        await until_done(app)
    assert telegram.texts_to(SARI) == ["satu", "dua"]
    assert (await outbox_row(app, number)).attempts == 1


async def test_text_whose_parts_cannot_be_written_down_goes_on_behind_the_first(
    app: App, telegram: Account, running: Running, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "render", lambda reply: [Part("satu", "satu"), Part("dua", "dua")])
    monkeypatch.setattr(delivery, "SENDING_MAX_S", 0.5)
    async with running(app):
        telegram.on_sent = door.shut
        await say_to(app, SARI, Reply("panjang"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        await asyncio.sleep(LEASE_S + 0.2)
        assert telegram.texts_to(SARI) == ["satu"]
        telegram.on_sent = None
        door.open()
        await telegram.wait_for(lambda: len(telegram.texts_to(SARI)) >= 2)
        await until_done(app)
    assert telegram.texts_to(SARI) == ["satu", "dua"]


async def test_result_waiting_at_the_stop_is_still_written(
    app: App, telegram: Account, running: Running, door: Door
) -> None:
    async with running(app):
        telegram.on_sent = door.shut
        (number,) = await say_to(app, SARI, Reply("satu"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        telegram.on_sent = None
        asyncio.get_running_loop().call_later(0.3, door.open)
    assert (await outbox_row(app, number)).state == Delivery.SENT


async def test_lease_that_ran_out_during_an_outage_is_left_to_its_process_for_a_moment(
    app: App, telegram: Account, running: Running, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "OTHERS_NOTE_WITHIN_S", 3.0)
    other = make_app(app.settings, app.db.url.render_as_string(hide_password=False))
    async with running(app):
        door.shut()
        app.deliveries.wake("telegram")
        # Another process had sent this one when the database went away, and its lease ran out.
        (sent,) = await say_to(other, SARI, Reply("satu"))
        async with other.db.transaction() as session:
            ran_out = {"attempts": 1, "leased_until": text("now() - interval '1 ms'")}
            await session.execute(update(OutboxMessage).where(OutboxMessage.id == sent).values(ran_out))
        await say_to(other, BUDI, Reply("lain"))
        door.open()
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["satu"])
        # By the moments Telegram took them: how soon this test looks depends on what else the machine does.
        assert telegram.messages_to(SARI)[0].at - telegram.messages_to(BUDI)[0].at > 1.0
    await other.close()


def test_leases_count_as_abandoned_again_once_the_outage_is_over() -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    outage = Outage(start)
    outage.looked(start + timedelta(seconds=5))
    outage.goes_on()
    back = start + timedelta(seconds=65)
    assert outage.abandoned_before(back) == start + timedelta(seconds=5)
    later = back + timedelta(seconds=notes.OTHERS_NOTE_WITHIN_S)
    assert outage.abandoned_before(later) == later


async def test_file_that_cannot_be_read_for_the_outage_is_sent_after_it(
    app: App, telegram: Account, running: Running, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def goes_away_at_first(_reply: Reply) -> list[Part]:
        tries.append(1)
        if len(tries) > 1:
            return [Part("satu", "satu")]
        door.shut()
        asyncio.get_running_loop().call_later(0.3, door.open)
        return [Part("satu", "satu", Media(Kind.PICTURE, attachment_id=1))]

    monkeypatch.setattr(delivery, "render", goes_away_at_first)
    async with running(app):
        (number,) = await say_to(app, SARI, Reply("satu"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        await until_done(app)
    assert telegram.texts_to(SARI) == ["satu"]
    assert (await outbox_row(app, number)).state == Delivery.SENT


async def test_pause_reckoned_on_a_clock_that_was_ahead_ends_when_it_is_put_back(
    app: App, telegram: Account, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "datetime", moving_clock.MovedMoment)
    monkeypatch.setattr(moving_clock, "_wrong_by", timedelta(hours=1))
    for fault in ("500", "429"):
        telegram.fault("sendMessage", fault)
    async with running(app):
        (number,) = await say_to(app, SARI, Reply("satu"))
        await telegram.wait_for(lambda: telegram.faults_taken.total() == 2)
        while (await outbox_row(app, number)).leased_until:
            await asyncio.sleep(0.02)
        app.deliveries.wake(Channel.TELEGRAM)
        await asyncio.sleep(0.1)
        moving_clock._wrong_by = timedelta()
        app.deliveries.wake(Channel.TELEGRAM)
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["satu"])


async def test_reply_written_on_a_clock_that_was_ahead_leaves_at_once(
    app: App, telegram: Account, running: Running
) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    async with app.db.transaction() as session:
        chat = await chat_row(session, ChatRef(Channel.TELEGRAM, str(SARI)))
        outbox.add(session, chat, Reply("satu"), now=ahead)
        outbox.add(session, chat, Reply("nanti"), now=ahead, due_at=ahead + timedelta(minutes=1))
        outbox.add(session, chat, Reply("dua"), now=ahead)
    async with running(app):
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["satu", "dua"])
