"""The supervised half of the search: a ridge classifier over character n-grams, words and the encoder's vectors.

Kernel ridge regression onto one-hot labels in its closed form (Saunders et al. 1998), folded back into one weight matrix per
feature family, so that a query costs a sparse product. It sees every wording of an entry at once, where nearest neighbours
see one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge.normalize import Normalizer, plain

REGULARISATION = 0.15
VECTOR_WEIGHT = 3.0
"""How much the encoder counts in the kernel beside the sparse families; chosen on the golden questions, like theirs."""

BLOCK = 1000
"""Rows of the kernel made at a time, which bounds memory."""


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of sparse features: of the text as typed, or brought to standard words first."""

    weight: float
    analyzer: str
    ngrams: tuple[int, int]
    min_df: int
    standard: bool

    def vectorizer(self) -> TfidfVectorizer:
        return TfidfVectorizer(
            analyzer=self.analyzer,
            ngram_range=self.ngrams,
            min_df=self.min_df,
            token_pattern=r"\S+" if self.analyzer == "word" else None,
            sublinear_tf=True,
            lowercase=False,
            dtype=np.float32,
        )

    def prepare(self, texts: list[str], normalizer: Normalizer) -> list[str]:
        return [normalizer(text) if self.standard else plain(text) for text in texts]


FAMILIES = (
    Family(0.7, "char_wb", (2, 5), 2, standard=False),
    Family(0.7, "char_wb", (2, 5), 2, standard=True),
    Family(1.5, "word", (1, 2), 1, standard=True),
)


RIDGE = REGULARISATION * (VECTOR_WEIGHT + sum(family.weight for family in FAMILIES))
"""On the diagonal of the kernel, whose entries there are the sum of all families."""


@dataclass(slots=True)
class Scorer:
    """Scores every label for a query: about 1 for a sure label, about 0 for the rest."""

    labels: list[str]
    vectorizers: list[TfidfVectorizer]
    """One for each of FAMILIES, with its weights of shape (features, labels) in `sparse_weights`."""
    sparse_weights: list[np.ndarray]
    centre: np.ndarray
    vector_weights: np.ndarray
    dual: np.ndarray
    """Coefficients of the texts it learnt from, shape (texts, labels): with them a few changed texts are learnt fast."""

    @classmethod
    def fit(
        cls, texts: list[str], vectors: np.ndarray, labels: Sequence[str | tuple[str, ...]], normalizer: Normalizer
    ) -> Scorer:
        """Learn from `texts` with their encoder `vectors` (n, dimension) and the label, or labels, of each."""
        vectorizers = [family.vectorizer() for family in FAMILIES]
        sparse = [
            vectorizer.fit_transform(family.prepare(texts, normalizer))
            for family, vectorizer in zip(FAMILIES, vectorizers, strict=True)
        ]
        centre = vectors.mean(axis=0)
        moved = centred(vectors, centre)
        kernel = VECTOR_WEIGHT * (moved @ moved.T)
        for family, features in zip(FAMILIES, sparse, strict=True):
            for at in range(0, len(texts), BLOCK):
                kernel[at : at + BLOCK] += family.weight * (features[at : at + BLOCK] @ features.T).toarray()
        kernel[np.diag_indices_from(kernel)] += RIDGE
        sets = [(one,) if isinstance(one, str) else one for one in labels]
        names = sorted({name for one in sets for name in one})
        column = {name: number for number, name in enumerate(names)}
        targets = np.zeros((len(texts), len(names)), np.float32)
        for row, one in enumerate(sets):
            targets[row, [column[name] for name in one]] = 1
        dual = solved(kernel, targets)
        return cls(
            labels=names,
            vectorizers=vectorizers,
            sparse_weights=[
                np.asarray(family.weight * (features.T @ dual), np.float32)
                for family, features in zip(FAMILIES, sparse, strict=True)
            ],
            centre=centre,
            vector_weights=np.asarray(VECTOR_WEIGHT * (moved.T @ dual), np.float32),
            dual=np.asarray(dual, np.float32),
        )

    def score(self, texts: list[str], vectors: np.ndarray, normalizer: Normalizer) -> np.ndarray:
        """Scores of shape (len(texts), len(labels))."""
        scores = centred(vectors, self.centre) @ self.vector_weights
        for family, vectorizer, weights in zip(FAMILIES, self.vectorizers, self.sparse_weights, strict=True):
            analyze, vocabulary, idf = vectorizer.build_analyzer(), vectorizer.vocabulary_, vectorizer.idf_
            for row, text in enumerate(family.prepare(texts, normalizer)):
                columns, values = _tfidf(Counter(analyze(text)), vocabulary, idf)
                scores[row] += values @ weights[columns]
        return scores


@dataclass(frozen=True, slots=True)
class NoScorer:
    """In place of a scorer where the content is too large to learn from: nothing speaks for any entry."""

    labels: list[str]

    def score(self, texts: list[str], vectors: np.ndarray, normalizer: Normalizer) -> np.ndarray:
        """Zeros of shape (len(texts), len(labels))."""
        return np.zeros((len(texts), len(self.labels)), np.float32)


def _tfidf(counts: Mapping[str, int], vocabulary: Mapping[str, int], idf: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns and values of one text's row, as TfidfVectorizer.transform gives it (sublinear, L2-normalised).

    A row of its own costs a tenth of `transform`, whose checks and conversions are meant for many texts at once.
    """
    known = {vocabulary[token]: count for token, count in counts.items() if token in vocabulary}
    columns = np.fromiter(known.keys(), np.intp, len(known))
    values = (1 + np.log(np.fromiter(known.values(), np.float32, len(known)))) * idf[columns]
    return columns, values / np.maximum(np.linalg.norm(values), 1e-12)


def solved(kernel: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The solution for a symmetric positive kernel, which is overwritten."""
    # Turned over it is the same matrix in LAPACK's own order, so that no copy of it is made; scipy's solve makes one.
    factor = scipy.linalg.cho_factor(kernel.T, overwrite_a=True, check_finite=False)
    return scipy.linalg.cho_solve(factor, targets, check_finite=False)


def centred(vectors: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Vectors of a crowded encoder without what all have in common, L2-normalised."""
    moved = vectors - centre
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6)
