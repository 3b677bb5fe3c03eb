"""Learns from the reviewed content what a good answer looks like: scorer, confidence and thresholds, all from our own wordings.

Confidence is calibrated on the golden questions, written apart from the wordings and never trained on, so that it holds on
questions nobody has written down yet.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from knowledge.countries import elsewhere
from knowledge.embedder import VectorCache
from knowledge.entries import Entry, GoldenQuestion, OutOfScopeLine, variants_of
from knowledge.index import WordingIndex
from knowledge.kept import keep, recall
from knowledge.normalize import Normalizer
from knowledge.refit import Row, refit
from knowledge.scorer import NoScorer, Scorer

FORMAT = 4
FOLDS = 5
FAR, NEAR = "-far", "-near"
"""Labels of what has no answer; no entry id starts with a dash."""

COUNTRY_CATEGORY = "negara"
"""Of the entries that a country's name alone may lead to."""

MOST_WORDINGS, MOST_ENTRIES = 20_000, 500
"""What a scorer is learnt from at most. It looks at every pair of wordings (20,000 and their copies fill 3 GB for some
minutes) and weighs every sign for every entry; larger content is searched by its nearest wordings alone."""

FREQUENT, RARE = 5, 2
"""Wordings a word stands in to be what a misspelt one is mended to, and to be no misspelling itself."""

DENSE_WEIGHT, LEXICAL_WEIGHT = 0.3, 0.1
"""What neighbours add to the scorer when entries are ranked; chosen on the golden questions."""

FAR_SIGN, NEAR_SIGN = 7, 8
"""Places of the out-of-scope scores among a ranking's signs."""

MIN_WORTH_SUGGESTING = 0.6
"""Of suggestions that must hold the right entry."""

MAX_WRONG, MAX_NEAR, MAX_FAR = 0.022, 0.08, 0.01
"""Of answers that may be wrong, and of out-of-scope questions that may be answered: a little under what is promised."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Compared with `confidence` and with nothing else."""

    answer: float
    suggest: float


@dataclass(slots=True)
class Calibration:
    """Logistic regression (Platt 1999) from the signs of a ranking to the chance that its first entry is right."""

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    intercept: float

    def confidence(self, signs: np.ndarray) -> np.ndarray:
        """Chances (0 to 1) for signs of shape (queries, signs)."""
        return 1 / (1 + np.exp(-(((signs - self.mean) / self.scale) @ self.weights + self.intercept)))


@dataclass(slots=True)
class Learned:
    """What training leaves behind; `digest` names the wordings, lexicon and encoder it was learnt from."""

    digest: str
    rows: list[Row]
    """What the scorer learnt, in the order of its coefficients."""
    scorer: Scorer | NoScorer
    calibration: Calibration
    thresholds: Thresholds
    report: dict
    is_interim: bool = False
    """Brought up to date with a change and not yet learnt anew as a whole."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Entries of one query, best first, and the signs its confidence is read from."""

    entry_ids: tuple[str, ...]
    rank_scores: tuple[float, ...]
    signs: np.ndarray


def normalizer_for(entries: list[Entry], lexicon: dict[str, str]) -> Normalizer:
    """A normaliser that knows the words of the content's formal and everyday wordings; typing is mended to frequent ones."""
    counts: dict[str, int] = {}
    for _, variant in variants_of(entries):
        if variant.style in ("formal", "santai", "panjang"):
            for word in set(variant.text.lower().replace("?", " ").replace(",", " ").split()):
                counts[word] = counts.get(word, 0) + 1
    words = [(word, count) for word, count in counts.items() if word.isalpha()]
    return Normalizer(
        lexicon,
        known_words=(word for word, count in words if count >= FREQUENT),
        rare_words=(word for word, count in words if RARE <= count < FREQUENT),
    )


def rank(
    texts: list[str], vectors: np.ndarray, scorer: Scorer | NoScorer, index: WordingIndex, normalizer: Normalizer
) -> list[Ranking]:
    """Rank all entries for each query."""
    scores = scorer.score(texts, vectors, normalizer)
    column = {label: number for number, label in enumerate(scorer.labels)}
    by_scorer = scores[:, [column[entry_id] for entry_id in index.entry_ids]]
    dense, lexical = index.dense(vectors), index.lexical(texts)
    fused = by_scorer + DENSE_WEIGHT * dense + LEXICAL_WEIGHT * lexical
    far, near = (scores[:, column[label]] if label in column else np.zeros(len(texts)) for label in (FAR, NEAR))
    rankings = []
    for row, text in enumerate(texts):
        order = np.argsort(-fused[row])
        first, second, third = order[:3]
        words = normalizer(text).split()
        known = sum(word in normalizer.known for word in words) / max(len(words), 1)
        signs = np.array(
            [
                by_scorer[row, first],
                fused[row, first] - fused[row, second],
                by_scorer[row, first] - by_scorer[row, second],
                dense[row, first],
                dense[row].max(),
                dense[row, first] - np.delete(dense[row], first).max(),
                lexical[row, first],
                far[row],
                near[row],
                by_scorer[row, first] - max(far[row], near[row]),
                np.log1p(len(words)),
                known,
                lexical[row, first] - np.delete(lexical[row], first).max(),
                fused[row, first] - fused[row, third],
            ]
        )
        rankings.append(
            Ranking(
                tuple(index.entry_ids[number] for number in order),
                tuple(float(fused[row, number]) for number in order),
                signs,
            )
        )
    return rankings


def country_copies(entries: list[Entry]) -> list[tuple[str, str]]:
    """(entry id, text) of the wordings that name a country, moved to another one.

    Most wordings that name Singapore ask about Singapore; without these copies its name alone would decide, although who asks
    about wages or a lost passport there asks about wages or a lost passport.
    """
    moved = (
        (entry_id, elsewhere(variant.text))
        for entry_id, variant in variants_of([entry for entry in entries if entry.category != COUNTRY_CATEGORY])
    )
    return [(entry_id, text) for entry_id, text in moved if text]


def is_learnable(entries: list[Entry]) -> bool:
    """Whether a scorer can be learnt from so much content."""
    return len(entries) <= MOST_ENTRIES and sum(len(entry.variants) for entry in entries) <= MOST_WORDINGS


def rows_of(entries: list[Entry], lines: list[OutOfScopeLine]) -> list[Row]:
    """What the scorer learns: the wordings, their copies, and what belongs to no entry."""
    wordings = [(entry_id, variant.text) for entry_id, variant in variants_of(entries)]
    return wordings + country_copies(entries) + [(f"-{line.kind}", line.text) for line in lines]


def wordings_of(entries: list[Entry]) -> list[tuple[str, str, str, str]]:
    """All of the entries that is learnt from, whatever the order they stand in."""
    return sorted(
        (entry.id, entry.category, variant.style, variant.text) for entry in entries for variant in entry.variants
    )


def digest_of(
    entries: list[Entry],
    lines: list[OutOfScopeLine],
    golden: list[GoldenQuestion],
    lexicon: dict[str, str],
    fingerprint: str,
) -> str:
    """Names what is learnt from: how an entry is answered changes nothing, how it is asked does."""
    material = [
        FORMAT,
        fingerprint,
        wordings_of(entries),
        [line.text for line in lines],
        [[question.text, question.entry_ids] for question in golden],
        lexicon,
    ]
    return hashlib.sha256(json.dumps(material, sort_keys=True).encode()).hexdigest()[:24]


def learn(
    entries: list[Entry],
    lines: list[OutOfScopeLine],
    golden: list[GoldenQuestion],
    lexicon: dict[str, str],
    cache: VectorCache,
    *,
    tell: Callable[[str], None] = lambda _text: None,
) -> Learned:
    """Fit the scorer on all wordings, then confidence and thresholds on the golden questions."""
    normalizer = normalizer_for(entries, lexicon)
    rows = rows_of(entries, lines) if is_learnable(entries) else []
    golden_texts = [question.text for question in golden]
    tell(f"  menghitung vektor {len(rows) + len(golden)} kalimat ...")
    golden_vectors = cache.vectors(golden_texts)
    if rows:
        labels, texts = (list(column) for column in zip(*rows, strict=True))
        vectors = cache.vectors(texts)
        tell("  melatih penilai ...")
        scorer = Scorer.fit(texts, vectors, labels, normalizer)
    else:
        scorer = NoScorer(sorted(entry.id for entry in entries))
    tell("  mengukur keyakinan pada pertanyaan emas ...")
    index = index_of(entries, cache, normalizer)
    rankings = rank(golden_texts, golden_vectors, scorer, index, normalizer)
    calibration, thresholds, report = calibrate(rankings, golden)
    digest = digest_of(entries, lines, golden, lexicon, cache.embedder.fingerprint)
    return Learned(digest, rows, scorer, calibration, thresholds, report)


def index_of(
    entries: list[Entry], cache: VectorCache, normalizer: Normalizer, before: WordingIndex | None = None
) -> WordingIndex:
    """All wordings of these entries, to find the nearest among; what an index `before` has normalised stays so."""
    owners = [entry_id for entry_id, _ in variants_of(entries)]
    texts = [variant.text for _, variant in variants_of(entries)]
    known = dict(zip(before.texts, before.standard, strict=True)) if before else {}
    standard = [known.get(text) or normalizer(text) for text in texts]
    return WordingIndex(owners, texts, standard, cache.vectors(texts), normalizer)


def brought_up_to_date(
    learned: Learned, gone: list[Entry], come: list[Entry], cache: VectorCache, normalizer: Normalizer
) -> Learned:
    """What was learnt, with the wordings of the entries `come` in place of `gone`'s; confidence and thresholds stay."""
    changed = {entry.id for entry in gone}
    if isinstance(learned.scorer, NoScorer):
        labels = sorted(set(learned.scorer.labels) - changed | {entry.id for entry in come})
        return replace(learned, scorer=NoScorer(labels), is_interim=True)
    rows = [row for row in learned.rows if row[0] not in changed] + rows_of(come, [])
    scorer = refit(learned.scorer, learned.rows, rows, cache.vectors, normalizer)
    return replace(learned, scorer=scorer, rows=rows, is_interim=True)


def load_or_learn(
    entries: list[Entry],
    lines: list[OutOfScopeLine],
    golden: list[GoldenQuestion],
    lexicon: dict[str, str],
    cache: VectorCache,
    files: list[Path],
    *,
    tell: Callable[[str], None] = lambda _text: None,
) -> Learned:
    """What was learnt from exactly this content before, or learn it now and keep it in the last of `files`."""
    digest = digest_of(entries, lines, golden, lexicon, cache.embedder.fingerprint)
    learned = recall(files, digest)
    if learned is None:
        learned = learn(entries, lines, golden, lexicon, cache, tell=tell)
        keep(learned, files[-1])
    return learned


def calibrate(rankings: list[Ranking], golden: list[GoldenQuestion]) -> tuple[Calibration, Thresholds, dict]:
    """Confidence and thresholds from the golden questions.

    The thresholds are chosen on out-of-fold confidences (five folds), so that no question judges itself.
    """
    signs = np.stack([ranking.signs for ranking in rankings])
    right = np.array(
        [ranking.entry_ids[0] in question.entry_ids for ranking, question in zip(rankings, golden, strict=True)]
    )
    folds = np.array([zlib.crc32(question.text.encode()) % FOLDS for question in golden])
    confidence = np.zeros(len(golden))
    for fold in range(FOLDS):
        confidence[folds == fold] = _fit_calibration(signs[folds != fold], right[folds != fold]).confidence(
            signs[folds == fold]
        )
    thresholds, report = _choose_thresholds(confidence, right, rankings, golden)
    return _fit_calibration(signs, right), thresholds, report


def _fit_calibration(signs: np.ndarray, right: np.ndarray) -> Calibration:
    mean, scale = signs.mean(axis=0), np.maximum(signs.std(axis=0), 1e-6)
    model = LogisticRegression(C=1.0, max_iter=500).fit((signs - mean) / scale, right)
    return Calibration(mean, scale, model.coef_[0], float(model.intercept_[0]))


def _choose_thresholds(
    confidence: np.ndarray, right: np.ndarray, rankings: list[Ranking], golden: list[GoldenQuestion]
) -> tuple[Thresholds, dict]:
    """The lowest answer threshold that keeps every promise, and from where on suggesting three entries is worth it."""
    inside = np.array([bool(question.entry_ids) for question in golden])
    near = np.array([question.oos == "near" for question in golden])
    far = np.array([question.oos == "far" for question in golden])

    def promises(threshold: float) -> tuple[float, float, float]:
        answered = inside & (confidence >= threshold)
        wrong = 1 - right[answered].mean() if answered.any() else 0.0
        return float(wrong), float((confidence[near] >= threshold).mean()), float((confidence[far] >= threshold).mean())

    chosen = 0.99
    for threshold in np.arange(0.98, 0.3, -0.01):
        wrong, near_answered, far_answered = promises(threshold)
        if wrong > MAX_WRONG or near_answered > MAX_NEAR or far_answered > MAX_FAR:
            break
        chosen = float(round(threshold, 2))
    wrong, near_answered, far_answered = promises(chosen)
    among_three = [
        any(answer in ranking.entry_ids[:3] for answer in question.entry_ids)
        for ranking, question in zip(rankings, golden, strict=True)
    ]
    suggest = _suggest_from(confidence, np.array(among_three), chosen)
    report = {
        "golden": len(golden),
        "hit_at_1": float(right[inside].mean()),
        "hit_at_3": float(np.array(among_three)[inside].mean()),
        "answered": float((confidence[inside] >= chosen).mean()),
        "wrong_among_answered": wrong,
        "near_answered": near_answered,
        "far_answered": far_answered,
    }
    return Thresholds(chosen, suggest), report


def _suggest_from(confidence: np.ndarray, among_three: np.ndarray, answer_from: float) -> float:
    """The lowest confidence at which, between it and an answer, the right entry is still among three often enough.

    Out-of-scope questions count as not among three: a person who asks for something else is better told so.
    """
    unsure = confidence < answer_from
    order = np.argsort(-confidence[unsure])
    share = np.cumsum(among_three[unsure][order]) / np.arange(1, len(order) + 1)
    worth = np.flatnonzero(share >= MIN_WORTH_SUGGESTING)
    return float(round(confidence[unsure][order][worth[-1]], 3)) if len(worth) else answer_from
