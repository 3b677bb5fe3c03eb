"""A report comes to its number in few taps or one sentence, is resumed, and stays its person's own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from bot.app import App
from bot.domain.cases import CaseState, CaseUrgency, Privacy, Role, find_case_number
from bot.domain.messages import Channel, ChatRef, Kind
from bot.nlu_client import Category, Intent
from bot.services import cases, casework, officers
from bot.storage.tables import Case, CaseEvent, Chat, Officer, Person
from bot.texts import complaint as words
from bot.texts import jobseeker
from tests.fakes import FakeNlu, Sari

CAPTIVE = "saya dikurung majikan, hp disita, tolong"
UNPAID = "gaji belum dibayar juga ini pak"


@pytest.fixture
def sari(bare_app: App) -> Sari:
    """Sari, whom Silvi answers without an index: what is said of cases needs none."""
    return Sari(bare_app)


async def own_cases(sari: Sari) -> list[Case]:
    return await sari._rows(select(Case).join(Person).where(Person.external_id == sari.sender))


async def messages(sari: Sari) -> list[str]:
    found = select(CaseEvent).join(Case).join(Person).where(Person.external_id == sari.sender)
    return [event.text for event in await sari._rows(found) if event.kind == "message"]


async def claimed_by_budi(sari: Sari) -> Case:
    """Budi takes Sari's case."""
    now = datetime.now(UTC)
    (case,) = await own_cases(sari)
    async with sari.app.db.transaction() as session:
        await officers.add(session, 1002, "Budi", Role.OFFICER, now=now)
        budi = (await session.execute(select(Officer).where(Officer.telegram_id == 1002))).scalar_one()
        await casework.claim(session, await cases.lock(session, case.id), budi, desk=sari.app.desk(), now=now)
    await sari.hears()
    return case


# The form


async def test_four_taps_lead_to_a_number(sari: Sari) -> None:
    await sari.commands("start")
    for tap in ("Lapor masalah", words.CATEGORIES["gaji"], "Taiwan"):
        (reply,) = await sari.presses(tap)
        assert find_case_number(reply.body) is None
    (receipt,) = await sari.presses(words.SKIP)
    (case,) = await own_cases(sari)
    assert find_case_number(receipt.body) == case.number
    assert (case.category, case.country, case.state) == ("gaji", "taiwan", CaseState.NEW)
    assert case.consent_at is not None


async def test_every_step_can_be_skipped(sari: Sari) -> None:
    await sari.commands("lapor")
    for _ in range(3):
        (reply,) = await sari.presses(words.SKIP)
    assert find_case_number(reply.body)


async def test_one_sentence_fills_all_it_says_and_only_the_rest_is_asked(sari: Sari, nlu: FakeNlu) -> None:
    said = "saya kerja di sibu, gaji tidak dibayar 2 bulan"
    nlu.learns(said, Intent.REPORT_PROBLEM, category=Category.GAJI)
    (receipt,) = await sari.commands("lapor", said)
    (case,) = await own_cases(sari)
    assert find_case_number(receipt.body) == case.number
    assert (case.category, case.country, case.narrative) == ("gaji", "sarawak", said)


async def test_steps_are_answered_in_words_too(sari: Sari) -> None:
    await sari.commands("lapor")
    (where,) = await sari.says("saya disuruh kerja 16 jam terus")
    assert words.ASK_WHERE in where.body
    (receipt,) = await sari.says("Kuching")
    (case,) = await own_cases(sari)
    assert find_case_number(receipt.body) == case.number
    assert (case.country, case.place) == ("sarawak", "Kuching")
    assert case.narrative == "saya disuruh kerja 16 jam terus"


async def test_form_is_resumed_days_later(sari: Sari) -> None:
    await sari.commands("lapor")
    await sari.presses(words.CATEGORIES["paspor"])
    async with sari.app.db.transaction() as session:
        long_ago = (datetime.now(UTC) - timedelta(days=3)).isoformat()
        chat = (await session.execute(select(Chat).where(Chat.external_id == sari.chat.external_id))).scalar_one()
        chat.memory = {**chat.memory, "last_at": long_ago}
    (reply,) = await sari.commands("lapor")
    assert words.GOES_ON in reply.body and words.ASK_WHERE in reply.body
    assert words.START_OVER in reply.buttons[-1]


async def test_cancel_leaves_the_form_and_nothing_is_sent(sari: Sari) -> None:
    await sari.commands("lapor")
    (reply,) = await sari.commands("batal")
    assert reply.body == words.LEFT
    assert await own_cases(sari) == []
    (again,) = await sari.commands("lapor")
    assert words.GOES_ON not in again.body


async def test_question_asked_after_leaving_the_form_for_the_menu_is_no_answer_to_it(sari: Sari) -> None:
    await sari.commands("lapor")
    await sari.presses("menu:tanya")
    await sari.says("syarat ke taiwan apa")
    assert [kept.text_masked for kept in await sari.questions()] == ["syarat ke taiwan apa"]
    assert await own_cases(sari) == []


async def test_danger_in_the_middle_of_the_form_keeps_what_was_told(sari: Sari) -> None:
    await sari.commands("lapor", "saya kerja di rumah pak haji")
    await sari.says(CAPTIVE)
    (case,) = await own_cases(sari)
    assert "pak haji" in case.narrative and CAPTIVE in case.narrative


async def test_report_is_withdrawn_and_opened_again(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (left,) = await sari.commands("batal")
    assert words.WITHDRAW.label in [button.label for row in left.buttons for button in row]
    await sari.presses(words.WITHDRAW.label)
    (case,) = await own_cases(sari)
    assert case.state == CaseState.WITHDRAWN
    await sari.presses(words.OPEN_AGAIN.label)
    (case,) = await own_cases(sari)
    assert case.state == CaseState.NEW


async def test_problem_told_in_passing_is_offered_as_a_report(sari: Sari, nlu: FakeNlu) -> None:
    nlu.learns(UNPAID, Intent.REPORT_PROBLEM, category=Category.GAJI)
    (offer,) = await sari.says(UNPAID)
    assert words.ACCEPT in offer.buttons[0] and await own_cases(sari) == []
    (where,) = await sari.says("iya tolong")
    assert words.ASK_WHERE in where.body
    await sari.presses("Malaysia")
    (case,) = await own_cases(sari)
    assert (case.category, case.country, case.narrative) == ("gaji", "malaysia", UNPAID)


async def test_receipt_lets_say_that_it_is_for_somebody_else_and_without_name(sari: Sari) -> None:
    await sari.commands("lapor", "adik saya di kuching tidak digaji")
    await sari.presses(words.FOR_OTHER.label)
    await sari.presses(words.ANONYMOUS.label)
    (case,) = await own_cases(sari)
    assert case.is_for_other and case.privacy == Privacy.ANONYMOUS


async def test_second_report_is_added_to_the_open_case(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (reply,) = await sari.commands("lapor", "sekarang jam kerja juga ditambah")
    (case,) = await own_cases(sari)
    assert reply.body == words.ADDED.format(number=case.number)
    assert await messages(sari) == ["sekarang jam kerja juga ditambah"]


# Danger


async def test_danger_opens_a_case_at_once_with_its_number_in_the_first_reply(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    first, *_ = await sari.says(CAPTIVE)
    (case,) = await own_cases(sari)
    assert jobseeker.HOTLINES in first.body and find_case_number(first.body) == case.number
    assert (case.urgency, case.category) == (CaseUrgency.EMERGENCY, "disekap")
    assert case.due_at - case.opened_at == timedelta(minutes=15)


async def test_what_is_told_next_is_added_to_the_emergency(sari: Sari) -> None:
    await sari.says(CAPTIVE)
    (reply,) = await sari.says("saya di kuching rumah nomor 5")
    (case,) = await own_cases(sari)
    assert reply.body == words.ADDED.format(number=case.number)
    assert case.country == "sarawak"


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


async def test_silvi_keeps_silent_while_an_officer_has_the_case(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    assert await sari.says("syarat ke taiwan apa") == []
    assert await sari.commands("cek", "PT Maju") == []
    assert await messages(sari) == ["syarat ke taiwan apa", "/cek PT Maju"]


async def test_new_emergency_is_answered_although_an_officer_has_the_case(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    (aid,) = await sari.says(CAPTIVE)
    assert jobseeker.HOTLINES in aid.body
    assert await messages(sari) == [CAPTIVE]


async def test_picture_that_does_not_reach_the_officer_is_not_kept_quiet(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    (reply,) = await sari.says("", kind=Kind.PICTURE)
    assert reply.body == words.MEDIA_NOT_PASSED


# The own reports


async def test_status_shows_the_next_date_in_plain_words(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (waiting,) = await sari.commands("status")
    (case,) = await own_cases(sari)
    assert case.number in waiting.body and "WIB" in waiting.body
    await claimed_by_budi(sari)
    (taken,) = await sari.commands("status")
    assert "dipegang petugas" in taken.body


async def test_overdue_case_is_admitted(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    async with sari.app.db.transaction() as session:
        (case,) = await own_cases(sari)
        past = datetime.now(UTC) - timedelta(hours=1)
        await session.execute(update(Case).where(Case.id == case.id).values(due_at=past))
    (reply,) = await sari.commands("status")
    assert "lewat dari janji" in reply.body


async def test_status_of_somebody_elses_case_says_nothing_of_it(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (hers,) = await own_cases(sari)
    joko = Sari(sari.app)
    (reply,) = await joko.commands("status", hers.number)
    assert reply.body == words.NO_CASES


@pytest.mark.parametrize("verb", ["selesai", "belum", "orang_lain", "anonim"])
async def test_button_with_the_number_of_anothers_case_changes_nothing(sari: Sari, verb: str) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (hers,) = await own_cases(sari)
    joko = Sari(sari.app)
    (reply,) = await joko.presses(f"kasus:{verb}:{hers.id}")
    assert reply.body == jobseeker.STALE_BUTTON
    (still,) = await own_cases(sari)
    assert (still.state, still.is_for_other, still.privacy) == (CaseState.NEW, False, Privacy.CONFIDENTIAL)


async def test_person_may_say_not_solved_for_thirty_days(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    case = await claimed_by_budi(sari)
    await resolved(sari, case.id)
    (asked,) = await sari.hears()
    assert asked == words.is_it_solved(case)
    (reply,) = await sari.presses(words.NOT_SOLVED.label)
    assert reply.body == words.REOPENED.format(number=case.number)
    await resolved(sari, case.id, days_ago=31)
    await sari.hears()
    (late,) = await sari.presses(words.NOT_SOLVED.label)
    assert late.body == words.TOO_LATE_TO_REOPEN.format(number=case.number)


@pytest.mark.parametrize(
    "action",
    [
        "lapor:",
        "lapor:apa:entah",
        "lapor:di:atlantis",
        "lapor:lewati:x",
        "kasus:selesai:0",
        "kasus:selesai:x",
        "kasus::99999999999999999999",
        "meja:ambil:1",
    ],
)
async def test_forged_button_gets_a_friendly_restart(sari: Sari, action: str) -> None:
    (reply,) = await sari.presses(action)
    assert reply.body == jobseeker.STALE_BUTTON


async def resolved(sari: Sari, case_id: int, *, days_ago: int = 0) -> None:
    now = datetime.now(UTC) - timedelta(days=days_ago)
    async with sari.app.db.transaction() as session:
        budi = (await session.execute(select(Officer).where(Officer.telegram_id == 1002))).scalar_one()
        case = await cases.lock(session, case_id)
        await casework.resolve(session, case, budi, desk=sari.app.desk(), now=now)
