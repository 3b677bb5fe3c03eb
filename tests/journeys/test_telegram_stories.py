"""Whole stories on Telegram, from the first word to the last answer."""

from __future__ import annotations

from sqlalchemy import select

from bot.app import App
from bot.storage.tables import Chat, OutboxMessage, Priority, Question
from bot.texts import jobseeker as words
from knowledge.base import KnowledgeBase
from tests.journeys.conftest import Process
from tests.telegram_api import Account

SARI, MOTHER = 1001, 1002


async def questions(app: App, chat: int) -> list[Question]:
    async with app.db.transaction() as session:
        found = select(Question).join(Chat).where(Chat.external_id == str(chat)).order_by(Question.id)
        return list((await session.execute(found)).scalars())


async def test_sari_asks_reads_on_and_says_what_was_missing(
    process: Process, telegram: Account, base: KnowledgeBase
) -> None:
    taiwan = base.entries["taiwan"]
    async with process() as app:
        telegram.person_says(SARI, "/start")
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 1)
        assert "UU 27/2022" in telegram.texts_to(SARI)[0]

        telegram.person_says(SARI, "kak")
        telegram.person_says(SARI, "mau tanya")
        telegram.person_says(SARI, "syarat kerja ke taiwan apa aja")
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 2)
        answer = telegram.messages_to(SARI)[1]
        assert answer.text.startswith(taiwan.title) and "Terakhir diperiksa" in answer.text

        telegram.presses(SARI, words.MORE)
        await telegram.wait_for(lambda: "Sumber: " in telegram.texts_to(SARI)[-1])
        telegram.presses(SARI, words.NOT_HELPFUL)
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.WHAT_WAS_WRONG)
        pressed = telegram.presses(SARI, "Kurang lengkap")
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.NOTED_REASON)
        await telegram.wait_for(lambda: pressed["callback_query"]["id"] in telegram.answered)

        (kept,) = await questions(app, SARI)
        assert (kept.entry_id, kept.thumb, kept.thumb_reason) == ("taiwan", -1, "kurang")


async def test_sari_ticks_her_list_in_one_message_and_takes_it_along_on_paper(
    process: Process, telegram: Account
) -> None:
    async with process():
        telegram.person_says(SARI, "/berkas")
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 1)
        telegram.person_says(SARI, "aku mau ke taiwan jadi perawat lansia")
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 2)
        page = telegram.messages_to(SARI)[1]
        assert page.text.startswith("Taiwan, perawat lansia")
        telegram.presses(SARI, page.buttons[0][0]["callback_data"])
        await telegram.wait_for(lambda: "✅ 1. " in telegram.texts_to(SARI)[-1])
        ticked = telegram.messages_to(SARI)[-1]
        assert (ticked.method, ticked.message_id) == ("editMessageText", page.message_id)
        telegram.presses(SARI, "Unduh PDF")
        sheet = await telegram.wait_for(lambda: [sent for sent in telegram.messages_to(SARI) if sent.file_id])
        assert sheet[0].method == "sendDocument"
        assert telegram.files[sheet[0].file_id].content.startswith(b"%PDF-")


async def test_mother_writes_for_her_child_in_danger(process: Process, telegram: Account) -> None:
    async with process() as app:
        telegram.person_says(MOTHER, "tolong pak, anak saya disekap di kamboja, hpnya disita, diminta tebusan 50 juta")
        await telegram.wait_for(lambda: telegram.messages_to(MOTHER))
        first = telegram.texts_to(MOTHER)[0]
        assert first.startswith(words.DANGER_TITLE)
        assert "jangan bayar tebusan" in first
        assert app.office().contact("kp2mi") in first
        async with app.db.transaction() as session:
            found = select(OutboxMessage.priority).join(Chat).where(Chat.external_id == str(MOTHER))
            assert set((await session.execute(found)).scalars()) == {Priority.EMERGENCY}


async def test_restart_in_the_middle_of_a_conversation_loses_nothing(
    process: Process, telegram: Account, base: KnowledgeBase
) -> None:
    async with process():
        telegram.person_says(SARI, "syarat ke brunei apa aja")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
    telegram.person_says(SARI, "kalau ke hongkong?")
    async with process() as app:
        await telegram.wait_for(lambda: len(telegram.messages_to(SARI)) == 2)
        assert telegram.texts_to(SARI)[1].startswith(base.entries["hong-kong"].title)
        assert [kept.entry_id for kept in (await questions(app, SARI))[-2:]] == ["brunei", "hong-kong"]
    assert not telegram.queue


async def test_greeting_held_back_at_the_stop_is_answered_after_the_start(process: Process, telegram: Account) -> None:
    async with process():
        update = telegram.person_says(SARI, "halo kak")
        await telegram.wait_for(lambda: update["update_id"] in telegram.acknowledged)
    heard = len(telegram.messages_to(SARI))
    async with process():
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == [words.GREETING])
    assert heard in (0, 1)


async def test_group_hears_silvi_only_when_it_calls_her(process: Process, telegram: Account) -> None:
    group = -500
    async with process():
        telegram.person_says(group, "saya mau ke taiwan syaratnya apa ya", sender=SARI)
        telegram.person_says(group, "@silvi_uji_bot OPP itu apa", sender=SARI)
        await telegram.wait_for(lambda: telegram.messages_to(group))
    assert len(telegram.messages_to(group)) == 1
