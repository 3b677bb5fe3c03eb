"""Nearest wordings: FAISS over the encoder's vectors and BM25 over normalised words and character n-grams."""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np

from knowledge.bm25 import Grams, Words
from knowledge.normalize import Normalizer

NEIGHBOURS = 40
NGRAM = 4

FLAT_UP_TO = 20_000
"""Wordings of one office; up to here every vector is compared, which is exact and takes under a millisecond."""

VECTORS_A_CELL, TRAINING_A_CELL, CELLS_VISITED = 200, 40, 32
"""Of the inverted file of a larger index: 0.98 of the nearest forty are found among 100,000 wordings, in a fortieth of the time."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A wording near a query; `similarity` is a cosine brought to 0..1, higher is nearer."""

    entry_id: str
    text: str
    similarity: float


class WordingIndex:
    """All wordings and answers of the knowledge base; immutable, so that a new one is built beside it and swapped in."""

    def __init__(
        self,
        owners: list[str],
        texts: list[str],
        standard: list[str],
        vectors: np.ndarray,
        normalizer: Normalizer,
    ) -> None:
        self.owners = owners
        self.texts = texts
        self.standard = standard
        self.entry_ids = sorted(set(owners))
        self._position = {entry_id: number for number, entry_id in enumerate(self.entry_ids)}
        self._owner_numbers = np.array([self._position[owner] for owner in owners])
        self._normalizer = normalizer
        self._centre = vectors.mean(axis=0)
        self._faiss = _inner_product(self._unit(vectors))
        self._words = Words(standard)
        self._grams = Grams(standard, NGRAM)

    def neighbours(self, vectors: np.ndarray, count: int = NEIGHBOURS) -> list[list[Neighbour]]:
        """The nearest wordings of each query vector, shape (queries, dimension), nearest first."""
        cosines, numbers = self._nearest(vectors, count)
        return [
            [
                Neighbour(self.owners[number], self.texts[number], float((cosine + 1) / 2))
                for cosine, number in zip(row_cosines, row_numbers, strict=True)
            ]
            for row_cosines, row_numbers in zip(cosines, numbers, strict=True)
        ]

    def dense(self, vectors: np.ndarray, count: int = NEIGHBOURS) -> np.ndarray:
        """Per entry the mean of its three best cosines among the nearest wordings, shape (queries, entries)."""
        cosines, numbers = self._nearest(vectors, count)
        scores = np.zeros((len(vectors), len(self.entry_ids)), np.float32)
        for row, (row_cosines, row_numbers) in enumerate(zip(cosines, numbers, strict=True)):
            taken: dict[int, int] = {}
            for cosine, number in zip(row_cosines, row_numbers, strict=True):
                owner = self._owner_numbers[number]
                if taken.get(owner, 0) < 3:
                    taken[owner] = taken.get(owner, 0) + 1
                    scores[row, owner] += max(cosine, 0) / 3
        return scores

    def alike(self, vectors: np.ndarray) -> np.ndarray:
        """Cosines of texts among one another, shape (texts, texts)."""
        units = self._unit(vectors)
        return units @ units.T

    def lexical(self, texts: list[str]) -> np.ndarray:
        """Per entry its best BM25 score over words and over character n-grams, each scaled to its query's best, summed."""
        scores = np.zeros((len(texts), len(self.entry_ids)), np.float32)
        for row, text in enumerate(texts):
            standard = self._normalizer(text)
            for index in (self._words, self._grams):
                best = np.zeros(len(self.entry_ids), np.float32)
                np.maximum.at(best, self._owner_numbers, index.scores(standard))
                scores[row] += best / max(best.max(), 1e-6)
        return scores / 2

    def _nearest(self, vectors: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Cosines and numbers of the nearest wordings, both of shape (queries, count)."""
        # One query takes under a millisecond on one thread; shared, it waits as long for a core that is busy with the
        # NLU as that keeps it. OpenMP holds the setting for the calling thread alone, so it is made for each search.
        faiss.omp_set_num_threads(1)
        return self._faiss.search(self._unit(vectors), min(count, len(self.texts)))

    def _unit(self, vectors: np.ndarray) -> np.ndarray:
        moved = vectors - self._centre
        return np.ascontiguousarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6), np.float32)


def _inner_product(units: np.ndarray) -> faiss.Index:
    """Unit vectors of shape (texts, dimension), searched by cosine: all of them, or the nearest cells of an inverted file."""
    count, dimension = units.shape
    if count <= FLAT_UP_TO:
        index = faiss.IndexFlatIP(dimension)
    else:
        cells = count // VECTORS_A_CELL
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimension), dimension, cells, faiss.METRIC_INNER_PRODUCT)
        index.cp.max_points_per_centroid = TRAINING_A_CELL
        index.nprobe = CELLS_VISITED
        index.train(units)
    index.add(units)
    return index
