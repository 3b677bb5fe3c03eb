"""`make screenshots`: pictures of chat, kiosk and console for README and handbooks, taken of the real service in a real browser."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bot.app import App, build
from bot.offline import database_address
from bot.services import kiosks, officers, sign_in
from bot.settings import Settings
from tools import showcase
from tools.service import PROJECT, running
from tools.showcase import ADI, BUDI, EDITED, RINA, Shown

Made = TypeVar("Made")

FOLDER = PROJECT / "build" / "screenshots"
PICTURES = PROJECT / "docs" / "img"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SETTLED_S = 2.5
"""Longer than a fragment is held back, so that all replies are there."""
WORKED_OUT_WITHIN_MS = 300_000
"""Golden questions and gaps are worked out in the background."""
COLOURS = 128
MOST_BYTES = 120_000


@dataclass(frozen=True, slots=True)
class Screen:
    """Its size in CSS pixels, and how many real ones make one of them."""

    width: int
    height: int
    scale: float


PHONE, WIDE, TOUCH = Screen(360, 740, scale=2), Screen(1100, 800, scale=1), Screen(800, 1180, scale=0.75)
TALL = Screen(1100, 1500, scale=1)


@dataclass(frozen=True, slots=True)
class ChatPicture:
    """What is asked (nothing: the greeting) on which screen, and the button pressed then."""

    name: str
    question: str
    screen: Screen = PHONE
    press: str = ""
    dark: bool = False


@dataclass(frozen=True, slots=True)
class ConsolePicture:
    """A page of the console as `who` sees it, once `until` is there; `press` is pressed first, `top` stands on top."""

    name: str
    path: str
    until: str
    who: int = RINA
    press: str = ""
    top: str = ""
    screen: Screen = WIDE


# Invented for the pictures: neither golden questions nor wordings of the content.
FEE = "Kak, ongkos resmi berangkat ke Malaysia habis berapa ya? Saya dari Tebas"
OF_CHAT = (
    ChatPicture("salam", ""),
    ChatPicture("biaya", FEE),
    ChatPicture("biaya-lengkap", FEE, press="Selengkapnya"),
    ChatPicture("sambas", "ape syarat nak karaje di ladang sawit Sarawak, umur kamek dah 45"),
    ChatPicture("bahaya", "tolong saya dikurung majikan di Sibu, tidak boleh keluar rumah, takut dipukul lagi"),
    ChatPicture("pilihan", "urus surat buat kerja"),
    ChatPicture("belum-ada", "jadwal bus damri pontianak kuching hari minggu jam berapa"),
    ChatPicture("gelap", "Apa saja syarat kerja ke Taiwan?", dark=True),
    ChatPicture("lebar", FEE, screen=WIDE),
)
OF_CONSOLE = (
    ConsolePicture("konsol-beranda", "/konsol", "Menunggu orang kedua"),
    ConsolePicture("konsol-antrean", "/konsol/kasus", "SLV-"),
    ConsolePicture("konsol-kasus", "/konsol/kasus/{case}", "Pesan ke pelapor", BUDI, screen=TALL),
    ConsolePicture("konsol-jaga", "/konsol/jaga", "sedang jaga"),
    ConsolePicture("konsol-ubah", f"/konsol/isi/{EDITED}/ubah", "Simpan draf", BUDI),
    ConsolePicture(
        "konsol-uji", f"/konsol/isi/{EDITED}/draf", "pertanyaan kini", press="Periksa", top="Pertanyaan emas"
    ),
    ConsolePicture("konsol-celah", "/konsol/celah", "Entri terdekat"),
    ConsolePicture("konsol-angka", "/konsol/angka", "Dihitung"),
    ConsolePicture("konsol-jaringan", "/konsol/perekrut/jaringan", "Jaringan", screen=TALL),
    ConsolePicture("konsol-izin", "/konsol/izin/{upload}", "dicabut", ADI),
    ConsolePicture("konsol-siaran", "/konsol/siaran/{broadcast}", "Seperti di Telegram", ADI),
)


def main() -> None:
    """Take them all; the settings of this machine's own Silvi do not count."""
    for name in [name for name in os.environ if name.startswith("SILVI_")]:
        del os.environ[name]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise SystemExit("chromium tidak ada: apt-get install chromium")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    PICTURES.mkdir(parents=True, exist_ok=True)
    settings = Settings(_env_file=None, data_dir=FOLDER / "data", telegram_token=None, database_url=None)
    service = running(FOLDER, {"SILVI_DATA_DIR": str(settings.data_dir)}, "--only", "web")
    with service as silvi, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        camera = Camera(browser, str(silvi.client.base_url).rstrip("/"), settings)
        for picture in OF_CHAT:
            camera.take_chat(picture)
        shown = camera.beside(lambda app: showcase.fill(app, now=datetime.now(UTC)))
        camera.take_kiosk()
        camera.take_sign_in()
        for picture in OF_CONSOLE:
            camera.take_console(picture, shown)
        browser.close()


@dataclass(frozen=True, slots=True)
class Camera:
    """A browser before the running service, whose database is at hand."""

    browser: Browser
    url: str
    settings: Settings

    def take_chat(self, picture: ChatPicture) -> None:
        """The screen after the question is answered, from the question on."""
        page = self._page(picture.screen, dark=picture.dark)
        page.goto(self.url)
        page.get_by_text("Halo, saya Silvi").wait_for()
        if picture.question:
            _ask(page, picture.question)
        if picture.press:
            page.get_by_role("button", name=picture.press).last.click()
            time.sleep(SETTLED_S)
        self._keep(page, picture.name)

    def take_kiosk(self) -> None:
        """The first screen of a kiosk that was just set up."""

        async def code(app: App) -> str:
            async with app.db.transaction() as session:
                adi, now = await officers.by_telegram_id(session, ADI), datetime.now(UTC)
                kiosk = await kiosks.add(session, adi, "Kantor Desa Contoh Dua", "sambas", now=now)
                return await kiosks.make_code(session, adi, kiosk, now=now)

        page = self._page(TOUCH)
        page.goto(f"{self.url}/kios")
        page.get_by_label("Kode kios").fill(self.beside(code))
        page.get_by_role("button", name="Pasang").click()
        page.get_by_role("heading", name="Mau apa hari ini?").wait_for()
        self._keep(page, "kios")

    def take_sign_in(self) -> None:
        """What the link from Telegram opens."""
        page = self._page(PHONE)
        page.goto(self._link(BUDI))
        page.get_by_role("button", name="Masuk").wait_for()
        self._keep(page, "konsol-masuk")

    def take_console(self, picture: ConsolePicture, shown: Shown) -> None:
        page = self._page(picture.screen)
        page.goto(self._link(picture.who))
        page.get_by_role("button", name="Masuk").click()
        page.get_by_role("heading", name="Beranda").wait_for()
        page.goto(self.url + picture.path.format(**{field: getattr(shown, field) for field in Shown.__slots__}))
        if picture.press:
            page.get_by_role("button", name=picture.press).first.click()
        page.get_by_text(picture.until).first.wait_for(timeout=WORKED_OUT_WITHIN_MS)
        if picture.top:
            page.get_by_role("heading", name=picture.top).evaluate("heading => heading.scrollIntoView()")
        self._keep(page, picture.name)

    def beside(self, work: Callable[[App], Awaitable[Made]]) -> Made:
        """Do this with the service's database; Playwright's own event loop runs in this thread."""

        async def done() -> Made:
            app = build(self.settings, database_url=database_address(self.settings), nlu_url=None)
            try:
                return await work(app)
            finally:
                await app.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, done()).result()

    def _link(self, number: int) -> str:
        async def key(app: App) -> str:
            async with app.db.transaction() as session:
                officer = await officers.by_telegram_id(session, number)
                return await sign_in.make_link(session, officer, now=datetime.now(UTC))

        return f"{self.url}/konsol/masuk?kunci={self.beside(key)}"

    def _page(self, screen: Screen, *, dark: bool = False) -> Page:
        context = self.browser.new_context(
            viewport={"width": screen.width, "height": screen.height},
            device_scale_factor=screen.scale,
            locale="id-ID",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        return context.new_page()

    def _keep(self, page: Page, name: str) -> None:
        path = PICTURES / f"{name}.png"
        _write(page.screenshot(), path)
        page.context.close()
        print(f"{path.relative_to(PROJECT)}  {path.stat().st_size // 1000} kB", flush=True)
        if path.stat().st_size > MOST_BYTES:
            raise SystemExit(f"{path.name} lebih besar daripada {MOST_BYTES // 1000} kB")


def _ask(page: Page, question: str) -> None:
    page.get_by_label("Tulis pertanyaan Anda").fill(question)
    page.get_by_role("button", name="Kirim", exact=True).click()
    page.locator(".pesan.saya + .pesan.silvi").last.wait_for()
    time.sleep(SETTLED_S)
    page.locator(".pesan.saya").last.evaluate("message => message.scrollIntoView()")


def _write(png: bytes, path: Path) -> None:
    """Few colours suffice for text, and git keeps every version."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
