"""Whether a text is plain: no markup, no numbers written out that the office keeps, and sentences that are read with ease."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from statistics import mean

from knowledge.office import TO_CONFIRM
from knowledge.written import KeyPath, Page, Problem

SENTENCE_WORDS = 22
AVERAGE_WORDS = 14
HEAVY_SYLLABLES = 5
HEAVY_SHARE = 0.10
HEAVY_IN_SENTENCE = 3
"""One sentence of a regulation is lost in the share of a long text, and is just as hard to read."""

_PHONE = re.compile(r"(?<![\w.,/-])(?:(?:\+\d|\(?0\d)(?:[ .()-]{0,2}\d){6,}|\d(?:[ .-]?\d){8,})")
_HOTLINE = re.compile(
    r"\b(?:telepon|telp|tel|hubungi|hotline|whatsapp|wa|sms|call center)\b[ .:]*(?:(?:nomor|no|ke|di)\b[ .:]*)*\d{3,}",
    re.IGNORECASE,
)
_SUM_OR_DATE = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,2}([.-])\d{1,2}\1\d{4}")
_MARKUP = {
    "HTML": re.compile(r"</?[a-zA-Z!][^>\n]*>|&#?\w+;"),
    "Markdown": re.compile(
        r"\*\*|__|`|(?<!\w)[*_]\w[^*_\n]*[*_](?!\w)|\[[^\]\n]+\]\([^)\n]*\)|^[ \t]*(?:#{1,6} |[*>|] ?\S|[-*_]{3,}$)",
        re.MULTILINE,
    ),
}
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiou]+", re.IGNORECASE)
_LIST_MARK = re.compile(r"\s*(?:\d+[.)]|-)\s+")
_SENTENCE = re.compile(r".+?(?:[.?!:;][\"'”’)]*(?=\s)|$)")
_NOT_READ = re.compile(rf"\(?{TO_CONFIRM}\)?|\{{[^{{}}\n]*\}}")


def sentences(text: str) -> list[tuple[int, str]]:
    """The sentences of a text with their offsets: a line break or one of .?!:; ends one; list marks are left out."""
    found = []
    start = 0
    for line in text.splitlines(keepends=True):
        mark = _LIST_MARK.match(line)
        begin = mark.end() if mark else 0
        found += [(start + match.start(), match[0]) for match in _SENTENCE.finditer(line.rstrip(), begin)]
        start += len(line)
    return [(offset, sentence) for offset, sentence in found if _WORD.search(sentence)]


def heavy_share(text: str) -> float:
    """The share (0 to 1) of words with five or more syllables, a syllable being a group of vowels.

    Indonesian is read letter by letter, so what makes it hard is not rare spelling but piled-up affixes and loan words:
    "penyelenggaraan", "ketenagakerjaan". In plain answers 0 to 5 words of a hundred are that long, in the language of
    regulations 18 to 25; `HEAVY_SHARE` lies between, with room for parts of a dozen words.
    """
    words = _WORD.findall(text)
    return _heavy_words(words) / len(words) if words else 0.0


def _heavy_words(words: list[str]) -> int:
    return sum(len(_VOWELS.findall(word)) >= HEAVY_SYLLABLES for word in words)


def unplain(page: Page, texts: Iterable[tuple[KeyPath, str]]) -> Iterator[Problem]:
    for place, text in texts:
        for kind, pattern in _MARKUP.items():
            for match in pattern.finditer(text):
                yield page.problem(f"{kind} di dalam teks: '{match[0].strip()}'", *place, offset=match.end())
        for match in (*_PHONE.finditer(text), *_HOTLINE.finditer(text)):
            if not _SUM_OR_DATE.fullmatch(match[0]):
                reason = f"nomor telepon ditulis langsung: '{match[0]}'; pakai {{kontak.…}}"
                yield page.problem(reason, *place, offset=match.end())


def unreadable(page: Page, texts: Iterable[tuple[KeyPath, str]]) -> Iterator[Problem]:
    for place, text in texts:
        name = ".".join(map(str, place))
        read = _NOT_READ.sub(lambda match: " " * len(match[0]), text)
        lengths = []
        for offset, sentence in sentences(read):
            lengths.append(len(sentence.split()))
            if lengths[-1] > SENTENCE_WORDS:
                start = " ".join(sentence.split()[:4])
                yield page.problem(
                    f"kalimat {lengths[-1]} kata, paling banyak {SENTENCE_WORDS}: '{start} …'", *place, offset=offset
                )
            if (heavy := _heavy_words(_WORD.findall(sentence))) > HEAVY_IN_SENTENCE:
                reason = (
                    f"kalimat sulit dibaca: {heavy} kata bersuku {HEAVY_SYLLABLES} atau lebih, "
                    f"paling banyak {HEAVY_IN_SENTENCE}"
                )
                yield page.problem(reason, *place, offset=offset)
        if lengths and mean(lengths) > AVERAGE_WORDS:
            average = mean(lengths)
            yield page.problem(
                f"'{name}' rata-rata {average:.1f} kata sekalimat, paling banyak {AVERAGE_WORDS}", *place
            )
        if heavy_share(read) > HEAVY_SHARE:
            yield page.problem(
                f"'{name}' sulit dibaca: {heavy_share(read):.0%} katanya bersuku {HEAVY_SYLLABLES} atau lebih, "
                f"paling banyak {HEAVY_SHARE:.0%}",
                *place,
            )
