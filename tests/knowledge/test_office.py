"""What the office has not filled in is said to be missing; what it has confirmed loses the caution."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from knowledge.office import TO_CONFIRM, load_office, long_date


def profile(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "office.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_office_that_filled_in_nothing_says_so() -> None:
    assert load_office().fill("{kantor.bp3mi}") == (
        "BP3MI Kalimantan Barat (Pontianak): alamat, jam buka, telepon belum diisi kantor"
    )


@pytest.mark.parametrize("placeholder", ["{kantor.klinik}", "{kantor.penelitian}"])
def test_empty_list_and_channel_send_to_an_officer(placeholder: str) -> None:
    filled = load_office().fill(placeholder)
    assert "belum diisi kantor" in filled
    assert "petugas" in filled


def test_contact_tells_its_source_and_asks_for_confirmation() -> None:
    assert load_office().fill("- {kontak.kp2mi_wa}").endswith(f"(sumber 2025, {TO_CONFIRM})")


def test_contact_from_memory_asks_for_confirmation() -> None:
    assert load_office().fill("{kontak.lpsk}").endswith(f"({TO_CONFIRM})")


def test_contact_without_a_number_guesses_none(tmp_path: Path) -> None:
    office = load_office(profile(tmp_path, "contacts: {lpsk: {number: null}}"))
    assert office.contact("lpsk").endswith(": nomor belum diisi kantor")


@pytest.mark.parametrize("written", ["2026-11-20", "'2026-11-20'"])
def test_confirmed_date_replaces_the_caution(tmp_path: Path, written: str) -> None:
    office = load_office(profile(tmp_path, f"contacts: {{kp2mi_wa: {{confirmed_on: {written}}}}}"))
    filled = office.fill("{kontak.kp2mi_wa}")
    assert filled.endswith("(diperiksa 20 November 2026)")
    assert TO_CONFIRM not in filled


def test_office_shows_what_it_filled_in_and_what_is_missing(tmp_path: Path) -> None:
    office = load_office(profile(tmp_path, "offices: {bp3mi: {address: Jl. Contoh 1, hours: Senin-Jumat}}"))
    assert office.fill("{kantor.bp3mi}") == (
        "BP3MI Kalimantan Barat (Pontianak): alamat: Jl. Contoh 1; jam buka: Senin-Jumat. telepon belum diisi kantor"
    )


def test_confirmed_office_tells_when_it_was_checked(tmp_path: Path) -> None:
    text = "offices: {bp3mi: {address: Jl. Contoh 1, hours: Senin, phone: '0561', confirmed_on: 2026-11-20}}"
    filled = load_office(profile(tmp_path, text)).fill("{kantor.bp3mi}")
    assert filled.endswith("diperiksa 20 November 2026")
    assert "belum diisi" not in filled


def test_clinics_become_a_list(tmp_path: Path) -> None:
    office = load_office(profile(tmp_path, "clinics: [Klinik Satu, Klinik Dua]\nresearch: loket 2"))
    assert office.fill("{kantor.klinik}\n{kantor.penelitian}") == "- Klinik Satu\n- Klinik Dua\nloket 2"


@pytest.mark.parametrize("placeholder", ["{kontak.tidak_ada}", "{kantor.tidak_ada}", "{gaji.taiwan}"])
def test_unknown_placeholder_raises(placeholder: str) -> None:
    with pytest.raises(KeyError):
        load_office().fill(f"Hubungi {placeholder}")


def test_text_without_placeholders_stays() -> None:
    assert load_office().fill("Bayar {lunas} 50%") == "Bayar {lunas} 50%"


@pytest.mark.parametrize(
    "text",
    [
        "offices: {cabang_baru: {address: x}}",
        "contacts: {polri: '110'}",
        "- bp3mi",
        "",
        "offices: {bp3mi: {serves: Sambas}}",
        "offices: {bp3mi: {serves: [7]}}",
        "desk: {opens: 8}",
        "desk: {closes: 16:00}",
        "desk: {opens: '24:00'}",
        "desk: {opens: '16:00', closes: '08:00'}",
        "desk: {saturday: '08:00'}",
        "desk: weekdays",
        "holidays: [2026-12-24]",
        "holidays: [{date: 24 Desember, name: Cuti bersama}]",
        "holidays: [{date: 2026-12-24}]",
        "holidays: [{date: 2026-12-24, name: 7}]",
        "holidays: 2026-12-24",
    ],
)
def test_profile_that_does_not_fit_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="office.yaml"):
        load_office(profile(tmp_path, text))


def test_place_tells_the_office_that_serves_it(tmp_path: Path) -> None:
    office = load_office(profile(tmp_path, "offices: {p4mi_sanggau: {serves: [Sanggau, Entikong, Sekadau Hilir]}}"))
    assert office.office_for("kampung di sekitar ENTIKONG") == "p4mi_sanggau"
    assert office.office_for("sekadau hilir, dekat pasar") == "p4mi_sanggau"
    assert office.office_for("Kab. Sambas") == "p4mi_sambas"
    assert office.office_for("Sambasan") == office.office_for("Sibu") == office.office_for("") == "bp3mi"


def test_office_names_its_hours_and_its_days(tmp_path: Path) -> None:
    days = "[{date: 2026-12-24, name: Cuti bersama}, {date: '2026-12-25', name: null}]"
    office = load_office(profile(tmp_path, f"desk: {{opens: '07:30'}}\nholidays: {days}"))
    assert (office.opens, office.closes) == (time(7, 30), time(16))
    assert office.holidays == {date(2026, 12, 24): "Cuti bersama", date(2026, 12, 25): None}


def test_profile_without_values_changes_nothing(tmp_path: Path) -> None:
    assert load_office(profile(tmp_path, "offices:\ncontacts: {}")) == load_office()


def test_date_is_written_out() -> None:
    assert long_date(date(2026, 8, 1)) == "1 Agustus 2026"
