"""Whatever people type comes nearer to what is written in the knowledge base, and nothing breaks it."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from knowledge.entries import Entry, load_golden, variants_of
from knowledge.normalize import Normalizer, load_lexicon, plain, skeleton

LONGEST_EXPANSION = 6
"""The lexicon's longest explanation of a short form: "tq" is "terima kasih"."""


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("brp biaya k taiwan, sy gk punya uang", "berapa biaya ke taiwan saya tidak punya uang"),
        ("klo blm punya paspor gmn", "kalau belum punya paspor bagaimana"),
        ("Utk yg udh nikah, hrs ada izin?", "untuk yang sudah nikah harus ada izin"),
    ],
)
def test_slang_is_written_out(typed: str, standard: str, content_normalizer: Normalizer) -> None:
    assert content_normalizer(typed) == standard


@pytest.mark.parametrize(
    ("typed", "standard"),
    [("brngkt krja", "berangkat kerja"), ("pspor hlang", "paspor hilang"), ("bgaimna", "bagaimana")],
)
def test_dropped_vowels_come_back(typed: str, standard: str, content_normalizer: Normalizer) -> None:
    assert content_normalizer(typed) == standard


def test_word_with_other_letters_is_not_mended_into_a_known_one() -> None:
    normalizer = Normalizer({}, ["berangkat", "lahir"])
    assert normalizer("brngkat leher") == "berangkat leher"


def test_word_that_could_be_two_known_ones_stays() -> None:
    assert Normalizer({}, ["majikan", "mujikin"])("mjkn") == "mjkn"


def test_mended_word_is_explained_too() -> None:
    assert Normalizer({"loker": "lowongan"}, ["loker"])("lokr") == "lowongan"


def test_letters_repeated_for_stress_are_reduced_and_numbers_are_not(content_normalizer: Normalizer) -> None:
    assert content_normalizer("gajiiii besarrrr 1000000") == "gaji besar 1000000"


@pytest.mark.parametrize("typed", ["urus nya", "urus ny", "urus nye", "urusnya", "urus nya kah", "urus nya lah ny"])
def test_split_suffix_is_taken_off(typed: str, content_normalizer: Normalizer) -> None:
    assert content_normalizer(typed) == "urus"


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("kamek nak karaje ke Sarawak", "saya mau kerja ke sarawak"),
        ("mun daan bayar cemane", "kalau tidak bayar bagaimana"),
        ("saye nak kerje", "saya mau kerja"),
        ("barape gaji", "berapa gaji"),
    ],
)
def test_malay_of_sambas_and_pontianak_is_understood(typed: str, standard: str, content_normalizer: Normalizer) -> None:
    assert content_normalizer(typed) == standard


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("dokumenku ilang, mboten saget wangsul", "dokumen hilang tidak bisa pulang"),
        ("gajiku wis dipunpotong", "gaji saya sudah dipotong"),
        ("klambi sing digawakno", "klambi yang digawakno"),
    ],
)
def test_javanese_endings_are_taken_off(typed: str, standard: str, content_normalizer: Normalizer) -> None:
    assert content_normalizer(typed) == standard


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("kumaha téh carana ngadaptarkeun", "bagaimana teh caranya mendaftarkan"),
        ("kumaha teh carana ngadaptarkeun", "bagaimana teh caranya mendaftarkan"),
        ("sertifikatna teu acan kaluar", "sertifikat tidak belum keluar"),
    ],
)
def test_sundanese_is_understood_with_accents_or_without(
    typed: str, standard: str, content_normalizer: Normalizer
) -> None:
    assert content_normalizer(typed) == standard


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("dolo' kamek dipanggel", "dulu saya dipanggil"),
        ("ape-ape jak", "apa-apa saja"),
        ("bayar2 terus", "bayar-bayar terus"),
    ],
)
def test_sambas_vowels_stops_and_doubled_words(typed: str, standard: str, content_normalizer: Normalizer) -> None:
    assert content_normalizer(typed) == standard


@pytest.mark.parametrize("typed", ["darah keluar", "stop dulu", "sore nanti", "kotor"])
def test_ordinary_words_are_not_taken_for_misspelt_ones(typed: str, content_normalizer: Normalizer) -> None:
    assert content_normalizer(typed) == typed


@pytest.mark.parametrize("typed", ["😀😀😀", "👍🏽", "\x00\x07\x1b", "\u200b\u200d", "...!!!", "___", "", " \n\t "])
def test_nothing_is_left_of_emoji_signs_and_control_characters(typed: str, content_normalizer: Normalizer) -> None:
    assert content_normalizer(typed) == ""


def test_invisible_characters_inside_a_word_disappear(content_normalizer: Normalizer) -> None:
    assert content_normalizer("pas\u00adpor\x07 hi\u200blang") == "paspor hilang"


def test_line_breaks_separate_words(content_normalizer: Normalizer) -> None:
    assert content_normalizer("paspor\thilang\r\nlagi") == "paspor hilang lagi"


def test_wide_letters_are_letters(content_normalizer: Normalizer) -> None:
    assert content_normalizer("ＰＡＳＰＯＲ") == "paspor"


@pytest.mark.parametrize("typed", ["台灣工作", "كم الراتب", "ประเทศไทย", "работа"])
def test_letters_of_other_scripts_stay(typed: str, content_normalizer: Normalizer) -> None:
    assert content_normalizer(typed) != ""


@pytest.mark.parametrize("piece", ["a", "a ", "😀", "nya ", "sy ", "\x00", "台", "brngkt ", "-' "])
def test_longest_message_takes_no_time(piece: str, content_normalizer: Normalizer) -> None:
    text = piece * (10_000 // len(piece))
    started = time.perf_counter()
    content_normalizer(text)
    assert time.perf_counter() - started < 0.5


def test_normalising_shipped_wordings_twice_changes_nothing(
    shipped: list[Entry], content_normalizer: Normalizer
) -> None:
    texts = [variant.text for _, variant in variants_of(shipped)] + [question.text for question in load_golden()]
    once = [content_normalizer(text) for text in texts]
    assert [text for text in once if content_normalizer(text) != text] == []


words_people_type = st.lists(
    st.one_of(
        st.sampled_from(["brngkt", "nya", "nye", "kah", "sy", "gajiii", "lokr", "kan", "ya", "mun", "p4mi", "e-ktp"]),
        st.text(alphabet="abehknpruy'- ", max_size=8),
    ),
    max_size=12,
).map(" ".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words_people_type)
def test_normalising_twice_changes_nothing(content_normalizer: Normalizer, text: str) -> None:
    once = content_normalizer(text)
    assert content_normalizer(once) == once


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=400))
def test_any_text_is_normalised_to_at_most_a_small_multiple(content_normalizer: Normalizer, text: str) -> None:
    whole = unicodedata.normalize("NFKC", text)
    assert len(content_normalizer(text)) <= LONGEST_EXPANSION * max(len(whole), len(whole.lower()))


@given(st.text(max_size=400))
def test_plain_text_has_single_spaces_and_no_capitals(text: str) -> None:
    assert plain(text) == " ".join(plain(text).lower().split())


def test_skeleton_keeps_the_first_letter_and_the_consonants() -> None:
    assert (skeleton("berangkat"), skeleton("agen"), skeleton("")) == ("brngkt", "agn", "")


def test_word_explained_in_two_ways_is_refused(tmp_path: Path) -> None:
    lexicon = tmp_path / "lexicon.yaml"
    lexicon.write_text('slang:\n  "tok": "ini"\nsambas:\n  "tok": "kakek"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"lexicon.yaml: sambas: 'tok' already means 'ini'"):
        load_lexicon(lexicon)


def test_no_explanation_of_the_lexicon_needs_an_explanation() -> None:
    lexicon = load_lexicon()
    assert {word for standard in lexicon.values() for word in standard.split()} & lexicon.keys() == set()
