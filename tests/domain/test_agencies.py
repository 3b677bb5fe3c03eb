"""Which agency a case goes to, and the least it is told."""

from __future__ import annotations

import pytest

from bot.domain.agencies import ABROAD, AGENCIES, BY_CODE, HOME, MISSIONS, NEEDS, AgencyKind, Fact, by_code, suggested
from bot.nlu_client import Category
from knowledge.countries import codes
from knowledge.office import load_office


def first(category: str, country: str | None) -> str:
    return suggested(category, country)[0].code


@pytest.mark.parametrize(
    ("category", "country", "code"),
    [
        ("gaji", "sarawak", "kjri_kuching"),
        ("paspor", "malaysia", "kbri_kl"),
        ("disekap", "taiwan", "kdei_taipei"),
        ("kekerasan", "qatar", "kemlu"),
        ("penipuan", "indonesia", "polda"),
        ("paspor", None, "imigrasi"),
        ("gaji", None, "disnaker"),
    ],
)
def test_first_agency_is_that_of_the_referral_matrix(category: str, country: str | None, code: str) -> None:
    assert first(category, country) == code


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("country", [None, "indonesia", "sarawak", "yordania"])
def test_every_kind_of_case_has_somebody_to_turn_to(category: Category, country: str | None) -> None:
    assert suggested(category, country)


def test_tables_name_only_agencies_and_countries_that_exist() -> None:
    named = [code for table in (ABROAD, HOME, MISSIONS) for row in table.values() for code in row]
    assert set(named) <= set(BY_CODE)
    assert set(MISSIONS) <= codes()
    assert set(ABROAD) | set(HOME) <= set(Category)


def test_contacts_come_from_the_office_profile_alone() -> None:
    contacts = load_office().contacts
    assert {agency.contact for agency in AGENCIES if agency.contact} <= set(contacts)


def test_code_is_known_however_it_is_written_and_fits_a_button() -> None:
    assert by_code("KJRI_Kuching") is BY_CODE["kjri_kuching"]
    assert by_code("entah") is None
    assert all(len(agency.code) <= 32 and agency.code.isidentifier() for agency in AGENCIES)


def test_story_goes_only_to_who_protects_prosecutes_or_defends() -> None:
    told = {kind for kind, needs in NEEDS.items() if Fact.ACCOUNT in needs}
    assert told == {AgencyKind.POLICE, AgencyKind.MISSION, AgencyKind.VICTIMS, AgencyKind.LEGAL_AID}
    assert NEEDS[AgencyKind.IMMIGRATION] == {Fact.IDENTITY, Fact.PLACE}


def test_emergency_is_asked_after_the_next_working_day() -> None:
    police = BY_CODE["polda"]
    assert police.working_days(is_emergency=True) == 1 < police.working_days(is_emergency=False)
