"""Which offers are the same: the words of two messages compared without keeping them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

SHINGLE_WORDS = 3
SKETCH_SIZE = 24
ALIKE = 0.6
"""From this share of common shingles on, two texts are one offer with a word or a number changed."""


def sketch(words: Sequence[str]) -> list[int]:
    """The smallest hashes of every three words in a row (bottom-k sketch, Broder 1997), ascending; empty without words."""
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    shingles = {" ".join(words[start : start + SHINGLE_WORDS]) for start in range(last)} if words else set()
    return sorted(map(_hash, shingles))[:SKETCH_SIZE]


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """The share of shingles two texts have in common (Jaccard), 0 to 1, estimated from their sketches."""
    smallest = sorted({*one, *other})[: min(SKETCH_SIZE, max(len(one), len(other)))]
    common = set(one) & set(other)
    return sum(number in common for number in smallest) / len(smallest) if smallest else 0.0


def _hash(shingle: str) -> int:
    """Fits PostgreSQL's bigint."""
    return int.from_bytes(hashlib.blake2b(shingle.encode(), digest_size=8).digest(), signed=True)
