"""Counts that may be shown: the period they are of, and the one rule that keeps a few people from being recognised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.cases import CaseUrgency

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


def asked_period(first: date | None, last: date | None, *, today: date) -> Period:
    """The period between these days, both within it; without them the last thirty days. Raises BadPeriod."""
    last = last or today
    if first is None and last < EARLIEST + timedelta(days=USUAL_DAYS):
        raise BadPeriod
    return Period(first or last - timedelta(days=USUAL_DAYS - 1), last)


@dataclass(frozen=True, slots=True)
class Cell:
    """How often something was counted, and of how many people."""

    key: str
    count: int
    people: int
    """Exact below FEWEST, else at least so many."""
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


UNKNOWN = ""
"""The key of what nobody said."""
ANSWERED, NOT_ANSWERED = "answered", "not_answered"
HELPED, NOT_HELPED, NO_THUMB = "helped", "not_helped", "no_thumb"


class Subject(StrEnum):
    """What a table counts: questions first, then cases."""

    QUESTIONS = "questions"
    """Over time."""
    ANSWERS = "answers"
    THUMBS = "thumbs"
    ENTRIES = "entries"
    COUNTRIES = "countries"
    CASES = "cases"
    """Over time."""
    STATES = "states"
    URGENCIES = "urgencies"
    CATEGORIES = "categories"
    CASE_COUNTRIES = "case_countries"
    DISTRICTS = "districts"
    OFFICES = "offices"
    STAGES = "stages"
    WARNINGS = "warnings"
    """Offers that were checked, and warned of in groups, by what was found."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon cases of one urgency were taken and solved; what is of too few people is None."""

    urgency: CaseUrgency
    taken_after_s: float | None
    """Median, by the clock on the wall."""
    kept_share: float | None
    """Taken by the moment the office promises, among all that were taken or whose moment has passed."""
    solved_after_s: float | None
    """Median until an officer called it solved, or the person closed it."""


@dataclass(frozen=True, slots=True)
class Figures:
    period: Period
    questions: int | None
    cases: int | None
    answered_share: float | None
    helped_share: float | None
    """Thumbs up among all thumbs."""
    tables: dict[Subject, Table]
    paces: tuple[Pace, ...]

    @property
    def entry_ids(self) -> list[str]:
        return [row.key for row in self.tables[Subject.ENTRIES].rows]


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
        hidden += sorted(large, key=lambda cell: (cell.count, cell.key))[:1]
    held_back = {cell.key for cell in hidden}
    return Table(tuple(Row(cell.key, None if cell.key in held_back else cell.count) for cell in cells))


def total(cells: Sequence[Cell]) -> int | None:
    """Of all cells together, held back where they are of too few people."""
    people = frozenset().union(*(cell.few for cell in cells))
    is_small = all(cell.people < FEWEST for cell in cells) and 0 < len(people) < FEWEST
    return None if is_small else sum(cell.count for cell in cells)


def share(part: int | None, other: int | None) -> float | None:
    """Of both together, 0 to 1; None where one is held back or there is nothing."""
    return part / (part + other) if part is not None and other is not None and part + other else None
