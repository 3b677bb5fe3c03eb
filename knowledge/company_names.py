"""Whether a name as people write it is a registered company's name, written badly, or only looks like one.

The two mistakes do not cost the same: a look-alike taken for a licensed company sends somebody to a swindler, a badly written name
not recognised costs one question to an officer. So a name is the same only when each of its words is one of the registered name,
and a word is the same only when it is not a word of its own: "sentsa" is a slip for "sentosa", "putri" is no slip for "putra".
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.entries import CONTENT, read_yaml
from knowledge.normalize import skeleton

QUERY_CHARACTERS = 300
"""What is longer is no name; the rest is not read."""

BRANCH_WORDS = 3
CITY_WORDS = 3
SPLIT_WORDS = 5
SHOWN_OTHERS = 3

COMMON_WEIGHT = 0.5
"""Of a word that stands in many names, beside 1 for a word that tells a company from others."""
NEAR_WEIGHT = 0.7
"""Of a word that looks like a registered one and is another."""
LOOKALIKE_SHARE = 0.5
"""From this share of common words on (Dice, 0 to 1) two names with two words in common look alike."""
LOOKALIKE_SHARE_ONE_WORD = 0.65

MAX_SLIPS = 3.0
"""Wrong letters in a whole name; a vowel left out counts half."""
SHORTENED = 0.5
"""What a usual abbreviation counts, as much as one vowel left out: "nus" may be "nusantara" or "nusa"."""
MAX_DROPPED = 2
"""With more vowels left out than this, only a word whose consonants no other word has is recognised."""

_TOKEN = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*")
_INITIALS = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])\.?")
_SPACED_FORM = re.compile(r"^\s*([pc])[\s.]+([tv])\b", re.IGNORECASE)
_TWICE = re.compile(r"([^\W\d_]{2,})2")
_DOUBLED = re.compile(r"([^\d])\1+")
"""Letters alone: 88 and 888 are two companies."""
_NUMBERED = re.compile(r"([^\W\d_]{2,})(\d{2,})")
"""One digit behind a word may stand for a letter ("abad1"), two are a number ("karya88")."""
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_LETTERS_FOR_DIGITS = str.maketrans("0134578", "oieastb")
_OLD_SPELLING = (
    ("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "sy"), ("ph", "f"), ("v", "f"), ("q", "k"), ("x", "ks"),
    ("ck", "k"), ("kh", "k"), ("th", "t"), ("dh", "d"), ("bh", "b"),
)  # fmt: skip
_UNSTRESSED_E = re.compile(r"(?<=[^aeiou])e(?=[lr][aeiou])")
_VOWELS = frozenset("aeiou")


class Sameness(StrEnum):
    SAME = "same"
    LOOKALIKE = "lookalike"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was written, and folded: lower case, no accents, digits for letters undone."""

    shown: str
    folded: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart; `form` is the legal form written with it, `branch` the place behind "cabang"."""

    form: str | None
    words: tuple[Word, ...]
    branch: str | None

    def shown(self) -> str:
        return " ".join(word.shown for word in self.words)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a name has that the registered one has not, in words as written; `form` is (written, registered)."""

    replaced: tuple[tuple[str, str], ...] = ()
    extra: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    form: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The registered name a query is or looks like, by its place in the index; `others` are as near as the best.

    `is_exact` means word for word, so that nobody needs to ask whether this company is meant.
    """

    sameness: Sameness
    best: int | None = None
    others: tuple[int, ...] = ()
    difference: Difference = Difference()
    branch: str | None = None
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class _Registered:
    name: Name
    keys: tuple[str, ...]
    city: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A word of the query as a registered word (its spelling key) or as none; `near` are keys that look like it."""

    word: Word
    key: str | None
    slips: float = 0.0
    is_edited: bool = False
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Lists:
    forms: dict[tuple[str, ...], str]
    longest_form: int
    titles: frozenset[str]
    branches: tuple[tuple[str, ...], ...]
    branch_beginnings: frozenset[str]
    towns: frozenset[str]
    short_for: dict[str, str]
    spelling: dict[str, str]
    numbers: dict[str, str]
    common: frozenset[str]
    company: frozenset[str]
    known: frozenset[str]


def parse_name(text: str) -> Name:
    """Take a name apart: legal form before or behind it, its words, and the branch people write behind it."""
    lists = _lists()
    words = _words(text[:QUERY_CHARACTERS])
    while words and words[0].folded in lists.titles:
        words = words[1:]
    while words and words[-1].folded in lists.titles:
        words = words[:-1]
    words, forms = _without_forms(words)
    words, branch = _without_branch(words)
    if branch is not None:
        words, more_forms = _without_forms(words)
        forms += more_forms
    form = next((form for form in forms if form != "PT"), forms[0] if forms else None)
    return Name(form, tuple(words), branch)


@lru_cache(maxsize=200_000)
def name_key(text: str) -> str:
    """What two writings of one registered name have in common: form and words, whatever the case, dots and accents."""
    name = parse_name(text)
    return " ".join([(name.form or "PT").lower().replace(" ", ""), *(word.folded for word in name.words)])


@lru_cache(maxsize=200_000)
def spelling_key(word: str) -> str:
    """The sound of a word: old and doubled spelling undone, and the e before l and r left out that few people write.

    So "anugrah" is "anugerah", and "poetra" is "putra".
    """
    word = _lists().spelling.get(word, word)
    for old, new in _OLD_SPELLING:
        word = word.replace(old, new)
    word = _DOUBLED.sub(r"\1", word)
    short = _UNSTRESSED_E.sub("", word)
    return short if len(short) > 3 else word


class NameIndex:
    """Looks names up among registered ones; made once for each version of the registry, in a few seconds for 100,000 names."""

    def __init__(self, names: Sequence[str], cities: Sequence[str]) -> None:
        self._registered = [_registered(name, city) for name, city in zip(names, cities, strict=True)]
        self._by_keys: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._words: set[str] = set()
        postings: dict[str, list[int]] = defaultdict(list)
        for place, one in enumerate(self._registered):
            self._by_keys[tuple(sorted(one.keys))].append(place)
            self._words.update(word.folded for word in one.name.words)
            for key in set(one.keys):
                postings[key].append(place)
        self._postings = {key: np.array(places, dtype=np.int64) for key, places in postings.items()}
        self._sizes = np.array([len(one.keys) for one in self._registered], dtype=np.int64)
        self._weights = np.array([sum(map(_weight, one.keys)) for one in self._registered])
        self._by_beginning: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._by_end: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._by_skeleton: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._words | _lists().company):
            self._by_beginning[word[0], len(word)].append(word)
            self._by_end[word[-2:], len(word)].append(word)
            self._by_skeleton[skeleton(word)].append(word)
        self._read = lru_cache(maxsize=20_000)(self._read_anew)

    def find(self, text: str) -> Finding:
        """The registered name that `text` is, or the one it looks like with the difference; `best` is None for neither.

        Written with another legal form, with a word more, less or other, or near to two registered names, it is a look-alike.
        """
        name = parse_name(text)
        if sum(len(word.folded) for word in name.words) < 3:
            return Finding(Sameness.NONE)
        readings = self._readings(name)
        matches: dict[int, list[_Reading]] = {}
        for reading in readings:
            for place in self._same(reading):
                matches.setdefault(place, reading)
        if matches:
            return self._decided(name, matches)
        return self._alike(name, readings)

    def _decided(self, name: Name, matches: dict[int, list[_Reading]]) -> Finding:
        written = [word.folded for word in name.words]
        exact = [place for place in matches if [word.folded for word in self._registered[place].name.words] == written]
        places = exact or list(matches)
        best = next((place for place in places if self._form(place) == (name.form or "PT")), places[0])
        rivals = () if exact else tuple(place for place in places if place != best) or self._rivals(best, matches[best])
        registered_form = self._form(best)
        if name.form and name.form != registered_form:
            return Finding(
                Sameness.LOOKALIKE, best, (), Difference(form=(name.form, registered_form)), branch=name.branch
            )
        if rivals:
            difference = self._difference(matches[best], best, as_written=True)
            return Finding(Sameness.LOOKALIKE, best, rivals[:SHOWN_OTHERS], difference, branch=name.branch)
        is_exact = bool(exact) and not any(_has_digit_for_letter(word) for word in name.words)
        return Finding(Sameness.SAME, best, branch=name.branch, is_exact=is_exact)

    def _form(self, place: int) -> str:
        return self._registered[place].name.form or "PT"

    def _readings(self, name: Name) -> list[list[_Reading]]:
        """The words as written, and with words joined or taken apart where that makes registered words."""
        words = list(name.words)
        ways = [words]
        for at in range(len(words) - 1):
            joined = Word(words[at].shown + words[at + 1].shown, words[at].folded + words[at + 1].folded)
            if joined.folded in self._words:
                ways.append([*words[:at], joined, *words[at + 2 :]])
        for at, word in enumerate(words):
            if parts := self._split(word.folded, is_first=at == 0 and name.form is None):
                ways.append([*words[:at], *(Word(part, part) for part in parts), *words[at + 1 :]])
        return [[self._read(word) for word in way] for way in ways]

    def _split(self, word: str, *, is_first: bool) -> list[str]:
        """The fewest registered words that make up `word`, at least two; a "pt" stuck to its front falls off."""
        if spelling_key(word) in self._postings or len(word) < 5:
            return []
        if is_first and word.startswith("pt"):
            rest = word[2:]
            if parts := [rest] if spelling_key(rest) in self._postings else self._split(rest, is_first=False):
                return parts
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(end):
                before = best[start]
                if (
                    before is None
                    or len(before) == SPLIT_WORDS
                    or word[start:end] not in self._words
                    or end - start < 3
                ):
                    continue
                if best[end] is None or len(before) + 1 < len(best[end]):
                    best[end] = [*before, word[start:end]]
        return best[-1] or []

    def _same(self, reading: list[_Reading]) -> list[int]:
        """Registered names with exactly these words, in any order; the company's own town may stand behind them."""
        for behind in range(min(CITY_WORDS, len(reading) - 1) + 1):
            own, town = reading[: len(reading) - behind], reading[len(reading) - behind :]
            if any(word.key is None for word in own) or not _is_legible(own):
                continue
            places = self._by_keys.get(tuple(sorted(word.key for word in own)), [])
            written = tuple(spelling_key(word.word.folded) for word in town if word.word.folded not in _lists().towns)
            if found := [place for place in places if not town or self._is_town_of(place, written)]:
                return found
        return []

    def _is_town_of(self, place: int, written: tuple[str, ...]) -> bool:
        """Whether the company sits there; "jakarta" is enough for Jakarta Timur."""
        return bool(written) and self._registered[place].city[: len(written)] == written

    def _rivals(self, best: int, reading: list[_Reading]) -> tuple[int, ...]:
        """Other names that hold a word just as it was written where `best` holds it in another spelling, and all words but one."""
        own = {word.folded for word in self._registered[best].name.words}
        rivals = []
        for word in reading:
            written = word.word.folded
            if written in own or written not in self._words:
                continue
            for place in self._postings[word.key].tolist():
                other = self._registered[place]
                is_written_so = any(one.folded == written for one in other.name.words)
                if (
                    place != best
                    and is_written_so
                    and sum(one.key in other.keys for one in reading) >= len(reading) - 1
                ):
                    rivals.append(place)
        return tuple(dict.fromkeys(rivals))

    def _alike(self, name: Name, readings: list[list[_Reading]]) -> Finding:
        """The names that share most with the query, if that is enough to mistake one for the other."""
        reading = max(readings, key=lambda words: sum(word.key is not None for word in words) / len(words))
        scores = np.zeros(len(self._registered))
        counts = np.zeros(len(self._registered), dtype=np.int64)
        for word in reading:
            of_word = np.zeros(len(self._registered))
            for key in (word.key,) if word.key else word.near:
                of_word[self._postings[key]] = _weight(key) * (1 if word.key else NEAR_WEIGHT)
            scores += of_word
            counts += of_word > 0
        if not counts.any():
            return Finding(Sameness.NONE)
        written_weight = sum(_weight(word.key or spelling_key(word.word.folded)) for word in reading)
        shares = 2 * scores / (written_weight + self._weights)
        is_alike = (counts >= 2) & ((shares >= LOOKALIKE_SHARE) | (counts >= self._sizes) | (counts >= len(reading)))
        is_alike |= (counts >= 1) & (shares >= LOOKALIKE_SHARE_ONE_WORD)
        places = np.flatnonzero(is_alike)
        if not len(places):
            return Finding(Sameness.NONE)
        ordered = places[np.argsort(-shares[places], kind="stable")]
        best = int(ordered[0])
        others = tuple(int(place) for place in ordered[1 : SHOWN_OTHERS + 1] if shares[place] >= shares[best] - 1e-9)
        difference = self._difference(reading, best)
        registered_form = self._form(best)
        if name.form and name.form != registered_form:
            difference = Difference(
                difference.replaced, difference.extra, difference.missing, (name.form, registered_form)
            )
        return Finding(Sameness.LOOKALIKE, best, others, difference, branch=name.branch)

    def _difference(self, reading: list[_Reading], place: int, *, as_written: bool = False) -> Difference:
        """Which words differ; with `as_written` also those that are the same word in another spelling."""
        left = list(self._registered[place].name.words)
        over: list[Word] = []
        for word in reading:
            twin = next((one for one in left if one.folded == word.word.folded), None)
            if twin is None and not as_written:
                twin = next((one for one in left if word.key == spelling_key(one.folded)), None)
            if twin is None:
                over.append(word.word)
            else:
                left.remove(twin)
        pairs = list(zip(over, left))
        return Difference(
            replaced=tuple((written.shown, registered.shown) for written, registered in pairs),
            extra=tuple(word.shown for word in over[len(pairs) :]),
            missing=tuple(word.shown for word in left[len(pairs) :]),
        )

    def _read_anew(self, word: Word) -> _Reading:
        """`word` as a registered word, if it is one or a slip for exactly one."""
        lists = _lists()
        folded = word.folded
        for written in _one_or_ell(word):
            if (key := spelling_key(written)) in self._postings:
                return _Reading(word, key)
        near = self._near(folded)
        slips = [(one, cost) for one, cost in near if cost < np.inf]
        if long := lists.short_for.get(folded):
            slips.append((long, SHORTENED))
        if slips and folded.isalpha() and (long or folded not in lists.known):
            cheapest = min(cost for _, cost in slips)
            meant = [one for one, cost in slips if cost == cheapest]
            keys = {spelling_key(one) for one in meant}
            if len(keys) == 1 and (key := keys.pop()) in self._postings:
                return _Reading(word, key, cheapest, is_edited=all(_dropped(folded, one) is None for one in meant))
        keys = dict.fromkeys(spelling_key(one) for one, _ in near)
        return _Reading(word, None, near=tuple(key for key in keys if key in self._postings))

    def _near(self, word: str) -> list[tuple[str, float]]:
        """Words of companies that look like `word`, each with what it costs to read one as the other; infinite for another word.

        Two slips in a word that also changes its first letter are not looked for.
        """
        found: dict[str, float] = {}
        reach = 1 if len(word) < 5 else 2
        for candidates, within in ((self._by_beginning, reach), (self._by_end, 1)):
            part = word[0] if candidates is self._by_beginning else word[-2:]
            for length in range(len(word) - within, len(word) + within + 1):
                for one, distance, _ in process.extract(
                    word, candidates.get((part, length), ()), scorer=OSA.distance, score_cutoff=within, limit=None
                ):
                    if one != word:
                        found[one] = _slip_cost(word, one, int(distance))
        same_skeleton = self._by_skeleton.get(skeleton(word), ())
        for one in same_skeleton:
            dropped = _dropped(word, one)
            if dropped and (dropped <= MAX_DROPPED or len({spelling_key(other) for other in same_skeleton}) == 1):
                found[one] = min(found.get(one, np.inf), dropped / 2)
        return list(found.items())


def _slip_cost(written: str, word: str, distance: int) -> float:
    """What it costs to read `written` as a slip for `word`: its wrong letters, or infinity where it is too far or too short.

    A last vowel that changed is no slip: it tells putra from putri and saudara from saudari. Only -e for -a is how
    Sambas people write. In short words a changed letter makes too easily another name.
    """
    if distance == 0:
        return 0.0
    if len(word) < 4 or distance > (2 if len(word) >= 8 else 1):
        return np.inf
    is_changed = len(written) == len(word)
    is_swapped = is_changed and sorted(written) == sorted(word)
    if len(word) == 4 and not is_swapped:
        return np.inf
    if is_changed and not is_swapped:
        if written[-1] != word[-1] and {written[-1], word[-1]} <= _VOWELS and (written[-1], word[-1]) != ("e", "a"):
            return np.inf
        if len(word) <= 6 and written[0] != word[0]:
            return np.inf
    return float(distance)


def _dropped(written: str, word: str) -> int | None:
    """How many vowels of `word` were left out to make `written`; None where anything else differs."""
    if len(written) < 3 or len(word) < 4 or written[0] != word[0]:
        return None
    letters, left_out = iter(written), 0
    wanted = next(letters, None)
    for letter in word:
        if letter == wanted:
            wanted = next(letters, None)
        elif letter in _VOWELS:
            left_out += 1
        else:
            return None
    return left_out if wanted is None else None


def _is_legible(reading: list[_Reading]) -> bool:
    """False where so many letters are wrong that the whole could be another name."""
    edited = sum(word.is_edited for word in reading)
    return sum(word.slips for word in reading) <= MAX_SLIPS and edited <= max(1, len(reading) - 1)


def _has_digit_for_letter(word: Word) -> bool:
    return not word.shown.isdigit() and any(letter.isdigit() for letter in word.shown)


def _one_or_ell(word: Word) -> tuple[str, ...]:
    """The folded word; a 1 inside it is read as i first, then as l."""
    if "1" not in word.shown or word.shown.isdigit():
        return (word.folded,)
    return word.folded, _folded(word.shown.replace("1", "l"))


def _weight(key: str) -> float:
    return COMMON_WEIGHT if key in _common_keys() else 1.0


def _registered(name: str, city: str) -> _Registered:
    parsed = parse_name(name)
    keys = tuple(spelling_key(word.folded) for word in parsed.words)
    return _Registered(parsed, keys, tuple(spelling_key(word.folded) for word in _words(city)))


def _words(text: str) -> list[Word]:
    """The words of a text; initials with dots are one word, "ale2" is a word written twice, "&" is "dan"."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    text = _INITIALS.sub(lambda match: f" {match[0].replace('.', '')} ", text.replace("&", " dan "))
    text = _SPACED_FORM.sub(r"\1\2 ", text)
    words = []
    for token in _TOKEN.findall(text):
        folded = _folded(token)
        if twice := _TWICE.fullmatch(token):
            words += [Word(twice[1], _folded(twice[1]))] * 2
        elif numbered := _NUMBERED.fullmatch(token):
            words += [Word(part, _folded(part)) for part in numbered.groups()]
        elif folded:
            words.append(Word(token, folded))
    return words


@lru_cache(maxsize=200_000)
def _folded(token: str) -> str:
    """Lower case letters without accents; a number up to ten is its word, other digits among letters are letters."""
    lower = unicodedata.normalize("NFKD", token).casefold()
    plain = _NOT_ALPHANUMERIC.sub("", lower)
    if not plain:  # another script: kept, it is no registered word
        return lower
    if plain.isdigit():
        return _lists().numbers.get(plain, plain)
    return plain.translate(_LETTERS_FOR_DIGITS)


def _without_forms(words: list[Word]) -> tuple[list[Word], list[str]]:
    """`words` without the legal forms at both ends, and those forms."""
    lists = _lists()
    found = []
    while words:
        for count in range(min(lists.longest_form, len(words)), 0, -1):
            in_front, behind = words[:count], words[-count:]
            if form := lists.forms.get(tuple([word.folded for word in in_front])):
                words = words[count:]
                break
            if form := lists.forms.get(tuple([word.folded for word in behind])):
                words = words[:-count]
                break
        else:
            return words, found
        found.append(form)
    return words, found


def _without_branch(words: list[Word]) -> tuple[list[Word], str | None]:
    """`words` before "cabang" or "di", and the one to three words behind it."""
    lists = _lists()
    for at in range(1, len(words)):
        if words[at].folded not in lists.branch_beginnings:
            continue
        for marker in lists.branches:
            end = at + len(marker)
            if tuple(word.folded for word in words[at:end]) == marker and len(words) - end <= BRANCH_WORDS:
                return words[:at], " ".join(word.shown for word in words[end:])
    return words, None


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

    content = read_yaml(CONTENT / "company_names.yaml")
    forms = {tuple(way.split()): form for form, ways in content["forms"].items() for way in ways}
    branches = tuple(tuple(marker.split()) for marker in content["branches"])
    common = frozenset((content["common"] + " " + content["places"]).split())
    company = common | frozenset(content["others"].split())
    return _Lists(
        forms=forms,
        longest_form=max(map(len, forms)),
        titles=frozenset(map(_folded, content["titles"])),
        branches=branches,
        branch_beginnings=frozenset(marker[0] for marker in branches),
        towns=frozenset(content["towns"]),
        short_for={short: word for word, shorts in content["abbreviations"].items() for short in shorts},
        spelling={way: ways[0] for ways in content["spellings"] for way in ways[1:]},
        numbers={str(number): word for number, word in enumerate(content["numbers"])},
        common=common,
        company=company,
        known=company | frozenset(StemmerFactory().get_words()),
    )


@lru_cache(maxsize=1)
def _common_keys() -> frozenset[str]:
    return frozenset(map(spelling_key, _lists().common))
