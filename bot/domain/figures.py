"""Counts that may be shown: the period they are of, and the one rule that keeps a few people from being recognised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

FEWEST = 5
"""A group of fewer people is not shown."""
USUAL_DAYS = 30
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
BY_DAY_UP_TO, BY_WEEK_UP_TO = 31, 190


class BadPeriod(Exception):
    """These two days are no period."""


class Step(StrEnum):
    """The pieces of time in which a period is shown."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of the `first` day to the end of the `last`, by the office's clock."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not EARLIEST <= self.first <= self.last <= LATEST:
            raise BadPeriod

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def step(self) -> Step:
        """Pieces as fine as still can be taken in at a glance."""
        if self.days <= BY_DAY_UP_TO:
            return Step.DAY
        return Step.WEEK if self.days <= BY_WEEK_UP_TO else Step.MONTH

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The first moment, and the first one after it."""
        first, after = self.first, self.last + timedelta(days=1)
        return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)

    def pieces(self) -> list[date]:
        """The first day of each piece; the first and last piece may reach beyond the period."""
        days = (self.first + timedelta(days=number) for number in range(self.days))
        return list(dict.fromkeys(self._piece_of(day) for day in days))

    def _piece_of(self, day: date) -> date:
        match self.step:
            case Step.DAY:
                return day
            case Step.WEEK:
                return day - timedelta(days=day.weekday())
            case Step.MONTH:
                return day.replace(day=1)


def usual_period(today: date) -> Period:
    """The last thirty days, today among them."""
    return Period(today - timedelta(days=USUAL_DAYS - 1), today)


@dataclass(frozen=True, slots=True)
class Cell:
    """How often something was counted, and of how many people."""

    key: str
    count: int
    people: int
    few: frozenset[int] = frozenset()
    """Who they are, where they are fewer than FEWEST."""

    @property
    def is_small(self) -> bool:
        return 0 < self.people < FEWEST


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; a count that is held back is None."""

    key: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]

    def count(self, key: str) -> int | None:
        """0 for what was never counted."""
        return next((row.count for row in self.rows if row.key == key), 0)


def protected(cells: Iterable[Cell], *, rest: Cell | None = None) -> Table:
    """Hold back what is of fewer than FEWEST people, and so much more that it cannot be worked out from the total.

    What is held back is always two lines or more and of FEWEST people or more together, or everything. `rest` is what
    belongs to the same total and is no line of this table.
    """
    cells = list(cells)
    hidden = [cell for cell in (*cells, *([rest] if rest else [])) if cell.is_small]
    people = frozenset().union(*(cell.few for cell in hidden))
    if hidden and (len(hidden) == 1 or len(people) < FEWEST):
        large = [cell for cell in cells if cell.people >= FEWEST]
        hidden += sorted(large, key=lambda cell: (cell.people, cell.count, cell.key))[:1]
    held_back = {cell.key for cell in hidden}
    return Table(tuple(Row(cell.key, None if cell.key in held_back else cell.count) for cell in cells))


def protected_total(total: Cell) -> int | None:
    """The number of all, held back where they are of too few people."""
    return None if total.is_small else total.count


def share(part: int | None, other: int | None) -> float | None:
    """Of both together, 0 to 1; None where one is held back or there is nothing."""
    return part / (part + other) if part is not None and other is not None and part + other else None
