"""Everything sent is a row first; delivery keeps the order of a chat and tells what passes from what is for good."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from bot.app import App
from bot.channels.telegram import delivery
from bot.channels.telegram.application import build_application
from bot.channels.telegram.render import Part
from bot.domain.messages import Button, Channel, ChatRef, Reply
from bot.services import outbox
from bot.storage.tables import Chat, Delivery, OutboxMessage, Priority
from tests.telegram.conftest import BUDI, RINA, SARI, Running, chat_row, make_app, outbox_row, say_to, until_done
from tests.telegram_api import Account, TelegramApi

GROUP, SUPERGROUP = -500, -1_000_000_000_500


@pytest.fixture(autouse=True)
def known_chats(telegram: Account) -> None:
    """The people have written to the bot before."""
    for person in (SARI, BUDI, RINA):
        telegram.person_says(person, "halo")
    telegram.queue.clear()


async def test_reply_arrives_as_html_with_its_buttons(app: App, telegram: Account, running: Running) -> None:
    reply = Reply(
        "Pakai KTP & KK <asli>.",
        title="Syarat umum",
        footer="Dasar: UU 18/2017",
        buttons=((Button("Tanya", "menu:tanya"), Button("Lapor", "menu:lapor")),),
    )
    async with running(app):
        (number,) = await say_to(app, SARI, reply)
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
    (sent,) = telegram.messages_to(SARI)
    assert sent.text == "Syarat umum\n\nPakai KTP & KK <asli>.\n\nDasar: UU 18/2017"
    assert [entity["type"] for entity in sent.entities] == ["bold", "italic"]
    assert sent.actions() == ["menu:tanya", "menu:lapor"]
    row = await outbox_row(app, number)
    assert (row.state, row.sent_message_id) == (Delivery.SENT, sent.message_id)


async def test_waiting_messages_of_a_chat_leave_in_order(app: App, telegram: Account, running: Running) -> None:
    await say_to(app, SARI, *(Reply(f"ke-{number}") for number in range(10)))
    await say_to(app, BUDI, *(Reply(f"ke-{number}") for number in range(10)))
    async with running(app):
        await telegram.wait_for(lambda: len(telegram.sent) == 20)
    for person in (SARI, BUDI):
        assert telegram.texts_to(person) == [f"ke-{number}" for number in range(10)]


async def test_emergencies_leave_before_broadcasts(
    app: App, telegram: Account, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "AT_ONCE", 1)
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        for person, priority in ((SARI, Priority.BROADCAST), (BUDI, Priority.REPLY), (RINA, Priority.EMERGENCY)):
            chat = await chat_row(session, ChatRef(Channel.TELEGRAM, str(person)))
            outbox.add(session, chat, Reply(priority.name), now=now, priority=priority)
    async with running(app):
        await telegram.wait_for(lambda: len(telegram.sent) == 3)
    assert [sent.text for sent in telegram.sent] == ["EMERGENCY", "REPLY", "BROADCAST"]


async def test_message_committed_by_another_process_leaves_at_once(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        await say_to(app, SARI, Reply("bangun"))
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
        async with app.db.transaction() as session:
            chat = await chat_row(session, ChatRef(Channel.TELEGRAM, str(SARI)))
            outbox.add(session, chat, Reply("dari proses lain"), now=datetime.now(UTC))
            await outbox.announce(session)
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 2, within_s=5)


async def test_message_for_later_leaves_when_it_is_due(app: App, telegram: Account, running: Running) -> None:
    async with app.db.transaction() as session:
        chat = await chat_row(session, ChatRef(Channel.TELEGRAM, str(SARI)))
        now = datetime.now(UTC)
        outbox.add(session, chat, Reply("nanti"), now=now, due_at=now + timedelta(seconds=1.5))
    async with running(app):
        await asyncio.sleep(0.7)
        assert telegram.messages_to(SARI) == []
        await telegram.wait_for(lambda: telegram.messages_to(SARI), within_s=5)


async def test_message_leased_by_a_dead_worker_is_sent_by_another(
    app: App, telegram: Account, running: Running
) -> None:
    (number,) = await say_to(app, SARI, Reply("terlantar"))
    async with app.db.transaction() as session:
        await session.execute(
            update(OutboxMessage).values(attempts=1, leased_until=text("now() + interval '1 second'"))
        )
    async with running(app):
        await telegram.wait_for(lambda: telegram.messages_to(SARI), within_s=5)
    assert (await outbox_row(app, number)).attempts == 2


async def test_flood_control_is_obeyed_to_the_second(app: App, telegram: Account, running: Running) -> None:
    telegram.flood_limits(per_chat=1, retry_after=2)
    async with running(app):
        started = time.monotonic()
        await say_to(app, SARI, Reply("satu"), Reply("dua"))
        await say_to(app, BUDI, Reply("tiga"))
        await telegram.wait_for(lambda: telegram.messages_to(BUDI), within_s=2)
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 2)
        assert time.monotonic() - started >= 2
    assert telegram.texts_to(SARI) == ["satu", "dua"]
    assert telegram.too_early == []


async def test_messages_to_one_person_keep_a_second_apart_and_nobody_else_waits(
    app: App, telegram: Account, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    telegram.flood_limits(per_chat=1)
    async with running(app):
        await say_to(app, SARI, Reply("satu"), Reply("dua"), Reply("tiga"))
        await say_to(app, BUDI, Reply("empat"))
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 3)
    assert telegram.floods == 0
    assert [sent.text for sent in telegram.sent][-2:] == ["dua", "tiga"]


async def test_the_pace_is_kept_by_several_processes_together(
    app: App, telegram: Account, telegram_api: TelegramApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    telegram.flood_limits(per_chat=1)
    other, stop = make_app(app.settings, app.db.psycopg_dsn()), asyncio.Event()
    bot = build_application(other).bot
    await bot.initialize()
    beside = asyncio.create_task(delivery.Delivery(other, bot, stop=stop).run())
    async with running(app):
        await say_to(app, SARI, *(Reply(f"ke-{number}") for number in range(4)))
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 4)
        stop.set()
        await beside
    await bot.shutdown()
    await other.close()
    assert telegram.floods == 0
    assert telegram.texts_to(SARI) == [f"ke-{number}" for number in range(4)]


async def test_limit_on_the_whole_bot_pauses_every_chat(app: App, telegram: Account, running: Running) -> None:
    telegram.flood_limits(per_second=1, retry_after=1)
    people = range(3000, 3006)
    for person in people:
        telegram.person_says(person, "halo")
    telegram.queue.clear()
    for person in people:
        await say_to(app, person, Reply("siaran"))
    async with running(app):
        await telegram.wait_for(lambda: len(telegram.sent) == len(people), within_s=30)
    assert sorted(sent.chat for sent in telegram.sent) == list(people)


async def test_person_who_blocked_silvi_is_marked_and_gets_nothing_more(
    app: App, telegram: Account, running: Running
) -> None:
    telegram.blocks(SARI)
    telegram.queue.clear()
    numbers = await say_to(app, SARI, Reply("satu"), Reply("dua"))
    async with running(app):
        await say_to(app, BUDI, Reply("halo"))
        await telegram.wait_for(lambda: telegram.messages_to(BUDI))
        await until_done(app)
    for number in numbers:
        assert (await outbox_row(app, number)).state == Delivery.FAILED
    async with app.db.transaction() as session:
        reason = select(Chat.unreachable_reason).where(Chat.external_id == str(SARI))
        assert "blocked" in (await session.execute(reason)).scalar_one()
    assert [method for method, _ in telegram.calls].count("sendMessage") == 2


async def test_chat_telegram_does_not_know_is_given_up(app: App, telegram: Account, running: Running) -> None:
    (number,) = await say_to(app, 999_999, Reply("halo"))
    async with running(app):
        await until_done(app)
    row = await outbox_row(app, number)
    assert (row.state, row.attempts) == (Delivery.FAILED, 1)


@pytest.mark.parametrize("fault", ["500", "502", "cut_before"])
async def test_passing_failure_is_tried_again(app: App, telegram: Account, running: Running, fault: str) -> None:
    telegram.fault("sendMessage", fault)
    async with running(app):
        await say_to(app, SARI, Reply("satu"), Reply("dua"))
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 2)
    assert telegram.texts_to(SARI) == ["satu", "dua"]


async def test_answer_lost_after_acceptance_costs_a_repetition_but_no_message(
    app: App, telegram: Account, running: Running
) -> None:
    telegram.fault("sendMessage", "cut_after")
    async with running(app):
        await say_to(app, SARI, Reply("satu"), Reply("dua"))
        await telegram.wait_for(lambda: "dua" in telegram.texts_to(SARI))
    assert telegram.texts_to(SARI) == ["satu", "satu", "dua"]


async def test_long_text_arrives_in_parts_with_the_buttons_below_the_last(
    app: App, telegram: Account, running: Running
) -> None:
    paragraphs = [f"Paragraf {number}. " + "kata " * 180 for number in range(12)]
    reply = Reply("\n\n".join(paragraphs), title="Judul", buttons=((Button("Terbantu", "jempol:1"),),))
    async with running(app):
        await say_to(app, SARI, reply, Reply("sesudahnya"))
        await telegram.wait_for(lambda: "sesudahnya" in telegram.texts_to(SARI))
    *parts, after = telegram.messages_to(SARI)
    assert len(parts) == 3
    assert [part.actions() for part in parts] == [[], [], ["jempol:1"]]
    assert "".join(" ".join(part.text for part in parts).split()) == "".join(("Judul" + reply.body).split())


async def test_text_interrupted_between_two_parts_goes_on_behind_the_first(
    app: App, telegram: Account, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [Part(html, html) for html in ("<b>satu</b>", "dua", "tiga")]
    monkeypatch.setattr(delivery, "render", lambda reply: parts)
    telegram.flood_limits(per_chat=1, retry_after=1)
    async with running(app):
        await say_to(app, SARI, Reply("panjang"))
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) >= 3)
        await until_done(app)
    assert telegram.texts_to(SARI) == ["satu", "dua", "tiga"]


async def test_html_that_telegram_refuses_goes_out_as_plain_text(
    app: App, telegram: Account, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "render", lambda reply: [Part("<b>rusak", "rusak")])
    async with running(app):
        await say_to(app, SARI, Reply("apa saja"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["rusak"])


async def test_reply_that_cannot_be_rendered_does_not_hold_up_the_next(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        bad, _ = await say_to(app, SARI, Reply("satu", buttons=((Button("x", "y" * 65),),)), Reply("dua"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["dua"])
    assert (await outbox_row(app, bad)).state == Delivery.FAILED


async def test_reply_may_replace_an_earlier_message(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        await say_to(app, SARI, Reply("singkat", buttons=((Button("Selengkapnya", "lagi:1"),),)))
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
        first = telegram.messages_to(SARI)[0].message_id
        edit = Reply("lengkap", edits_message_id=first)
        await say_to(app, SARI, edit, edit, Reply("selesai"))
        await telegram.wait_for(lambda: "selesai" in telegram.texts_to(SARI))
    assert [(sent.method, sent.text) for sent in telegram.messages_to(SARI)] == [
        ("sendMessage", "singkat"),
        ("editMessageText", "lengkap"),
        ("sendMessage", "selesai"),
    ]
    assert telegram.messages_to(SARI)[1].message_id == first


async def test_edit_that_is_no_longer_possible_becomes_a_new_message(
    app: App, telegram: Account, running: Running
) -> None:
    persons_own = telegram.person_says(SARI, "tulisan Sari")["message"]["message_id"]
    telegram.queue.clear()
    async with running(app):
        await say_to(app, SARI, Reply("satu", edits_message_id=9999), Reply("dua", edits_message_id=persons_own))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["satu", "dua"])


async def test_acknowledgement_alone_shows_a_notice_and_sends_nothing(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        (number,) = await say_to(app, SARI, Reply("", footer="Terima kasih!", callback_id="cb77"))
        await telegram.wait_for(lambda: telegram.answered == {"cb77": "Terima kasih!"})
        await until_done(app)
    assert telegram.messages_to(SARI) == []
    assert (await outbox_row(app, number)).state == Delivery.SENT


async def test_acknowledgement_that_comes_too_late_does_not_cost_the_answer(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        await say_to(app, SARI, Reply("jawaban", callback_id="kedaluwarsa"))
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["jawaban"])


async def test_message_to_a_migrated_group_reaches_the_supergroup(
    app: App, telegram: Account, running: Running
) -> None:
    telegram.person_says(GROUP, "/start", sender=SARI)
    telegram.migrates(GROUP, SUPERGROUP)
    telegram.queue.clear()
    async with running(app):
        await say_to(app, GROUP, Reply("satu"), Reply("dua"), is_group=True)
        await telegram.wait_for(lambda: telegram.texts_to(SUPERGROUP) == ["satu", "dua"])
    async with app.db.transaction() as session:
        assert (await session.execute(select(Chat.external_id))).scalars().all() == [str(SUPERGROUP)]


async def test_two_workers_send_each_message_once(
    app: App, telegram: Account, running: Running, database_url: str
) -> None:
    other = make_app(app.settings, database_url)
    stop = asyncio.Event()
    people = [SARI, BUDI, RINA]
    for person in people:
        await say_to(app, person, *(Reply(str(number)) for number in range(8)))
    built = build_application(other)
    async with running(app), built:
        second = asyncio.create_task(delivery.Delivery(other, built.bot, stop=stop).run())
        await telegram.wait_for(lambda: len(telegram.sent) >= 24)
        await until_done(app)
        stop.set()
        await second
    await other.close()
    for person in people:
        assert telegram.texts_to(person) == [str(number) for number in range(8)]
