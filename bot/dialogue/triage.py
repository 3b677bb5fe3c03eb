"""What kind of message this is and how urgent: rules, the learnt urgency and the NLU put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.nlu_client import Category, Intent, Understanding
from knowledge.danger import Danger
from knowledge.urgency import Urgency

EMERGENCY_SCORE = 0.5
"""From this learnt score on a message is an emergency by itself; chosen by cross-validation on the NLU's messages."""

HARMLESS_SCORE = 0.6
"""From this learnt score on nothing is wrong, unless a plain cry for help says otherwise."""


@dataclass(frozen=True, slots=True)
class Triage:
    """`urgency` is none for everything that is no reported problem."""

    intent: Intent
    intent_confidence: float
    urgency: Urgency
    category: Category | None
    entities: dict[str, list[str]] = field(default_factory=dict)


def triage(nlu: Understanding, danger: Danger | None, learnt: dict[Urgency, float]) -> Triage:
    """Rules and learnt urgency decide on danger, which makes a message a report whatever the NLU took it for.

    `learnt` is empty while there is no model, `nlu` UNKNOWN while Rasa is away: each part works without the others.
    """
    urgency = _urgency(nlu, danger, learnt)
    intent, confidence = nlu.intent, nlu.confidence
    if urgency in (Urgency.EMERGENCY, Urgency.HIGH):
        intent, confidence = Intent.REPORT_PROBLEM, max(nlu.intents.get(Intent.REPORT_PROBLEM, 0.0), 0.5)
    elif intent is Intent.UNKNOWN and learnt:
        intent = Intent.REPORT_PROBLEM if urgency is Urgency.NORMAL else Intent.ASK_QUESTION
    if intent is not Intent.REPORT_PROBLEM:
        return Triage(intent, confidence, Urgency.NONE, None, nlu.entities)
    category = Category(danger.category) if danger and not nlu.category else nlu.category or Category.LAINNYA
    return Triage(intent, confidence, urgency if urgency is not Urgency.NONE else Urgency.NORMAL, category, nlu.entities)


def _urgency(nlu: Understanding, danger: Danger | None, learnt: dict[Urgency, float]) -> Urgency:
    harmless = learnt.get(Urgency.NONE, 0.0)
    by_rule = Urgency(danger.urgency) if danger else Urgency.NONE
    if learnt.get(Urgency.EMERGENCY, 0.0) >= EMERGENCY_SCORE:
        return Urgency.EMERGENCY
    if by_rule is Urgency.EMERGENCY and harmless < HARMLESS_SCORE:
        return Urgency.EMERGENCY
    if not learnt:
        return by_rule
    best = max(learnt, key=learnt.__getitem__)
    if best is Urgency.NONE and by_rule is Urgency.HIGH and harmless < HARMLESS_SCORE:
        return Urgency.HIGH
    return best
