"""A job offer in a conversation: what is checked, what is said of it, how it becomes a report, and when a group is warned."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select, update

from bot.app import App
from bot.dialogue import offer
from bot.domain.cases import Role
from bot.domain.messages import Channel, ChatRef, Kind, Media, Reply
from bot.media import pictures
from bot.nlu_client import Category
from bot.services import attachments, offers, officers, recruiters, registry_file
from bot.storage.tables import Attachment, Case, CaseEvent, Chat, OfferAsked, OfferSeen
from bot.texts import jobseeker
from bot.texts import offers as words
from knowledge.red_flags.advice import load_texts
from knowledge.red_flags.learned import Guess, Opinion
from tests.fakes import Sari

ADVERT = (
    "LOWONGAN kerja ke Kamboja! Gaji 15 juta, makan dan mess gratis. Berangkat pakai visa wisata dulu, visa kerja menyusul. "
    "Kuota terbatas, DP 2 juta transfer ke BCA 1234567890. Minat hubungi WA 0812-1111-2222."
)
NEAR = ADVERT.replace("0812-1111-2222", "0813-3333-4444")
OTHER = (
    "Dibutuhkan pekerja kebun ke Sarawak, syarat KTP saja, masuk pakai paspor kunjungan. Gaji 5 juta, mess gratis, "
    "permit diurus belakangan di sana, hubungi 0857-5555-6666, kuota lima orang, bulan depan berangkat."
)
PHOTO = Media(Kind.PICTURE, file_id="f", mime_type="image/jpeg")
BUDI, JOKO = 701, 702
REGISTRY = (
    "nama,nomor_sip3mi,alamat,kota,telepon,status,berlaku_sampai,negara_tujuan\n"
    "PT Melati Uji Sentosa,SIP3MI-UJI-01,Jl. Contoh 1,Jakarta,021-000111,aktif,2030-12-31,Taiwan\n"
)


@pytest.fixture
def sari(bare_app: App) -> Sari:
    return Sari(bare_app)


def labels(reply: Reply) -> list[str]:
    return [button.label for row in reply.buttons for button in row]


async def case_of(person: Sari) -> Case | None:
    query = select(Case).join(Chat, Chat.id == Case.chat_id).where(Chat.external_id == person.chat.external_id)
    return next(iter(await person._rows(query)), None)


def reads(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """From now on every picture shows this."""

    async def text_of(_data: bytes) -> str:
        if not text:
            raise pictures.UnreadablePicture("buram")
        return text

    monkeypatch.setattr(pictures, "text_of", text_of)


# What is checked


@pytest.mark.parametrize("way", ["command", "button", "forward", "pasted", "start"])
async def test_offer_is_checked_however_it_comes(sari: Sari, way: str) -> None:
    if way == "command":
        (reply,) = await sari.commands("cek", ADVERT)
    elif way == "forward":
        (reply,) = await sari.says(ADVERT, is_forward=True)
    else:
        if way != "pasted":
            await (sari.presses("menu:cek") if way == "button" else sari.commands("start", "cek"))
            assert sari.heard[-1].body == jobseeker.CHECK_OFFER
        (reply,) = await sari.says(ADVERT)
    flags = load_texts().flags
    assert reply.body.startswith(load_texts().frame["danger"])
    assert f"{flags['RF-01'].noticed} Dasar: {flags['RF-01'].law}." in reply.body
    assert len(reply.body) <= words.FIRST_CHARACTERS
    assert labels(reply) == [words.MORE, words.REPORT, words.ANOTHER.label, jobseeker.OFFICER.label]
    (whole,) = await sari.presses(words.MORE)
    assert flags["RF-01"].why in whole.body and "+6281211112222" in whole.body
    assert "aman" not in f"{reply.body} {whole.body}".lower().split()


@pytest.mark.parametrize(
    "asked",
    ["apa boleh berangkat kerja ke kamboja pakai visa wisata dulu kalau gajinya 15 juta?", "syarat ke taiwan apa"],
)
async def test_question_stays_a_question(app: App, asked: str) -> None:
    sari = Sari(app)
    await sari.says(asked)
    assert len(await sari.questions()) == 1
    assert await sari._rows(select(OfferAsked).join(Chat).where(Chat.external_id == sari.chat.external_id)) == []


async def test_phone_alone_is_no_verdict(sari: Sari) -> None:
    await sari.presses("menu:cek")
    (reply,) = await sari.says("0812-1111-2222")
    assert words.NOTHING_SAID in reply.body
    assert words.PHONES.format(phones="+6281211112222") in reply.body


async def test_name_alone_is_looked_up_with_the_date_of_the_data(sari: Sari, tmp_path) -> None:
    file = tmp_path / "p3mi.csv"
    file.write_text(REGISTRY, encoding="utf-8")
    read = registry_file.read_registry(file)
    async with sari.app.db.transaction() as session:
        seen = await recruiters.changes(session, read)
        await recruiters.publish(session, read, seen, data_date=date(2026, 1, 5), author="uji", now=datetime.now(UTC))
    (reply,) = await sari.commands("cek", "Melati Uji Sentosa")
    assert "izin PT Melati Uji Sentosa aktif" in reply.body
    assert words.NEEDS_ORDER in reply.body
    assert words.OLD_DATA.format(date="5 Januari 2026") in reply.body
    (reply,) = await sari.commands("cek", "PT Kenanga Tidak Terdaftar")
    assert words.BRIEFLY["not_found"] in reply.body


async def test_urgent_offer_shows_a_number_at_once_and_stays_short(sari: Sari) -> None:
    urgent = "PT Kenanga Uji Makmur Bersama Sentosa: umur 16 tahun boleh, KTP dituakan, kerja malaysia, bayar 3 juta, DP dulu"
    (reply,) = await sari.commands("cek", urgent)
    assert load_texts().frame["urgent"] in reply.body and sari.app.office().contact("kp2mi") in reply.body
    assert len(reply.body) <= words.FIRST_CHARACTERS
    (whole,) = await sari.presses(words.MORE)
    assert sari.app.office().contact("kemlu") in whole.body and "Kenanga" in whole.body


async def test_danger_in_the_same_message_comes_first(sari: Sari) -> None:
    first, *rest = await sari.commands("cek", f"tolong saya disekap di kamboja, hp disita. {ADVERT}")
    assert first.title == jobseeker.DANGER_TITLE
    assert any(load_texts().frame["danger"] in reply.body for reply in rest)
    assert (await case_of(sari)).urgency == "emergency"


# How often, and the report


async def test_everybody_hears_how_many_people_asked_about_the_same_offer(bare_app: App) -> None:
    first = Sari(bare_app)
    for _ in range(2):
        (reply,) = await first.commands("cek", OTHER)
        assert words.PEOPLE.format(count=1) not in reply.body and "orang bertanya" not in reply.body
    (reply,) = await Sari(bare_app).commands("cek", OTHER.replace("0857-5555-6666", "0899-7777-8888"))
    assert words.PEOPLE.format(count=2) in reply.body


async def test_one_tap_makes_a_report_with_the_offer_and_what_was_seen(sari: Sari) -> None:
    await sari.commands("cek", ADVERT)
    await sari.presses(words.REPORT)
    case = await case_of(sari)
    assert case.category == Category.PENIPUAN and case.country == "kamboja"
    assert ADVERT in case.narrative and "RF-01" in case.narrative and "+6281211112222" in case.narrative
    tapped = next(
        button.action for reply in sari.heard for row in reply.buttons for button in row if button.label == words.REPORT
    )
    (again,) = await sari.presses(tapped)
    assert again.body == words.ALREADY_REPORTED.format(number=case.number)
    events = await sari._rows(select(CaseEvent).where(CaseEvent.case_id == case.id))
    assert [event.kind for event in events] == ["opened"]


async def test_nobody_elses_offer_is_shown_or_reported(bare_app: App) -> None:
    sari, joko = Sari(bare_app), Sari(bare_app)
    (reply,) = await sari.commands("cek", ADVERT)
    for row in reply.buttons[:2]:
        (refused,) = await joko.presses(row[0].action)
        assert refused.body == jobseeker.STALE_BUTTON


async def test_text_is_forgotten_after_some_days_and_erased_on_request(sari: Sari) -> None:
    (reply,) = await sari.commands("cek", ADVERT)
    (shown,) = await sari.commands("datasaya")
    assert jobseeker.MY_DATA_OFFERS.format(count=1) in shown.body
    async with sari.app.db.transaction() as session:
        await offers.forget_texts(session, now=datetime.now(UTC) + timedelta(days=4))
    (stale,) = await sari.presses(reply.buttons[0][0].action)
    assert stale.body == jobseeker.STALE_BUTTON
    await sari.commands("hapusdata")
    await sari.presses(jobseeker.ERASE_YES)
    assert await sari._rows(select(OfferAsked).join(Chat).where(Chat.external_id == sari.chat.external_id)) == []


# Pictures


async def test_picture_with_its_content_is_read_at_once_and_goes_with_the_report(
    sari: Sari, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(monkeypatch, ADVERT)
    await sari.presses("menu:cek")
    (reply,) = await sari.says("", kind=Kind.PICTURE, media=PHOTO, content=b"poster")
    assert reply.body.startswith(load_texts().frame["danger"])
    await sari.presses(words.REPORT)
    (picture,) = await sari._rows(select(Attachment).join(Chat).where(Chat.external_id == sari.chat.external_id))
    assert picture.case_id == (await case_of(sari)).id


async def test_picture_sent_without_a_word_is_checked_by_its_button(
    sari: Sari, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(monkeypatch, ADVERT)
    await sari.says("", kind=Kind.PICTURE, media=PHOTO, content=b"poster")
    (reply,) = await sari.presses(words.CHECK_PICTURE)
    assert reply.body.startswith(load_texts().frame["danger"])


async def test_unreadable_picture_is_asked_for_in_words(sari: Sari, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, "")
    (reply,) = await sari.says("", kind=Kind.PICTURE, media=PHOTO, content=b"poster", is_forward=True)
    assert reply.body == words.UNREADABLE
    (reply,) = await sari.says("kerja ke kamboja pakai visa wisata dulu")
    assert reply.body.startswith(load_texts().frame["danger"])


async def test_words_under_a_picture_nobody_can_read_do_not_make_it_harmless(
    sari: Sari, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(monkeypatch, "")
    sends = partial(sari.says, kind=Kind.PICTURE, media=PHOTO, content=b"poster")
    (reply,) = await sends("/cek tolong cek loker ini")
    assert reply.body == words.UNREADABLE
    (reply,) = await sends(f"/cek {ADVERT}")
    assert reply.body.startswith(load_texts().frame["danger"]) and words.SOME_UNREADABLE.format(count=1) in reply.body


async def test_pdf_is_asked_for_as_a_picture_though_its_content_comes_later(sari: Sari) -> None:
    document = Media(Kind.DOCUMENT, file_id="f", mime_type="application/pdf", name="loker.pdf")
    await sari.says("/cek", kind=Kind.DOCUMENT, media=document)
    (row,) = await sari._rows(select(Attachment).join(Chat).where(Chat.external_id == sari.chat.external_id))
    async with sari.app.db.transaction() as session:
        await attachments.store(session, row.id, b"%PDF-1.7", now=datetime.now(UTC))
    assert await offer.answer_waiting(sari.app)
    (reply,) = await sari.hears()
    assert reply.body == words.PDF


@pytest.mark.parametrize("said", ["A", "\u200bA\u200d", "é"])
async def test_name_of_one_letter_is_asked_for_whole(sari: Sari, said: str) -> None:
    (reply,) = await sari.commands("cek", said)
    assert reply.body == words.NAME_TOO_SHORT


async def test_invisible_letters_are_neither_a_name_nor_shown(sari: Sari) -> None:
    (reply,) = await sari.commands("cek", "\u200b\u2060")
    assert reply.body == jobseeker.CHECK_OFFER
    (reply,) = await sari.commands("cek", "\u202eSumber Uji\u200b Jaya")
    assert "Sumber Uji Jaya:" in reply.body and "\u202e" not in reply.body


async def test_picture_still_at_the_channel_is_answered_once_when_it_is_here(
    sari: Sari, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(monkeypatch, ADVERT)
    (reply,) = await sari.says("", kind=Kind.PICTURE, media=PHOTO, is_forward=True)
    assert reply.body == words.READING
    assert not await offer.answer_waiting(sari.app)
    (row,) = await sari._rows(select(Attachment).join(Chat).where(Chat.external_id == sari.chat.external_id))
    async with sari.app.db.transaction() as session:
        await attachments.store(session, row.id, b"poster", now=datetime.now(UTC))
    assert await offer.answer_waiting(sari.app)
    (reply,) = await sari.hears()
    assert reply.body.startswith(load_texts().frame["danger"])
    assert not await offer.answer_waiting(sari.app)


async def test_pictures_of_one_person_hold_up_nobody_else(bare_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, ADVERT)
    crowd, sari = Sari(bare_app), Sari(bare_app)
    for one in (crowd, crowd, crowd, sari):
        assert await one.says("", kind=Kind.PICTURE, media=PHOTO, is_forward=True)
    async with bare_app.db.transaction() as session:
        for number in (await session.scalars(select(Attachment.id))).all():
            await attachments.store(session, number, b"poster", now=datetime.now(UTC))
    assert await offer.answer_waiting(bare_app)
    assert await sari.hears()
    for _ in range(3):
        assert await offer.answer_waiting(bare_app)
    assert len(await crowd.hears()) == 3


async def test_every_picture_of_an_album_is_read_and_the_album_answered_once(
    sari: Sari, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {
        b"first": "Lowongan kerja ke Kamboja, gaji 15 juta",
        b"second": "berangkat pakai visa wisata dulu, DP 2 juta",
    }

    async def text_of(data: bytes) -> str:
        return shown[data]

    monkeypatch.setattr(pictures, "text_of", text_of)
    album = {"kind": Kind.PICTURE, "media": PHOTO, "album_id": "a2"}
    (reply,) = await sari.says("/cek", **album)
    assert reply.body == words.READING
    assert await sari.says("", **album) == []
    rows = await sari._rows(select(Attachment).join(Chat).where(Chat.external_id == sari.chat.external_id))
    async with sari.app.db.transaction() as session:
        await attachments.store(session, rows[0].id, b"first", now=datetime.now(UTC))
        await session.execute(update(OfferAsked).values(asked_at=OfferAsked.asked_at - timedelta(seconds=5)))
    assert not await offer.answer_waiting(sari.app)
    async with sari.app.db.transaction() as session:
        await attachments.store(session, rows[1].id, b"second", now=datetime.now(UTC))
    assert await offer.answer_waiting(sari.app)
    (reply,) = await sari.hears()
    assert reply.body.startswith(load_texts().frame["danger"])
    assert not await offer.answer_waiting(sari.app)
    await sari.presses(words.REPORT)
    narrative = (await case_of(sari)).narrative
    assert all(text in narrative for text in shown.values())


def poster(*lines: str, width: int = 900, quality: int = 90) -> bytes:
    picture = Image.new("RGB", (900, 420), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(34)
    for number, line in enumerate(lines):
        draw.text((40, 40 + 85 * number), line, fill="black", font=font)
    data = io.BytesIO()
    picture.resize((width, 420 * width // 900)).save(data, "JPEG", quality=quality)
    return data.getvalue()


async def test_tenth_person_hears_that_ten_asked_though_the_picture_got_worse_on_its_way(
    bare_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ("LOWONGAN KERJA KE MYANMAR", "Operator 20 juta", "Berangkat pakai visa wisata dulu", "DP 4 juta")
    other = ("DIBUTUHKAN PERAWAT KE TAIWAN", "Gaji 9 juta", "Masuk pakai visa turis", "Hubungi kami")

    async def asks(content: bytes, read: str) -> str:
        reads(monkeypatch, read)
        (reply,) = await Sari(bare_app).says("", kind=Kind.PICTURE, media=PHOTO, content=content, is_forward=True)
        return reply.body

    for number in range(9):
        # Nine read it well; the tenth got a small, blurred copy of which little is read.
        await asks(poster(*first, quality=90 - 5 * number), " ".join(first))
    tenth = await asks(poster(*first, width=450, quality=40), "L0W0 MYA op rat")
    assert "10 orang bertanya" in tenth and tenth.startswith(words.CLEARER)
    assert "orang bertanya" not in await asks(poster(*other), " ".join(other))


async def test_picture_that_never_comes_is_asked_for_in_words(sari: Sari) -> None:
    await sari.says("", kind=Kind.PICTURE, media=PHOTO, is_forward=True)
    (row,) = await sari._rows(select(Attachment).join(Chat).where(Chat.external_id == sari.chat.external_id))
    async with sari.app.db.transaction() as session:
        await attachments.give_up(session, row.id, "gone")
    assert await offer.answer_waiting(sari.app)
    (reply,) = await sari.hears()
    assert reply.body == words.UNREADABLE


# Groups


async def test_group_is_warned_only_when_an_officer_wants_it_and_once_a_day(bare_app: App) -> None:
    now = datetime.now(UTC)
    async with bare_app.db.transaction() as session:
        await officers.add(session, BUDI, "Budi", Role.OFFICER, now=now)
    bare_app.telegram_name = "silvi_uji_bot"
    group = ChatRef(Channel.TELEGRAM, "-900", is_group=True)
    joko, budi = Sari(bare_app, group, sender=str(JOKO)), Sari(bare_app, group, sender=str(BUDI))
    assert await joko.says(ADVERT, is_addressed=False) == []
    (refused,) = await joko.commands("siaga", "on")
    assert refused.body == jobseeker.UNKNOWN_COMMAND
    (told,) = await budi.commands("siaga", "on")
    assert told.body == words.WARNINGS_ON

    (warned,) = await joko.says(ADVERT, is_addressed=False)
    assert len(warned.body.splitlines()) == 2 and "https://t.me/silvi_uji_bot?start=cek" in warned.body
    assert await joko.says(NEAR, is_addressed=False) == []
    assert (
        await joko.says("besok kita rapat jam sembilan di balai desa ya, jangan lupa bawa data", is_addressed=False)
        == []
    )
    async with bare_app.db.transaction() as session:
        warning = OfferAsked.person_id.is_(None)
        await session.execute(update(OfferAsked).where(warning).values(asked_at=now - timedelta(days=1, minutes=1)))
    assert len(await joko.says(NEAR, is_addressed=False)) == 1
    await budi.commands("siaga", "off")
    assert await joko.says(OTHER, is_addressed=False) == []


async def test_what_was_said_in_a_group_is_reported_in_private(bare_app: App) -> None:
    group = Sari(bare_app, ChatRef(Channel.TELEGRAM, "-901", is_group=True), sender="703")
    (reply,) = await group.commands("cek", ADVERT)
    assert labels(reply) == [words.MORE]
    action = reply.buttons[0][0].action.replace("lengkap", "lapor")
    (refused,) = await group.presses(action)
    assert refused.body == jobseeker.IN_GROUP_PRIVATE
    assert await case_of(group) is None


async def test_only_hashes_of_an_offer_are_kept_for_good(sari: Sari) -> None:
    await sari.commands("cek", ADVERT)
    for seen in await sari._rows(select(OfferSeen)):
        assert seen.sketch and all(isinstance(number, int) for number in seen.sketch)


# What was only guessed


class Guesses:
    """A learnt model that sees one flag in everything, and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def is_certain(self, reading):
        return False

    def opinion(self, reading, seen, grave, may_be):
        self.shown.append(reading.original)
        guess = Guess("RF-16", (0, len(reading.original)), is_sure=True)
        return Opinion(doubted=frozenset(), guesses=() if "RF-16" in seen else (guess,))


async def test_what_only_the_learnt_part_saw_is_called_a_guess(sari: Sari) -> None:
    sari.app.knowledge.flags = Guesses()
    (reply,) = await sari.commands("cek", "kerja pabrik ke taiwan, gaji sesuai kontrak")
    assert f"{load_texts().flags['RF-16'].noticed}" in reply.body and words.GUESSED.strip() in reply.body
    await sari.presses(words.REPORT)
    assert f"RF-16{words.BY_LEARNED}" in (await case_of(sari)).narrative


@pytest.mark.parametrize("said", ["berapa biaya kerja ke taiwan", "halo kak", "gaji saya belum dibayar tiga bulan"])
async def test_what_is_plainly_no_advert_is_not_shown_to_the_learnt_part(sari: Sari, said: str) -> None:
    sari.app.knowledge.flags = Guesses()
    await sari.says(said)
    assert sari.app.knowledge.flags.shown == []
    await sari.says(ADVERT)
    assert sari.app.knowledge.flags.shown == [ADVERT]


async def test_forwarded_album_is_answered_once(sari: Sari, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, ADVERT)
    album = {"kind": Kind.PICTURE, "media": PHOTO, "content": b"poster", "is_forward": True, "album_id": "a1"}
    assert len(await sari.says("", **album)) == 1
    assert await sari.says("", **album) == []
    assert len(await sari._rows(select(Attachment).join(Chat).where(Chat.external_id == sari.chat.external_id))) == 2
