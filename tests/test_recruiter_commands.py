"""`silvi recruiters import` and `silvi recruiter` on a real database."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from bot.cli import UnusableInput, app
from bot.storage.database import upgrade
from tests.fakes import SECRET_KEY, VAULT

LICENCES = """nama;nomor_sip3mi;alamat;kota;telepon;status;berlaku_sampai;negara_tujuan
PT Gaharu Sepakat;FIKTIF/1/SIP3MI/2025;Jl. Contoh Angsana No. 4;Batam;(0778) 0000-111;aktif;2098-03-14;Malaysia, Taiwan
PT Rotan Jelawat Bersama;FIKTIF/2/SIP3MI/2024;Jl. Contoh Jati No. 9;Sambas;(0562) 0000-222;skors;2098-01-01;Malaysia
"""
ORDERS = """nomor_sip2mi,p3mi,negara,jabatan,kuota,berlaku_sampai
FIKTIF/11/SIP2MI/2026,PT Gaharu Sepakat,Malaysia,Operator produksi,120,2098-05-01
"""
KEYS = {
    "id",
    "status",
    "registry_name",
    "licence_number",
    "status_in_registry",
    "valid_until",
    "difference",
    "others",
    "data_date",
    "job_orders",
    "advice",
}


@pytest.fixture(autouse=True)
def settings(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(empty_database, VAULT)
    monkeypatch.setenv("SILVI_DATABASE_URL", empty_database)
    monkeypatch.setenv("SILVI_SECRET_KEY", SECRET_KEY)


def silvi(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


def csv(tmp_path: Path, text: str, name: str = "daftar.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def answers(*arguments: object) -> list[dict]:
    done = silvi("recruiter", *arguments)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def answer(*arguments: object) -> dict:
    (one,) = answers(*arguments, "--json")
    return one


def test_imported_licences_and_job_orders_answer_a_look_up(tmp_path: Path) -> None:
    done = silvi("recruiters", "import", csv(tmp_path, LICENCES), "--data-date", "2026-11-20")
    assert done.exit_code == 0 and "2 baris, data per 20 November 2026" in done.stdout and "Tersimpan" in done.stdout
    assert silvi("recruiters", "import", csv(tmp_path, ORDERS)).exit_code == 0

    found = answer("p.t. gahru sepakat", "--country", "malaysia", "--position", "operator")
    assert set(found) == KEYS
    assert (found["id"], found["status"], found["registry_name"]) == (None, "match", "PT Gaharu Sepakat")
    assert (found["licence_number"], found["status_in_registry"]) == ("FIKTIF/1/SIP3MI/2025", "aktif")
    assert (found["valid_until"], found["data_date"], found["difference"]) == ("2098-03-14", "2026-11-20", None)
    assert found["job_orders"] == [
        {
            "number": "FIKTIF/11/SIP2MI/2026",
            "country": "Malaysia",
            "position": "Operator produksi",
            "quota": 120,
            "valid_until": "2098-05-01",
        }
    ]


def test_batch_is_answered_in_order_and_a_line_may_name_its_country(tmp_path: Path) -> None:
    silvi("recruiters", "import", csv(tmp_path, LICENCES), "--yes")
    silvi("recruiters", "import", csv(tmp_path, ORDERS), "--yes")
    queries = [
        {"id": "a", "query": "rotan jelawat bersama"},
        {"id": 2, "query": "CV Gaharu Sepakat"},
        {"id": "c", "query": "mbak Wati"},
        {"id": "d", "query": ""},
        {"id": "e", "query": "gaharu sepakat", "country": "taiwan"},
    ]
    batch = csv(tmp_path, "".join(json.dumps(query) + "\n" for query in queries), "batch.jsonl")
    found = answers("--batch", batch)
    assert [(one["id"], one["status"]) for one in found] == [
        ("a", "suspended"),
        (2, "lookalike"),
        ("c", "not_found"),
        ("d", "not_found"),
        ("e", "match"),
    ]
    assert found[1]["difference"] == "tertulis CV, di daftar PT"
    assert found[2]["registry_name"] is None
    assert found[4]["job_orders"] == [] and "Taiwan" in found[4]["advice"]


def test_without_json_the_advice_alone_is_printed(tmp_path: Path) -> None:
    silvi("recruiters", "import", csv(tmp_path, LICENCES))
    done = silvi("recruiter", "gaharu sepakat")
    assert "PT Gaharu Sepakat ada di daftar izin P3MI" in done.stdout and "{" not in done.stdout


def test_before_the_first_import_the_registry_is_said_to_be_missing() -> None:
    found = answer("PT Gaharu Sepakat")
    assert (found["status"], found["data_date"]) == ("not_found", None)
    assert "belum ada di Silvi" in found["advice"]


def test_second_import_shows_what_is_added_changed_and_gone(tmp_path: Path) -> None:
    silvi("recruiters", "import", csv(tmp_path, LICENCES))
    newer = LICENCES.replace(";aktif;", ";dicabut;").replace("Rotan Jelawat Bersama", "Kecapi Dua Muara")
    done = silvi("recruiters", "import", csv(tmp_path, newer))
    assert "+ PT Kecapi Dua Muara" in done.stdout and "- PT Rotan Jelawat Bersama" in done.stdout
    assert "~ PT Gaharu Sepakat (FIKTIF/1/SIP3MI/2025): status aktif -> dicabut" in done.stdout
    assert answer("PT Gaharu Sepakat")["status"] == "revoked"


def test_workbook_is_imported(tmp_path: Path) -> None:
    book = Workbook()
    for line in LICENCES.splitlines():
        book.active.append(line.split(";"))
    book.save(tmp_path / "daftar.xlsx")
    assert silvi("recruiters", "import", tmp_path / "daftar.xlsx").exit_code == 0
    assert answer("PT Gaharu Sepakat")["status"] == "match"


def test_bad_rows_are_all_named_and_the_old_data_stay(tmp_path: Path) -> None:
    silvi("recruiters", "import", csv(tmp_path, LICENCES))
    bad = LICENCES.replace(";aktif;", ";entah;").replace("2098-01-01", "kapan")
    done = silvi("recruiters", "import", csv(tmp_path, bad, "buruk.csv"))
    assert isinstance(done.exception, UnusableInput)
    assert [line.split("buruk.csv: ")[1].split(":")[0] for line in str(done.exception).splitlines()] == [
        "baris 2",
        "baris 3",
    ]
    assert answer("PT Gaharu Sepakat")["status"] == "match"


def test_older_data_than_those_in_force_are_pointed_out(tmp_path: Path) -> None:
    silvi("recruiters", "import", csv(tmp_path, LICENCES), "--data-date", "2026-11-20")
    done = silvi("recruiters", "import", csv(tmp_path, LICENCES), "--data-date", "2026-10-01")
    assert "lebih baru, per 20 November 2026" in done.stdout
    assert answer("PT Gaharu Sepakat")["data_date"] == "2026-10-01"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("recruiters", "import", "tidak-ada.csv"), "tidak-ada.csv"),
        (("recruiters", "import", "{file}", "--data-date", (date.today() + timedelta(2)).isoformat()), "belum tiba"),
        (("recruiter",), "satu teks"),
        (("recruiter", "PT Gaharu", "--batch", "tidak-ada.jsonl"), "satu teks"),
    ],
)
def test_unusable_argument_is_named(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    file = csv(tmp_path, LICENCES)
    done = silvi(*(argument.format(file=file) for argument in arguments))
    assert isinstance(done.exception, UnusableInput) and reason in str(done.exception)


def test_date_that_is_none_is_refused_with_status_two(tmp_path: Path) -> None:
    assert silvi("recruiters", "import", csv(tmp_path, LICENCES), "--data-date", "kemarin").exit_code == 2


@pytest.mark.parametrize(("typed", "status"), [("n", "not_found"), ("y", "match")])
def test_on_a_terminal_the_changes_are_asked_about_first(tmp_path: Path, typed: str, status: str) -> None:
    keyboard, terminal = pty.openpty()
    os.write(keyboard, f"{typed}\n".encode())
    done = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "recruiters", "import", csv(tmp_path, LICENCES)],
        check=False,
        stdin=terminal,
        capture_output=True,
        text=True,
        timeout=120,
    )
    os.close(keyboard)
    os.close(terminal)
    assert done.returncode == 0, done.stderr
    assert "Baru: 2" in done.stdout and "Simpan dan pakai data ini?" in done.stdout
    assert answer("PT Gaharu Sepakat")["status"] == status
