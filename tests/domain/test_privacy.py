"""What points to a person is masked before it is kept; what makes a question answerable stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from bot.domain.privacy import mask, mask_person


@pytest.mark.parametrize(
    "nik",
    ["6101234567890123", "61 0123 456789 0123", "6101-2345-6789-0123", "6101.2345.6789.0123", "6101 2345 6789 0123"],
)
def test_nik_is_masked_however_it_is_grouped(nik: str) -> None:
    assert mask(f"NIK saya {nik}, kok ditolak?") == "NIK saya [NIK], kok ditolak?"
    assert mask(f"nik{nik}") == "nik[NIK]"


@pytest.mark.parametrize(
    "phone",
    [
        "081234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "0812.3456.7890",
        "0812 345 678",
        "0812-34567890",
        "+6281234567890",
        "+62 812-3456-7890",
        "6281234567890",
        "62812 3456 7890",
        "812 3456 7890",
        "0 8 1 2 3 4 5 6 7 8 9 0",
        "(0561) 735123",
        "0561-735123",
        "016-8866734",
        "+60 16-886 6734",
        "60168866734",
        "+673 233 0180",
        "+852 2157 9537",
        "+886 912 345 678",
        "+966 50 123 4567",
        "+81-90-1234-5678",
        "+82 10 1234 5678",
        "０８１２３４５６７８９０",
    ],
)
def test_phone_is_masked_in_every_shape(phone: str) -> None:
    assert mask(f"hubungi {phone} ya") == "hubungi [telepon] ya"
    assert mask(f"hp:{phone}.") == "hp:[telepon]."


def test_phone_in_words_is_masked_and_counting_stays() -> None:
    assert mask("hp saya nol delapan satu dua tiga empat lima enam tujuh") == "hp saya [telepon]"
    assert mask("anak saya dua, tiga atau empat orang") == "anak saya dua, tiga atau empat orang"


def test_passport_number_in_groups_is_masked() -> None:
    assert mask("paspor no. X 123 4567 hilang") == "paspor no. [nomor paspor] hilang"
    for text in (
        "paspor di 2 kantor, biaya 350 000",
        "biaya paspor rp 350 000",
        "paspor Rp350.000",
        "paspor ke 2 2025 2026",
    ):
        assert mask(text) == text


def test_two_phones_in_a_row_are_both_masked() -> None:
    assert mask("0812 3456 789 atau 0813 4567 890") == "[telepon] atau [telepon]"
    assert mask("08123456789/08987654321") == "[telepon]/[telepon]"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("tulis ke sari.lestari@contoh.com", "tulis ke [email]"),
        ("SARI_l+ku@contoh.co.id.", "[email]."),
        ("sari @ contoh . com", "[email]"),
        ("sari(at)contoh.com", "[email]"),
        ("sari.lestari [at] contoh [dot] com", "[email]"),
        ("telegram @sari_pemangkat", "telegram [akun]"),
        ("wa.me/6281234567890", "wa.me/[nomor]"),
    ],
)
def test_address_on_the_net_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("number", ["B1234567", "C 1234567", "AT123456", "x1234567", "E-1234567"])
def test_passport_number_is_masked(number: str) -> None:
    assert mask(f"paspor {number} hilang") == "paspor [nomor paspor] hilang"


@pytest.mark.parametrize("number", ["123401001234567", "0123-01-012345-50-8", "1234 5678 90"])
def test_account_number_is_masked(number: str) -> None:
    assert mask(f"transfer ke rek BRI {number} katanya") == "transfer ke rek BRI [nomor] katanya"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("pak Budi minta uang", "pak [nama] minta uang"),
        ("pak joko minta uang", "pak [nama] minta uang"),
        ("PAK BUDI minta uang", "PAK [nama] minta uang"),
        ("Pak Budi Santoso di Sambas", "Pak [nama] di Sambas"),
        ("ibu siti minta 5 juta", "ibu [nama] minta 5 juta"),
        ("Bapak H. Mulyadi", "Bapak [nama]"),
        ("pak haji Mulyadi", "pak haji [nama]"),
        ("Bang Joko dan Kak Sari", "Bang [nama] dan Kak [nama]"),
        ("calonya si Joko", "calonya si [nama]"),
        ("Mr. Tan minta", "Mr. [nama] minta"),
        ("majikan bernama Tan Ah Kow", "majikan bernama [nama]"),
        ("calo bernama joko, orang Sambas", "calo bernama [nama], orang Sambas"),
        ("rekening a.n. Budi Santoso", "rekening a.n. [nama]"),
        ("rekening a/n budi santoso", "rekening a/n [nama]"),
        ("rekening an. Budi", "rekening an. [nama]"),
        ("rekening an BUDI SANTOSO", "rekening an [nama]"),
        ("majikan namanya Mr Tan Ah Kow", "majikan namanya [nama] [nama]"),
        ("atas nama: SITI AMINAH", "atas nama: [nama]"),
        ("nama saya Sari Lestari dari Sambas", "nama saya [nama] dari Sambas"),
        ("nama saya sari lestari mau tanya", "nama saya [nama] mau tanya"),
        ("namaku Sari", "namaku [nama]"),
        ("nama lengkap: Sari Lestari", "nama lengkap: [nama]"),
        ("nama ayah Budi", "nama ayah [nama]"),
        ("kenalkan saya Sari", "kenalkan saya [nama]"),
        ("panggil saja Sari", "panggil saja [nama]"),
        ("jenengku Sari", "jenengku [nama]"),
        ("my name is Sari Lestari", "my name is [nama]"),
    ],
)
def test_name_is_masked_and_the_rest_of_the_sentence_stays(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "gaji Rp5.000.000 sebulan",
        "Rp 12.500.000",
        "Rp20,000,000",
        "rp 5000000",
        "15000000",
        "harga 150000000 rupiah",
        "IDR 100000000",
        "100 000 000",
        "Rp1.500.000-2.500.000",
        "gaji 1.500.000 - 2.500.000",
        "RM 1700",
        "RM 1500000",
        "RM 1700 2025",
        "HK$5.100 dan NT$ 29.500",
        "28.590 (2025)",
        "rekening Rp5.000.000",
        "biaya 60 juta",
    ],
)
def test_money_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "tahun 2019-2020",
        "24-11-2026",
        "24/11/2026",
        "2026-11-24",
        "24 November 2026",
        "lahir 12-05-2001",
        "12-10-2025 s.d. 12-11-2025",
        "jam 08.00 - 16.00 WIB",
        "pukul 08.00-15.00",
        "UU 18/2017 Pasal 30",
        "hubungi 1500630, 110 atau 1955",
        "umur 18-45 tahun, tinggi 150 cm",
        "kontrak 24 bulan",
    ],
)
def test_year_date_hour_law_and_short_number_stay(text: str) -> None:
    assert mask(text) == text


def test_case_number_of_silvi_stays_beside_what_is_masked() -> None:
    text = "kasus SLV-2026-000123 dan SLV-2025-123456, hp 081234567890"
    assert mask(text) == "kasus SLV-2026-000123 dan SLV-2025-123456, hp [telepon]"


@pytest.mark.parametrize(
    "text",
    [
        "pak tolong",
        "bu saya mau tanya",
        "Bu, Saya mau tanya",
        "kak biaya berapa ke Taiwan",
        "pak kades minta uang",
        "pak di Sambas ada kantor?",
        "anakku berangkat, mbak. Surat apa saja?",
        "ibu hamil boleh kerja?",
        "ibu saya di Kuching",
        "kakak saya dipukul",
        "tuan saya tidak bayar gaji",
        "si calo kabur",
        "halo kak Silvi",
        "nama saya salah di paspor",
        "beda nama di KTP dan ijazah",
        "paspor atas nama orang lain",
        "namanya beda satu huruf",
        "nama PT apa saja",
        "bernama apa",
        "dulu namanya BNP2TKI",
        "I need an employer in Sibu",
    ],
)
def test_everyday_word_behind_a_title_or_the_word_name_stays(text: str) -> None:
    assert mask(text) == text


def test_masking_twice_changes_nothing() -> None:
    once = mask("pak Budi, nama saya Sari, NIK 6101234567890123, hp 081234567890, B1234567, sari@contoh.com")
    assert mask(once) == once


def test_longest_message_does_not_hold_up_the_turn() -> None:
    for piece in ("a", "0 ", "1", "pak ", "nama ", "a@", "a.b", "rekening 1 ", "(", "081-"):
        started = time.perf_counter()
        mask(piece * (10_000 // len(piece)))
        assert time.perf_counter() - started < 1, piece


@given(st.text(max_size=300))
def test_any_text_is_masked_without_an_error(text: str) -> None:
    mask(text)


@given(
    st.from_regex(r"08[1-9][0-9]{7,10}", fullmatch=True),
    st.sampled_from(["wa {}", "{} pak", "hp:{};", "({})", "nomor\n{}"]),
)
def test_no_mobile_number_is_left(phone: str, around: str) -> None:
    assert phone not in mask(around.format(phone))


def test_known_names_are_masked_wherever_they_stand() -> None:
    told = "gaji SARI belum dibayar, kata sari dewi di Sarikei"
    assert (
        mask_person(told, "Sari Dewi di 0812-0000-1111") == "gaji [nama] belum dibayar, kata [nama] [nama] di Sarikei"
    )
    assert mask_person(told, None) == mask(told)
