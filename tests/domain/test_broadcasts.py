"""Nights, and how long a broadcast takes."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.broadcasts import PER_SECOND, ends_about, quiet_until

PONTIANAK = ZoneInfo("Asia/Pontianak")


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PONTIANAK)


@pytest.mark.parametrize(
    ("moment", "until"),
    [(at(8), None), (at(19, 59), None), (at(20), at(8, day=25)), (at(3), at(8)), (at(7, 59), at(8))],
)
def test_nobody_is_written_to_between_eight_and_eight(moment: datetime, until: datetime | None) -> None:
    assert quiet_until(moment.astimezone(UTC), PONTIANAK) == until


def test_what_the_evening_leaves_over_takes_the_next_morning() -> None:
    assert ends_about(PER_SECOND * 60, at(12), PONTIANAK) == at(12, 1)
    assert ends_about(PER_SECOND * 120, at(19, 59), PONTIANAK) == at(8, 1, day=25)
    assert ends_about(PER_SECOND * 60, at(23), PONTIANAK) == at(8, 1, day=25)
