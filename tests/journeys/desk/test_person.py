"""What the person sees of their case over the local Bot API server, and what of the person the desk sees."""

from __future__ import annotations

from sqlalchemy import select

from bot.app import App
from bot.domain.cases import CaseState, Privacy, find_case_number
from bot.storage.tables import Case
from bot.texts import complaint as words
from bot.texts import officer as desk_words
from tests.journeys.desk.conftest import BUDI, DESK, SARI, Running
from tests.journeys.desk.test_case import CAPTIVE, number_and_topic, the_case
from tests.telegram_api import Account

REPORT = "/lapor adik saya di Sibu, gaji tidak dibayar 3 bulan"
GROUP = -5001


async def test_named_report_goes_from_contact_to_rating(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, REPORT)
        number, topic = await number_and_topic(telegram)
        assert "Untuk: orang lain" in telegram.texts_in(DESK, topic)[0]

        telegram.presses(SARI, words.PRIVACIES[Privacy.NAMED].label)
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1].startswith(words.ASK_CONTACT))
        telegram.person_says(SARI, "Sari, 0812 0000 0789")
        await telegram.wait_for(lambda: "+62 8•• ••• 789" in telegram.texts_to(SARI)[-1])
        await telegram.wait_for(lambda: any("Kontak: S•••, +62 8•• ••• 789" in text for text in at_desk(telegram)))
        assert not any("0812" in text for text in at_desk(telegram))

        telegram.officer_says(DESK, topic, BUDI, "Gajinya sudah kami urus.")
        await telegram.wait_for(lambda: "Gajinya sudah kami urus." in telegram.texts_to(SARI)[-1])
        telegram.officer_says(DESK, topic, BUDI, "/selesai")
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.IS_IT_SOLVED.format(number=number))
        telegram.person_says(SARI, "iya sudah beres pak")
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.CLOSED.format(number=number))
        telegram.presses(SARI, words.RATINGS[3])
        await telegram.wait_for(lambda: desk_words.RATED.format(rating=words.RATINGS[3]) in at_desk(telegram))
    case = await the_case(app)
    assert (case.state, case.rating, case.contact) == (CaseState.CLOSED, 3, "Sari, 0812 0000 0789")


async def test_desk_is_told_to_check_on_who_takes_back_a_cry_for_help(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        await number_and_topic(telegram)
        telegram.person_says(SARI, "/batal")
        await press_once_there(telegram, words.WITHDRAW.label)
        await press_once_there(telegram, words.WITHDRAW_YES.label)
        await telegram.wait_for(lambda: desk_words.WITHDRAWN_IN_DANGER in at_desk(telegram))


async def test_cry_in_a_group_and_in_private_at_once_is_one_case(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(GROUP, f"@{telegram.username} {CAPTIVE}", sender=SARI)
        telegram.person_says(SARI, CAPTIVE)
        await telegram.wait_for(lambda: telegram.texts_to(SARI) and telegram.texts_to(GROUP))
        number, _ = await number_and_topic(telegram)
    async with app.db.transaction() as session:
        (case,) = (await session.execute(select(Case))).scalars().all()
    assert case.number == number and find_case_number(telegram.texts_to(GROUP)[0]) is None


def at_desk(telegram: Account) -> list[str]:
    """All posts of all topics, with what was edited later."""
    return telegram.texts_to(DESK)


async def press_once_there(telegram: Account, label: str) -> None:
    """Press Sari's button as soon as she sees it."""

    def is_there() -> bool:
        rows = [row for sent in telegram.messages_to(SARI) for row in sent.buttons]
        return any(button["text"] == label for row in rows for button in row)

    await telegram.wait_for(is_there)
    telegram.presses(SARI, label)
