"""How good answers are: hits, mean reciprocal rank, honest silence, and the trade between the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.entries import GoldenQuestion

MAX_WRONG = 0.04
"""Of the answers given, so many may be wrong; a system that cannot keep to it does not answer."""
RANKED = 3
"""Places that count: what stands behind the third suggestion is shown to nobody, and its reciprocal rank is 0."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a system made of one question: entries best first, how sure it is (0 to 1), whether it answers outright."""

    entry_ids: tuple[str, ...]
    confidence: float
    is_answered: bool
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares from 0 to 1; None where no question tells."""

    hit_at_1: float | None
    hit_at_3: float | None
    mrr: float | None
    answered: float | None
    wrong_among_answered: float | None
    far_answered: float | None
    near_answered: float | None
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class ClassScores:
    """How well labels are told apart; macro F1 counts every label that is expected or found alike."""

    accuracy: float
    macro_f1: float


def rank_of(question: GoldenQuestion, guess: Guess) -> int | None:
    """The place (from 1) of the first right entry, or None where it is not among those that count."""
    for place, entry_id in enumerate(guess.entry_ids[:RANKED], 1):
        if entry_id in question.entry_ids:
            return place
    return None


def score(questions: Sequence[GoldenQuestion], guesses: Sequence[Guess]) -> Scores:
    """Hits, MRR and answers over the questions in scope; answers given to what is out of scope apart."""
    pairs = list(zip(questions, guesses, strict=True))
    ranks = [rank_of(question, guess) for question, guess in pairs if question.entry_ids]
    answered_ranks = [rank_of(question, guess) for question, guess in pairs if question.entry_ids and guess.is_answered]
    latencies = [guess.latency_ms for guess in guesses]
    return Scores(
        hit_at_1=_share([rank == 1 for rank in ranks]),
        hit_at_3=_share([rank is not None for rank in ranks]),
        mrr=_share([1 / rank if rank else 0.0 for rank in ranks]),
        answered=_share([guess.is_answered for question, guess in pairs if question.entry_ids]),
        wrong_among_answered=_share([rank != 1 for rank in answered_ranks]),
        far_answered=_share([guess.is_answered for question, guess in pairs if question.oos == "far"]),
        near_answered=_share([guess.is_answered for question, guess in pairs if question.oos == "near"]),
        p50_ms=percentile(latencies, 50),
        p95_ms=percentile(latencies, 95),
    )


def hits_by_style(questions: Sequence[GoldenQuestion], guesses: Sequence[Guess]) -> dict[str, float]:
    """hit@1 of the questions in scope, by their style."""
    hits: dict[str, list[bool]] = {}
    for question, guess in zip(questions, guesses, strict=True):
        if question.entry_ids:
            hits.setdefault(question.style, []).append(rank_of(question, guess) == 1)
    return {style: sum(of_style) / len(of_style) for style, of_style in hits.items()}


def risk_coverage(questions: Sequence[GoldenQuestion], guesses: Sequence[Guess]) -> list[tuple[float, float]]:
    """(share answered, share wrong among those) for each confidence a system could begin to answer at, surest first.

    Over the questions in scope; El-Yaniv and Wiener 2010.
    """
    return [(answered, wrong) for _, answered, wrong in _points(questions, guesses)]


def answer_threshold(
    questions: Sequence[GoldenQuestion], guesses: Sequence[Guess], *, max_wrong: float = MAX_WRONG
) -> float | None:
    """The confidence from which on a system may answer: the lowest that keeps wrong answers to `max_wrong`, or None."""
    kept = [confidence for confidence, _, wrong in _points(questions, guesses) if wrong <= max_wrong]
    return min(kept, default=None)


def answering_from(threshold: float | None, guesses: Sequence[Guess]) -> list[Guess]:
    """The guesses of a system that answers from `threshold` on; one without a threshold never does."""
    return [replace(guess, is_answered=threshold is not None and guess.confidence >= threshold) for guess in guesses]


def classes(expected: Sequence[str], found: Sequence[str]) -> ClassScores:
    """Accuracy and macro F1 of labels."""
    f1_scores = []
    for label in set(expected) | set(found):
        both = sum(e == f == label for e, f in zip(expected, found, strict=True))
        f1_scores.append(2 * both / (expected.count(label) + found.count(label)))
    return ClassScores(
        accuracy=sum(e == f for e, f in zip(expected, found, strict=True)) / len(expected),
        macro_f1=sum(f1_scores) / len(f1_scores),
    )


def recall_and_precision(
    label: str, expected: Sequence[str], found: Sequence[str]
) -> tuple[float | None, float | None]:
    """Of what should be `label` the share found, and of what was found the share that should be."""
    pairs = list(zip(expected, found, strict=True))
    return _share([f == label for e, f in pairs if e == label]), _share([e == label for e, f in pairs if f == label])


def percentile(values: Sequence[float], percent: float) -> float:
    """The `percent` percentile, interpolated; nan for no values."""
    return float(np.percentile(values, percent)) if len(values) else float("nan")


def _points(questions: Sequence[GoldenQuestion], guesses: Sequence[Guess]) -> list[tuple[float, float, float]]:
    """(confidence, share answered, share wrong among answered), one for each different confidence, surest first."""
    inside = [
        (guess.confidence, rank_of(question, guess) != 1)
        for question, guess in zip(questions, guesses, strict=True)
        if question.entry_ids
    ]
    inside.sort(key=lambda pair: -pair[0])
    points, wrong = [], 0
    for number, (confidence, is_wrong) in enumerate(inside, 1):
        wrong += is_wrong
        if number == len(inside) or inside[number][0] < confidence:
            points.append((confidence, number / len(inside), wrong / number))
    return points


def _share(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
