"""Misspells like a cheap phone in a hurry, and speaks the local tongues: training copies that teach the search to look past both."""

from __future__ import annotations

import random

from knowledge.entries import CONTENT, read_yaml

TONGUES = ("melayu", "jawa", "sunda")
"""Sections of the lexicon whose words stand for standard ones."""

SPOKEN = 0.6
"""Of the words that a tongue has its own for, so many are put into it."""

SHORT_FORMS = {
    "saya": ("sy", "sya"),
    "yang": ("yg",),
    "tidak": ("tdk", "gk", "ga"),
    "gak": ("gk", "ga"),
    "berapa": ("brp", "brapa"),
    "bagaimana": ("gmn", "bgmn", "gmna"),
    "gimana": ("gmn", "gmna"),
    "kalau": ("klo", "kl", "klw"),
    "sudah": ("sdh", "udh"),
    "belum": ("blm",),
    "bisa": ("bs", "bsa"),
    "untuk": ("utk", "buat"),
    "dengan": ("dgn", "sm"),
    "kerja": ("krj", "krja"),
    "bekerja": ("kerja", "bkrja"),
    "orang": ("org",),
    "harus": ("hrs",),
    "dari": ("dr",),
    "juga": ("jg",),
    "apa": ("ap",),
    "terus": ("trs",),
    "berangkat": ("brgkt", "brangkat"),
    "bulan": ("bln",),
    "tahun": ("thn",),
    "anak": ("ank",),
    "karena": ("krn", "krna"),
    "bayar": ("byr",),
    "lewat": ("lwt",),
    "paspor": ("paspr", "pasport"),
    "malaysia": ("malay", "mly", "malysia"),
}


def misspell(text: str, *, chooser: random.Random | None = None) -> str:
    """`text` with some words shortened, vowels dropped, letters swapped or doubled, capitals and marks lost."""
    chance = chooser or random
    words = []
    for word in text.lower().split():
        bare = word.strip(".,?!")
        roll = chance.random()
        if bare in SHORT_FORMS and roll < 0.5:
            word = chance.choice(SHORT_FORMS[bare])
        elif len(bare) > 3 and roll < 0.12:
            word = _drop_a_vowel(bare, chance)
        elif len(bare) > 3 and roll < 0.18:
            at = chance.randrange(1, len(bare) - 1)
            word = bare[:at] + bare[at + 1] + bare[at] + bare[at + 2 :]
        elif len(bare) > 3 and roll < 0.22:
            at = chance.randrange(1, len(bare))
            word = bare[:at] + bare[at:][1:]
        elif roll < 0.25 and bare:
            word = bare + bare[-1] * chance.randrange(1, 3)
        words.append(word)
    joined = " ".join(words)
    return joined.rstrip(".?!") if chance.random() < 0.6 else joined


def local_words() -> list[dict[str, list[str]]]:
    """For each local tongue, the words of the lexicon that say a standard word."""
    lexicon = read_yaml(CONTENT / "lexicon.yaml")
    tongues = []
    for name in TONGUES:
        tongue: dict[str, list[str]] = {}
        for local, standard in lexicon[name].items():
            tongue.setdefault(standard, []).append(local)
        tongues.append(tongue)
    return tongues


def in_local_words(text: str, tongue: dict[str, list[str]], *, chooser: random.Random | None = None) -> str:
    """`text` in lower case with standard words said in a local tongue; what it has no word for stays."""
    chance = chooser or random
    words = []
    for word in text.lower().split():
        bare = word.strip(".,?!")
        if bare in tongue and chance.random() < SPOKEN:
            word = word.replace(bare, chance.choice(tongue[bare]))
        words.append(word)
    return " ".join(words)


def _drop_a_vowel(word: str, chance: random.Random) -> str:
    places = [at for at, letter in enumerate(word[1:], 1) if letter in "aeiou"]
    if not places:
        return word
    at = chance.choice(places)
    return word[:at] + word[at + 1 :]
