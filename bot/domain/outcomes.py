"""What came of a case, step by step: the way through the law, and the way home."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum


class Stage(StrEnum):
    REPORTED = "reported"
    """To the police."""
    INVESTIGATED = "investigated"
    ON_TRIAL = "on_trial"
    VERDICT = "verdict"
    SHELTER = "shelter"
    ESCORT = "escort"
    HOME = "home"


ENFORCEMENT = (Stage.REPORTED, Stage.INVESTIGATED, Stage.ON_TRIAL, Stage.VERDICT)
RETURN = (Stage.SHELTER, Stage.ESCORT, Stage.HOME)
"""Each in the order in which it happens; steps may be left out."""

EARLIEST = date(2000, 1, 1)
"""What lies before is a slip of the pen."""


class BadOutcome(Exception):
    """This step cannot have happened on this day."""


class InFuture(BadOutcome):
    pass


class TooLongAgo(BadOutcome):
    pass


class KnownAlready(BadOutcome):
    pass


class OutOfOrder(BadOutcome):
    """A step that comes before it is dated later, or one behind it earlier."""

    def __init__(self, other: Stage, on_date: date) -> None:
        super().__init__(f"{other} is on {on_date}")
        self.other, self.on_date = other, on_date


def check(stage: Stage, on_date: date, known: Mapping[Stage, date], *, today: date) -> None:
    """Whether the step fits what is known of the case; a known step may get another date. Raises BadOutcome."""
    if on_date > today:
        raise InFuture
    if on_date < EARLIEST:
        raise TooLongAgo
    if known.get(stage) == on_date:
        raise KnownAlready
    track = ENFORCEMENT if stage in ENFORCEMENT else RETURN
    place = track.index(stage)
    for other in track:
        day = known.get(other)
        if day is None or other is stage:
            continue
        if (track.index(other) < place and day > on_date) or (track.index(other) > place and day < on_date):
            raise OutOfOrder(other, day)
