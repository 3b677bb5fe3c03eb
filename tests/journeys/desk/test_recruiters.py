"""What officers see of the recruiters of a case without leaving its topic."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.app import App
from bot.services import cases, reported, traces
from bot.texts import desk_menus as menus
from tests.journeys.desk.conftest import BUDI, DESK, JOKO, SARI, Running
from tests.journeys.desk.test_case import number_and_topic, the_case
from tests.journeys.desk.test_roles import told_in
from tests.telegram_api import Account

STORY = "/lapor saya ditipu PT Rimba Cempaka Uji di kuching, uang 5 juta dibawa, nomornya 0812-1111-2222"


async def test_recruiters_of_a_case_are_shown_masked_with_what_is_known_of_them(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        telegram.person_says(SARI, STORY)
        number, topic = await number_and_topic(telegram)
        telegram.officer_says(DESK, topic, JOKO, "/perekrut")
        telegram.officer_says(DESK, topic, BUDI, "/perekrut")
        await told_in(telegram, topic, menus.RECRUITERS)
        first = telegram.texts_in(DESK, topic)[-1]
        assert menus.NOT_ON_FILE.format(shown="PT Rimba Cempaka Uji, +628•••22") in first
        assert f"/konsol/perekrut/kasus/{number}" in first and "belum bisa dicek" in first

        async with app.db.transaction() as session:
            case = await cases.lock(session, (await the_case(app)).id)
            found = traces.in_text(case.narrative, app.office())
            await reported.note_report(session, case, found, now=datetime.now(UTC))
        telegram.officer_says(DESK, topic, BUDI, "/perekrut")
        await told_in(telegram, topic, f"1 laporan, {menus.NO_VERDICT}")
    known = telegram.texts_in(DESK, topic)
    assert "PT Rimba Cempaka Uji: 1 laporan" in known[-1] and "belum ada di berkas" not in known[-1]
    assert sum(menus.RECRUITERS in text for text in known) == 2
    assert not any("081211112222" in text.replace("-", "") for text in known if menus.RECRUITERS in text)


async def test_case_that_names_nobody_says_so(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, "/lapor gaji tidak dibayar di kuching")
        _, topic = await number_and_topic(telegram)
        telegram.officer_says(DESK, topic, BUDI, "/perekrut")
        await told_in(telegram, topic, menus.NONE_NAMED)
