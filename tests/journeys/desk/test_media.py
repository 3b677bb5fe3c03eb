"""Pictures, voice notes, documents, places and contacts between a person and the officers of their case."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from PIL import Image
from sqlalchemy import func, select, update

from bot.app import App
from bot.channels.web.application import build
from bot.domain.cases import EventKind
from bot.domain.messages import Media
from bot.services import attachments
from bot.storage.tables import Attachment, AttachmentContent
from bot.texts import complaint as words
from bot.texts import jobseeker
from bot.texts import officer as desk_words
from bot.texts.telegram import FILE_NOT_SHOWN
from tests.journeys.desk.conftest import BUDI, DESK, JOKO, SARI, Running
from tests.journeys.desk.test_case import CAPTIVE, events, number_and_topic
from tests.telegram_api import Account, Sent
from tests.web.conftest import OWN_PAGE, browser_of

PLACE = {"latitude": 1.55, "longitude": 110.34}


async def taken_case(telegram: Account) -> int:
    """Sari's case is in Budi's hands; returns its topic."""
    telegram.person_says(SARI, CAPTIVE)
    number, topic = await number_and_topic(telegram)
    telegram.officer_says(DESK, topic, BUDI, "/ambil")
    await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.TAKEN.format(number=number))
    return topic


def posted(telegram: Account, topic: int, method: str) -> list[Sent]:
    return [sent for sent in telegram.messages_to(DESK) if sent.topic == topic and sent.method == method]


def told(telegram: Account, method: str) -> list[Sent]:
    return [sent for sent in telegram.messages_to(SARI) if sent.method == method]


async def kept(app: App) -> list[Attachment]:
    async with app.db.transaction() as session:
        return list((await session.execute(select(Attachment).order_by(Attachment.id))).scalars())


async def contents(app: App) -> list[bytes]:
    async with app.db.transaction() as session:
        found = select(AttachmentContent.content).order_by(AttachmentContent.id)
        return list((await session.execute(found)).scalars())


async def until(condition: Callable[[], Awaitable[Any]], *, within_s: float = 10.0) -> None:
    """Wait for what stands in the database; raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not await condition():
            await asyncio.sleep(0.05)


async def has_contents(app: App, count: int) -> bool:
    return len(await contents(app)) == count


async def fetch_again_now(app: App) -> None:
    async with app.db.transaction() as session:
        await session.execute(update(Attachment).where(Attachment.fetch_at.is_not(None)).values(fetch_at=func.now()))


async def test_picture_and_voice_go_both_ways_and_are_kept(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        heard = len(telegram.messages_to(SARI))
        picture = telegram.person_sends(SARI, "photo", b"foto paspor", caption="ini paspor saya")
        (shown,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendPhoto"))
        assert shown.file_id == picture
        assert shown.text == f"{desk_words.FROM_PERSON}\n\nini paspor saya"
        voice = telegram.person_sends(SARI, "voice", b"suara")
        (shown,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendVoice"))
        assert (shown.file_id, shown.text) == (voice, desk_words.FROM_PERSON)
        assert len(telegram.messages_to(SARI)) == heard

        answer = telegram.officer_sends(DESK, topic, BUDI, "photo", b"surat jalan", caption="Bawa surat ini.")
        (got,) = await telegram.wait_for(lambda: told(telegram, "sendPhoto"))
        assert got.file_id == answer
        assert got.text.startswith(app.desk().office) and "Bawa surat ini." in got.text
        telegram.officer_sends(DESK, topic, BUDI, "voice", b"jawaban")
        await telegram.wait_for(lambda: told(telegram, "sendVoice"))

        rows = await kept(app)
        await until(lambda: has_contents(app, 4))
    assert [row.kind for row in rows] == ["picture", "voice", "picture", "voice"]
    assert [row.officer_id is not None for row in rows] == [False, False, True, True]
    assert len({row.case_id for row in rows}) == 1 and rows[0].case_id
    assert await contents(app) == [b"foto paspor", b"suara", b"surat jalan", b"jawaban"]
    assert "[gambar] ini paspor saya" in await events(app, EventKind.MESSAGE)


async def test_caption_with_slashes_keeps_the_picture_inside(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        telegram.officer_sends(DESK, topic, BUDI, "photo", caption="// wajah majikan, jangan dikirim")
        telegram.officer_says(DESK, topic, BUDI, "Kami cari.")
        await telegram.wait_for(lambda: "Kami cari." in telegram.texts_to(SARI)[-1])
    assert not told(telegram, "sendPhoto")
    assert await events(app, EventKind.NOTE) == ["[gambar] wajah majikan, jangan dikirim"]
    assert [row.officer_id is not None for row in await kept(app)] == [True]


async def test_every_picture_of_an_album_arrives_and_one_answer_is_enough(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        telegram.person_says(SARI, CAPTIVE)
        number, topic = await number_and_topic(telegram)
        sent = [telegram.person_sends(SARI, "photo", media_group_id="7") for _ in range(3)]
        shown = await telegram.wait_for(lambda: len(posted(telegram, topic, "sendPhoto")) == 3)
        telegram.person_says(SARI, "/status")
        await telegram.wait_for(lambda: "menunggu petugas" in telegram.texts_to(SARI)[-1])
        shown = posted(telegram, topic, "sendPhoto")
    assert [post.file_id for post in shown] == sent
    assert telegram.texts_to(SARI).count(words.MEDIA_ADDED.format(number=number)) == 1


async def test_place_and_contact_go_both_ways(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        telegram.person_says(SARI, location=PLACE)
        (shown,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendLocation"))
        assert shown.content == PLACE
        telegram.person_says(
            SARI, location=PLACE, venue={"location": PLACE, "title": "Kedai Melati", "address": "Jl. Contoh"}
        )
        await telegram.wait_for(
            lambda: any("Kedai Melati, Jl. Contoh" in text for text in telegram.texts_in(DESK, topic))
        )
        telegram.person_says(SARI, contact={"phone_number": "+628000000", "first_name": "Majikan"})
        (shown,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendContact"))
        assert shown.content == {"phone_number": "+628000000", "first_name": "Majikan"}

        telegram.officer_says(DESK, topic, BUDI, location=PLACE)
        (got,) = await telegram.wait_for(lambda: told(telegram, "sendLocation"))
        assert got.content == PLACE
        assert any(sent.text.startswith(app.desk().office) for sent in told(telegram, "sendMessage"))
        telegram.officer_says(DESK, topic, BUDI, contact={"phone_number": "+628000001", "first_name": "Rina"})
        await telegram.wait_for(lambda: told(telegram, "sendContact"))


async def test_place_shared_live_is_passed_on_once(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        first = telegram.person_says(SARI, location={**PLACE, "live_period": 900})["message"]
        await telegram.wait_for(lambda: posted(telegram, topic, "sendLocation"))
        posts = len(telegram.texts_in(DESK, topic))
        moved = {**first, "edit_date": first["date"] + 5, "location": {**PLACE, "latitude": 1.56}}
        telegram.push({"edited_message": moved})
        telegram.person_says(SARI, "saya masih di sini")
        await telegram.wait_for(lambda: len(telegram.texts_in(DESK, topic)) > posts)
        assert "saya masih di sini" in telegram.texts_in(DESK, topic)[posts]
    assert len(posted(telegram, topic, "sendLocation")) == 1


async def test_what_is_sent_during_the_form_comes_with_the_case(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, "/lapor")
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        picture = telegram.person_sends(SARI, "photo", b"slip gaji")
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.MEDIA_KEPT)
        assert [row.case_id for row in await kept(app)] == [None]
        telegram.presses(SARI, words.CATEGORIES["gaji"])
        for step in ("di", "cerita"):
            await telegram.wait_for(
                lambda step=step: f"lapor:lewati:{step}" in telegram.messages_to(SARI)[-1].actions()
            )
            telegram.presses(SARI, f"lapor:lewati:{step}")
        topic = await telegram.wait_for(lambda: telegram.topic_named(DESK, "SLV-"))
        (shown,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendPhoto"))
    assert shown.file_id == picture
    assert (await kept(app))[0].case_id


async def test_picture_alone_is_asked_about_and_leaving_erases_it(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        telegram.person_sends(SARI, "photo")
        await telegram.wait_for(lambda: telegram.texts_to(SARI))
        (asked,) = telegram.messages_to(SARI)
        assert jobseeker.RECEIVED["picture"] in asked.text
        assert asked.actions()[0] == "menu:lapor" and asked.actions()[1].startswith("tawaran:gambar:")
        assert len(await kept(app)) == 1
        telegram.presses(SARI, jobseeker.REPORT.label)
        await telegram.wait_for(lambda: len(telegram.texts_to(SARI)) == 2)
        telegram.person_says(SARI, "/batal")
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.LEFT)
    assert await kept(app) == []


async def test_danger_in_a_caption_is_answered_and_the_picture_goes_with_it(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        telegram.person_sends(SARI, "photo", caption=CAPTIVE)
        _, topic = await number_and_topic(telegram)
        await telegram.wait_for(lambda: posted(telegram, topic, "sendPhoto"))
    assert "15 menit" in telegram.texts_to(SARI)[0]


async def test_file_that_is_gone_is_told_in_words_and_the_text_still_arrives(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        telegram.officer_sends(
            DESK, topic, BUDI, "document", size_bytes=30_000_000, is_lost=True, caption="Isi formulir ini."
        )
        await telegram.wait_for(lambda: FILE_NOT_SHOWN in telegram.texts_to(SARI)[-1])
        assert "Isi formulir ini." in telegram.texts_to(SARI)[-1]
        not_passed = desk_words.file_not_passed("document").body
        await telegram.wait_for(lambda: not_passed in telegram.texts_in(DESK, topic))
    assert [row.error for row in await kept(app)] == [attachments.TOO_LARGE]


async def test_file_gone_at_telegram_is_sent_from_what_is_kept(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        telegram.person_sends(SARI, "document", b"kontrak kerja", file_name="kontrak.pdf")
        (first,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendDocument"))
        await until(lambda: has_contents(app, 1))
        telegram.loses(first.file_id)
        telegram.deletes_topic(DESK, topic)
        telegram.person_says(SARI, "halo pak")
        anew = await telegram.wait_for(
            lambda: next((other for other in telegram.chats[DESK].topics if other != topic), None)
        )
        (again,) = await telegram.wait_for(lambda: posted(telegram, anew, "sendDocument"))
        assert telegram.files[again.file_id].content == b"kontrak kerja"
        await telegram.wait_for(lambda: any("halo pak" in text for text in telegram.texts_in(DESK, anew)))
    assert (await kept(app))[0].media["file_id"] == again.file_id


async def test_fetching_that_failed_is_tried_again_later(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        await taken_case(telegram)
        telegram.fault("getFile", "500")
        telegram.fault("download", "502")
        telegram.person_sends(SARI, "voice", b"suara")
        for tries in (1, 2):
            await until(lambda tries=tries: has_tried(app, tries))
            assert await contents(app) == []
            await fetch_again_now(app)
        await until(lambda: has_contents(app, 1))
    (row,) = await kept(app)
    assert (row.fetch_at, row.error, row.attempts) == (None, None, 3)


async def has_tried(app: App, tries: int) -> bool:
    return [row.attempts for row in await kept(app)] == [tries]


async def test_file_that_cannot_be_fetched_says_why(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        telegram.person_sends(SARI, "photo", is_lost=True)
        await telegram.wait_for(lambda: FILE_NOT_SHOWN in telegram.texts_in(DESK, topic)[-1])
        await until(lambda: has_error(app))
    (row,) = await kept(app)
    assert "wrong file_id" in row.error.lower() and row.fetch_at is None


async def has_error(app: App) -> bool:
    return any(row.error for row in await kept(app))


async def test_letter_that_silvi_made_is_a_file_in_the_topic(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        telegram.officer_says(DESK, topic, BUDI, "/rujuk polda Mohon dicari di rumah itu.")
        (letter,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendDocument"))
        (row,) = await kept(app)
        await until(lambda: knows_file(app, letter.file_id))
    assert telegram.files[letter.file_id].content.startswith(b"%PDF-")
    assert letter.actions() == [f"meja:jawaban:{row.case_id}:polda"]


async def knows_file(app: App, file_id: str) -> bool:
    return [row.media["file_id"] for row in await kept(app)] == [file_id]


async def test_file_for_a_case_that_is_over_is_neither_sent_nor_kept(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        telegram.officer_says(DESK, topic, BUDI, "/selesai")
        await telegram.wait_for(lambda: any("menandai selesai" in text for text in telegram.texts_in(DESK, topic)))
        telegram.officer_sends(DESK, topic, BUDI, "photo", caption="terlambat")
        await telegram.wait_for(lambda: any("Pesan tidak dikirim" in text for text in telegram.texts_in(DESK, topic)))
    assert not told(telegram, "sendPhoto")
    assert await kept(app) == []


async def test_officers_sticker_is_not_passed_on_and_that_is_said(
    app: App, telegram: Account, running: Running
) -> None:
    sticker = {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1, "emoji": "👍"}
    async with running(app):
        topic = await taken_case(telegram)
        heard = len(telegram.messages_to(SARI))
        telegram.officer_says(DESK, topic, BUDI, sticker={**sticker, "is_animated": False, "is_video": False})
        await telegram.wait_for(lambda: telegram.texts_in(DESK, topic)[-1] == desk_words.NOT_PASSED_ON)
    assert len(telegram.messages_to(SARI)) == heard


async def test_picture_of_somebody_who_is_no_officer_goes_nowhere(
    app: App, telegram: Account, running: Running
) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        telegram.officer_sends(DESK, topic, JOKO, "photo", caption="transfer dulu")
        telegram.officer_says(DESK, topic, BUDI, "Kami bantu.")
        await telegram.wait_for(lambda: "Kami bantu." in telegram.texts_to(SARI)[-1])
    assert not told(telegram, "sendPhoto")
    assert await kept(app) == []


async def test_long_caption_becomes_a_message_of_its_own(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        topic = await taken_case(telegram)
        telegram.person_sends(SARI, "photo", caption="gaji saya " * 102)
        (shown,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendPhoto"))
        assert shown.text == ""
        assert ("gaji saya " * 102).strip() in telegram.texts_in(DESK, topic)[-2]


# A person in the browser


def picture(width: int = 40, height: int = 30) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG")
    return buffer.getvalue()


async def test_person_in_the_browser_and_officer_exchange_files(app: App, telegram: Account, running: Running) -> None:
    site = build(app)
    async with running(app), site.router.lifespan_context(site), browser_of(site) as sari:
        await sari.get("/")
        await sari.post("/obrolan/pesan", data={"teks": CAPTIVE, "nomor": "5"}, headers=OWN_PAGE)
        topic = await telegram.wait_for(lambda: telegram.topic_named(DESK, "SLV-"))
        for number, name, content in ((6, "rumah.png", picture()), (7, "obrolan.png", picture(20, 4000))):
            file = {"berkas": (name, content, "image/png")}
            await sari.post("/obrolan/berkas", data={"nomor": str(number)}, files=file, headers=OWN_PAGE)
        (photo,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendPhoto"))
        assert telegram.files[photo.file_id].content == picture()
        (too_long,) = await telegram.wait_for(lambda: posted(telegram, topic, "sendDocument"))
        assert telegram.files[too_long.file_id].content == picture(20, 4000)

        telegram.officer_sends(DESK, topic, BUDI, "document", b"%PDF-1.7", file_name="surat.pdf", caption="Bawa ini.")
        await until(lambda: is_shown(sari, "Bawa ini."))
        page = (await sari.get("/")).text
        (address,) = re.findall(r'href="(/obrolan/lampiran/\d+)"', page)
        assert "Buka berkas surat.pdf" in page
        response = await sari.get(address)
        assert (response.status_code, response.content) == (200, b"%PDF-1.7")
        telegram.officer_says(DESK, topic, BUDI, location=PLACE)
        await until(lambda: is_shown(sari, "Buka lokasi di peta"))
    rows = await kept(app)
    assert [Media.from_json(row.media).file_id != "" for row in rows] == [True, False, True, False]


async def is_shown(sari: httpx.AsyncClient, text: str) -> bool:
    return text in (await sari.get("/")).text
