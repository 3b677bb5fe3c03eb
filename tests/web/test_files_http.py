"""Files over HTTP: what is taken from a browser, and to whom a file is shown."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import UTC, datetime

import pytest
from PIL import Image
from sqlalchemy import select

from bot.channels.web.files import MAX_FILE_BYTES, safe_name
from bot.domain.messages import Channel, ChatRef, Incoming, Kind, Media, Reply
from bot.services import attachments, outbox
from bot.storage.tables import Attachment
from tests.web.conftest import OWN_PAGE, SCRIPT_ASKS, browser_of, chat_row

PDF = b"%PDF-1.7 slip gaji"


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "white").save(buffer, kind)
    return buffer.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that says it is so many pixels wide and high."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


async def send(sari, name: str, content: bytes, *, headers: dict[str, str] = SCRIPT_ASKS, **fields: str):
    files = {"berkas": (name, content, "application/x-anything")}
    return await sari.post("/obrolan/berkas", data={"nomor": "5", **fields}, files=files, headers=headers)


@pytest.mark.parametrize(
    ("name", "content", "kind", "kept_name", "mime_type"),
    [
        ("slip gaji.JPG", picture(), Kind.PICTURE, "slip gaji.jpg", "image/jpeg"),
        ("layar.png", picture("PNG"), Kind.PICTURE, "layar.png", "image/png"),
        ("foto.exe", picture("WEBP"), Kind.PICTURE, "foto.webp", "image/webp"),
        ("../../etc/kontrak.pdf", PDF, Kind.DOCUMENT, "kontrak.pdf", "application/pdf"),
        ("C:\\foto\\<b>.html", PDF, Kind.DOCUMENT, "b.pdf", "application/pdf"),
    ],
)
async def test_file_is_taken_for_what_it_is(sari, dialogue, name, content, kind, kept_name, mime_type):
    response = await send(sari, name, content, teks="ini buktinya")
    assert response.json() == {"diterima": True}
    (update,) = dialogue.handled
    assert (update.kind, update.text, update.content) == (kind, "ini buktinya", content)
    assert update.media == Media(kind, name=kept_name, mime_type=mime_type, size_bytes=len(content))


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("virus.pdf", b"MZ\x90\x00", 415),
        ("halaman.jpg", b"<html><script>alert(1)</script></html>", 415),
        ("gambar.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        ("rusak.png", picture("PNG")[:60], 415),
        ("gambar.tiff", picture("TIFF"), 415),
        ("bom.png", bomb(9_000), 413),
        ("bom.png", bomb(60_000), 413),
        ("besar.pdf", PDF + b"0" * MAX_FILE_BYTES, 413),
        ("kosong.pdf", b"", 422),
        ("", b"", 422),
    ],
)
async def test_unusable_file_is_refused_kindly(sari, dialogue, name, content, status):
    response = await send(sari, name, content)
    assert response.status_code == status
    assert response.json()["judul"] and response.json()["pesan"]
    assert dialogue.handled == []


async def test_form_that_is_none_is_refused(sari, dialogue):
    headers = {**SCRIPT_ASKS, "Content-Type": "multipart/form-data"}
    assert (await sari.post("/obrolan/berkas", content=b"halo", headers=headers)).status_code == 400
    two = [("berkas", ("a.pdf", PDF)), ("berkas", ("b.pdf", PDF))]
    response = await sari.post("/obrolan/berkas", data={"nomor": "5"}, files=two, headers=SCRIPT_ASKS)
    assert response.status_code == 400
    assert dialogue.handled == []


async def test_file_from_another_site_is_refused(sari, dialogue):
    headers = {"Origin": "https://jahat.example", "Accept": "application/json"}
    assert (await send(sari, "a.pdf", PDF, headers=headers)).status_code == 403
    assert dialogue.handled == []


async def test_page_without_script_shows_the_files_name(sari):
    response = await send(sari, "kontrak.pdf", PDF, headers=OWN_PAGE)
    assert response.status_code == 303
    assert "📎 kontrak.pdf" in (await sari.get("/")).text


async def test_resent_file_has_no_second_effect(sari, dialogue):
    for _ in range(2):
        await send(sari, "kontrak.pdf", PDF)
    assert len(dialogue.handled) == 1


async def told_file(app, chat_id: str, media: Media, content: bytes) -> int:
    """An officer's file for this chat; returns the number of its message."""
    now = datetime.now(UTC)
    ref = ChatRef(Channel.WEB, chat_id)
    said = Incoming("x", 1, ref, chat_id, media.kind, now, media=media, content=content)
    async with app.db.transaction() as session:
        chat = await chat_row(session, said)
        attachment = await attachments.received(session, chat, said, case=None, now=now)
        reply = Reply("Ini suratnya.", title="BP3MI", media=attachments.media_of(attachment))
        message = outbox.add(session, chat, reply, now=now)
        await session.flush()
        return message.id


async def chat_of(sari, dialogue) -> str:
    await sari.get("/")
    return dialogue.handled[0].chat.external_id


async def test_file_is_saved_and_never_opened_as_a_page(sari, app, dialogue):
    media = Media(Kind.DOCUMENT, file_id="f", name='halaman"\r\n.html', mime_type="text/html")
    number = await told_file(app, await chat_of(sari, dialogue), media, b"<script>alert(1)</script>")
    page = (await sari.get("/")).text
    assert f'href="/obrolan/lampiran/{number}"' in page
    response = await sari.get(f"/obrolan/lampiran/{number}")
    assert response.content == b"<script>alert(1)</script>"
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''halaman.html"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert any(policy.startswith("sandbox") for policy in response.headers.get_list("content-security-policy"))


async def test_picture_is_shown_in_the_conversation(sari, app, dialogue):
    media = Media(Kind.PICTURE, file_id="f", mime_type="image/jpeg")
    number = await told_file(app, await chat_of(sari, dialogue), media, picture())
    assert f'<img src="/obrolan/lampiran/{number}"' in (await sari.get("/")).text
    response = await sari.get(f"/obrolan/lampiran/{number}")
    assert (response.headers["content-type"], response.content) == ("image/jpeg", picture())


async def test_file_of_another_chat_is_not_there(site, sari, app, dialogue):
    media = Media(Kind.DOCUMENT, file_id="f", name="surat.pdf", mime_type="application/pdf")
    number = await told_file(app, await chat_of(sari, dialogue), media, PDF)
    async with browser_of(site) as joko:
        assert (await joko.get(f"/obrolan/lampiran/{number}")).status_code == 401
        await joko.get("/")
        assert (await joko.get(f"/obrolan/lampiran/{number}")).status_code == 404
    assert (await sari.get(f"/obrolan/lampiran/{number}")).status_code == 200
    assert (await sari.get(f"/obrolan/lampiran/{number + 1}")).status_code == 404


async def test_file_that_is_not_there_yet_and_one_that_never_comes_are_told_apart(sari, app, dialogue, monkeypatch):
    monkeypatch.setattr("bot.channels.web.chat.FILE_LOOK_S", 0)
    media = Media(Kind.DOCUMENT, file_id="f", name="surat.pdf", mime_type="application/pdf")
    number = await told_file(app, await chat_of(sari, dialogue), media, b"")
    assert (await sari.get(f"/obrolan/lampiran/{number}")).status_code == 425
    async with app.db.transaction() as session:
        row = (await session.execute(select(Attachment).order_by(Attachment.id.desc()).limit(1))).scalar_one()
        await attachments.give_up(session, row.id, "gone")
    assert (await sari.get(f"/obrolan/lampiran/{number}")).status_code == 404


async def test_place_and_contact_are_links(sari, app, dialogue):
    chat_id, now = await chat_of(sari, dialogue), datetime.now(UTC)
    said = Incoming("x", 1, ChatRef(Channel.WEB, chat_id), chat_id, Kind.TEXT, now)
    async with app.db.transaction() as session:
        chat = await chat_row(session, said)
        place = Media(Kind.LOCATION, latitude=-0.05, longitude=109.3)
        outbox.add(session, chat, Reply("", title="BP3MI", media=place), now=now)
        who = Media(Kind.CONTACT, phone="+62 800-0000", person_name="Rina")
        outbox.add(session, chat, Reply("", title="BP3MI", media=who), now=now)
    page = (await sari.get("/")).text
    assert "mlat=-0.05&amp;mlon=109.3" in page
    assert 'href="tel:+628000000"' in page and "Rina +62 800-0000" in page


def test_name_of_a_file_is_never_empty_or_endless():
    assert safe_name("", ".pdf") == "berkas.pdf"
    assert safe_name("/..", ".pdf") == "berkas.pdf"
    assert len(safe_name("a" * 500 + ".pdf")) <= 90
    assert safe_name("surat kuasa (1).pdf") == "surat kuasa (1).pdf"
