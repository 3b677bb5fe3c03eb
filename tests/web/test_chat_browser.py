"""The chat in a real browser, on a phone 360 pixels wide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.applications import Starlette

from bot.app import App
from bot.channels.web.application import build
from bot.settings import Settings
from tests.fakes import VAULT
from tests.web.accessibility import problems
from tests.web.conftest import StandInDialogue, app_on, running

PHONE = {"width": 360, "height": 740}
SLIP = {"name": "slip.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 slip gaji"}
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="id-ID")
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def sari(phone: BrowserContext, address: str) -> Page:
    """Sari has opened the page and been greeted."""
    page = phone.new_page()
    page.goto(address)
    expect(page.get_by_text("Halo, saya Silvi")).to_be_visible()
    return page


def write(page: Page, text: str) -> None:
    page.get_by_label("Tulis pertanyaan Anda").fill(text)
    page.get_by_role("button", name="Kirim").click()


def test_greeting_appears_by_itself_and_once(sari: Page, dialogue: StandInDialogue) -> None:
    sari.reload()
    expect(sari.get_by_text("Halo, saya Silvi")).to_have_count(1)
    assert [update.command for update in dialogue.handled] == ["start"]


def test_message_is_answered_through_the_stream(sari: Page) -> None:
    addresses: list[str] = []
    sari.on("request", lambda request: addresses.append(request.url))
    write(sari, "syarat kerja ke Malaysia")
    expect(sari.locator(".pesan.saya").get_by_text("syarat kerja ke Malaysia")).to_be_visible()
    reply = sari.locator(".pesan.silvi").last
    expect(reply).to_contain_text("Anda bertanya: syarat kerja ke Malaysia")
    expect(reply.get_by_role("heading", name="Syarat umum")).to_be_visible()
    expect(reply.get_by_role("listitem")).to_have_count(2)
    expect(sari.locator("#mengetik")).to_be_hidden()
    assert not any("riwayat" in address for address in addresses)


def test_pressed_button_changes_the_message_in_place(sari: Page) -> None:
    write(sari, "syarat")
    sari.get_by_role("button", name="Selengkapnya").click()
    expect(sari.get_by_text("Ini penjelasan lengkapnya.")).to_be_visible()
    expect(sari.get_by_text("Siapkan KTP")).to_have_count(0)


def test_menu_button_is_answered(sari: Page, dialogue: StandInDialogue) -> None:
    sari.get_by_role("button", name="Cek lowongan").click()
    expect(sari.get_by_text("Anda menekan menu:cek.")).to_be_visible()
    assert dialogue.handled[-1].button == "menu:cek"


def test_thumb_is_acknowledged_with_a_short_note(sari: Page) -> None:
    write(sari, "syarat")
    sari.get_by_role("button", name="Membantu").click()
    expect(sari.locator(".catatan")).to_have_text("Terima kasih atas penilaiannya.")


def test_reload_keeps_the_chat(sari: Page) -> None:
    write(sari, "gaji di Taiwan")
    expect(sari.get_by_text("Anda bertanya: gaji di Taiwan")).to_be_visible()
    sari.reload()
    expect(sari.locator(".pesan.saya")).to_have_text(re.compile("gaji di Taiwan"))
    expect(sari.get_by_text("Anda bertanya: gaji di Taiwan")).to_have_count(1)


def test_message_of_another_process_arrives_by_itself(sari: Page, app: App) -> None:
    with psycopg.connect(app.db.psycopg_dsn(), autocommit=True) as other:
        other.execute(
            "insert into outbox (chat_id, channel, priority, reply, state, created_at, due_at, attempts, parts_sent)"
            " select max(id), 'web', 1, %(reply)s, 'pending', %(now)s, %(now)s, 0, 0 from chats",
            {"reply": VAULT.close(b'{"body": "Kabar dari petugas."}').decode(), "now": datetime.now(UTC)},
        )
        other.execute("notify silvi_outbox")
    expect(sari.get_by_text("Kabar dari petugas.")).to_be_visible(timeout=5_000)


def test_shown_messages_are_marked_sent(sari: Page, app: App) -> None:
    write(sari, "syarat")
    expect(sari.get_by_text("Anda bertanya: syarat")).to_be_visible()
    sari.wait_for_timeout(300)
    with psycopg.connect(app.db.psycopg_dsn()) as reader:
        states = reader.execute("select state from outbox where chat_id = (select max(id) from chats)").fetchall()
    assert states == [("sent",), ("sent",)]


def test_without_event_streams_replies_still_arrive(phone: BrowserContext, address: str) -> None:
    phone.add_init_script("delete window.EventSource")
    page = phone.new_page()
    page.goto(address)
    expect(page.get_by_text("Halo, saya Silvi")).to_be_visible()
    write(page, "syarat")
    expect(page.get_by_text("Anda bertanya: syarat")).to_be_visible()


def test_message_written_without_signal_is_sent_when_it_returns(sari: Page, dialogue: StandInDialogue) -> None:
    sari.context.set_offline(True)
    write(sari, "pesan dari hutan")
    expect(sari.get_by_text("Belum terkirim, dicoba lagi")).to_be_visible()
    expect(sari.get_by_role("status")).to_contain_text("luring")
    sari.context.set_offline(False)
    expect(sari.get_by_text("Anda bertanya: pesan dari hutan")).to_be_visible(timeout=20_000)
    expect(sari.get_by_role("status")).to_be_hidden()
    assert [update.text for update in dialogue.handled].count("pesan dari hutan") == 1


def test_failure_of_silvi_is_told_with_a_number_and_can_be_sent_again(sari: Page) -> None:
    write(sari, "bikin gagal")
    expect(sari.get_by_role("button", name="Kirim ulang")).to_be_visible(timeout=15_000)
    expect(sari.locator(".catatan")).to_contain_text(re.compile(r"W-[0-9A-F]{8}"))


def test_start_over_shows_an_empty_chat_with_the_greeting(sari: Page) -> None:
    write(sari, "rahasia saya")
    expect(sari.get_by_text("Anda bertanya: rahasia saya")).to_be_visible()
    sari.on("dialog", lambda dialog: dialog.accept())
    sari.get_by_role("button", name="Mulai baru").click()
    expect(sari.get_by_text("rahasia saya")).to_have_count(0)
    expect(sari.get_by_text("Halo, saya Silvi")).to_be_visible()


@pytest.mark.parametrize(
    "text", ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", '"><svg onload=alert(1)>']
)
def test_markup_is_shown_as_text(sari: Page, text: str) -> None:
    dialogs: list[str] = []
    sari.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    write(sari, text)
    expect(sari.locator(".pesan.silvi").last).to_contain_text(f"Anda bertanya: {text}")
    sari.reload()
    expect(sari.locator(".pesan.saya")).to_contain_text(text)
    assert dialogs == [] and sari.locator(".pesan :is(img, script, svg)").count() == 0


def test_nothing_is_asked_of_anybody_else_and_nothing_breaks_the_policy(phone: BrowserContext, address: str) -> None:
    addresses, complaints = [], []
    phone.on("request", lambda request: addresses.append(request.url))
    phone.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    phone.on("weberror", lambda error: complaints.append(str(error.error)))
    page = phone.new_page()
    page.goto(address)
    write(page, "syarat")
    expect(page.get_by_text("Anda bertanya: syarat")).to_be_visible()
    assert addresses and all(each.startswith(address) for each in addresses)
    assert complaints == []


def test_picture_is_sent_from_the_page(sari: Page, dialogue: StandInDialogue) -> None:
    sari.get_by_text("Kirim foto atau PDF").click()
    assert sari.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    button = sari.get_by_role("button", name="Kirim berkas")
    assert button.bounding_box()["y"] + button.bounding_box()["height"] <= PHONE["height"]
    sari.get_by_label("Foto atau PDF").set_input_files(SLIP)
    button.click()
    expect(sari.locator(".pesan.saya")).to_contain_text("slip.pdf")
    expect(sari.get_by_text("Anda bertanya:")).to_be_visible()
    (*_, update) = dialogue.handled
    assert (update.kind, update.content) == ("document", SLIP["buffer"])


def test_file_that_silvi_refuses_is_told_kindly(sari: Page, dialogue: StandInDialogue) -> None:
    sari.get_by_text("Kirim foto atau PDF").click()
    sari.get_by_label("Foto atau PDF").set_input_files({**SLIP, "buffer": b"MZ"})
    sari.get_by_role("button", name="Kirim berkas").click()
    expect(sari.locator(".catatan")).to_contain_text("Yang bisa dikirim: foto")
    expect(sari.locator(".pesan.saya")).to_have_count(0)


def test_file_is_sent_with_the_keyboard_and_without_javascript(
    browser: Browser, address: str, dialogue: StandInDialogue
) -> None:
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_text("Halo, saya Silvi")).to_be_visible()
        page.get_by_text("Kirim foto atau PDF").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Foto atau PDF").set_input_files(SLIP)
        page.get_by_label("Foto atau PDF").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".pesan.saya")).to_contain_text("slip.pdf")
        expect(page.get_by_text("Anda bertanya:")).to_be_visible()
    assert dialogue.handled[-1].content == SLIP["buffer"]


def test_page_fits_a_narrow_phone_even_with_a_word_without_end(sari: Page) -> None:
    write(sari, "a" * 400)
    expect(sari.locator(".pesan.silvi").last).to_contain_text("aaaa")
    assert sari.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert sari.evaluate("document.getElementById('layar').scrollWidth") <= PHONE["width"]
    assert sari.get_by_role("button", name="Kirim").bounding_box()["y"] < PHONE["height"]


def test_touch_targets_are_large_enough(sari: Page) -> None:
    write(sari, "syarat")
    expect(sari.get_by_text("Anda bertanya: syarat")).to_be_visible()
    sari.get_by_text("Kirim foto atau PDF").click()
    boxes = [
        target.bounding_box()
        for target in sari.locator("button, textarea, summary, input[type=file]").all()
        if target.is_visible()
    ]
    assert boxes and all(box["height"] >= 44 and box["width"] >= 44 for box in boxes)


def test_axe_finds_nothing_wrong_before_and_after_an_answer(sari: Page) -> None:
    assert problems(sari) == []
    write(sari, "syarat")
    expect(sari.get_by_text("Anda bertanya: syarat")).to_be_visible()
    sari.get_by_text("Kirim foto atau PDF").click()
    assert problems(sari) == []
    expect(sari.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert sari.evaluate("document.documentElement.lang") == "id"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(sari: Page, scheme: str) -> None:
    sari.emulate_media(color_scheme=scheme)
    write(sari, "syarat")
    sari.get_by_role("button", name="Membantu").click()
    expect(sari.locator(".catatan")).to_be_visible()
    sari.wait_for_timeout(1_500)  # the pressed button is pale for a moment
    weakest = sari.evaluate(CONTRAST)
    assert weakest["checked"] > 10
    assert weakest["ratio"] >= 4.5, weakest


def test_keyboard_alone_reaches_everything_and_focus_is_seen(sari: Page) -> None:
    write(sari, "syarat")
    expect(sari.get_by_text("Anda bertanya: syarat")).to_be_visible()
    sari.get_by_role("button", name="Selengkapnya").focus()
    sari.keyboard.press("Shift+Tab")
    sari.keyboard.press("Tab")
    assert sari.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    sari.keyboard.press("Enter")
    expect(sari.get_by_text("Ini penjelasan lengkapnya.")).to_be_visible()


def test_whole_chat_works_without_javascript(browser: Browser, address: str, dialogue: StandInDialogue) -> None:
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_text("Halo, saya Silvi")).to_be_visible()
        write(page, "syarat kerja")
        expect(page.locator(".pesan.saya")).to_contain_text("syarat kerja")
        expect(page.get_by_text("Anda bertanya: syarat kerja")).to_be_in_viewport()
        page.get_by_role("button", name="Selengkapnya").click()
        expect(page.get_by_text("Ini penjelasan lengkapnya.")).to_be_in_viewport()
        page.reload()
        page.get_by_role("button", name="Mulai baru").click()
        expect(page.get_by_text("Halo, saya Silvi")).to_be_visible()
        expect(page.get_by_text("syarat kerja", exact=True)).to_have_count(0)
    assert [update.kind for update in dialogue.handled] == ["command", "text", "button", "command"]


def test_open_page_goes_on_after_silvi_was_restarted(
    phone: BrowserContext, settings: Settings, database_url: str, dialogue: StandInDialogue
) -> None:
    def new_site() -> Starlette:
        return build(app_on(settings, database_url), take_turn=dialogue.turn)

    page = phone.new_page()
    with running(new_site()) as address:
        page.goto(address)
        expect(page.get_by_text("Halo, saya Silvi")).to_be_visible()
    write(page, "masih di sana?")
    expect(page.get_by_role("status")).to_contain_text("Menyambung lagi")
    with running(new_site(), listen=address.removeprefix("http://")):
        expect(page.get_by_text("Anda bertanya: masih di sana?")).to_be_visible(timeout=20_000)
        expect(page.get_by_role("status")).to_be_hidden()
        expect(page.get_by_text("Halo, saya Silvi")).to_have_count(1)
