"""What the trained NLU makes of messages as people send them; none of these is in its training data."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu_client import UNKNOWN, Category, Intent, NluClient
from bot.services.knowledge_base import model_folder
from bot.settings import Settings
from knowledge.embedder import Embedder


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("pak tolong, upah saya lima bulan ini belum juga dikasih sama tauke", Intent.REPORT_PROBLEM),
        ("apa saja syarat kalau mau kerja ke taiwan?", Intent.ASK_QUESTION),
        ("PT Kembang Sepatu Jaya itu resmi atau tidak ya, dia nawarin kerja ke brunei", Intent.CHECK_OFFER),
        ("laporan saya SLV-2026-000987 sudah sampai mana?", Intent.CASE_STATUS),
        ("saya mau bicara langsung dengan petugas saja", Intent.TALK_TO_OFFICER),
        ("nggak jadi lapor, batalkan saja ya", Intent.CANCEL),
        ("selamat sore min", Intent.GREET),
        ("terima kasih banyak ya pak, sangat membantu", Intent.THANKS),
        ("jawabanmu tidak nyambung, dasar bot", Intent.FEEDBACK_NEGATIVE),
        ("resep sayur asam yang enak gimana", Intent.OUT_OF_SCOPE),
    ],
)
async def test_each_intent_is_understood(nlu: NluClient, text: str, intent: Intent) -> None:
    understanding = await nlu.parse(text)
    assert understanding.intent == intent
    assert understanding.intents[intent] == understanding.confidence
    assert set(understanding.intents) == set(Intent) - {Intent.UNKNOWN}
    assert sum(understanding.intents.values()) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("gaji tiga bulan belum dibayar bos", Category.GAJI),
        ("paspor saya disimpan majikan, tidak mau dikembalikan", Category.PASPOR),
        ("di kontrak jaga toko, sampai sana malah disuruh kerja di ladang", Category.KONTRAK),
        ("majikan memukul saya pakai sapu tiap hari", Category.KEKERASAN),
        ("kami dikunci di dalam mess dan dijaga orang, tidak boleh keluar", Category.DISEKAP),
        ("suami saya jatuh dari tangga di tempat kerja, kakinya patah belum diobati", Category.KESEHATAN),
        ("kakak saya meninggal di johor, jenazahnya belum dipulangkan", Category.MENINGGAL),
        ("sudah dua bulan anak saya tidak ada kabar sama sekali, nomornya mati", Category.HILANG_KONTAK),
        ("saya sudah bayar 15 juta ke calo tapi tidak diberangkatkan, orangnya kabur", Category.PENIPUAN),
        ("saya ingin pulang ke indonesia tapi tidak punya uang untuk tiket", Category.PEMULANGAN),
    ],
)
async def test_subject_of_a_report_is_understood(nlu: NluClient, text: str, category: Category) -> None:
    understanding = await nlu.parse(text)
    assert understanding.intent == Intent.REPORT_PROBLEM
    assert understanding.category == category


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("mau kerja ke taiwan", "country", "taiwan"),
        ("kerja di malay gajinya berapa", "country", "malaysia"),
        ("saya di sibu sekarang", "place", "sibu"),
        ("kerja di ladang sawit", "sector", "ladang sawit"),
        ("ditawari pekerjaan oleh PT Kembang Sepatu Jaya", "recruiter", "PT Kembang Sepatu Jaya"),
        ("disuruh bayar 5 juta dulu", "money", "5 juta"),
        ("nomornya 0812-0000-1234", "phone", "0812-0000-1234"),
        ("passport saya hilang", "document", "paspor"),
        ("sudah 3 bulan belum dibayar", "duration", "3 bulan"),
    ],
)
async def test_each_entity_is_found_once(nlu: NluClient, text: str, entity: str, value: str) -> None:
    # Rasa gives a known value in the case of the training data ("Sibu" for "sibu").
    found = (await nlu.parse(text)).entities.get(entity, [])
    assert [one.lower() for one in found] == [value.lower()]


@pytest.mark.parametrize(
    "text",
    [
        "😭😭🙏",
        "a" * 10_000,
        "gaji belum dibayar " * 600,
        "\x00\x07\x1b[31m\u200b",
        "<b>&amp;</b> _*[`",
        "你好，我需要帮助",
        "?",
    ],
)
async def test_odd_text_is_still_understood_as_something(nlu: NluClient, text: str) -> None:
    understanding = await nlu.parse(text)
    assert understanding.intent != Intent.UNKNOWN
    assert 0 < understanding.confidence <= 1


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "/", " // "])
async def test_empty_text_is_not_asked_about(nlu: NluClient, text: str) -> None:
    assert await nlu.parse(text) is UNKNOWN


@pytest.mark.parametrize("text", ["/greet", " //lapor gaji saya belum dibayar", '/thanks{"x": 1} gaji belum dibayar'])
async def test_slash_gives_nobody_a_say_over_the_intent(nlu: NluClient, text: str) -> None:
    understanding = await nlu.parse(text)
    assert understanding.intent != Intent.UNKNOWN
    assert understanding.confidence < 1.0
    assert len(understanding.intents) == 10


async def test_client_knows_that_the_model_is_loaded(nlu: NluClient) -> None:
    assert await nlu.is_ready()


@pytest.mark.parametrize(
    "text", ["Syarat ke Taiwan apa saja?", "/lapor gaji", "gaji belum dibayar " * 100, "😭 tolong", "你好"]
)
async def test_vector_is_the_one_that_the_search_would_compute(nlu: NluClient, text: str) -> None:
    embedder = Embedder(model_folder(Settings(_env_file=None)))
    vector = (await nlu.parse(text)).vector
    given = embedder.given(vector.weights, vector.values)
    assert given is not None, "both environments need the same onnxruntime"
    np.testing.assert_allclose(given, embedder.embed([vector.text])[0], atol=1e-6)
    assert vector.text == text.strip().removeprefix("/")
