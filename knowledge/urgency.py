"""How urgent a message is, learnt from the labelled messages of the NLU project: it sees danger that no rule spells out.

Runs in the service itself, beside the rules of danger.py, so that danger is recognised while the NLU is away.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import joblib
import numpy as np

from knowledge.embedder import VectorCache
from knowledge.entries import read_yaml
from knowledge.normalize import Normalizer
from knowledge.scorer import Scorer

MESSAGES = Path(__file__).parents[1] / "nlu" / "data"
FORMAT = 1
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


@dataclass(slots=True)
class UrgencyModel:
    """Scores the four urgencies for a text; a score is about 1 for a sure one."""

    digest: str
    scorer: Scorer

    def scores(self, text: str, vector: np.ndarray, normalizer: Normalizer) -> dict[Urgency, float]:
        """Scores of one text with its encoder vector of shape (dimension,)."""
        values = self.scorer.score([text], vector[None], normalizer)[0]
        return {Urgency(label): float(value) for label, value in zip(self.scorer.labels, values, strict=True)}


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
                    Message(text, block["intent"], labels.get("category"), Urgency(labels.get("urgency", "none")))
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
    material = [FORMAT, cache.embedder.fingerprint, [[message.text, message.urgency] for message in messages]]
    digest = hashlib.sha256(json.dumps(material).encode()).hexdigest()[:24]
    for path in files:
        if path.exists():
            model = joblib.load(path)
            if getattr(model, "digest", None) == digest:
                return model
    tell(f"  belajar mengenali bahaya dari {len(messages)} pesan ...")
    texts = [message.text for message in messages]
    scorer = Scorer.fit(texts, cache.vectors(texts), [message.urgency.value for message in messages], normalizer)
    model = UrgencyModel(digest, scorer)
    files[-1].parent.mkdir(parents=True, exist_ok=True)
    scratch = files[-1].with_suffix(".part")
    joblib.dump(model, scratch)
    scratch.replace(files[-1])
    return model
