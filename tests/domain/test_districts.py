"""The district a place names."""

from __future__ import annotations

import pytest

from bot.domain.districts import DISTRICTS, district_of


@pytest.mark.parametrize(
    ("place", "district"),
    [
        ("Tebas, Kab. SAMBAS", "sambas"),
        ("kapuas  hulu", "kapuas-hulu"),
        ("kuburaya", "kubu-raya"),
        ("dekat pasar Flamboyan Pontianak", "pontianak"),
        ("Sibu, Sarawak", None),
        ("orang melawan", None),
        ("", None),
    ],
)
def test_district_is_found_in_a_place_as_people_write_it(place: str, district: str | None) -> None:
    assert district_of(place) == district


@pytest.mark.parametrize("code", DISTRICTS)
def test_every_district_is_known_by_its_own_name(code: str) -> None:
    assert district_of(DISTRICTS[code]) == code
