"""Broadcasts in the console: who may, what is refused, the second person, and nothing unescaped."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from PIL import Image
from sqlalchemy import select, text
from starlette.applications import Starlette

from bot.app import App
from bot.domain.broadcasts import BroadcastState, Topic
from bot.domain.messages import Channel, ChatRef, Reply
from bot.domain.retention import PERIODS, Kept
from bot.services import attachments, officers, people, subscriptions
from bot.storage.tables import Attachment, Broadcast, OutboxMessage
from bot.texts import broadcasts as words
from tests.web.conftest import OWN_PAGE
from tests.web.test_console import ADI, BUDI, RINA, ROLES, audited, csrf_of, signed_in

NEW = "/konsol/siaran/baru"
EVIL = '<script>alert(1)</script>"'
TYPED = {"judul": f"Lowongan {EVIL}", "isi": "Ada 20 tempat.", "topik": "lowongan", "negara": "taiwan", "daerah": ""}


@pytest.fixture(autouse=True)
async def office(app: App) -> AsyncIterator[None]:
    """The staff, and seven people who want job news."""
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        await session.execute(text("truncate broadcasts, chats, audit, officers, attachments cascade"))
        for number, (name, role) in ROLES.items():
            await officers.add(session, number, name, role, now=now)
        for number in range(7):
            chat = await people.chat_of(session, ChatRef(Channel.TELEGRAM, f"60{number}"), now=now)
            await subscriptions.choose(session, chat, topics=[Topic.JOBS], country=None, district=None, now=now)
    yield
    await app.close()


async def written(browser: httpx.AsyncClient, **changed: str) -> str:
    """The address of a new draft."""
    csrf = csrf_of(await browser.get(NEW))
    made = await browser.post(NEW, data={"csrf": csrf, **TYPED, **changed}, headers=OWN_PAGE)
    assert made.status_code == 303, made.text
    return made.headers["location"]


async def does(browser: httpx.AsyncClient, address: str, step: str, **fields: str) -> httpx.Response:
    page = await browser.get(address)
    version = page.text.split('name="versi" value="')[1].split('"')[0]
    form = {"csrf": csrf_of(page), "tindakan": step, "versi": version, **fields}
    return await browser.post(address, data=form, headers=OWN_PAGE)


async def the_broadcast(app: App) -> Broadcast:
    async with app.db.transaction() as session:
        return (await session.execute(select(Broadcast))).scalar_one()


async def test_officers_do_not_broadcast(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        assert (await browser.get("/konsol/siaran")).status_code == 403
        assert (await browser.get(NEW)).status_code == 403


async def test_from_the_draft_to_the_second_persons_word(app: App, site: Starlette) -> None:
    async with signed_in(app, site, RINA) as rina, signed_in(app, site, ADI) as adi:
        address = await written(rina)
        page = await rina.get(address)
        assert "<script>alert" not in page.text and "7 orang di Telegram" in page.text
        assert (await does(rina, address, "pratinjau")).status_code == 303
        assert (await does(rina, address, "ajukan")).status_code == 303
        own = await does(rina, address, "setujui")
        assert own.status_code == 422 and words.OWN_WORDS in own.text
        assert (await does(adi, address, "setujui")).status_code == 303
        assert "menunggu giliran" in (await adi.get(address)).text.lower()
        assert (await does(rina, address, "hentikan")).status_code == 303
    assert (await the_broadcast(app)).state == BroadcastState.STOPPED
    assert [one for one in await audited(app) if one.startswith("siaran")] == [
        "siaran:simpan",
        "siaran:ajukan",
        "siaran:setujui",
        "siaran:hentikan",
    ]
    async with app.db.transaction() as session:
        (sent,) = (await session.execute(select(OutboxMessage))).scalars().all()
        assert Reply.from_json(sent.reply).footer.startswith("PRATINJAU"), "to the author alone, and marked as a trial"


async def test_what_was_changed_after_reading_is_not_approved(app: App, site: Starlette) -> None:
    async with signed_in(app, site, RINA) as rina, signed_in(app, site, ADI) as adi:
        address = await written(rina)
        await does(rina, address, "ajukan")
        refused = await does(adi, address, "setujui", versi="99")
        assert refused.status_code == 422 and words.CHANGED in refused.text
        sent_back = await does(adi, address, "kembalikan", alasan="Sebut tanggalnya.")
        assert sent_back.status_code == 303
        assert "Sebut tanggalnya." in (await rina.get(address)).text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"judul": ""}, "Judul perlu"),
        ({"isi": "x" * 3001}, "Isi perlu"),
        ({"topik": "rahasia"}, words.BAD_TOPIC),
        ({"negara": "atlantis"}, words.BAD_PLACE),
        ({"mulai": "2020-01-01T08:00"}, words.BAD_TIME),
        ({"mulai": "2099-01-01T21:00", "batas": "2099-01-02T07:00"}, "Malam hari"),
        ({"tombol1": "Buka", "tujuan1": "javascript:alert(1)"}, "Tombol 1 perlu"),
    ],
)
async def test_unusable_words_are_refused_and_kept_in_the_form(
    app: App, site: Starlette, changed: dict[str, str], told: str
) -> None:
    async with signed_in(app, site, RINA) as browser:
        form = {"csrf": csrf_of(await browser.get(NEW)), **TYPED, **changed}
        refused = await browser.post(NEW, data=form, headers=OWN_PAGE)
    assert refused.status_code == 422 and told in refused.text
    assert "Ada 20 tempat." in refused.text or "isi" in changed


async def test_one_picture_stays_as_long_as_its_broadcast(app: App, site: Starlette) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(drawn, "PNG")
    async with signed_in(app, site, RINA) as browser:
        address = await written(browser)
        csrf = csrf_of(await browser.get(address))
        for content, expected in ((b"no picture", 422), (b"%PDF-1.4", 422), (drawn.getvalue(), 303)):
            answer = await browser.post(
                f"{address}/gambar", data={"csrf": csrf}, files={"gambar": ("g.png", content)}, headers=OWN_PAGE
            )
            assert answer.status_code == expected
    async with app.db.transaction() as session:
        assert (
            await attachments.forget_left_over(session, now=datetime.now(UTC) + PERIODS[Kept.LEFT_OVER_FILES].lasts * 2)
            == 0
        )
        kept = (await session.execute(select(Attachment))).scalar_one()
    assert (await the_broadcast(app)).picture_id == kept.id


async def test_partners_link_is_shown_once_and_stops_working_with_the_next(app: App, site: Starlette) -> None:
    typed = {"peran": "kades", "nama": EVIL, "desa": "Sungai Contoh", "daerah": "sambas"}
    async with signed_in(app, site, RINA) as browser, signed_in(app, site, BUDI) as budi:
        assert (await budi.get("/konsol/mitra")).status_code == 403
        csrf = csrf_of(await browser.get("/konsol/mitra"))
        refused = await browser.post("/konsol/mitra", data={"csrf": csrf, **typed, "daerah": ""}, headers=OWN_PAGE)
        assert refused.status_code == 422
        made = await browser.post("/konsol/mitra", data={"csrf": csrf, **typed}, headers=OWN_PAGE)
        assert "/start p_" in made.text and "<script>alert" not in made.text
        assert "p_" not in (await browser.get("/konsol/mitra")).text
        number = made.text.split("/konsol/mitra/")[1].split("/")[0]
        again = await browser.post(f"/konsol/mitra/{number}/undang", data={"csrf": csrf}, headers=OWN_PAGE)
        assert "/start p_" in again.text
        await browser.post(f"/konsol/mitra/{number}/cabut", data={"csrf": csrf}, headers=OWN_PAGE)
        assert "Belum ada mitra" in (await browser.get("/konsol/mitra")).text
