"""BM25 over numbered tokens, built with whole arrays: 100,000 wordings take two seconds where bm25s needs twelve.

Scores are those of bm25s with method "lucene" (Kamphuis et al. 2020): Robertson's term frequency with Lucene's idf, which
is never negative.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse

K1, B = 1.5, 0.75
MARKS = 2**25
"""So many n-grams are marked in a table; of a larger alphabet they are sorted, which takes three times as long."""


class Words:
    """Numbers the words of texts; a word that none of them has is left out."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._known: dict[str, int] = {}
        split = [text.split() for text in texts]
        numbers = [self._known.setdefault(word, len(self._known)) for words in split for word in words]
        owners = np.repeat(np.arange(len(texts)), [len(words) for words in split])
        self.bm25 = Bm25(owners, np.array(numbers, np.int64), texts=len(texts), tokens=len(self._known))

    def scores(self, text: str) -> np.ndarray:
        """Of every text for the words of a query, shape (texts,)."""
        return self.bm25.scores([self._known[word] for word in text.split() if word in self._known])


class Grams:
    """Numbers the character n-grams of texts, a blank at both ends; what is shorter is one n-gram, filled with blanks."""

    def __init__(self, texts: Sequence[str], length: int) -> None:
        self._length = length
        letters, ends = self._letters(texts)
        self._alphabet = np.unique(letters)
        self._known, numbers = _numbered(self._keys(letters, ends), self._base**length)
        owners = np.repeat(np.arange(len(texts)), np.diff(ends, prepend=0) - length + 1)
        self.bm25 = Bm25(owners, numbers, texts=len(texts), tokens=len(self._known))

    def scores(self, text: str) -> np.ndarray:
        """Of every text for the n-grams of a query, shape (texts,)."""
        keys = self._keys(*self._letters([text]))
        numbers = np.minimum(np.searchsorted(self._known, keys), len(self._known) - 1)
        return self.bm25.scores(numbers[self._known[numbers] == keys])

    @property
    def _base(self) -> int:
        """A digit for each letter, and one for all that no text had."""
        return len(self._alphabet) + 1

    def _letters(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The characters of all texts in one row, and where each text ends in it."""
        padded = [f" {text} ".ljust(self._length) for text in texts]
        row = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32)
        return row, np.cumsum([len(text) for text in padded])

    def _keys(self, letters: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """The n-grams of each text, one number each: its letters are the digits."""
        digits = np.minimum(np.searchsorted(self._alphabet, letters), len(self._alphabet) - 1)
        digits[self._alphabet[digits] != letters] = self._base - 1
        count = len(letters) - self._length + 1
        keys = digits[:count].copy()
        for at in range(1, self._length):
            keys *= self._base
            keys += digits[at : at + count]
        is_whole = np.ones(len(letters), bool)
        for before in range(1, self._length):
            is_whole[ends - before] = False
        return keys[is_whole[:count]]


def _numbered(keys: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
    """The different keys, all below `limit`, in order, and each key's place among them."""
    if limit > np.iinfo(np.int64).max:
        raise ValueError("the texts have too many different characters")
    if limit > MARKS:
        return np.unique(keys, return_inverse=True)
    is_there = np.zeros(limit, bool)
    is_there[keys] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there, dtype=np.int32) - 1)[keys]


class Bm25:
    """What every token is worth in every text it is in."""

    def __init__(self, owners: np.ndarray, numbers: np.ndarray, *, texts: int, tokens: int) -> None:
        """`owners` and `numbers`: the text and the token of each place where a token stands."""
        ones = np.ones(len(numbers), np.float32)
        counts = scipy.sparse.coo_array((ones, (owners, numbers)), shape=(texts, tokens)).tocsc()
        lengths = np.bincount(owners, minlength=texts)
        saturated = K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-6))
        having = np.diff(counts.indptr)
        idf = np.log(1 + (texts - having + 0.5) / (having + 0.5))
        worth = np.repeat(idf, having) * counts.data / (counts.data + saturated[counts.indices])
        self._texts, self._starts, self._owners = texts, counts.indptr, counts.indices
        self._worth = worth.astype(np.float32)

    def scores(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        """Of every text for these tokens, each counted as often as it stands there; shape (texts,)."""
        scores = np.zeros(self._texts, np.float32)
        for number in numbers:
            column = slice(self._starts[number], self._starts[number + 1])
            scores[self._owners[column]] += self._worth[column]
        return scores
