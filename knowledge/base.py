"""The knowledge base as the service uses it: one immutable object, built beside the old one and swapped in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from knowledge.danger import Danger
from knowledge.embedder import Embedder, VectorCache
from knowledge.entries import CONTENT, Entry, load_golden, load_out_of_scope, read_yaml
from knowledge.index import Neighbour, WordingIndex
from knowledge.kept import recall
from knowledge.normalize import Normalizer, load_lexicon
from knowledge.office import OfficeProfile
from knowledge.policy import Decision, decide
from knowledge.training import (
    FAR_SIGN,
    NEAR_SIGN,
    Learned,
    brought_up_to_date,
    digest_of,
    index_of,
    is_learnable,
    load_or_learn,
    normalizer_for,
    rank,
    wordings_of,
)
from knowledge.urgency import Urgency, UrgencyModel, load_messages
from knowledge.urgency import load_or_learn as learn_urgency

MANY_WORDINGS = 3000
"""Of so many, learning all anew takes hardly longer, and less memory."""

CACHE_FILES = ("vectors.npz", "learned.joblib", "urgency.joblib")


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry and its `rank_score`: only good for ordering."""

    entry_id: str
    rank_score: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entry stands where it does: what the learnt scorer says of it, its nearest wordings, and shared words."""

    entry_id: str
    rank_score: float
    learnt: float
    meaning: float
    words: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is decided about a question, and why."""

    decision: Decision
    answer_from: float
    suggest_from: float
    standard: str
    """The text in everyday standard words."""
    reasons: tuple[Reason, ...]
    wordings: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Retrieval:
    """All entries for a query, best first, and the chance (0 to 1) that the first is right."""

    hits: tuple[Hit, ...]
    confidence: float
    looks_far_off: bool = False
    """The words are like those of questions that have nothing to do with work abroad."""
    is_by_context: bool = False
    """Found only together with the question before: by themselves the words may mean something else."""

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
        vector_files, learned_files, urgency_files = _cache_files(folders)
        lexicon = load_lexicon()
        cache = VectorCache(embedder, vector_files)
        learned = load_or_learn(entries, load_out_of_scope(), load_golden(), lexicon, cache, learned_files, tell=tell)
        normalizer = normalizer_for(entries, lexicon)
        index = index_of(entries, cache, normalizer)
        urgency_model = learn_urgency(load_messages(), normalizer, cache, urgency_files, tell=tell)
        return cls(entries, learned, index, normalizer, embedder, office, urgency_model)

    def with_entries(self, entries: list[Entry], folders: list[Path]) -> KnowledgeBase:
        """The knowledge of other entries, within seconds where few wordings differ; what is learnt is then interim."""
        learned, index = self.learned, self.index
        asked_before, asked = wordings_of(list(self.entries.values())), wordings_of(entries)
        differing = {entry_id for entry_id, *_ in set(asked_before) ^ set(asked)}
        if differing:
            cache = VectorCache(self.embedder, _cache_files(folders)[0])
            gone = [entry for entry in self.entries.values() if entry.id in differing]
            come = [entry for entry in entries if entry.id in differing]
            learns_otherwise = is_learnable(entries) != is_learnable(list(self.entries.values()))
            if learns_otherwise or sum(len(entry.variants) for entry in come) > MANY_WORDINGS:
                return KnowledgeBase.build(entries, self.embedder, self.office, folders)
            learned = brought_up_to_date(learned, gone, come, cache, self.normalizer)
            index = index_of(entries, cache, self.normalizer, self.index)
        return KnowledgeBase(entries, learned, index, self.normalizer, self.embedder, self.office, self.urgency_model)

    def with_answers(self, entries: list[Entry]) -> KnowledgeBase:
        """The new answers of the entries there are already, at once; how they are asked, new and retired ones come `with_entries`."""
        said = {entry.id: entry for entry in entries}
        answers = [
            replace(said[standing.id], category=standing.category, variants=standing.variants)
            if standing.id in said
            else standing
            for standing in self.entries.values()
        ]
        return KnowledgeBase(
            answers, self.learned, self.index, self.normalizer, self.embedder, self.office, self.urgency_model
        )

    @property
    def is_too_large_to_learn(self) -> bool:
        """Questions are searched by the nearest wordings alone: fewer are answered, more are offered a choice."""
        return not is_learnable(list(self.entries.values()))

    def vector(self, text: str) -> np.ndarray:
        """The encoder's vector of a query, shape (dimension,)."""
        return self.embedder.embed([text])[0]

    def given(self, weights: str, values: bytes) -> np.ndarray | None:
        """A query's vector that another process computed, or None where it does not fit the encoder of this knowledge."""
        return self.embedder.given(weights, values)

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

    def vectors(self, texts: list[str]) -> np.ndarray:
        """The encoder's vectors of several queries, shape (len(texts), dimension)."""
        return self.embedder.embed(texts)

    def explain(self, text: str, *, entries: int = 5, wordings: int = 5) -> Explanation:
        """How a question asked alone is decided, with the best entries and the nearest wordings."""
        vector = self.vector(text)
        found = self.search(text, vector)
        thresholds = self.learned.thresholds
        decision = decide(found.entry_ids, found.confidence, thresholds)
        scores = self.learned.scorer.score([text], vector[None], self.normalizer)[0]
        dense, lexical = self.index.dense(vector[None])[0], self.index.lexical([text])[0]
        reasons = []
        for hit in found.hits[:entries]:
            place = self.index.entry_ids.index(hit.entry_id)
            learnt = scores[self.learned.scorer.labels.index(hit.entry_id)]
            reasons.append(
                Reason(hit.entry_id, hit.rank_score, float(learnt), float(dense[place]), float(lexical[place]))
            )
        nearest = self.index.neighbours(vector[None], wordings)[0]
        return Explanation(
            decision, thresholds.answer, thresholds.suggest, self.normalizer(text), tuple(reasons), tuple(nearest)
        )


def learn_anew(entries: list[Entry], embedder: Embedder, folders: list[Path]) -> None:
    """Learn these entries as a whole, where that is not done yet, and keep what was learnt in the last of `folders`."""
    vector_files, learned_files, _ = _cache_files(folders)
    cache = VectorCache(embedder, vector_files)
    load_or_learn(entries, load_out_of_scope(), load_golden(), load_lexicon(), cache, learned_files)


def is_learnt(entries: list[Entry], embedder: Embedder, folders: list[Path]) -> bool:
    """Whether what was learnt from exactly these entries is kept, so that building takes seconds."""
    digest = digest_of(entries, load_out_of_scope(), load_golden(), load_lexicon(), embedder.fingerprint)
    return recall(_cache_files(folders)[1], digest) is not None


def _cache_files(folders: list[Path]) -> list[list[Path]]:
    return [[folder / name for folder in folders] for name in CACHE_FILES]
