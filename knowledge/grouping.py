"""Puts questions that mean the same together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from knowledge.base import KnowledgeBase
from knowledge.policy import SUGGESTIONS, Outcome, decide

FURTHEST = 0.7
"""Mean cosine distance within a group. On the golden questions 90% of what is in one group has one answer (homogeneity)."""
EMBEDDED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Meaning:
    """Texts of one meaning by their numbers, the most typical first."""

    members: tuple[int, ...]
    nearest: tuple[str, ...]
    """The three entries nearest to the most typical text."""
    is_answered: bool
    """The content in force answers that text."""


def group(
    base: KnowledgeBase,
    texts: Sequence[str],
    known: dict[str, np.ndarray],
    *,
    weights: Sequence[int],
    most: int,
    tell: Callable[[float], None] = lambda _share: None,
) -> list[Meaning]:
    """The `most` groups of greatest weight among distinct `texts`, the greatest first.

    `known` keeps vectors by text from one call to the next; `tell` hears the share of the work that is done. Needs
    memory for the square of the number of texts.
    """
    if not texts:
        return []
    vectors = _vectors(base, texts, known, tell)
    alike = base.index.alike(vectors)
    labels = _labels(alike)
    members = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    members.sort(key=lambda numbers: -sum(weights[number] for number in numbers))
    return [_meaning(base, texts, vectors, alike, numbers) for numbers in members[:most]]


def _vectors(
    base: KnowledgeBase, texts: Sequence[str], known: dict[str, np.ndarray], tell: Callable[[float], None]
) -> np.ndarray:
    for gone in known.keys() - set(texts):
        del known[gone]
    missing = [text for text in texts if text not in known]
    for at in range(0, len(missing), EMBEDDED_AT_ONCE):
        tell(at / len(missing))
        some = missing[at : at + EMBEDDED_AT_ONCE]
        known.update(zip(some, base.embedder.embed(some), strict=True))
    return np.stack([known[text] for text in texts])


def _labels(alike: np.ndarray) -> np.ndarray:
    """The group of each text, counted from 0."""
    if len(alike) == 1:
        return np.zeros(1, int)
    clustering = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=FURTHEST
    )
    return clustering.fit_predict(1 - alike)


def _meaning(
    base: KnowledgeBase, texts: Sequence[str], vectors: np.ndarray, alike: np.ndarray, numbers: np.ndarray
) -> Meaning:
    by_typical = numbers[np.argsort(-alike[np.ix_(numbers, numbers)].mean(axis=1), kind="stable")]
    first = by_typical[0]
    found = base.search(texts[first], vectors[first])
    decision = decide(found.entry_ids, found.confidence, base.learned.thresholds)
    return Meaning(
        tuple(map(int, by_typical)), found.entry_ids[:SUGGESTIONS], is_answered=decision.outcome is Outcome.ANSWER
    )
