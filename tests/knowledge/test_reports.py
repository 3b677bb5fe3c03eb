"""What the rules read out of a story, without any model."""

from __future__ import annotations

import pytest

from knowledge.reports import (
    asks_for_news,
    is_country_name,
    read_report,
    read_wish_to_report,
    says_solved,
    says_unsolved,
    wants_officer,
    wants_reopening,
)


def test_one_sentence_tells_category_place_and_length_of_time() -> None:
    told = read_report("paspor saya ditahan majikan di Sibu, sudah 2 bulan")
    assert (told.category, told.place, told.duration) == ("paspor", "Sibu", "2 bulan")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("upah saya blm dibayar juga", "gaji"),
        ("uang 15 juta dibawa calo, belum berangkat", "penipuan"),
        ("kerja 16 jam sehari, libur tidak ada", "kontrak"),
        ("ibu saya sakit di taiwan", "kesehatan"),
        ("mau pulang tapi tiket tidak diberi", "pemulangan"),
        ("anak saya ga ada kabar", "hilang_kontak"),
        ("kakak saya meninggal di sana, gaji belum dibayar", "meninggal"),
        ("saya mau bertanya dulu", ""),
        ("mak saye di Miri, sik ade kabar dah 3 bulan", "hilang_kontak"),
        ("nomor agen udah ga aktif, 12 juta udah masuk", "penipuan"),
        ("agen potong 300 tiap bulan", "gaji"),
    ],
)
def test_plain_words_tell_the_category(text: str, category: str) -> None:
    assert read_report(text).category == category


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("gaji 3bln tidak dibayar", "3 bulan"),
        ("sudah setahun tidak digaji", "setahun"),
        ("kontrak 2 tahun, tidak digaji tiga minggu", "tiga minggu"),
        ("adik umur 17 tahun tidak digaji", ""),
        ("dua minggu lagi saya berangkat", ""),
        ("gaji dipotong sejak januari", "sejak januari"),
        ("disuruh kerja 16 jam sehari", ""),
        ("dijanjikan 5 juta sebulan, sudah sebulan tidak digaji", "sebulan"),
    ],
)
def test_length_of_time_is_no_age_and_no_contract(text: str, duration: str) -> None:
    assert read_report(text).duration == duration


def test_place_ends_where_the_story_goes_on() -> None:
    assert read_report("kerja di pabrik Johor udah 8 bulan").place == "Pabrik Johor"
    assert read_report("saya di ladang Semuja majikan pergi").place == "Ladang Semuja"


def test_country_is_no_place() -> None:
    assert read_report("saya kerja di Serawak").place == ""
    assert read_report("saya kerja di kampung Nyiru, Sarawak").place == "Kampung Nyiru"
    assert is_country_name("Serawak") and not is_country_name("Kuching")


@pytest.mark.parametrize(
    ("text", "is_for_other"),
    [
        ("adik saya dipukul majikannya di kuching", True),
        ("suami saya di sarawak, gaji tidak dibayar", True),
        ("saya mau lapor, anak saya dikurung", True),
        ("anakku belum digaji", True),
        ("anak perempuan saya di singapura, hapenya mati", True),
        ("laki kamek kecelakaan di ladang", True),
        ("bojoku nang Korea ora digaji", True),
        ("keluarga saya disekap di kamboja", True),
        ("gaji belum dibayar, keluarga saya di rumah menunggu", False),
        ("anak buah kapal, gaji belum dibayar", False),
        ("saya dipukul, teman saya juga", False),
        ("majikan saya pegang paspor saya", False),
        ("ibu petugas, tolong, gaji belum dibayar", False),
    ],
)
def test_whom_it_is_about_shows_in_the_words(text: str, is_for_other: bool) -> None:
    assert read_report(text).is_for_other is is_for_other


def test_who_must_not_be_called_is_heard() -> None:
    assert read_report("jgn telpon saya, majikan denger").wants_no_calls
    assert read_report("ga bisa angkat telepon").wants_no_calls
    assert not read_report("majikan tidak pernah menelepon").wants_no_calls


@pytest.mark.parametrize(
    "text",
    ["mau ngomong sama orang", "bisa disambungkan ke petugas?", "minta petugas dong", "kak mau ngobrol ama manusia"],
)
def test_wish_for_a_human_is_understood(text: str) -> None:
    assert wants_officer(text)


@pytest.mark.parametrize(
    "text", ["saya ditipu orang", "saya mau kerja sama orang taiwan", "mau jadi petugas kebersihan", "izin orang tua"]
)
def test_people_in_a_story_are_no_wish_for_a_human(text: str) -> None:
    assert not wants_officer(text)


@pytest.mark.parametrize(
    ("text", "story"),
    [
        ("saya mau lapor", ""),
        ("kak mau ngadu dong", ""),
        ("saya ingin membuat laporan", ""),
        ("mau ngelaporin agen", "agen"),
        ("kamek nak lapor, majikan tak bayar gaji", "majikan tidak bayar gaji"),
        ("cara lapor gimana", None),
        ("mau lapor calo ke mana ya", None),
        ("mau lapor diri di taiwan", None),
        ("gaji belum dibayar, saya mau lapor", None),
    ],
)
def test_plain_wish_to_report_is_told_from_a_question_about_it(text: str, story: str | None) -> None:
    assert read_wish_to_report(text) == story


def test_news_of_the_own_report_are_asked_for() -> None:
    assert asks_for_news("gimana laporan saya?") and asks_for_news("laporan saya udah sampai mana")
    assert asks_for_news("masih blm ada kabar kak") and asks_for_news("ndak ada kabar pak")
    assert not asks_for_news("saya mau buat laporan") and not asks_for_news("adik saya belum ada kabar")


def test_answers_to_whether_it_is_solved() -> None:
    assert says_solved("udah selesai, makasih") and says_solved("iya pak")
    assert says_unsolved("masih belum pak") and says_unsolved("belum ada perubahan bu")
    assert says_unsolved("blm") and says_unsolved("gajinya masih belum dibayar")
    assert not says_solved("sudah 2 bulan belum dibayar")
    assert wants_reopening("masalahnya belum selesai") and not wants_reopening("belum")
