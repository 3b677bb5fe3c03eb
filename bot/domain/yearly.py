"""The yearly report: what it counts, and the office's own figures of placements and returns that go into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from bot.domain.figures import (
    EARLIEST,
    FEWEST,
    LATEST,
    UNKNOWN,
    BadPeriod,
    Cell,
    Pace,
    Period,
    Row,
    Table,
    protected,
    total,
)


class OfficeData(StrEnum):
    """What the office counts itself, outside Silvi."""

    PLACEMENTS = "penempatan"
    RETURNS = "pemulangan"
    COMPLAINTS = "pengaduan"
    ENFORCEMENT = "penegakan"


class Part(StrEnum):
    """By what a figure of the office is broken down; each is a column of its file."""

    COUNTRY = "negara"
    SEX = "jenis_kelamin"
    MANNER = "macam"
    GATE = "pintu"
    ROUTE = "jalur"
    STAGE = "tahap"


PARTS: dict[OfficeData, tuple[Part, ...]] = {
    OfficeData.PLACEMENTS: (Part.COUNTRY, Part.SEX),
    OfficeData.RETURNS: (Part.MANNER, Part.GATE),
    OfficeData.COMPLAINTS: (Part.ROUTE,),
    OfficeData.ENFORCEMENT: (Part.STAGE,),
}


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One figure of the office; without parts it is the total of its year."""

    year: int
    data: OfficeData
    parts: dict[Part, str]
    count: int | None
    """None where only a word was published."""
    note: str = ""
    """That word: some, most."""
    until: date | None = None
    """The last day that is counted, where the year was not over."""
    published: str = ""
    """Where the figure was published; what everybody may know already is never held back."""


class Measure(StrEnum):
    """A table of the report, by its code in files."""

    PLACEMENT_COUNTRIES = "penempatan_negara"
    PLACEMENT_SEXES = "penempatan_jenis_kelamin"
    RETURN_MANNERS = "pemulangan_macam"
    RETURN_GATES = "pemulangan_pintu"
    ENFORCEMENT = "penegakan_tahap"
    COMPLAINT_ROUTES = "pengaduan_jalur"
    CASES = "kasus_bulan"
    CATEGORIES = "kasus_masalah"
    CASE_ROUTES = "kasus_jalur"
    CASE_COUNTRIES = "kasus_negara"
    DISTRICTS = "kasus_daerah"
    REFERRALS = "rujukan_lembaga"
    STAGES = "kasus_hasil"
    QUESTIONS = "pertanyaan_bulan"
    ANSWERS = "pertanyaan_jawaban"
    QUESTION_COUNTRIES = "pertanyaan_negara"
    REACH = "jangkauan"


PACES = "kecepatan"
"""The code of the table of paces, which is no table of counts."""
OF_OFFICE: dict[Measure, tuple[OfficeData, Part]] = {
    Measure.PLACEMENT_COUNTRIES: (OfficeData.PLACEMENTS, Part.COUNTRY),
    Measure.PLACEMENT_SEXES: (OfficeData.PLACEMENTS, Part.SEX),
    Measure.RETURN_MANNERS: (OfficeData.RETURNS, Part.MANNER),
    Measure.RETURN_GATES: (OfficeData.RETURNS, Part.GATE),
    Measure.ENFORCEMENT: (OfficeData.ENFORCEMENT, Part.STAGE),
    Measure.COMPLAINT_ROUTES: (OfficeData.COMPLAINTS, Part.ROUTE),
}
WITHOUT_TOTAL = frozenset({Measure.STAGES, Measure.REACH})
"""The same case or person may be in several lines."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A table of one year."""

    table: Table
    total: int | None = None
    """None where it is held back, or where the lines have no common total."""
    notes: dict[str, str] = field(default_factory=dict)
    """Words published instead of a number, by line."""
    until: date | None = None
    published: tuple[str, ...] = ()
    is_missing: bool = False
    """Nobody recorded this: the office has given no figures, or Silvi was not there yet."""

    @property
    def is_detailed(self) -> bool:
        """Every line is known: a line that is not there stands for nobody, not for somebody who was not broken down."""
        return not self.notes and all(row.key != UNKNOWN for row in self.table.rows)


@dataclass(frozen=True, slots=True)
class Version:
    """A file of the office that the report is made from."""

    number: int
    file_name: str
    data_date: date
    sha256: str


@dataclass(frozen=True, slots=True)
class Year:
    """All tables of one year, or of its first part."""

    period: Period
    tables: dict[Measure, Counted]
    paces: tuple[Pace, ...]


@dataclass(frozen=True, slots=True)
class YearReport:
    """A year beside the same part of the year before, as both were known at the end of `as_of`."""

    as_of: date
    now: Year
    before: Year
    versions: tuple[Version, ...]
    began_on: date | None
    """The first day Silvi recorded anything; before it, nothing is not the same as none."""
    queries: dict[str, str]
    """By code, what the database was asked for this year, to be asked again by hand; its answers are not protected."""

    @property
    def year(self) -> int:
        return self.now.period.first.year

    @property
    def has_silvi(self) -> bool:
        """Silvi recorded something in one of the two years."""
        return is_recorded(self.now.period, self.began_on)


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the office's figures that a new file adds, drops or says otherwise."""

    before: OfficeRow | None
    after: OfficeRow | None

    @property
    def of(self) -> OfficeRow:
        return self.after or self.before


def changes(before: Sequence[OfficeRow], after: Sequence[OfficeRow]) -> tuple[Change, ...]:
    """What `after` changes, where for each year and kind in it all of `before` goes; in the order of the new file."""
    named = {_line(row): row for row in after}
    touched = {(row.year, row.data) for row in after}
    known = {_line(row): row for row in before if (row.year, row.data) in touched}
    lines = dict.fromkeys((*named, *known))
    return tuple(Change(known.get(line), named.get(line)) for line in lines if known.get(line) != named.get(line))


def _line(row: OfficeRow) -> tuple:
    return row.year, row.data, frozenset(row.parts.items())


def is_recorded(period: Period, began_on: date | None) -> bool:
    """Whether Silvi was there in the period, or in a part of it."""
    return began_on is not None and began_on <= period.last


def year_until(year: int, as_of: date) -> Period:
    """The year, or its part up to `as_of`; raises BadPeriod where it had not begun."""
    if not EARLIEST.year <= year <= LATEST.year:
        raise BadPeriod
    return Period(date(year, 1, 1), min(as_of, date(year, 12, 31)))


def year_before(day: date) -> date:
    """The same day a year earlier; of 29 February the day before it."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def counted(rows: Sequence[OfficeRow], part: Part) -> Counted:
    """The office's figures of one year and kind by one part; what the total holds beyond the lines is UNKNOWN.

    Without a line for the total the lines make it. Where some lines are words, nobody can say what is left.
    """
    if not rows:
        return Counted(Table(()), 0, is_missing=True)
    whole, lines = _whole(rows), [row for row in rows if part in row.parts]
    notes = {row.parts[part]: row.note for row in lines if row.count is None}
    groups: dict[str, list[OfficeRow]] = {}
    for row in lines:
        if row.count is not None:
            groups.setdefault(row.parts[part], []).append(row)
    rest = (whole.count or 0) - sum(row.count or 0 for row in lines)
    if rest and not notes:
        groups.setdefault(UNKNOWN, []).append(replace(whole, count=rest))
    cells = [_cell(key, group, number) for number, (key, group) in enumerate(groups.items())]
    cells.sort(key=lambda cell: (cell.key == UNKNOWN, -cell.count, cell.key))
    return Counted(
        Table((*protected(cells).rows, *(Row(key, None) for key in notes))),
        total([_cell(UNKNOWN, [whole], 0)]),
        notes,
        max((row.until for row in rows if row.until), default=None),
        tuple(dict.fromkeys(row.published for row in rows if row.published)),
    )


def sums(rows: Sequence[OfficeRow]) -> dict[frozenset[Part], int]:
    """Of one year and kind the sum of all lines that are broken down alike; of the total, by no part."""
    found: dict[frozenset[Part], int] = {}
    for row in rows:
        shape = frozenset(row.parts)
        found[shape] = found.get(shape, 0) + (row.count or 0)
    return found


def _whole(rows: Sequence[OfficeRow]) -> OfficeRow:
    found = next((row for row in rows if not row.parts), None)
    if found is not None:
        return found
    alike = [row for row in rows if row.parts.keys() == rows[0].parts.keys()]
    published = rows[0].published if all(row.published for row in alike) else ""
    return replace(rows[0], parts={}, count=sum(row.count or 0 for row in alike), published=published)


def _cell(key: str, rows: Sequence[OfficeRow], number: int) -> Cell:
    """Nobody is in two of the office's lines: each cell has people of its own."""
    count = sum(row.count or 0 for row in rows)
    people = max(count, FEWEST) if count and all(row.published for row in rows) else count
    few = frozenset(range(number * FEWEST, number * FEWEST + people)) if people < FEWEST else frozenset()
    return Cell(key, count, people, few)
