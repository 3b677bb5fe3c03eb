"""How urgent a message is, learnt from the labelled messages of the NLU project: it sees danger that no rule spells out.

Runs in the service itself, beside the rules of danger.py, so that danger is recognised while the NLU is away.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from knowledge.danger import RULES, SILENCING, Danger, find_danger, silencing_guards
from knowledge.embedder import VectorCache
from knowledge.entries import read_yaml
from knowledge.kept import keep, recall
from knowledge.normalize import Normalizer
from knowledge.scorer import Scorer

MESSAGES = Path(__file__).parents[1] / "nlu" / "data"
RULES_WRITTEN_FROM = frozenset({"reports.yml", "intents.yml"})
"""The rules were written with these messages in view: how far to trust a rule is learnt on the others."""

FORMAT = 4
FOLDS = 4
MIN_PRECISION = 0.82
"""Of messages treated as emergencies, that must be one on messages not learnt from; the threshold is as low as this allows."""

SCORE_SCALE = 5.0
"""Brings the scorer's scores to the size of the rules' signs, so that both are regularised alike."""

BARE_CRY, SUICIDE, ATTACK = "bare-cry", "suicide", "attack-announced"
CERTAIN = frozenset({BARE_CRY, SUICIDE, ATTACK})
"""Signs of danger.yaml that no learning may outvote: people are told that one word is enough, and despair and fear use few."""

MOST_EMERGENCIES, MOST_HIGH = 3, 2
"""So many signs tell as much as more."""

_ENTITY = re.compile(r"\[([^\]]+)\]\([^)]*\)")


class Urgency(StrEnum):
    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Message:
    """A labelled message of the NLU's training data."""

    text: str
    intent: str
    category: str | None
    urgency: Urgency
    source: str
    """The file it stands in."""


@dataclass(slots=True)
class UrgencyModel:
    """Chances of the four urgencies, from the scorer's scores and what the rules and guards of danger.py saw."""

    digest: str
    scorer: Scorer
    judge: LogisticRegression
    emergency_from: float
    """The chance from which a message is treated as an emergency: missing one costs more than a page too many."""
    report: dict

    def decide(self, text: str, vector: np.ndarray, normalizer: Normalizer, danger: Danger | None) -> Urgency:
        """The urgency of one text with its encoder vector of shape (dimension,)."""
        if _is_certain(danger):
            return Urgency.EMERGENCY
        guards = silencing_guards(text, normalizer)
        signs = _signs(self.scorer.score([text], vector[None], normalizer), [danger], [guards])
        chances = dict(zip(self.judge.classes_, self.chances(signs)[0], strict=True))
        if chances[Urgency.EMERGENCY] >= self.emergency_from:
            return Urgency.EMERGENCY
        return Urgency(max((Urgency.HIGH, Urgency.NORMAL, Urgency.NONE), key=chances.__getitem__))

    def chances(self, signs: np.ndarray) -> np.ndarray:
        """Chances of the judge's classes for signs of shape (n, 10)."""
        # predict_proba computes the same, but its checks take longer than all the rest of a decision.
        return softmax(signs @ self.judge.coef_.T + self.judge.intercept_, axis=1)


def load_messages(folder: Path = MESSAGES) -> list[Message]:
    """All labelled messages, entity marks taken off."""
    messages = []
    for path in sorted(folder.glob("*.yml")):
        for block in read_yaml(path)["nlu"]:
            if "intent" not in block:
                continue
            labels = block.get("metadata") or {}
            for line in block["examples"].strip().splitlines():
                text = _ENTITY.sub(r"\1", line.removeprefix("- ").strip())
                messages.append(
                    Message(
                        text, block["intent"], labels.get("category"), Urgency(labels.get("urgency", "none")), path.name
                    )
                )
    return messages


def load_or_learn(
    messages: list[Message],
    normalizer: Normalizer,
    cache: VectorCache,
    files: list[Path],
    *,
    tell: Callable[[str], None] = lambda _text: None,
) -> UrgencyModel:
    """The model learnt from exactly these messages before, or learn it now and keep it in the last of `files`."""
    material = [
        FORMAT,
        cache.embedder.fingerprint,
        [[message.text, message.urgency, message.source] for message in messages],
        sorted(normalizer.lexicon.items()),
    ]
    digest = hashlib.sha256(json.dumps(material).encode() + RULES.read_bytes()).hexdigest()[:24]
    model = recall(files, digest)
    if model is None:
        model = _learn(messages, normalizer, cache, digest, tell)
        keep(model, files[-1])
    return model


def _learn(
    messages: list[Message], normalizer: Normalizer, cache: VectorCache, digest: str, tell: Callable[[str], None]
) -> UrgencyModel:
    """Fit the scorer, and the judge on scores of messages that the scorer had not seen (four folds)."""
    tell(f"  belajar mengenali bahaya dari {len(messages)} pesan ...")
    texts = [message.text for message in messages]
    labels = np.array([message.urgency.value for message in messages])
    vectors = cache.vectors(texts)
    folds = np.array([zlib.crc32(text.encode()) % FOLDS for text in texts])
    scores = np.zeros((len(texts), len(Urgency)), np.float32)
    for fold in range(FOLDS):
        seen = folds != fold
        trial = Scorer.fit(_chosen(texts, seen), vectors[seen], list(labels[seen]), normalizer)
        scores[~seen] = trial.score(_chosen(texts, ~seen), vectors[~seen], normalizer)
    dangers = [find_danger(text, normalizer) for text in texts]
    signs = _signs(scores, dangers, [silencing_guards(text, normalizer) for text in texts])
    judged = np.array([message.source not in RULES_WRITTEN_FROM for message in messages])
    judge = LogisticRegression(C=1.0, max_iter=1000)
    chances = np.zeros(len(texts))
    for fold in range(FOLDS):
        test = judged & (folds == fold)
        judge.fit(signs[judged & (folds != fold)], labels[judged & (folds != fold)])
        chances[test] = judge.predict_proba(signs[test])[:, list(judge.classes_).index(Urgency.EMERGENCY.value)]
    chances[[_is_certain(danger) for danger in dangers]] = 1.0
    emergency_from, report = _threshold(chances[judged], labels[judged] == Urgency.EMERGENCY.value)
    judge.fit(signs[judged], labels[judged])
    return UrgencyModel(digest, Scorer.fit(texts, vectors, list(labels), normalizer), judge, emergency_from, report)


def _signs(scores: np.ndarray, dangers: list[Danger | None], guards: list[frozenset[str]]) -> np.ndarray:
    """Scores of shape (n, 4); whether the rules saw an emergency or something high, and how many of each; each guard.

    Guards against questions are left out: who is held and asks what to do would be doubted too.
    """
    by_rule = np.array(
        [
            [
                float(bool(danger) and danger.urgency == Urgency.EMERGENCY),
                float(bool(danger) and danger.urgency == Urgency.HIGH),
                float(min(_count(danger, Urgency.EMERGENCY), MOST_EMERGENCIES)),
                float(min(_count(danger, Urgency.HIGH), MOST_HIGH)),
            ]
            for danger in dangers
        ]
    )
    by_guard = np.array([[float(name in raised) for name in sorted(SILENCING)] for raised in guards])
    return np.concatenate([scores * SCORE_SCALE, by_rule, by_guard], axis=1)


def _is_certain(danger: Danger | None) -> bool:
    return bool(danger) and any(sign.id in CERTAIN for sign in danger.signs)


def _count(danger: Danger | None, urgency: Urgency) -> int:
    return sum(sign.urgency == urgency for sign in danger.signs) if danger else 0


def _threshold(chances: np.ndarray, is_emergency: np.ndarray) -> tuple[float, dict]:
    """The lowest chance from which enough of the messages are emergencies: as few as possible are missed."""
    order = np.argsort(-chances)
    precision = np.cumsum(is_emergency[order]) / np.arange(1, len(order) + 1)
    threshold = float(chances[order][np.flatnonzero(precision >= MIN_PRECISION)[-1]])
    found = chances >= threshold
    report = {
        "messages": len(chances),
        "emergency_recall": float(found[is_emergency].mean()),
        "emergency_precision": float(is_emergency[found].mean()),
    }
    return threshold, report


def _chosen(texts: list[str], mask: np.ndarray) -> list[str]:
    return [text for text, use in zip(texts, mask, strict=True) if use]
