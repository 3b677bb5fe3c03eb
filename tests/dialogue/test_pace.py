"""Who sends very many messages is answered once for all of them, and a cry for help among them at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.app import App
from bot.dialogue import turn as turns
from bot.domain import pace
from bot.domain.pace import MINUTE, Pace
from bot.storage.tables import Priority
from bot.texts import jobseeker as words
from tests.fakes import FakeNlu, Sari

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST_IN_MINUTE", 2)
    monkeypatch.setattr(turns, "QUIET_S", 0.5)


async def too_fast(sari: Sari) -> None:
    """Two messages that are answered, and a third one that is not yet."""
    for text in ("syarat ke brunei apa aja", "biaya ke taiwan berapa"):
        assert await sari.says(text)
    (told,) = await sari.says("paspor hilang di malaysia bagaimana")
    assert told.body == words.TOO_FAST


async def test_messages_that_come_too_fast_are_answered_together_and_told_so_once(sari: Sari, nlu: FakeNlu) -> None:
    await too_fast(sari)
    parsed = len(nlu.heard)
    for number in range(5):
        assert await sari.says(f"pesan {number}") == []
    assert len(nlu.heard) == parsed
    row = await sari.row()
    assert row.held_text.startswith("paspor hilang") and row.held_text.endswith("pesan 4")
    assert row.turns == 8
    answers = await sari.hears_within(10)
    assert len(answers) == 1 and answers[0].body != words.TOO_FAST
    assert (await sari.row()).held_text == ""


async def test_cry_for_help_among_them_is_answered_at_once(sari: Sari) -> None:
    await too_fast(sari)
    assert await sari.says("halo halo halo semua") == []
    replies = await sari.says("tolong saya dikurung majikan tidak boleh keluar")
    assert replies and (await sari.outbox())[-1].priority == Priority.EMERGENCY


async def test_danger_told_in_pieces_is_heard(sari: Sari) -> None:
    await too_fast(sari)
    assert await sari.says("saya tidak boleh") == []
    assert await sari.says("keluar rumah majikan")
    assert (await sari.row()).held_text == ""


async def test_report_under_way_is_never_held_back(sari: Sari) -> None:
    assert await sari.commands("lapor")
    for number in range(4):
        await sari.says(f"gaji bulan ke {number} belum dibayar majikan saya di Kuching")
        assert (await sari.row()).held_text == ""


async def test_what_is_held_is_answered_after_a_crash(app: App, sari: Sari) -> None:
    await too_fast(sari)
    await app.later.finish()
    await turns.resume_held(app)
    assert await sari.hears_within(10)


def test_minute_begins_anew_when_it_is_over_or_the_clock_was_put_back() -> None:
    counted = Pace()
    for second in range(3):
        counted = counted.after_one_more(NOON + timedelta(seconds=second))
    assert counted.is_too_fast and counted.just_became_too_fast
    assert counted.after_one_more(NOON + MINUTE).count == 1
    assert counted.after_one_more(NOON - MINUTE).count == 1
