"""A village head: a link of their own, numbers that tell of nobody, and a resident who decides herself."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import select, text

from bot.app import App
from bot.domain.partners import PartnerKind
from bot.services import officers, partners
from bot.storage.tables import Case, Chat, Introduction, Partner, Question, Resident
from bot.texts import complaint, jobseeker
from bot.texts import partners as words
from tests.journeys.desk.conftest import JOKO, RINA, SARI, Running
from tests.telegram_api import Account

HEAD = 1020


async def registered(app: App) -> str:
    async with app.db.transaction() as session:
        await session.execute(text("truncate partners cascade"))
        rina = await officers.by_telegram_id(session, RINA)
        where = ("Pak Darmo", "Sungai Contoh", "sambas")
        _, token = await partners.add(session, rina, PartnerKind.VILLAGE_HEAD, *where, now=datetime.now(UTC))
        return token


async def says(telegram: Account, chat: int, said: str) -> str:
    """The newest answer to this."""
    before = len(telegram.messages_to(chat))
    telegram.person_says(chat, said)
    await telegram.wait_for(lambda: len(telegram.messages_to(chat)) > before)
    return telegram.texts_to(chat)[-1]


async def presses(telegram: Account, chat: int, label: str) -> str:
    before = len(telegram.messages_to(chat))
    telegram.presses(chat, label)
    await telegram.wait_for(lambda: len(telegram.messages_to(chat)) > before)
    return telegram.texts_to(chat)[-1]


def token_in(said: str) -> str:
    return re.search(r"start=(\S+)", said)[1]


async def rows(app: App, table) -> list:
    async with app.db.transaction() as session:
        return list((await session.execute(select(table))).scalars())


async def test_resident_decides_herself_whether_an_officer_hears_of_her(
    app: App, running: Running, telegram: Account
) -> None:
    token = await registered(app)
    async with running(app):
        telegram.person_says(HEAD, f"/start p_{token}")
        await telegram.wait_for(lambda: len(telegram.messages_to(HEAD)) == 2)
        assert "Anda sekarang mitra Silvi" in telegram.texts_to(HEAD)[0]
        assert words.LINK_GONE == await says(telegram, JOKO, f"/start p_{token}"), "a link works once"
        assert words.NOT_A_PARTNER == await says(telegram, JOKO, "/mitra")

        await presses(telegram, HEAD, "Hubungkan warga")
        forward = await says(telegram, HEAD, "gajinya tiga bulan tidak dibayar, HP 081234567890")
        asked = await says(telegram, SARI, f"/start {token_in(forward)}")
        assert "tiga bulan" in asked and "081234567890" not in asked
        assert await rows(app, Case) == []
        assert await presses(telegram, SARI, words.DECLINE) == words.DECLINED
        assert await rows(app, Case) == []
        assert words.LINK_GONE == await says(telegram, SARI, f"/start {token_in(forward)}")

        await presses(telegram, HEAD, "Hubungkan warga")
        forward = await says(telegram, HEAD, "gajinya di Miri tidak dibayar sejak Mei")
        await says(telegram, SARI, f"/start {token_in(forward)}")
        assert "SLV-" in await presses(telegram, SARI, words.AGREE)
    (case,) = await rows(app, Case)
    assert case.consent_at is not None and "tidak dibayar" in case.narrative
    assert (case.category, case.country, case.district) == ("gaji", "sarawak", "sambas"), "read out of the note"
    assert all(introduction.note == "" for introduction in await rows(app, Introduction))


async def test_grave_note_waits_for_the_resident_too_unless_a_life_hangs_on_it(
    app: App, running: Running, telegram: Account
) -> None:
    token = await registered(app)
    async with running(app):
        telegram.person_says(HEAD, f"/start p_{token}")
        await telegram.wait_for(lambda: len(telegram.messages_to(HEAD)) == 2)
        await presses(telegram, HEAD, "Hubungkan warga")
        telegram.person_says(HEAD, "paspornya ditahan majikan di Miri")
        await telegram.wait_for(lambda: len(telegram.messages_to(HEAD)) == 5)
        forward, numbers = telegram.texts_to(HEAD)[-2:]
        assert complaint.CANNOT_WAIT in numbers and await rows(app, Case) == []
        assert "paspornya ditahan" in await says(telegram, SARI, f"/start {token_in(forward)}")
        assert "SLV-" in await presses(telegram, SARI, words.AGREE)
        (held,) = await rows(app, Case)
        assert (held.category, held.urgency) == ("paspor", "high")
        await presses(telegram, HEAD, "Hubungkan warga")
        await says(telegram, HEAD, "warga saya dikurung majikan di Sibu, dipukuli tiap hari")
        await telegram.wait_for(lambda: any("SLV-" in said for said in telegram.texts_to(HEAD)))
    _, case = sorted(await rows(app, Case), key=lambda case: case.id)
    assert "dikurung" in case.narrative


async def test_village_head_sees_how_many_asked_in_steps_of_five_and_never_who(
    app: App, running: Running, telegram: Account
) -> None:
    token = await registered(app)
    async with running(app):
        telegram.person_says(HEAD, f"/start p_{token}")
        await telegram.wait_for(lambda: len(telegram.messages_to(HEAD)) == 2)
        link = token_in(await presses(telegram, HEAD, "Tautan warga"))
        assert "Desa hanya bisa melihat berapa" in await says(telegram, SARI, f"/start {link}")
        for resident in range(8001, 8007):
            await says(telegram, resident, f"/start {link}")
        await _ask(app, 4)
        assert "kurang dari lima" in await presses(telegram, HEAD, "Jumlah warga")
        await _ask(app, 7)
        assert "sedikitnya 5 warga" in await presses(telegram, HEAD, "Jumlah warga")
        assert "Sungai Contoh" in await says(telegram, SARI, "/datasaya")
        await says(telegram, SARI, "/hapusdata")
        await presses(telegram, SARI, jobseeker.ERASE_YES)
    assert len(await rows(app, Resident)) == 6
    (head,) = await rows(app, Partner)
    assert head.token_hash != token and token not in head.resident_token


async def _ask(app: App, people: int) -> None:
    """So many of the residents ask something."""
    async with app.db.transaction() as session:
        found = select(Chat.id).join(Resident, Resident.chat_id == Chat.id).order_by(Chat.id).limit(people)
        for chat_id in (await session.execute(found)).scalars().all():
            kept = {"outcome": "answer", "confidence": 0.9, "suggestions": []}
            session.add(Question(chat_id=chat_id, text_masked="apa itu cpmi", asked_at=datetime.now(UTC), **kept))
