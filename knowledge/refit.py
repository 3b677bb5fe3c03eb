"""Brings a scorer up to date with a few changed wordings in about a second, where learning all anew takes half a minute.

The ridge problem is solved exactly for the changed rows and their neighbours while all other coefficients stay as they are:
one step of a block coordinate descent on the dual (overlapping Schwarz method). What is left is a small error far away from
the change. Vocabulary, word weights and centre stay those of the last whole learning, which follows in the background.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from knowledge.normalize import Normalizer
from knowledge.scorer import FAMILIES, RIDGE, VECTOR_WEIGHT, Scorer, centred, solved

NEIGHBOURS = 1200
"""Rows solved together with the changed ones."""

Row = tuple[str, str]
"""A label and a text learnt for it."""


def refit(
    scorer: Scorer,
    before: list[Row],
    after: list[Row],
    vectors_of: Callable[[list[str]], np.ndarray],
    normalizer: Normalizer,
) -> Scorer:
    """`scorer`, which learnt the rows `before`, as if it had learnt `after`, nearly; its coefficients in that order."""
    places = defaultdict(list)
    for number, row in enumerate(before):
        places[row].append(number)
    origin = np.array([places[row].pop() if places[row] else -1 for row in after])
    gone = sorted(number for left in places.values() for number in left)
    if not gone and (origin >= 0).all():
        return replace(scorer, dual=scorer.dual[origin])
    labels = sorted({label for label, _ in after})
    scorer = _with_labels(scorer, labels)
    dual = np.where(origin[:, None] >= 0, scorer.dual[origin], 0).astype(np.float32)
    vectors = centred(vectors_of([text for _, text in after]), scorer.centre)
    if gone:
        texts = [before[number][1] for number in gone]
        leaving = centred(vectors_of(texts), scorer.centre)
        scorer = _moved(scorer, texts, leaving, -scorer.dual[gone], normalizer)
    else:
        leaving = vectors[:0]
    chosen = _neighbourhood(vectors, np.flatnonzero(origin < 0), leaving)
    texts = [after[number][1] for number in chosen]
    features = _features(scorer, texts, normalizer)
    targets = np.zeros((len(chosen), len(labels)), np.float32)
    targets[np.arange(len(chosen)), [labels.index(after[number][0]) for number in chosen]] = 1
    scores = vectors[chosen] @ scorer.vector_weights
    kernel = VECTOR_WEIGHT * (vectors[chosen] @ vectors[chosen].T)
    for family, rows, weights in zip(FAMILIES, features, scorer.sparse_weights, strict=True):
        scores += rows @ weights
        kernel += family.weight * (rows @ rows.T).toarray()
    kernel[np.diag_indices_from(kernel)] += RIDGE
    missing = (targets - scores - RIDGE * dual[chosen]).astype(np.float32)
    step = solved(kernel, missing)
    dual[chosen] += step
    return replace(_moved(scorer, texts, vectors[chosen], step, normalizer, features), dual=dual)


def _neighbourhood(vectors: np.ndarray, added: np.ndarray, leaving: np.ndarray) -> np.ndarray:
    """Numbers of the added rows and of those nearest to any added or leaving one."""
    changed = np.concatenate([vectors[added], leaving])
    nearness = (vectors @ changed.T).max(axis=1)
    nearness[added] = np.inf
    return np.sort(np.argsort(-nearness)[: NEIGHBOURS + len(added)])


def _with_labels(scorer: Scorer, labels: list[str]) -> Scorer:
    """With exactly these labels; nothing speaks for a new one yet, and one without texts is forgotten."""
    columns = [scorer.labels.index(label) if label in scorer.labels else len(scorer.labels) for label in labels]

    def chosen(weights: np.ndarray) -> np.ndarray:
        return np.pad(weights, ((0, 0), (0, 1)))[:, columns]

    return replace(
        scorer,
        labels=labels,
        sparse_weights=[chosen(weights) for weights in scorer.sparse_weights],
        vector_weights=chosen(scorer.vector_weights),
        dual=chosen(scorer.dual),
    )


def _moved(
    scorer: Scorer,
    texts: list[str],
    vectors: np.ndarray,
    step: np.ndarray,
    normalizer: Normalizer,
    features: list | None = None,
) -> Scorer:
    """The weights after the coefficients of these rows have changed by `step`, shape (texts, labels)."""
    features = features or _features(scorer, texts, normalizer)
    return replace(
        scorer,
        sparse_weights=[
            weights + np.asarray(family.weight * (rows.T @ step), np.float32)
            for family, rows, weights in zip(FAMILIES, features, scorer.sparse_weights, strict=True)
        ],
        vector_weights=scorer.vector_weights + np.asarray(VECTOR_WEIGHT * (vectors.T @ step), np.float32),
    )


def _features(scorer: Scorer, texts: list[str], normalizer: Normalizer) -> list:
    """Sparse rows of `texts`, one matrix for each family."""
    return [
        vectorizer.transform(family.prepare(texts, normalizer))
        for family, vectorizer in zip(FAMILIES, scorer.vectorizers, strict=True)
    ]
