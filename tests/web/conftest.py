"""A Silvi with web pages only: the real database, outbox and server, and a stand-in for the dialogue."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright
from pydantic import SecretStr
from sqlalchemy import select
from starlette.applications import Starlette

from bot.app import App
from bot.channels.web.application import build
from bot.channels.web.service import listen_on, serve
from bot.domain.messages import Button, Incoming, Kind, Reply
from bot.nlu_client import NluClient
from bot.services import outbox
from bot.services.knowledge_base import KnowledgeState, published_entries
from bot.settings import Settings
from bot.storage.database import Database, Session
from bot.storage.tables import Chat, Update
from knowledge.entries import Entry
from knowledge.office import load_office
from tests.fakes import VAULT

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OWN_PAGE = {"Origin": "http://silvi.test"}
SCRIPT_ASKS = {**OWN_PAGE, "Accept": "application/json"}

GREETING = Reply(
    title="Halo, saya Silvi",
    body="Saya asisten otomatis dari BP3MI Kalimantan Barat.\n\nYang bisa saya bantu:\n"
    "1. Menjawab pertanyaan tentang kerja ke luar negeri.\n2. Memeriksa tawaran kerja.\n3. Menerima laporan masalah.",
    footer="Pertanyaan disimpan tanpa nama dan nomor Anda. Tulis /datasaya untuk melihatnya.",
    buttons=(
        (Button("Tanya", "menu:tanya"), Button("Cek lowongan", "menu:cek")),
        (Button("Lapor", "menu:lapor"), Button("Petugas", "menu:petugas")),
    ),
)


class StandInDialogue:
    """Answers like the dialogue does: one transaction with the update's number, the chat's row and the replies."""

    def __init__(self) -> None:
        self.handled: list[Incoming] = []
        self.waiting: asyncio.Task[None] | None = None

    async def turn(self, app: App, incoming: Incoming) -> None:
        if incoming.text == "bikin gagal":
            raise RuntimeError("the dialogue failed")
        if incoming.text == "potongan":
            whole = replace(incoming, text="potongan dan sisanya")
            self.waiting = asyncio.create_task(self._turn_later(app, whole))
            return
        async with app.db.transaction() as session:
            if await session.get(Update, (incoming.source, incoming.update_id)):
                return
            session.add(Update(source=incoming.source, update_id=incoming.update_id, handled_at=incoming.sent_at))
            chat = await chat_row(session, incoming)
            for reply in self._replies(incoming):
                outbox.add(session, chat, reply, now=incoming.sent_at)
            await outbox.announce(session)
        self.handled.append(incoming)
        app.deliveries.wake(incoming.chat.channel)

    async def _turn_later(self, app: App, incoming: Incoming) -> None:
        await asyncio.sleep(0.5)
        await self.turn(app, incoming)

    def _replies(self, incoming: Incoming) -> list[Reply]:
        if incoming.kind is Kind.COMMAND:
            return [GREETING]
        if incoming.button.startswith("lagi:"):
            return [
                Reply("Ini penjelasan lengkapnya.", title="Syarat umum", edits_message_id=incoming.message_id),
            ]
        if incoming.button.startswith("jempol:"):
            return [Reply("", footer="Terima kasih atas penilaiannya.", callback_id=incoming.callback_id)]
        if incoming.button:
            return [Reply(f"Anda menekan {incoming.button}.")]
        return [
            Reply(
                f"Anda bertanya: {incoming.text}\n\n1. Siapkan KTP.\n2. Buka https://siskop2mi.kp2mi.go.id.",
                title="Syarat umum",
                footer="Dasar: UU 18/2017 pasal 5. Terakhir diperiksa 24 November 2026.",
                buttons=((Button("Selengkapnya", "lagi:1"),), (Button("👍 Membantu", "jempol:1"),)),
            )
        ]


async def chat_row(session: Session, incoming: Incoming) -> Chat:
    """The row of the chat, made when it is new."""
    where = (Chat.channel == incoming.chat.channel, Chat.external_id == incoming.chat.external_id)
    chat = (await session.execute(select(Chat).where(*where))).scalar_one_or_none()
    if chat is None:
        chat = Chat(
            channel=incoming.chat.channel, external_id=incoming.chat.external_id, created_at=incoming.sent_at, memory={}
        )
        session.add(chat)
        await session.flush()
    return chat


class StandInKnowledge:
    """An index that is there."""

    def __init__(self) -> None:
        self.current = None
        self.office = load_office(None)
        self.now = KnowledgeState(entries=90, variants=1800, content_version=1, embedding="ready")

    def state(self) -> KnowledgeState:
        return self.now

    async def published(self, session: Session) -> list[Entry]:
        return await published_entries(session)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, secret_key=SecretStr("k" * 40))


def app_on(settings: Settings, database_url: str) -> App:
    """Each running site needs an App of its own: its connections belong to that site's event loop."""
    return App(settings, Database(database_url, VAULT), NluClient(None, timeout_s=1), StandInKnowledge())


@pytest.fixture
def app(settings: Settings, database_url: str) -> App:
    return app_on(settings, database_url)


@pytest.fixture
def dialogue() -> StandInDialogue:
    return StandInDialogue()


@pytest.fixture
def site(app: App, dialogue: StandInDialogue) -> Starlette:
    return build(app, take_turn=dialogue.turn)


@pytest.fixture
async def sari(site: Starlette, app: App):
    """Sari's browser, on the page already: her cookie is set."""
    async with site.router.lifespan_context(site), browser_of(site) as client:
        await client.get("/")
        yield client
    await app.close()


def browser_of(site: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://silvi.test")


@contextmanager
def running(site: Starlette, listen: str = "127.0.0.1:0") -> Iterator[str]:
    """The site on a real port, in a thread with an event loop of its own; gives its address."""
    listener = listen_on(listen)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    work = serve(site, listener, stop, before_stop=site.state.close_pages)
    thread = threading.Thread(target=loop.run_until_complete, args=(work,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=15)
        loop.close()


@pytest.fixture
def address(site: Starlette) -> Iterator[str]:
    with running(site) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.fail("these tests need a browser: apt-get install chromium")
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Not kept longer: Playwright leaves its event loop running, and asynchronous tests bring their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()
