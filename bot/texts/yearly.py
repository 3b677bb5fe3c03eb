"""The yearly report in words: titles, what each figure means and where it comes from, and the rows of its tables."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.agencies import BY_CODE
from bot.domain.districts import DISTRICTS
from bot.domain.figures import UNKNOWN
from bot.domain.outcomes import Stage
from bot.domain.retention import PERIODS, YEAR, Kept
from bot.domain.yearly import OF_OFFICE, PACES, WITHOUT_TOTAL, Counted, Measure, Part, YearReport, is_recorded
from bot.texts.complaint import CATEGORIES
from bot.texts.figures import (
    NAMES,
    NO_DATA,
    NOT_SAID,
    PACE_HEADINGS,
    PACE_NOTE,
    PACE_TITLE,
    WHY_HELD_BACK,
    add_sheet,
    number,
    pace_lines,
    period_name,
)
from bot.texts.formats import country_name
from bot.texts.officer import ROUTES, STAGES
from bot.texts.recruiters import harmless
from knowledge.office import MONTHS, long_date

SEXES = {"l": "Laki-laki", "p": "Perempuan"}
MANNERS = {
    "deportasi": "Dideportasi",
    "repatriasi": "Dipulangkan perwakilan RI",
    "dicegah": "Dicegah berangkat",
    "sakit": "Sakit",
    "gangguan_jiwa": "Gangguan jiwa",
    "meninggal": "Meninggal dunia",
    "lainnya": "Lainnya",
}
GATES = {
    "entikong": "PLBN Entikong",
    "aruk": "PLBN Aruk",
    "badau": "PLBN Badau",
    "supadio": "Bandara Supadio",
    "lainnya": "Pintu lain",
}
STAGES_OF_OFFICE = {"proses": "Masih diproses", "putusan": "Sudah ada putusan", "dihentikan": "Dihentikan"}
PART_NAMES: dict[Part, Mapping[str, str]] = {
    Part.SEX: SEXES,
    Part.MANNER: MANNERS,
    Part.GATE: GATES,
    Part.ROUTE: ROUTES,
    Part.STAGE: STAGES_OF_OFFICE,
}
"""Codes of the office's file, and what they mean; countries have their own."""
WAYS = {
    "askers": "Orang yang bertanya",
    "reporters": "Orang yang melapor",
    "new_people": "Orang yang baru datang",
    "news_readers": "Orang yang dikirimi siaran",
    "kiosk_visits": "Kunjungan di kios desa",
}

OFFICE = "BP3MI Kalimantan Barat"
TITLE = "Laporan tahun {year}"
FOOTER = "Laporan tahun {year} per {as_of}"
NOTHING_TO_LIST = "{year}: {now}. {year_before}: {before}."
SUBTITLE = "Masa: {period}. Angka seperti yang diketahui pada akhir {as_of}."
KEY_FIGURES = "Angka utama"
TOTAL = "Jumlah"
SAME_PART = "Angka Silvi tahun {year} dihitung untuk masa yang sama, sampai {day}."
WHOLE = "Angka kantor tahun {year} seperti dalam berkas kantor, biasanya setahun penuh."
NOT_DETAILED = "belum dirinci"
NONE_DETAILED = "Kantor belum merinci angka ini."
NOT_THERE_YET = "Silvi belum dipakai pada masa ini, jadi laporan ini berisi angka kantor saja."
BEGAN_ON = "Silvi mulai dipakai {day}. Sebelum itu belum ada angka dari Silvi."
STAGE_OF_TOTAL = "{count} {stage}"
COUNTED_UNTIL = "sampai {day}"
ONLY_A_WORD = "{word} (jumlah tidak diumumkan)"
UNTIL = "Angka kantor tahun {year} dihitung sampai {day}."
PUBLISHED = "Sudah diumumkan: {places}."
CHAPTER_NOTE = "Kode angka ini: {code}."
METHOD_TITLE = "Cara menghitung"
APPENDIX_TITLE = "Daftar angka: arti, cara menghitung, dan tabelnya"
QUERIES_INTRO = (
    "Kueri untuk setiap angka {title}, untuk diperiksa ulang di basis data Silvi (PostgreSQL).",
    "Hasilnya belum disamarkan: bisa menunjuk orang. Pakai di kantor saja, jangan disebarkan.",
    "Untuk angka tahun sebelumnya, ganti tanggalnya.",
)
QUERIES_SHEET = "Kueri lengkap setiap kode ada di kueri.sql."
APPENDIX_HEADINGS = ("Kode", "Arti", "Cara menghitung", "Tabel")
VERSIONS_TITLE = "Berkas angka kantor yang dipakai"
VERSIONS_HEADINGS = ("Nomor", "Berkas", "Tanggal data", "SHA-256")
NO_VERSIONS = "Belum ada berkas angka kantor untuk tahun ini."
METHOD = (
    "Angka Silvi dihitung dari catatan kejadian: kapan orang bertanya, kapan kasus dibuka, diambil petugas, dirujuk, dan selesai.",
    "Yang tercatat setelah tanggal laporan tidak ikut. Karena itu laporan dengan tanggal yang sama memberi angka yang sama.",
    "Ada dua pengecualian (UU 27/2022). Orang boleh meminta datanya dihapus: angka pertanyaan dan jangkauan lalu bisa berubah sedikit. "
    f"Dan pertanyaan hanya disimpan {PERIODS[Kept.QUESTIONS].lasts // YEAR} tahun: sesudah itu angkanya ada di laporan yang sudah dibuat saja.",
    "Angka kantor berasal dari berkas yang dimasukkan petugas. Yang dipakai: berkas terbaru sampai tanggal laporan.",
    "Kalau tahunnya belum selesai, angka Silvi tahun sebelumnya dihitung untuk masa yang sama. Angka kantor tetap seperti di berkasnya.",
    WHY_HELD_BACK + " Angka yang sudah diumumkan kantor ditulis seperti yang diumumkan.",
    PACE_NOTE,
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a figure means, how it is counted, and from which table."""

    title: str
    meaning: str
    query: str
    table: str


_OFFICE_TABLE = "office_figures"
_OFFICE_QUERY = "sum(count) untuk data = {data}, menurut parts.{part}"


def _office(measure: Measure, title: str, meaning: str) -> Explanation:
    data, part = OF_OFFICE[measure]
    return Explanation(title, meaning, _OFFICE_QUERY.format(data=data, part=part), _OFFICE_TABLE)


_CASE = "Kasus yang dibuka dalam masa laporan"
EXPLANATIONS: dict[Measure, Explanation] = {
    Measure.PLACEMENT_COUNTRIES: _office(
        Measure.PLACEMENT_COUNTRIES,
        "Penempatan menurut negara",
        "Orang yang ditempatkan bekerja di luar negeri, menurut catatan kantor.",
    ),
    Measure.PLACEMENT_SEXES: _office(
        Measure.PLACEMENT_SEXES,
        "Penempatan menurut jenis kelamin",
        "Orang yang sama seperti di atas, laki-laki dan perempuan.",
    ),
    Measure.RETURN_MANNERS: _office(
        Measure.RETURN_MANNERS,
        "Pemulangan menurut sebabnya",
        "Orang bermasalah yang dipulangkan lewat Kalimantan Barat, menurut catatan kantor.",
    ),
    Measure.RETURN_GATES: _office(
        Measure.RETURN_GATES,
        "Pemulangan menurut pintu masuk",
        "Orang yang sama seperti di atas, menurut tempat mereka masuk.",
    ),
    Measure.ENFORCEMENT: _office(
        Measure.ENFORCEMENT,
        "Perkara penempatan ilegal",
        "Perkara, bukan orang, yang dibawa ke jalur hukum, menurut catatan kantor.",
    ),
    Measure.COMPLAINT_ROUTES: _office(
        Measure.COMPLAINT_ROUTES,
        "Pengaduan: prosedural atau nonprosedural",
        "Pengaduan yang dicatat kantor, menurut cara pekerjanya berangkat.",
    ),
    Measure.CASES: Explanation(
        "Kasus per bulan",
        f"{_CASE}: laporan, atau permintaan bicara dengan petugas.",
        "count(*) per bulan dari opened_at",
        "cases",
    ),
    Measure.CATEGORIES: Explanation(
        "Kasus menurut masalah",
        f"{_CASE}, menurut masalahnya.",
        "count(*) menurut category",
        "cases, case_facts_before",
    ),
    Measure.CASE_ROUTES: Explanation(
        "Kasus: prosedural atau nonprosedural",
        f"{_CASE}, menurut cara pelapor berangkat, seperti dicatat petugas.",
        "count(*) menurut route",
        "cases, case_facts_before",
    ),
    Measure.CASE_COUNTRIES: Explanation(
        "Kasus menurut negara",
        f"{_CASE}, menurut negara kejadiannya.",
        "count(*) menurut country",
        "cases, case_facts_before",
    ),
    Measure.DISTRICTS: Explanation(
        "Kasus menurut kabupaten atau kota",
        f"{_CASE}, menurut kabupaten atau kota yang disebut pelapor.",
        "count(*) menurut district",
        "cases, case_facts_before",
    ),
    Measure.REFERRALS: Explanation(
        "Rujukan menurut lembaga",
        "Surat rujukan yang dibuat dalam masa laporan. Satu kasus bisa dirujuk lebih dari sekali.",
        "count(*) menurut agency, dari referred_at",
        "referrals",
    ),
    Measure.STAGES: Explanation(
        "Hasil dalam kasus",
        "Kasus yang sampai pada tahap itu dalam masa laporan. Satu kasus bisa ada di beberapa tahap.",
        "count(*) menurut stage, dari on_date; catatan terbaru per kasus dan tahap, dari recorded_at",
        "outcomes",
    ),
    Measure.QUESTIONS: Explanation(
        "Pertanyaan per bulan",
        "Pertanyaan kepada Silvi. Salam dan obrolan ringan tidak dihitung.",
        "count(*) per bulan dari asked_at, outcome bukan smalltalk",
        "questions",
    ),
    Measure.ANSWERS: Explanation(
        "Pertanyaan: dijawab langsung atau belum",
        "Dijawab langsung berarti Silvi memberi satu jawaban dari isi yang sudah diperiksa.",
        "count(*) menurut outcome = answer",
        "questions",
    ),
    Measure.QUESTION_COUNTRIES: Explanation(
        "Pertanyaan menurut negara", "Negara yang disebut dalam pertanyaan.", "count(*) menurut country", "questions"
    ),
    Measure.REACH: Explanation(
        "Jangkauan",
        "Banyaknya orang. Satu orang dihitung sekali per baris; di kios, setiap kunjungan dihitung sebagai satu orang.",
        "count(distinct) orang per baris: person_id penanya dan pelapor, id orang baru tanpa kios, chat_id penerima siaran, id kunjungan kios",
        "questions, cases, people, broadcast_recipients, kiosk_visits",
    ),
}
KEYS = (Measure.PLACEMENT_COUNTRIES, Measure.RETURN_MANNERS, Measure.ENFORCEMENT, Measure.CASES, Measure.QUESTIONS)
KEY_TITLES = {
    Measure.PLACEMENT_COUNTRIES: "Penempatan",
    Measure.RETURN_MANNERS: "Pemulangan",
    Measure.ENFORCEMENT: "Perkara penempatan ilegal",
    Measure.CASES: "Kasus di Silvi",
    Measure.QUESTIONS: "Pertanyaan kepada Silvi",
}
PACE_EXPLANATION = Explanation(
    PACE_TITLE,
    "Waktu sampai petugas pertama kali mengambil kasus, dan sampai kasus selesai. Kasus yang dibatalkan atau dibuka lagi belum selesai.",
    "median dari case_events.at dikurangi opened_at: pertama dari claim, reply, wait, refer, hand_over, resolve oleh petugas; "
    "pertama dari resolve, confirm, expire setelah reopen atau withdraw terakhir",
    "cases, case_facts_before, case_events",
)


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the figures on the first page."""

    label: str
    now: str
    before: str
    value: int | None
    value_before: int | None
    detail: str = ""
    """What belongs to it so much that it stands beside it."""


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    now: str
    before: str
    value: int | None
    """The number behind `now`; None where there is none to draw."""
    value_before: int | None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A table of the report with everything in words."""

    code: str
    title: str
    meaning: str
    headings: tuple[str, str, str]
    lines: tuple[Line, ...]
    """The total last, where there is one."""
    notes: tuple[str, ...]
    has_total: bool

    @property
    def only_total(self) -> bool:
        """Nothing but the total, or nothing at all: a table would be an empty frame."""
        return len(self.lines) == self.has_total

    @property
    def drawn(self) -> tuple[Line, ...]:
        """What a plot shows: the lines without the total that have a number in one of the years; one alone tells nothing."""
        lines = self.lines[:-1] if self.has_total else self.lines
        known = tuple(line for line in lines if line.value or line.value_before)
        return known if len(known) > 1 else ()


def title(report: YearReport) -> str:
    return TITLE.format(year=report.year)


def subtitle(report: YearReport) -> str:
    return SUBTITLE.format(period=period_name(report.now.period), as_of=long_date(report.as_of))


def footer(report: YearReport) -> str:
    return FOOTER.format(year=report.year, as_of=long_date(report.as_of))


def nothing_to_list(chapter: Chapter) -> str:
    """Its total alone, in both years."""
    _, year, year_before = chapter.headings
    now, before = (chapter.lines[0].now, chapter.lines[0].before) if chapter.lines else (NO_DATA, NO_DATA)
    return NOTHING_TO_LIST.format(year=year, now=now, year_before=year_before, before=before)


def year_headings(report: YearReport) -> tuple[str, str]:
    """The names of the two columns of numbers."""
    return str(report.year), str(report.year - 1)


def silvi_note(report: YearReport) -> str:
    """That Silvi was not there yet, or not all the time; empty where it was."""
    if not report.has_silvi:
        return NOT_THERE_YET
    is_whole = report.began_on <= report.before.period.first
    return "" if is_whole else BEGAN_ON.format(day=long_date(report.began_on))


def comparison_notes(report: YearReport) -> tuple[str, str] | tuple[()]:
    """How far Silvi's and the office's figures of the year before reach, where this year is not over; Silvi's may have none."""
    first, last = report.before.period.first, report.before.period.last
    if last == date(first.year, 12, 31):
        return ()
    same_part = SAME_PART.format(year=first.year, day=long_date(last))
    return same_part if is_recorded(report.before.period, report.began_on) else "", WHOLE.format(year=first.year)


def reading_notes(report: YearReport) -> tuple[str, ...]:
    """What to know before the figures are read."""
    return tuple(filter(None, (silvi_note(report), *comparison_notes(report), WHY_HELD_BACK)))


def key_figures(report: YearReport) -> list[KeyFigure]:
    """What everybody asks for; Silvi's own only where Silvi was there."""
    keys = [measure for measure in KEYS if measure in OF_OFFICE or report.has_silvi]
    years = report.now.tables, report.before.tables
    totals = [(measure, *(tables[measure] for tables in years)) for measure in keys]
    found = [
        KeyFigure(
            KEY_TITLES[measure],
            _total(now),
            _total(before),
            _total_value(now),
            _total_value(before),
            _detail(measure, now),
        )
        for measure, now, before in totals
    ]
    now, before = (tables[Measure.REACH] for tables in years)
    return found + [
        KeyFigure(
            name,
            _shown(Measure.REACH, now, way),
            _shown(Measure.REACH, before, way),
            _value(Measure.REACH, now, way),
            _value(Measure.REACH, before, way),
        )
        for way, name in WAYS.items()
        if report.has_silvi
    ]


def chapters(report: YearReport) -> tuple[Chapter, ...]:
    """All tables in the order of the report; Silvi's own only where Silvi was there."""
    return tuple(_chapter(report, measure) for measure in Measure if measure in OF_OFFICE or report.has_silvi)


def queries(report: YearReport) -> str:
    """What the database was asked for each figure, as a file of SQL."""
    intro = "\n".join(f"-- {line.format(title=title(report))}" for line in QUERIES_INTRO)
    asked = (f"-- {code}\n{query};" for code, query in report.queries.items())
    return "\n\n".join((intro, *asked)) + "\n"


def pace_rows(report: YearReport) -> list[tuple[str, ...]]:
    """The heading first: urgency, then the three figures of this year and of the year before."""
    names = year_headings(report)
    heading = (PACE_HEADINGS[0], *(f"{part} ({name})" for part in PACE_HEADINGS[1:] for name in names))
    rows = [
        (now[0], *(value for pair in zip(now[1:], before[1:], strict=True) for value in pair))
        for now, before in zip(pace_lines(report.now.paces), pace_lines(report.before.paces), strict=True)
    ]
    return [heading, *rows]


def appendix() -> list[tuple[str, str, str, str]]:
    """Each figure by its code: what it means, how it is counted, and from which table."""
    explained = {**{str(measure): EXPLANATIONS[measure] for measure in Measure}, PACES: PACE_EXPLANATION}
    return [(code, f"{one.title}. {one.meaning}", one.query, one.table) for code, one in explained.items()]


def version_rows(report: YearReport) -> list[tuple[str, str, str, str]]:
    """The office's files under VERSIONS_HEADINGS."""
    return [
        (str(version.number), harmless(version.file_name), long_date(version.data_date), version.sha256)
        for version in report.versions
    ]


def as_xlsx(report: YearReport) -> bytes:
    """A sheet of key figures, one for each table, and the appendix."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    names = year_headings(report)
    first = [(title(report), "", "", ""), (subtitle(report), "", "", ""), (KEY_FIGURES, *names, "")]
    first += [
        (key.label, _cell(key.value, key.now), _cell(key.value_before, key.before), key.detail)
        for key in key_figures(report)
    ]
    first += [(note, "", "", "") for note in reading_notes(report)]
    add_sheet(book, KEY_FIGURES, first, widths=(48, 20, 28, 48))
    for chapter in chapters(report):
        rows = [
            (line.label, _cell(line.value, line.now), _cell(line.value_before, line.before)) for line in chapter.lines
        ]
        notes = [(note, "", "") for note in (chapter.meaning, *chapter.notes)]
        add_sheet(book, chapter.code, [chapter.headings, *rows, *notes], widths=(48, 28, 28))
    add_sheet(book, PACES, pace_rows(report), widths=(20, *[28] * 6))
    add_sheet(book, "cara_menghitung", [(text,) for text in (METHOD_TITLE, *METHOD)], widths=(120,))
    add_sheet(book, "daftar_angka", [APPENDIX_HEADINGS, *appendix()], widths=(30, 80, 80, 40))
    add_sheet(book, "kueri", list(report.queries.items()), widths=(30, 160))
    add_sheet(book, "berkas_kantor", [VERSIONS_HEADINGS, *version_rows(report)], widths=(10, 40, 20, 68))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _chapter(report: YearReport, measure: Measure) -> Chapter:
    now, before = report.now.tables[measure], report.before.tables[measure]
    pairs = _month_pairs(now, before) if measure in (Measure.CASES, Measure.QUESTIONS) else _pairs(measure, now, before)
    notes = [CHAPTER_NOTE.format(code=measure)]
    if measure in OF_OFFICE and [key for _, key, _ in pairs] == [UNKNOWN]:
        pairs, notes = [], [NONE_DETAILED, *notes]
    lines = [
        Line(label, *(_shown(measure, *one) for one in both), *(_value(measure, *one) for one in both))
        for label, both in ((label, ((now, key), (before, other))) for label, key, other in pairs)
    ]
    has_total = measure not in WITHOUT_TOTAL
    if has_total:
        lines.append(Line(TOTAL, _total(now), _total(before), _total_value(now), _total_value(before)))
    compared = comparison_notes(report)
    notes += [compared[measure in OF_OFFICE]] if compared else []
    notes += [silvi_note(report)] if measure not in OF_OFFICE else []
    notes += [
        UNTIL.format(year=one.period.first.year, day=long_date(one.tables[measure].until))
        for one in (report.now, report.before)
        if one.tables[measure].until
    ]
    notes += [PUBLISHED.format(places="; ".join(map(harmless, now.published)))] if now.published else []
    explained = EXPLANATIONS[measure]
    headings = ("", *year_headings(report))
    return Chapter(
        measure, explained.title, explained.meaning, headings, tuple(lines), tuple(filter(None, notes)), has_total
    )


def _pairs(measure: Measure, now: Counted, before: Counted) -> list[tuple[str, str, str]]:
    """Label, and the key in either year; what nobody said comes last."""
    keys = dict.fromkeys(row.key for counted in (now, before) for row in counted.table.rows)
    return [(_label(measure, key), key, key) for key in sorted(keys, key=lambda key: key == UNKNOWN)]


def _month_pairs(now: Counted, before: Counted) -> list[tuple[str, str, str]]:
    # The year before may not be recorded at all: its keys are looked up in nothing then.
    rows = zip(now.table.rows, before.table.rows or now.table.rows, strict=True)
    return [(MONTHS[date.fromisoformat(row.key).month - 1], row.key, other.key) for row, other in rows]


def _shown(measure: Measure, counted: Counted, key: str) -> str:
    if key in counted.notes:
        return ONLY_A_WORD.format(word=harmless(counted.notes[key]))
    if not counted.is_missing and not _is_told(measure, counted, key):
        return NOT_DETAILED
    return NO_DATA if counted.is_missing else number(counted.table.count(key))


def _value(measure: Measure, counted: Counted, key: str) -> int | None:
    is_number = not counted.is_missing and key not in counted.notes and _is_told(measure, counted, key)
    return counted.table.count(key) if is_number else None


def _is_told(measure: Measure, counted: Counted, key: str) -> bool:
    """A line that the office's figures do not have says nobody only where they are broken down to the last."""
    return measure not in OF_OFFICE or counted.is_detailed or any(row.key == key for row in counted.table.rows)


def _detail(measure: Measure, counted: Counted) -> str:
    """Of proceedings how far they are, and of the rest until when it was counted."""
    if counted.is_missing:
        return ""
    known = [row for row in counted.table.rows if row.count] if measure is Measure.ENFORCEMENT else []
    stages = [STAGE_OF_TOTAL.format(count=number(row.count), stage=_label(measure, row.key).lower()) for row in known]
    return ", ".join(stages + ([COUNTED_UNTIL.format(day=long_date(counted.until))] if counted.until else []))


def _total(counted: Counted) -> str:
    return NO_DATA if counted.is_missing else number(counted.total)


def _total_value(counted: Counted) -> int | None:
    return None if counted.is_missing else counted.total


def _cell(value: int | None, shown: str) -> int | str:
    return shown if value is None else value


_LABELS: dict[Measure, Mapping[str, str]] = {
    Measure.PLACEMENT_SEXES: SEXES,
    Measure.RETURN_MANNERS: MANNERS,
    Measure.RETURN_GATES: GATES,
    Measure.ENFORCEMENT: STAGES_OF_OFFICE,
    Measure.COMPLAINT_ROUTES: ROUTES,
    Measure.CATEGORIES: CATEGORIES,
    Measure.CASE_ROUTES: ROUTES,
    Measure.DISTRICTS: DISTRICTS,
    Measure.REFERRALS: {code: agency.name for code, agency in BY_CODE.items()},
    Measure.STAGES: {str(stage): STAGES[stage] for stage in Stage},
    Measure.ANSWERS: NAMES,
    Measure.REACH: WAYS,
}


def _label(measure: Measure, key: str) -> str:
    if key == UNKNOWN:
        return NOT_DETAILED if measure in OF_OFFICE else NOT_SAID
    known = _LABELS.get(measure)
    return known.get(key, key) if known is not None else country_name(key)
