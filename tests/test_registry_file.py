"""Files of licences and job orders as offices send them: read whole, or refused with every bad line."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.domain.recruiters import JobOrder, Licence, LicenceStatus, RegistryKind
from bot.services import registry_file, sheets
from bot.services.registry_file import UnusableRegistry, parse_registry, read_registry

HEADER = "nama,nomor_sip3mi,alamat,kota,telepon,status,berlaku_sampai,negara_tujuan"
ROW = "PT Gaharu Sepakat,FIKTIF/901/SIP3MI/2025,Jl. Contoh Angsana No. 4,Batam,(0778) 0000-111,aktif,2028-03-14,Malaysia;Taiwan"
GAHARU = Licence(
    name="PT Gaharu Sepakat",
    number="FIKTIF/901/SIP3MI/2025",
    address="Jl. Contoh Angsana No. 4",
    city="Batam",
    phone="(0778) 0000-111",
    status=LicenceStatus.ACTIVE,
    valid_until=date(2028, 3, 14),
    countries=("Malaysia", "Taiwan"),
)
ORDERS_HEADER = "nomor_sip2mi,p3mi,negara,jabatan,kuota,berlaku_sampai"
ORDER = "FIKTIF/11/SIP2MI/2026,PT Gaharu Sepakat,Malaysia,Operator produksi,120,2027-05-01"


def file_with(tmp_path: Path, content: str | bytes, name: str = "daftar.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(tmp_path: Path, *rows: list) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    path = tmp_path / "daftar.xlsx"
    book.save(path)
    return path


def refusal(path: Path) -> list[str]:
    with pytest.raises(UnusableRegistry) as caught:
        read_registry(path)
    return str(caught.value).splitlines()


def test_licences_are_read(tmp_path: Path) -> None:
    read = read_registry(file_with(tmp_path, f"{HEADER}\n{ROW}\n"))
    assert (read.kind, read.rows, read.lines, read.unused_columns) == (RegistryKind.LICENCES, (GAHARU,), (2,), ())


def test_job_orders_are_told_apart_by_their_header(tmp_path: Path) -> None:
    read = read_registry(file_with(tmp_path, f"{ORDERS_HEADER}\n{ORDER}\n"))
    (order,) = read.rows
    assert read.kind == RegistryKind.JOB_ORDERS
    assert order == JobOrder(
        number="FIKTIF/11/SIP2MI/2026",
        p3mi="PT Gaharu Sepakat",
        country="Malaysia",
        position="Operator produksi",
        quota=120,
        valid_until=date(2027, 5, 1),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_that_excel_writes_is_read(tmp_path: Path, encoding: str) -> None:
    text = f"{HEADER}\n{ROW.replace('Sepakat', 'Sépakat')}\n"
    read = read_registry(file_with(tmp_path, text.encode(encoding)))
    assert read.rows[0].name == "PT Gaharu Sépakat"


def test_other_separators_headers_dates_and_a_title_above_are_understood(tmp_path: Path) -> None:
    text = (
        "Daftar P3MI;;;\n\nNama P3MI;No. SIP3MI;Status Izin;Berlaku s.d.;Catatan\n"
        "PT Gaharu Sepakat;901;Aktif;14 Maret 2028;x\nPT Rotan Lama;902;DICABUT;14/03/2020;\n;;;;\n"
    )
    read = read_registry(file_with(tmp_path, text))
    assert [row.valid_until for row in read.rows] == [date(2028, 3, 14), date(2020, 3, 14)]
    assert read.rows[1].status == LicenceStatus.REVOKED
    assert (read.lines, read.unused_columns) == ((4, 5), ("Catatan",))


def test_cell_with_line_breaks_keeps_the_line_numbers_right(tmp_path: Path) -> None:
    rows = ROW.replace("Jl. Contoh Angsana No. 4", '"Jl. Contoh\nAngsana No. 4"')
    assert refusal(file_with(tmp_path, f"{HEADER}\n{rows}\n{ROW.replace('aktif', 'entah').replace('901', '9')}\n")) == [
        "baris 4: status 'entah': tidak dikenal, isi aktif, skors, dicabut, atau kedaluwarsa"
    ]


def test_every_bad_row_is_listed_with_all_its_reasons(tmp_path: Path) -> None:
    bad = [
        ROW,
        ROW.replace("PT Gaharu Sepakat", "").replace("2028-03-14", "2028-02-30"),
        ROW.replace("901", "902"),
        ROW.replace("Gaharu", "Rotan"),
        "PT Rotan Lama,903",
        ROW.replace("Gaharu", "Ketam").replace("901", "904").replace("Batam", "Batam,lebih"),
        ROW.replace("PT Gaharu Sepakat", "PT").replace("901", "905").replace("2028-03-14", "3028-03-14"),
    ]
    assert [line.split(":")[0] for line in refusal(file_with(tmp_path, "\n".join([HEADER, *bad])))] == [
        f"baris {number}" for number in range(3, 9)
    ]
    listed = refusal(file_with(tmp_path, "\n".join([HEADER, *bad])))
    assert listed[0] == "baris 3: nama kosong; berlaku_sampai '2028-02-30': tanggal ini tidak ada"
    assert "nama PT Gaharu Sepakat sudah ada di baris 2" in listed[1]
    assert "nomor FIKTIF/901/SIP3MI/2025 sudah ada di baris 2" in listed[2]
    assert "hanya ada 2 kolom dari 8" in listed[3]
    assert "ada isi di luar kolom yang berjudul" in listed[4]
    assert "bukan nama perusahaan" in listed[5] and "tahunnya tidak wajar" in listed[5]


@pytest.mark.parametrize("formula", ['=HYPERLINK("http://contoh.test")', "=cmd|' /C calc'!A0"])
@pytest.mark.parametrize("field", ["PT Gaharu Sepakat", "Batam"])
def test_formula_in_place_of_a_value_is_refused_with_its_line(tmp_path: Path, field: str, formula: str) -> None:
    row = ROW.replace(field, '"' + formula.replace('"', '""') + '"')
    (line,) = refusal(file_with(tmp_path, f"{HEADER}\n{row}\n"))
    assert line.startswith("baris 2: ") and "ini rumus" in line


@pytest.mark.parametrize("quota", ["-1", "banyak", "1.5", "99999999"])
def test_quota_that_is_no_number_of_people_is_refused(tmp_path: Path, quota: str) -> None:
    (line,) = refusal(file_with(tmp_path, f"{ORDERS_HEADER}\n{ORDER.replace('120', quota)}\n"))
    assert line.startswith("baris 2: kuota")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "baris judul tidak ditemukan"),
        ("satu,dua\n1,2\n", "baris judul tidak ditemukan"),
        (f"{HEADER}\n", "tidak ada satu baris data pun"),
        (f"{HEADER}\n\n,,,,,,,\n", "tidak ada satu baris data pun"),
        (f'{HEADER}\n"PT Gaharu" Sepakat,1,,,,aktif,2028-01-01,\n', "baris 2: tanda kutip"),
        (b"%PDF-1.7\x00\x01\x81", "bukan berkas CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel lama"),
        (b"PK\x03\x04 rusak", "XLSX ini rusak"),
    ],
)
def test_file_that_is_no_registry_is_refused(tmp_path: Path, content: str | bytes, reason: str) -> None:
    assert reason in refusal(file_with(tmp_path, content))[0]


def test_column_with_the_proper_title_stands_before_one_with_another_name_for_it(tmp_path: Path) -> None:
    read = read_registry(file_with(tmp_path, f"{HEADER},no izin\n{ROW},77\n"))
    assert (read.rows, read.unused_columns) == ((GAHARU,), ("no izin",))


def test_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (line,) = refusal(file_with(tmp_path, f"{HEADER},status\n{ROW},skors\n"))
    assert "kolom status ada 2 kali" in line


def test_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ["DAFTAR P3MI"],
        HEADER.split(","),
        [*ROW.split(",")[:4], 7780000111, "aktif", datetime(2028, 3, 14), "Malaysia; Taiwan"],
        [None] * 8,
        ["PT Rotan Lama", 902.0, None, None, None, "skors", "2027-01-01", None],
    )
    gaharu, rotan = read_registry(path).rows
    assert (gaharu.phone, gaharu.valid_until, gaharu.countries) == (
        "7780000111",
        date(2028, 3, 14),
        ("Malaysia", "Taiwan"),
    )
    assert (rotan.number, rotan.status, rotan.city) == ("902", LicenceStatus.SUSPENDED, "")


def test_formula_without_a_value_is_an_empty_cell(tmp_path: Path) -> None:
    row = ROW.split(",")
    row[0] = '=CONCATENATE("PT ","Gaharu")'
    assert refusal(workbook(tmp_path, HEADER.split(","), row)) == ["baris 2: nama kosong"]


def test_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    monkeypatch.setattr(sheets, "MAX_UNPACKED_BYTES", 1_000_000)
    assert "terlalu besar" in refusal(file_with(tmp_path, packed.getvalue(), "daftar.xlsx"))[0]


def test_file_with_too_many_bytes_or_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "\n".join(ROW.replace("901", str(number)).replace("Gaharu", f"Gaharu{number}") for number in range(5))
    path = file_with(tmp_path, f"{HEADER}\n{rows}\n")
    monkeypatch.setattr(registry_file, "MAX_ROWS", 4)
    assert "lebih dari 4 baris" in refusal(path)[0]
    monkeypatch.setattr(registry_file, "MAX_BYTES", 100)
    assert "lebih besar" in refusal(path)[0]


def test_invisible_and_control_characters_are_taken_out(tmp_path: Path) -> None:
    hidden = ROW.replace("Gaharu", "Gah\u200baru\x1b[2J\u202e")
    read = read_registry(file_with(tmp_path, f"{HEADER}\n{hidden}\n"))
    assert read.rows[0].name == "PT Gaharu [2J Sepakat"


CELLS = st.one_of(st.sampled_from(ROW.split(",") + ORDER.split(",")), st.text(max_size=20))
TABLES = st.tuples(
    st.sampled_from([HEADER, ORDERS_HEADER]), st.lists(st.lists(CELLS, max_size=9).map(",".join), max_size=4)
).map(lambda parts: "\n".join([parts[0], *parts[1]]).encode("utf-8", "replace"))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=200), TABLES, st.binary(max_size=100).map(lambda rest: b"PK\x03\x04" + rest)))
@example(b"")
def test_any_file_is_read_or_refused_with_a_reason(content: bytes) -> None:
    try:
        read = parse_registry(content, "daftar.csv")
    except UnusableRegistry as refused:
        assert str(refused).strip()
    else:
        assert len(read.rows) == len(read.lines)
