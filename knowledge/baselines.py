"""What a simpler search would reach on the same wordings: BM25 over plain words alone, and the plain encoder alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import bm25s
import numpy as np

from knowledge import bundled_model
from knowledge.embedder import VectorCache
from knowledge.entries import Entry, variants_of
from knowledge.metrics import RANKED, Guess
from knowledge.normalize import plain

Tell = Callable[[str], None]


class Bm25Alone:
    """The entry of the wording that shares the rarest words with the question."""

    def __init__(self, entries: list[Entry]) -> None:
        self._owners = _Owners(entries)
        self._index = bm25s.BM25(method="lucene")
        self._index.index([plain(text).split() for text in self._owners.texts], show_progress=False)

    def guess(self, text: str) -> Guess:
        """Nothing where no word is known. BM25 has no upper bound: its score s is told as s / (1 + s)."""
        began = time.perf_counter()
        words = plain(text).split()
        scores = self._index.get_scores(words) if words else np.zeros(len(self._owners.texts), np.float32)
        entry_ids, best = self._owners.best(scores)
        return Guess(entry_ids if best > 0 else (), best / (1 + best), False, _since(began))


class EncoderAlone:
    """The entry of the wording whose vector is nearest to the question's."""

    def __init__(self, entries: list[Entry], cache: VectorCache) -> None:
        self._owners = _Owners(entries)
        self._encoder = cache.embedder
        self._vectors = cache.vectors(self._owners.texts)

    def guess(self, text: str) -> Guess:
        """The confidence is the best cosine, brought to 0..1."""
        began = time.perf_counter()
        cosines = self._vectors @ self._encoder.embed([text])[0]
        entry_ids, best = self._owners.best(cosines)
        return Guess(entry_ids, (best + 1) / 2, False, _since(began))


class _Owners:
    """All wordings and whose they are."""

    def __init__(self, entries: list[Entry]) -> None:
        pairs = list(variants_of(entries))
        self.texts = [variant.text for _, variant in pairs]
        self.entry_ids = sorted({owner for owner, _ in pairs})
        self._numbers = np.array([self.entry_ids.index(owner) for owner, _ in pairs])

    def best(self, scores: np.ndarray) -> tuple[tuple[str, ...], float]:
        """The entries with the best single wording, best first, and the first one's score."""
        by_entry = np.full(len(self.entry_ids), -np.inf)
        np.maximum.at(by_entry, self._numbers, scores)
        order = np.argsort(-by_entry, kind="stable")[:RANKED]
        return tuple(self.entry_ids[number] for number in order), float(by_entry[order[0]])


def plain_model(folder: Path, *, tell: Tell) -> Path:
    """The folder of the same encoder without our tuning: `folder` itself, or one built beside it once."""
    origin = folder / "silvi.json"
    if not origin.exists() or not json.loads(origin.read_text()).get("adapter"):
        return folder
    target = folder.with_name(f"{folder.name}-plain")
    if not (target / "silvi.json").exists():
        tell("Membuat model e5 tanpa penyesuaian untuk pembanding (1-2 menit, sekali saja) ...")
        bundled_model.build(target, adapter=None, tell=tell)
    return target


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
