"""What people type, brought closer to the wording of the knowledge base: slang, dropped vowels, local Malay, repeats."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from knowledge.entries import CONTENT, read_yaml

_NOT_WORD = re.compile(r"[^\w\s'-]|_")
_REPEATS = re.compile(r"([^\W\d])\1{2,}")
_SPLIT_SUFFIX = re.compile(r"\b(\w{3,})(?: (?:nya|ku|mu|lah|kah|kan))+\b")
_INVISIBLE = {"Cf", "Cc", "Co", "Cs", "Cn"}
_VOWELS = re.compile(r"[aeiou]")


def plain(text: str) -> str:
    """Lower case, marks and emoji gone, letters repeated three times or more reduced, one space between words.

    Invisible and control characters disappear; letters of other scripts stay.
    """
    text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():  # nearly every text is, and what is has nothing invisible in it
        text = "".join(
            " " if char in "\t\n\r" else char
            for char in text
            if char in "\t\n\r" or unicodedata.category(char) not in _INVISIBLE
        )
    text = _NOT_WORD.sub(" ", text.lower())
    return " ".join(_REPEATS.sub(r"\1", text).split())


def skeleton(word: str) -> str:
    """The first letter and the consonants behind it: what is left when vowels are dropped."""
    return word[:1] + _VOWELS.sub("", word[1:])


def _only_dropped(word: str, whole: str) -> bool:
    """True when `word` is `whole` with letters left out: "brngkat" is "berangkat", but "leher" is no "lahir"."""
    letters = iter(whole)
    return all(letter in letters for letter in word)


class Normalizer:
    """Brings words to their everyday standard form with the reviewed lexicon; mends dropped vowels by known words."""

    def __init__(self, lexicon: dict[str, str], known_words: Iterable[str] = ()) -> None:
        self.lexicon = lexicon
        self.known = set(known_words) | {word for value in lexicon.values() for word in value.split()}
        skeletons: dict[str, set[str]] = {}
        for word in self.known:
            if len(word) > 4:
                skeletons.setdefault(skeleton(word), set()).add(word)
        self._by_skeleton = {
            key: next(iter(words)) for key, words in skeletons.items() if len(words) == 1 and len(key) > 2
        }
        self._word = lru_cache(maxsize=20_000)(self._standard)

    def __call__(self, text: str) -> str:
        """The standard wording of `text`, for search only; never shown to people."""
        words = " ".join(self._word(word) for word in plain(text).split())
        return _SPLIT_SUFFIX.sub(r"\1", words)

    def _standard(self, word: str) -> str:
        if word in self.lexicon:
            return self.lexicon[word]
        if word in self.known or not word.isalpha():
            return word
        if word.endswith("nya") and len(word) > 5:
            return self._word(word[:-3])
        mended = self._mended(word)
        return self._word(mended) if mended else word

    def _mended(self, word: str) -> str | None:
        """The known word that `word` is with a Malay ending or without its vowels."""
        if word.endswith("e") and word[:-1] + "a" in self.known:
            return word[:-1] + "a"
        whole = self._by_skeleton.get(skeleton(word)) if len(word) > 2 else None
        return whole if whole and _only_dropped(word, whole) else None


def load_lexicon(path: Path = CONTENT / "lexicon.yaml") -> dict[str, str]:
    """All sections of the lexicon as one mapping; raises ValueError where a word is explained twice differently."""
    lexicon: dict[str, str] = {}
    for section, words in read_yaml(path).items():
        for word, standard in words.items():
            if lexicon.setdefault(word, standard) != standard:
                raise ValueError(f"{path.name}: {section}: '{word}' already means '{lexicon[word]}'")
    return lexicon
