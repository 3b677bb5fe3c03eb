"""An advert that nobody asked about is known as one; questions and stories are not."""

from __future__ import annotations

import pytest

from knowledge.adverts import asks_for_check, is_advert, is_worded_like_advert
from knowledge.red_flags import analyse


@pytest.mark.parametrize(
    "text",
    [
        "Loker Kamboja gaji 15 juta tanpa syarat, minat hubungi 0812-1111-2222",
        "Mau gaji besar? Dibuka lowongan kerja ke Malaysia, mess dan makan gratis, kuota terbatas. Daftar ke 0812-1111-2222",
        "PT Melati Uji Coba membuka pendaftaran kerja ke Taiwan. Syarat usia 21 tahun, kontrak 3 tahun, gaji sesuai aturan.",
    ],
)
def test_advert_speaks_for_itself(text: str) -> None:
    assert is_advert(text, analyse(text))


@pytest.mark.parametrize(
    "text",
    [
        "gaji dan syarat kerja ke taiwan berapa ya, kontraknya berapa tahun",
        "saya ditawari kerja di malaysia gaji 10 juta, kontrak 2 tahun, mess gratis, hubungi 0812-1111-2222",
        "upah dipotong terus tiap bulan padahal hutang tiket sudah lunas, kalau begini saya bicara ke siapa dulu",
        "halo semua, selamat pagi dari kampung halaman tercinta",
    ],
)
def test_question_or_story_is_no_advert(text: str) -> None:
    assert not is_advert(text, analyse(text))


@pytest.mark.parametrize(
    ("text", "may_be"),
    [
        ("Loker Kamboja gaji 15 juta tanpa syarat, minat hubungi 0812-1111-2222", True),
        ("berapa biaya buat paspor baru di kantor imigrasi yang dekat", False),
        ("gaji di taiwan", False),
        ("saya sudah bayar 5 juta tapi belum berangkat juga sampai sekarang", False),
    ],
)
def test_words_alone_spare_most_messages_the_rules(text: str, may_be: bool) -> None:
    assert is_worded_like_advert(text) is may_be


def test_words_under_a_picture_may_ask_whether_it_is_genuine() -> None:
    assert asks_for_check("ini resmi gak kak")
    assert not asks_for_check("slip gaji bulan mei")
