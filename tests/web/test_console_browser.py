"""The console in a real browser: on a phone, by keyboard, readable, and with nothing from elsewhere."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from bot.domain.cases import Role
from bot.domain.messages import Channel, ChatRef
from bot.services import cases, knowledge_base, officers, people, reported, sign_in, traces
from bot.services.cases import Report
from bot.settings import Settings
from knowledge.entries import CONTENT, load_entries
from tests.web.conftest import app_on
from tests.web.test_chat_browser import PHONE

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
UNLABELLED = """[...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
    .filter((field) => !field.labels.length && !field.ariaLabel).length"""
OUT_OF_REACH = """[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((element) => element.tabIndex < 0 || element.disabled || !(element.textContent.trim() || element.labels?.length
        || element.ariaLabel)).length"""
"""What does something, but cannot be reached with the Tab key or has no name."""
WIDE = {"width": 1280, "height": 800}
PAGES = (
    "/konsol",
    "/konsol/kasus",
    "/konsol/jaga",
    "/konsol/isi",
    "/konsol/isi/baru",
    "/konsol/isi/berkas",
    "/konsol/isi/coba",
    "/konsol/siaran",
    "/konsol/siaran/baru",
    "/konsol/acara",
    "/konsol/mitra",
    "/konsol/angka",
    "/konsol/celah",
    "/konsol/izin",
    "/konsol/perekrut",
    "/konsol/perekrut/jaringan",
    "/konsol/kios",
    "/konsol/petugas",
    "/konsol/audit",
    "/konsol/sesi",
)


@pytest.fixture
def key(settings: Settings, database_url: str) -> str:
    """A link of Adi, the admin."""

    async def make() -> str:
        app, now = app_on(settings, database_url), datetime.now(UTC)
        async with app.db.transaction() as session:
            await officers.add(session, 2003, "Adi", Role.ADMIN, now=now)
            token = await sign_in.make_link(session, await officers.by_telegram_id(session, 2003), now=now)
        await app.close()
        return token

    # Playwright's own event loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, make()).result()


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


def test_every_page_is_readable_labelled_reachable_and_fits_phone_and_desk(
    adi: Page, address: str, settings: Settings, database_url: str
) -> None:
    number, recruiter = ThreadPoolExecutor(1).submit(asyncio.run, a_case(settings, database_url)).result()
    asked: list[str] = []
    adi.on("request", lambda request: asked.append(request.url))
    for path in (
        *PAGES,
        f"/konsol/kasus/{number}",
        f"/konsol/perekrut/kasus/{number}",
        f"/konsol/perekrut/{recruiter}",
    ):
        adi.goto(f"{address}{path}")
        weakest = adi.evaluate(CONTRAST)
        assert weakest["ratio"] >= 4.5, (path, weakest)
        for screen in (WIDE, PHONE):
            adi.set_viewport_size(screen)
            assert adi.evaluate("document.documentElement.scrollWidth") <= screen["width"], path
        assert adi.evaluate(UNLABELLED) == 0, path
        assert adi.evaluate(OUT_OF_REACH) == 0, path
        assert adi.locator("h1").count() == 1
    assert all(url.startswith(address) for url in asked)


async def a_case(settings: Settings, database_url: str) -> tuple[str, int]:
    """The number of a case with a story as people write them, and the file of the recruiter in it."""
    app, now = app_on(settings, database_url), datetime.now(UTC)
    ref = ChatRef(Channel.WEB, uuid4().hex)
    async with app.db.transaction() as session:
        person = await people.person_of(session, ref.channel, ref.external_id, now=now)
        chat = await people.chat_of(session, ref, now=now)
        report = Report(
            narrative=f"paspor saya ditahan PT Rimba Uji Jaya, WA 0812-1111-2222 {'panjang' * 30}",
            category="paspor",
            country="sarawak",
        )
        case = (await cases.open_case(session, person, chat, report, desk=app.desk(), now=now)).case
        found = traces.in_text(report.narrative, app.office())
        recruiter = await reported.note_report(session, case, found, now=now)
    await app.close()
    return case.number, recruiter.id


def test_entry_is_measured_while_typing_and_its_draft_fits_a_phone(
    adi: Page, address: str, settings: Settings, database_url: str
) -> None:
    ThreadPoolExecutor(1).submit(asyncio.run, an_entry(settings, database_url)).result()
    adi.goto(f"{address}/konsol/isi/paspor-hilang/ubah")
    adi.get_by_label("Jawaban singkat").fill("penyelenggaraan ketenagakerjaan " * 30)
    measured = adi.locator("output[for='f-answer.short']")
    expect(measured).to_contain_text("ada kalimat 60 kata")
    expect(measured).to_contain_text("terlalu panjang")
    expect(measured).to_contain_text("sulit dibaca")
    adi.get_by_role("button", name="Simpan draf").click()
    expect(adi.get_by_role("heading", name="Yang berubah")).to_be_visible()
    for path in ("ubah", "draf", "riwayat"):
        adi.goto(f"{address}/konsol/isi/paspor-hilang/{path}")
        weakest = adi.evaluate(CONTRAST)
        assert weakest["ratio"] >= 4.5, (path, weakest)
        assert adi.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert adi.evaluate(UNLABELLED) == 0, path


async def an_entry(settings: Settings, database_url: str) -> None:
    """One published entry, without a draft."""
    app, now = app_on(settings, database_url), datetime.now(UTC)
    async with app.db.transaction() as session:
        await session.execute(text("truncate entry_drafts cascade"))
        entries = [entry for entry in load_entries(CONTENT / "faq") if entry.id == "paspor-hilang"]
        await knowledge_base.publish(session, entries, author="cli", now=now)
    await app.close()


def test_officer_is_registered_by_keyboard_alone(adi: Page, address: str) -> None:
    adi.goto(f"{address}/konsol/petugas")
    adi.get_by_label("Nomor Telegram").focus()
    adi.keyboard.type("2999")
    adi.keyboard.press("Tab")
    adi.keyboard.type("Rina")
    adi.keyboard.press("Enter")
    expect(adi.get_by_role("button", name="Cabut hak Rina")).to_be_visible()
    adi.goto(f"{address}/konsol/audit")
    expect(adi.get_by_role("cell", name=re.compile("mendaftarkan petugas")).first).to_be_visible()


def test_signing_out_closes_the_door(adi: Page, address: str) -> None:
    adi.get_by_role("button", name="Keluar").click()
    expect(adi.get_by_text("Halaman ini untuk petugas")).to_be_visible()
    adi.goto(f"{address}/konsol")
    expect(adi.get_by_text("Halaman ini untuk petugas")).to_be_visible()
