"""The content that ships with Silvi holds to its own rules."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.checklists import CHECKLISTS
from knowledge.entries import CONTENT, Entry, read_yaml
from knowledge.validation import LEAST_VARIANTS, check_checklists, check_folder

STYLES = {
    "formal",
    "santai",
    "slang",
    "typo",
    "satu-kata",
    "panjang",
    "voice",
    "melayu-sambas",
    "melayu-pontianak",
    "jawa",
    "sunda",
    "malay-my",
    "english",
}


def test_shipped_content_is_accepted() -> None:
    problems = check_folder(CONTENT / "faq", office_file=None, today=date(2026, 11, 24))
    assert "\n".join(map(str, problems)) == ""


def test_shipped_lists_of_steps_are_accepted() -> None:
    problems = check_checklists(CHECKLISTS, office_file=None, today=date(2026, 11, 24))
    assert "\n".join(map(str, problems)) == ""


def test_every_topic_has_its_entry(shipped: list[Entry]) -> None:
    topics = read_yaml(CONTENT / "topics.yaml")
    assert len(topics) == 90
    assert {entry.id: entry.category for entry in shipped} == topics


def test_every_category_is_used(shipped: list[Entry]) -> None:
    assert {entry.category for entry in shipped} == set(read_yaml(CONTENT / "categories.yaml"))


def test_every_entry_is_asked_in_every_style(shipped: list[Entry]) -> None:
    for entry in shipped:
        assert len(entry.variants) >= LEAST_VARIANTS, entry.id
        assert {variant.style for variant in entry.variants} == STYLES, entry.id


def test_every_fact_rests_on_a_source_or_says_that_it_does_not() -> None:
    facts, sources = read_yaml(CONTENT / "facts.yaml"), read_yaml(CONTENT / "sources.yaml")
    for fact_id, fact in facts.items():
        assert fact["status"] in ("sourced", "recalled", "open"), fact_id
        assert set(fact.get("sources", ())) <= set(sources), fact_id
        assert (fact["status"] != "sourced") or fact["sources"], fact_id


def test_every_sourced_fact_is_backed_by_a_source_of_its_entry(shipped: list[Entry]) -> None:
    """Of a partly recalled fact an entry may use the recalled part alone, with the caution."""
    facts = read_yaml(CONTENT / "facts.yaml")
    unbacked = [
        f"{entry.id}: {fact}"
        for entry in shipped
        for fact in entry.facts
        if facts[fact]["status"] == "sourced"
        and not facts[fact].get("partly_recalled")
        and not set(facts[fact]["sources"]) & set(entry.sources)
    ]
    assert unbacked == []


@pytest.mark.parametrize("entry_id", ["disekap-dipaksa-kerja", "kekerasan-pelecehan", "perdagangan-orang"])
def test_answer_in_danger_shows_a_hotline_at_once(shipped: list[Entry], entry_id: str) -> None:
    (entry,) = (entry for entry in shipped if entry.id == entry_id)
    assert "{kontak." in entry.short
