"""A report comes to its number in few taps or one sentence, and is resumed."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.domain.cases import CaseState, Privacy, find_case_number
from bot.domain.messages import Channel, ChatRef, Kind, Media
from bot.domain.privacy import NOTICE_VERSION
from bot.nlu_client import Category, Intent
from bot.storage.database import Database
from bot.texts import complaint as words
from tests.dialogue.reports import (
    CAPTIVE,
    UNPAID,
    claimed_by_budi,
    days_pass,
    details,
    messages,
    own_cases,
)
from tests.fakes import VAULT, FakeNlu, Knowledge, Sari


@pytest.fixture
def sari(bare_app: App) -> Sari:
    """Sari, whom Silvi answers without an index: what is said of cases needs none."""
    return Sari(bare_app)


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


async def test_wish_to_report_in_words_begins_the_form_with_what_was_told(sari: Sari) -> None:
    (what,) = await sari.says("saya mau lapor")
    assert words.ASK_WHAT in what.body
    await sari.commands("batal")
    (where,) = await sari.says("kak saya mau lapor PT yang kirim saya, kontraknya beda sama kerjaannya")
    assert words.ASK_WHERE in where.body
    await sari.says("Kuching")
    (case,) = await own_cases(sari)
    assert (case.category, case.place) == ("kontrak", "Kuching") and "PT yang kirim" in case.narrative


async def test_hours_of_work_are_not_how_long_it_goes_on(sari: Sari, nlu: FakeNlu) -> None:
    said = "kawan saya di kuching disuruh kerja 16 jam sehari"
    nlu.learns(said, Intent.REPORT_PROBLEM, category=Category.KONTRAK, entities={"duration": ["16 jam"]})
    await sari.commands("lapor", said)
    (case,) = await own_cases(sari)
    assert (case.duration, case.is_for_other) == (None, True)


async def test_nobody_is_missing_to_themselves(sari: Sari, nlu: FakeNlu) -> None:
    for said, category in (
        ("permit mati 5 bulan di kuching", "paspor"),
        ("adik saya di kuching, gaji tidak ada, 5 bulan tidak angkat telepon", "hilang_kontak"),
    ):
        person = Sari(sari.app)
        nlu.learns(said, Intent.REPORT_PROBLEM, category=Category.HILANG_KONTAK)
        await person.commands("lapor", said)
        assert [case.category for case in await own_cases(person)] == [category]


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


async def test_problem_told_while_the_nlu_is_away_is_offered_as_a_report(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    (offer,) = await sari.says("mak saye di Miri, sik ade kabar dah 3 bulan")
    assert offer.body.startswith(words.OFFER)
    (receipt,) = await sari.presses(words.ACCEPT.label)
    (case,) = await own_cases(sari)
    assert find_case_number(receipt.body) == case.number
    assert (case.category, case.place, case.duration, case.is_for_other) == ("hilang_kontak", "Miri", "3 bulan", True)


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


async def test_question_in_the_middle_of_the_form_is_answered_and_the_form_goes_on(app: App) -> None:
    sari = Sari(app)
    await sari.commands("lapor")
    await sari.presses(words.CATEGORIES["gaji"])
    *answer, asked = await sari.says("syarat kerja ke taiwan apa")
    assert answer and words.ASK_WHERE in asked.body
    (story,) = await sari.says("di kuching")
    assert story.body == words.ASK_STORY
    await sari.presses(words.SKIP)
    (case,) = await own_cases(sari)
    assert (case.country, case.place) == ("sarawak", "Kuching")


async def test_second_report_is_added_to_the_open_case(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (reply,) = await sari.commands("lapor", "sekarang jam kerja juga ditambah")
    (case,) = await own_cases(sari)
    assert reply.body == words.ADDED.format(number=case.number)
    assert await messages(sari) == ["sekarang jam kerja juga ditambah"]
