"""The office's own figures: the total counts, small groups are held back, and what was published stands as published."""

from __future__ import annotations

from bot.domain.figures import UNKNOWN
from bot.domain.yearly import Counted, OfficeData, OfficeRow, Part, counted


def placed(count: int | None, *, published: str = "", note: str = "", **parts: str) -> OfficeRow:
    named = {Part[part.upper()]: value for part, value in parts.items()}
    return OfficeRow(2026, OfficeData.PLACEMENTS, named, count, note, published=published)


def lines(found: Counted) -> dict[str, int | None]:
    return {row.key: row.count for row in found.table.rows}


def test_what_the_total_holds_beyond_the_lines_is_not_detailed() -> None:
    found = counted([placed(100), placed(60, country="malaysia"), placed(30, country="brunei")], Part.COUNTRY)
    assert found.total == 100
    assert lines(found) == {"malaysia": 60, "brunei": 30, UNKNOWN: 10}


def test_lines_by_two_parts_are_added_up_by_either() -> None:
    rows = [
        placed(50, country="malaysia", sex="l"),
        placed(20, country="malaysia", sex="p"),
        placed(30, country="brunei", sex="p"),
    ]
    assert lines(counted(rows, Part.COUNTRY)) == {"malaysia": 70, "brunei": 30}
    assert lines(counted(rows, Part.SEX)) == {"l": 50, "p": 50}
    assert counted(rows, Part.SEX).total == 100


def test_few_people_cannot_be_worked_out_from_the_total() -> None:
    rows = [placed(100), placed(60, country="malaysia"), placed(37, country="brunei"), placed(3, country="kongo")]
    found = counted(rows, Part.COUNTRY)
    assert (found.total, lines(found)) == (100, {"malaysia": 60, "brunei": None, "kongo": None})


def test_few_people_beyond_the_lines_are_held_back_too() -> None:
    found = counted([placed(100), placed(60, country="malaysia"), placed(38, country="brunei")], Part.COUNTRY)
    assert lines(found) == {"malaysia": 60, "brunei": None, UNKNOWN: None}


def test_total_of_a_few_people_is_held_back() -> None:
    found = counted([placed(4), placed(4, country="kongo")], Part.COUNTRY)
    assert (found.total, lines(found)) == (None, {"kongo": None})


def test_published_figures_are_shown_however_small() -> None:
    rows = [placed(5, published="BP2MI"), *(placed(n, country=c, published="BP2MI") for n, c in ((3, "a"), (2, "b")))]
    found = counted(rows, Part.COUNTRY)
    assert (found.total, lines(found), found.published) == (5, {"a": 3, "b": 2}, ("BP2MI",))


def test_a_word_is_no_number_and_leaves_the_rest_unsaid() -> None:
    found = counted([placed(334), placed(None, country="malaysia", note="sebagian besar")], Part.COUNTRY)
    assert (found.total, lines(found)) == (334, {"malaysia": None})
    assert found.notes == {"malaysia": "sebagian besar"}


def test_no_figures_are_missing_and_not_zero() -> None:
    assert counted([], Part.COUNTRY).is_missing
    assert not counted([placed(0)], Part.COUNTRY).is_missing
