"""A change of few wordings is learnt at once, nearly as a whole learning would; the golden questions see what it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from knowledge import training
from knowledge.base import KnowledgeBase
from knowledge.embedder import VectorCache
from knowledge.entries import CONTENT, Entry, Variant, load_entries, load_golden
from knowledge.golden import differences
from knowledge.refit import Row, refit
from knowledge.scorer import NoScorer, Scorer
from knowledge.training import rows_of

CHOSEN = ("paspor-hilang", "paspor-ditahan", "paspor-ditolak", "gaji-tidak-dibayar", "kirim-uang", "taiwan")
GOLDEN = [question for question in load_golden() if set(question.entry_ids) & set(CHOSEN)]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return rows_of([entry for entry in load_entries(CONTENT / "faq") if entry.id in CHOSEN], [])


@pytest.fixture(scope="module")
def cache(base: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> VectorCache:
    """What the set-up has embedded."""
    files = [base.embedder.folder, base.embedder.folder.parents[1] / "tests", tmp_path_factory.mktemp("cache")]
    return VectorCache(base.embedder, [folder / "vectors.npz" for folder in files])


@dataclass(frozen=True)
class Lesson:
    """Learns and scores without embedding anything twice."""

    base: KnowledgeBase
    cache: VectorCache

    def fitted(self, rows: list[Row]) -> Scorer:
        labels, texts = (list(column) for column in zip(*rows, strict=True))
        return Scorer.fit(texts, self.cache.vectors(texts), labels, self.base.normalizer)

    def refitted(self, scorer: Scorer, before: list[Row], after: list[Row]) -> Scorer:
        return refit(scorer, before, after, self.cache.vectors, self.base.normalizer)

    def scores(self, scorer: Scorer) -> np.ndarray:
        texts = [question.text for question in GOLDEN]
        return scorer.score(texts, self.cache.vectors(texts), self.base.normalizer)


@pytest.fixture
def lesson(base: KnowledgeBase, cache: VectorCache) -> Lesson:
    return Lesson(base, cache)


def test_changed_wordings_are_scored_nearly_as_if_all_were_learnt_anew(lesson: Lesson, rows: list[Row]) -> None:
    wanted = lesson.fitted(rows)
    without = [row for number, row in enumerate(rows) if number % 40]
    brought = lesson.refitted(lesson.fitted(without), without, rows)
    assert brought.labels == wanted.labels
    new, old = lesson.scores(brought), lesson.scores(wanted)
    assert np.abs(new - old).max() < 0.1
    assert (new.argmax(axis=1) == old.argmax(axis=1)).mean() > 0.97


def test_new_label_is_learnt_and_one_without_wordings_forgotten(lesson: Lesson, rows: list[Row]) -> None:
    before = [row for row in rows if row[0] != "taiwan"]
    after = [row for row in rows if row[0] != "kirim-uang"]
    brought = lesson.refitted(lesson.fitted(before), before, after)
    assert brought.labels == sorted(set(CHOSEN) - {"kirim-uang"})
    about = [number for number, question in enumerate(GOLDEN) if "taiwan" in question.entry_ids]
    found = lesson.scores(brought).argmax(axis=1)[about]
    assert (found == brought.labels.index("taiwan")).mean() > 0.7


def test_order_of_the_wordings_changes_nothing(lesson: Lesson, rows: list[Row]) -> None:
    scorer = lesson.fitted(rows)
    turned = lesson.refitted(scorer, rows, rows[::-1])
    np.testing.assert_array_equal(turned.dual[::-1], scorer.dual)
    np.testing.assert_array_equal(lesson.scores(turned), lesson.scores(scorer))


@pytest.fixture(scope="module")
def without_hilang(base: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    left = [entry for entry in base.entries.values() if entry.id != "paspor-hilang"]
    return base.with_entries(left, [base.embedder.folder, tmp_path_factory.mktemp("cache")])


def test_questions_of_a_retired_entry_are_seen_to_go_wrong(base: KnowledgeBase, without_hilang: KnowledgeBase) -> None:
    steps: list[int] = []
    golden = [question for question in GOLDEN if {"paspor-hilang", "kirim-uang"} & set(question.entry_ids)]
    found = differences(base, without_hilang, golden, steps.append)
    assert sum(steps) == 2 * len(golden)
    assert found and all(one.wanted == ("paspor-hilang",) and not one.is_right for one in found)
    assert "paspor-hilang" in found[0].before and "paspor-hilang" not in found[0].after


def test_entry_that_answers_otherwise_is_taken_over_without_learning(base: KnowledgeBase, tmp_path: Path) -> None:
    entries = [replace(entry, short="Lapor dulu.") for entry in base.entries.values()]
    changed = base.with_entries(entries, [tmp_path])
    assert changed.entries["paspor-hilang"].short == "Lapor dulu."
    assert changed.learned is base.learned and changed.index is base.index


def test_answers_change_at_once_and_their_wordings_with_the_index(base: KnowledgeBase, tmp_path: Path) -> None:
    entries = [entry for entry in base.entries.values() if entry.id != "kirim-uang"]
    changed = [
        replace(entry, short="Lapor dulu.", variants=entry.variants[:-1]) if entry.id == "paspor-hilang" else entry
        for entry in entries
    ]
    at_once = base.with_answers([*changed, replace(entries[0], id="surat-jalan")])
    assert at_once.entries["paspor-hilang"].short == "Lapor dulu."
    assert at_once.index is base.index and at_once.entries.keys() == base.entries.keys()
    after = at_once.with_entries(changed, [base.embedder.folder, tmp_path])
    assert after.index.texts.count(base.entries["paspor-hilang"].variants[-1].text) == 0
    assert "kirim-uang" not in after.entries and after.learned.is_interim


@pytest.fixture
def few(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """Six entries, where five are as many as can be learnt."""
    golden = GOLDEN + [
        question for kind in ("near", "far") for question in [one for one in load_golden() if one.oos == kind][:10]
    ]
    monkeypatch.setattr(training, "MOST_ENTRIES", 5)
    monkeypatch.setattr("knowledge.base.load_golden", lambda: golden)
    return [base.entries[entry_id] for entry_id in CHOSEN]


def test_content_too_large_to_learn_is_searched_by_its_nearest_wordings(
    base: KnowledgeBase, few: list[Entry], tmp_path: Path
) -> None:
    folders = [base.embedder.folder, tmp_path]
    large = KnowledgeBase.build(few, base.embedder, base.office, folders)
    assert large.is_too_large_to_learn and isinstance(large.learned.scorer, NoScorer)
    asked = few[0].variants[0].text
    assert large.explain(asked).reasons[0].entry_id == few[0].id
    assert 0 < large.learned.thresholds.answer <= 0.99
    new = replace(few[0], id="surat-jalan", variants=(Variant("ngurus surat jalan di mana", "santai"),))
    larger = large.with_entries([*few, new], folders)
    found = larger.search("surat jalan di mana ngurusnya", larger.vector("surat jalan di mana ngurusnya"))
    assert found.entry_ids[0] == "surat-jalan" and larger.learned.is_interim
    small = larger.with_entries(few[:5], folders)
    assert not small.is_too_large_to_learn and isinstance(small.learned.scorer, Scorer)


def test_new_entry_is_found_at_once_and_marked_to_be_learnt_as_a_whole(base: KnowledgeBase, tmp_path: Path) -> None:
    asked = ("surat jalan itu apa", "ngurus surat jalan di mana", "surat jalan dari kades perlu gak")
    like: Entry = base.entries["paspor-hilang"]
    new = replace(like, id="surat-jalan", variants=tuple(Variant(text, "santai") for text in asked))
    changed = base.with_entries([*base.entries.values(), new], [base.embedder.folder, tmp_path])
    text = "surat jalan dari pak kades buat apa ya"
    assert changed.search(text, changed.vector(text)).entry_ids[0] == "surat-jalan"
    assert changed.learned.is_interim and not base.learned.is_interim
