"""Whatever stands in the way, an update comes to its end, in the order of its chat, and its effects happen once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select
from telegram.error import InvalidToken

from bot.app import App
from bot.channels.telegram import application, receiver
from bot.domain.messages import Incoming
from bot.storage.database import Database
from bot.storage.tables import FailedUpdate, OutboxMessage
from bot.texts import danger
from tests.fakes import VAULT
from tests.telegram.conftest import BUDI, JOKO, RINA, SARI, Running, StandInDialogue, make_app, until_handled
from tests.telegram_api import Account, TelegramApi

GROUP = -500


async def test_update_fetched_before_a_crash_is_delivered_to_the_next_process(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue, database_url: str
) -> None:
    dialogue.before = lambda said: asyncio.Event().wait()
    crashing = asyncio.create_task(application.run(app, asyncio.Event(), turn=dialogue.turn))
    telegram.person_says(SARI, "paspor saya ditahan")
    await telegram.wait_for(lambda: dialogue.tried)
    crashing.cancel()
    await asyncio.gather(crashing, return_exceptions=True)
    assert dialogue.committed == []

    survivor = make_app(app.settings, database_url)
    dialogue.before = dialogue._nothing
    async with running(survivor):
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["Jawaban: paspor saya ditahan"])
    await survivor.close()


async def test_answer_committed_before_a_crash_is_sent_by_the_next_process(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    telegram.person_says(SARI, "paspor saya ditahan")
    raw = telegram.queue[0]
    built = application.build_application(app, dialogue.turn)
    async with built:
        await receiver.Receiver(app, built, stop=asyncio.Event()).receive(raw)
    assert telegram.messages_to(SARI) == []
    async with running(app):
        await telegram.wait_for(lambda: not telegram.queue and telegram.messages_to(SARI))
    assert telegram.texts_to(SARI) == ["Jawaban: paspor saya ditahan"]


async def test_second_delivery_of_an_update_has_no_effect(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async with running(app):
        said = telegram.person_says(SARI, "syarat ke Korea?")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
    telegram.push(said)
    async with running(app):
        await telegram.wait_for(lambda: len(dialogue.tried) == 2)
        await until_handled(app, telegram)
    assert telegram.texts_to(SARI) == ["Jawaban: syarat ke Korea?"]


async def test_messages_of_a_chat_are_handled_in_order_and_one_at_a_time(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    in_hand: list[str] = []

    async def slow_at_first(said: Incoming) -> None:
        assert not in_hand
        in_hand.append(said.text)
        await asyncio.sleep(0.3 if said.text == "0" else 0.01)
        in_hand.remove(said.text)

    dialogue.before = slow_at_first
    for number in range(8):
        telegram.person_says(SARI, str(number))
    async with running(app):
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 8)
    assert dialogue.texts() == [str(number) for number in range(8)]
    assert telegram.texts_to(SARI) == [f"Jawaban: {number}" for number in range(8)]


async def test_cry_for_help_does_not_wait_behind_a_crowd(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    go_on = dialogue.holds_back_all_but(SARI)
    crowd = range(6001, 6001 + receiver.AT_ONCE + 5)
    async with running(app):
        for person in crowd:
            telegram.person_says(person, "syarat ke Korea?")
        await telegram.wait_for(lambda: len(dialogue.tried) == receiver.AT_ONCE)
        telegram.person_says(SARI, "tolong, saya dikurung majikan")
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        assert len(dialogue.committed) == 1
        go_on.set()
        await telegram.wait_for(lambda: all(telegram.texts_to(person) for person in crowd))


async def test_crowd_begins_nothing_beside_a_cry_for_help(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "MAKES_WAY_S", 60.0)
    helped, begun_beside = asyncio.Event(), []

    async def help_takes_its_time(said: Incoming) -> None:
        if said.sender_id == str(SARI):
            await helped.wait()
        elif not helped.is_set():
            begun_beside.append(said.sender_id)

    dialogue.before = help_takes_its_time
    async with running(app):
        telegram.person_says(SARI, "tolong, saya dikurung majikan")
        await telegram.wait_for(lambda: dialogue.tried)
        for person in (6001, 6002, 6003):
            telegram.person_says(person, "syarat ke Korea?")
        telegram.person_says(BUDI, "tolong, majikan pukul saya")
        await telegram.wait_for(lambda: telegram.texts_to(BUDI) or len(dialogue.tried) == 2)
        assert begun_beside == [str(BUDI)]
        helped.set()
        await telegram.wait_for(lambda: all(telegram.texts_to(person) for person in (SARI, BUDI, 6001, 6002, 6003)))


async def test_nobody_in_danger_holds_up_the_others_for_long(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "MAKES_WAY_S", 0.05)
    helped = asyncio.Event()

    async def help_hangs(said: Incoming) -> None:
        if said.sender_id == str(SARI):
            await helped.wait()

    dialogue.before = help_hangs
    async with running(app):
        telegram.person_says(SARI, "tolong, saya dikurung majikan")
        telegram.person_says(6001, "syarat ke Korea?")
        await telegram.wait_for(lambda: telegram.texts_to(6001))
        helped.set()
        await telegram.wait_for(lambda: telegram.texts_to(SARI))


async def test_topics_of_a_group_are_handled_side_by_side(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    go_on = asyncio.Event()

    async def first_waits(said: Incoming) -> None:
        if said.text == "satu":
            await go_on.wait()

    dialogue.before = first_waits
    async with running(app):
        for topic, said in ((1, "satu"), (1, "dua"), (2, "tiga")):
            telegram.person_says(GROUP, f"/tanya {said}", sender=BUDI, message_thread_id=topic, is_topic_message=True)
        await telegram.wait_for(lambda: dialogue.texts() == ["tiga"])
        go_on.set()
        await telegram.wait_for(lambda: dialogue.texts() == ["tiga", "satu", "dua"])


async def test_slow_chat_does_not_hold_up_the_others(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    go_on = asyncio.Event()

    async def wait_for_sari(said: Incoming) -> None:
        if said.sender_id == str(SARI):
            await go_on.wait()

    dialogue.before = wait_for_sari
    async with running(app):
        telegram.person_says(SARI, "cerita panjang")
        await telegram.wait_for(lambda: dialogue.tried)
        for person in (BUDI, RINA, JOKO):
            telegram.person_says(person, "halo")
        await telegram.wait_for(lambda: all(telegram.messages_to(person) for person in (BUDI, RINA, JOKO)))
        assert len(dialogue.committed) == 3
        go_on.set()
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
    assert len(dialogue.tried) == 4


async def test_update_that_always_fails_is_kept_whole_and_the_person_told_its_number(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async def fail(said: Incoming) -> None:
        if "racun" in said.text:
            raise ZeroDivisionError("a bug")

    dialogue.before = fail
    async with running(app):
        poison = telegram.person_says(SARI, "racun")
        telegram.person_says(SARI, "sehat")
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 2)
    (kept,) = await failed_updates(app)
    assert kept.payload == poison
    assert "ZeroDivisionError" in kept.error
    apology, answer = telegram.texts_to(SARI)
    assert f"nomor {kept.id}" in apology and danger.while_broken(app.office()) in apology
    assert "ZeroDivisionError" not in apology
    assert answer == "Jawaban: sehat"
    assert [said.text for said in dialogue.tried].count("racun") == receiver.ATTEMPTS


async def test_failed_update_delivered_again_is_not_told_again(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async def fail(said: Incoming) -> None:
        raise ZeroDivisionError

    dialogue.before = fail
    async with running(app):
        poison = telegram.person_says(SARI, "racun")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
        await until_handled(app, telegram)
        telegram.push(poison)
        telegram.push({**poison, "update_id": poison["update_id"] + 1})
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 2)
    assert len(await failed_updates(app)) == 2


async def test_failure_in_group_talk_is_not_announced_there(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    built = application.build_application(app, dialogue.turn)
    telegram.person_says(GROUP, "obrolan biasa", sender=SARI)
    telegram.person_says(GROUP, "@silvi_uji_bot tolong", sender=SARI)
    talk, question = telegram.queue
    async with built:
        intake = receiver.Receiver(app, built, stop=asyncio.Event())
        assert intake._whom_to_tell(talk) is None
        assert intake._whom_to_tell(question).external_id == str(GROUP)


@pytest.mark.parametrize(
    "malformed",
    [
        {"message": "bukan objek"},
        {"message": {"chat": {"id": SARI, "type": "private"}}},
        {"callback_query": {"id": 5}},
        {"message": {"message_id": "x", "date": "kemarin", "chat": None}},
    ],
)
async def test_malformed_update_does_not_stop_the_others(
    app: App, telegram: Account, running: Running, malformed: dict
) -> None:
    async with running(app):
        telegram.push(malformed, anyway=True)
        telegram.person_says(BUDI, "halo")
        await telegram.wait_for(lambda: telegram.messages_to(BUDI))
        await until_handled(app, telegram)
    (kept,) = await failed_updates(app)
    assert kept.payload.items() >= malformed.items()


async def test_update_without_a_number_does_not_stop_the_others(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.push({"message": {}, "update_id": -5}, anyway=True)
        telegram.person_says(BUDI, "halo")
        await telegram.wait_for(lambda: telegram.messages_to(BUDI))


async def test_nul_and_lone_surrogates_do_no_harm(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async with running(app):
        telegram.person_says(SARI, "ga\x00ji\ud83d berapa")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
    assert dialogue.texts() == ["gaji berapa"]


async def test_update_waits_while_the_database_is_away(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    working, away = app.db, Database("postgresql://127.0.0.1:1/nowhere", VAULT)

    async def goes_away(said: Incoming) -> None:
        if len(dialogue.tried) == 1:
            app.db = away

    dialogue.before = goes_away
    async with running(app):
        telegram.person_says(SARI, "tolong")
        await telegram.wait_for(lambda: len(dialogue.tried) > receiver.ATTEMPTS)
        app.db = working
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["Jawaban: tolong"], within_s=15)
    assert await failed_updates(app) == []
    await away.close()


async def test_polling_goes_on_after_conflicts_and_broken_connections(
    app: App, telegram: Account, running: Running
) -> None:
    for fault in ("500", "cut_before"):
        telegram.fault("getUpdates", fault)
    async with running(app):
        telegram.call("setWebhook", {"url": "http://127.0.0.1:1/"})
        telegram.call("deleteWebhook", {})
        telegram.person_says(SARI, "masih di sana?")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))


async def test_start_waits_until_telegram_answers(app: App, telegram: Account, running: Running) -> None:
    telegram.fault("getMe", "502")
    async with running(app):
        telegram.person_says(SARI, "halo")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))


async def test_refused_token_is_named_without_being_shown(
    app: App, telegram: Account, telegram_api: TelegramApi
) -> None:
    del telegram_api.accounts[telegram.token]
    with pytest.raises(InvalidToken) as refused:
        await application.run(app, asyncio.Event())
    assert telegram.token not in str(refused.value)
    assert "SILVI_TELEGRAM_TOKEN" in str(refused.value)


async def test_stop_finishes_what_is_in_hand_and_acknowledges_it(
    app: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    dialogue.before = lambda said: asyncio.sleep(0.4)
    async with running(app):
        telegram.person_says(SARI, "halo")
        await telegram.wait_for(lambda: dialogue.tried)
    assert telegram.queue == []
    assert telegram.texts_to(SARI) == ["Jawaban: halo"]


async def test_many_people_at_once_are_all_answered(app: App, telegram: Account, running: Running) -> None:
    people = range(2000, 2120)
    async with running(app):
        for person in people:
            telegram.person_says(person, "halo")
        await telegram.wait_for(lambda: len(telegram.sent) == len(people), within_s=60)
    assert {sent.chat for sent in telegram.sent} == set(people)
    async with app.db.transaction() as session:
        states = (await session.execute(select(OutboxMessage.state))).scalars().all()
    assert set(states) == {"sent"}


async def failed_updates(app: App) -> list[FailedUpdate]:
    async with app.db.transaction() as session:
        return list((await session.execute(select(FailedUpdate))).scalars())
