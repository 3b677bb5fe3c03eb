"""The copies that the encoder is tuned on stay what was asked, written otherwise."""

from __future__ import annotations

import random

from knowledge.noise import TONGUES, in_local_words, local_words, misspell
from knowledge.normalize import Normalizer, load_lexicon

QUESTION = "Saya tidak bisa pulang karena paspor diambil, berapa biaya paspor baru?"


def test_local_words_mean_what_they_stand_for() -> None:
    """The normaliser, which search uses, brings every copy back to its words."""
    standard = Normalizer(load_lexicon())
    for tongue in local_words():
        for seed in range(20):
            copy = in_local_words(QUESTION, tongue, chooser=random.Random(seed))
            assert standard(copy).split() == standard(QUESTION).split(), copy


def test_every_tongue_has_words_of_its_own() -> None:
    copies = {in_local_words(QUESTION, tongue, chooser=random.Random(3)) for tongue in local_words()}
    assert len(copies - {QUESTION.lower()}) == len(TONGUES)


def test_a_misspelt_copy_keeps_most_of_its_letters() -> None:
    for seed in range(20):
        copy = misspell(QUESTION, chooser=random.Random(seed))
        assert 0.6 * len(QUESTION) < len(copy) < 1.2 * len(QUESTION), copy
