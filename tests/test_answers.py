"""What is read at once: what holds for the country that was named, what to do first, and never more than fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.domain.messages import Reply
from bot.texts import answers
from bot.texts import jobseeker as words
from knowledge.base import KnowledgeBase
from knowledge.countries import codes
from knowledge.entries import FIRST_PART_CHARACTERS, Entry, paragraphs

TODAY = date(2026, 11, 24)
ENTRY = Entry(
    id="gaji-tidak-dibayar",
    title="Gaji saya tidak dibayar",
    category="masalah",
    volatile=False,
    officer="always",
    near=(),
    facts=("F-1501",),
    legal_basis=(),
    sources=(),
    last_checked=TODAY,
    review_by=date(2027, 5, 24),
    short=f"Bisa diadukan.\n\n{'Simpan bukti. ' * 20}\n\n{'Catat bulannya. ' * 20}\n\nHubungi KBRI.",
    more="Rincian lain.",
    countries={"malaysia": "Di Malaysia, tanya KBRI.", "brunei": "Di Brunei, tanya KBRI."},
    variants=(),
)


def more_button(reply: Reply) -> str:
    return next(button.action for row in reply.buttons for button in row if button.label == words.MORE)


def test_every_first_answer_fits_and_nothing_of_it_is_lost(base: KnowledgeBase) -> None:
    fill = base.office.fill
    for entry in base.entries.values():
        general = [fill(paragraph) for paragraph in paragraphs(entry.short)]
        for country in (None, *codes()):
            reply = answers.short_answer(base, entry, country, today=TODAY)
            case = f"{entry.id}, {country}"
            part = country and answers.country_part(entry, country)
            opening = f"{fill(part)}\n\n{general[0]}" if part else general[0]
            assert reply.body.startswith(opening), case
            assert len(reply.body) <= FIRST_PART_CHARACTERS, case
            shown = more_button(reply).split(":")[3:]
            rest = answers.full_answer(base, entry, today=TODAY, shown=int(shown[0]) if shown else None).body
            read = f"{reply.body}\n\n{rest}"
            assert all(read.count(paragraph) >= 1 for paragraph in general), case
            assert fill(entry.more) in rest, case


def test_country_stands_first_and_what_has_no_room_waits_behind_the_button(base: KnowledgeBase) -> None:
    reply = answers.short_answer(base, ENTRY, "brunei", today=TODAY, question_id=7)
    opening, proof, months, embassy = paragraphs(ENTRY.short)
    assert reply.body == f"{ENTRY.countries['brunei']}\n\n{opening}\n\n{proof}"
    assert more_button(reply) == "lengkap:gaji-tidak-dibayar:7:2"
    rest = answers.full_answer(base, ENTRY, today=TODAY, shown=2)
    assert rest.body == f"{months}\n\n{embassy}\n\n{ENTRY.more}"


def test_without_a_country_the_whole_first_part_is_read(base: KnowledgeBase) -> None:
    for country in (None, "taiwan"):
        reply = answers.short_answer(base, ENTRY, country, today=TODAY, question_id=7)
        assert reply.body == "\n\n".join(paragraphs(ENTRY.short))
        assert more_button(reply) == "lengkap:gaji-tidak-dibayar:7"
    assert answers.full_answer(base, ENTRY, today=TODAY).body == ENTRY.more


def test_what_gave_way_is_reached_where_there_are_no_details(base: KnowledgeBase) -> None:
    bare = replace(ENTRY, more="")
    shown = more_button(answers.short_answer(base, bare, "brunei", today=TODAY)).split(":")[3]
    rest = answers.full_answer(base, bare, today=TODAY, shown=int(shown))
    assert rest.body == "\n\n".join(paragraphs(bare.short)[2:])


def test_sarawak_is_told_what_holds_for_malaysia_where_it_has_no_part_of_its_own(base: KnowledgeBase) -> None:
    reply = answers.short_answer(base, ENTRY, "sarawak", today=TODAY)
    assert reply.body.startswith(ENTRY.countries["malaysia"])
