"""Offers are judged by what they show: told in every way people write, and nobody is accused who only asks."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from knowledge.embedder import Embedder, onnx_file
from knowledge.entries import CONTENT, read_yaml
from knowledge.office import load_office
from knowledge.red_flags import SEVERITY, Analysis, Severity, Source, Verdict, analyse, verdict_of
from knowledge.red_flags.advice import advice, is_urgent, load_texts
from knowledge.red_flags.checks import FLAG_IDS
from knowledge.red_flags.learned import EXAMPLES, FLAGS_FILE, FlagModel, load_or_learn
from knowledge.red_flags.reading import read
from knowledge.red_flags.rules import load_rules

UNSEEN = Path(__file__).with_name("unseen_offers.yaml")
REGRESSION = sorted(Path(__file__).parent.glob("regression_offers_*.yaml"))
MODEL = Path(__file__).parents[2] / "build" / "models" / "e5"


def ids(text: str) -> set[str]:
    return {flag.id for flag in analyse(text).flags}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> FlagModel:
    """The flag model on the encoder of the set-up; learnt anew only where the examples are newer than the set-up."""
    onnx_file(MODEL)
    return load_or_learn(Embedder(MODEL), [MODEL / FLAGS_FILE, tmp_path_factory.mktemp("flags") / FLAGS_FILE])


def labelled(path: Path) -> list[dict]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def table_of(rows: list[dict], analyses: list[Analysis]) -> tuple[str, float]:
    """Right, wrong and missed findings of each flag as a table, and the micro-F1 over all of them."""
    right, wrong, missed = Counter(), Counter(), Counter()
    for row, analysis in zip(rows, analyses, strict=True):
        found, expected = {flag.id for flag in analysis.flags}, set(row["flags"])
        right.update(found & expected)
        wrong.update(found - expected)
        missed.update(expected - found)
    lines = ["flag   right wrong missed", *(f"{f} {right[f]:5} {wrong[f]:5} {missed[f]:6}" for f in FLAG_IDS)]
    hits = 2 * right.total()
    return "\n".join(lines), hits / (hits + wrong.total() + missed.total())


def test_every_flag_of_the_catalogue_has_a_severity_a_check_and_a_text() -> None:
    assert len(FLAG_IDS) == 35
    assert set(SEVERITY) == set(FLAG_IDS) == set(load_texts().flags)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_lawful_look_alikes_show_no_flag_to_the_rules(path: Path) -> None:
    lawful = [text for groups in read_yaml(path).values() for text in groups.get("lawful", ())]
    assert {text: found for text in lawful if (found := ids(text))} == {}


def test_what_a_rule_takes_for_a_flag_the_whole_text_takes_back(model: FlagModel) -> None:
    harmless = [
        text
        for path in EXAMPLES.glob("*.yaml")
        for groups in read_yaml(path).values()
        for text in groups.get("harmless", ())
    ]
    assert any(ids(text) for text in harmless)
    assert [text for text in harmless if analyse(text, model).verdict is Verdict.DANGER] == []


@pytest.mark.parametrize("flag_id", FLAG_IDS)
def test_rules_see_each_flag_in_plainly_told_offers(flag_id: str) -> None:
    told = [
        text
        for path in EXAMPLES.glob("*.yaml")
        if not path.name.startswith("more_")
        for text in read_yaml(path).get(flag_id, {}).get("shows", ())
    ]
    assert len(told) >= 8
    missed = [text for text in told if flag_id not in ids(text)]
    assert len(missed) <= 1, missed


@pytest.mark.parametrize("path", [UNSEEN, *REGRESSION], ids=lambda path: path.stem)
def test_offers_not_learnt_from_are_judged_as_a_person_would(path: Path, model: FlagModel) -> None:
    rows = labelled(path)
    analyses = [analyse(row["text"], model) for row in rows]
    table, f1 = table_of(rows, analyses)
    print(table)
    verdicts = [verdict_of([SEVERITY[flag] for flag in row["flags"]]) for row in rows]
    judged = list(zip(verdicts, [analysis.verdict for analysis in analyses], strict=True))
    dangers = [seen for meant, seen in judged if meant is Verdict.DANGER]
    harmless = [seen for meant, seen in judged if meant is Verdict.NO_FLAG]
    assert sum(meant == seen for meant, seen in judged) / len(judged) >= 0.92, table
    assert dangers.count(Verdict.DANGER) / len(dangers) >= 0.92, table
    assert harmless.count(Verdict.DANGER) <= max(1, 0.03 * len(harmless)), table
    assert f1 >= 0.80, table


def test_model_sees_what_no_cue_names_and_says_that_it_guessed(model: FlagModel) -> None:
    rows = [row for row in labelled(UNSEEN) if row["flags"]]
    by_rules = sum(bool(analyse(row["text"]).flags) for row in rows)
    guessed = [flag for row in rows for flag in analyse(row["text"], model).flags if flag.source is Source.LEARNED]
    with_model = sum(bool(analyse(row["text"], model).flags) for row in rows)
    assert guessed
    assert with_model > by_rules


@pytest.mark.parametrize(
    "text",
    [
        "masuk pakai v1sa tur1s dulu, kerja di kilang",
        "masuk pakai v i s a  t u r i s dulu, kerja di kilang",
        "masuk pakai vi🔥sa tu🔥ris dulu, kerja di kilang",
        "masuk pakai v.i.s.a t.u.r.i.s dulu, kerja di kilang",
        "masuk pakai ｖｉｓａ ｔｕｒｉｓ dulu, kerja di kilang",
        "masuk pakai vіsа turіs dulu, kerja di kilang",
        "masuk pakai vi\u200bsa tu\u200bris dulu, kerja di kilang",
        "masuk pakai 𝐯𝐢𝐬𝐚 𝐭𝐮𝐫𝐢𝐬 dulu, kerja di kilang",
        "masuk pake visaaaa turissss dlu, krj di kilang",
    ],
)
def test_tricks_of_spelling_hide_nothing(text: str) -> None:
    assert "RF-01" in ids(text)


def test_flag_emoji_stands_for_its_country() -> None:
    assert "RF-05" in ids("LOKER 🇰🇭 admin, tiket gratis")


@pytest.mark.parametrize(
    "text",
    [
        "kerja kilang, v1sa tur1s dulu",
        "Kak, DP 3 juta ke BCA 1234567890 a.n. Sulis ya",
        "paspor & ijazah asli dikumpul di rumah sponsor 🙏",
    ],
)
def test_evidence_points_into_the_persons_own_text(text: str) -> None:
    for flag in analyse(text).flags:
        assert all(text[start:end].strip() for start, end in flag.spans)
        assert " … ".join(dict.fromkeys(text[start:end] for start, end in flag.spans)) == flag.evidence


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ([], Verdict.NO_FLAG),
        ([Severity.LOW], Verdict.CAUTION),
        ([Severity.LOW, Severity.LOW], Verdict.CAUTION),
        ([Severity.MEDIUM], Verdict.CAUTION),
        ([Severity.MEDIUM, Severity.LOW], Verdict.CAUTION),
        ([Severity.MEDIUM, Severity.MEDIUM], Verdict.DANGER),
        ([Severity.HIGH], Verdict.DANGER),
        ([Severity.CRITICAL], Verdict.DANGER),
    ],
)
def test_verdict_follows_the_catalogues_rule_of_use(severities: list[Severity], verdict: Verdict) -> None:
    assert verdict_of(severities) is verdict


@pytest.mark.parametrize(
    "text",
    [
        "jangan pakai visa turis untuk kerja",
        "kata petugas BP3MI kerja pakai visa turis tidak boleh",
        "ada yang nawarin masuk pakai visa turis buat kerja, sudah saya tolak",
        "Waspada ajakan kerja pakai visa turis! Laporkan ke BP3MI.",
        "Polisi menangkap calo yang mengirim orang kerja pakai visa turis.",
        "saya sedang skripsi tentang kerja pakai visa turis",
    ],
)
def test_warning_refusing_and_reporting_is_no_offer(text: str) -> None:
    assert analyse(text).verdict is Verdict.NO_FLAG


def test_offer_that_somebody_asks_about_is_scored_all_the_same() -> None:
    assert "RF-01" in ids("kata calo nanti pakai visa turis dulu baru kerja, bener gak?")


def test_swindlers_own_warning_clears_nothing() -> None:
    text = "Hati-hati penipuan! Kami resmi. DP 3 juta ke BCA 1234567890 a.n. Dedi, buruan daftar, kerja Malaysia"
    assert analyse(text).verdict is Verdict.DANGER


@pytest.mark.parametrize(
    ("text", "is_bait"),
    [
        ("cuci piring Kuching gaji RM1.700", False),
        ("cuci piring Kuching gaji RM 5.000", True),
        ("cuci piring Kuching gaji 20jt", True),
        ("jaga toko Johor sehari 1 juta", True),
        ("jaga toko Johor digaji dua puluh juta", True),
        ("pabrik Korea gaji 25 juta", False),
        ("PRT Hong Kong HK$5.100 sebulan", False),
        ("pabrik Taiwan NT$29.500", False),
        ("rumah dijual di Pontianak, DP 20 juta", False),
        ("bayar 20 juta untuk kerja di Malaysia", False),
    ],
)
def test_wage_is_compared_with_what_the_destination_pays(text: str, is_bait: bool) -> None:
    assert ("RF-22" in ids(text)) is is_bait


def test_work_at_home_is_not_judged_as_work_abroad() -> None:
    assert (
        ids("Hotel di Pontianak cari cook helper, UMK, tanpa ijazah tanpa pengalaman, WA 0812-0000-3434, sisa 2 orang")
        == set()
    )


def test_advice_tells_signs_rule_and_what_to_do() -> None:
    told = advice(analyse("DP 3 juta dulu, masuk pakai visa turis, kerja di Kuching"), load_office())
    assert "UU 18/2017 Pasal 13" in told
    assert "Jangan bayar, jangan serahkan dokumen asli, dan jangan berangkat dulu." in told
    assert "SISKOP2MI" in told
    assert "simpan bukti" in told


def test_point_of_law_from_memory_is_left_to_the_officer() -> None:
    told = advice(analyse("paspor dan ijazah asli dikumpul di rumah sponsor"), load_office())
    assert "Pasal 6 (perlu dikonfirmasi petugas)" in told


def test_texts_rest_on_known_facts_and_recalled_ones_say_so() -> None:
    facts = read_yaml(CONTENT / "facts.yaml")
    for flag_id, text in load_texts().flags.items():
        assert set(text.facts) <= set(facts), flag_id
        only_recalled = bool(text.facts) and all(facts[fact]["status"] == "recalled" for fact in text.facts)
        assert not (only_recalled and text.law and not text.confirm), flag_id


def test_best_outcome_is_never_called_safe() -> None:
    frame = " ".join(load_texts().frame.values())
    assert not re.search(r"\baman\b|\bpenipu\b", frame)
    told = advice(
        analyse("PT Bukit Asri cari pekerja ladang Sarawak, RM1.700"), load_office(), ("PT Bukit Asri: belum dicek.",)
    )
    assert told.startswith("Belum ada tanda bahaya")
    assert "SISKOP2MI" in told


def test_nothing_known_means_pay_nothing_and_keep_the_passport() -> None:
    told = advice(analyse("selamat pagi"), load_office())
    assert "Jangan bayar dan jangan serahkan paspor dulu" in told


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("kami dikurung di lantai 4 dan dipukul tiap hari", True),
        ("anak umur 15 diajak kerja di kedai Kuching", True),
        ("besok berangkat lewat jalan tikus, kerja di ladang", True),
        ("nama PT menyusul, kerja di Brunei", False),
    ],
)
def test_captivity_minors_and_leaving_within_two_days_are_urgent(text: str, urgent: bool) -> None:
    analysis = analyse(text)
    assert is_urgent(analysis) is urgent
    assert ("jangan menunggu" in advice(analysis, load_office())) is urgent


def test_very_long_text_is_read_in_part_and_says_so() -> None:
    analysis = analyse("kerja pakai visa turis dulu. " + "a.b-c " * 4000)
    assert analysis.is_cut
    assert "bagian awal" in advice(analysis, load_office())


def test_cue_that_does_not_compile_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "cues.yaml"
    table = read_yaml(CONTENT / "red_flag_cues.yaml")
    table["signs"][0]["cues"] = ["(unclosed"]
    broken.write_text(yaml.safe_dump(table), encoding="utf-8")
    monkeypatch.setattr("knowledge.red_flags.rules.CUES", broken)
    load_rules.cache_clear()
    try:
        with pytest.raises(ValueError, match="RF-01"):
            load_rules()
    finally:
        load_rules.cache_clear()


def test_reading_keeps_every_word_at_its_place() -> None:
    text = "Kerja di K4mboja 🇰🇭, gaji Rp 9.000.000"
    reading = read(text)
    for wording in reading.wordings:
        for token in wording.tokens:
            assert 0 <= token.start < token.end <= len(text)
