"""What people send besides words is kept with their case, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.app import App
from bot.domain.messages import Channel, ChatRef, Kind, Media, Reply
from bot.services import attachments
from bot.storage.tables import Attachment, AttachmentContent, Case, Chat
from bot.texts import complaint as words
from bot.texts import jobseeker
from tests.fakes import Sari

PICTURE = {"kind": Kind.PICTURE, "media": Media(Kind.PICTURE, name="slip.jpg", mime_type="image/jpeg")}
CONTENT = b"slip gaji"


@pytest.fixture
def sari(bare_app: App) -> Sari:
    return Sari(bare_app)


async def kept(sari: Sari) -> list[Attachment]:
    return await sari._rows(select(Attachment).join(Chat).where(Chat.external_id == sari.chat.external_id))


async def contents(sari: Sari) -> list[bytes]:
    ids = [row.id for row in await kept(sari)]
    rows = await sari._rows(select(AttachmentContent).where(AttachmentContent.id.in_(ids)))
    return [row.content for row in rows]


async def opens_case(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await sari.says("majikan belum bayar dua bulan")
    while not await own_case(sari):
        await sari.presses(words.SKIP)


async def own_case(sari: Sari) -> Case | None:
    rows = await sari._rows(
        select(Case).join(Chat, Chat.id == Case.chat_id).where(Chat.external_id == sari.chat.external_id)
    )
    return rows[0] if rows else None


async def test_content_that_came_with_the_message_is_kept_at_once(sari: Sari) -> None:
    await opens_case(sari)
    (reply,) = await sari.says("", **PICTURE, content=CONTENT)
    case = await own_case(sari)
    assert reply.body == words.MEDIA_ADDED.format(number=case.number)
    (row,) = await kept(sari)
    assert (row.case_id, row.size_bytes, row.fetch_at) == (case.id, len(CONTENT), None)
    assert row.sha256 and row.stored_at
    assert await contents(sari) == [CONTENT]


async def test_picture_sent_before_the_report_belongs_to_it(sari: Sari) -> None:
    await sari.says("", **PICTURE, content=CONTENT)
    await opens_case(sari)
    assert [row.case_id for row in await kept(sari)] == [(await own_case(sari)).id]


async def test_words_under_a_picture_answer_the_step(sari: Sari) -> None:
    await sari.commands("lapor")
    await sari.presses(words.CATEGORIES["gaji"])
    (asked,) = await sari.says("di kuching", **PICTURE)
    assert asked.body == words.ASK_STORY
    assert len(await kept(sari)) == 1


async def test_picture_after_the_end_comes_along_when_the_report_is_opened_again(sari: Sari) -> None:
    await opens_case(sari)
    case = await own_case(sari)
    await sari.presses(f"kasus:tarik_ya:{case.id}")
    await sari.says("", **PICTURE)
    assert [row.case_id for row in await kept(sari)] == [None]
    await sari.presses(f"kasus:belum:{case.id}")
    assert [row.case_id for row in await kept(sari)] == [case.id]


async def test_picture_in_a_group_is_not_kept(bare_app: App) -> None:
    group = Sari(bare_app, ChatRef(Channel.TELEGRAM, "-501", is_group=True), sender="1001")
    (reply,) = await group.says("", **PICTURE)
    assert reply.body == jobseeker.IN_GROUP_PRIVATE
    assert await kept(group) == []


async def test_so_many_a_day_are_kept_and_no_more(sari: Sari, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "PER_DAY", 2)
    for _ in range(2):
        await sari.says("", **PICTURE)
    (reply,) = await sari.says("", **PICTURE)
    assert reply.body == words.TOO_MANY_MEDIA
    assert len(await kept(sari)) == 2


async def test_what_no_report_came_for_is_forgotten_after_some_days(sari: Sari) -> None:
    await sari.says("", **PICTURE, content=CONTENT)
    for days, left in ((2, 1), (4, 0)):
        async with sari.app.db.transaction() as session:
            await attachments.forget_left_over(session, now=datetime.now(UTC) + timedelta(days=days))
        assert len(await kept(sari)) == len(await contents(sari)) == left


async def test_own_data_name_what_was_sent_and_erasing_takes_it_away(sari: Sari) -> None:
    await sari.says("", **PICTURE, content=CONTENT)
    (shown,) = await sari.commands("datasaya")
    assert jobseeker.MY_DATA_LOOSE.format(count=1) in shown.body
    await opens_case(sari)
    case = await own_case(sari)
    await sari.presses(f"kasus:tarik_ya:{case.id}")
    await sari.says("", **PICTURE, content=b"lain")
    (shown,) = await sari.commands("datasaya")
    assert jobseeker.MY_DATA_LOOSE.format(count=1) in shown.body
    assert jobseeker.MY_DATA_IN_REPORT.format(count=1, number=case.number) in shown.body
    await sari.commands("hapusdata")
    await sari.presses(jobseeker.ERASE_YES)
    # The report was taken back: its files go too, as those of no report.
    assert await kept(sari) == await contents(sari) == []


async def test_letter_of_silvi_is_kept_with_the_case(sari: Sari) -> None:
    await opens_case(sari)
    case, now = await own_case(sari), datetime.now(UTC)
    async with sari.app.db.transaction() as session:
        letter = await attachments.keep(
            session,
            await session.get_one(Case, case.id),
            officer=None,
            kind=Kind.DOCUMENT,
            name="surat.pdf",
            mime_type="application/pdf",
            content=b"%PDF-",
            now=now,
        )
    media = attachments.media_of(letter)
    assert (media.kind, media.name, media.attachment_id) == (Kind.DOCUMENT, "surat.pdf", letter.id)
    assert Reply.from_json(Reply("", media=media).to_json()).media == media
    assert await contents(sari) == [b"%PDF-"]
