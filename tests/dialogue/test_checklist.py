"""/berkas: from country and job to a list of one's own that is kept, ticked, printed, remembered and erased."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from PIL import Image
from sqlalchemy import select

from bot.app import App
from bot.domain.messages import Channel, ChatRef, Kind, Reply
from bot.services import attachments, checklist_sheet, checklists, conversation
from bot.storage.tables import Attachment, Chat, Checklist, Priority
from bot.texts import checklist as words
from bot.texts import jobseeker
from bot.texts.formats import read_day
from tests.fakes import Sari

ZONE = ZoneInfo("Asia/Pontianak")
WISH = "aku mau ke taiwan jadi perawat lansia"


@pytest.fixture
def sari(bare_app: App) -> Sari:
    """With neither search nor NLU, which no list needs."""
    bare_app.nlu.is_away = True
    return Sari(bare_app)


def labels(reply: Reply) -> list[str]:
    return [button.label for row in reply.buttons for button in row]


def step_buttons(reply: Reply) -> list[str]:
    return [label for label in labels(reply) if label[0] in (words.DONE, words.OPEN)]


async def listed(sari: Sari) -> Checklist | None:
    async with sari.app.db.transaction() as session:
        found = select(Checklist).join(Chat).where(Chat.external_id == sari.chat.external_id)
        return (await session.execute(found)).scalar_one_or_none()


async def begun(sari: Sari) -> Reply:
    await sari.commands("berkas")
    (page,) = await sari.says(WISH)
    return page


# Destination and job


async def test_two_taps_make_the_list_and_every_button_fits_telegram(sari: Sari) -> None:
    (country,) = await sari.commands("berkas")
    (job,) = await sari.presses("Sarawak")
    (page,) = await sari.presses("Rumah tangga")
    assert page.title == "Sarawak, rumah tangga"
    assert page.body.startswith("0 dari ") and "Berikutnya: nomor 1." in page.body
    assert "Terakhir diperiksa: " in page.footer
    actions = [button.action for reply in (country, job, page) for row in reply.buttons for button in row]
    assert all(len(action.encode()) <= 64 for action in actions)


async def test_one_sentence_after_the_command_says_both(sari: Sari) -> None:
    assert (await begun(sari)).title == "Taiwan, perawat lansia"


async def test_sentence_behind_the_command_itself_says_both(sari: Sari) -> None:
    (page,) = await sari.commands("berkas", "taiwan pabrik")
    assert page.title == "Taiwan, pabrik"


async def test_what_was_said_first_is_not_asked_again(sari: Sari) -> None:
    await sari.commands("berkas")
    (country,) = await sari.says("jadi perawat")
    assert country.body == words.ASK_COUNTRY
    (page,) = await sari.says("ke jerman")
    assert page.title == "Jerman, perawat"


async def test_question_asked_meanwhile_is_answered_as_one_and_the_choice_goes_on(app: App) -> None:
    sari = Sari(app)
    await sari.commands("berkas")
    (answer,) = await sari.says("berapa gaji di taiwan")
    assert answer.body != words.ASK_JOB.format(country="Taiwan") and await listed(sari) is None
    (page,) = await sari.says(WISH)
    assert page.title == "Taiwan, perawat lansia"


async def test_answer_that_is_neither_country_nor_job_is_asked_for_again(sari: Sari) -> None:
    await sari.commands("berkas")
    (again,) = await sari.says("negeri dongeng")
    assert again.body == words.NOT_KNOWN and "Taiwan" in labels(again)


async def test_country_without_a_button_can_be_written(sari: Sari) -> None:
    await sari.commands("berkas")
    await sari.presses(words.OTHER_COUNTRY)
    await sari.says("polandia")
    (page,) = await sari.presses("Pabrik")
    assert page.title == "Polandia, pabrik"


@pytest.mark.parametrize(
    ("wish", "warning"),
    [
        ("kamboja, kerja restoran", "Jangan berangkat dulu"),
        ("pembantu di arab saudi", "tertutup"),
        ("awak kapal ke taiwan", "Awak kapal"),
    ],
)
async def test_closed_way_gets_a_warning_instead_of_a_list(sari: Sari, wish: str, warning: str) -> None:
    (reply,) = await sari.commands("berkas", wish)
    assert warning in reply.body
    assert jobseeker.OFFICER.label in labels(reply) and await listed(sari) is None


async def test_danger_comes_first_even_while_the_list_asks(sari: Sari) -> None:
    await sari.commands("berkas")
    (reply, *_) = await sari.says("saya dikurung majikan di taiwan, hp disita, tolong")
    assert reply.is_urgent or jobseeker.DANGER_TITLE in reply.title
    assert await listed(sari) is None


async def test_group_is_told_to_write_in_private(bare_app: App) -> None:
    sari = Sari(bare_app, ChatRef(Channel.TELEGRAM, "-100777", is_group=True), sender="4711")
    (reply,) = await sari.commands("berkas", "taiwan pabrik")
    assert reply.body == jobseeker.IN_GROUP_PRIVATE


# Ticks


async def test_tap_ticks_in_the_same_message_and_the_next_step_moves_on(sari: Sari) -> None:
    page = await begun(sari)
    first = page.buttons[0][0].action
    (ticked,) = await sari.says("", kind=Kind.BUTTON, button=first, callback_id="cb", message_id=77)
    assert (ticked.edits_message_id, ticked.callback_id) == (77, "cb")
    assert step_buttons(ticked)[0].startswith(words.DONE) and "Berikutnya: nomor 2." in ticked.body
    (unticked,) = await sari.presses(step_buttons(ticked)[0])
    assert unticked.body.startswith("0 dari ")


async def test_second_tap_on_the_same_button_does_not_take_the_tick_away(sari: Sari) -> None:
    first = (await begun(sari)).buttons[0][0].action
    await sari.presses(first)
    (again,) = await sari.presses(first)
    assert again.body.startswith("1 dari ")


async def test_tick_during_a_report_leaves_its_question_open(sari: Sari) -> None:
    first = (await begun(sari)).buttons[0][0].action
    await sari.commands("lapor")
    awaiting = (await sari.row()).memory["awaiting"]
    await sari.presses(first)
    assert awaiting and (await sari.row()).memory["awaiting"] == awaiting


async def test_list_for_a_way_that_was_closed_since_shows_the_warning(sari: Sari) -> None:
    await begun(sari)
    async with sari.app.db.transaction() as session:
        (await session.get_one(Checklist, (await listed(sari)).id)).country = "kamboja"
    (reply,) = await sari.commands("berkas")
    assert "Jangan berangkat dulu" in reply.body and not step_buttons(reply)


async def test_ticks_are_still_there_when_the_list_is_opened_days_later(sari: Sari) -> None:
    await sari.presses((await begun(sari)).buttons[0][0].action)
    (page,) = await sari.commands("berkas")
    assert page.title == "Taiwan, perawat lansia" and page.body.startswith("1 dari ")


async def test_all_pages_together_show_each_step_once_and_the_last_tick_says_so(sari: Sari) -> None:
    page, seen = await begun(sari), []
    while True:
        seen += step_buttons(page)
        for row in page.buttons:
            if row and row[0].label in step_buttons(page):
                (ticked,) = await sari.presses(row[0].action)
        onward = [button.action for row in page.buttons for button in row if button.label.endswith("»")]
        if not onward:
            break
        (page,) = await sari.presses(onward[0])
        assert len(step_buttons(page)) <= 10
    assert len(seen) == len(set(seen)) == len(checklists.progress(await listed(sari)).steps)
    assert words.ALL_DONE in ticked.body


async def test_sources_stand_behind_each_step(sari: Sari) -> None:
    await begun(sari)
    (told,) = await sari.presses(words.SOURCES)
    assert "1. Tanya cara resmi: " in told.body and "Terakhir diperiksa" in told.footer


# Another destination


async def test_changing_the_destination_asks_before_ticks_are_thrown_away(sari: Sari) -> None:
    await sari.presses((await begun(sari)).buttons[0][0].action)
    (asked,) = await sari.commands("berkas", "hong kong rumah tangga")
    assert "1 centang" in asked.body
    (kept,) = await sari.presses(words.REPLACE_NO)
    assert kept.title == "Taiwan, perawat lansia" and kept.body.startswith("1 dari ")
    await sari.commands("berkas", "hong kong rumah tangga")
    (new,) = await sari.presses(words.REPLACE_YES)
    assert new.title == "Hong Kong, rumah tangga" and new.body.startswith("0 dari ")


async def test_button_of_the_old_list_ticks_nothing_in_the_new_one(sari: Sari) -> None:
    old = (await begun(sari)).buttons[0][0].action
    await sari.commands("berkas", "hong kong rumah tangga")
    (reply,) = await sari.presses(old)
    assert words.GONE in reply.body and reply.title == "Hong Kong, rumah tangga"
    assert (await listed(sari)).done == []


@pytest.mark.parametrize(
    "forged",
    ["berkas:ya:1:paspor", "berkas:ya:x:y", "berkas:pilih:atlantis:", "berkas:hal:1:entah", "berkas:", "berkas:zzz:1"],
)
async def test_forged_or_old_button_shows_where_one_is(sari: Sari, forged: str) -> None:
    (reply,) = await sari.presses(forged)
    assert reply.body == words.ASK_COUNTRY
    await begun(sari)
    (page,) = await sari.presses(forged)
    assert page.title in ("Taiwan, perawat lansia", words.SOURCES) and (await listed(sari)).done == []


async def test_list_of_another_person_is_out_of_reach(sari: Sari) -> None:
    action = (await begun(sari)).buttons[0][0].action
    joko = Sari(sari.app)
    (reply,) = await joko.presses(action)
    assert reply.body == words.ASK_COUNTRY
    assert (await listed(sari)).done == []


# To take along


async def test_sheet_is_a_pdf_that_only_this_chat_can_fetch_and_no_report_takes_over(sari: Sari) -> None:
    await begun(sari)
    (handed,) = await sari.presses(words.SHEET)
    assert (handed.media.name, handed.media.mime_type) == ("daftar-taiwan-lansia.pdf", "application/pdf")
    message, joko = (await sari.outbox())[-1], Sari(sari.app)
    async with sari.app.db.transaction() as session:
        content = await attachments.content_of(session, handed.media.attachment_id)
        assert await conversation.media_told(session, sari.chat, message.id) == handed.media
        assert await conversation.media_told(session, joko.chat, message.id) is None
    assert content.startswith(b"%PDF-")
    await sari.commands("petugas")
    async with sari.app.db.transaction() as session:
        row = await session.get_one(Attachment, handed.media.attachment_id)
        assert row.case_id is None


async def test_no_row_is_locked_while_the_sheet_is_drawn(sari: Sari, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf, drawn = checklist_sheet.pdf, []

    def draws(sheet: words.Sheet) -> bytes:
        with psycopg.connect(sari.app.db.psycopg_dsn()) as other:
            other.execute("select 1 from chats for update nowait")
        drawn.append(sheet)
        return pdf(sheet)

    await begun(sari)
    monkeypatch.setattr(checklist_sheet, "pdf", draws)
    (handed,) = await sari.presses(words.SHEET)
    assert handed.media and len(drawn) == 1


async def test_picture_shows_the_list_on_a_phone_without_anything_of_her(sari: Sari) -> None:
    await begun(sari)
    (handed,) = await sari.presses(words.PICTURE)
    assert (handed.media.kind, handed.media.name) == (Kind.PICTURE, "daftar-taiwan-lansia.png")
    async with sari.app.db.transaction() as session:
        content = await attachments.content_of(session, handed.media.attachment_id)
    width, height = Image.open(io.BytesIO(content)).size
    assert 1000 < width < height < 2 * width and len(content) < 1_000_000, (
        "what is higher, Telegram makes too small to read"
    )


async def test_sheet_is_not_made_again_and_again_for_ever(sari: Sari, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "HANDOUTS_PER_DAY", 1)
    await begun(sari)
    action = next(b.action for row in sari.heard[-1].buttons for b in row if b.label == words.SHEET)
    await sari.presses(action)
    (refused,) = await sari.presses(action)
    assert refused.body == words.HANDED_OUT_OFTEN and refused.media is None


async def test_sheet_holds_steps_papers_and_ticks_and_nothing_of_the_person(sari: Sari) -> None:
    await sari.presses((await begun(sari)).buttons[0][0].action)
    mine = await listed(sari)
    sheet = words.sheet(mine, checklists.progress(mine), sari.app.office())
    lines = [line for _, lines in sheet.sections for line in lines]
    assert [line.box for line in lines].count(words.CHECKED) == 1
    assert any(line.text == "Surat izin keluarga" for line in lines)
    assert sari.chat.external_id not in repr(sheet)


# Reminders


async def test_reminder_is_chosen_weekly_or_for_a_day_and_stopped_with_one_tap(sari: Sari) -> None:
    await begun(sari)
    assert (await listed(sari)).remind_at is None
    await sari.presses(words.REMIND)
    (page,) = await sari.presses(words.WEEKLY)
    assert "Pengingat: tiap " in page.footer
    assert (await listed(sari)).is_weekly
    await sari.presses(words.REMIND)
    await sari.presses(words.WRITE_DAY)
    day = datetime.now(ZONE).date() + timedelta(days=40)
    (page,) = await sari.says(f"{day:%d-%m-%Y}")
    assert "Pengingat: " in page.footer
    mine = await listed(sari)
    assert mine.remind_at.astimezone(ZONE).date() == day and not mine.is_weekly
    await sari.presses(words.REMIND)
    (stopped,) = await sari.presses(words.OFF)
    assert stopped.body == words.STOPPED and (await listed(sari)).remind_at is None


@pytest.mark.parametrize("written", ["01-01-2020", "99-99-2027", "12-12-2099"])
async def test_day_that_cannot_be_is_asked_for_again(sari: Sari, written: str) -> None:
    await begun(sari)
    await sari.presses(words.REMIND)
    await sari.presses(words.WRITE_DAY)
    (again,) = await sari.says(written)
    assert again.body == words.BAD_DAY and (await listed(sari)).remind_at is None
    (page,) = await sari.says(f"{datetime.now(ZONE).date() + timedelta(days=2):%d/%m/%Y}")
    assert "Pengingat: " in page.footer and (await listed(sari)).remind_at


async def test_reminder_that_is_due_tells_the_next_step_once_and_waits_a_week(sari: Sari) -> None:
    await begun(sari)
    await sari.presses(words.REMIND)
    await sari.presses(words.WEEKLY)
    due_at = (await listed(sari)).remind_at
    assert await remind(sari, due_at - timedelta(minutes=1)) == 0
    assert await remind(sari, due_at) == 1
    assert await remind(sari, due_at) == 0
    waiting = [row for row in await sari.outbox() if row.due_at == due_at]
    assert [row.priority for row in waiting] == [Priority.NOTICE]
    told = Reply.from_json(waiting[0].reply)
    assert told.title == words.REMINDER_TITLE and "Berikutnya: 1." in told.body
    assert (await listed(sari)).remind_at == due_at + timedelta(days=7)
    (stop,) = (button.action for row in told.buttons for button in row if button.label == words.STOP)
    await sari.presses(stop)
    assert await remind(sari, due_at + timedelta(days=8)) == 0


async def test_reminder_late_at_night_waits_for_the_morning(sari: Sari) -> None:
    await begun(sari)
    await sari.presses(words.REMIND)
    await sari.presses(words.WEEKLY)
    day = (await listed(sari)).remind_at.astimezone(ZONE).date()
    assert await remind(sari, datetime(day.year, day.month, day.day, 22, tzinfo=ZONE)) == 0
    assert await remind(sari, datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)) == 1


async def test_who_cannot_be_reached_or_has_done_all_is_not_reminded(sari: Sari) -> None:
    await begun(sari)
    await sari.presses(words.REMIND)
    await sari.presses(words.WEEKLY)
    due_at = (await listed(sari)).remind_at
    async with sari.app.db.transaction() as session:
        chat = (await session.execute(select(Chat).where(Chat.external_id == sari.chat.external_id))).scalar_one()
        chat.unreachable_at = due_at
    assert await remind(sari, due_at) == 0
    async with sari.app.db.transaction() as session:
        mine = await session.get_one(Checklist, (await listed(sari)).id)
        mine.done = [step.id for step in checklists.progress(mine).steps]
        chat = await session.get_one(Chat, mine.chat_id)
        chat.unreachable_at = None
    assert await remind(sari, due_at + timedelta(days=7)) == 0
    assert (await listed(sari)).remind_at is None


async def remind(sari: Sari, now: datetime) -> int:
    """What the worker does every hour, at this moment, for this list alone."""
    async with sari.app.db.transaction() as session:
        others = select(Checklist).join(Chat).where(Chat.external_id != sari.chat.external_id)
        for other in (await session.execute(others)).scalars():
            other.remind_at = None
        return await checklists.remind(session, zone=ZONE, now=now.astimezone(UTC))


# Elsewhere in Silvi


async def test_answer_about_the_steps_leads_to_the_list(app: App) -> None:
    sari = Sari(app)
    for entry_id in ("alur-resmi", "dokumen-wajib"):
        (answer,) = await sari.presses(f"topik:{entry_id}")
        assert jobseeker.MAKE_LIST.label in labels(answer)
    await sari.says("syarat kerja ke taiwan apa saja")
    (job,) = await sari.presses("berkas:mulai")
    assert job.body == words.ASK_JOB.format(country="Taiwan")


async def test_own_data_show_the_list_and_erasing_takes_it_away(sari: Sari) -> None:
    await begun(sari)
    await sari.presses(words.SHEET)
    (shown,) = await sari.commands("datasaya")
    assert "Taiwan, perawat lansia" in shown.body and "gambar" not in shown.body
    await sari.commands("hapusdata")
    await sari.presses(jobseeker.ERASE_YES)
    assert await listed(sari) is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("15-12-2026", date(2026, 12, 15)),
        ("tanggal 15 desember ya", date(2026, 12, 15)),
        ("5/1", date(2027, 1, 5)),
        ("2 Agustus 2027", date(2027, 8, 2)),
    ],
)
def test_day_is_read_as_people_write_it(written: str, day: date) -> None:
    assert read_day(written, date(2026, 11, 24)) == day
