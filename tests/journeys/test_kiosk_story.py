"""From the kiosk's screen to Sari's own phone: the code that is shown is read by a camera, and followed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pydantic import SecretStr

from bot.app import App
from bot.channels.telegram import application
from bot.channels.web.application import build
from bot.channels.web.service import listen_on, serve
from bot.domain.cases import Role
from bot.services import kiosks, officers
from bot.settings import Settings
from bot.storage.database import Database
from bot.texts import complaint as words
from bot.texts import kiosk as kiosk_words
from tests.fakes import VAULT, FakeNlu, Knowledge
from tests.telegram_api import Account, TelegramApi
from tests.web.conftest import browser, chromium  # noqa: F401

SARI, JOKO = 1001, 1004
PHONE = {"width": 390, "height": 800}
SAME_ON_PHONE = "Lanjutkan"


@pytest.fixture
def kiosk(
    database_url: str,
    telegram_api: TelegramApi,
    telegram: Account,
    browser: Browser,  # noqa: F811
    tmp_path: Path,
) -> Iterator[Page]:
    """An enrolled kiosk of a service that is reached by its bot and by browsers."""
    listener = listen_on("127.0.0.1:0")
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        secret_key=SecretStr("k" * 40),
        telegram_token=SecretStr(telegram.token),
        telegram_api_url=telegram_api.url,
        web_public_url=address,
        fragment_wait_s=0,
    )
    loop, stop, codes = asyncio.new_event_loop(), asyncio.Event(), []

    async def work() -> None:
        app, now = App(settings, Database(database_url, VAULT), FakeNlu(), Knowledge(None)), datetime.now(UTC)
        async with app.db.transaction() as session:
            await officers.add(session, 1003, "Rina", Role.SUPERVISOR, now=now)
            rina = await officers.by_telegram_id(session, 1003)
            made = await kiosks.add(session, rina, "Tebas Sungai", "Kabupaten Sambas", now=now)
            codes.append(await kiosks.make_code(session, rina, made, now=now))
        site = build(app)
        web = serve(site, listener, stop, before_stop=site.state.close_pages)
        await asyncio.gather(web, application.run(app, stop))
        await app.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(work(),))
    thread.start()
    device = browser.new_context(has_touch=True, viewport={"width": 800, "height": 1180}, locale="id-ID")
    device.add_init_script("Element.prototype.requestFullscreen = () => Promise.resolve();")
    try:
        page = device.new_page()
        page.goto(f"{address}/kios")
        page.get_by_label("Kode kios").fill(codes[0])
        page.get_by_role("button", name="Pasang").tap()
        expect(page.get_by_role("heading", name="Mau apa hari ini?")).to_be_visible()
        page.wait_for_load_state()
        yield page
    finally:
        device.close()
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=15)
        loop.close()


def begin_report(kiosk: Page) -> None:
    """Sari says on the screen what it is about, and wants to go on on her own phone."""
    kiosk.get_by_role("button", name="Lapor masalah").tap()
    kiosk.get_by_role("button", name="Di layar ini").tap()
    kiosk.get_by_role("button", name=words.CATEGORIES["gaji"]).tap()
    expect(kiosk.locator(".pesan.silvi").last).to_contain_text(words.ASK_WHERE)
    kiosk.get_by_role("button", name="Lanjut di HP").tap()


def read_code(kiosk: Page, name: str) -> str:
    """What a camera reads from the screen."""
    code = kiosk.get_by_role("img", name=f"Kode QR: {name}")
    expect(code).to_be_visible()
    box, drawn = (code.locator(part).bounding_box() for part in ("xpath=.", "path"))
    assert drawn["width"] > 0.75 * box["width"], "as large as its place, with a quiet margin on all sides"
    picture = cv2.imdecode(np.frombuffer(code.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    return cv2.QRCodeDetector().detectAndDecode(picture)[0]


def says(telegram: Account, who: int, said: str, until: str) -> str:
    """Everything that was answered, once `until` is among it."""
    telegram.person_says(who, said)
    # Playwright's own event loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        waiting = telegram.wait_for(lambda: until in "\n".join(telegram.texts_to(who)))
        thread.submit(asyncio.run, waiting).result()
    return "\n".join(telegram.texts_to(who))


def on_phone(browser: Browser, address: str) -> tuple[BrowserContext, Page]:  # noqa: F811
    context = browser.new_context(viewport=PHONE, locale="id-ID")
    page = context.new_page()
    page.goto(address)
    return context, page


def test_report_begun_on_the_screen_goes_on_in_telegram_once_and_the_screen_says_so(
    kiosk: Page, telegram: Account
) -> None:
    begin_report(kiosk)
    address = urlsplit(read_code(kiosk, kiosk_words.BY_TELEGRAM))
    assert (address.netloc, address.path) == ("t.me", f"/{telegram.username}")
    (start,) = parse_qs(address.query)["start"]
    told = says(telegram, SARI, f"/start {start}", words.ASK_WHERE)
    assert kiosk_words.GOES_ON in told
    kiosk.evaluate("show('bicara')")
    expect(kiosk.locator(".pesan.silvi").last).to_contain_text(kiosk_words.LEFT_TO_PHONE)
    kiosk.get_by_role("button", name="Selesai").tap()
    assert kiosk.locator("#kode svg, .pesan").count() == 0
    assert kiosk_words.LINK_UNUSABLE in says(telegram, JOKO, f"/start {start}", kiosk_words.LINK_UNUSABLE)


def test_phone_without_telegram_goes_on_in_its_browser_by_one_press(
    kiosk: Page,
    browser: Browser,  # noqa: F811
) -> None:
    begin_report(kiosk)
    context, phone = on_phone(browser, read_code(kiosk, kiosk_words.BY_BROWSER))
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    # Opened alone, as a preview does it, the link is not used.
    phone.reload()
    phone.get_by_role("button", name=SAME_ON_PHONE).click()
    expect(phone.get_by_text(kiosk_words.GOES_ON)).to_be_visible()
    expect(phone.get_by_text(words.ASK_WHERE)).to_be_visible()
    assert "k_" not in phone.url
    context.close()
