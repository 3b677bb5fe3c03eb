"""A registered name is known again however badly it is written; a look-alike is never taken for it."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rapidfuzz import process
from rapidfuzz.distance import OSA
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from knowledge.company_names import Difference, Finding, NameIndex, Sameness, name_key, parse_name

REGISTERED = {
    "PT Belibis Sambungan Utama": "Pontianak",
    "PT Belibis Sambungan Mandiri": "Singkawang",
    "PT Putra Gaharu Persada": "Jakarta Selatan",
    "PT Tembesu Anggun Sejahtera": "Semarang",
    "PT Cempedak Lautan Abadi": "Ketapang",
    "PT Rotan Jelawat Bersama": "Sambas",
    "PT Keladi Rimba Nusantara": "Malang",
    "PT Gaharu Sepakat": "Batam",
    "PT Anugerah Durian Bestari": "Bogor",
    "PT Kecapi Dua Muara": "Sintang",
    "PT Kuak Kuak Sungai Raya": "Kubu Raya",
    "PT Kerapu Samudera Internasional": "Surabaya",
    "PT Langsat Indonesia Jaya": "Bandung",
}
NAMES = list(REGISTERED)
WORDS = {name: tuple(word.lower() for word in name.split()[1:]) for name in NAMES}
DICTIONARY = sorted({word for word in StemmerFactory().get_words() if word.isalpha() and len(word) > 2})
INDEX = NameIndex(NAMES, list(REGISTERED.values()))

name = st.sampled_from(NAMES)
settings.register_profile("names", deadline=None)


def found(text: str) -> tuple[Sameness, str | None]:
    finding = INDEX.find(text)
    return finding.sameness, None if finding.best is None else NAMES[finding.best]


def difference(text: str) -> Difference:
    return INDEX.find(text).difference


@st.composite
def slip(draw: st.DrawFn) -> tuple[str, str]:
    """A name with one slip inside one of its long words: a letter left out, written twice, put in or swapped.

    What may as well be a slip for another word of the dictionary is left aside: that is not the same company.
    """
    of = draw(name)
    words = list(WORDS[of])
    at = draw(st.sampled_from([place for place, word in enumerate(words) if len(word) >= 7] or [None]))
    assume(at is not None)
    word = words[at]
    place = draw(st.integers(1, len(word) - 3))
    kind = draw(st.sampled_from(["left out", "twice", "put in", "swapped"]))
    if kind == "left out":
        written = word[:place] + word[place + 1 :]
    elif kind == "twice":
        written = word[:place] + word[place] + word[place:]
    elif kind == "put in":
        written = word[:place] + draw(st.sampled_from("bdkmnprst")) + word[place:]
    else:
        written = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    near = process.extract(written, DICTIONARY, scorer=OSA.distance, score_cutoff=1, limit=None)
    assume(all(other == word for other, _, _ in near))
    words[at] = written
    return of, " ".join(words)


@settings(deadline=None)
@given(slip())
def test_slip_in_a_long_word_is_the_same_company(written: tuple[str, str]) -> None:
    of, text = written
    assert found(text) == (Sameness.SAME, of)


@settings(deadline=None)
@given(name, st.data())
def test_words_in_another_order_are_the_same_company(of: str, data: st.DataObject) -> None:
    order = data.draw(st.sampled_from(list(permutations(WORDS[of]))))
    assert found("PT " + " ".join(order)) == (Sameness.SAME, of)


@settings(deadline=None)
@given(
    name,
    st.sampled_from(["{}", "PT {}", "pt. {}", "P.T. {}", "P.T {}", "p . t . {}", "P T {}", "{} PT", "PT {} Tbk", "{}, PT.", "PT {} (Persero)", "P3MI PT {}"]),
    st.sampled_from([str.lower, str.upper, str.title]),
)  # fmt: skip
def test_the_form_pt_may_stand_anyhow(of: str, way: str, case) -> None:
    assert found(way.format(case(of.removeprefix("PT ")))) == (Sameness.SAME, of)


@settings(deadline=None)
@given(name, st.sampled_from(["CV", "c.v.", "UD", "Yayasan", "LPK", "Koperasi", "BLK"]))
def test_another_legal_form_is_another_company(of: str, form: str) -> None:
    finding = INDEX.find(f"{form} {of.removeprefix('PT ')}")
    assert (finding.sameness, NAMES[finding.best]) == (Sameness.LOOKALIKE, of)
    assert finding.difference.form[1] == "PT" and not finding.difference.replaced


other_word = st.one_of(
    st.sampled_from(DICTIONARY), st.sampled_from(sorted({word for words in WORDS.values() for word in words}))
)


@settings(deadline=None)
@given(name, st.data(), other_word)
def test_another_word_in_place_of_one_is_never_the_same_company(of: str, data: st.DataObject, other: str) -> None:
    at = data.draw(st.integers(0, len(WORDS[of]) - 1))
    words = [*WORDS[of][:at], other, *WORDS[of][at + 1 :]]
    assume(sorted(words) not in [sorted(known) for known in WORDS.values()])
    assert found("PT " + " ".join(words))[0] != Sameness.SAME


@settings(deadline=None)
@given(name, other_word, st.integers(0, 4))
def test_a_word_more_is_never_the_same_company(of: str, other: str, at: int) -> None:
    words = list(WORDS[of])
    words.insert(at, other)
    assume(other != "di")  # before a place it says where, and is no part of the name
    assume(not (at >= len(WORDS[of]) and other.title() == REGISTERED[of]))
    assume(sorted(words) not in [sorted(known) for known in WORDS.values()])
    assert found("PT " + " ".join(words))[0] != Sameness.SAME


@settings(deadline=None)
@given(name, st.data())
def test_a_word_less_is_never_the_same_company(of: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(WORDS[of]) - 1))
    assert found("PT " + " ".join([*WORDS[of][:at], *WORDS[of][at + 1 :]]))[0] != Sameness.SAME


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_the_search(text: str) -> None:
    assert isinstance(INDEX.find(text), Finding)


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("pt cmpedak lautn abadi", "PT Cempedak Lautan Abadi"),
        ("kuak2 sei raya", "PT Kuak Kuak Sungai Raya"),
        ("Kuak-Kuak Sungai Raya", "PT Kuak Kuak Sungai Raya"),
        ("putra gaharu persada jakarta (P3MI)", "PT Putra Gaharu Persada"),
        ("kecapi 2 muara", "PT Kecapi Dua Muara"),
        ("k3l4di r1mba nusant4ra", "PT Keladi Rimba Nusantara"),
        ("Këladi Rîmba Nusantara", "PT Keladi Rimba Nusantara"),
        ("ke\u200bladi rimba nusantara", "PT Keladi Rimba Nusantara"),
        ("rotanjelawat bersama", "PT Rotan Jelawat Bersama"),
        ("rotan jela wat bersama", "PT Rotan Jelawat Bersama"),
        ("ptrotanjelawatbersama", "PT Rotan Jelawat Bersama"),
        ("anugrah durian bestari", "PT Anugerah Durian Bestari"),
        ("Poetra Gaharu Persada", "PT Putra Gaharu Persada"),
        ("kerapu samudra int'l", "PT Kerapu Samudera Internasional"),
        ("PT Langsat Indo Jaya", "PT Langsat Indonesia Jaya"),
    ],
)
def test_how_people_write_names(text: str, of: str) -> None:
    assert found(text) == (Sameness.SAME, of)


@pytest.mark.parametrize(
    ("text", "branch"),
    [
        ("PT Rotan Jelawat Bersama cabang Pontianak", "Pontianak"),
        ("rotan jelawat bersama cab. Kubu Raya", "Kubu Raya"),
        ("Rotan Jelawat Bersama (kantor cabang Tebas)", "Tebas"),
        ("PT Rotan Jelawat Bersama di Entikong", "Entikong"),
        ("PT Rotan Jelawat Bersama Sambas", None),
        ("rotan jelawat bersama, kab. sambas", None),
    ],
)
def test_branch_and_own_town_are_no_part_of_the_name(text: str, branch: str | None) -> None:
    finding = INDEX.find(text)
    assert (finding.sameness, finding.branch) == (Sameness.SAME, branch)
    assert NAMES[finding.best] == "PT Rotan Jelawat Bersama"


def test_another_town_behind_the_name_may_be_another_company() -> None:
    assert found("PT Rotan Jelawat Bersama Surabaya") == (Sameness.LOOKALIKE, "PT Rotan Jelawat Bersama")
    assert difference("PT Rotan Jelawat Bersama Surabaya").extra == ("Surabaya",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT Putri Gaharu Persada", Difference(replaced=(("Putri", "Putra"),))),
        ("PT Tembesu Anggun Sentosa", Difference(replaced=(("Sentosa", "Sejahtera"),))),
        ("PT Tembesu Anggun", Difference(missing=("Sejahtera",))),
        ("PT Tembesu Anggun Sejahtera Abadi Jaya", Difference(extra=("Abadi", "Jaya"))),
        ("CV Tembesu Anggun", Difference(missing=("Sejahtera",), form=("CV", "PT"))),
        ("PT Kerapu Samudera Indonesia", Difference(replaced=(("Indonesia", "Internasional"),))),
    ],
)
def test_difference_is_named(text: str, expected: Difference) -> None:
    assert INDEX.find(text).sameness == Sameness.LOOKALIKE
    assert difference(text) == expected


def test_name_between_two_companies_belongs_to_neither() -> None:
    finding = INDEX.find("PT Belibis Sambungan")
    assert finding.sameness == Sameness.LOOKALIKE
    assert {NAMES[place] for place in (finding.best, *finding.others)} == set(NAMES[:2])


@pytest.mark.parametrize("text", ["PT Samudra Elang Nusa", "samudra elang nusa", "nusa samudra elang"])
def test_spelling_that_fits_another_company_is_not_guessed(text: str) -> None:
    names = ["PT Samudera Elang Nusa", "PT Samudra Elang Nusantara"]
    index = NameIndex(names, ["", ""])
    assert index.find("PT Samudera Elang Nusa").sameness == Sameness.SAME
    finding = index.find(text)
    assert finding.sameness == Sameness.LOOKALIKE and {finding.best, *finding.others} == {0, 1}


def test_last_vowel_that_changes_the_word_is_no_slip() -> None:
    index = NameIndex(["PT Belantri Sejuk", "PT Mekaria Sejuk"], ["", ""])
    assert index.find("PT Belantra Sejuk").sameness == Sameness.LOOKALIKE
    assert index.find("PT Mekarie Sejuk").sameness == Sameness.SAME


@pytest.mark.parametrize(
    "text", ["", "a", "PT", "😀", "....", "PT X", "mbak Wati sponsor", "PT Serabi Lupis Abadi", "Nusantara", "公司"]
)
def test_what_is_no_company_is_not_found(text: str) -> None:
    assert found(text) == (Sameness.NONE, None)


def test_sentence_around_a_name_is_not_taken_for_the_company() -> None:
    assert found("katanya dari PT Tembesu Anggun Sejahtera yang di depan pasar")[0] == Sameness.LOOKALIKE


def test_only_a_name_word_for_word_is_exact() -> None:
    assert INDEX.find("p.t. gaharu sepakat").is_exact
    assert not INDEX.find("gahru sepakat").is_exact and not INDEX.find("Sepakat Gaharu").is_exact


NUMBERED = NameIndex(["PT Ulin 88 Perkasa", "PT Meranti77", "PT Ramin Sebelas 11"], ["Batam", "Sintang", "Sanggau"])


@pytest.mark.parametrize(
    "text",
    ["PT Ulin 8 Perkasa", "PT Ulin 888 Perkasa", "Ulin8 Perkasa", "PT Ulinb Perkasa", "PT Meranti 777", "PT Meranti7",
     "PT Merantit", "PT Ramin Sebelas 111", "PT Ramin Sebelas 1"],
)  # fmt: skip
def test_number_more_or_less_is_never_the_same_company(text: str) -> None:
    assert NUMBERED.find(text).sameness is not Sameness.SAME


@pytest.mark.parametrize("text", ["ulin88 perkasa", "PT ULIN 88 PERKASA", "pt meranti 77", "Meranti77"])
def test_number_may_stick_to_the_word_before_it(text: str) -> None:
    assert NUMBERED.find(text).is_exact


def test_digit_in_place_of_a_letter_is_never_word_for_word() -> None:
    finding = INDEX.find("PT Gah4ru Sepakat")
    assert (finding.sameness, finding.is_exact) == (Sameness.SAME, False)


def test_parts_of_a_name() -> None:
    parsed = parse_name("C.V. A.B. Maju & Mundur cab. Sambas")
    assert (parsed.form, parsed.shown(), parsed.branch) == ("CV", "AB Maju dan Mundur", "Sambas")


def test_key_is_the_same_for_all_writings_of_one_registered_name() -> None:
    assert name_key("PT. Gaharu  SEPAKAT") == name_key("Gaharu Sepakat, P.T.") != name_key("CV Gaharu Sepakat")
