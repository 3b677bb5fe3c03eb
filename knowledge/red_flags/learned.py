"""Red flags learnt from invented examples: told in words that no cue has, an offer still resembles others of its kind.

The rules of checks.py carry the verdict; this adds flags they miss, and every flag says which of the two saw it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from knowledge.embedder import Embedder, VectorCache
from knowledge.entries import CONTENT, load_out_of_scope, read_yaml
from knowledge.kept import keep, recall
from knowledge.normalize import Normalizer
from knowledge.red_flags.reading import Reading, normalizer
from knowledge.scorer import Scorer

EXAMPLES = CONTENT / "offers"
LAWFUL = "lawful"
"""The label of examples without any flag."""

FLAGS_FILE = "flags.joblib"
VECTORS_FILE = "vectors.npz"
"""Beside it, shared with the search, so that only new examples are embedded."""

FORMAT = 1
BESIDE_RULES = 0.35
"""Score from which a flag is added to those the rules saw: chosen on texts neither learnt from nor written rules by."""

ALONE = 0.15
"""Where the rules saw nothing the best flag counts from here on: missing a danger costs more than a question too many.

This and LAWFUL_LEAD are chosen by cross-validation on the examples.
"""

SURE, SURE_LEAD = 0.32, 0.08
"""A flag below both, the lead being over the lawful examples, is a hint: it asks for a check and accuses nobody.

Lawful texts unlike any example score up to there.
"""

TOGETHER_LEAD, TOGETHER_OVER_MILD = 0.7, 0.2
"""Where the flags of danger together lead the lawful examples, and the mild flags, by this much, the best of them is sure.

Such a text is like many dangers and like none of them enough. By cross-validation on the examples the model alone then sees 87
instead of 82 of 100 dangers, and takes 3.4 instead of 2.7 of 100 lawful texts for one.
"""

CLEAR, CLEAR_LEAD = 0.4, 0.1
"""A flag that words of the text excuse, or that lacks a word it needs, counts all the same from here on.

An excuse sees a few words; the examples see the whole text. Chosen on offers that another hand wrote.
"""

CERTAIN, CERTAIN_LEAD = 0.6, 0.3
"""From here on a text is an offer, or tells of one, whatever way of speaking the rules heard: "jangan" also coaches people."""

LAWFUL_LEAD = 0.1
"""A flag does not count where the lawful examples score this much higher."""

DOUBT_LEAD, DOUBT_BELOW, DOUBT_MILD_BELOW = 0.4, 0.3, 0.15
"""A flag of the rules is doubted where the lawful examples lead every flag by this much and it scores less than that itself.

A cue sees a few words; the examples see what the whole text is about. A mild flag accuses nobody by itself, so more is asked
before it is doubted. Chosen on the texts the rules were mended by.
"""

LIFE_AND_LAND = frozenset({"RF-03", "RF-05", "RF-15", "RF-17", "RF-35"})
LAND_DOUBT_LEAD, LAND_DOUBT_BELOW = 0.5, 0.3
"""Smuggling, scam compounds, captivity, money in advance: a life or a family's land hangs on these, so more is asked.

Doubted they are all the same: films, jokes and second-hand goods speak in their words.
"""

SENTENCE = re.compile(r"[^.!?;\n]+[.!?]*")


@dataclass(frozen=True, slots=True)
class Example:
    """An invented text and its flags, or LAWFUL alone."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """A flag the model sees, the stretch of the text most like it, and whether it may warn by itself."""

    flag_id: str
    span: tuple[int, int]
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model makes of a text the rules have read: flags of theirs that it doubts, and flags beyond them."""

    doubted: frozenset[str]
    guesses: tuple[Guess, ...]


@dataclass(slots=True)
class FlagScorer:
    """What is kept in a file: the scorer learnt from exactly the material of `digest`."""

    digest: str
    scorer: Scorer


class FlagModel:
    """Guesses flags with the encoder; loads the encoder at the first guess."""

    def __init__(self, scorer: Scorer, embedder: Embedder) -> None:
        self._scorer = scorer
        self._embedder = embedder

    def is_certain(self, reading: Reading) -> bool:
        """True where a flag shows so clearly that no way of speaking silences it."""
        scores = self._scores([reading.original])[0]
        lawful = scores.pop(LAWFUL)
        best = max(scores.values())
        return best >= CERTAIN and best - lawful >= CERTAIN_LEAD

    def opinion(
        self,
        reading: Reading,
        seen: frozenset[str],
        grave: frozenset[str],
        may_be: Callable[[str, bool], bool],
    ) -> Opinion:
        """On the flags in `seen`, and those beyond, the surest first.

        `grave` are the flags that make a danger by themselves; others are doubted only where the text shows next to nothing of
        them. `may_be` says whether a flag may be added, told whether it shows clearly.
        """
        if not reading.original.strip():
            return Opinion(frozenset(), ())
        scores = self._scores([reading.original])[0]
        lawful = scores.pop(LAWFUL)
        lead = lawful - max(scores.values())
        doubted = frozenset(flag for flag in seen if _is_doubted(flag, scores[flag], lead, is_mild=flag not in grave))
        allowed = {
            flag: score
            for flag, score in scores.items()
            if may_be(flag, score >= CLEAR and score - lawful >= CLEAR_LEAD)
        }
        return Opinion(doubted, tuple(self._guesses(reading, allowed, lawful, seen - doubted, grave)))

    def _guesses(
        self,
        reading: Reading,
        scores: dict[str, float],
        lawful: float,
        seen: frozenset[str],
        grave: frozenset[str],
    ) -> list[Guess]:
        ranked = sorted(scores.items(), key=lambda pair: -pair[1])
        least = BESIDE_RULES if seen else ALONE
        chosen = [(flag, score) for flag, score in ranked if score >= least and score > lawful - LAWFUL_LEAD]
        if not seen:
            chosen = [pair for place, pair in enumerate(chosen) if place == 0 or pair[1] >= BESIDE_RULES]
        likely = None if seen & grave else _likely_danger(ranked, lawful, grave)
        if likely and likely not in chosen:
            chosen.append(likely)
        return [
            Guess(
                flag,
                self._where(reading, flag),
                is_sure=score >= SURE or score - lawful >= SURE_LEAD or (flag, score) == likely,
            )
            for flag, score in chosen
            if flag not in seen
        ]

    def _where(self, reading: Reading, flag: str) -> tuple[int, int]:
        """The sentence of the original that is most like the flag."""
        text = reading.original
        spans = [match.span() for match in SENTENCE.finditer(text) if len(match[0].strip()) > 8] or [(0, len(text))]
        scores = [scored[flag] for scored in self._scores([text[start:end] for start, end in spans])]
        return spans[scores.index(max(scores))]

    def _scores(self, texts: list[str]) -> list[dict[str, float]]:
        rows = self._scorer.score(texts, self._embedder.embed(texts), normalizer())
        return [dict(zip(self._scorer.labels, map(float, row), strict=True)) for row in rows]


def _likely_danger(ranked: list[tuple[str, float]], lawful: float, grave: frozenset[str]) -> tuple[str, float] | None:
    """The best of the grave flags where together they outweigh the lawful examples, and the milder flags; else None."""
    dangers = [(flag, max(score, 0.0)) for flag, score in ranked if flag in grave]
    together = sum(score for _, score in dangers)
    others = sum(max(score, 0.0) for flag, score in ranked if flag not in grave)
    is_danger = together - lawful >= TOGETHER_LEAD and together - others >= TOGETHER_OVER_MILD
    return dangers[0] if is_danger else None


def _is_doubted(flag: str, score: float, lawful_lead: float, *, is_mild: bool) -> bool:
    """Whether a flag of the rules with this score counts no more; `lawful_lead` is how far the lawful examples lead all flags."""
    if flag in LIFE_AND_LAND:
        return lawful_lead >= LAND_DOUBT_LEAD and score < LAND_DOUBT_BELOW
    return lawful_lead >= DOUBT_LEAD and score < (DOUBT_MILD_BELOW if is_mild else DOUBT_BELOW)


def load_examples(folder: Path = EXAMPLES) -> list[Example]:
    """All examples, and what is said outside Silvi's subject; raises ValueError where one text has two labels.

    Under "RF-17+RF-18" stand texts that show both.
    """
    labels: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for flags, groups in read_yaml(path).items():
            for kind, texts in groups.items():
                shown = tuple(flags.split("+")) if kind == "shows" else (LAWFUL,)
                for text in texts:
                    if labels.setdefault(text, shown) != shown:
                        raise ValueError(f"{path.name}: {flags}: '{text}' is already {labels[text]}")
    for line in load_out_of_scope():  # no offers either, and of many kinds
        labels.setdefault(line.text, (LAWFUL,))
    return [Example(*pair) for pair in labels.items()]


def load_or_learn(
    embedder: Embedder, files: list[Path], *, tell: Callable[[str], None] = lambda _text: None
) -> FlagModel:
    """The model learnt from exactly these examples before, or learn it now and keep it in the last of `files`."""
    examples, words = load_examples(), normalizer()
    material = [FORMAT, embedder.fingerprint, [[example.text, example.labels] for example in examples]]
    digest = hashlib.sha256(json.dumps(material).encode() + _words_digest(words)).hexdigest()[:24]
    kept = recall(files, digest)
    if kept is None:
        tell(f"  belajar mengenali tawaran dari {len(examples)} contoh ...")
        texts = [example.text for example in examples]
        vectors = VectorCache(embedder, [file.with_name(VECTORS_FILE) for file in files]).vectors(texts)
        kept = FlagScorer(digest, Scorer.fit(texts, vectors, [example.labels for example in examples], words))
        keep(kept, files[-1])
    return FlagModel(kept.scorer, embedder)


def _words_digest(words: Normalizer) -> bytes:
    return hashlib.sha256(json.dumps([words.lexicon, sorted(words.known)]).encode()).digest()
