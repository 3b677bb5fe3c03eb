"""A person chooses their news by buttons and words, and stops all of it with one tap."""

from __future__ import annotations

from bot.app import App
from bot.services import subscriptions
from bot.storage.tables import Subscription
from bot.texts import jobseeker
from bot.texts import subscriptions as words
from tests.fakes import Sari


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
    await sari.commands("hapusdata")
    await sari.presses(jobseeker.ERASE_YES)
    assert await chosen(sari) is None
