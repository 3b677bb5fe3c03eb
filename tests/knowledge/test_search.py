"""The search on the golden questions, which nothing is trained on: what the README promises must hold."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from knowledge.base import KnowledgeBase
from knowledge.danger import find_danger
from knowledge.entries import load_golden, read_yaml
from knowledge.policy import Outcome, decide
from knowledge.urgency import Urgency

GOLDEN = load_golden()
DANGEROUS = {
    "kekerasan-pelecehan",
    "disekap-dipaksa-kerja",
    "hilang-kontak",
    "ditangkap-ditahan",
    "lewat-jalur-tikus",
    "kamboja-myanmar",
    "perdagangan-orang",
    "kabur-ganti-majikan",
    "sakit-kecelakaan",
    "lapor-calo",
}
"""Entries whose questions may well be cries for help."""


@pytest.fixture(scope="module")
def retrievals(base: KnowledgeBase):
    """The search result of every golden question."""
    return [base.search(question.text, base.vector(question.text)) for question in GOLDEN]


@pytest.fixture(scope="module")
def answered(base: KnowledgeBase, retrievals) -> np.ndarray:
    thresholds = base.learned.thresholds
    decisions = [decide(found.entry_ids, found.confidence, thresholds) for found in retrievals]
    return np.array([decision.outcome is Outcome.ANSWER for decision in decisions])


IN_SCOPE = np.array([bool(question.entry_ids) for question in GOLDEN])
NEAR = np.array([question.oos == "near" for question in GOLDEN])
FAR = np.array([question.oos == "far" for question in GOLDEN])


def _right(retrievals, among: int) -> np.ndarray:
    return np.array(
        [
            any(entry_id in question.entry_ids for entry_id in found.entry_ids[:among])
            for found, question in zip(retrievals, GOLDEN, strict=True)
        ]
    )


def _urgency(base: KnowledgeBase, text: str) -> Urgency:
    return base.urgency_of(text, base.vector(text), find_danger(text, base.normalizer))


def test_the_right_entry_is_first_and_among_three(retrievals) -> None:
    assert _right(retrievals, 1)[IN_SCOPE].mean() >= 0.88
    assert _right(retrievals, 3)[IN_SCOPE].mean() >= 0.96


def test_no_way_of_writing_is_left_behind(retrievals) -> None:
    by_style = defaultdict(list)
    for question, right in zip(GOLDEN, _right(retrievals, 1), strict=True):
        if question.entry_ids:
            by_style[question.style].append(right)
    worst = {style: float(np.mean(rights)) for style, rights in by_style.items() if len(rights) >= 30}
    assert min(worst.values()) >= 0.75, worst


def test_few_answers_are_wrong_and_most_questions_are_answered(retrievals, answered) -> None:
    given = answered & IN_SCOPE
    assert 1 - _right(retrievals, 1)[given].mean() <= 0.04
    assert answered[IN_SCOPE].mean() >= 0.75


def test_local_languages_are_understood_as_well_as_indonesian(base: KnowledgeBase) -> None:
    unseen = read_yaml(Path(__file__).with_name("unseen_local.yaml"))
    questions = [(language, text, entry) for entry, by in unseen.items() for language, text in by.items()]
    vectors = base.vectors([text for _, text, _ in questions])
    right, answered, wrong = defaultdict(list), 0, 0
    for (language, text, entry), vector in zip(questions, vectors, strict=True):
        found = base.search(text, vector)
        right[language].append(found.entry_ids[0] == entry)
        if decide(found.entry_ids, found.confidence, base.learned.thresholds).outcome is Outcome.ANSWER:
            answered += 1
            wrong += not right[language][-1]
    hits = {language: float(np.mean(found)) for language, found in right.items()}
    assert min(hits.values()) >= 0.88, hits
    assert answered / len(questions) >= 0.80
    assert wrong / answered <= 0.04


def test_what_has_no_answer_is_not_answered(answered) -> None:
    assert answered[FAR].mean() <= 0.02
    assert answered[NEAR].mean() <= 0.10


def test_hits_are_ordered_and_confidence_is_a_chance(retrievals) -> None:
    for found in retrievals:
        scores = [hit.rank_score for hit in found.hits]
        assert scores == sorted(scores, reverse=True)
        assert 0 <= found.confidence <= 1


def test_an_empty_question_finds_nothing(base: KnowledgeBase) -> None:
    assert base.search("  ", base.vector("  ")).hits == ()


def test_a_result_is_explained_by_its_entries_and_nearest_wordings(base: KnowledgeBase) -> None:
    found = base.explain("paspor saya dipegang majikan terus")
    assert found.decision.entry_id == found.reasons[0].entry_id == found.wordings[0].entry_id == "paspor-ditahan"
    assert all(0 <= neighbour.similarity <= 1 for neighbour in found.wordings)


def test_the_learnt_urgency_finds_what_it_promises(base: KnowledgeBase) -> None:
    """On messages not learnt from, most of them with signs that no rule spells out."""
    report = base.urgency_model.report
    assert report["emergency_recall"] >= 0.9
    assert report["emergency_precision"] >= 0.8


def test_ordinary_questions_are_no_emergency(base: KnowledgeBase) -> None:
    harmless = [question.text for question in GOLDEN if question.entry_ids and not DANGEROUS & set(question.entry_ids)]
    alarms = [text for text in harmless if _urgency(base, text) is Urgency.EMERGENCY]
    assert len(alarms) / len(harmless) <= 0.05, alarms


@pytest.mark.parametrize(
    "text",
    [
        "ini rumah saya",
        "itu nomor kamarnya",
        "di TV ada berita TKW disekap di Laos, keluarganya dibantu siapa?",
        "supaya anak gadis tidak dijual calo, apa yang harus kami periksa?",
        "kalau suatu hari majikan memukul, bukti apa yang disimpan?",
        "skripsi ini membunuhku pelan-pelan wkwk",
        "motor bapak tidak bisa hidup dari pagi",
    ],
)
def test_question_or_joke_about_danger_is_no_report(base: KnowledgeBase, text: str) -> None:
    assert _urgency(base, text) in (Urgency.NONE, Urgency.NORMAL)


@pytest.mark.parametrize(
    "text",
    [
        "sidang kakak saya di mahkamah Miri minggu depan, tidak ada yang jadi penerjemah",
        "paman ditangkap imigresen kemarin malam, sekarang di depot",
        "tante saya waktu di Kuwait dulu sering dipukul, sekarang sudah tua di kampung. masih bisa minta ganti rugi?",
        "tahun lalu saya sering ditampar nyonya, sekarang sudah pulang dan mau menuntut",
    ],
)
def test_grave_trouble_of_another_day_is_no_emergency(base: KnowledgeBase, text: str) -> None:
    assert _urgency(base, text) in (Urgency.HIGH, Urgency.NORMAL)


@pytest.mark.parametrize(
    "text",
    [
        "majikan mau perkosa saya",
        "arep dipateni juragan",
        "bos nodong saya pakai pistol",
        "kami dikunci di ruko, penjaganya bawa anjing, siapa yang lari ditembak katanya",
        "anak saya pingsan di mess, bos tidak mau panggil ambulans",
        "malam ini saya dibawa lewat hutan, paspor tidak ada",
    ],
)
def test_no_guard_or_learning_takes_an_emergency_away(base: KnowledgeBase, text: str) -> None:
    assert _urgency(base, text) is Urgency.EMERGENCY


@pytest.mark.parametrize("text", ["saya mau bunuh diri saja", "mau bunuh diri", "pengen mati aja", "TOLONG"])
def test_no_learning_outvotes_despair_and_a_bare_cry(base: KnowledgeBase, text: str) -> None:
    assert _urgency(base, text) is Urgency.EMERGENCY
