"""Splits variants by whole wording groups, so that a near-copy of a test line is never in training."""

from __future__ import annotations

import zlib

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge.entries import Entry

LINES_PER_GROUP = 5


def wording_groups(entries: list[Entry]) -> dict[str, str]:
    """Variant text -> name of its wording group: within an entry, lines alike in their character n-grams.

    Average-linkage clustering on cosine distance of TF-IDF over 3- to 5-grams, about five lines to a group.
    """
    groups: dict[str, str] = {}
    for entry in entries:
        texts = [variant.text for variant in entry.variants]
        clusters = max(2, len(texts) // LINES_PER_GROUP)
        if len(texts) <= clusters:
            groups |= {text: f"{entry.id}/{number}" for number, text in enumerate(texts)}
            continue
        features = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, lowercase=True)
        vectors = features.fit_transform(texts).toarray()
        labels = AgglomerativeClustering(clusters, metric="cosine", linkage="average").fit_predict(vectors)
        groups |= {text: f"{entry.id}/{label}" for text, label in zip(texts, labels, strict=True)}
    return groups


def fold_of(group: str, folds: int) -> int:
    """The fold a wording group belongs to: stable, whatever else is in the content."""
    return zlib.crc32(group.encode()) % folds


def held_out(entries: list[Entry]) -> set[str]:
    """The variants kept from the encoder's tuning (about a sixth), to calibrate confidence on."""
    return {text for text, group in wording_groups(entries).items() if fold_of(group, 6) == 0}


def fold_numbers(entries: list[Entry], folds: int) -> np.ndarray:
    """The fold of every variant, in the order of `variants_of`."""
    groups = wording_groups(entries)
    return np.array([fold_of(groups[variant.text], folds) for entry in entries for variant in entry.variants])
