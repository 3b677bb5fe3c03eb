"""Numbers, links and accounts are known in whatever way they are typed."""

from __future__ import annotations

import pytest

from knowledge.contacts import ContactKind, find_contacts, has_landline, phone_number
from knowledge.recruiter_names import find_recruiter_names


@pytest.mark.parametrize(
    "typed",
    ["0812-3456-7890", "+62 812 3456 7890", "62 812 3456 7890", "0 8 1 2 3 4 5 6 7 8 9 0", "(0812) 3456.7890"],
)
def test_same_phone_in_every_spelling_is_one_number(typed: str) -> None:
    found = [contact.value for contact in find_contacts(f"hubungi {typed} ya") if contact.kind is ContactKind.PHONE]
    assert found == ["+6281234567890"]


@pytest.mark.parametrize(("typed", "number"), [("+60 16 123 4567", "+60161234567"), ("016-1234567", "+60161234567")])
def test_malaysian_numbers_are_known(typed: str, number: str) -> None:
    assert [contact.value for contact in find_contacts(f"whatsapp {typed}")] == [number]


def test_number_that_cannot_exist_keeps_its_digits() -> None:
    assert phone_number("0000-12345") == "000012345"


def test_links_are_taken_apart() -> None:
    chat, site = find_contacts("wa.me/6281234567890 atau https://siskop2mi.bp2mi.go.id/lowongan/list?x=1")
    assert (chat.value, chat.is_official) == ("wa.me/6281234567890", False)
    assert (site.value, site.is_official) == ("siskop2mi.bp2mi.go.id/lowongan/list", True)


def test_host_that_only_looks_official_is_not() -> None:
    (link,) = find_contacts("https://kp2mi.go.id.daftar-kerja.com/x")
    assert not link.is_official


def test_accounts_wallets_and_handles_are_told_apart() -> None:
    kinds = [
        contact.kind for contact in find_contacts("bca 1234567890, dana 081234567890, tele @kerja_contoh, a@b.com")
    ]
    assert kinds == [ContactKind.ACCOUNT, ContactKind.ACCOUNT, ContactKind.HANDLE, ContactKind.EMAIL]


def test_office_telephone_is_no_mobile() -> None:
    assert has_landline("kantor (0561) 0000-95")
    assert not has_landline("wa 0812-3456-7890")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Admin PT Telaga Biru Sejati: kak, besok ya", ["PT Telaga Biru Sejati"]),
        ("p.t. rantau maju perkasa minta dp", ["PT rantau maju perkasa"]),
        ("PT Daun Hijau Asri Jl. Contoh 3, Pontianak", ["PT Daun Hijau Asri"]),
        ("PT GUNUNG PUTIH LESTARI\nP3MI, SIP3MI 1/2025", ["PT GUNUNG PUTIH LESTARI"]),
        ("LKP Cahaya Ilmu dan CV Maju Bersama", ["LKP Cahaya Ilmu", "CV Maju Bersama"]),
        ("PT Angsa Emas menerima calon. PT Angsa Emas lagi", ["PT Angsa Emas"]),
        ("Bukti bayar kuitansi PT.\nDokumen asli tetap di tangan Anda.", []),
        ("PT itu resmi gak, PT-nya mana, lpk kami", []),
        ("nunggu panggilan dari PT walau lama, berkas ke pt tadi siang, lewat PT kan ya, tak lewat PT mane pun", []),
        ("Hubungi PT baru lagi. pt biar cepat", []),
    ],
)
def test_company_names_end_where_the_sentence_goes_on(text: str, names: list[str]) -> None:
    assert find_recruiter_names(text) == names
