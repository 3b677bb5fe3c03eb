"""Which destination a text speaks of, whatever name or town people write."""

from __future__ import annotations

import pytest

from knowledge.countries import DESTINATIONS, codes, country_of, elsewhere, find_countries, name_pattern
from knowledge.entries import Entry


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("biaya ke Taiwan berapa", "taiwan"),
        ("kalau ke HONGKONG?", "hong-kong"),
        ("kerja di hk", "hong-kong"),
        ("saya di Miri", "sarawak"),
        ("di Kota Kinabalu, Sabah", "malaysia"),
        ("gaji ringgit", "malaysia"),
        ("ke dubai", "uea"),
        ("umrah ke arab saudi", "arab-saudi"),
        ("kerja di KK Park", "myanmar"),
        ("mau ke Papua Nugini", "papua-nugini"),
    ],
)
def test_country_is_known_by_its_names_and_places(text: str, country: str) -> None:
    assert country_of(text) == country


@pytest.mark.parametrize("text", ["", "paspor hilang", "saya sibuk", "taiwanan", "😀", "dari Pontianak"])
def test_text_without_a_destination_has_no_country(text: str) -> None:
    assert country_of(text) is None


def test_last_country_named_is_where_people_want_to_go() -> None:
    assert country_of("saya di Taiwan mau pindah ke Korea") == "korea"


def test_countries_come_in_order_and_each_once() -> None:
    assert find_countries("Korea atau Jepang, gaji Korea berapa") == ["korea", "jepang"]


def test_sarawak_wins_over_the_country_around_it() -> None:
    assert find_countries("kerja di Sibu, Malaysia") == ["sarawak"]


def test_clear_name_wins_over_an_ambiguous_one() -> None:
    assert find_countries("rm berapa kalau di Brunei") == ["brunei"]


def test_longer_name_is_read_before_the_shorter_one_inside_it() -> None:
    assert find_countries("kota samarahan") == ["sarawak"]
    assert find_countries("korea selatan") == ["korea"]


def test_every_country_part_of_the_content_can_be_asked_for(shipped: list[Entry]) -> None:
    assert {code for entry in shipped for code in entry.countries} <= codes()


def test_text_moved_elsewhere_names_another_country_in_the_same_words() -> None:
    moved = elsewhere("Gaji saya di Singapura belum dibayar, majikan di Singapore marah")
    assert moved and country_of(moved) not in (None, "singapura")
    assert len(find_countries(moved)) == 1
    assert name_pattern().sub("_", moved) == "gaji saya di _ belum dibayar majikan di _ marah"


def test_text_is_always_moved_to_the_same_country() -> None:
    assert elsewhere("paspor hilang di taiwan") == elsewhere("Paspor hilang di Taiwan?")


@pytest.mark.parametrize("text", ["", "gaji belum dibayar", "gaji 1500 ringgit"])
def test_text_without_a_clear_country_is_not_moved(text: str) -> None:
    assert elsewhere(text) is None


def test_every_destination_moved_to_is_a_known_name() -> None:
    assert [name for name in DESTINATIONS if not find_countries(name)] == []
