"""A clock that is set while Silvi runs is noticed, and believed only after a while where it went ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.watched_clock import SteadyClock, WatchedClock

NINE = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY = timedelta(days=1)


class Seconds:
    """The clock that only counts."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed


@pytest.mark.parametrize(("off_by_s", "is_back"), [(-3600, True), (-4, False), (0, False), (3600, False)])
def test_clock_that_went_back_is_told_from_one_that_drifts(off_by_s: float, is_back: bool) -> None:
    counting = Seconds()
    clock = WatchedClock(counting)
    assert not clock.went_back(NINE)
    clock.is_seen(NINE)
    counting.passed = 60
    assert clock.went_back(NINE + timedelta(seconds=60 + off_by_s)) is is_back


def test_time_that_really_passed_is_no_jump() -> None:
    counting = Seconds()
    clock = SteadyClock(NINE, counting)
    counting.passed = DAY.total_seconds()
    assert not clock.jumped(NINE + DAY) and clock.stood_for(DAY)


def test_jump_ahead_is_believed_when_it_has_stood_and_seen_once() -> None:
    counting = Seconds()
    clock = SteadyClock(NINE, counting)
    assert clock.jumped(NINE + DAY) and not clock.jumped(NINE + DAY)
    assert not clock.stood_for(timedelta(minutes=15))
    counting.passed = 900
    assert not clock.jumped(NINE + DAY + timedelta(minutes=15))
    assert clock.stood_for(timedelta(minutes=15)) and not clock.stood_for(DAY)


def test_clock_that_is_put_back_is_believed_at_once() -> None:
    clock = SteadyClock(NINE, Seconds())
    assert clock.jumped(NINE + DAY) and clock.jumped(NINE)
    assert clock.stood_for(DAY)
