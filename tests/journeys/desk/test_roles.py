"""Who may do what in a topic, and how a case changes hands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from bot.app import App
from bot.dialogue.desk import COMMANDS
from bot.domain.cases import CaseAction, CaseState, CaseUrgency, EventKind, Privacy, Role, Route, Standing
from bot.services import officers
from bot.storage.tables import Case, Officer
from bot.texts import desk_menus as menus
from bot.texts import officer as desk_words
from bot.texts import progress
from tests.journeys.desk.conftest import BUDI, DESK, JOKO, RINA, SARI, Running
from tests.journeys.desk.test_case import CAPTIVE, events, number_and_topic, the_case
from tests.telegram_api import Account

DEWI = 1005
CONTACT = "Sari, 0812-0000-1111"


@pytest.fixture(autouse=True)
async def dewi(app: App) -> None:
    """A second officer."""
    async with app.db.transaction() as session:
        await officers.add(session, DEWI, "Dewi", Role.OFFICER, now=datetime.now(UTC))


async def claimed(app: App, telegram: Account, by: int = BUDI) -> tuple[str, int]:
    """Number and topic of Sari's emergency, which an officer has."""
    telegram.person_says(SARI, CAPTIVE)
    number, topic = await number_and_topic(telegram)
    telegram.officer_says(DESK, topic, by, "/ambil")
    await told_in(telegram, topic, "Kasus dipegang")
    return number, topic


async def told_in(telegram: Account, topic: int, part: str) -> None:
    await telegram.wait_for(lambda: any(part in text for text in telegram.texts_in(DESK, topic)))


async def told_sari(telegram: Account, part: str) -> None:
    await telegram.wait_for(lambda: any(part in text for text in telegram.texts_to(SARI)))


async def owner(app: App) -> str:
    async with app.db.transaction() as session:
        return (await session.execute(select(Officer.name).join(Case, Case.officer_id == Officer.id))).scalar_one()


async def test_words_of_a_colleague_do_not_reach_the_person(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        _, topic = await claimed(app, telegram)
        telegram.officer_says(DESK, topic, DEWI, "Bud, orang ini bohong deh")
        await told_in(telegram, topic, desk_words.STANDINGS[Standing.OTHER].format(owner="Budi"))
        telegram.officer_says(DESK, topic, DEWI, "// saya kenal majikannya")
        telegram.officer_says(DESK, topic, BUDI, "Kami bantu.")
        await told_sari(telegram, "Kami bantu.")
    assert not any("bohong" in text for text in telegram.texts_to(SARI))
    assert await events(app, EventKind.NOTE) == ["saya kenal majikannya"]


async def test_case_is_handed_to_a_colleague_and_the_person_is_told(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        number, topic = await claimed(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/alih")
        await told_in(telegram, topic, menus.ASK_OFFICER)
        telegram.presses(DESK, "Dewi", sender=BUDI)
        await told_sari(telegram, progress.HANDED_OVER.format(number=number))
        telegram.officer_says(DESK, topic, BUDI, "Masih saya balas.")
        await told_in(telegram, topic, desk_words.STANDINGS[Standing.OTHER].format(owner="Dewi"))
        telegram.officer_says(DESK, topic, DEWI, "Saya lanjutkan, ya.")
        await told_sari(telegram, "Saya lanjutkan, ya.")
    assert await owner(app) == "Dewi"
    assert not any("Masih saya balas" in text for text in telegram.texts_to(SARI))


async def test_only_a_supervisor_takes_a_case_over(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        _, topic = await claimed(app, telegram)
        telegram.officer_says(DESK, topic, DEWI, "/alih Dewi")
        await told_in(telegram, topic, desk_words.STANDINGS[Standing.OTHER].format(owner="Budi"))
        telegram.officer_says(DESK, topic, RINA, "/alih rina")
        await told_in(telegram, topic, desk_words.TAKEN_OVER.format(officer="Rina"))
    assert await owner(app) == "Rina"


async def test_case_of_an_officer_who_left_is_free_again(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        _, topic = await claimed(app, telegram)
        async with app.db.transaction() as session:
            await officers.remove(session, BUDI, now=datetime.now(UTC))
        telegram.officer_says(DESK, topic, DEWI, "/ambil")
        await told_in(telegram, topic, desk_words.CLAIMED.format(officer="Dewi"))
    assert await owner(app) == "Dewi"


async def test_emergency_is_lowered_only_with_a_reason_and_topic_and_head_follow(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        number, topic = await claimed(app, telegram)
        telegram.presses(DESK, desk_words.PRIORITISE, sender=BUDI)
        await told_in(telegram, topic, menus.ASK_URGENCY)
        press = telegram.presses(DESK, desk_words.URGENCIES[CaseUrgency.HIGH], sender=BUDI)
        refused = await telegram.wait_for(lambda: telegram.answered.get(press["callback_query"]["id"]))
        assert refused == desk_words.REASON_MISSING.format(code="mendesak")
        assert (await the_case(app)).urgency == CaseUrgency.EMERGENCY

        telegram.officer_says(DESK, topic, BUDI, "/prioritas mendesak sudah aman di rumah tetangga")
        await told_in(telegram, topic, "sudah aman di rumah tetangga")
        await telegram.wait_for(lambda: telegram.chats[DESK].topics[topic].startswith("🟠"))
        head = await telegram.wait_for(
            lambda: [sent for sent in telegram.messages_to(DESK) if sent.method == "editMessageText"]
        )
        assert f"Kegawatan: {desk_words.URGENCIES[CaseUrgency.HIGH]}" in head[0].text and CAPTIVE in head[0].text
    assert number in telegram.chats[DESK].topics[topic]
    assert len(await events(app, CaseAction.LOWER)) == 1


async def test_supervisor_lowers_an_emergency_with_one_tap(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        _, topic = await claimed(app, telegram)
        telegram.officer_says(DESK, topic, RINA, "/prioritas")
        await told_in(telegram, topic, menus.ASK_URGENCY)
        telegram.presses(DESK, desk_words.URGENCIES[CaseUrgency.NORMAL], sender=RINA)
        await telegram.wait_for(lambda: telegram.chats[DESK].topics[topic].startswith("🟢"))
    assert (await the_case(app)).urgency == CaseUrgency.NORMAL


async def test_case_made_an_emergency_calls_its_officer_and_is_due_at_once(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        _, topic = await claimed(app, telegram)
        telegram.officer_says(DESK, topic, RINA, "/prioritas biasa")
        await telegram.wait_for(lambda: telegram.chats[DESK].topics[topic].startswith("🟢"))
        calm, called = await the_case(app), len(await events(app, EventKind.REMINDED))
        telegram.officer_says(DESK, topic, BUDI, "/prioritas darurat majikan kembali")
        await telegram.wait_for(lambda: telegram.chats[DESK].topics[topic].startswith("🔴"))
    assert (await the_case(app)).due_at < calm.due_at
    assert (await events(app, EventKind.REMINDED))[called:] == ["Budi"]


async def test_person_is_asked_for_what_is_missing_and_the_clock_stands_until_they_write(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        _, topic = await claimed(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/tunggu")
        await told_in(telegram, topic, menus.ASK_WAITING)
        telegram.presses(DESK, f"meja:tunggu:{(await the_case(app)).id}:alamat", sender=BUDI)
        await told_sari(telegram, progress.WAIT.format(asked=menus.REQUESTS["alamat"]))
        waiting = await the_case(app)
        assert (waiting.state, waiting.due_at) == (CaseState.WAITING, None)
        telegram.person_says(SARI, "jalan melati nomor 5")
        await told_in(telegram, topic, "jalan melati nomor 5")
    heard = await the_case(app)
    assert heard.state == CaseState.IN_PROGRESS and heard.due_at is not None


async def test_conversation_goes_back_to_silvi_until_the_officer_answers(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        number, topic = await claimed(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/menu")
        await told_in(telegram, topic, "Dipegang: Budi")
        telegram.presses(DESK, desk_words.HAND_BACK, sender=BUDI)
        await told_sari(telegram, progress.HANDED_BACK.format(number=number))
        assert (await the_case(app)).with_silvi
        telegram.officer_says(DESK, topic, BUDI, "Saya sambung lagi, Bu.")
        await told_sari(telegram, "Saya sambung lagi, Bu.")
    assert not (await the_case(app)).with_silvi


async def test_contact_is_shown_once_to_who_has_the_case_and_the_reading_is_kept(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        _, topic = await claimed(app, telegram)
        async with app.db.transaction() as session:
            await session.execute(update(Case).values(contact=CONTACT, privacy=Privacy.NAMED))
        other = telegram.presses(DESK, desk_words.SEE_CONTACT, sender=DEWI)["callback_query"]["id"]
        own = telegram.presses(DESK, desk_words.SEE_CONTACT, sender=BUDI)["callback_query"]["id"]
        assert CONTACT in await telegram.wait_for(lambda: telegram.answered.get(own))
        assert CONTACT not in await telegram.wait_for(lambda: telegram.answered.get(other))
    assert not any(CONTACT in text for text in telegram.texts_in(DESK, topic))
    assert await events(app, EventKind.READ) == ["kontak"]


async def test_contact_of_an_anonymous_report_is_shown_to_nobody(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        await claimed(app, telegram)
        async with app.db.transaction() as session:
            await session.execute(update(Case).values(contact=CONTACT, privacy=Privacy.ANONYMOUS))
        pressed = telegram.presses(DESK, desk_words.SEE_CONTACT, sender=RINA)["callback_query"]["id"]
        assert await telegram.wait_for(lambda: telegram.answered.get(pressed)) == desk_words.CONTACT_ANONYMOUS


async def test_button_pressed_by_who_is_no_officer_does_nothing_and_is_kept(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        _, topic = await claimed(app, telegram)
        case = await the_case(app)
        telegram.presses(DESK, f"meja:alih:{case.id}:{case.officer_id}", sender=JOKO)
        telegram.presses(DESK, desk_words.SEE_CONTACT, sender=JOKO)
        telegram.officer_says(DESK, topic, BUDI, "Kami bantu.")
        await told_sari(telegram, "Kami bantu.")
    assert await events(app, EventKind.REFUSED) == [str(JOKO), str(JOKO)]


async def test_officers_see_their_own_commands_in_their_group(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        shown = await telegram.wait_for(lambda: telegram.chat_commands.get(DESK))
    assert {command["command"] for command in shown} <= set(COMMANDS)


async def test_how_the_person_left_is_asked_at_the_end_and_told_to_nobody_outside(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        _, topic = await claimed(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/jalur entah")
        await told_in(telegram, topic, desk_words.NO_SUCH_ROUTE)
        telegram.officer_says(DESK, topic, BUDI, "/selesai")
        await told_in(telegram, topic, desk_words.ASK_ROUTE)
        telegram.presses(DESK, desk_words.ROUTES[Route.NONPROCEDURAL], sender=DEWI)
        telegram.presses(DESK, desk_words.ROUTES[Route.NONPROCEDURAL], sender=BUDI)
        await told_in(telegram, topic, "Budi mencatat: berangkat nonprosedural.")
        telegram.officer_says(DESK, topic, BUDI, "/jalur nonprosedural")
        await told_in(telegram, topic, desk_words.NOTHING_TO_CHANGE)
    assert (await the_case(app)).route == Route.NONPROCEDURAL
    assert not any("prosedural" in said for said in telegram.texts_to(SARI))
    assert not any("Dewi mencatat" in said for said in telegram.texts_in(DESK, topic))
