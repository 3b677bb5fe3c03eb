"""An update is acknowledged once it is stored, and whatever is stored is handled, by this process or the next."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text

from bot.app import App
from bot.channels.telegram import application, poller
from bot.channels.telegram.receiver import ATTEMPTS
from bot.domain.messages import Incoming
from bot.storage.tables import FailedUpdate, WaitingUpdate
from tests.telegram.conftest import BUDI, SARI, Running, StandInDialogue, make_app, until_handled
from tests.telegram_api import Account

HELP = "tolong, saya dikurung majikan"
DISK_IS_FULL = """
create function disk_is_full() returns trigger language plpgsql as
$$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$
"""


async def stored(app: App) -> list[int]:
    async with app.db.transaction() as session:
        return list(
            (await session.execute(select(WaitingUpdate.update_id).order_by(WaitingUpdate.update_id))).scalars()
        )


async def test_update_is_acknowledged_once_it_is_stored_and_forgotten_once_it_is_handled(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    go_on = asyncio.Event()
    dialogue.before = lambda said: go_on.wait()
    async with running(app):
        said = telegram.person_says(SARI, "gaji saya tidak dibayar dua bulan")
        await telegram.wait_for(lambda: dialogue.tried and not telegram.queue)
        assert await stored(app) == [said["update_id"]]
        async with app.db.transaction() as session:
            raw = (await session.execute(text("select payload from waiting_updates"))).scalar_one()
        assert "gaji" not in raw
        go_on.set()
        await until_handled(app, telegram)
        assert dialogue.committed


async def test_cry_for_help_behind_a_hundred_that_nobody_has_handled_is_seen(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    go_on = dialogue.holds_back_all_but(SARI)
    for number in range(120):
        telegram.person_says(6001 + number % 30, f"pesan {number}")
    telegram.person_says(SARI, HELP)
    async with running(app):
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == [f"Jawaban: {HELP}"])
        assert [said.text for said in dialogue.committed] == [HELP]
        go_on.set()
        await until_handled(app, telegram)
    assert len(dialogue.committed) == 121


async def test_one_person_who_sends_hundreds_holds_up_nobody(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    go_on = asyncio.Event()

    async def one_waits(said: Incoming) -> None:
        if said.sender_id == "6001":
            await go_on.wait()

    dialogue.before = one_waits
    for number in range(300):
        telegram.person_says(6001, f"pesan {number}")
    for person in (SARI, BUDI):
        telegram.person_says(person, "syarat ke Korea?")
    async with running(app):
        await telegram.wait_for(lambda: telegram.texts_to(SARI) and telegram.texts_to(BUDI))
        assert [said.sender_id for said in dialogue.tried].count("6001") == 1
        assert len(await stored(app)) >= 300


async def test_what_was_stored_before_a_crash_is_handled_by_the_next_process_in_its_order(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue, database_url: str
) -> None:
    dialogue.before = lambda said: asyncio.Event().wait()
    crashing = asyncio.create_task(application.run(app, asyncio.Event(), turn=dialogue.turn))
    for number in range(5):
        telegram.person_says(SARI, str(number))
    await telegram.wait_for(lambda: dialogue.tried and not telegram.queue)
    crashing.cancel()
    await asyncio.gather(crashing, return_exceptions=True)
    assert dialogue.committed == []

    survivor = make_app(app.settings, database_url)
    dialogue.before = dialogue._nothing
    telegram.person_says(SARI, "5")
    async with running(survivor):
        await telegram.wait_for(lambda: len(telegram.texts_to(SARI)) == 6)
        await until_handled(app, telegram)
    await survivor.close()
    assert dialogue.texts() == [str(number) for number in range(6)]


async def test_of_two_processes_one_fetches_and_the_other_takes_over(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue, database_url: str, monkeypatch
) -> None:
    monkeypatch.setattr(poller, "STAND_BY_S", 0.05)
    other = make_app(app.settings, database_url)
    stop = asyncio.Event()
    first = asyncio.create_task(application.run(app, stop, turn=dialogue.turn))
    telegram.person_says(SARI, "satu")
    await telegram.wait_for(lambda: telegram.texts_to(SARI))
    async with running(other):
        await telegram.wait_for(lambda: [name for name, _ in telegram.calls].count("getMe") == 2)
        for number in range(20):
            telegram.person_says(BUDI, str(number))
        await telegram.wait_for(lambda: len(telegram.texts_to(BUDI)) == 20)
        assert telegram.conflicts == 0
        stop.set()
        await first
        telegram.person_says(SARI, "dua")
        await telegram.wait_for(lambda: len(telegram.texts_to(SARI)) == 2)
        await until_handled(other, telegram)
    await other.close()
    assert telegram.texts_to(BUDI) == [f"Jawaban: {number}" for number in range(20)]


async def test_numbers_that_begin_anew_after_a_quiet_week_are_seen(
    app: App, telegram: Account, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "LONG_POLL_S", 0.1)
    async with running(app):
        said = telegram.person_says(SARI, "satu")
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        polls = telegram.polls
        await telegram.wait_for(lambda: telegram.polls > polls + 2)
        message = {**said["message"], "text": "dua"}
        telegram.push({"update_id": 17, "message": message})
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[1:] == ["Jawaban: dua"])


async def test_more_than_fits_into_memory_is_left_with_telegram(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "MOST_IN_HAND", 3)
    go_on = asyncio.Event()
    dialogue.before = lambda said: go_on.wait()
    for person in range(6001, 6121):
        telegram.person_says(person, "halo")
    async with running(app):
        await telegram.wait_for(lambda: dialogue.tried)
        assert len(telegram.queue) == 120
        go_on.set()
        await telegram.wait_for(lambda: len(telegram.sent) == 120, within_s=60)


async def test_what_was_fetched_before_the_change_to_a_webhook_is_handled(
    app: App, telegram: Account, dialogue: StandInDialogue
) -> None:
    said = telegram.person_says(SARI, "paspor saya ditahan")
    telegram.queue.clear()
    built = application.build_application(app, dialogue.turn)
    async with built:
        backlog = poller.Backlog(app, application.Receiver(app, built, stop=asyncio.Event()), built.bot)
        async with app.db.sole("a test") as transaction:
            dialogue.before = lambda said: asyncio.Event().wait()
            await backlog.store(transaction, [said])
            backlog.drop()
        dialogue.before = dialogue._nothing
        receiver = application.Receiver(app, built, stop=asyncio.Event())
        await poller.handle_left(app, receiver, built.bot, stop=asyncio.Event())
    assert dialogue.texts() == ["paspor saya ditahan"]
    assert await stored(app) == []


async def test_nobody_stores_who_has_lost_the_right_to_fetch(app: App, database_url: str) -> None:
    other = make_app(app.settings, database_url)
    async with app.db.sole("fetch") as transaction:
        async with other.db.sole("fetch") as refused:
            assert refused is None
        async with other.db.transaction() as session:
            ours = text("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
            assert (await session.execute(ours)).all() == [(True,)]
        async with other.db.sole("fetch") as taken:
            assert taken is not None
        with pytest.raises(Exception, match="terminat|closed"):
            async with transaction() as session:
                await session.execute(text("select 1"))
    await other.close()


@pytest.mark.parametrize("table", ["waiting_updates", "updates"])
async def test_full_disk_of_the_database_costs_no_message(
    app: App,
    telegram: Account,
    running: Running,
    dialogue: StandInDialogue,
    caplog: pytest.LogCaptureFixture,
    table: str,
) -> None:
    async with app.db.transaction() as session:
        await session.execute(text(DISK_IS_FULL))
        await session.execute(
            text(f"create trigger disk_is_full before insert on {table} execute function disk_is_full()")
        )
    async with running(app):
        telegram.person_says(SARI, HELP)
        await telegram.wait_for(lambda: "updates not stored" in caplog.text or len(dialogue.tried) > ATTEMPTS)
        async with app.db.transaction() as session:
            await session.execute(text("drop function disk_is_full cascade"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == [f"Jawaban: {HELP}"], within_s=30)
        await until_handled(app, telegram)
        async with app.db.transaction() as session:
            assert (await session.execute(select(FailedUpdate))).all() == []
