"""What people type, brought closer to the wording of the knowledge base: slang, dropped vowels, local Malay, repeats."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from pathlib import Path

from knowledge.entries import CONTENT, read_yaml

_NOT_WORD = re.compile(r"[^\w\s'-]|_")
_REPEATS = re.compile(r"([^\W\d])\1{2,}")
_SPLIT_SUFFIX = re.compile(r"\b(\w{3,})(?: (?:nya|ku|mu|lah|kah|kan))+\b")
_ACCENTS = str.maketrans("éèêë", "eeee")
"""Sundanese and Javanese are written with them or without."""

_TWICE = re.compile(r"([^\W\d_]{3,})(?:-\1|2)")
_ENDINGS = (
    (re.compile(r"(?:'e|ne|n?ipun|ku|mu|a?na|e)$"), ""),  # paspor, paspore, pasporipun, pasporku, pasporna
    (re.compile(r"(?:aken|ake|k?no|keun|ke)$"), "kan"),  # bayarkan, bayarake, bayarno, bayarkeun
    (re.compile(r"^dipun"), "di"),  # dibayar, dipunbayar
)
"""Javanese and Sundanese endings, and a beginning, beside the standard form."""

_VOWELS_CHANGED = (
    (re.compile(r"^(.{3,})e$"), r"\1a"),  # tanya, tanye
    (re.compile(r"^(.{2,})o([^aeiou]{1,2})$"), r"\1u\2"),  # terus, teros
    (re.compile(r"^(.{2,})e([^aeiou]{1,2})$"), r"\1i\2"),  # hamil, hamel
    (re.compile(r"^(.{2,})o([^aeiou]{1,2})o$"), r"\1a\2a"),  # negara, negoro
    (re.compile(r"^(.{2,}[^o][^aeiou]{1,2})o$"), r"\1a"),  # kerja, kerjo
    (re.compile(r"^([^aeiou]{1,2})a(.{4,})$"), r"\1e\2"),  # sekolah, sakolah
)
"""Vowels of Sambas, Pontianak, Javanese and Sundanese words beside the standard form; in short words they would tell others."""

SHORTEST_FORM = 4

_INVISIBLE = {"Cf", "Cc", "Co", "Cs", "Cn"}
_VOWELS = re.compile(r"[aeiou]")


def plain(text: str) -> str:
    """Lower case, marks, accents and emoji gone, letters repeated three times or more reduced, one space between words.

    Invisible and control characters disappear; letters of other scripts stay.
    """
    text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():  # nearly every text is, and what is has nothing invisible in it
        text = "".join(
            " " if char in "\t\n\r" else char
            for char in text
            if char in "\t\n\r" or unicodedata.category(char) not in _INVISIBLE
        )
    text = _NOT_WORD.sub(" ", text.lower().translate(_ACCENTS))
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

    def __init__(
        self, lexicon: dict[str, str], known_words: Iterable[str] = (), rare_words: Iterable[str] = ()
    ) -> None:
        """`rare_words` stay as they are, but nothing is mended to one."""
        self.lexicon = lexicon
        self._rare = set(rare_words)
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
        if word in self.known:
            return word
        if twice := _TWICE.fullmatch(word):
            one = self._word(twice[1])
            return one if " " in one else f"{one}-{one}"
        if (bare := word.strip("'")) and bare != word:
            return self._word(bare)
        if word.isalpha() and word.endswith(("nya", "nye")) and len(word) > 5:
            return self._word(word[:-3])
        if word in self._rare:
            return word
        mended = self._mended(word)
        return self._word(mended) if mended else word

    def _mended(self, word: str) -> str | None:
        """The known word that `word` is in a local form or without its vowels."""
        if not word.replace("'", "").isalpha():
            return None
        stems = _forms(word, _ENDINGS)
        changed = chain.from_iterable(_forms(stem, _VOWELS_CHANGED) for stem in (word, *stems))
        local = next((form for form in (*stems, *changed) if form in self.known), None) or next(
            (stem for stem in stems if stem in self.lexicon), None
        )
        if local:
            return local
        whole = self._by_skeleton.get(skeleton(word)) if len(word) > 2 else None
        return whole if whole and _only_dropped(word, whole) else None


def _forms(word: str, changes: tuple[tuple[re.Pattern[str], str], ...]) -> list[str]:
    """What `word` may be in the standard language, by one of these changes."""
    forms = [pattern.sub(standard, word) for pattern, standard in changes]
    return [form for form in forms if form != word and len(form) >= SHORTEST_FORM]


def load_lexicon(path: Path = CONTENT / "lexicon.yaml") -> dict[str, str]:
    """All sections of the lexicon as one mapping; raises ValueError where a word is explained twice differently."""
    lexicon: dict[str, str] = {}
    for section, words in read_yaml(path).items():
        for word, standard in words.items():
            if lexicon.setdefault(word, standard) != standard:
                raise ValueError(f"{path.name}: {section}: '{word}' already means '{lexicon[word]}'")
    return lexicon
