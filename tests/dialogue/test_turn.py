"""One message becomes one turn: what people are told, what is kept, and that nothing happens twice or gets lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from bot.app import App
from bot.dialogue import question
from bot.dialogue.triage import Triage
from bot.dialogue.turn import resume_held, turn
from bot.dialogue.understand import Meaning
from bot.domain.messages import KEPT, Channel, ChatRef, Kind, Media, Reply
from bot.domain.privacy import NOTICE_VERSION
from bot.nlu_client import Category, Intent
from bot.services import outbox
from bot.storage.tables import Chat, Delivery, Person, Priority
from bot.texts import complaint
from bot.texts import jobseeker as words
from knowledge.base import KnowledgeBase
from knowledge.entries import paragraphs
from knowledge.policy import Decision, Outcome
from knowledge.urgency import Urgency
from tests.fakes import FakeNlu, Sari

ASKED = "syarat kerja ke taiwan apa saja"
FAR_OFF = "resep rendang padang yang enak bagaimana"
CAPTIVE = "saya dikurung majikan, hp disita, tolong"


def labels(reply: Reply) -> list[str]:
    return [button.label for row in reply.buttons for button in row]


def actions(reply: Reply) -> list[str]:
    return [button.action for row in reply.buttons for button in row]


# Answers


async def test_question_is_answered_with_its_legal_basis_and_the_day_it_was_checked(
    sari: Sari, base: KnowledgeBase
) -> None:
    entry = base.entries["biaya-penempatan"]
    (answer,) = await sari.says("biaya resmi kerja ke luar negeri berapa")
    assert answer.title == entry.title
    assert f"Dasar: {entry.legal_basis[0]}" in answer.footer and "Terakhir diperiksa: " in answer.footer
    assert {words.MORE, words.HELPFUL, words.NOT_HELPFUL} <= set(labels(answer))
    (kept,) = await sari.questions()
    assert (kept.outcome, kept.entry_id, kept.country) == ("answer", entry.id, None)
    assert kept.entry_version == entry.version and kept.confidence > 0.5


async def test_unsure_search_suggests_three_entries(sari: Sari, base: KnowledgeBase) -> None:
    (reply,) = await sari.says("berapa ya")
    assert reply.body == words.DID_YOU_MEAN
    *chosen, none = reply.buttons
    assert len(chosen) == 3 and none[0].label == words.NONE_OF_THESE
    assert all(len(button.action.encode()) <= 64 for row in reply.buttons for button in row)
    (answer,) = await sari.presses(chosen[1][0].action)
    assert answer.title == base.entries[chosen[1][0].action.partition(":")[2]].title


async def test_none_of_the_suggestions_offers_an_officer_and_is_kept(sari: Sari) -> None:
    await sari.says("berapa ya")
    (reply,) = await sari.presses(words.NONE_OF_THESE)
    assert words.OFFICER in reply.buttons[0]
    (kept,) = await sari.questions()
    assert (kept.thumb, kept.thumb_reason) == (-1, "bukan")


async def test_officer_wanted_is_kept_with_the_question(sari: Sari) -> None:
    await sari.says(ASKED)
    (reply,) = await sari.presses(words.OFFICER.label)
    assert "BP3MI" in reply.body
    assert (await sari.questions())[0].wants_officer


async def test_far_out_of_scope_is_said_kindly(sari: Sari) -> None:
    (reply,) = await sari.says(FAR_OFF)
    assert reply.body == words.OUT_OF_SCOPE


@pytest.mark.parametrize(
    ("text", "intent", "body"),
    [
        ("assalamualaikum kak", None, words.GREETING),
        ("makasih banyak ya kak", None, words.YOU_ARE_WELCOME),
        ("bye", Intent.GREET, words.GOODBYE),
        ("salah terus jawabannya", Intent.FEEDBACK_NEGATIVE, words.SORRY_WRONG),
        ("gak jadi deh", Intent.CANCEL, words.STOPPED),
    ],
)
async def test_small_talk_is_answered_as_such(
    sari: Sari, nlu: FakeNlu, text: str, intent: Intent | None, body: str
) -> None:
    if intent:
        nlu.learns(text, intent)
    (reply,) = await sari.says(text)
    assert reply.body == body
    assert [kept.outcome for kept in await sari.questions()] == ["smalltalk"]


async def test_complaint_about_the_answer_offers_an_officer(sari: Sari, nlu: FakeNlu) -> None:
    nlu.learns("salah terus jawabannya", Intent.FEEDBACK_NEGATIVE)
    (reply,) = await sari.says("salah terus jawabannya")
    assert words.OFFICER in reply.buttons[0]


async def test_start_shows_the_menu_and_the_privacy_notice_and_keeps_its_version(sari: Sari) -> None:
    (welcome,) = await sari.commands("start")
    assert labels(welcome) == ["Tanya", "Cek lowongan", "Lapor masalah", "Petugas"]
    assert "UU 27/2022" in welcome.footer
    async with sari.app.db.transaction() as session:
        person = (await session.execute(select(Person).where(Person.external_id == sari.sender))).scalar_one()
    assert person.notice_version == NOTICE_VERSION and person.notice_at is not None


@pytest.mark.parametrize("label", ["Tanya", "Cek lowongan", "Lapor masalah", "Petugas"])
async def test_every_button_of_the_menu_leads_on(sari: Sari, label: str) -> None:
    await sari.commands("start")
    (reply,) = await sari.presses(label)
    assert reply.body and reply.body != words.STALE_BUTTON
    assert reply.callback_id == "cb1"


@pytest.mark.parametrize("name", ["bantuan", "batal", "cek", "petugas", "lapor", "status", "datasaya", "tidakada"])
async def test_every_command_gets_an_answer(sari: Sari, name: str) -> None:
    (reply,) = await sari.commands(name)
    assert reply.body


# Buttons under an answer


async def test_more_shows_the_details_and_their_sources(sari: Sari, base: KnowledgeBase) -> None:
    await sari.says(ASKED)
    (details,) = await sari.presses(words.MORE)
    assert base.entries["taiwan"].more[:40] in details.body
    assert "Sumber: " in details.body and "Terakhir diperiksa: " in details.footer


async def test_thumb_up_is_kept(sari: Sari) -> None:
    await sari.says(ASKED)
    (reply,) = await sari.presses(words.HELPFUL)
    assert (reply.body, reply.footer, reply.callback_id) == ("", words.THANKS_FOR_THUMB, "cb1")
    assert [kept.thumb for kept in await sari.questions()] == [1]


async def test_thumb_down_asks_why_and_keeps_the_reason(sari: Sari) -> None:
    await sari.says(ASKED)
    (why,) = await sari.presses(words.NOT_HELPFUL)
    assert labels(why) == [label for _, label in words.REASONS]
    (thanks,) = await sari.presses("Sulit dimengerti")
    assert words.OFFICER in thanks.buttons[0]
    assert [(kept.thumb, kept.thumb_reason) for kept in await sari.questions()] == [(-1, "sulit")]


@pytest.mark.parametrize(
    "action",
    [
        "",
        "entah",
        "entah:apa",
        "topik:entri-yang-sudah-dihapus",
        "topik:",
        "lengkap:taiwan",
        "lengkap:taiwan:bukan-angka",
        "lengkap:taiwan:1:bukan-angka",
        "jempol:1:0",
        "jempol:1:999999999999999999999999999999",
        "jempol:-1:-5",
        "alasan:entah:1",
        "alasan:salah:99999999999999999999",
        "bukan:x",
        "bukan:99999999999999999999",
        "petugas:99999999999999999999",
        "menu:entah",
        "x" * 64,
    ],
)
async def test_button_that_no_longer_fits_gets_a_friendly_restart(sari: Sari, action: str) -> None:
    (reply,) = await sari.presses(action)
    assert (reply.body, reply.buttons, reply.callback_id) == (words.STALE_BUTTON, words.MENU, "cb1")


VERBS = [
    "menu",
    "topik",
    "lengkap",
    "jempol",
    "alasan",
    "bukan",
    "hapus",
    "petugas",
    "lapor",
    "kasus",
    "rujukan",
    "berkas",
    "tawaran",
    "meja",
]
PARTS = st.one_of(
    st.sampled_from(["", "ya", "1", "-1", "0", "taiwan", "lewati", "di", "apa", "tarik_ya", "selesai", "9" * 20]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
)
ACTIONS = st.tuples(st.sampled_from(VERBS), PARTS, PARTS).map(":".join)


@settings(derandomize=True, deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTIONS)
async def test_any_action_of_a_button_is_answered(sari: Sari, action: str) -> None:
    assert await sari.presses(action)


@pytest.mark.parametrize("action", ["jempol:1:{}", "jempol:-1:{}", "alasan:salah:{}", "bukan:{}", "petugas:{}"])
async def test_button_with_the_number_of_another_chats_question_changes_nothing(sari: Sari, action: str) -> None:
    await sari.says(ASKED)
    (hers,) = await sari.questions()
    joko = Sari(sari.app)
    assert await joko.presses(action.format(hers.id))
    (still,) = await sari.questions()
    assert (still.thumb, still.thumb_reason, still.wants_officer) == (None, None, False)


@pytest.mark.parametrize("action", ["topik:taiwan", "lengkap:taiwan:1", "menu:lapor", "petugas:1"])
async def test_buttons_pressed_while_there_is_no_index_are_answered(bare_app: App, action: str) -> None:
    (reply,) = await Sari(bare_app).presses(action)
    assert reply.body and reply.callback_id == "cb1"


# Following up


async def test_another_country_asks_the_same_of_it(sari: Sari, base: KnowledgeBase) -> None:
    await sari.says("syarat ke brunei apa aja")
    (answer,) = await sari.says("kalau ke hongkong?")
    assert answer.title == base.entries["hong-kong"].title
    assert [kept.entry_id for kept in await sari.questions()] == ["brunei", "hong-kong"]


async def test_wages_are_asked_of_the_next_country_too(sari: Sari, base: KnowledgeBase) -> None:
    await sari.says("gaji prt di singapura")
    (answer,) = await sari.says("taiwan?")
    entry = base.entries["gaji-negara-tujuan"]
    assert answer.title == entry.title
    assert answer.body.startswith(base.office.fill(entry.countries["taiwan"]))
    assert base.office.fill(entry.countries["singapura"]) not in answer.body


async def test_what_gave_way_to_the_country_is_read_with_the_details(sari: Sari, base: KnowledgeBase) -> None:
    entry = base.entries["gaji-negara-tujuan"]
    (answer,) = await sari.says("gaji prt di singapura")
    *_, last = paragraphs(entry.short)
    assert last not in answer.body
    await sari.says("syarat ke brunei apa aja")
    (button,) = (action for action in actions(answer) if action.startswith("lengkap:"))
    (details,) = await sari.presses(button)
    assert last in details.body and base.office.fill(entry.more) in details.body


async def test_short_question_leans_on_the_one_before(sari: Sari) -> None:
    await sari.says("OPP itu apa")
    await sari.says("berapa lama?")
    first, second = await sari.questions()
    assert first.entry_id == "opp-persiapan-berangkat"
    assert (second.entry_id or second.suggestions[0]) == "opp-persiapan-berangkat"


async def test_question_behind_a_pressed_topic_leans_on_that_topic(sari: Sari, base: KnowledgeBase) -> None:
    await sari.says("gaji prt di singapura")
    await sari.presses("topik:opp-persiapan-berangkat")
    await sari.says("berapa lama?")
    last = (await sari.questions())[-1]
    assert (last.entry_id or last.suggestions[0]) == "opp-persiapan-berangkat"


async def test_thanks_in_between_do_not_break_the_thread(sari: Sari) -> None:
    await sari.says("syarat ke brunei apa aja")
    await sari.says("makasih kak")
    await sari.says("kalau ke hongkong?")
    assert (await sari.questions())[-1].entry_id == "hong-kong"


async def test_what_was_said_more_than_an_hour_ago_is_forgotten(sari: Sari) -> None:
    await sari.says("gaji prt di singapura")
    await an_hour_passes(sari)
    await sari.says("taiwan?")
    assert (await sari.questions())[-1].entry_id != "gaji-negara-tujuan"


async def test_cancel_forgets_the_thread(sari: Sari) -> None:
    await sari.says("gaji prt di singapura")
    await sari.commands("batal")
    await sari.says("taiwan?")
    assert (await sari.questions())[-1].entry_id != "gaji-negara-tujuan"


async def an_hour_passes(sari: Sari) -> None:
    row = await sari.row()
    before = (datetime.now(UTC) - timedelta(hours=1, minutes=1)).isoformat()
    async with sari.app.db.transaction() as session:
        await session.execute(update(Chat).where(Chat.id == row.id).values(memory={**row.memory, "last_at": before}))


# Pieces of a message


async def test_pieces_sent_one_after_the_other_are_one_message(patient_app: App) -> None:
    sari = Sari(patient_app)
    await sari.sends("kak")
    await sari.sends("mau tanya")
    assert await sari.hears() == []
    (answer,) = await sari.says(ASKED)
    assert answer.footer
    await asyncio.sleep(patient_app.settings.fragment_wait_s * 2)
    assert await sari.hears() == []
    assert [kept.entry_id for kept in await sari.questions()] == ["taiwan"]


async def test_opener_alone_is_answered_after_the_wait(patient_app: App) -> None:
    sari = Sari(patient_app)
    assert await sari.says("halo kak") == []
    (reply,) = await sari.hears_within(10)
    assert reply.body == words.GREETING


async def test_piece_held_by_a_process_that_died_is_answered_by_the_next(patient_app: App) -> None:
    sari = Sari(patient_app)
    await sari.sends("halo kak")
    await patient_app.later.finish()
    await resume_held(patient_app)
    (reply,) = await sari.hears_within(10)
    assert reply.body == words.GREETING
    await resume_held(patient_app)
    assert await sari.hears() == []


async def test_question_in_two_halves_is_answered_as_a_whole(patient_app: App) -> None:
    sari = Sari(patient_app)
    await sari.sends("biaya resmi untuk kerja")
    await sari.sends("ke taiwan berapa")
    replies = await sari.hears()
    assert len(replies) == 1
    kept = (await sari.questions())[-1]
    assert kept.text_masked == "biaya resmi untuk kerja ke taiwan berapa" and kept.country == "taiwan"


async def test_question_right_behind_thanks_is_not_joined_to_an_older_question(patient_app: App) -> None:
    sari = Sari(patient_app)
    await sari.says("syarat ke brunei apa aja")
    await asyncio.sleep(patient_app.settings.fragment_wait_s * 1.2)
    await sari.says("makasih kak")
    await sari.says("kalau ke hongkong?")
    assert (await sari.questions())[-1].text_masked == "kalau ke hongkong?"


@pytest.mark.parametrize(("text", "reply"), [("makasih ya kak", words.YOU_ARE_WELCOME), ("👍", words.EMPTY)])
async def test_thanks_for_an_answer_that_came_at_once_are_no_part_of_the_question(
    patient_app: App, text: str, reply: str
) -> None:
    sari = Sari(patient_app)
    await sari.says("syarat ke brunei apa aja")
    assert [said.body for said in await sari.says(text)] == [reply]


async def test_newer_message_drops_an_answer_not_sent_yet(sari: Sari) -> None:
    await sari.sends(ASKED)
    await sari.sends("biaya ke hongkong berapa")
    first, second = await sari.outbox()
    assert (first.state, second.state) == (Delivery.DROPPED, Delivery.PENDING)


@pytest.mark.parametrize(
    "fields", [{"kind": Kind.STICKER}, {"kind": Kind.BUTTON, "button": "menu:tanya"}, {"text": "makasih kak"}]
)
async def test_what_is_no_new_question_drops_no_answer(sari: Sari, fields: dict) -> None:
    await sari.sends(ASKED)
    await sari.sends(**fields)
    assert [row.state for row in await sari.outbox()] == [Delivery.PENDING, Delivery.PENDING]


# Odd input


async def test_edited_question_is_answered_anew(sari: Sari, base: KnowledgeBase) -> None:
    await sari.says("syarat kerja ke brunei apa saja", message_id=7)
    (answer,) = await sari.says(ASKED, message_id=7, is_edit=True)
    assert answer.title == base.entries["taiwan"].title


@pytest.mark.parametrize("text", ["", "   ", "\n\t ", "\x01\x02\x7f", "😀😀👍", "\u200b\u2060", "___", "!!! ???"])
async def test_message_without_a_word_asks_for_words(sari: Sari, text: str) -> None:
    (reply,) = await sari.says(text)
    assert (reply.body, reply.buttons) == (words.EMPTY, words.MENU)
    assert await sari.questions() == []


@pytest.mark.parametrize("kind", [Kind.STICKER, Kind.OTHER])
async def test_what_silvi_cannot_read_is_said(sari: Sari, kind: Kind) -> None:
    (reply,) = await sari.says("", kind=kind)
    assert reply.body == words.ONLY_TEXT[kind]


@pytest.mark.parametrize("kind", sorted(KEPT))
async def test_what_is_sent_alone_is_kept_and_asked_about(sari: Sari, kind: Kind) -> None:
    (reply,) = await sari.says("", kind=kind, media=Media(kind, file_id="f"))
    assert (reply.body, labels(reply)) == (words.RECEIVED[kind], [words.REPORT.label, words.CHECK.label])


async def test_words_under_a_picture_are_answered(sari: Sari, base: KnowledgeBase) -> None:
    (answer,) = await sari.says(ASKED, kind=Kind.PICTURE, media=Media(Kind.PICTURE, file_id="f"))
    assert answer.title == base.entries["taiwan"].title


@pytest.mark.parametrize("text", ["syarat ke taiwan " * 600, "a" * 10_000, "saya mau kerja. " * 625])
async def test_endless_message_is_read_up_to_a_point_and_says_so(sari: Sari, text: str) -> None:
    first, *rest = await sari.says(text[:10_000])
    assert first.body == words.TOO_LONG
    assert rest
    assert len((await sari.questions())[0].text_masked) <= 2_000


@pytest.mark.parametrize(
    "text",
    [
        "<b>syarat</b> ke <script>alert(1)</script> taiwan",
        "*syarat* _ke_ `taiwan` [klik](http://x.test) {kantor.bp3mi}",
        "'; drop table questions; --",
        "هل يمكنني العمل في السعودية",
        "我想去台湾工作",
        "ထိုင်းမှာအလုပ်လုပ်ချင်တယ်",
        "\u202eIran ek ajrek\u202c",
        "syarat\x01 ke\x02 taiwan",
        "%s %d {0} \\n $1",
    ],
)
async def test_markup_and_other_scripts_get_an_answer(sari: Sari, text: str) -> None:
    replies = await sari.says(text)
    assert len(replies) == 1 and replies[0].body
    (kept,) = await sari.questions()
    assert kept.outcome in ("answer", "suggest", "handoff")


# What is kept


async def test_question_is_kept_masked_everywhere(sari: Sari) -> None:
    secrets = ("6171010101010001", "081234567890", "sari@contoh.test", "Suryani")
    await sari.says(
        f"nama saya {secrets[3]}, NIK {secrets[0]}, hp {secrets[1]}, email {secrets[2]}, syarat ke taiwan apa saja"
    )
    kept = (await sari.questions())[0].text_masked
    chat = await sari.row()
    remembered = f"{kept} {chat.memory} {chat.held_text}"
    assert all(secret not in remembered for secret in secrets)
    assert "[NIK]" in kept and "[telepon]" in kept and "[email]" in kept and "[nama]" in kept


async def test_answered_problem_is_reported_with_one_tap(sari: Sari, nlu: FakeNlu) -> None:
    said = "gaji saya belum dibayar majikan sudah 2 bulan"
    nlu.learns(said, Intent.REPORT_PROBLEM)
    (answer,) = await sari.says(said)
    assert labels(answer)[0] == complaint.REPORT_THIS.label
    (asked,) = await sari.presses(complaint.REPORT_THIS.label)
    assert complaint.ASK_WHERE in asked.body


# Danger


async def test_captive_sees_the_hotlines_first_and_before_everybody_else(sari: Sari, app: App) -> None:
    first, *_ = await sari.says(CAPTIVE)
    assert first.title == words.DANGER_TITLE
    assert app.office().contact("kp2mi") in first.body
    assert {row.priority for row in await sari.outbox()} == {Priority.EMERGENCY}
    assert (await sari.questions())[0].urgency == "emergency"


async def test_captive_sees_the_hotlines_while_the_nlu_is_away(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    first, *_ = await sari.says(CAPTIVE)
    assert first.title == words.DANGER_TITLE


async def test_captive_sees_the_hotlines_without_any_index(bare_app: App) -> None:
    sari = Sari(bare_app)
    first, *_ = await sari.says(CAPTIVE)
    assert first.title == words.DANGER_TITLE
    assert {row.priority for row in await sari.outbox()} == {Priority.EMERGENCY}


async def test_cry_for_help_behind_a_command_is_heard(sari: Sari) -> None:
    first, *_ = await sari.commands("lapor", CAPTIVE)
    assert first.title == words.DANGER_TITLE


async def test_nobody_in_danger_is_asked_what_they_may_have_meant(app: App) -> None:
    unsure = Decision(Outcome.SUGGEST, None, tuple(app.knowledge.current.entries)[:3], 0.5)
    for urgency, replies in ((Urgency.EMERGENCY, 1), (Urgency.HIGH, 2)):
        known = Triage(Intent.REPORT_PROBLEM, 1.0, urgency, None)
        meaning = Meaning("saya di sini", unsure, None, None, known, None)
        assert len(question.replies_in_order(app, meaning, 0, today=date(2026, 11, 24))) == replies


async def test_hotlines_are_not_dropped_by_what_is_written_next(sari: Sari) -> None:
    await sari.sends(CAPTIVE)
    await sari.sends("halo")
    assert Delivery.DROPPED not in {row.state for row in await sari.outbox()}


async def test_numbers_of_the_country_come_first(sari: Sari, app: App) -> None:
    first, *_ = await sari.says("saya disekap majikan di kuching sarawak, tolong")
    assert first.body.index(app.office().contact("kjri_kuching")) < first.body.index(app.office().contact("kp2mi"))


async def test_line_for_citizens_abroad_comes_first_where_no_number_of_the_country_is_known(
    sari: Sari, app: App
) -> None:
    first, *_ = await sari.says("anak saya disekap di kamboja, tolong")
    assert first.body.index(app.office().contact("kemlu")) < first.body.index(app.office().contact("polri"))


async def test_who_is_held_already_is_not_told_to_stay_at_home(sari: Sari, nlu: FakeNlu) -> None:
    told = "anak saya umur 15 dibawa ke kamboja katanya kerja admin, minta tebusan 50 juta"
    nlu.learns(told, Intent.REPORT_PROBLEM, category=Category.PENIPUAN)
    first, *_ = await sari.says(told)
    assert words.DANGER_NOW["disekap"] in first.body and words.DANGER_FOR_OTHERS in first.body


async def test_question_without_an_index_names_who_can_help(bare_app: App) -> None:
    (reply,) = await Sari(bare_app).says(ASKED)
    assert words.NOT_READY in reply.body and bare_app.office().contact("kp2mi") in reply.body


# Once, in order, side by side


async def test_second_delivery_of_an_update_has_no_second_effect(sari: Sari) -> None:
    incoming = await sari.sends(ASKED)
    await turn(sari.app, incoming)
    assert len(await sari.outbox()) == len(await sari.questions()) == (await sari.row()).turns == 1


async def test_two_deliveries_at_the_same_time_have_one_effect(sari: Sari) -> None:
    incoming = sari.writes(ASKED)
    await asyncio.gather(turn(sari.app, incoming), turn(sari.app, incoming))
    assert len(await sari.outbox()) == len(await sari.questions()) == 1


async def test_messages_of_one_chat_at_the_same_time_are_handled_one_after_the_other(sari: Sari) -> None:
    texts = [CAPTIVE, ASKED, "biaya ke hongkong berapa", "umur berapa boleh ke korea"]
    await asyncio.gather(*(turn(sari.app, sari.writes(text)) for text in texts))
    assert sorted(kept.text_masked for kept in await sari.questions()) == sorted(texts)
    turns = [row.turn for row in await sari.outbox()]
    assert turns == sorted(turns) and set(turns) == {1, 2, 3, 4}


async def test_burst_longer_than_the_number_of_tries_loses_nothing(sari: Sari) -> None:
    await asyncio.gather(*(turn(sari.app, sari.writes(f"syarat ke taiwan nomor {number}")) for number in range(8)))
    assert len(await sari.questions()) == (await sari.row()).turns == 8


async def test_fifty_chats_at_once_all_get_their_answer(app: App) -> None:
    people = [Sari(app) for _ in range(50)]
    heard = await asyncio.gather(*(person.says(ASKED) for person in people))
    assert all(len(replies) == 1 and replies[0].footer for replies in heard)


async def test_slow_nlu_delays_nobody_elses_commit(app: App, nlu: FakeNlu) -> None:
    nlu.slow_s = 0.3
    sari, joko = Sari(app), Sari(app)
    await asyncio.gather(sari.sends(ASKED), joko.sends(ASKED))
    assert len(await sari.hears()) == len(await joko.hears()) == 1


# Where Silvi keeps quiet, and whom she finds again


async def test_group_talk_not_meant_for_silvi_leaves_no_trace(app: App) -> None:
    group = Sari(app, ChatRef(Channel.TELEGRAM, "-500", is_group=True), sender="1001")
    assert await group.says(ASKED, is_addressed=False) == []
    assert await group.row() is None
    assert len(await group.says(ASKED, is_addressed=True)) == 1


async def test_person_who_had_blocked_silvi_is_reachable_again_when_writing(sari: Sari) -> None:
    await sari.says("halo")
    async with sari.app.db.transaction() as session:
        await outbox.mark_unreachable(session, sari.chat, reason="blocked", now=datetime.now(UTC))
    assert (await sari.row()).unreachable_at is not None
    assert len(await sari.says(ASKED)) == 1
    assert (await sari.row()).unreachable_at is None


async def test_people_are_kept_once(sari: Sari) -> None:
    await sari.says("halo")
    await sari.says(ASKED)
    async with sari.app.db.transaction() as session:
        count = select(func.count()).select_from(Person).where(Person.external_id == sari.sender)
        assert (await session.execute(count)).scalar_one() == 1


async def test_erased_data_are_gone_from_questions_and_memory(sari: Sari) -> None:
    await sari.says("gaji prt di singapura")
    (reply, *_) = await sari.commands("hapusdata")
    if reply.buttons:
        await sari.presses(reply.buttons[0][0].action)
    row = await sari.row()
    assert await sari.questions() == []
    assert "singapura" not in str(row.memory if row else "")


async def test_in_a_group_nobodys_words_are_put_behind_anothers(patient_app: App) -> None:
    group = ChatRef(Channel.TELEGRAM, "-501", is_group=True)
    sari, joko = Sari(patient_app, group, sender="1001"), Sari(patient_app, group, sender="1004")
    await sari.sends("kak mau tanya", is_addressed=True)
    assert (await sari.row()).held_text == ""
    await sari.sends(ASKED, is_addressed=True)
    await joko.sends("kalau ke hong kong", is_addressed=True)
    *_, last = await sari.questions()
    assert (last.text_masked, last.country) == ("kalau ke hong kong", "hong-kong")
    assert (await sari.row()).memory == {}


async def test_in_a_group_a_later_question_does_not_take_anothers_answer_away(app: App) -> None:
    group = ChatRef(Channel.TELEGRAM, "-502", is_group=True)
    sari, joko = Sari(app, group, sender="1001"), Sari(app, group, sender="1004")
    await sari.sends(ASKED, is_addressed=True)
    await joko.sends("biaya resmi kerja ke luar negeri berapa", is_addressed=True)
    assert {row.state for row in await sari.outbox()} == {Delivery.PENDING}


async def test_topic_opened_from_a_button_belongs_to_its_person(sari: Sari) -> None:
    await sari.presses("topik:biaya-penempatan")
    (kept,) = await sari.questions()
    async with sari.app.db.transaction() as session:
        assert (await session.get_one(Person, kept.person_id)).external_id == sari.sender


async def test_help_gives_the_numbers_it_speaks_of(sari: Sari) -> None:
    (reply,) = await sari.commands("bantuan")
    assert sari.app.office().contact("kp2mi") in reply.body


async def test_cry_that_help_speaks_of_is_enough(sari: Sari) -> None:
    first, *_ = await sari.says("TOLONG!!")
    assert first.title == words.DANGER_TITLE and words.HOTLINES in first.body
