"""A report comes to its number in few taps or one sentence, is resumed, and stays its person's own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from bot.app import App
from bot.domain.cases import CaseState, CaseUrgency, Privacy, Role, find_case_number
from bot.domain.messages import Channel, ChatRef, Kind, Media
from bot.domain.privacy import NOTICE_VERSION
from bot.nlu_client import Category, Intent
from bot.services import cases, casework, officers
from bot.storage.database import Database
from bot.storage.tables import Case, CaseEvent, Chat, Officer, Person, Referral
from bot.texts import complaint as words
from bot.texts import danger, jobseeker
from bot.texts import officer as officer_words
from knowledge.danger import Danger, Sign
from knowledge.office import load_office
from knowledge.urgency import Urgency
from tests.fakes import VAULT, FakeNlu, Knowledge, Sari

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


async def test_who_reads_a_report_is_said_once(sari: Sari) -> None:
    (what,) = await sari.commands("lapor")
    steps = [(await sari.presses(tap))[0] for tap in (words.CATEGORIES["gaji"], "Taiwan", words.SKIP)]
    assert what.footer == words.PRIVACY
    assert [step.footer for step in steps] == ["", "", words.MAY_LEAVE]


async def test_first_question_says_who_reads_wherever_the_form_begins(sari: Sari) -> None:
    (where,) = await sari.commands("lapor", "kerja 16 jam terus")
    assert where.footer == words.PRIVACY
    (receipt,) = await sari.presses("Taiwan")
    assert receipt.footer == words.MAY_LEAVE
    (at_once,) = await Sari(sari.app).commands("lapor", "gaji tidak dibayar di kuching")
    assert at_once.footer == words.PRIVACY_AFTER


async def test_form_taken_up_days_later_says_again_who_reads_it(sari: Sari) -> None:
    await sari.commands("lapor")
    await days_pass(sari, 3)
    (reply,) = await sari.commands("lapor")
    assert reply.footer == words.PRIVACY


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
    await days_pass(sari, 3)
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
    (asked,) = await sari.presses(words.WITHDRAW.label)
    (case,) = await own_cases(sari)
    assert asked.body == words.WITHDRAW_ASK.format(number=case.number) and case.state == CaseState.NEW
    await sari.presses(words.WITHDRAW_YES.label)
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


async def test_withdrawing_can_be_thought_better_of(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await sari.commands("batal")
    await sari.presses(words.WITHDRAW.label)
    (reply,) = await sari.presses(words.WITHDRAW_NO.label)
    (case,) = await own_cases(sari)
    assert reply.body == words.KEPT.format(number=case.number) and case.state == CaseState.NEW


async def test_sentence_fills_the_form_while_the_nlu_is_away(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    (receipt,) = await sari.commands("lapor", "suami saya di Sibu, gaji tidak dibayar sudah 2 bulan")
    (case,) = await own_cases(sari)
    assert find_case_number(receipt.body) == case.number
    assert (case.category, case.country, case.place, case.duration) == ("gaji", "sarawak", "Sibu", "2 bulan")
    assert case.is_for_other


async def test_receipt_lets_say_that_it_is_for_somebody_else_and_take_it_back(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await sari.presses(words.FOR_OTHER.label)
    (case,) = await own_cases(sari)
    assert case.is_for_other
    await sari.presses(words.FOR_ME.label)
    (case,) = await own_cases(sari)
    assert not case.is_for_other


async def test_contact_is_asked_once_for_a_named_report_and_kept_for_the_officers(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (asked,) = await sari.presses(words.PRIVACIES[Privacy.NAMED].label)
    assert asked.body == words.ASK_CONTACT
    (noted,) = await sari.says("Sari, 0812 0000 0789")
    (case,) = await own_cases(sari)
    assert (case.privacy, case.contact) == (Privacy.NAMED, "Sari, 0812 0000 0789")
    assert "+62 8•• ••• 789" in noted.body and "0812" not in noted.body
    assert not [text for text in await details(sari) if "0000" in text]


async def test_contact_comes_from_telegrams_own_contact_too(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await sari.presses(words.PRIVACIES[Privacy.NAMED].label)
    media = Media(Kind.CONTACT, phone="+6281200000789", person_name="Sari")
    await sari.says("", kind=Kind.CONTACT, media=media)
    (case,) = await own_cases(sari)
    assert case.contact == "Sari, +6281200000789"


async def test_contact_may_be_skipped_and_what_is_written_instead_is_not_lost(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await sari.presses(words.PRIVACIES[Privacy.NAMED].label)
    (skipped,) = await sari.presses(words.SKIP)
    assert skipped.body == f"{words.NO_CONTACT} {words.STAYS_HERE}"
    await sari.presses(words.PRIVACIES[Privacy.ANONYMOUS].label)
    await sari.presses(words.PRIVACIES[Privacy.NAMED].label)
    await sari.says("majikan pindah ke rumah lain")
    (case,) = await own_cases(sari)
    assert case.contact is None and await messages(sari) == ["majikan pindah ke rumah lain"]


async def test_who_wants_no_name_after_all_leaves_no_number_behind(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await sari.presses(words.PRIVACIES[Privacy.NAMED].label)
    await sari.says("Sari 081200000789")
    await sari.presses(words.PRIVACIES[Privacy.CONFIDENTIAL].label)
    (case,) = await own_cases(sari)
    assert (case.privacy, case.contact) == (Privacy.CONFIDENTIAL, "Sari 081200000789")
    await sari.presses(words.PRIVACIES[Privacy.ANONYMOUS].label)
    (case,) = await own_cases(sari)
    assert (case.privacy, case.contact) == (Privacy.ANONYMOUS, None)


async def test_contact_is_taken_while_an_officer_has_the_case(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    await sari.presses(words.PRIVACIES[Privacy.NAMED].label)
    await sari.says("Sari 081200000789")
    (case,) = await own_cases(sari)
    assert case.contact == "Sari 081200000789" and await messages(sari) == []


async def test_consent_names_the_notice_it_was_given_under(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (case,) = await own_cases(sari)
    assert case.consent_at and case.consent_version == NOTICE_VERSION
    joko = Sari(sari.app)
    await joko.says(CAPTIVE)
    (rescued,) = await own_cases(joko)
    assert rescued.consent_at is None


async def test_web_receipt_says_that_only_this_browser_leads_back(bare_app: App) -> None:
    (receipt,) = await Sari(bare_app).commands("lapor", "gaji tidak dibayar di kuching")
    assert words.ONLY_THIS_BROWSER in receipt.body
    on_telegram = Sari(bare_app, ChatRef(Channel.TELEGRAM, "7001"))
    (receipt,) = await on_telegram.commands("lapor", "gaji tidak dibayar di kuching")
    assert words.ONLY_THIS_BROWSER not in receipt.body


async def test_step_is_answered_days_later_in_words_after_a_restart(
    sari: Sari, bare_app: App, database_url: str, nlu: FakeNlu
) -> None:
    await sari.commands("lapor")
    await sari.presses(words.CATEGORIES["gaji"])
    await days_pass(sari, 3)
    app = App(bare_app.settings, Database(database_url, VAULT), nlu, Knowledge(None))
    later = Sari(app, sari.chat)
    (story,) = await later.says("Kuching")
    assert words.GOES_ON in story.body and words.ASK_STORY in story.body
    await later.presses(words.SKIP)
    (case,) = await own_cases(sari)
    assert (case.category, case.country) == ("gaji", "sarawak")
    await app.close()


async def test_question_asked_days_after_a_form_was_left_is_answered(app: App) -> None:
    sari = Sari(app)
    await sari.commands("lapor")
    await days_pass(sari, 3)
    (reply,) = await sari.says("syarat kerja ke taiwan apa")
    assert words.GOES_ON not in reply.body and [kept.text_masked for kept in await sari.questions()]
    (again,) = await sari.commands("lapor")
    assert words.GOES_ON in again.body


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


@pytest.mark.parametrize("verb", ["selesai", "belum", "orang_lain", "anonim", "nama", "tarik", "tarik_ya", "nilai_3"])
async def test_button_with_the_number_of_anothers_case_changes_nothing(sari: Sari, verb: str) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (hers,) = await own_cases(sari)
    joko = Sari(sari.app)
    (reply,) = await joko.presses(f"kasus:{verb}:{hers.id}")
    assert reply.body == jobseeker.STALE_BUTTON
    (still,) = await own_cases(sari)
    assert (still.state, still.is_for_other, still.privacy) == (CaseState.NEW, False, Privacy.CONFIDENTIAL)


async def test_status_by_number_finds_the_own_report_however_old(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (first,) = await own_cases(sari)
    async with sari.app.db.transaction() as session:
        await session.execute(update(Case).where(Case.id == first.id).values(state=CaseState.WITHDRAWN))
        copy = {column.name: getattr(first, column.name) for column in Case.__table__.columns}
        for serial in range(6):
            new = {**copy, "id": first.id + 1000 + serial, "number": f"SLV-2026-9{first.id:03}{serial:02}"}
            session.add(Case(**new | {"state": CaseState.WITHDRAWN}))
    (reply,) = await sari.commands("status", first.number.lower())
    assert first.number in reply.body and words.NOT_YOURS not in reply.body


async def test_status_tells_where_a_report_was_referred(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    (case,) = await own_cases(sari)
    now = datetime.now(UTC)
    async with sari.app.db.transaction() as session:
        await session.execute(update(Case).where(Case.id == case.id).values(state=CaseState.REFERRED))
        referral = Referral(
            case_id=case.id,
            agency="kjri_kuching",
            letter_number=f"R-{case.id}",
            purpose="",
            officer_id=case.officer_id,
            referred_at=now,
            due_at=now + timedelta(days=7),
        )
        session.add(referral)
    (reply,) = await sari.commands("status")
    assert "diteruskan ke KJRI Kuching" in reply.body and "Kabar berikutnya paling lambat" in reply.body


async def test_status_is_asked_for_in_plain_words(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (reply,) = await sari.says("gimana laporan saya?")
    (case,) = await own_cases(sari)
    assert reply.body.startswith(f"{case.number} (Gaji")


async def test_help_was_good_in_one_tap(sari: Sari) -> None:
    case = await solved_case(sari)
    (closed,) = await sari.presses(words.SOLVED.label)
    assert closed.body == words.closed(case).body
    (thanks,) = await sari.presses(words.RATINGS[3])
    (case,) = await own_cases(sari)
    assert (thanks.body, case.rating) == (words.RATED, 3)


async def test_who_is_not_content_is_shown_the_way_back(sari: Sari) -> None:
    await solved_case(sari)
    await sari.presses(words.SOLVED.label)
    (reply,) = await sari.presses(words.RATINGS[1])
    (case,) = await own_cases(sari)
    assert case.rating == 1 and words.OPEN_AGAIN.label == reply.buttons[0][0].label


async def test_report_that_is_not_closed_takes_no_rating(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (case,) = await own_cases(sari)
    await sari.presses(f"kasus:nilai_3:{case.id}")
    (case,) = await own_cases(sari)
    assert case.rating is None


async def test_solved_or_not_is_understood_in_words(sari: Sari) -> None:
    await solved_case(sari)
    await sari.says("belum pak")
    (case,) = await own_cases(sari)
    assert case.state == CaseState.IN_PROGRESS
    await resolved(sari, case.id)
    await sari.says("sudah selesai, makasih")
    (case,) = await own_cases(sari)
    assert case.state == CaseState.CLOSED


async def test_closed_report_is_opened_again_by_writing_so(sari: Sari) -> None:
    await solved_case(sari)
    await sari.presses(words.SOLVED.label)
    await sari.says("belum")
    assert (await own_cases(sari))[0].state == CaseState.CLOSED
    (reply,) = await sari.says("masalah saya belum selesai")
    (case,) = await own_cases(sari)
    assert (case.state, reply.body) == (CaseState.IN_PROGRESS, words.REOPENED.format(number=case.number))


@pytest.mark.parametrize("said", [CAPTIVE, "/lapor gaji tidak dibayar di kuching", "/petugas"])
async def test_report_while_asked_whether_it_is_solved_goes_on_with_that_case(sari: Sari, said: str) -> None:
    await solved_case(sari)
    command, _, rest = said.removeprefix("/").partition(" ")
    (reply,) = await (sari.commands(command, rest) if said.startswith("/") else sari.says(said))
    (case,) = await own_cases(sari)
    assert case.state == CaseState.IN_PROGRESS and case.due_at
    assert case.number in reply.body
    if said == CAPTIVE:
        assert case.urgency == CaseUrgency.EMERGENCY and said in (await messages(sari))[-1]
    else:
        assert words.ADDED_AND_REOPENED.format(number=case.number) in reply.body


async def test_unanswered_question_is_asked_once_more_and_then_the_report_closes(sari: Sari) -> None:
    case = await solved_case(sari)
    assert await closed_by_silence(sari, days=1) == 0 and await sari.hears() == []
    await closed_by_silence(sari, days=7)
    (again,) = await sari.hears()
    assert "Kalau tidak dijawab" in again.body and again.buttons == words.is_it_solved(case).buttons
    await closed_by_silence(sari, days=8)
    assert await sari.hears() == []
    assert await closed_by_silence(sari, days=15) == 1
    (told,) = await sari.hears()
    assert told == words.closed_unconfirmed(case)
    await sari.presses(words.OPEN_AGAIN.label)
    assert (await own_cases(sari))[0].state == CaseState.IN_PROGRESS


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


async def details(sari: Sari) -> list[str]:
    found = select(CaseEvent).join(Case).join(Person).where(Person.external_id == sari.sender)
    return [event.text for event in await sari._rows(found) if event.kind == "detail"]


async def days_pass(sari: Sari, days: int) -> None:
    async with sari.app.db.transaction() as session:
        long_ago = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        chat = (await session.execute(select(Chat).where(Chat.external_id == sari.chat.external_id))).scalar_one()
        chat.memory = {**chat.memory, "last_at": long_ago}


async def solved_case(sari: Sari) -> Case:
    """A report that Budi marks as solved; Sari was asked."""
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    case = await claimed_by_budi(sari)
    await resolved(sari, case.id)
    await sari.hears()
    return case


async def closed_by_silence(sari: Sari, *, days: int) -> int:
    """The worker looks, so many days after the officer's word; other tests' cases are left out of it."""
    (case,) = await own_cases(sari)
    now = datetime.now(UTC)
    async with sari.app.db.transaction() as session:
        others = update(Case).where(Case.id != case.id, Case.state == CaseState.RESOLVED)
        await session.execute(others.values(state=CaseState.WITHDRAWN))
        since = update(Case).where(Case.id == case.id).values(resolved_at=now - timedelta(days=days))
        await session.execute(since)
        return await cases.close_unconfirmed(session, desk=sari.app.desk(), now=now)


async def resolved(sari: Sari, case_id: int, *, days_ago: int = 0) -> None:
    now = datetime.now(UTC) - timedelta(days=days_ago)
    async with sari.app.db.transaction() as session:
        budi = (await session.execute(select(Officer).where(Officer.telegram_id == 1002))).scalar_one()
        case = await cases.lock(session, case_id)
        await casework.resolve(session, case, budi, desk=sari.app.desk(), now=now)
