"""Tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

MISSING = "-"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their longest cell: the first flush left, the others flush right."""
    lines = [list(headings), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    written = [_line(line, widths) for line in lines]
    return "\n".join([written[0].rstrip(), "-" * len(written[0]), *(line.rstrip() for line in written[1:])])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))
    return "  ".join([cells[0].ljust(widths[0]), *rest])


def share(value: float | None) -> str:
    """A share from 0 to 1 with three places."""
    return MISSING if value is None else f"{value:.3f}"


def milliseconds(value: float | None) -> str:
    return MISSING if value is None else f"{value:.1f}"
