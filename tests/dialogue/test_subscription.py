"""A person chooses their news by buttons and words, and stops all of it with one tap."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.app import App
from bot.domain.broadcasts import Audience, BroadcastState, Topic
from bot.domain.cases import Role
from bot.nlu_client import Intent
from bot.services import broadcasts, officers, subscriptions
from bot.services.broadcasts import Written
from bot.storage.tables import BroadcastRecipient, Subscription
from bot.texts import jobseeker
from bot.texts import subscriptions as words
from tests.fakes import FakeNlu, Sari


async def chosen(sari: Sari) -> Subscription | None:
    row = await sari.row()
    async with sari.app.db.transaction() as session:
        return await subscriptions.of_chat(session, row.id)


async def test_sari_chooses_by_buttons_and_stops_all_with_one_tap(sari: Sari) -> None:
    await sari.commands("langganan")
    await sari.presses("Lowongan resmi")
    await sari.presses("Acara")
    await sari.presses("Ganti negara")
    await sari.presses("Taiwan")
    await sari.presses("Ganti daerah")
    (page,) = await sari.presses("Sambas")
    assert "Lowongan resmi, Acara" in page.body and "Negara: Taiwan. Daerah: Sambas." in page.body
    known = await chosen(sari)
    assert (known.topics, known.country, known.district) == (["lowongan", "acara"], "taiwan", "sambas")
    (told,) = await sari.presses("langganan:stop")
    assert told.body == words.STOPPED
    assert await chosen(sari) is None


async def test_letting_go_of_the_last_topic_ends_the_news(sari: Sari) -> None:
    await sari.commands("langganan")
    await sari.presses("Peringatan penipuan")
    await sari.presses("✓ Peringatan penipuan")
    assert await chosen(sari) is None


async def test_words_do_what_the_buttons_do(sari: Sari) -> None:
    await sari.says("mau langganan lowongan taiwan")
    await sari.says("sambas")
    known = await chosen(sari)
    assert (known.topics, known.country, known.district) == (["lowongan"], "taiwan", "sambas")
    (told,) = await sari.says("stop langganan")
    assert told.body == words.STOPPED
    (told,) = await sari.commands("langganan", "stop")
    assert told.body == words.NONE_TO_STOP


@pytest.mark.parametrize("said", ["stop langganan", "tolong berhenti langganan ya", "jangan kirim kabar lagi"])
async def test_plain_words_stop_the_news_whatever_waits_and_whatever_the_model_takes_them_for(
    sari: Sari, nlu: FakeNlu, said: str
) -> None:
    nlu.learns(said, Intent.CANCEL)
    await sari.commands("langganan", "lowongan")
    (told,) = await sari.says(said)
    assert told.body == words.STOPPED
    assert await chosen(sari) is None
    await sari.commands("lapor")
    await sari.commands("langganan", "lowongan")
    await sari.commands("lapor")
    (told,) = await sari.says(said)
    assert told.body == words.STOPPED, "also while a report waits for its next answer"


async def test_telling_an_employer_to_stop_is_no_wish_about_the_news(sari: Sari) -> None:
    await sari.commands("langganan", "lowongan")
    await sari.says("majikan bilang jangan kirim kabar ke keluarga di kampung")
    assert (await chosen(sari)).topics == ["lowongan"]


async def test_a_question_or_a_trouble_is_no_choice(sari: Sari) -> None:
    await sari.commands("langganan")
    for said in ("syarat kerja taiwan", "berhenti kerja tidak ada kabar majikan"):
        told = await sari.says(said)
        assert told[0].title != words.TITLE and told[0].body != words.NONE_TO_STOP
    assert await chosen(sari) is None


async def test_danger_comes_before_any_choice(sari: Sari) -> None:
    await sari.commands("langganan")
    told = await sari.says("saya dikurung majikan di taiwan, tolong")
    assert told[0].title == jobseeker.DANGER_TITLE
    assert await chosen(sari) is None


async def test_a_forged_button_changes_nothing(sari: Sari) -> None:
    await sari.commands("langganan")
    for forged in ("langganan:t:rahasia", "langganan:n:'; drop", "langganan:d:jakarta", "langganan:"):
        (page,) = await sari.presses(forged)
        assert page.title == words.TITLE
    assert await chosen(sari) is None


async def test_the_choice_is_shown_with_her_data_and_erased_with_it(app: App) -> None:
    sari = Sari(app)
    await sari.commands("langganan", "penipuan sambas")
    (shown,) = await sari.commands("datasaya")
    assert "Peringatan penipuan (semua negara, Sambas)" in shown.body
    row = await sari.row()
    async with app.db.transaction() as session:
        now = datetime.now(UTC)
        await officers.add(session, 1, "Rina", Role.SUPERVISOR, now=now)
        rina = await officers.by_telegram_id(session, 1)
        written = Written("Awas", "Isi", (), Audience(Topic.FRAUD))
        draft = await broadcasts.write(session, rina, written, None, now=now)
        draft.state = BroadcastState.APPROVED
        await broadcasts.begin(session, draft, now=now)
    await sari.commands("hapusdata")
    await sari.presses(jobseeker.ERASE_YES)
    assert await chosen(sari) is None
    async with app.db.transaction() as session:
        kept = (await session.execute(select(BroadcastRecipient))).scalars().all()
        assert await broadcasts.finish_done(session, now=now) == 1, "nobody is waited for who is gone"
    assert row.id not in {one.chat_id for one in kept}
