"""The knowledge base as the service uses it: one immutable object, built beside the old one and swapped in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.danger import Danger
from knowledge.embedder import Embedder, VectorCache
from knowledge.entries import CONTENT, Entry, load_golden, load_out_of_scope, read_yaml, variants_of
from knowledge.index import Neighbour, WordingIndex
from knowledge.normalize import Normalizer, load_lexicon
from knowledge.office import OfficeProfile
from knowledge.training import FAR_SIGN, NEAR_SIGN, Learned, load_or_learn, normalizer_for, rank
from knowledge.urgency import Urgency, UrgencyModel, load_messages
from knowledge.urgency import load_or_learn as learn_urgency

CACHE_FILES = ("vectors.npz", "learned.joblib", "urgency.joblib")


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry and its `rank_score`: only good for ordering."""

    entry_id: str
    rank_score: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """All entries for a query, best first, and the chance (0 to 1) that the first is right."""

    hits: tuple[Hit, ...]
    confidence: float
    looks_far_off: bool = False
    """The words are like those of questions that have nothing to do with work abroad."""

    @property
    def entry_ids(self) -> tuple[str, ...]:
        return tuple(hit.entry_id for hit in self.hits)


class KnowledgeBase:
    """Search over the published entries; safe to share between threads."""

    def __init__(
        self,
        entries: list[Entry],
        learned: Learned,
        index: WordingIndex,
        normalizer: Normalizer,
        embedder: Embedder,
        office: OfficeProfile,
        urgency_model: UrgencyModel,
    ) -> None:
        self.entries = {entry.id: entry for entry in entries}
        self.learned = learned
        self.index = index
        self.normalizer = normalizer
        self.embedder = embedder
        self.office = office
        self.urgency_model = urgency_model
        self.categories: dict[str, str] = read_yaml(CONTENT / "categories.yaml")
        self.sources: dict[str, dict] = read_yaml(CONTENT / "sources.yaml")

    @classmethod
    def build(
        cls,
        entries: list[Entry],
        embedder: Embedder,
        office: OfficeProfile,
        folders: list[Path],
        *,
        tell: Callable[[str], None] = lambda _text: None,
    ) -> KnowledgeBase:
        """Embed what is new, learn or reuse what was learnt, and index; `folders` hold caches, the last is written to."""
        vector_files, learned_files, urgency_files = ([folder / name for folder in folders] for name in CACHE_FILES)
        lexicon = load_lexicon()
        cache = VectorCache(embedder, vector_files)
        learned = load_or_learn(entries, load_out_of_scope(), load_golden(), lexicon, cache, learned_files, tell=tell)
        normalizer = normalizer_for(entries, lexicon)
        texts = [variant.text for _, variant in variants_of(entries)]
        index = WordingIndex([owner for owner, _ in variants_of(entries)], texts, cache.vectors(texts), normalizer)
        urgency_model = learn_urgency(load_messages(), normalizer, cache, urgency_files, tell=tell)
        return cls(entries, learned, index, normalizer, embedder, office, urgency_model)

    def vector(self, text: str) -> np.ndarray:
        """The encoder's vector of a query, shape (dimension,)."""
        return self.embedder.embed([text])[0]

    def search(self, text: str, vector: np.ndarray) -> Retrieval:
        """Rank the entries for one query of any language; an empty text finds nothing."""
        if not text.strip():
            return Retrieval((), 0.0)
        ranking = rank([text], vector[None], self.learned.scorer, self.index, self.normalizer)[0]
        confidence = float(self.learned.calibration.confidence(ranking.signs[None])[0])
        looks_far_off = ranking.signs[FAR_SIGN] > ranking.signs[NEAR_SIGN]
        hits = tuple(Hit(*pair) for pair in zip(ranking.entry_ids, ranking.rank_scores, strict=True))
        return Retrieval(hits, confidence, bool(looks_far_off))

    def urgency_of(self, text: str, vector: np.ndarray, danger: Danger | None) -> Urgency:
        """How urgent a message is, after the rules and what was learnt."""
        if not text.strip():
            return Urgency.NONE
        return self.urgency_model.decide(text, vector, self.normalizer, danger)

    def nearest_wordings(self, text: str, count: int = 5) -> list[Neighbour]:
        """The known wordings nearest to `text`, to explain a result."""
        return self.index.neighbours(self.vector(text)[None], count)[0]
