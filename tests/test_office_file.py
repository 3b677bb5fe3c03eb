"""The office's CSV: every mistake is named with its line and reason, and nothing is taken from a file with one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.domain.figures import UNKNOWN
from bot.domain.yearly import OfficeData, OfficeRow, Part
from bot.services.office_file import OfficeFile, UnusableOfficeFile, parse, read

SAMPLE = Path(__file__).parents[1] / "docs" / "laporan-2020.csv"
HEADER = "tahun,data,jumlah,negara,jenis_kelamin,macam,pintu,jalur,tahap,sampai,keterangan,terbit_di\n"


def parsed(*lines: str) -> OfficeFile:
    return parse((HEADER + "\n".join(lines)).encode(), "angka.csv")


def test_names_and_codes_are_understood_and_thousands_may_have_dots() -> None:
    rows = parsed(
        "2026,Penempatan,1.200,,,,,,,2026-11-30,,",
        "2026,penempatan,800,Hong Kong,Perempuan,,,,,,,",
        "2026,penempatan,400,tidak disebut,l,,,,,,,",
    ).rows
    assert rows[0] == OfficeRow(2026, OfficeData.PLACEMENTS, {}, 1200, until=date(2026, 11, 30))
    assert rows[1].parts == {Part.COUNTRY: "hong-kong", Part.SEX: "p"}
    assert rows[2].parts == {Part.COUNTRY: UNKNOWN, Part.SEX: "l"}


def test_spreadsheets_that_write_semicolons_and_a_mark_are_read() -> None:
    content = "tahun;data;jumlah;pintu\r\n2026;pemulangan;40;Entikong\r\n2026;pemulangan;20;PLBN Aruk\r\n"
    rows = parse(content.replace("Entikong", "PLBN Entikong").encode("utf-8-sig"), "angka.csv").rows
    assert [(row.parts[Part.GATE], row.count) for row in rows] == [("entikong", 40), ("aruk", 20)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("26,penempatan,5,,,,,,,,,", "tahun '26': bukan tahun"),
        ("2026,kelahiran,5,,,,,,,,,", "data 'kelahiran': tidak dikenal, isi penempatan"),
        ("2026,penempatan,lima,,,,,,,,,", "jumlah 'lima': bukan jumlah"),
        ("2026,penempatan,-5,,,,,,,,,", "jumlah '-5': bukan jumlah"),
        ("2026,penempatan,,Malaysia,,,,,,,,", "jumlah kosong"),
        ("2026,penempatan,,,,,,,,,banyak,koran", "jumlah seluruhnya tidak boleh kosong"),
        ("2026,penempatan,5,Atlantis,,,,,,,,", "negara 'Atlantis': bukan nama satu negara"),
        ("2026,penempatan,5,Malaysia dan Brunei,,,,,,,,", "bukan nama satu negara"),
        ("2026,penempatan,5,,x,,,,,,,", "jenis_kelamin 'x': tidak dikenal, isi l, p"),
        ("2026,penempatan,5,,,,entikong,,,,,", "pintu tidak dipakai untuk penempatan"),
        ("2026,pemulangan,5,,,,,,,30/11/2026,,", "sampai '30/11/2026': bukan tanggal"),
        ("2026,pemulangan,5,,,,,,,2025-11-30,,", "bukan dalam tahun 2026"),
        ("2026,pemulangan,5", "ada 3 kolom, seharusnya 12"),
    ],
)
def test_bad_row_is_named_with_line_and_reason(line: str, reason: str) -> None:
    with pytest.raises(UnusableOfficeFile) as refused:
        parsed("2026,penegakan,7,,,,,,,,,", line)
    assert str(refused.value).startswith("baris 3: ") and reason in str(refused.value)


def test_all_bad_rows_are_named_at_once() -> None:
    with pytest.raises(UnusableOfficeFile) as refused:
        parsed("x,penempatan,5,,,,,,,,,", "2026,penempatan,6,,,,,,,,,", "2026,penempatan,y,,,,,,,,,")
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == ["baris 2", "baris 4"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("2026,penempatan,5,,,,,,,,,", "2026,penempatan,6,,,,,,,,,"), "rinciannya sama dengan baris 2"),
        (("2026,penempatan,5,,,,,,,,,", "2026,penempatan,6,Malaysia,,,,,,,,"), "lebih dari jumlah seluruhnya 5"),
        (
            ("2026,penempatan,9,Malaysia,,,,,,,,", "2026,penempatan,6,Brunei,l,,,,,,,"),
            "negara dirinci dengan dua cara",
        ),
        (("2026,pemulangan,9,,,sakit,,,,,,", "2026,pemulangan,6,,,,aruk,,,,,"), "tidak memberi satu jumlah"),
        (("2026,penempatan,,Malaysia,,,,,,,banyak,koran",), "tambahkan baris jumlah seluruhnya"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(lines: tuple[str, ...], reason: str) -> None:
    with pytest.raises(UnusableOfficeFile, match=reason):
        parsed(*lines)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "kolom tahun tidak ada"),
        (b"tahun,data,jumlah,negra\n2026,penempatan,5,Malaysia\n", "kolom negra tidak dikenal"),
        (b"tahun,data,jumlah,jumlah\n2026,penempatan,5,5\n", "kolom jumlah ada lebih dari sekali"),
        (b"tahun,data,jumlah\n", "tidak ada satu baris data pun"),
        (b'tahun,data,jumlah\n2026,"penem', "baris 2"),
        (b"\0\1\2", "bukan berkas CSV"),
    ],
)
def test_file_that_is_none_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UnusableOfficeFile, match=reason):
        parse(content, "angka.csv")


def test_sample_holds_the_published_figures_and_no_number_beyond_them() -> None:
    rows = read(SAMPLE).rows
    assert sorted(row.count for row in rows if row.count is not None) == [2, 3, 5, 334, 4980]
    assert all(row.published for row in rows)
