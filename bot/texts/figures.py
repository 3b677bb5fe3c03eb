"""The office's figures in words: titles, names of lines, a page for the shell and for the chat, and rows of a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.domain.cases import CaseState, CaseUrgency
from bot.domain.districts import DISTRICTS
from bot.domain.figures import (
    ANSWERED,
    FEWEST,
    HELPED,
    NO_THUMB,
    NOT_ANSWERED,
    NOT_HELPED,
    UNKNOWN,
    Figures,
    Pace,
    Period,
    Row,
    Step,
    Subject,
)
from bot.domain.outcomes import Stage
from bot.texts.complaint import CATEGORIES
from bot.texts.formats import country_name
from bot.texts.officer import STAGES, STATES, URGENCIES
from bot.texts.recruiters import harmless
from bot.texts.table import table
from knowledge.office import MONTHS, long_date
from knowledge.red_flags import Verdict

if TYPE_CHECKING:
    from openpyxl import Workbook

TITLES = {
    Subject.QUESTIONS: "Pertanyaan dari waktu ke waktu",
    Subject.ANSWERS: "Dijawab atau belum",
    Subject.THUMBS: "Kata penanya tentang jawabannya",
    Subject.ENTRIES: "Yang paling sering dijawab",
    Subject.COUNTRIES: "Negara dalam pertanyaan",
    Subject.CASES: "Kasus baru dari waktu ke waktu",
    Subject.STATES: "Keadaan kasus sekarang",
    Subject.URGENCIES: "Kegawatan kasus",
    Subject.CATEGORIES: "Masalah dalam kasus",
    Subject.CASE_COUNTRIES: "Negara dalam kasus",
    Subject.DISTRICTS: "Kabupaten atau kota dalam kasus",
    Subject.OFFICES: "Kantor yang menangani",
    Subject.STAGES: "Hasil yang dicatat dalam masa ini",
    Subject.WARNINGS: "Tawaran kerja yang diperiksa",
}
OVER_TIME = (Subject.QUESTIONS, Subject.CASES)
CODES = {
    Subject.QUESTIONS: "pertanyaan",
    Subject.ANSWERS: "jawaban",
    Subject.THUMBS: "jempol",
    Subject.ENTRIES: "entri",
    Subject.COUNTRIES: "negara_pertanyaan",
    Subject.CASES: "kasus",
    Subject.STATES: "keadaan",
    Subject.URGENCIES: "kegawatan",
    Subject.CATEGORIES: "masalah",
    Subject.CASE_COUNTRIES: "negara_kasus",
    Subject.DISTRICTS: "daerah",
    Subject.OFFICES: "kantor",
    Subject.STAGES: "hasil",
    Subject.WARNINGS: "tawaran",
}
"""Names for programs and for addresses within the page."""
NAMES = {
    ANSWERED: "dijawab",
    NOT_ANSWERED: "belum dijawab langsung",
    HELPED: "membantu",
    NOT_HELPED: "tidak membantu",
    NO_THUMB: "tidak menilai",
}
VERDICTS = {
    Verdict.DANGER: "berbahaya, diperingatkan",
    Verdict.CAUTION: "perlu hati-hati, diperingatkan",
    Verdict.NO_FLAG: "tidak ada tanda bahaya",
}
COUNTED_AT = "Dihitung {moment}; halaman yang sama dihitung lagi setelah satu menit."
NOT_SAID = "belum disebut"
NO_OFFICE = "belum ada kantor"
HELD_BACK = "disamarkan"
WHY_HELD_BACK = (
    f"Kelompok yang berisi kurang dari {FEWEST} orang disamarkan, supaya tidak ada yang dikenali. "
    "Kadang satu kelompok lain ikut disamarkan, supaya angkanya tidak bisa dihitung dari jumlah semua."
)
NO_DATA = "belum ada"
TOO_FEW = "belum cukup data"
BAD_PERIOD = "Tanggalnya belum benar. Isi dua tanggal, yang pertama lebih dulu."
PERIOD = "{first} sampai {last}"
PACE_TITLE = "Seberapa cepat kasus ditangani"
PACE_HEADINGS = ("Kegawatan", "Diambil setelah", "Diambil tepat waktu", "Selesai setelah")
PACE_NOTE = (
    "Setengah dari kasus ditangani dalam waktu ini atau lebih cepat. Dihitung menurut jam dinding, siang dan malam."
)
SHEET = ("Bagian", "Baris", "Jumlah")
SUMMARY = "Ringkasan"
ASKED, REPORTED = "Pertanyaan", "Kasus baru"
ANSWERED_SHARE, HELPED_SHARE = "Dijawab langsung", "Merasa terbantu"
IN_SHELL, IN_CHAT = 10, 5
"""Lines shown of one table; the rest is in the export."""
AND_MORE = "dan {count} lagi"
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    count: int | None
    """None where it is held back."""
    part: float
    """Of the largest line, 0 to 1: how long its bar is."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table with everything in words."""

    code: str
    title: str
    is_over_time: bool
    lines: tuple[Line, ...]


def sections(figures: Figures, entries: Mapping[str, str], offices: Mapping[str, str]) -> tuple[Section, ...]:
    """All tables; `entries` gives the titles of entries, `offices` the names of offices."""
    made = []
    for subject, counted in figures.tables.items():
        largest = max((row.count or 0 for row in counted.rows), default=0)
        lines = tuple(
            Line(
                _label(subject, row, figures.period.step, entries, offices),
                row.count,
                (row.count or 0) / largest if largest else 0.0,
            )
            for row in counted.rows
        )
        made.append(Section(CODES[subject], TITLES[subject], subject in OVER_TIME, lines))
    return tuple(made)


def period_name(period: Period) -> str:
    return PERIOD.format(first=long_date(period.first), last=long_date(period.last))


def summary(figures: Figures) -> dict[str, str]:
    """The first things to know."""
    return {
        ASKED: number(figures.questions),
        ANSWERED_SHARE: percent(figures.answered_share),
        HELPED_SHARE: percent(figures.helped_share),
        REPORTED: number(figures.cases),
    }


def pace_lines(paces: tuple[Pace, ...]) -> list[tuple[str, str, str, str]]:
    """One line an urgency, under PACE_HEADINGS."""
    return [
        (URGENCIES[pace.urgency], span(pace.taken_after_s), percent(pace.kept_share), span(pace.solved_after_s))
        for pace in paces
    ]


def number(count: int | None) -> str:
    """1.234, or that it is held back."""
    return HELD_BACK if count is None else f"{count:,}".replace(",", ".")


def percent(value: float | None) -> str:
    """84%, or that there are too few people."""
    return TOO_FEW if value is None else f"{value * 100:.0f}%"


def span(seconds: float | None) -> str:
    """A length of time in its largest unit: 12 menit, 3 jam, 2 hari."""
    if seconds is None:
        return TOO_FEW
    if seconds < 90 * MINUTE_S:
        return f"{seconds / MINUTE_S:.0f} menit"
    if seconds < 2 * DAY_S:
        return f"{seconds / HOUR_S:.0f} jam"
    return f"{seconds / DAY_S:.0f} hari"


def as_text(figures: Figures, entries: Mapping[str, str], offices: Mapping[str, str]) -> str:
    """Everything as a page to read in a shell."""
    first = [period_name(figures.period), *(f"{name}: {value}" for name, value in summary(figures).items())]
    blocks = ["\n".join(first)]
    for section in sections(figures, entries, offices):
        shown = [line for line in section.lines if line.count != 0]
        rows = [(line.label, number(line.count)) for line in shown[:IN_SHELL]]
        if len(shown) > IN_SHELL:
            rows.append((AND_MORE.format(count=len(shown) - IN_SHELL), ""))
        blocks.append(table((section.title, ""), rows or [(NO_DATA, "")]))
    blocks.append(table(PACE_HEADINGS, pace_lines(figures.paces)))
    return "\n\n".join([*blocks, PACE_NOTE, WHY_HELD_BACK])


def for_chat(figures: Figures, entries: Mapping[str, str], offices: Mapping[str, str]) -> tuple[str, str]:
    """Title and body of a message: the summary, how soon cases are taken, and what is asked and reported most."""
    lines = [f"{name}: {value}" for name, value in summary(figures).items()]
    for urgency, taken, kept, _ in pace_lines(figures.paces):
        lines.append(f"Kasus {urgency}: diambil setelah {taken}, tepat waktu {kept}")
    for section in sections(figures, entries, offices):
        if section.code in (CODES[Subject.ENTRIES], CODES[Subject.CATEGORIES]):
            known = [line for line in section.lines if line.count][:IN_CHAT]
            lines += ["", f"{section.title}:", *(f"- {line.label}: {number(line.count)}" for line in known)]
            lines += [] if known else [f"- {NO_DATA}"]
    return f"Angka {period_name(figures.period)}", "\n".join(lines)


def sheet_rows(
    figures: Figures, entries: Mapping[str, str], offices: Mapping[str, str]
) -> list[tuple[str, str, int | str]]:
    """Everything under SHEET; no cell begins like a formula."""
    rows: list[tuple[str, str, int | str]] = [(SUMMARY, name, value) for name, value in summary(figures).items()]
    for section in sections(figures, entries, offices):
        rows += [(section.title, line.label, HELD_BACK if line.count is None else line.count) for line in section.lines]
    for urgency, *values in pace_lines(figures.paces):
        rows += [
            (PACE_TITLE, f"{urgency}: {name.lower()}", value)
            for name, value in zip(PACE_HEADINGS[1:], values, strict=True)
        ]
    return [tuple(cell if isinstance(cell, int) else harmless(cell) for cell in row) for row in rows]


def as_csv(rows: list[tuple[str, str, int | str]]) -> bytes:
    """With a byte order mark, by which spreadsheets know UTF-8."""
    written = io.StringIO()
    csv.writer(written).writerows([SHEET, *rows])
    return written.getvalue().encode("utf-8-sig")


def as_xlsx(period: Period, rows: list[tuple[str, str, int | str]]) -> bytes:
    """One sheet, named after the period."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    add_sheet(book, f"{period.first} {period.last}", [SHEET, *rows], widths=(36, 48, 20))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def add_sheet(book: Workbook, name: str, rows: Sequence[Sequence[int | str]], *, widths: Sequence[int]) -> None:
    """A sheet whose first row is its heading; `widths` in characters."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"


def as_json(figures: Figures) -> dict:
    """For programs: codes instead of words; what is held back is null."""
    return {
        "from": figures.period.first.isoformat(),
        "until": figures.period.last.isoformat(),
        "questions": figures.questions,
        "cases": figures.cases,
        "answered_share": figures.answered_share,
        "helped_share": figures.helped_share,
        "tables": {
            subject.value: [{"key": row.key, "count": row.count} for row in counted.rows]
            for subject, counted in figures.tables.items()
        },
        "paces": [
            {
                "urgency": pace.urgency.value,
                "taken_after_s": pace.taken_after_s,
                "kept_share": pace.kept_share,
                "solved_after_s": pace.solved_after_s,
            }
            for pace in figures.paces
        ],
    }


def _label(subject: Subject, row: Row, step: Step, entries: Mapping[str, str], offices: Mapping[str, str]) -> str:
    match subject:
        case Subject.QUESTIONS | Subject.CASES:
            return _piece(date.fromisoformat(row.key), step)
        case Subject.STATES:
            return STATES[CaseState(row.key)]
        case Subject.URGENCIES:
            return URGENCIES[CaseUrgency(row.key)]
        case Subject.STAGES:
            return STAGES[Stage(row.key)]
        case Subject.CATEGORIES:
            return CATEGORIES.get(row.key, row.key)
        case Subject.OFFICES:
            return offices.get(row.key, row.key) if row.key != UNKNOWN else NO_OFFICE
        case Subject.COUNTRIES | Subject.CASE_COUNTRIES:
            return country_name(row.key) if row.key != UNKNOWN else NOT_SAID
        case Subject.DISTRICTS:
            return DISTRICTS.get(row.key, row.key) if row.key != UNKNOWN else NOT_SAID
        case Subject.WARNINGS:
            return VERDICTS[Verdict(row.key)]
        case Subject.ENTRIES:
            return entries.get(row.key, row.key)
        case _:
            return NAMES[row.key]


def _piece(day: date, step: Step) -> str:
    """3 Nov, minggu 2 Nov, or November 2026."""
    if step is Step.MONTH:
        return f"{MONTHS[day.month - 1]} {day.year}"
    short = f"{day.day} {MONTHS[day.month - 1][:3]}"
    return f"minggu {short}" if step is Step.WEEK else short
