"""The console in a real browser: on a phone, by keyboard, readable, and with nothing from elsewhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from bot.services import officers, sign_in
from bot.settings import Settings
from tests.web.accessibility import problems
from tests.web.conftest import app_on
from tests.web.test_chat_browser import PHONE
from tools import showcase
from tools.showcase import ADI, EDITED, Shown

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
OUT_OF_REACH = """[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((element) => element.tabIndex < 0 || element.disabled || !(element.textContent.trim() || element.labels?.length
        || element.ariaLabel)).length"""
"""What does something, but cannot be reached with the Tab key or has no name."""
IN_FOCUS = """() => {
    const element = document.activeElement;
    const box = element.getBoundingClientRect();
    return {
        name: element.innerText || element.name || element.ariaLabel || element.tagName,
        isInMain: document.getElementById("isi").contains(element),
        isSeen: box.width > 0 && box.top < innerHeight && box.bottom > 0 && getComputedStyle(element).outlineStyle === "solid",
    };
}"""
WIDE = {"width": 1280, "height": 800}
PAGES = (
    "/konsol",
    "/konsol/kasus",
    "/konsol/kasus/{case}",
    "/konsol/perekrut/kasus/{case}",
    "/konsol/jaga",
    "/konsol/isi",
    "/konsol/isi/baru",
    "/konsol/isi/berkas",
    "/konsol/isi/coba",
    f"/konsol/isi/{EDITED}",
    f"/konsol/isi/{EDITED}/ubah",
    f"/konsol/isi/{EDITED}/draf",
    f"/konsol/isi/{EDITED}/riwayat",
    "/konsol/siaran",
    "/konsol/siaran/baru",
    "/konsol/siaran/{broadcast}",
    "/konsol/acara",
    "/konsol/acara/{programme}",
    "/konsol/acara/episode/{episode}",
    "/konsol/mitra",
    "/konsol/angka",
    f"/konsol/angka/laporan?tahun={datetime.now(UTC).year}",
    "/konsol/celah",
    "/konsol/izin",
    "/konsol/izin/{upload}",
    "/konsol/perekrut",
    "/konsol/perekrut/{recruiter}",
    "/konsol/perekrut/jaringan",
    "/konsol/kios",
    "/konsol/petugas",
    "/konsol/audit",
    "/konsol/sesi",
    "/konsol/masuk",
    "/konsol/tidak-ada",
)


def beside_the_browser(work):
    """The result of a coroutine: Playwright's own event loop runs in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def shown(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """An office that has something to show on every page."""

    async def make() -> Shown:
        folder = tmp_path_factory.mktemp("office")
        app = app_on(Settings(_env_file=None, data_dir=folder, secret_key=SecretStr("k" * 40)), database_url)
        made = await showcase.fill(app, now=datetime.now(UTC))
        await app.close()
        return made

    return beside_the_browser(make())


@pytest.fixture
def key(settings: Settings, database_url: str, shown: Shown) -> str:
    """A link of Adi, the admin."""

    async def make() -> str:
        app = app_on(settings, database_url)
        async with app.db.transaction() as session:
            adi = await officers.by_telegram_id(session, ADI)
            token = await sign_in.make_link(session, adi, now=datetime.now(UTC))
        await app.close()
        return token

    return beside_the_browser(make())


@pytest.fixture(params=["light", "dark"])
def adi(request: pytest.FixtureRequest, browser: Browser, address: str, key: str) -> Iterator[Page]:
    """Adi has opened his link on a phone and pressed the button."""
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, color_scheme=request.param)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{address}/konsol/masuk?kunci={key}")
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("heading", name="Beranda")).to_be_visible()
    yield page
    context.close()


def test_every_page_is_readable_reachable_and_fits_phone_and_desk(adi: Page, address: str, shown: Shown) -> None:
    asked: list[str] = []
    adi.on("request", lambda request: asked.append(request.url))
    for path in paths(shown):
        adi.goto(f"{address}{path}")
        weakest = adi.evaluate(CONTRAST)
        assert weakest["ratio"] >= 4.5, (path, weakest)
        for screen in (WIDE, PHONE):
            adi.set_viewport_size(screen)
            assert adi.evaluate("document.documentElement.scrollWidth") <= screen["width"], path
        assert adi.evaluate(OUT_OF_REACH) == 0, path
        assert adi.locator("h1").count() == 1, path
    assert all(url.startswith(address) for url in asked)


@pytest.mark.parametrize("adi", ["light"], indirect=True)
def test_axe_finds_nothing_wrong_on_any_page(adi: Page, address: str, shown: Shown) -> None:
    for path in paths(shown):
        adi.goto(f"{address}{path}")
        assert problems(adi) == [], path


def paths(shown: Shown) -> list[str]:
    numbers = {field: getattr(shown, field) for field in Shown.__slots__}
    return [path.format(**numbers) for path in PAGES]


@pytest.mark.parametrize("adi", ["light"], indirect=True)
def test_keyboard_skips_the_menu_and_every_stop_is_seen(adi: Page, address: str, shown: Shown) -> None:
    for path in ("/konsol", f"/konsol/kasus/{shown.case}", "/konsol/jaga", "/konsol/angka"):
        adi.goto(f"{address}{path}")
        adi.keyboard.press("Tab")
        assert adi.evaluate(IN_FOCUS)["name"] == "Langsung ke isi"
        adi.keyboard.press("Enter")
        adi.keyboard.press("Tab")
        stops = []
        while (stop := adi.evaluate(IN_FOCUS))["isInMain"]:
            stops.append(stop)
            adi.keyboard.press("Tab")
        assert len(stops) > 5 and [stop for stop in stops if not stop["isSeen"]] == [], path


def test_entry_is_measured_while_typing(adi: Page, address: str) -> None:
    adi.goto(f"{address}/konsol/isi/paspor-ditahan/ubah")
    adi.get_by_label("Jawaban singkat").fill("penyelenggaraan ketenagakerjaan " * 30)
    measured = adi.locator("output[for='f-answer.short']")
    expect(measured).to_contain_text("ada kalimat 60 kata")
    expect(measured).to_contain_text("terlalu panjang")
    expect(measured).to_contain_text("sulit dibaca")
    adi.get_by_role("button", name="Simpan draf").click()
    expect(adi.get_by_role("heading", name="Yang berubah")).to_be_visible()
    expect(adi.get_by_role("heading", name="Jawaban singkat")).to_be_visible()


def test_preview_follows_what_is_typed(adi: Page, address: str) -> None:
    adi.goto(f"{address}/konsol/isi/paspor-ditahan/ubah")
    with adi.expect_response("**/pratinjau") as shown:
        adi.get_by_label("Jawaban singkat").fill("Lapor polisi dulu.")
    assert shown.value.ok
    expect(adi.get_by_role("region", name="Seperti di Telegram")).to_contain_text("indeks belum siap")


def test_result_of_the_golden_questions_comes_without_losing_what_is_typed(adi: Page, address: str) -> None:
    adi.goto(f"{address}/konsol/isi/{EDITED}/draf")
    adi.get_by_role("button", name="Periksa dengan pertanyaan emas").click()
    expect(adi.get_by_text("Hasilnya muncul di sini").or_(adi.get_by_text("Pemeriksaan tidak selesai"))).to_be_visible()
    adi.get_by_label("Apa yang perlu diubah?").fill("Judulnya")
    expect(adi.get_by_text("Pemeriksaan tidak selesai")).to_be_visible()
    expect(adi.get_by_label("Apa yang perlu diubah?")).to_have_value("Judulnya")


def test_officer_is_registered_by_keyboard_alone(adi: Page, address: str) -> None:
    adi.goto(f"{address}/konsol/petugas")
    adi.get_by_label("Nomor Telegram").focus()
    adi.keyboard.type("2999")
    adi.keyboard.press("Tab")
    adi.keyboard.type("Yanti")
    adi.keyboard.press("Enter")
    expect(adi.get_by_role("button", name="Cabut hak Yanti")).to_be_visible()
    adi.goto(f"{address}/konsol/audit")
    expect(adi.get_by_role("cell", name=re.compile("mendaftarkan petugas")).first).to_be_visible()


def test_signing_out_closes_the_door(adi: Page, address: str) -> None:
    adi.get_by_role("button", name="Keluar").click()
    expect(adi.get_by_text("Halaman ini untuk petugas")).to_be_visible()
    adi.goto(f"{address}/konsol")
    expect(adi.get_by_text("Halaman ini untuk petugas")).to_be_visible()
