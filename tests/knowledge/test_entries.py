"""Entries are written and read without loss, and a file that does not fit is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.entries import (
    CONTENT,
    Entry,
    Officer,
    Variant,
    document_of,
    entry_from_document,
    load_entries,
    load_golden,
    load_out_of_scope,
    read_yaml,
    variants_of,
    write_entry,
)

ENTRY = Entry(
    id="paspor-hilang",
    title='Paspor "hilang": bagaimana?',
    category="masalah",
    volatile=True,
    officer=Officer.OFFER,
    near=("paspor-ditahan",),
    facts=("F-104",),
    legal_basis=(),
    sources=("S05",),
    last_checked=date(2026, 11, 24),
    review_by=date(2027, 2, 24),
    short="Lapor dulu.\n\n1. Hubungi KJRI:\n- {kontak.kjri_kuching}",
    more="# bukan komentar\n  menjorok: ya\n'kutip' \"ganda\" \\ 100%",
    countries={"sarawak": "Hubungi KJRI Kuching."},
    variants=(
        Variant("ya", "santai"),
        Variant("2026-11-24", "santai"),
        Variant("pasporku ilang 😢", "jawa"),
        Variant("no: 12", "slang"),
    ),
)


def test_entry_survives_its_document() -> None:
    assert entry_from_document(document_of(ENTRY)) == ENTRY


def test_entry_survives_json() -> None:
    assert entry_from_document(json.loads(json.dumps(document_of(ENTRY))), version=1) == ENTRY


@pytest.mark.parametrize("entry", [ENTRY, replace(ENTRY, more="", countries={}, near=(), facts=(), volatile=False)])
def test_entry_survives_its_file(tmp_path: Path, entry: Entry) -> None:
    assert write_entry(entry, tmp_path) == tmp_path / "paspor-hilang.yaml"
    assert load_entries(tmp_path) == [entry]


def test_shipped_content_survives_its_files(tmp_path: Path, shipped: list[Entry]) -> None:
    for entry in shipped:
        write_entry(entry, tmp_path)
    assert load_entries(tmp_path) == shipped


def test_long_text_is_written_as_a_block_that_people_can_edit(tmp_path: Path) -> None:
    text = write_entry(ENTRY, tmp_path).read_text(encoding="utf-8")
    assert "  short: |-\n    Lapor dulu.\n" in text


def test_version_is_what_the_caller_says() -> None:
    assert entry_from_document(document_of(ENTRY), version=7).version == 7


@pytest.mark.parametrize(
    ("field", "value"),
    [("officer", "kadang"), ("last_checked", "kemarin"), ("answer", {}), ("variants", ["teks"]), ("near", None)],
)
def test_document_that_does_not_fit_is_refused(field: str, value: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        entry_from_document(document_of(ENTRY) | {field: value})


@pytest.mark.parametrize("text", ["", "- daftar", "id: paspor-hilang", "id: [", "variants: [a]"])
def test_file_that_does_not_fit_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "paspor-hilang.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="paspor-hilang.yaml"):
        load_entries(tmp_path)


def test_variants_come_with_their_entry_in_order() -> None:
    assert [(owner, variant.text) for owner, variant in variants_of([ENTRY])][:2] == [
        ("paspor-hilang", "ya"),
        ("paspor-hilang", "2026-11-24"),
    ]


def test_golden_questions_name_known_entries_and_have_ids_of_their_own(shipped: list[Entry]) -> None:
    golden = load_golden()
    known = {entry.id for entry in shipped}
    assert len({question.id for question in golden}) == len(golden)
    assert all(set(question.entry_ids) <= known for question in golden)
    assert all(bool(question.entry_ids) != bool(question.oos) for question in golden)


def test_golden_sentences_are_never_trained_on(shipped: list[Entry]) -> None:
    """Of one to three words, writers who know nothing of each other choose the same now and then: "paspor hilang"."""
    trained = {variant.text.casefold() for _, variant in variants_of(shipped)} | {
        line.text.casefold() for line in load_out_of_scope()
    }
    sentences = [question for question in load_golden() if len(question.text.split()) > 3]
    assert [question.id for question in sentences if question.text.casefold() in trained] == []


def test_lines_without_an_answer_are_far_or_near() -> None:
    assert {line.kind for line in load_out_of_scope()} == {"far", "near"}


def test_every_file_of_the_content_is_readable() -> None:
    assert all(read_yaml(path) is not None for path in CONTENT.rglob("*.yaml"))
