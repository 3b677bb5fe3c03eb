"""What came of a case must be possible before it is counted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.domain.outcomes import InFuture, KnownAlready, OutOfOrder, Stage, TooLongAgo, check

TODAY = date(2026, 11, 24)
REPORTED = {Stage.REPORTED: date(2026, 11, 10)}


def test_step_of_today_and_of_a_day_in_order_is_taken() -> None:
    check(Stage.REPORTED, TODAY, {}, today=TODAY)
    check(Stage.VERDICT, TODAY, REPORTED, today=TODAY)
    check(Stage.INVESTIGATED, REPORTED[Stage.REPORTED], REPORTED, today=TODAY)


def test_step_of_tomorrow_is_refused() -> None:
    with pytest.raises(InFuture):
        check(Stage.VERDICT, TODAY + timedelta(days=1), {}, today=TODAY)


def test_slip_of_the_year_is_refused() -> None:
    with pytest.raises(TooLongAgo):
        check(Stage.VERDICT, date(206, 11, 20), {}, today=TODAY)


def test_verdict_before_the_report_is_refused_with_what_stands_against_it() -> None:
    with pytest.raises(OutOfOrder) as refused:
        check(Stage.VERDICT, date(2026, 11, 9), REPORTED, today=TODAY)
    assert (refused.value.other, refused.value.on_date) == (Stage.REPORTED, REPORTED[Stage.REPORTED])


def test_report_after_the_verdict_is_refused() -> None:
    with pytest.raises(OutOfOrder):
        check(Stage.REPORTED, TODAY, {Stage.VERDICT: date(2026, 11, 20)}, today=TODAY)


def test_way_home_does_not_wait_for_the_law() -> None:
    check(Stage.HOME, date(2026, 11, 1), REPORTED, today=TODAY)


def test_same_step_on_the_same_day_is_known_and_another_day_corrects_it() -> None:
    with pytest.raises(KnownAlready):
        check(Stage.REPORTED, REPORTED[Stage.REPORTED], REPORTED, today=TODAY)
    check(Stage.REPORTED, date(2026, 11, 12), REPORTED, today=TODAY)
