"""From a frightened message to closure, over the local Bot API server."""

from __future__ import annotations

from sqlalchemy import Update, func, select, update

from bot.app import App
from bot.domain.cases import CaseState, EventKind, find_case_number
from bot.storage.tables import Case, CaseEvent, OutboxMessage
from bot.texts import complaint as words
from bot.texts import officer as desk_words
from tests.journeys.desk.conftest import BUDI, DESK, JOKO, RINA, SARI, Running
from tests.telegram_api import Account

CAPTIVE = "saya dikurung majikan, hp disita, tolong"
WHERE = "saya di kuching, rumah dekat pasar"


async def the_case(app: App) -> Case:
    async with app.db.transaction() as session:
        return (await session.execute(select(Case))).scalar_one()


async def events(app: App, kind: str) -> list[str]:
    async with app.db.transaction() as session:
        found = select(CaseEvent.text).where(CaseEvent.kind == kind).order_by(CaseEvent.id)
        return list((await session.execute(found)).scalars())


async def number_and_topic(telegram: Account) -> tuple[str, int]:
    """The number Sari was told and the topic that was made for it, once its first post is there."""
    first = await telegram.wait_for(lambda: telegram.texts_to(SARI))
    number = find_case_number(first[0])
    topic = await telegram.wait_for(lambda: telegram.topic_named(DESK, number))
    await telegram.wait_for(lambda: telegram.texts_in(DESK, topic))
    return number, topic


async def test_frightened_message_is_carried_to_closure(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        number, topic = await number_and_topic(telegram)
        assert "15 menit" in telegram.texts_to(SARI)[0]
        assert telegram.chats[DESK].topics[topic].startswith("🔴")
        assert CAPTIVE in telegram.texts_in(DESK, topic)[0]

        telegram.person_says(SARI, WHERE)
        await telegram.wait_for(lambda: any(WHERE in text for text in telegram.texts_in(DESK, topic)))
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.ADDED.format(number=number))

        telegram.presses(DESK, desk_words.CLAIM, sender=BUDI)
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.TAKEN.format(number=number))
        assert (await the_case(app)).state == CaseState.ACKNOWLEDGED

        telegram.officer_says(DESK, topic, BUDI, "// keluarga sudah ditelepon\nTenang, kami ke sana. Aman di dalam?")
        await telegram.wait_for(lambda: "Tenang, kami ke sana" in telegram.texts_to(SARI)[-1])
        assert "keluarga" not in telegram.texts_to(SARI)[-1]
        assert telegram.texts_to(SARI)[-1].startswith(app.desk().office)
        assert await events(app, EventKind.NOTE) == ["keluarga sudah ditelepon"]

        heard = len(telegram.texts_to(SARI))
        telegram.person_says(SARI, "aman pak, makasih")
        await telegram.wait_for(lambda: any("aman pak" in text for text in telegram.texts_in(DESK, topic)))
        telegram.person_says(SARI, "/status")
        await telegram.wait_for(lambda: len(telegram.texts_to(SARI)) > heard)
        assert number in telegram.texts_to(SARI)[heard] and "dikerjakan" in telegram.texts_to(SARI)[heard]

        telegram.officer_says(DESK, topic, BUDI, "/selesai")
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.IS_IT_SOLVED.format(number=number))
        telegram.presses(SARI, words.SOLVED.label)
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.CLOSED.format(number=number))
        await telegram.wait_for(lambda: telegram.texts_in(DESK, topic)[-1] == desk_words.CONFIRMED)
    assert (await the_case(app)).state == CaseState.CLOSED


async def test_later_of_two_claims_is_refused(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        _, topic = await number_and_topic(telegram)
        telegram.officer_says(DESK, topic, BUDI, "/ambil")
        telegram.officer_says(DESK, topic, RINA, "/ambil")
        refused = desk_words.CLAIMED_ALREADY.partition("{")[0]
        await telegram.wait_for(lambda: any(text.startswith(refused) for text in telegram.texts_in(DESK, topic)))
    claimed = desk_words.CLAIMED.partition("{")[0]
    assert sum(text.startswith(claimed) for text in telegram.texts_in(DESK, topic)) == 1


async def test_who_is_no_officer_is_ignored_and_the_attempt_is_logged(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        number, topic = await number_and_topic(telegram)
        telegram.officer_says(DESK, topic, JOKO, "transfer dulu uangnya ke saya")
        telegram.officer_says(DESK, topic, JOKO, "/ambil")
        telegram.officer_says(DESK, topic, BUDI, "Kami bantu.")
        await telegram.wait_for(lambda: any("Kami bantu." in text for text in telegram.texts_to(SARI)))
    assert not any("transfer" in text for text in telegram.texts_to(SARI))
    assert await events(app, EventKind.REFUSED) == [str(JOKO), str(JOKO)]


async def test_desk_button_pressed_elsewhere_does_nothing(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        await number_and_topic(telegram)
        case = await the_case(app)
        telegram.presses(BUDI, f"meja:ambil:{case.id}")
        await telegram.wait_for(lambda: not telegram.queue)
    assert (await the_case(app)).state == CaseState.NEW


async def test_topic_deleted_by_hand_is_made_anew(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        number, topic = await number_and_topic(telegram)
        telegram.deletes_topic(DESK, topic)
        telegram.person_says(SARI, WHERE)
        anew = await telegram.wait_for(lambda: telegram.topic_named(DESK, number))
        assert anew != topic
        await telegram.wait_for(lambda: any(CAPTIVE in text for text in telegram.texts_in(DESK, anew)))
        assert any(WHERE in text for text in telegram.texts_in(DESK, anew))
        telegram.officer_says(DESK, anew, BUDI, "Kami bantu.")
        await telegram.wait_for(lambda: any("Kami bantu." in text for text in telegram.texts_to(SARI)))


async def test_officer_learns_that_the_person_has_blocked_silvi(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        _, topic = await number_and_topic(telegram)
        telegram.blocks(SARI)
        await telegram.wait_for(lambda: desk_words.UNREACHABLE in telegram.texts_in(DESK, topic))
        telegram.officer_says(DESK, topic, BUDI, "Apakah Anda aman?")
        await telegram.wait_for(lambda: desk_words.STILL_UNREACHABLE in telegram.texts_in(DESK, topic))
    assert telegram.texts_in(DESK, topic).count(desk_words.UNREACHABLE) == 1


async def test_case_waits_while_the_group_takes_no_topics_and_across_a_restart(
    app: App, telegram: Account, running: Running
) -> None:
    telegram.chats[DESK].is_forum = False
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        await telegram.wait_for(lambda: any(method == "createForumTopic" for method, _ in telegram.calls))
    telegram.opens_forum(DESK)
    async with app.db.transaction() as session:
        await session.execute(the_outbox_is_due_now())
    async with running(app):
        await number_and_topic(telegram)


async def test_cases_opened_without_a_desk_are_posted_once_there_is_one(
    app: App, telegram: Account, running: Running
) -> None:
    without = App(app.settings.model_copy(update={"desk_chat_id": None}), app.db, app.nlu, app.knowledge)
    async with running(without):
        telegram.person_says(SARI, CAPTIVE)
        first = await telegram.wait_for(lambda: telegram.texts_to(SARI))
        assert "15 menit" not in first[0]
    async with running(app):
        await number_and_topic(telegram)


async def test_no_message_reaches_a_person_it_was_not_meant_for(app: App, telegram: Account, running: Running) -> None:
    people = range(5001, 5031)
    async with running(app):
        for person in people:
            telegram.person_says(person, f"{CAPTIVE}, kode saya {person}")
        await telegram.wait_for(lambda: all(telegram.texts_to(person) for person in people), within_s=60)
        await telegram.wait_for(lambda: len(telegram.chats[DESK].topics) == len(people), within_s=60)
        topics = list(telegram.chats[DESK].topics)
        await telegram.wait_for(lambda: all(telegram.texts_in(DESK, topic) for topic in topics), within_s=60)
        for turn, topic in enumerate(topics):
            code = telegram.texts_in(DESK, topic)[0].partition("kode saya ")[2][:4]
            telegram.officer_says(DESK, topic, (BUDI, RINA)[turn % 2], f"Jawaban untuk {code}")
        await telegram.wait_for(
            lambda: all(f"Jawaban untuk {person}" in telegram.texts_to(person)[-1] for person in people), within_s=60
        )
    for person in people:
        answers = [text for text in telegram.texts_to(person) if "Jawaban untuk" in text]
        assert len(answers) == 1
        assert not any(str(other) in text for text in telegram.texts_to(person) for other in people if other != person)


def the_outbox_is_due_now() -> Update:
    return update(OutboxMessage).values(due_at=func.now())
