"""The topic follows its case, and what goes wrong with topics harms no message."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.app import App
from bot.domain.cases import CaseState
from bot.storage.tables import OutboxMessage
from bot.texts import complaint as words
from bot.texts import officer as desk_words
from tests.journeys.desk.conftest import BUDI, DESK, RINA, SARI, Running
from tests.journeys.desk.test_case import CAPTIVE, WHERE, number_and_topic, the_case, the_outbox_is_due_now
from tests.telegram_api import Account
from tests.telegram_api.account import Fault


async def closed(app: App, telegram: Account) -> int:
    """The topic of a case that Sari called solved."""
    telegram.person_says(SARI, CAPTIVE)
    number, topic = await number_and_topic(telegram)
    telegram.officer_says(DESK, topic, BUDI, "/ambil")
    telegram.officer_says(DESK, topic, BUDI, "/selesai")
    await telegram.wait_for(lambda: words.IS_IT_SOLVED.format(number=number) in telegram.texts_to(SARI))
    telegram.presses(SARI, words.SOLVED.label)
    await telegram.wait_for(lambda: desk_words.CONFIRMED in telegram.texts_in(DESK, topic))
    return topic


async def test_topic_of_a_closed_case_is_closed_and_opened_again_with_it(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        topic = await closed(app, telegram)
        chat = telegram.chats[DESK]
        await telegram.wait_for(lambda: topic in chat.closed_topics)
        assert chat.topics[topic].startswith("✅")
        telegram.presses(DESK, desk_words.REOPEN, sender=BUDI)
        await telegram.wait_for(lambda: topic not in chat.closed_topics)
        assert chat.topics[topic].startswith("🔴")
    assert (await the_case(app)).state == CaseState.IN_PROGRESS


async def test_topic_that_cannot_be_changed_holds_up_no_message(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        _, topic = await number_and_topic(telegram)
        telegram.fault("editForumTopic", Fault.ERROR_500)
        telegram.officer_says(DESK, topic, RINA, "/prioritas biasa")
        telegram.officer_says(DESK, topic, RINA, "Kami bantu.")
        await telegram.wait_for(lambda: any("Kami bantu." in text for text in telegram.texts_to(SARI)))
        # The next post tries again.
        await telegram.wait_for(lambda: telegram.chats[DESK].topics[topic].startswith("🟢"))


async def test_topic_left_behind_by_a_broken_connection_is_told_of_and_harmless(
    app: App, telegram: Account, running: Running
) -> None:
    telegram.fault("createForumTopic", Fault.CUT_AFTER)
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        async with app.db.transaction() as session:
            await session.execute(the_outbox_is_due_now())
        await telegram.wait_for(lambda: len(telegram.chats[DESK].topics) == 2)
        twin, topic = telegram.chats[DESK].topics
        await telegram.wait_for(lambda: desk_words.TWIN_TOPIC in telegram.texts_in(DESK, topic))
        telegram.officer_says(DESK, twin, BUDI, "Halo, bisa dengar?")
        told = desk_words.OTHER_TOPIC.format(officer="Budi")
        await telegram.wait_for(lambda: told in telegram.texts_in(DESK, topic))
        telegram.officer_says(DESK, topic, BUDI, "Kami bantu.")
        await telegram.wait_for(lambda: any("Kami bantu." in text for text in telegram.texts_to(SARI)))
    assert not any("bisa dengar" in text for text in telegram.texts_to(SARI))
    assert (await the_case(app)).topic_id == topic


async def test_topic_that_telegram_refused_to_make_leaves_no_twin(
    app: App, telegram: Account, running: Running
) -> None:
    telegram.chats[DESK].is_forum = False
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        await telegram.wait_for(lambda: any(method == "createForumTopic" for method, _ in telegram.calls))
    telegram.opens_forum(DESK)
    async with app.db.transaction() as session:
        await session.execute(update(OutboxMessage).values(leased_until=None))
        await session.execute(the_outbox_is_due_now())
    async with running(app):
        _, topic = await number_and_topic(telegram)
        telegram.officer_says(DESK, topic, BUDI, "/ambil")
        await telegram.wait_for(lambda: desk_words.CLAIMED.format(officer="Budi") in telegram.texts_in(DESK, topic))
    assert desk_words.TWIN_TOPIC not in telegram.texts_in(DESK, topic)


async def test_topic_closed_by_hand_is_opened_for_what_comes(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        _, topic = await number_and_topic(telegram)
        chat = telegram.chats[DESK]
        chat.closed_topics.add(topic)
        chat.may_manage_topics = False
        telegram.person_says(SARI, WHERE)
        await telegram.wait_for(lambda: any(WHERE in text for text in telegram.texts_in(DESK, topic)))
    assert topic not in chat.closed_topics


async def test_post_waits_while_silvi_has_no_rights_in_the_group(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        _, topic = await number_and_topic(telegram)
        chat = telegram.chats[DESK]
        chat.closed_topics.add(topic)
        chat.may_manage_topics = chat.is_admin = False
        telegram.person_says(SARI, WHERE)
        await telegram.wait_for(lambda: any(method == "reopenForumTopic" for method, _ in telegram.calls))
        chat.may_manage_topics = chat.is_admin = True
    async with app.db.transaction() as session:
        await session.execute(the_outbox_is_due_now())
    async with running(app):
        await telegram.wait_for(lambda: any(WHERE in text for text in telegram.texts_in(DESK, topic)))


@pytest.mark.parametrize("said", ["/ambil@bot_lain", "/ ambil", "/selesai!"])
async def test_command_that_is_none_of_ours_reaches_nobody(
    app: App, telegram: Account, running: Running, said: str
) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        _, topic = await number_and_topic(telegram)
        heard = len(telegram.texts_to(SARI))
        telegram.officer_says(DESK, topic, BUDI, said)
        await telegram.wait_for(lambda: telegram.texts_in(DESK, topic)[-1] == desk_words.UNKNOWN_COMMAND)
    assert len(telegram.texts_to(SARI)) == heard
    assert (await the_case(app)).state == CaseState.NEW
