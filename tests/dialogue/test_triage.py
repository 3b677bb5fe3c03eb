"""Urgency, rules and the NLU together decide what a message is; each works without the others."""

from __future__ import annotations

import pytest

from bot.dialogue.triage import triage
from bot.nlu_client import UNKNOWN, Category, Intent, Understanding
from knowledge.danger import Danger, find_danger
from knowledge.normalize import Normalizer, load_lexicon
from knowledge.urgency import Urgency

QUESTION = Understanding(Intent.ASK_QUESTION, 0.9, {Intent.ASK_QUESTION: 0.9, Intent.REPORT_PROBLEM: 0.1})
REPORT = Understanding(Intent.REPORT_PROBLEM, 0.8, {Intent.REPORT_PROBLEM: 0.8}, Category.GAJI, {"country": ["taiwan"]})


@pytest.fixture(scope="module")
def captive() -> Danger:
    danger = find_danger("saya dikurung majikan, hp disita, tolong", Normalizer(load_lexicon()))
    assert danger is not None
    return danger


def test_danger_by_rule_is_a_report_while_nlu_and_model_are_away(captive: Danger) -> None:
    found = triage(UNKNOWN, captive, None)
    assert (found.intent, found.urgency, found.category) == (
        Intent.REPORT_PROBLEM,
        Urgency.EMERGENCY,
        Category(captive.category),
    )


def test_danger_makes_a_report_of_what_the_nlu_took_for_a_question(captive: Danger) -> None:
    found = triage(QUESTION, captive, Urgency.EMERGENCY)
    assert (found.intent, found.urgency) == (Intent.REPORT_PROBLEM, Urgency.EMERGENCY)
    assert found.intent_confidence == 0.5


def test_learnt_danger_needs_no_rule() -> None:
    found = triage(QUESTION, None, Urgency.HIGH)
    assert (found.intent, found.urgency, found.category) == (
        Intent.REPORT_PROBLEM,
        Urgency.HIGH,
        Category.LAINNYA,
    )


def test_judgement_overrules_the_rule_it_has_weighed(captive: Danger) -> None:
    assert triage(QUESTION, captive, Urgency.NONE).urgency is Urgency.NONE


def test_question_has_neither_urgency_nor_category() -> None:
    found = triage(QUESTION, None, Urgency.NORMAL)
    assert (found.intent, found.urgency, found.category) == (Intent.ASK_QUESTION, Urgency.NONE, None)


def test_report_the_model_finds_harmless_is_still_a_report() -> None:
    found = triage(REPORT, None, Urgency.NONE)
    assert (found.urgency, found.category, found.entities) == (Urgency.NORMAL, Category.GAJI, {"country": ["taiwan"]})


@pytest.mark.parametrize(
    ("judged", "intent"),
    [
        (None, Intent.ASK_QUESTION),
        (Urgency.NONE, Intent.ASK_QUESTION),
        (Urgency.NORMAL, Intent.REPORT_PROBLEM),
        (Urgency.HIGH, Intent.REPORT_PROBLEM),
    ],
)
def test_urgency_tells_reports_from_questions_while_the_nlu_is_away(judged: Urgency | None, intent: Intent) -> None:
    assert triage(UNKNOWN, None, judged).intent is intent
