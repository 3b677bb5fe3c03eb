"""Answer, suggest or hand over: confidence is compared with the learnt thresholds and with nothing else."""

from __future__ import annotations

import pytest

from knowledge.policy import Decision, Outcome, decide
from knowledge.training import Thresholds

THRESHOLDS = Thresholds(answer=0.7, suggest=0.3)
RANKED = ("paspor-hilang", "paspor-ditahan", "paspor-cpmi", "lapor-diri")


@pytest.mark.parametrize(
    ("confidence", "outcome"),
    [
        (1.0, Outcome.ANSWER),
        (0.7, Outcome.ANSWER),
        (0.69, Outcome.SUGGEST),
        (0.3, Outcome.SUGGEST),
        (0.29, Outcome.HANDOFF),
        (0.0, Outcome.HANDOFF),
    ],
)
def test_confidence_decides(confidence: float, outcome: Outcome) -> None:
    assert decide(RANKED, confidence, THRESHOLDS).outcome is outcome


@pytest.mark.parametrize("confidence", [0.9, 0.5, 0.1])
def test_best_three_are_kept_in_order(confidence: float) -> None:
    assert decide(RANKED, confidence, THRESHOLDS).suggestions == RANKED[:3]


def test_only_an_answer_chooses_an_entry() -> None:
    assert decide(RANKED, 0.9, THRESHOLDS).entry_id == "paspor-hilang"
    assert decide(RANKED, 0.5, THRESHOLDS).entry_id is None
    assert decide(RANKED, 0.1, THRESHOLDS).entry_id is None


def test_search_without_a_hit_is_handed_over_however_sure() -> None:
    assert decide((), 1.0, THRESHOLDS) == Decision(Outcome.HANDOFF, None, (), 1.0)
