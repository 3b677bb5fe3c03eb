"""What a licence is worth on a day, and when data are old."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.recruiters import Licence, LicenceStatus, RecruiterStatus, is_old, status_on

TODAY = date(2026, 11, 24)
LICENCE = Licence(
    name="PT Gaharu Sepakat",
    number="FIKTIF/901/SIP3MI/2025",
    address="",
    city="Batam",
    phone="",
    status=LicenceStatus.ACTIVE,
    valid_until=TODAY,
    countries=(),
)


@pytest.mark.parametrize(
    ("status", "days_left", "expected"),
    [
        (LicenceStatus.ACTIVE, 0, RecruiterStatus.MATCH),
        (LicenceStatus.ACTIVE, -1, RecruiterStatus.EXPIRED),
        (LicenceStatus.EXPIRED, 100, RecruiterStatus.EXPIRED),
        (LicenceStatus.SUSPENDED, 100, RecruiterStatus.SUSPENDED),
        (LicenceStatus.SUSPENDED, -1, RecruiterStatus.SUSPENDED),
        (LicenceStatus.REVOKED, -1, RecruiterStatus.REVOKED),
    ],
)
def test_decision_of_the_authority_stands_before_the_date(status, days_left, expected) -> None:
    licence = replace(LICENCE, status=status, valid_until=TODAY + timedelta(days=days_left))
    assert status_on(licence, TODAY) == expected


def test_data_are_old_after_thirty_days() -> None:
    assert not is_old(TODAY - timedelta(days=30), TODAY)
    assert is_old(TODAY - timedelta(days=31), TODAY)
