"""The golden questions as a gate: what a change of the content does to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.entries import GoldenQuestion
from knowledge.policy import Decision, decide
from knowledge.policy import Outcome as Decided


@dataclass(frozen=True, slots=True)
class Outcome:
    """A golden question whose outcome a change turns round; `is_right` is what it would be."""

    text: str
    wanted: tuple[str, ...]
    before: str
    after: str
    is_right: bool


def differences(
    before: KnowledgeBase, after: KnowledgeBase, golden: list[GoldenQuestion], step: Callable[[int], None]
) -> list[Outcome]:
    """The questions that one of the two serves right and the other does not, those that would be wrong first.

    Right is the answer itself, or the entry among the three suggested; for what is out of scope, no answer.
    """
    vectors = before.vectors([question.text for question in golden])
    decided = [decisions(base, golden, vectors, step) for base in (before, after)]
    found = [
        Outcome(question.text, question.entry_ids, described(old), described(new), is_right(new, question))
        for question, old, new in zip(golden, *decided, strict=True)
        if is_right(old, question) != is_right(new, question)
    ]
    return sorted(found, key=lambda outcome: outcome.is_right)


def decisions(
    base: KnowledgeBase, golden: list[GoldenQuestion], vectors: np.ndarray, step: Callable[[int], None]
) -> list[Decision]:
    """What is done with each question asked alone; `step` hears of every one."""
    decided = []
    for question, vector in zip(golden, vectors, strict=True):
        found = base.search(question.text, vector)
        decided.append(decide(found.entry_ids, found.confidence, base.learned.thresholds))
        step(1)
    return decided


def is_right(decision: Decision, question: GoldenQuestion) -> bool:
    """Whether a person who asks this is served."""
    if not question.entry_ids:
        return decision.outcome is not Decided.ANSWER
    if decision.outcome is Decided.ANSWER:
        return decision.entry_id in question.entry_ids
    return decision.outcome is Decided.SUGGEST and any(one in question.entry_ids for one in decision.suggestions)


def described(decision: Decision) -> str:
    """The outcome, and the entry or entries it names."""
    if decision.outcome is Decided.ANSWER:
        return f"jawaban: {decision.entry_id}"
    if decision.outcome is Decided.SUGGEST:
        return f"pilihan: {', '.join(decision.suggestions)}"
    return "tidak dijawab"
