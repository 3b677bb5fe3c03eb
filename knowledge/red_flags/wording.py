"""A text as people write it, in plain words for the checks: tricks of spelling undone, every word still known by its place."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MAX_CHARACTERS = 8_000
"""Of a longer text only this much is read, twice what a chat message holds: checking time stays bounded."""

LOOK_ALIKES = str.maketrans(
    "аеорсхуіјѕԁһкмтвнєԛԝгліαβεικνορτυχηω" + "ı",
    "aeopcxyijsdhkmtbheqwrniabeiknoptuxnw" + "i",
)
"""Letters of other scripts that people read as Latin ones."""

MAX_SPELLED = 60
"""Letters spelled one by one are put together up to this many pieces at once."""

LEET = str.maketrans("0134579@$!|", "oieastgasii")
FLAG_LETTER = 0x1F1E6
COUNTRY_OF_FLAG = {
    "KH": "kamboja", "MM": "myanmar", "LA": "laos", "TH": "thailand", "PH": "filipina", "VN": "vietnam",
    "MY": "malaysia", "BN": "brunei", "SG": "singapura", "HK": "hongkong", "TW": "taiwan", "KR": "korea",
    "JP": "jepang", "DE": "jerman", "SA": "saudi", "AE": "dubai", "QA": "qatar", "KW": "kuwait", "OM": "oman",
    "BH": "bahrain", "JO": "yordania", "IQ": "irak", "SY": "suriah", "TR": "turki", "EG": "mesir", "LY": "libya",
    "AU": "australia", "NZ": "selandia baru", "CA": "kanada", "US": "amerika", "PL": "polandia", "RO": "rumania",
}  # fmt: skip
"""The flag emoji that stand for a country's name in job advertisements."""

EMOJI = "\x1f"
_TOKEN = re.compile(r"[a-z0-9]+(?:[@$!|'’][a-z0-9]+)*|[#][a-z]+|[.?!;\n]|\S")
_REPEATS = re.compile(r"([a-z])\1{2,}")
_JOINTS = frozenset(" .-_*~•·,/" + EMOJI)
_INSIDE_WORD = frozenset(".-_*~•·" + EMOJI)


@dataclass(frozen=True, slots=True)
class Folded:
    """Lower-case Latin letters of a text; character i of `text` stands at `places[i]` of the original."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` stand in the original."""
        return self.places[start], self.places[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sentence mark, with its span in the original."""

    word: str
    start: int
    end: int


class Wording:
    """Words with single spaces between them; a stretch of `text` can be shown as the original has it."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self._starts: list[int] = []
        position = 0
        for token in tokens:
            self._starts.append(position)
            position += len(token.word) + 1
        self.text = " ".join(token.word for token in tokens)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original behind characters `start` to `end` of `text`."""
        first = self.tokens[bisect_right(self._starts, start) - 1]
        last = self.tokens[max(bisect_left(self._starts, end) - 1, 0)]
        return first.start, max(last.end, first.end)


def fold(text: str) -> Folded:
    """Small Latin letters: width, script, accents and invisible characters undone, flags of countries named."""
    letters: list[str] = []
    places: list[int] = []

    def put(piece: str, place: int) -> None:
        letters.extend(piece)
        places.extend([place] * len(piece))

    pending: tuple[str, int] | None = None
    for place, char in enumerate(text[:MAX_CHARACTERS]):
        code = ord(char) - FLAG_LETTER
        if 0 <= code < 26:
            letter = chr(ord("A") + code)
            if pending is None:
                pending = (letter, place)
            else:
                put(f" {COUNTRY_OF_FLAG.get(pending[0] + letter, '')} ", pending[1])
                pending = None
            continue
        pending = None
        put(_plain_char(char), place)
    return Folded("".join(letters), tuple(places))


def _plain_char(char: str) -> str:
    if "!" <= char <= "~" or char in " \n":
        return char.lower()
    if char in "\t\r\u00a0\u2028\u2029":
        return " " if char in "\t\r\u00a0" else "\n"
    if 0x1F130 <= ord(char) <= 0x1F189:
        return chr(ord("a") + (ord(char) - 0x1F130) % 32) if (ord(char) - 0x1F130) % 32 < 26 else " "
    decomposed = unicodedata.normalize("NFKD", char)
    kept = "".join(
        part for part in decomposed if unicodedata.category(part) not in ("Mn", "Me", "Cf", "Cc", "Cn", "Co")
    )
    if not kept:
        return ""
    if unicodedata.category(kept[0]) in ("So", "Sk"):
        return EMOJI
    return kept.lower().translate(LOOK_ALIKES)


def tokens_of(folded: Folded, marks: Iterable[tuple[int, int, str]], known: frozenset[str]) -> list[Token]:
    """Words of the folded text; each (start, end, mark) of `marks` becomes that one word; split-up words are joined."""
    text = list(folded.text)
    marked: dict[int, tuple[int, str]] = {}
    for start, end, mark in marks:
        if any(text[position] == "\x00" for position in range(start, end)):
            continue
        marked[start] = (end, mark)
        text[start:end] = "\x00" * (end - start)
    plain = "".join(text)
    found: list[tuple[str, int, int]] = [(mark, start, end) for start, (end, mark) in marked.items()]
    found += [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(plain) if match[0][0] != "\x00"]
    found.sort(key=lambda piece: piece[1])
    pieces = _joined(found, plain, known)
    return [Token(word, *folded.span(start, end)) for word, start, end in pieces]


def _joined(found: list[tuple[str, int, int]], text: str, known: frozenset[str]) -> list[tuple[str, int, int]]:
    """Letters spelled one by one and words cut by signs put together; sentence marks kept, other signs dropped."""
    words = [piece for piece in found if piece[0][0].isalnum() or piece[0][0] == "#" or piece[0] in ".?!;\n"]
    result: list[tuple[str, int, int]] = []
    index = 0
    while index < len(words):
        run = _spelled_run(words, index, text)
        if run > 2:
            whole = "".join(word for word, _, _ in words[index : index + run] if word.isalnum())
            start, end = words[index][1], words[index + run - 1][2]
            result += [(word, start, end) for word in _segmented(_standard_letters(whole, known), known)]
            index += run
            continue
        joined = _cut_word(words, index, text, known)
        if joined:
            whole, count = joined
            result.append((whole, words[index][1], words[index + count - 1][2]))
            index += count
            continue
        word, start, end = words[index]
        result += _one(word, start, end, known)
        index += 1
    return result


def _spelled_run(words: list[tuple[str, int, int]], index: int, text: str) -> int:
    """How many pieces from `index` are single letters with one sign or space between them."""
    count = 0
    end = None
    while index + count < min(len(words), index + MAX_SPELLED):
        word, start, stop = words[index + count]
        is_joint = word in ".;" and count > 0
        if not is_joint and (len(word) != 1 or not word.isalnum()):
            break
        between = text[end:start] if end is not None else ""
        if len(between) > 2 or any(char not in _JOINTS for char in between) or between == "  ":
            break
        end = stop
        count += 1
    letters = [word for word, _, _ in words[index : index + count] if word.isalnum()]
    if len(letters) < 3 or not any(letter.isalpha() for letter in letters):
        return 0
    while not words[index + count - 1][0].isalnum():
        count -= 1
    return count


def _cut_word(
    words: list[tuple[str, int, int]], index: int, text: str, known: frozenset[str]
) -> tuple[str, int] | None:
    """A known word that signs or emoji cut into pieces without a space: "vi-sa", "kam.boja"."""
    whole, end, count, letters = "", words[index][1], 0, 0
    for word, start, stop in words[index : index + 9]:
        between = text[end:start]
        if len(between) > 2 or any(char not in _INSIDE_WORD for char in between):
            break
        if word not in ".;" and not word.isalnum():
            break
        count += 1
        end = stop
        if word in ".;":
            continue
        whole += word
        letters += 1
        candidate = _standard_letters(whole, known)
        if letters > 1 and len(candidate) > 3 and candidate in known:
            pieces = [piece for piece, _, _ in words[index : index + count] if piece.isalnum()]
            if not all(piece in known and len(piece) > 2 for piece in pieces):
                return candidate, count
    return None


def _one(word: str, start: int, end: int, known: frozenset[str]) -> list[tuple[str, int, int]]:
    if word in "!;\n":
        return [(".", start, end)]
    if word[0] == "#" or word in ".?":
        return [(word, start, end)]
    standard = _standard_letters(word, known)
    if standard.isalnum():
        return [(standard, start, end)]
    return [(part, start, end) for part in re.findall(r"[a-z0-9]+", standard)]


def _standard_letters(word: str, known: frozenset[str]) -> str:
    """ "v1sa" is "visa" and "mbak2" is "mbak": digits are letters only where that gives a known word."""
    word = _REPEATS.sub(r"\1", word)
    if word in known or word.isalpha():
        return word
    for candidate in (word.translate(LEET), word.replace("1", "l").translate(LEET)):
        if candidate in known and any(char.isalpha() for char in word):
            return candidate
    if len(word) > 3 and word[-1] == "2" and word[:-1].isalpha():
        return word[:-1]
    return word


def _segmented(letters: str, known: frozenset[str]) -> list[str]:
    """Known words that together make up `letters`, as few as possible; `letters` itself where there are none."""
    if letters in known:
        return [letters]
    best: list[list[str] | None] = [[]] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 14), end - 1):
            before, word = best[start], letters[start:end]
            if before is not None and word in known and (best[end] is None or len(before) + 1 < len(best[end])):
                best[end] = [*before, word]
    return best[-1] or [letters]


def standard(tokens: list[Token], normalize: Callable[[str], str]) -> list[Token]:
    """The same tokens in everyday standard words; one token may become several."""
    result = []
    for token in tokens:
        words = normalize(token.word).split() if token.word[0].isalpha() else [token.word]
        result += [Token(word, token.start, token.end) for word in words or [token.word]]
    return result
