"""`silvi report import` and `silvi report --year`: the published figures of 2020 come out as they were stated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from bot.cli import UnusableInput, app
from bot.domain.yearly import Measure
from bot.storage.database import upgrade
from tests.fakes import SECRET_KEY, VAULT

SAMPLE = Path(__file__).parents[1] / "docs" / "laporan-2020.csv"


@pytest.fixture(autouse=True)
def settings(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(empty_database, VAULT)
    monkeypatch.setenv("SILVI_DATABASE_URL", empty_database)
    monkeypatch.setenv("SILVI_SECRET_KEY", SECRET_KEY)


def silvi(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


def sheet(path: Path, name: str) -> dict[object, object]:
    return {row[0]: row[1] for row in load_workbook(path)[name].iter_rows(values_only=True)}


def test_published_figures_of_2020_come_out_as_stated(tmp_path: Path) -> None:
    assert silvi("report", "import", SAMPLE, "--data-date", "2020-12-16").exit_code == 0
    done = silvi("report", "--year", 2020, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert sorted(map(Path, done.output.split())) == sorted(path for path in tmp_path.rglob("*") if path.is_file())

    book = tmp_path / "laporan-2020.xlsx"
    placements = sheet(book, Measure.PLACEMENT_COUNTRIES)
    assert placements["Jumlah"] == 334
    assert placements["Malaysia"].startswith("sebagian besar") and placements["Brunei"].startswith("sebagian (")
    for country in ("Kongo", "Kepulauan Solomon", "Papua Nugini"):
        assert placements[country] == "beberapa orang (jumlah tidak diumumkan)"
    assert sheet(book, Measure.RETURN_MANNERS)["Jumlah"] == 4980
    enforcement = sheet(book, Measure.ENFORCEMENT)
    assert (enforcement["Jumlah"], enforcement["Sudah ada putusan"], enforcement["Masih diproses"]) == (5, 3, 2)

    pages = [page.extract_text() for page in PdfReader(tmp_path / "laporan-2020.pdf").pages]
    for figure in (r"Penempatan\s+334\s", r"Pemulangan\s+4\.980\s", r"Perkara penempatan ilegal\s+5\s"):
        assert re.search(figure, pages[0]), "the key figures stand on the first page"
    whole = "\n".join(pages)
    assert "dihitung sampai 12 Desember 2020" in " ".join(whole.split()) and "Cara menghitung" in whole
    assert all(code in whole.replace("\n", "") for code in Measure), "every figure is traced in the appendix"


def test_same_command_writes_the_same_files(tmp_path: Path) -> None:
    silvi("report", "import", SAMPLE, "--data-date", "2020-12-16")
    for folder in ("satu", "dua"):
        assert silvi("report", "--year", 2020, "--out", tmp_path / folder).exit_code == 0
    for name in ("laporan-2020.pdf", "grafik/penegakan_tahap.png"):
        assert (tmp_path / "satu" / name).read_bytes() == (tmp_path / "dua" / name).read_bytes()


def test_file_with_a_bad_row_changes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "angka.csv"
    bad.write_text("tahun,data,jumlah\n2026,penempatan,50\n2026,pemulangan,banyak\n", encoding="utf-8")
    refused = silvi("report", "import", bad)
    assert isinstance(refused.exception, UnusableInput)
    assert "angka.csv: baris 3: jumlah 'banyak'" in str(refused.exception)
    silvi("report", "--year", 2026, "--out", tmp_path / "laporan")
    assert sheet(tmp_path / "laporan" / "laporan-2026.xlsx", Measure.PLACEMENT_COUNTRIES)["Jumlah"] == "belum ada"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--year", 2026),
        ("--out", "laporan"),
        ("--year", 2026, "--out", "laporan", "--from", "2026-01-01"),
        ("--year", 2026, "--out", "laporan", "--as-of", "2099-01-01"),
        ("--year", 9999, "--out", "laporan"),
        ("--year", 0, "--out", "laporan"),
        ("import", "tidak-ada.csv"),
        ("import", SAMPLE, "--data-date", "2099-01-01"),
    ],
)
def test_unusable_arguments_are_said(arguments: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(silvi("report", *arguments).exception, UnusableInput)
    assert not (tmp_path / "laporan").exists()
