"""The same offer is known again, another one is not taken for it."""

from __future__ import annotations

from bot.domain.offers import ALIKE, likeness, sketch

OFFER = (
    "lowongan kerja ke taiwan gaji dua puluh juta makan dan mess gratis kuota terbatas syarat paspor dan surat sehat "
    "minat hubungi nomor satu dua tiga"
).split()


def test_changed_phone_number_makes_no_other_offer() -> None:
    changed = [*OFFER[:-3], "empat", "lima", "enam"]
    assert ALIKE <= likeness(sketch(OFFER), sketch(changed)) < 1


def test_other_country_and_pay_in_a_short_advert_are_another_offer() -> None:
    one, other = "kerja ke taiwan gaji lima juta".split(), "kerja di sawit malaysia tanpa paspor".split()
    assert likeness(sketch(one), sketch(other)) < ALIKE


def test_text_without_words_is_like_nothing() -> None:
    assert sketch([]) == []
    assert likeness([], []) == 0.0
