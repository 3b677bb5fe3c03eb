"""`make screenshots`: pictures of the chat for the README and the handbook, taken of the real service in a real browser."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / "build" / "screenshots"
PICTURES = PROJECT / "docs" / "img"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
HEALTHY_WITHIN_S, STOPS_WITHIN_S = 180.0, 30.0
SETTLED_S = 2.5
"""Longer than a fragment is held back, so that all replies are there."""
COLOURS = 128


@dataclass(frozen=True, slots=True)
class Screen:
    """Its size in CSS pixels, and how many real ones make one of them."""

    width: int
    height: int
    scale: int


PHONE, WIDE = Screen(360, 740, scale=2), Screen(1100, 800, scale=1)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what is asked (nothing: the greeting) on which screen, and the button pressed then."""

    name: str
    question: str
    screen: Screen = PHONE
    press: str = ""
    dark: bool = False


# Invented for the pictures: neither golden questions nor wordings of the content.
FEE = "Kak, ongkos resmi berangkat ke Malaysia habis berapa ya? Saya dari Tebas"
PICTURES_TO_TAKE = (
    Picture("salam", ""),
    Picture("biaya", FEE),
    Picture("biaya-lengkap", FEE, press="Selengkapnya"),
    Picture("sambas", "ape syarat nak karaje di ladang sawit Sarawak, umur kamek dah 45"),
    Picture("bahaya", "tolong saya dikurung majikan di Sibu, tidak boleh keluar rumah, takut dipukul lagi"),
    Picture("pilihan", "urus surat buat kerja"),
    Picture("belum-ada", "jadwal bus damri pontianak kuching hari minggu jam berapa"),
    Picture("gelap", "Apa saja syarat kerja ke Taiwan?", dark=True),
    Picture("lebar", FEE, screen=WIDE),
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
    with _service() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for picture in PICTURES_TO_TAKE:
            path = PICTURES / f"{picture.name}.png"
            _keep(_taken(browser, url, picture), path)
            print(f"{path.relative_to(PROJECT)}  {path.stat().st_size // 1000} kB", flush=True)
        browser.close()


def _taken(browser: Browser, url: str, picture: Picture) -> bytes:
    """The screen after the question is answered, from the question on."""
    context = browser.new_context(
        viewport={"width": picture.screen.width, "height": picture.screen.height},
        device_scale_factor=picture.screen.scale,
        locale="id-ID",
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    page.get_by_text("Halo, saya Silvi").wait_for()
    if picture.question:
        _ask(page, picture.question)
    if picture.press:
        page.get_by_role("button", name=picture.press).last.click()
        time.sleep(SETTLED_S)
    taken = page.screenshot()
    context.close()
    return taken


def _ask(page: Page, question: str) -> None:
    page.get_by_label("Tulis pertanyaan Anda").fill(question)
    page.get_by_role("button", name="Kirim").click()
    page.locator(".pesan.saya + .pesan.silvi").last.wait_for()
    time.sleep(SETTLED_S)
    page.locator(".pesan.saya").last.evaluate("message => message.scrollIntoView()")


def _keep(png: bytes, path: Path) -> None:
    """Few colours suffice for text, and git keeps every version."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


@contextlib.contextmanager
def _service() -> Iterator[str]:
    """`silvi run` with the web part alone and a data folder of its own; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    settings = {"SILVI_DATA_DIR": str(FOLDER / "data"), "SILVI_WEB_LISTEN": address}
    with open(FOLDER / "silvi.log", "wb") as log:
        # From a folder without a .env.
        process = subprocess.Popen(
            [PROJECT / ".venv/bin/silvi", "run", "--only", "web"],
            cwd=FOLDER,
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_healthy(f"http://{address}", process)
        yield f"http://{address}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_healthy(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + HEALTHY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return
        time.sleep(0.2)
    raise SystemExit(f"silvi run tidak siap; lihat {FOLDER / 'silvi.log'}")


if __name__ == "__main__":
    main()
