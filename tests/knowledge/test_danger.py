"""Danger is seen by rules alone: in every way people write, and not in questions, play and good news."""

from __future__ import annotations

import statistics
import time

import pytest

from knowledge.danger import Danger, find_danger, load_rules
from knowledge.normalize import Normalizer, load_lexicon

EMERGENCIES = {
    "disekap": [
        "pak tolong saya dikunci majikan di gudang belakang sudah dua hari",
        "Kami berempat dikurung di ruko, gerbangnya digembok dari luar.",
        "kakak sy gk blh keluar rmh sm sekali, kunci dibawa juragan",
        "kamek kene kurung di rumah toke, tak bagi keluar",
        "aku dikunci ning kamar, ora oleh metu blas",
        "abdi dikonci di imah dunungan, teu meunang kaluar ti kamari",
        "my boss locked me in the storeroom and took the key",
        "hp mau diambil penjaga, cepat tolong kami, jendelanya teralis semua",
        "mereka minta tebusan 60 juta, kalau tidak adik saya dijual ke tempat lain",
        "kirim 35 juta atau dijual lagi katanya, anak saya masih di sana",
        "saya dipaksa jadi scammer di Poipet, target tidak sampai dihukum",
        "sepupu saya di KK Park disuruh nipu orang tiap malam, mau keluar harus bayar",
        "we are held in a compound near Bokeo, please help us",
    ],
    "kekerasan": [
        "saya dipukul majikan pakai rotan sampai berdarah",
        "kene pukol toke agik pak, muke aku dah bengkak",
        "bu, mjikan sy nampar sy trs tiap hari",
        "aku digepuk juragan nganti ora iso mlaku",
        "abdi digebugan ku majikan unggal peuting",
        "nyonya menyiram air panas ke punggung saya",
        "rambut saya dijambak lalu kepala dibenturkan ke lantai",
        "tekong bawa parang, katanya mau bunuh yang melapor",
        "Istri saya diperkosa anak majikannya semalam.",
        "bapak majikan suka pegang-pegang badan saya kalau nyonya pergi",
        "mandor masuk kamar saya tadi malam, saya dipaksa melayani",
        "she was beaten by her employer with a belt",
        "suami saya dibacok di mess, pelakunya masih di sana",
    ],
    "penipuan": [
        "adik saya umur 15 dibawa calo ke perbatasan",
        "tetangga saya masih anak SMP diberangkatkan pakai KTP orang lain",
        "malam ini kami disuruh nyeberang lewat jalan tikus",
        "besok subuh saya diberangkatkan pakai visa umrah, padahal mau kerja",
        "lusa istri saya terbang pakai paspor nama orang lain",
    ],
    "kesehatan": [
        "teman saya tidak sadar dari tadi, bos melarang panggil dokter",
        "suami saya muntah darah di kapal, tidak dibawa ke rumah sakit",
        "kakak jatuh dari lantai tiga proyek, mandor tidak mau bawa ke rumah sakit",
        "darahnya tidak berhenti, tolong",
        "saya mau mati saja, tidak kuat hidup begini",
        "rasane pengen nglalu wae, wis ora kuat urip",
        "dia bilang mau bunuh diri, pintu kamarnya tidak dibuka",
        "I want to kill myself",
        "saya sudah di atap mau lompat dari sini",
    ],
}

HIGH = {
    "paspor": [
        "paspor saya ditahan majikan sejak datang",
        "my passport was taken by the agent",
        "pasport kamek diambek toke",
    ],
    "hilang_kontak": ["sudah tiga minggu ibu saya tidak ada kabar di Brunei", "anakku ora ana kabare wis telung sasi"],
    "lainnya": ["abang saya ditangkap polisi di Kuching", "my husband was arrested at the border"],
    "meninggal": ["ayah saya meninggal di Tawau, jenazahnya masih di sana"],
    "gaji": ["gaji tidak dibayar dan kami tidak punya beras lagi", "kami diusir dari mess, tidur di terminal"],
    "kesehatan": ["saya hamil lima bulan dan diusir majikan"],
}

CALM = [
    "syarat kerja ke Taiwan apa saja?",
    "apa hukumnya majikan yang memukul pembantu?",
    "menyekap pekerja itu melanggar pasal berapa",
    "menurut undang-undang, menahan paspor pekerja boleh tidak?",
    "bagaimana cara mencegah anak desa dijual ke luar negeri",
    "apa saja bentuk kekerasan terhadap pekerja migran",
    "berapa jumlah kasus pekerja disekap tahun lalu? untuk penelitian",
    "barusan baca berita warga dipukuli di Kamboja, ngeri",
    "saya mau buat materi sosialisasi tentang penyekapan di desa",
    "kalau majikan memukul pekerja, itu kena apa?",
    "majikan saya galak tapi tidak pernah dipukul kok",
    "di film itu ceweknya dikurung terus dibunuh",
    "main game malah kena bunuh terus wkwk",
    "haha ditampar bos pakai bonus",
    "mati gaya nunggu antrean imigrasi",
    "tonton joget tiktok sampai pingsan",
    "semalam mimpi dikejar orang bawa parang",
    "pengen mati ketawa lihat videonya 🤣",
    "cuma bunuh waktu sambil nunggu panggilan",
    "klub kampung kita dibantai 5-0",
    "akun siskop saya terkunci, cara bukanya gimana",
    "alhamdulillah adik saya sudah dilepas dan sehat, dulu dia disekap",
    "kantor buka jam berapa",
    "",
    "🙏🙏",
]


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer(load_lexicon())


def cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(category, text) for category, texts in table.items() for text in texts]


def seen(text: str, normalizer: Normalizer) -> Danger:
    danger = find_danger(text, normalizer)
    assert danger is not None, text
    return danger


@pytest.mark.parametrize(("category", "text"), cases(EMERGENCIES))
def test_cry_for_help_is_an_emergency(category: str, text: str, normalizer: Normalizer) -> None:
    danger = seen(text, normalizer)
    assert danger.urgency == "emergency"
    assert category in {sign.category for sign in danger.signs if sign.urgency == "emergency"}


@pytest.mark.parametrize(("category", "text"), cases(HIGH))
def test_grave_trouble_is_high(category: str, text: str, normalizer: Normalizer) -> None:
    danger = seen(text, normalizer)
    assert (danger.urgency, category in {sign.category for sign in danger.signs}) == ("high", True)


@pytest.mark.parametrize("text", CALM)
def test_question_play_or_good_news_is_no_danger(text: str, normalizer: Normalizer) -> None:
    assert find_danger(text, normalizer) is None


@pytest.mark.parametrize(
    "text",
    [
        "tolong saya sekarang, kalau ketahuan saya dipukul, harus lapor ke mana?",
        "tolong cepat, apa hukumnya ini, saya lagi dikunci majikan",
        "ini bukan prank, tolong kami sekarang, pintunya digembok",
        "help me now, my boss is beating me, what is the law here",
    ],
)
def test_no_guard_silences_a_plain_cry(text: str, normalizer: Normalizer) -> None:
    assert seen(text, normalizer).urgency == "emergency"


@pytest.mark.parametrize(
    "text", ["TOLONG!!", "tolong pak", "SOS", "tulung kulo", "tolong saya di rumah majikan di miri"]
)
def test_bare_cry_is_an_emergency(text: str, normalizer: Normalizer) -> None:
    assert seen(text, normalizer).urgency == "emergency"


@pytest.mark.parametrize("text", ["tolong di cek pt ini", "tolong info ke taiwan", "makasih sudah tolong saya"])
def test_please_is_no_cry(text: str, normalizer: Normalizer) -> None:
    assert find_danger(text, normalizer) is None


def test_story_that_began_on_tiktok_is_no_play(normalizer: Normalizer) -> None:
    assert seen("kenal agen lewat tiktok, sekarang anak saya disekap", normalizer).urgency == "emergency"


def test_own_trouble_in_a_question_stays_high(normalizer: Normalizer) -> None:
    assert seen("anak saya dipukul majikan, itu kena pasal apa?", normalizer).urgency == "high"


def test_most_urgent_sign_comes_first(normalizer: Normalizer) -> None:
    danger = seen("paspor saya ditahan majikan dan saya dipukul", normalizer)
    assert [sign.urgency for sign in danger.signs] == ["emergency", "high"]
    assert danger.category == "kekerasan"


def test_evidence_is_what_the_person_wrote(normalizer: Normalizer) -> None:
    (sign,) = seen("Saya DIPUKUL majikan!", normalizer).signs
    assert (sign.id, sign.evidence) == ("beaten", "dipukul")


def test_every_sign_has_an_id_of_its_own() -> None:
    ids = [rule.id for rule in load_rules().signs]
    assert len(ids) == len(set(ids))


def test_usual_message_takes_less_than_a_millisecond(normalizer: Normalizer) -> None:
    texts = [text for _, text in cases(EMERGENCIES) + cases(HIGH)] + CALM
    took_s = []
    for text in texts + texts:
        started = time.thread_time()
        find_danger(text, normalizer)
        took_s.append(time.thread_time() - started)
    assert statistics.median(took_s) < 0.001


def test_longest_message_does_not_hold_up_the_chat(normalizer: Normalizer) -> None:
    text = "kalau saya tidak boleh bayar apa " * 300
    find_danger(text, normalizer)
    started = time.perf_counter()
    find_danger(text, normalizer)
    assert time.perf_counter() - started < 1
