"""`make chaos` breaks everything it promises to break, however short it runs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

from tools import moving_clock
from tools.chaos_trouble import AMONG_THE_KILLS, AT_FIRST, KILL, plan


@pytest.mark.parametrize("kills", [1, 2, 3, 20])
def test_every_fault_happens_however_few_kills(kills: int) -> None:
    faults = plan(kills, random.Random(7))
    assert faults.count(KILL) == kills
    assert sorted(set(faults) - {KILL}) == sorted({*AT_FIRST, *AMONG_THE_KILLS})
    assert tuple(faults[:2]) == AT_FIRST


def test_moved_clock_is_wrong_by_so_much_and_its_moments_are_ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("bot.somewhere")
    module.datetime = moving_clock.MovedMoment
    monkeypatch.setattr(moving_clock, "_wrong_by", timedelta(hours=1))
    now = module.datetime.now(UTC)
    assert type(now) is datetime and now - datetime.now(UTC) > timedelta(minutes=59)
    assert type(module.datetime.fromisoformat("2026-11-24")) is datetime
    assert isinstance(now, module.datetime)
