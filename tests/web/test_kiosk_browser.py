"""The kiosk in a real browser with a touch screen: used, left, printed, read aloud, and without a network."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import create_engine
from sqlalchemy import text as sql

from bot.domain.cases import Role
from bot.services import kiosks, knowledge_base, officers
from bot.settings import Settings
from bot.storage.database import driver_url
from knowledge.entries import CONTENT, load_entries
from tests.web.accessibility import problems
from tests.web.conftest import StandInDialogue, app_on
from tests.web.test_chat_browser import CONTRAST

FEES = "Berapa biaya kerja ke luar negeri? Apakah gratis?"
TOUCH_SCREEN = {"width": 800, "height": 1180}
MAX_PAGE_BYTES, MAX_FIRST_PAINT_MS = 300_000, 1_000
SMALL_TARGETS = """[...document.querySelectorAll("button, textarea")].filter((each) => each.checkVisibility())
    .filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.textContent)"""
KEPT_ON_DEVICE = """async () => {
    const cached = [];
    for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) cached.push(new URL(request.url).pathname);
    }
    return {
        local: Object.keys(localStorage).concat(Object.keys(sessionStorage)),
        databases: (await indexedDB.databases()).map((each) => each.name),
        cookies: document.cookie,
        cached,
    };
}"""
IN_CONTROL = """async () => {
    const worker = navigator.serviceWorker;
    if (!worker.controller) await new Promise((done) => worker.addEventListener("controllerchange", done, { once: true }));
    await worker.ready;
}"""
INDONESIAN_VOICE = """
    window.spoken = [];
    const voice = { lang: "id-ID", name: "Bahasa Indonesia", localService: true };
    Object.defineProperty(window, "speechSynthesis", { value: Object.assign(new EventTarget(), {
        getVoices: () => [voice], speaking: false, cancel() {}, speak: (said) => window.spoken.push(said.text) }) });
    window.SpeechSynthesisUtterance = function (text) { this.text = text; };
"""


@pytest.fixture
def code(settings: Settings, database_url: str) -> str:
    """A code that Rina made for the kiosk in Tebas Sungai; the shipped entries are published."""

    async def make() -> str:
        app, now = app_on(settings, database_url), datetime.now(UTC)
        async with app.db.transaction() as session:
            await knowledge_base.publish(session, load_entries(CONTENT / "faq"), author="seed", now=now)
            await officers.add(session, 2002, "Rina", Role.SUPERVISOR, now=now)
            rina = await officers.by_telegram_id(session, 2002)
            kiosk = await kiosks.add(session, rina, "Tebas Sungai", "Kabupaten Sambas", now=now)
            made = await kiosks.make_code(session, rina, kiosk, now=now)
        await app.close()
        return made

    # Playwright's own event loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, make()).result()


@pytest.fixture
def device(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=TOUCH_SCREEN, has_touch=True, locale="id-ID")
    context.set_default_timeout(10_000)
    context.add_init_script("Element.prototype.requestFullscreen = () => Promise.resolve();")
    yield context
    context.close()


@pytest.fixture
def kiosk(device: BrowserContext, address: str, code: str) -> Page:
    """The device has been enrolled, holds the content, and waits for somebody."""
    return enrolled(device.new_page(), address, code)


def enrolled(page: Page, address: str, code: str) -> Page:
    page.goto(f"{address}/kios")
    page.get_by_label("Kode kios").fill(code.lower())
    page.get_by_role("button", name="Pasang").tap()
    expect(page.get_by_role("heading", name="Mau apa hari ini?")).to_be_visible()
    expect(page.locator("#topik button")).not_to_have_count(0)
    return page


def ask(page: Page, text: str) -> None:
    page.get_by_role("button", name="Tanya", exact=False).first.tap()
    page.get_by_label("Tulis di sini").fill(text)
    page.get_by_role("button", name="Kirim").tap()


def is_over_soon(database_url: str) -> bool:
    """Whether the newest visit ends within some seconds."""
    newest, deadline = sql("select ended_at from kiosk_visits order by id desc limit 1"), time.monotonic() + 10
    engine = create_engine(driver_url(database_url))
    try:
        while time.monotonic() < deadline:
            with engine.connect() as connection:
                if connection.execute(newest).scalar():
                    return True
        return False
    finally:
        engine.dispose()


def go_offline(page: Page) -> None:
    page.evaluate(IN_CONTROL)
    page.context.set_offline(True)


def test_four_buttons_lead_on_by_touch(kiosk: Page, dialogue: StandInDialogue) -> None:
    assert kiosk.locator("#awal .besar button").count() == 4
    kiosk.get_by_role("button", name="Tanya").tap()
    kiosk.get_by_role("button", name="Biaya, pinjaman, jaminan sosial").tap()
    kiosk.get_by_role("button", name=FEES).tap()
    expect(kiosk.locator(".pesan.silvi")).to_contain_text("Anda menekan topik:biaya-penempatan")
    assert dialogue.handled[-1].chat.channel == "kiosk"


def test_message_and_its_buttons_are_turns_of_the_same_dialogue(kiosk: Page) -> None:
    ask(kiosk, "syarat kerja ke Malaysia")
    expect(kiosk.locator(".pesan.silvi")).to_contain_text("Anda bertanya: syarat kerja ke Malaysia")
    kiosk.get_by_role("button", name="Selengkapnya").tap()
    expect(kiosk.get_by_text("Ini penjelasan lengkapnya.")).to_be_visible()
    expect(kiosk.locator(".pesan.silvi")).to_have_count(1)
    assert kiosk.locator("#obrolan a").count() == 0


def test_first_opening_is_light_and_painted_at_once_with_all_it_keeps(kiosk: Page) -> None:
    """What comes over the line: the page, its files and the published entries."""
    paint = kiosk.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    sent = kiosk.evaluate("performance.getEntries().reduce((sum, each) => sum + (each.encodedBodySize || 0), 0)")
    asked_for = kiosk.evaluate("performance.getEntriesByType('resource').map((each) => each.name).join()")
    assert "isi.json" in asked_for and "kios.js" in asked_for
    assert paint <= MAX_FIRST_PAINT_MS
    assert 20_000 < sent <= MAX_PAGE_BYTES


def test_left_alone_it_asks_counts_down_and_is_wiped(
    device: BrowserContext, address: str, code: str, dialogue: StandInDialogue
) -> None:
    device.clock.install()
    page = enrolled(device.new_page(), address, code)
    ask(page, "suami saya Ahmad dipukul")
    expect(page.locator(".pesan.silvi")).to_contain_text("suami saya Ahmad")
    page.clock.run_for(71_000)
    expect(page.get_by_role("alertdialog")).to_contain_text(re.compile(r"dikosongkan dalam 1\d detik"))
    page.get_by_role("button", name="Ya, masih di sini").tap()
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    page.clock.run_for(69_000)
    expect(page.locator(".pesan.silvi")).to_be_visible()
    page.clock.run_for(21_500)
    expect(page.get_by_role("heading", name="Mau apa hari ini?")).to_be_visible()
    assert "Ahmad" not in page.content() + page.get_by_label("Tulis di sini", exact=True).input_value()
    ask(page, "halo")
    expect(page.locator(".pesan.silvi")).to_contain_text("Anda bertanya: halo")
    first, second = {update.chat.external_id for update in dialogue.handled}
    assert first != second


def test_nothing_of_a_person_stays_on_the_device(kiosk: Page) -> None:
    ask(kiosk, "nama saya Sari dari Tebas")
    expect(kiosk.locator(".pesan.silvi")).to_contain_text("nama saya Sari")
    kiosk.evaluate(IN_CONTROL)
    kiosk.get_by_role("button", name="Selesai").tap()
    expect(kiosk.locator("#bicara")).to_be_hidden()
    kept = kiosk.evaluate(KEPT_ON_DEVICE)
    assert (kept["local"], kept["databases"], kept["cookies"]) == ([], [], "")
    assert set(kept["cached"]) <= {"/kios", "/kios/isi.json", *(path for path in kept["cached"] if "/static/" in path)}
    assert [cookie["name"] for cookie in kiosk.context.cookies()] == ["silvi_kios"]
    assert "Sari" not in kiosk.content()
    assert kiosk.evaluate("history.length") <= 4 and "Sari" not in kiosk.url


def test_going_back_leads_to_the_first_screen_and_leaving_the_page_forgets(
    kiosk: Page, database_url: str, address: str
) -> None:
    ask(kiosk, "nama saya Sari dari Tebas")
    expect(kiosk.locator(".pesan.silvi")).to_contain_text("nama saya Sari")
    kiosk.go_back()
    expect(kiosk.get_by_role("heading", name="Mau apa hari ini?")).to_be_visible()
    kiosk.goto(f"{address}/kios/daftar")
    expect(kiosk.get_by_role("heading", name="Mau apa hari ini?")).to_be_visible()
    assert kiosk.url == f"{address}/kios", "a device that is enrolled needs no code"
    assert is_over_soon(database_url), "who left the page is not waited for"
    kiosk.go_back()
    expect(kiosk.get_by_role("heading", name="Mau apa hari ini?")).to_be_visible()
    assert "Sari" not in kiosk.content()


def test_nothing_on_the_screen_asks_for_a_typed_command(kiosk: Page) -> None:
    kept = kiosk.evaluate("JSON.stringify(content.entri)")
    assert "Tekan Lapor masalah" in kept
    assert not re.search(r"(?<![\w/])/(lapor|petugas|batal|cek)\b", kept)


def test_what_is_read_on_the_screen_is_printed_and_no_page_more(kiosk: Page) -> None:
    kiosk.evaluate("window.print = () => {}")
    kiosk.evaluate(
        """() => {
            const shown = document.createElement("div");
            shown.innerHTML = '<h3 class="judul">Judul</h3><p>Jawaban singkat.</p><div class="kaki">Terakhir diperiksa</div>';
            printAnswer("biaya-penempatan", shown);
        }"""
    )
    paper = kiosk.locator("#cetak")
    expect(paper).to_have_text(re.compile("Berapa biaya.*Jawaban singkat.*Terakhir diperiksa.*Sumber:.*Dicetak", re.DOTALL))
    kiosk.emulate_media(media="print")
    assert len(re.findall(rb"/Type /Page\b", kiosk.pdf(prefer_css_page_size=True))) == 1


def test_without_network_it_finds_kept_answers_and_says_what_it_cannot_do(kiosk: Page) -> None:
    go_offline(kiosk)
    kiosk.reload()
    expect(kiosk.get_by_role("heading", name="Mau apa hari ini?")).to_be_visible()
    expect(kiosk.get_by_role("status").first).to_contain_text("tanpa internet")
    ask(kiosk, "pasport sy ditahan majikan")
    expect(kiosk.get_by_role("button", name=re.compile("nomor darurat"))).to_be_visible()
    kiosk.get_by_role("button", name=re.compile("Paspor .*ditahan", re.IGNORECASE)).tap()
    expect(kiosk.locator("#simpanan .kaki")).to_contain_text("Terakhir diperiksa")
    kiosk.get_by_role("button", name="Awal").tap()
    kiosk.get_by_role("button", name="Lapor masalah").tap()
    expect(kiosk.locator("#nomor")).to_contain_text("KP2MI 24 jam")
    kiosk.context.set_offline(False)
    expect(kiosk.get_by_role("status").first).to_be_hidden()


def test_question_asked_when_the_network_just_went_is_answered_from_what_is_kept(kiosk: Page) -> None:
    go_offline(kiosk)
    kiosk.evaluate("setOffline(false)")
    ask(kiosk, "biaya ke Taiwan")
    expect(kiosk.get_by_role("heading", name="Jawaban tersimpan yang paling dekat")).to_be_visible()
    assert kiosk.locator("#daftar .pilihan button").count() > 2


def test_report_goes_to_the_own_phone_by_code(kiosk: Page, device: BrowserContext) -> None:
    kiosk.get_by_role("button", name="Lapor masalah").tap()
    kiosk.get_by_role("button", name="Di HP saya").tap()
    expect(kiosk.get_by_role("img", name=re.compile("Kode QR"))).to_be_visible()
    expect(kiosk.locator("#sampai")).to_have_text(re.compile(r"\d\d\.\d\d"))
    kiosk.get_by_role("button", name="Selesai").tap()
    assert kiosk.locator("#kode svg").count() == 0


def test_answer_is_printed_on_a5_with_source_and_date(kiosk: Page) -> None:
    go_offline(kiosk)
    ask(kiosk, "biaya penempatan")
    kiosk.evaluate("window.print = () => (window.printed = true)")
    kiosk.get_by_role("button", name=FEES).tap()
    kiosk.get_by_role("button", name="Cetak").tap()
    assert kiosk.evaluate("window.printed")
    kiosk.emulate_media(media="print")
    paper = kiosk.locator("#cetak")
    expect(paper).to_be_visible()
    expect(kiosk.locator("#layar")).to_be_hidden()
    for part in ("Sumber:", "Terakhir diperiksa", "Dicetak", "kios Tebas Sungai"):
        expect(paper).to_contain_text(part)
    pages = kiosk.pdf(prefer_css_page_size=True)
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pages).groups())
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (148, 210)


def test_answer_is_read_aloud_where_there_is_an_indonesian_voice(
    device: BrowserContext, address: str, code: str
) -> None:
    device.add_init_script(INDONESIAN_VOICE)
    page = enrolled(device.new_page(), address, code)
    ask(page, "syarat")
    page.get_by_role("button", name="Bacakan").tap()
    assert "Siapkan KTP" in page.evaluate("window.spoken[0]")


def test_without_such_a_voice_nothing_offers_to_read(kiosk: Page) -> None:
    ask(kiosk, "syarat")
    expect(kiosk.locator(".pesan.silvi")).to_be_visible()
    assert kiosk.get_by_role("button", name="Bacakan").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_is_readable_reachable_by_keyboard_and_keeps_the_policy(kiosk: Page, scheme: str) -> None:
    complaints: list[str] = []
    kiosk.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    kiosk.emulate_media(color_scheme=scheme)
    kiosk.keyboard.press("Tab")
    assert kiosk.evaluate("document.activeElement.dataset.buka") == "tanya"
    for name in ("awal", "tanya", "lapor", "nomor"):
        kiosk.evaluate("name => show(name)", name)
        look_at(kiosk)
    kiosk.evaluate("openKept('biaya-penempatan')")
    look_at(kiosk)
    kiosk.evaluate("idle.ask(12)")
    look_at(kiosk)
    kiosk.keyboard.press("Enter")
    expect(kiosk.get_by_role("alertdialog")).to_be_hidden()
    assert complaints == []


def test_axe_finds_nothing_wrong_on_any_screen(kiosk: Page) -> None:
    for name in ("awal", "tanya", "lapor", "nomor"):
        kiosk.evaluate("name => show(name)", name)
        assert problems(kiosk) == [], name
    kiosk.evaluate("show('awal')")
    ask(kiosk, "syarat")
    expect(kiosk.locator(".pesan.silvi")).to_be_visible()
    assert problems(kiosk) == []
    kiosk.evaluate("idle.ask(12)")
    assert problems(kiosk) == []


def look_at(page: Page) -> None:
    weakest = page.evaluate(CONTRAST)
    assert weakest["checked"] > 3 and weakest["ratio"] >= 4.5, weakest
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= TOUCH_SCREEN["width"]


def test_device_without_a_code_is_no_kiosk(device: BrowserContext, address: str, code: str) -> None:
    page = device.new_page()
    page.goto(f"{address}/kios")
    page.get_by_label("Kode kios").fill("SALAH-12345")
    page.get_by_role("button", name="Pasang").tap()
    expect(page.get_by_role("alert")).to_contain_text("tidak berlaku")
    assert device.cookies() == []
