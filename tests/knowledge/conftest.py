"""The shipped content, read once."""

from __future__ import annotations

import pytest

from knowledge.entries import CONTENT, Entry, load_entries
from knowledge.normalize import Normalizer, load_lexicon
from knowledge.training import normalizer_for


@pytest.fixture(scope="session")
def shipped() -> list[Entry]:
    return load_entries(CONTENT / "faq")


@pytest.fixture(scope="session")
def content_normalizer(shipped: list[Entry]) -> Normalizer:
    """The normaliser that search uses: it knows the words of the content."""
    return normalizer_for(shipped, load_lexicon())
