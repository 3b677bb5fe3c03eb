"""Reads the office's own figures from a CSV: every row, or every bad row with its line and its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.domain.figures import EARLIEST, LATEST, UNKNOWN
from bot.domain.yearly import PARTS, OfficeData, OfficeRow, Part, sums
from bot.services.sheets import Rows, UnusableSheet, csv_rows, decoded
from bot.texts.yearly import PART_NAMES
from knowledge.countries import codes, find_countries

MAX_BYTES = 5_000_000
MAX_COUNT = 10_000_000
NOT_SAID = "tidak disebut"
YEAR, DATA, COUNT, UNTIL, NOTE, PUBLISHED = "tahun", "data", "jumlah", "sampai", "keterangan", "terbit_di"
REQUIRED = (YEAR, DATA, COUNT)
COLUMNS = (YEAR, DATA, COUNT, *Part, UNTIL, NOTE, PUBLISHED)
LIMITS = {NOTE: 100, PUBLISHED: 200}
_DELIMITERS = ",;\t"
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,8}")


class UnusableOfficeFile(Exception):
    """A file that cannot be imported; the text has one line for each thing that is wrong."""


class _BadCell(Exception):
    """Why a cell cannot be used."""


@dataclass(frozen=True, slots=True)
class OfficeFile:
    name: str
    content: bytes
    rows: tuple[OfficeRow, ...]


def read(path: Path) -> OfficeFile:
    """Read and check the whole file; raises UnusableOfficeFile with all bad rows, OSError where it cannot be read."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    return parse(content, path.name)


def parse(content: bytes, name: str) -> OfficeFile:
    """The same of a file that is here already."""
    if len(content) > MAX_BYTES:
        raise UnusableOfficeFile(f"berkas lebih besar daripada {MAX_BYTES // 1_000_000} MB")
    try:
        text, _ = decoded(content)
        header = text.lstrip().partition("\n")[0]
        lines = csv_rows(text, max(_DELIMITERS, key=header.count))
        columns = _header(lines)
        read_rows = _checked(columns, lines)
    except UnusableSheet as error:
        raise UnusableOfficeFile(str(error)) from error
    if problems := _sum_problems(read_rows):
        raise UnusableOfficeFile("\n".join(problems))
    return OfficeFile(name, content, tuple(read_rows))


def _header(lines: Rows) -> list[str]:
    _, cells = next(lines, (0, []))
    columns = [cell.strip().casefold() for cell in cells]
    problems = [f"kolom {column} tidak ada" for column in REQUIRED if column not in columns]
    problems += [f"kolom {column or '(tanpa judul)'} tidak dikenal" for column in columns if column not in COLUMNS]
    problems += [f"kolom {column} ada lebih dari sekali" for column in COLUMNS if columns.count(column) > 1]
    if problems:
        raise UnusableOfficeFile("\n".join(f"baris 1: {problem}" for problem in problems))
    return columns


def _checked(columns: list[str], lines: Rows) -> list[OfficeRow]:
    good, problems = [], []
    seen: dict[tuple, int] = {}
    for line, cells in lines:
        cells = [" ".join(cell.split()) for cell in cells]
        if not any(cells):
            continue
        if len(cells) != len(columns):
            problems.append(f"baris {line}: ada {len(cells)} kolom, seharusnya {len(columns)}")
            continue
        row, reasons = _row(dict(zip(columns, cells, strict=True)))
        if row is not None:
            key = row.year, row.data, tuple(sorted(row.parts.items()))
            first = seen.setdefault(key, line)
            reasons += [f"rinciannya sama dengan baris {first}"] if first != line else []
        if reasons:
            problems.append(f"baris {line}: {'; '.join(reasons)}")
        elif row is not None:
            good.append(row)
    if problems:
        raise UnusableOfficeFile("\n".join(problems))
    if not good:
        raise UnusableOfficeFile("tidak ada satu baris data pun")
    return good


def _row(cells: dict[str, str]) -> tuple[OfficeRow | None, list[str]]:
    reasons: list[str] = []

    def cell(column: str, convert: Callable[[str], object]) -> object:
        text = cells.get(column, "")
        if len(text) > LIMITS.get(column, 100):
            reasons.append(f"{column} lebih panjang daripada {LIMITS.get(column, 100)} huruf")
            return None
        try:
            return convert(text)
        except _BadCell as error:
            reasons.append(f"{column} {_quoted(text)}{error}")
        return None

    year, data, count = cell(YEAR, _year), cell(DATA, _data), cell(COUNT, _count)
    until, note, published = cell(UNTIL, _day), cell(NOTE, str), cell(PUBLISHED, str)
    parts = {part: cell(part, lambda text, part=part: _part(part, text)) for part in Part if cells.get(part)}
    if isinstance(data, OfficeData):
        reasons += [f"{part} tidak dipakai untuk {data}" for part in parts if part not in PARTS[data]]
    if not cells[COUNT]:
        if not (note and published):
            reasons.append("jumlah kosong: isi angkanya, atau keterangan dan terbit_di kalau hanya kata yang diumumkan")
        elif not parts:
            reasons.append("jumlah seluruhnya tidak boleh kosong")
    if isinstance(until, date) and isinstance(year, int) and until.year != year:
        reasons.append(f"sampai {until}: bukan dalam tahun {year}")
    if reasons:
        return None, reasons
    return OfficeRow(year, data, parts, count, note, until, published), reasons


def _sum_problems(rows: list[OfficeRow]) -> list[str]:
    """Figures of one year and kind that contradict each other."""
    problems = []
    for year, data in dict.fromkeys((row.year, row.data) for row in rows):
        group = [row for row in rows if (row.year, row.data) == (year, data)]
        found = sums(group)
        label = f"{data} {year}"
        whole = found.pop(frozenset(), None)
        for part in PARTS[data]:
            if sum(part in shape for shape in found) > 1:
                problems.append(f"{label}: {part} dirinci dengan dua cara; pilih satu, yang lain isi '{NOT_SAID}'")
        if whole is not None:
            problems += [
                f"{label}: rincian menurut {_shape(shape)} berjumlah {count}, lebih dari jumlah seluruhnya {whole}"
                for shape, count in found.items()
                if count > whole
            ]
        elif len(set(found.values())) > 1 or any(row.count is None for row in group):
            problems.append(f"{label}: rinciannya tidak memberi satu jumlah; tambahkan baris jumlah seluruhnya")
    return problems


def _shape(shape: frozenset[Part]) -> str:
    return " dan ".join(sorted(shape))


def _quoted(text: str) -> str:
    return f"'{text[:40]}': " if text else ""


def _year(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not EARLIEST.year <= int(text[:5]) <= LATEST.year:
        raise _BadCell("bukan tahun, tulis seperti 2026")
    return int(text)


def _data(text: str) -> OfficeData:
    try:
        return OfficeData(text.casefold())
    except ValueError:
        raise _BadCell(f"tidak dikenal, isi {', '.join(OfficeData)}") from None


def _count(text: str) -> int | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or int(text.replace(".", "")) > MAX_COUNT:
        raise _BadCell("bukan jumlah, tulis seperti 4980")
    return int(text.replace(".", ""))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _BadCell("bukan tanggal, tulis seperti 2026-12-31") from None


def _part(part: Part, text: str) -> str:
    """The code of a value; UNKNOWN for what was not said."""
    written = text.casefold()
    if written == NOT_SAID:
        return UNKNOWN
    if part is Part.COUNTRY:
        found = find_countries(text)
        if written in codes():
            return written
        if len(found) != 1:
            raise _BadCell("bukan nama satu negara yang dikenal")
        return found[0]
    allowed = PART_NAMES[part]
    by_name = {name.casefold(): code for code, name in allowed.items()}
    code = written if written in allowed else by_name.get(written)
    if code is None:
        raise _BadCell(f"tidak dikenal, isi {', '.join(allowed)}")
    return code
