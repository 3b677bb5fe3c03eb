"""Reads a file of licences or of job orders, CSV or XLSX: every row, or every bad row with its line and its reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from bot.domain.recruiters import JobOrder, Licence, LicenceStatus, RegistryKind
from bot.services.sheets import Rows, UnusableSheet, csv_rows, decoded, is_xlsx, xlsx_sheets
from knowledge.company_names import name_key
from knowledge.office import MONTHS

MAX_BYTES = 50_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 60
HEADER_WITHIN_ROWS = 10
"""Offices write a title or two above the header."""

YEARS = range(1990, 2101)
MAX_QUOTA = 1_000_000

_DELIMITERS = ",;\t|"
_COUNTRIES = re.compile(r"[;,/\n]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")

_LICENCE_COLUMNS = {
    "name": ("nama", "nama p3mi", "nama perusahaan", "nama pt", "p3mi", "perusahaan"),
    "number": ("nomor sip3mi", "no sip3mi", "sip3mi", "nomor izin", "no izin"),
    "address": ("alamat", "alamat kantor"),
    "city": ("kota", "kabupaten kota", "kota kabupaten", "kab kota"),
    "phone": ("telepon", "telp", "no telp", "no telepon", "nomor telepon"),
    "status": ("status", "status izin"),
    "valid_until": ("berlaku sampai", "berlaku hingga", "berlaku sd", "masa berlaku", "tanggal berakhir"),
    "countries": ("negara tujuan", "negara", "negara penempatan"),
}
_JOB_ORDER_COLUMNS = {
    "number": ("nomor sip2mi", "no sip2mi", "sip2mi"),
    "p3mi": ("p3mi", "nama p3mi", "nama", "nama perusahaan", "nama pt", "perusahaan"),
    "country": ("negara", "negara tujuan", "negara penempatan"),
    "position": ("jabatan", "posisi", "pekerjaan"),
    "quota": ("kuota", "jumlah", "kuota orang"),
    "valid_until": _LICENCE_COLUMNS["valid_until"],
}
_REQUIRED = {
    RegistryKind.LICENCES: ("name", "number", "status", "valid_until"),
    RegistryKind.JOB_ORDERS: ("number", "p3mi", "country", "position", "valid_until"),
}
_COLUMNS = {RegistryKind.LICENCES: _LICENCE_COLUMNS, RegistryKind.JOB_ORDERS: _JOB_ORDER_COLUMNS}
_LIMITS = {
    "name": 200,
    "p3mi": 200,
    "number": 100,
    "address": 300,
    "city": 100,
    "phone": 100,
    "country": 100,
    "position": 200,
}
_STATUSES = {
    "aktif": LicenceStatus.ACTIVE,
    "berlaku": LicenceStatus.ACTIVE,
    "skors": LicenceStatus.SUSPENDED,
    "diskors": LicenceStatus.SUSPENDED,
    "skorsing": LicenceStatus.SUSPENDED,
    "dibekukan": LicenceStatus.SUSPENDED,
    "dicabut": LicenceStatus.REVOKED,
    "cabut": LicenceStatus.REVOKED,
    "kedaluwarsa": LicenceStatus.EXPIRED,
    "kadaluarsa": LicenceStatus.EXPIRED,
    "berakhir": LicenceStatus.EXPIRED,
    "habis": LicenceStatus.EXPIRED,
    "tidak berlaku": LicenceStatus.EXPIRED,
}
_MONTHS = {name.lower()[:length]: number for number, name in enumerate(MONTHS, 1) for length in (3, len(name))} | {
    "agt": 8,
    "agu": 8,
    "nop": 11,
}


class UnusableRegistry(Exception):
    """A file that cannot be imported; the text has one line for each thing that is wrong."""


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """What a file holds; `lines` are the lines of its rows, `encoding` is how the text was read."""

    kind: RegistryKind
    rows: tuple[Licence, ...] | tuple[JobOrder, ...]
    lines: tuple[int, ...]
    file_name: str
    encoding: str
    unused_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Header:
    kind: RegistryKind
    places: dict[str, int]
    width: int
    unused: tuple[str, ...]


class _BadCell(Exception):
    """Why a cell cannot be used."""


def read_registry(path: Path) -> RegistryFile:
    """Read and check the whole file; raises UnusableRegistry with all bad rows, OSError where it cannot be read."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    return parse_registry(content, path.name)


def parse_registry(content: bytes, file_name: str) -> RegistryFile:
    """The same of a file that is here already."""
    if len(content) > MAX_BYTES:
        raise UnusableRegistry(f"berkas lebih besar daripada {MAX_BYTES // 1_000_000} MB")
    try:
        if is_xlsx(content):
            header, rows, encoding = *_from_xlsx(content), "xlsx"
        else:
            text, encoding = decoded(content)
            header, rows = _from_csv(text)
        return _checked(header, rows, file_name, encoding)
    except UnusableSheet as error:
        raise UnusableRegistry(str(error)) from error


def _checked(header: _Header, rows: Iterator[tuple[int, list[str]]], file_name: str, encoding: str) -> RegistryFile:
    read = _licence if header.kind == RegistryKind.LICENCES else _job_order
    good, lines, problems = [], [], []
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        if not any(cells):
            continue
        if len(good) + len(problems) >= MAX_ROWS:
            raise UnusableRegistry(f"lebih dari {MAX_ROWS} baris")
        row, reasons = read(header, cells)
        for key, label in _keys(row) if row else ():
            if first := seen.get(key):
                reasons.append(f"{label} sudah ada di baris {first}")
            else:
                seen[key] = line
        if reasons:
            problems.append(f"baris {line}: {'; '.join(reasons)}")
        else:
            good.append(row)
            lines.append(line)
    if problems:
        raise UnusableRegistry("\n".join(problems))
    if not good:
        raise UnusableRegistry("tidak ada satu baris data pun")
    return RegistryFile(header.kind, tuple(good), tuple(lines), file_name, encoding, header.unused)


def _licence(header: _Header, cells: list[str]) -> tuple[Licence | None, list[str]]:
    cell, reasons = _reader(header, cells)
    values = {
        "name": cell("name", _name),
        "number": cell("number"),
        "address": cell("address"),
        "city": cell("city"),
        "phone": cell("phone"),
        "status": cell("status", _status),
        "valid_until": cell("valid_until", _day),
        "countries": cell("countries", _countries),
    }
    return (None if reasons else Licence(**values)), reasons


def _job_order(header: _Header, cells: list[str]) -> tuple[JobOrder | None, list[str]]:
    cell, reasons = _reader(header, cells)
    values = {
        "number": cell("number"),
        "p3mi": cell("p3mi", _name),
        "country": cell("country"),
        "position": cell("position"),
        "quota": cell("quota", _quota),
        "valid_until": cell("valid_until", _day),
    }
    return (None if reasons else JobOrder(**values)), reasons


def _keys(row: Licence | JobOrder) -> tuple[tuple[tuple[str, ...], str], ...]:
    """What may stand only once in a file, with what people call it."""
    if isinstance(row, Licence):
        return (("number", row.number.casefold()), f"nomor {row.number}"), (
            ("name", name_key(row.name)),
            f"nama {row.name}",
        )
    key = (row.number.casefold(), row.country.casefold(), row.position.casefold())
    return ((key, f"job order {row.number} untuk {row.country}, {row.position}"),)


def _reader(header: _Header, cells: list[str]) -> tuple[Callable[..., object], list[str]]:
    """A function that reads one field of this row, and the list it writes its reasons to."""
    reasons: list[str] = []
    if len(cells) < header.width:
        reasons.append(f"hanya ada {len(cells)} kolom dari {header.width}")
    if any(cells[header.width :]):
        reasons.append("ada isi di luar kolom yang berjudul")

    def cell(field: str, convert: Callable[[str], object] = str) -> object:
        at = header.places.get(field)
        text = cells[at] if at is not None and at < len(cells) else ""
        label = _COLUMNS[header.kind][field][0].replace(" ", "_")
        if not text and field in _REQUIRED[header.kind]:
            reasons.append(f"{label} kosong")
        elif len(text) > _LIMITS.get(field, 1000):
            reasons.append(f"{label} lebih panjang daripada {_LIMITS.get(field, 1000)} huruf")
        elif text.startswith("="):
            reasons.append(f"{label} '{text[:40]}': ini rumus, tulis isinya saja")
        else:
            try:
                return convert(text)
            except _BadCell as error:
                reasons.append(f"{label} '{text[:40]}': {error}")
        return None

    return cell, reasons


def _name(text: str) -> str:
    if not any(len(word) > 1 for word in name_key(text).split()[1:]):
        raise _BadCell("bukan nama perusahaan")
    return text


def _status(text: str) -> LicenceStatus:
    status = _STATUSES.get(" ".join(text.casefold().split()))
    if status is None:
        raise _BadCell("tidak dikenal, isi aktif, skors, dicabut, atau kedaluwarsa")
    return status


def _countries(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in _COUNTRIES.split(text) if part.strip()))


def _quota(text: str) -> int | None:
    if not text:
        return None
    digits = re.sub(r"\s*orang$", "", text.casefold())
    if not re.fullmatch(r"\d{1,3}(?:\.\d{3})+|\d{1,7}", digits) or int(digits.replace(".", "")) > MAX_QUOTA:
        raise _BadCell("bukan jumlah orang")
    return int(digits.replace(".", ""))


def _day(text: str) -> date:
    """2028-03-14, 14/03/2028, 14-3-2028 or 14 Maret 2028."""
    text = text.removesuffix(" 00:00:00").strip()
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = map(int, match.groups())
    elif match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        day, month, year = map(int, match.groups())
    elif (match := re.fullmatch(r"(\d{1,2})\s+([a-z]+)\.?\s+(\d{4})", text.casefold())) and match[2] in _MONTHS:
        day, month, year = int(match[1]), _MONTHS[match[2]], int(match[3])
    else:
        raise _BadCell("bukan tanggal, tulis seperti 2028-03-14")
    if year not in YEARS:
        raise _BadCell("tahunnya tidak wajar")
    try:
        return date(year, month, day)
    except ValueError:
        raise _BadCell("tanggal ini tidak ada") from None


def _from_csv(text: str) -> tuple[_Header, Iterator[tuple[int, list[str]]]]:
    for delimiter in _DELIMITERS:
        rows = _cleaned(csv_rows(text, delimiter))
        if header := _header(rows):
            return header, rows
    raise UnusableRegistry(_no_header())


def _from_xlsx(content: bytes) -> tuple[_Header, Iterator[tuple[int, list[str]]]]:
    for sheet in xlsx_sheets(content, MAX_COLUMNS):
        rows = _cleaned(sheet)
        if header := _header(rows):
            return header, rows
    raise UnusableRegistry(_no_header())


def _cleaned(rows: Rows) -> Rows:
    for line, cells in rows:
        yield line, [_clean(cell) for cell in cells]


def _clean(cell: str) -> str:
    """One line without control and invisible characters, which could rewrite a terminal or hide a word."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", cell))
    return " ".join(_CONTROL.sub(" ", visible).split())


def _header(rows: Iterator[tuple[int, list[str]]]) -> _Header | None:
    """The header among the first rows, which are used up; raises UnusableRegistry where a column stands twice."""
    for _, cells in islice(rows, HEADER_WITHIN_ROWS):
        titles = [_title(cell) for cell in cells]
        is_job_orders = any(title in map(_title, _JOB_ORDER_COLUMNS["number"]) for title in titles)
        kind = RegistryKind.JOB_ORDERS if is_job_orders else RegistryKind.LICENCES
        places: dict[str, int] = {}
        for field, ways in _COLUMNS[kind].items():
            wanted = [_title(way) for way in ways]
            at = [place for place, title in enumerate(titles) if title in wanted]
            at = [place for place in at if titles[place] == wanted[0]] or at
            if len(at) > 1:
                raise UnusableRegistry(
                    f"kolom {wanted[0]} ada {len(at)} kali: {', '.join(cells[place] for place in at)}"
                )
            if at:
                places[field] = at[0]
        if all(field in places for field in _REQUIRED[kind]):
            width = max(place for place, title in enumerate(titles) if title) + 1
            unused = tuple(cell for place, cell in enumerate(cells) if cell and place not in places.values())
            return _Header(kind, places, width, unused)
    return None


def _title(cell: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", cell).casefold())


def _no_header() -> str:
    kinds = (
        ", ".join(_COLUMNS[kind][field][0].replace(" ", "_") for field in _REQUIRED[kind]) for kind in RegistryKind
    )
    return "baris judul tidak ditemukan; daftar izin perlu {}; job order perlu {}".format(*kinds)
