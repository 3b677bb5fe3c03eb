"""The knowledge base as one file, YAML, CSV or XLSX, and back without loss: a table has a row an entry, a column a field."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain

from bot.domain.editing import LISTS, PLAIN, document_from, fields_of
from bot.services.sheets import Rows, UnusableSheet, csv_rows, decoded, is_xlsx, neutral, read_back, xlsx_sheets
from knowledge.entries import Entry, as_yaml, document_of, entry_from_document
from knowledge.office import OfficeProfile
from knowledge.validation import Written, check_written, read_yaml_entries
from knowledge.written import Problem

FORMS = {
    "yaml": "application/yaml; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""How a file may be written, with its media type."""
CODE = "id"
FIRST = (CODE, *PLAIN, "volatile", "answer.short", "answer.more", *LISTS)
GROUPS = ("countries.", "variants.")
DELIMITERS = ",;\t"
MAX_COLUMNS = 400
MAX_ENTRIES = 10_000
CELL_CHARACTERS = 32_767
"""An XLSX holds no more in a cell, and what is longer would be cut without a word."""


class UnusableFile(Exception):
    """A file of entries that is refused as a whole; each reason names its line."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons

    def __reduce__(self) -> tuple[type[UnusableFile], tuple[Sequence[str]]]:
        """It goes from the process that reads the file to the one that tells of it."""
        return type(self), (self.reasons,)


class DoesNotFit(Exception):
    """An entry has a text that this form of file cannot hold; the text names the entry."""


def write(entries: list[Entry], form: str) -> bytes:
    """All entries in a form of FORMS; raises DoesNotFit."""
    match form:
        case "yaml":
            return as_yaml(entries).encode()
        case "csv":
            written = io.StringIO()
            csv.writer(written).writerows(_rows(entries))
            return written.getvalue().encode("utf-8-sig")
        case _:
            return _xlsx(_rows(entries))


def read(name: str, content: bytes, others: list[Entry], *, office: OfficeProfile, today: date) -> list[Entry]:
    """The entries of a file, all of them right beside the `others`; raises UnusableFile with line and reason."""
    rules = {"office": office, "today": today}
    try:
        if is_xlsx(content):
            written = _written(chain.from_iterable(xlsx_sheets(content, MAX_COLUMNS)))
        else:
            text, _ = decoded(content)
            if not name.lower().endswith(".csv"):
                documents, problems = read_yaml_entries(name, text, others, **rules)
                return _right(documents, problems)
            written = _written(_csv(text))
    except UnusableSheet as error:
        raise UnusableFile([str(error)]) from error
    return _right([one.document for one in written], check_written(name, written, others, **rules))


def _right(documents: list[dict], problems: list[Problem]) -> list[Entry]:
    if problems:
        raise UnusableFile([f"baris {problem.line}: {problem.reason}" for problem in problems])
    return [entry_from_document(document) for document in documents]


def _rows(entries: list[Entry]) -> Iterator[list[str]]:
    all_fields = [(entry.id, fields_of(document_of(entry))) for entry in entries]
    more = sorted({name for _, fields in all_fields for name in fields if name.startswith(GROUPS)})
    columns = (*FIRST, *more)
    yield list(columns)
    for entry_id, fields in all_fields:
        yield [neutral(value) for value in (entry_id, *(fields.get(name, "") for name in columns[1:]))]


def _xlsx(rows: Iterator[list[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Silvi")
    sheet.freeze_panes = "B2"
    for row in rows:
        if any(len(value) > CELL_CHARACTERS for value in row):
            raise DoesNotFit(row[0])
        try:
            cells = [WriteOnlyCell(sheet, value) for value in row]
        except IllegalCharacterError:
            raise DoesNotFit(row[0]) from None
        sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _csv(text: str) -> Rows:
    first = text.partition("\n")[0]
    return csv_rows(text, max(DELIMITERS, key=first.count))


def _written(rows: Rows) -> list[Written]:
    """The entries of the rows below the header; raises UnusableSheet for a table of something else."""
    _, header = next(rows, (1, []))
    columns = [title.strip() for title in header]
    while columns and not columns[-1]:
        columns.pop()
    unknown = [title for title in columns if title not in FIRST and not title.startswith(GROUPS)]
    twice = [title for title in columns if columns.count(title) > 1]
    if CODE not in columns:
        raise UnusableSheet(f"baris 1: kolom '{CODE}' tidak ada; unduh dulu berkas dari konsol sebagai contoh")
    if unknown or twice:
        raise UnusableSheet(
            f"baris 1: kolom '{(unknown or twice)[0]}' {'tidak dikenal' if unknown else 'ada dua kali'}"
        )
    written = []
    for line, cells in rows:
        if not any(cells):
            continue
        if len(written) >= MAX_ENTRIES:
            raise UnusableSheet(f"lebih dari {MAX_ENTRIES} entri")
        if any(cells[len(columns) :]):
            raise UnusableSheet(f"baris {line}: ada isi di luar kolom yang berjudul")
        fields = {name: read_back(cell) for name, cell in zip(columns, cells, strict=False)}
        written.append(Written(line, document_from(fields.pop(CODE).strip(), fields)))
    if not written:
        raise UnusableSheet("tidak ada satu entri pun")
    return written
