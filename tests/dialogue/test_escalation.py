"""Danger and the wish for a human bring an officer at once, and Silvi keeps silent while one has the case."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from bot.app import App
from bot.domain.cases import CaseState, CaseUrgency, find_case_number
from bot.domain.messages import Channel, ChatRef, Kind, Media
from bot.nlu_client import Category, Intent
from bot.storage.tables import Case, Chat
from bot.texts import complaint as words
from bot.texts import danger, jobseeker
from bot.texts import officer as officer_words
from knowledge.danger import Danger, Sign
from knowledge.office import load_office
from knowledge.urgency import Urgency
from tests.dialogue.reports import (
    CAPTIVE,
    claimed_by_budi,
    days_pass,
    details,
    messages,
    own_cases,
    solved_case,
)
from tests.fakes import FakeNlu, Sari


@pytest.fixture
def sari(bare_app: App) -> Sari:
    """Sari, whom Silvi answers without an index: what is said of cases needs none."""
    return Sari(bare_app)


# Danger


async def test_danger_opens_a_case_at_once_with_its_number_in_the_first_reply(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    first, *_ = await sari.says(CAPTIVE)
    (case,) = await own_cases(sari)
    assert jobseeker.HOTLINES in first.body and find_case_number(first.body) == case.number
    assert (case.urgency, case.category) == (CaseUrgency.EMERGENCY, "disekap")
    assert case.due_at - case.opened_at == timedelta(minutes=15)
    assert first.footer == words.PRIVACY_AFTER


async def test_danger_lane_asks_only_for_what_was_not_told(sari: Sari) -> None:
    asked = {
        "saya dikurung majikan": jobseeker.TELL_WHERE,
        "saya dikurung majikan di sarawak": jobseeker.TELL_TOWN,
        "saya dikurung majikan di kuching": jobseeker.TELL_ADDRESS,
    }
    for said, where in asked.items():
        (reply, *_) = await Sari(sari.app).says(said)
        assert jobseeker.TELL_MORE.format(where=where) in reply.body


async def test_what_is_told_next_is_added_to_the_emergency(sari: Sari) -> None:
    await sari.says(CAPTIVE)
    (reply,) = await sari.says("saya di kuching rumah nomor 5")
    (case,) = await own_cases(sari)
    assert reply.body == words.ADDED.format(number=case.number)
    assert case.country == "sarawak"


async def test_bare_cry_for_help_is_danger(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    first, *_ = await sari.says("TOLONG")
    assert jobseeker.HOTLINES in first.body and len(await own_cases(sari)) == 1


async def test_suicidal_words_meet_a_warm_answer_numbers_and_a_human(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    first, *_ = await sari.says("rasanya saya ingin mati saja")
    (case,) = await own_cases(sari)
    assert first.title == jobseeker.DANGER_TITLE_SUICIDE and find_case_number(first.body) == case.number
    health = sari.app.office().contact("health")
    assert "belum diisi" in health and first.body.index(health) > first.body.index(sari.app.office().contact("kemlu"))


async def test_who_cannot_be_called_is_told_to_write_and_the_officers_know(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    first, *_ = await sari.says("jangan telpon saya, majikan denger")
    assert jobseeker.CANNOT_TALK in first.body
    assert officer_words.DO_NOT_CALL in await details(sari)


@pytest.mark.parametrize(
    "how",
    [
        {"kind": Kind.PICTURE},
        {"is_edit": True},
        {"is_forward": True},
        {"kind": Kind.COMMAND, "command": "status"},
        {"kind": Kind.COMMAND, "command": "lapor"},
    ],
)
async def test_danger_is_seen_however_it_comes(sari: Sari, nlu: FakeNlu, how: dict) -> None:
    nlu.is_away = True
    first, *_ = await sari.says(CAPTIVE, **how)
    (case,) = await own_cases(sari)
    assert first.body.index(jobseeker.HOTLINES) < first.body.index(case.number)


async def test_danger_after_a_case_was_closed_opens_a_new_one(sari: Sari) -> None:
    case = await solved_case(sari)
    await sari.presses(words.SOLVED.label)
    await sari.says(CAPTIVE)
    old, new = await own_cases(sari)
    assert (old.id, old.state) == (case.id, CaseState.CLOSED)
    assert (new.state, new.urgency) == (CaseState.NEW, CaseUrgency.EMERGENCY)


async def test_report_opened_in_danger_can_be_withdrawn_and_officers_are_told_to_check(sari: Sari) -> None:
    await sari.says(CAPTIVE)
    await sari.commands("batal")
    await sari.presses(words.WITHDRAW.label)
    await sari.presses(words.WITHDRAW_YES.label)
    (case,) = await own_cases(sari)
    assert case.state == CaseState.WITHDRAWN


@pytest.mark.parametrize("country", [None, "sarawak", "taiwan"])
def test_what_to_do_now_is_short(country: str | None) -> None:
    office = load_office(None)
    suicide = Danger("emergency", "kesehatan", (Sign("suicide", "emergency", "kesehatan", "ingin mati"),))
    replies = [danger.first_aid(office, Urgency.EMERGENCY, category, None, country) for category in Category]
    replies += [
        danger.first_aid(office, Urgency.HIGH, None, None, country),
        danger.first_aid(office, Urgency.EMERGENCY, None, suicide, country),
    ]
    for reply in replies:
        before = reply.title + reply.body.partition(jobseeker.HOTLINES)[0]
        assert len(before) <= 600


async def test_danger_makes_an_open_case_more_urgent(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await sari.says(CAPTIVE)
    (case,) = await own_cases(sari)
    assert case.urgency == CaseUrgency.EMERGENCY
    assert case.due_at - datetime.now(UTC) < timedelta(minutes=16)


async def test_two_messages_of_one_person_in_two_chats_make_one_case(bare_app: App) -> None:
    sender = uuid4().hex
    here = Sari(bare_app, sender=sender)
    there = Sari(bare_app, ChatRef(Channel.WEB, uuid4().hex), sender=sender)
    await asyncio.gather(here.sends(CAPTIVE), there.sends(CAPTIVE))
    assert len(await own_cases(here)) == 1


async def test_danger_told_in_a_group_is_answered_alone(bare_app: App) -> None:
    group, sender = ChatRef(Channel.WEB, uuid4().hex, is_group=True), uuid4().hex
    sari = Sari(bare_app, group, sender=sender)
    first, *_ = await sari.says(CAPTIVE)
    (case,) = await own_cases(sari)
    assert case.number not in first.body and jobseeker.IN_GROUP_PRIVATE in first.body
    async with bare_app.db.transaction() as session:
        assert (await session.get_one(Chat, case.chat_id)).external_id == sender


# An officer


async def test_officer_button_makes_a_case_with_the_last_question(sari: Sari) -> None:
    await sari.says("apakah nenek saya boleh ikut kerja")
    (reply,) = await sari.commands("petugas")
    (case,) = await own_cases(sari)
    assert find_case_number(reply.body) == case.number
    assert (case.category, case.asked) == ("lainnya", "apakah nenek saya boleh ikut kerja")


async def test_who_calls_an_officer_without_a_word_is_asked_what_it_is_about(sari: Sari) -> None:
    (reply,) = await sari.commands("petugas")
    assert words.ASK_AFTER_CALL in reply.body and words.ADD_MORE not in reply.body
    (reply,) = await Sari(sari.app).commands("petugas", "kapan kantor buka")
    assert words.ADD_MORE in reply.body


async def test_what_the_officer_was_called_for_reaches_them_though_it_sounds_like_a_greeting(
    sari: Sari, nlu: FakeNlu
) -> None:
    said = "saya mau tanya soal asuransi"
    nlu.learns(said, Intent.GREET)
    await sari.commands("petugas")
    (reply,) = await sari.says(said)
    (case,) = await own_cases(sari)
    assert reply.body == words.ADDED.format(number=case.number)
    assert await messages(sari) == [said]


async def test_wish_for_a_human_is_heard_while_the_nlu_is_away(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    (reply,) = await sari.says("mau ngomong sama orang")
    (case,) = await own_cases(sari)
    assert find_case_number(reply.body) == case.number and words.CANNOT_WAIT in reply.body


async def test_wish_for_a_human_in_the_middle_of_the_form_takes_it_along(sari: Sari) -> None:
    await sari.commands("lapor", "kerja 16 jam terus")
    (reply,) = await sari.says("mau ngomong sama orang saja")
    (case,) = await own_cases(sari)
    assert find_case_number(reply.body) == case.number
    assert "16 jam" in case.narrative and case.category == "kontrak"


async def test_corrected_message_answers_no_later_step(sari: Sari) -> None:
    await sari.commands("lapor")
    await sari.says("gaji dipotong")
    (again,) = await sari.says("gaji dipotong tiga bulan", is_edit=True)
    assert words.ASK_WHERE in again.body
    await sari.says("Kuching")
    (case,) = await own_cases(sari)
    assert (case.place, case.duration) == ("Kuching", "tiga bulan")


async def test_officer_learns_what_silvi_tried(app: App) -> None:
    sari = Sari(app)
    await sari.says("syarat kerja ke taiwan apa")
    await sari.commands("petugas")
    (asked,) = await sari.questions()
    (case,) = await own_cases(sari)
    title = app.knowledge.current.entries[asked.entry_id or asked.suggestions[0]].title
    assert title in case.answered and "%" in case.answered


async def test_same_question_is_not_sent_to_the_officers_twice(sari: Sari) -> None:
    await sari.says("apakah nenek saya boleh ikut kerja")
    await sari.commands("petugas")
    (reply,) = await sari.commands("petugas")
    (case,) = await own_cases(sari)
    assert reply.body.startswith(words.OFFICER_HAS_IT.format(number=case.number))
    assert await messages(sari) == []


async def test_unfinished_form_goes_along_to_the_officer(sari: Sari) -> None:
    await sari.commands("lapor")
    await sari.presses(words.CATEGORIES["gaji"])
    await sari.commands("petugas")
    (case,) = await own_cases(sari)
    assert case.category == "gaji" and (await sari.row()).draft is None


async def test_outside_office_hours_it_is_said_when_somebody_reads_again(sari: Sari) -> None:
    opens_at = datetime(2026, 11, 30, 1, tzinfo=UTC)
    saturday = datetime(2026, 11, 28, 3, tzinfo=UTC)
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (case,) = await own_cases(sari)
    zone = sari.app.desk().zone
    told = words.receipt(case, zone, Channel.TELEGRAM, has_desk=True, opens_at=opens_at, now=saturday)
    assert "Kantor sekarang tutup" in told and "Senin pukul 08.00 WIB" in told
    told = words.receipt(case, zone, Channel.TELEGRAM, has_desk=True, opens_at=opens_at, now=opens_at)
    assert "tutup" not in told


async def test_silvi_answers_again_after_the_officer_gave_the_conversation_back(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    case = await claimed_by_budi(sari)
    async with sari.app.db.transaction() as session:
        await session.execute(update(Case).where(Case.id == case.id).values(with_silvi=True))
    assert await sari.says("syarat ke taiwan apa")
    assert await messages(sari) == ["syarat ke taiwan apa"]


async def test_few_words_to_the_officer_are_no_question_behind_the_last_one(app: App) -> None:
    sari = Sari(app)
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (case,) = await own_cases(sari)
    added = words.ADDED.format(number=case.number)
    assert words.ADDED_TOO.format(number=case.number) in (await sari.says("paspor hilang bagaimana?"))[-1].body
    assert [reply.body for reply in await sari.says("masih bingung pak")] == [added]
    async with app.db.transaction() as session:
        values = {"with_silvi": True, "state": CaseState.IN_PROGRESS}
        await session.execute(update(Case).where(Case.id == case.id).values(**values))
    assert words.ADDED_TOO.format(number=case.number) in (await sari.says("paspor hilang bagaimana?"))[-1].body
    assert [reply.body for reply in await sari.says("masih bingung pak")] == [added]
    assert (await messages(sari))[-2:] == ["paspor hilang bagaimana?", "masih bingung pak"]


async def test_what_is_told_the_next_day_still_goes_to_the_open_case(app: App) -> None:
    sari = Sari(app)
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await days_pass(sari, 1)
    (reply,) = await sari.says("majikan masih marah sama saya")
    (case,) = await own_cases(sari)
    assert reply.body == words.ADDED.format(number=case.number)
    assert await messages(sari) == ["majikan masih marah sama saya"]
    await days_pass(sari, 1)
    assert "Taiwan" in "".join(reply.title + reply.body for reply in await sari.says("syarat kerja ke taiwan apa"))
    assert len(await messages(sari)) == 1


@pytest.mark.parametrize("is_taken", [False, True])
async def test_numbers_in_danger_are_those_of_where_the_open_case_happens(sari: Sari, is_taken: bool) -> None:
    await sari.commands("lapor", "gaji tidak dibayar, saya kerja di kuching")
    if is_taken:
        await claimed_by_budi(sari)
    aid = (await sari.says("majikan pukul saya lagi sekarang tolong"))[0]
    assert "KJRI Kuching" in aid.body and jobseeker.TELL_ADDRESS in aid.body


async def test_silvi_keeps_silent_while_an_officer_has_the_case(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    assert await sari.says("syarat ke taiwan apa") == []
    assert await sari.commands("cek", "PT Maju") == []
    assert await messages(sari) == ["syarat ke taiwan apa", "/cek PT Maju"]


async def test_place_told_only_to_the_officer_is_kept_with_the_case(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar")
    await sari.presses(words.SKIP)
    await claimed_by_budi(sari)
    assert await sari.says("saya kerja di kuching, sudah 3 bulan") == []
    (case,) = await own_cases(sari)
    assert (case.country, case.place, case.duration) == ("sarawak", "Kuching", "3 bulan")


async def test_new_emergency_is_answered_although_an_officer_has_the_case(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    (aid,) = await sari.says(CAPTIVE)
    assert jobseeker.HOTLINES in aid.body
    assert await messages(sari) == [CAPTIVE]


async def test_what_does_not_reach_the_officer_is_not_kept_quiet(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    (reply,) = await sari.says("", kind=Kind.OTHER)
    assert reply.body == words.MEDIA_NOT_PASSED


async def test_sticker_reaches_the_officer_in_words(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    assert await sari.says("", kind=Kind.STICKER, media=Media(Kind.STICKER, file_id="f", name="😭")) == []
    assert await messages(sari) == ["[stiker] 😭"]
