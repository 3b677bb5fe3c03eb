"""BM25 built with whole arrays scores as bm25s does, whatever is asked, and is built fast."""

from __future__ import annotations

import random
import time

import bm25s
import numpy as np
import pytest

from knowledge import bm25
from knowledge.bm25 import Grams, Words
from knowledge.entries import Entry, load_golden, variants_of
from knowledge.index import NGRAM, WordingIndex
from knowledge.normalize import Normalizer

ODD = ["", "a", "日本", "paspor 日本", "\ud800", "apa apa apa", "'", "zzzz qqqq"]
"""Nothing, too short for an n-gram, letters that no wording has, repeats, unknown words."""


@pytest.fixture(scope="module")
def standard(shipped: list[Entry], content_normalizer: Normalizer) -> list[str]:
    return [content_normalizer(variant.text) for _, variant in list(variants_of(shipped))[::6]] + ["x", "apa apa"]


@pytest.fixture(scope="module")
def queries(content_normalizer: Normalizer) -> list[str]:
    return ODD + [content_normalizer(question.text) for question in load_golden()[::20]]


def reference(token_lists: list[list[str]]) -> bm25s.BM25:
    index = bm25s.BM25(method="lucene")
    index.index(token_lists, show_progress=False)
    return index


def grams(text: str) -> list[str]:
    padded = f" {text} ".ljust(NGRAM)
    return [padded[at : at + NGRAM] for at in range(len(padded) - NGRAM + 1)]


def test_words_score_as_in_bm25s(standard: list[str], queries: list[str]) -> None:
    ours, theirs = Words(standard), reference([text.split() for text in standard])
    for query in queries:
        wanted = theirs.get_scores(query.split()) if query.split() else np.zeros(len(standard))
        np.testing.assert_allclose(ours.scores(query), wanted, atol=1e-4)


@pytest.mark.parametrize("marks", [bm25.MARKS, 0], ids=["marked", "sorted"])
def test_grams_score_as_in_bm25s(
    standard: list[str], queries: list[str], marks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bm25, "MARKS", marks)
    ours, theirs = Grams(standard, NGRAM), reference([grams(text) for text in standard])
    for query in queries:
        np.testing.assert_allclose(ours.scores(query), theirs.get_scores(grams(query)), atol=1e-4)


def test_twenty_thousand_wordings_are_indexed_within_two_seconds_of_a_processor(
    shipped: list[Entry], content_normalizer: Normalizer
) -> None:
    """A fifth of what an office of full size has; it takes half a second."""
    dice = random.Random(3)
    written = [variant.text for _, variant in variants_of(shipped)]
    texts = [f"{dice.choice(written)} {number}" for number in range(20_000)]
    vectors = np.random.default_rng(3).standard_normal((len(texts), 384), dtype=np.float32)
    standard = [content_normalizer(text) for text in texts]
    began = time.process_time()
    WordingIndex([f"entri-{number % 1000}" for number in range(20_000)], texts, standard, vectors, content_normalizer)
    assert time.process_time() - began < 2
