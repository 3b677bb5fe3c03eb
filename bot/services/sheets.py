"""Reads the cells of CSV and XLSX files that people upload, and writes cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime

MAX_UNPACKED_BYTES = 300_000_000
"""An XLSX is a ZIP; what unpacks to more than this is an attack."""
MAX_SHEETS_AND_PARTS = 500

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"''*[=+\-@\t\r]")

Rows = Iterator[tuple[int, list[str]]]
"""Cells, with the line they begin at, counted from 1."""


class UnusableSheet(Exception):
    """A file whose cells cannot be read; the text says why, with the line."""


def is_xlsx(content: bytes) -> bool:
    """Raises UnusableSheet for the XLS of old Excel."""
    if content.startswith(_OLD_EXCEL):
        raise UnusableSheet("ini berkas Excel lama (.xls): simpan sebagai .xlsx atau .csv")
    return content.startswith(_ZIP)


def decoded(content: bytes) -> tuple[str, str]:
    """The text and how it was read: UTF-8, UTF-16 with its mark, else the Windows code page Excel writes."""
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise UnusableSheet("ini bukan berkas CSV atau XLSX yang bisa dibaca")


def csv_rows(text: str, delimiter: str) -> Rows:
    """Raises UnusableSheet where the quotes are broken."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnusableSheet(f"baris {line}: tanda kutip atau kolomnya rusak ({error})") from error


def xlsx_sheets(content: bytes, max_columns: int) -> Iterator[Rows]:
    """The rows of each sheet, read only when asked for; raises UnusableSheet for what is broken or unpacks to too much."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
        if len(parts) > MAX_SHEETS_AND_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise UnusableSheet("isi berkas XLSX ini terlalu besar kalau dibuka")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            yield _xlsx_rows(sheet, max_columns)
    except UnusableSheet:
        raise
    except Exception as error:  # openpyxl raises whatever a broken part of the file provokes
        raise UnusableSheet(f"berkas XLSX ini rusak ({type(error).__name__})") from error


def neutral(cell: str) -> str:
    """`cell` with an apostrophe before what a spreadsheet would run; `read_back` takes it away again."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def read_back(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def _xlsx_rows(sheet, max_columns: int) -> Rows:
    rows = sheet.iter_rows(values_only=True, max_col=max_columns)
    line = 0
    while True:
        try:
            cells = next(rows, None)
        except Exception as error:  # as above: rows are read only when they are asked for
            raise UnusableSheet(f"baris {line + 1}: berkas XLSX ini rusak ({type(error).__name__})") from error
        if cells is None:
            return
        line += 1
        yield line, [_as_text(value) for value in cells]


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
