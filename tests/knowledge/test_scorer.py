"""The scorer and the judge of urgency, against what scikit-learn computes for the same."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.base import KnowledgeBase
from knowledge.entries import load_golden
from knowledge.scorer import FAMILIES, Scorer

ODD = ["", "   ", "😀😀", "xqzt", "GAJI gaji Gaji gaji", "我要去台湾工作", "paspor " * 300]
TEXTS = [question.text for question in load_golden()[::10]] + ODD


@pytest.fixture(scope="module")
def vectors(base: KnowledgeBase) -> np.ndarray:
    return base.embedder.embed(TEXTS, batch_size=1)


@pytest.mark.parametrize("of", ["search", "urgency"])
def test_texts_are_scored_as_by_the_vectorizers_they_were_learnt_with(base: KnowledgeBase, vectors, of: str) -> None:
    scorer: Scorer = base.learned.scorer if of == "search" else base.urgency_model.scorer
    centred = vectors - scorer.centre
    expected = centred / np.linalg.norm(centred, axis=1, keepdims=True) @ scorer.vector_weights
    for family, vectorizer, weights in zip(FAMILIES, scorer.vectorizers, scorer.sparse_weights, strict=True):
        expected += vectorizer.transform(family.prepare(TEXTS, base.normalizer)) @ weights
    np.testing.assert_allclose(scorer.score(TEXTS, vectors, base.normalizer), expected, atol=1e-4)


def test_urgency_is_judged_as_by_the_judge_that_was_learnt(base: KnowledgeBase) -> None:
    model = base.urgency_model
    signs = np.random.default_rng(7).normal(size=(50, model.judge.n_features_in_))
    np.testing.assert_allclose(model.chances(signs), model.judge.predict_proba(signs), atol=1e-9)
