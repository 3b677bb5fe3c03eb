"""What Silvi does with a search result: answer, suggest, or hand over. Only `confidence` is compared, with learnt thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge.training import Thresholds

SUGGESTIONS = 3


class Outcome(StrEnum):
    ANSWER = "answer"
    SUGGEST = "suggest"
    HANDOFF = "handoff"
    SMALLTALK = "smalltalk"


@dataclass(frozen=True, slots=True)
class Decision:
    """`suggestions` are the best three entries, the chosen one first; `entry_id` is set for an answer alone."""

    outcome: Outcome
    entry_id: str | None
    suggestions: tuple[str, ...]
    confidence: float


def decide(entry_ids: tuple[str, ...], confidence: float, thresholds: Thresholds) -> Decision:
    """The outcome for entries ranked best first; a search that found nothing is handed over."""
    best = entry_ids[:SUGGESTIONS]
    if best and confidence >= thresholds.answer:
        return Decision(Outcome.ANSWER, best[0], best, confidence)
    if best and confidence >= thresholds.suggest:
        return Decision(Outcome.SUGGEST, None, best, confidence)
    return Decision(Outcome.HANDOFF, None, best, confidence)
