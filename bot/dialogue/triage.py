"""What kind of message this is and how urgent: rules, the learnt urgency and the NLU put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.nlu_client import Category, Intent, Understanding
from knowledge.danger import Danger
from knowledge.reports import Told
from knowledge.urgency import Urgency


@dataclass(frozen=True, slots=True)
class Triage:
    """`urgency` is none for everything that is no reported problem."""

    intent: Intent
    intent_confidence: float
    urgency: Urgency
    category: Category | None
    entities: dict[str, list[str]] = field(default_factory=dict)


def triage(nlu: Understanding, danger: Danger | None, judged: Urgency | None) -> Triage:
    """Danger makes a message a report, whatever the NLU took it for.

    `judged` is the urgency by rules and learning, None while there is no model: then the rules decide alone. `nlu` is
    UNKNOWN while Rasa is away: then the urgency tells a report from a question.
    """
    urgency = judged or (Urgency(danger.urgency) if danger else Urgency.NONE)
    intent, confidence = nlu.intent, nlu.confidence
    if urgency in (Urgency.EMERGENCY, Urgency.HIGH):
        intent, confidence = Intent.REPORT_PROBLEM, max(nlu.intents.get(Intent.REPORT_PROBLEM, 0.0), 0.5)
    elif intent is Intent.UNKNOWN:
        intent = Intent.REPORT_PROBLEM if urgency is Urgency.NORMAL else Intent.ASK_QUESTION
    if intent is not Intent.REPORT_PROBLEM:
        return Triage(intent, confidence, Urgency.NONE, None, nlu.entities)
    by_rule = Category(danger.category) if danger else Category.LAINNYA
    return Triage(
        intent,
        confidence,
        Urgency.NORMAL if urgency is Urgency.NONE else urgency,
        nlu.category or by_rule,
        nlu.entities,
    )


def place_of(entities: dict[str, list[str]], told: Told) -> str:
    """Where it happens: as the NLU saw it, else as the reviewed rules read it."""
    place = next(iter(entities.get("place", ())), told.place)
    return place.title() if place.islower() else place


def duration_of(entities: dict[str, list[str]], told: Told) -> str:
    """How long it goes on; hours are the length of a working day."""
    lengths = [length for length in entities.get("duration", ()) if "jam" not in length.split()]
    return told.duration or next(iter(lengths), "")
