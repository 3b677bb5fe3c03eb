"""What a text means in its conversation, told from its words alone or with what was said before."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from bot.dialogue.understand import (
    COUNTRY_ENTRIES,
    carry_over_country,
    is_farewell,
    is_follow_up,
    is_opener,
    search_in_context,
    small_talk,
    understand,
)
from bot.domain.messages import Memory
from bot.nlu_client import UNKNOWN, Intent, TextVector, Understanding
from knowledge.base import KnowledgeBase
from knowledge.policy import Outcome
from tests.fakes import FakeNlu

ASKED = "syarat kerja ke taiwan apa saja"
AFTER_BRUNEI = Memory(last_text="syarat ke brunei apa aja", last_entry="brunei", last_country="brunei")


@pytest.mark.parametrize(
    "text",
    [
        "halo",
        "Haloooo kak",
        "P",
        "assalamu'alaikum wr wb",
        "assalamu alaikum",
        "selamat pagi pak",
        "punten",
        "kulonuwun mas",
        "hi silvi",
        "sugeng enjing mas",
        "wilujeng sonten teh",
        "adil ka talino, bacuramin ka saruga, basengat ka jubata",
    ],
)
def test_greetings_of_all_kinds(text: str) -> None:
    assert small_talk(text) is Intent.GREET


@pytest.mark.parametrize(
    "text", ["makasih", "terima kasih banyak kak", "ok siap tq", "matur nuwun", "hatur nuhun", "kesuwun mas"]
)
def test_thanks_of_all_kinds(text: str) -> None:
    assert small_talk(text) is Intent.THANKS


@pytest.mark.parametrize(
    "text",
    [
        "bye",
        "Dadah kak",
        "sampai jumpa lagi ya",
        "kula pamit rumiyin",
        "makaseh bang, jumpe agik",
        "nuhun, permios",
        "see you",
    ],
)
def test_farewells_of_all_kinds(text: str) -> None:
    assert is_farewell(text)
    assert small_talk(text) is Intent.THANKS


@pytest.mark.parametrize(
    "text", ["bojoku pamit nang Malaysia wis telung taun", "adik saya pamit terus tidak ada kabar", "halo"]
)
def test_telling_of_somebody_who_left_is_no_farewell(text: str) -> None:
    assert not is_farewell(text)


@pytest.mark.parametrize(
    "text",
    [
        "halo kak syarat ke taiwan apa",
        "makasih kak, terus kalau mau ke hongkong biayanya berapa ya",
        "p3mi itu apa",
        "pak saya mau ke malaysia",
        "",
        "😀",
    ],
)
def test_question_behind_a_greeting_is_no_small_talk(text: str) -> None:
    assert small_talk(text) is None


@pytest.mark.parametrize(("confidence", "expected"), [(0.9, Intent.CANCEL), (0.3, None)])
def test_nlu_tells_small_talk_only_when_sure(confidence: float, expected: Intent | None) -> None:
    assert small_talk("gak jadi deh", Understanding(Intent.CANCEL, confidence)) is expected


@pytest.mark.parametrize("text", ["kak", "halo min", "mau tanya", "kak mau nanya dong", "permisi, boleh tanya?", "P"])
def test_opener_promises_a_question(text: str) -> None:
    assert is_opener(text)


@pytest.mark.parametrize("text", ["", "😀", "mau tanya syarat ke taiwan", "tolong", "gaji", "kak saya disekap"])
def test_what_says_something_is_no_opener(text: str) -> None:
    assert not is_opener(text)


@pytest.mark.parametrize("text", ["kalau ke hongkong?", "taiwan?", "umurnya?", "terus biayanya berapa", "nikah gimana"])
def test_short_text_leans_on_what_was_said(text: str) -> None:
    assert is_follow_up(text, AFTER_BRUNEI)
    assert not is_follow_up(text, Memory())


def test_long_question_stands_for_itself() -> None:
    assert not is_follow_up("kalau saya mau kerja di pabrik taiwan syaratnya apa saja ya kak", AFTER_BRUNEI)


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [
        ("kalau ke hongkong?", "hong-kong"),
        ("taiwan?", "taiwan"),
        ("kalo jepang gmn", "jepang-ssw"),
        ("nek korea piye", "korea-g-to-g"),
        ("dan arab saudi?", "arab-saudi-timur-tengah"),
        ("kalau polandia?", "negara-terbuka"),
        ("kalau gajinya di taiwan?", None),
        ("umurnya?", None),
    ],
)
def test_other_destination_carries_the_question_over(base: KnowledgeBase, text: str, entry_id: str | None) -> None:
    assert carry_over_country(base, text, AFTER_BRUNEI) == entry_id


def test_question_that_holds_for_all_countries_stays_the_same(base: KnowledgeBase) -> None:
    wages = Memory(last_text="gaji prt di singapura", last_entry="gaji-negara-tujuan", last_country="singapura")
    assert carry_over_country(base, "taiwan?", wages) == "gaji-negara-tujuan"


def test_nothing_is_carried_over_from_an_entry_that_is_gone(base: KnowledgeBase) -> None:
    gone = Memory(last_text="apa itu", last_entry="sudah-dihapus", last_country="brunei")
    assert carry_over_country(base, "taiwan?", gone) is None


@pytest.mark.parametrize(
    ("before", "text", "entry_id"),
    [
        ("mau kerja ke singapura jadi art", "biayanya ditanggung siapa?", "biaya-penempatan"),
        ("bpjs tki wajib gak", "dapat apa aja?", "bpjs-manfaat"),
        ("ada sponsor datang ke rumah minta ktp", "kalau mau lapor ke mana?", "lapor-calo"),
        ("kur pmi itu apa", "pakai jaminan gak?", "kur-pmi"),
    ],
)
def test_follow_up_and_what_was_said_before_are_weighed_together(
    base: KnowledgeBase, before: str, text: str, entry_id: str
) -> None:
    memory = Memory(last_text=before, last_entry=base.search(before, base.vector(before)).entry_ids[0])
    assert search_in_context(base, text, base.vector(text), memory).entry_ids[0] == entry_id


def test_every_destination_leads_to_an_entry_that_exists(base: KnowledgeBase) -> None:
    assert set(COUNTRY_ENTRIES.values()) | {"negara-terbuka"} <= set(base.entries)


async def test_search_answers_while_the_nlu_is_away(base: KnowledgeBase) -> None:
    nlu = FakeNlu()
    nlu.is_away = True
    meaning = await understand(base, nlu, ASKED, Memory())
    decision = meaning.decision
    assert (decision.outcome, decision.entry_id, meaning.country) == (Outcome.ANSWER, "taiwan", "taiwan")
    assert len(decision.suggestions) == 3 and decision.suggestions[0] == "taiwan"


async def test_questions_wait_for_a_slow_nlu_side_by_side(base: KnowledgeBase) -> None:
    nlu = FakeNlu()
    nlu.slow_s = 0.5
    began = time.monotonic()
    await asyncio.gather(*(understand(base, nlu, ASKED, Memory()) for _ in range(4)))
    assert time.monotonic() - began < 4 * nlu.slow_s
    assert nlu.heard == [ASKED] * 4


async def test_search_is_through_before_a_hanging_nlu_is_given_up(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    nlu, searched = FakeNlu(), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def hangs(_text: str) -> Understanding:
        await searched.wait()
        return UNKNOWN

    monkeypatch.setattr(nlu, "parse", hangs)
    vector = base.embedder.embed
    monkeypatch.setattr(
        base.embedder, "embed", lambda texts: (loop.call_soon_threadsafe(searched.set), vector(texts))[1]
    )
    meaning = await asyncio.wait_for(understand(base, nlu, ASKED, Memory()), 10)
    assert meaning.decision.entry_id == "taiwan"


def vector_of(base: KnowledgeBase, text: str, says: str = ASKED, weights: str | None = None) -> TextVector:
    """The vector of `text`, as the NLU would give it for `says`."""
    return TextVector(says, weights or base.embedder.weights, base.vector(text).astype("<f4").tobytes())


async def test_search_takes_the_vector_of_the_nlu(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    nlu = FakeNlu()
    nlu.learns(ASKED, Intent.ASK_QUESTION, vector=vector_of(base, ASKED))
    alone = await understand(base, FakeNlu(), ASKED, Memory())
    monkeypatch.setattr(base.embedder, "embed", None)
    assert (await understand(base, nlu, ASKED, Memory())).retrieval == alone.retrieval


async def test_vector_that_is_not_of_this_text_and_these_weights_is_not_used(base: KnowledgeBase) -> None:
    other = "resep rendang padang"
    wrong = (
        vector_of(base, other, weights="of another model"),
        vector_of(base, other, says=other),
        replace(vector_of(base, ASKED), values=b""),
        replace(vector_of(base, ASKED), values=b"\0" * 4 * base.embedder.dimension),
        replace(vector_of(base, ASKED), values=b"\xff" * 4 * base.embedder.dimension),
    )
    alone = await understand(base, FakeNlu(), ASKED, Memory())
    for vector in wrong:
        nlu = FakeNlu()
        nlu.learns(ASKED, Intent.ASK_QUESTION, vector=vector)
        assert (await understand(base, nlu, ASKED, Memory())).retrieval == alone.retrieval


async def test_small_talk_keeps_no_entry(base: KnowledgeBase) -> None:
    meaning = await understand(base, FakeNlu(), "makasih kak", Memory())
    assert (meaning.smalltalk, meaning.decision.outcome, meaning.decision.entry_id) == (
        Intent.THANKS,
        Outcome.SMALLTALK,
        None,
    )


async def test_thanks_in_a_cry_for_help_hide_no_danger(base: KnowledgeBase) -> None:
    meaning = await understand(base, FakeNlu(), "tolong saya disekap majikan, makasih", Memory())
    assert meaning.is_danger and meaning.smalltalk is None


async def test_without_an_index_danger_is_seen_and_everything_else_handed_over() -> None:
    danger = await understand(None, FakeNlu(), "saya disekap majikan tolong", Memory())
    question = await understand(None, FakeNlu(), ASKED, Memory())
    assert danger.is_danger and not question.is_danger
    assert question.decision.outcome is Outcome.HANDOFF
