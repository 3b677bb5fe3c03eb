"""`silvi check-offer` as people and scripts use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.commands import Silvi, silvi_in

KEYS = ["id", "verdict", "flags", "recruiters", "phones", "advice"]


@pytest.fixture(scope="module")
def silvi(tmp_path_factory: pytest.TempPathFactory) -> Silvi:
    """Runs one command in a data folder of its own."""
    return silvi_in(tmp_path_factory.mktemp("data"))


def poster(path: Path, *lines: str) -> Path:
    image = Image.new("RGB", (1000, 600), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=44)
    for number, line in enumerate(lines):
        draw.text((40, 40 + 90 * number), line, fill="black", font=font)
    image.save(path)
    return path


def test_one_offer_gives_one_object_with_the_stable_keys(silvi: Silvi) -> None:
    done = silvi("check-offer", "PT Maju Abadi Sejahtera minta DP 3 juta, wa 0812-3456-7890", "--json")
    result = json.loads(done.stdout)
    assert list(result) == KEYS
    assert result["verdict"] == "danger"
    assert {"id": "RF-17", "evidence": "DP 3 juta"} in result["flags"]
    assert result["recruiters"] == [{"name": "PT Maju Abadi Sejahtera", "status": "not_found", "registry_name": None}]
    assert result["phones"] == ["+6281234567890"]


def test_batch_takes_texts_and_pictures_that_lie_beside_it(silvi: Silvi, tmp_path: Path) -> None:
    poster(tmp_path / "iklan.png", "KERJA DI KUCHING", "visa turis dulu", "permit diurus di sana")
    batch = tmp_path / "tawaran.jsonl"
    batch.write_text('{"id": "a", "text": "kantor buka jam berapa"}\n\n{"id": "b", "image": "iklan.png"}\n')
    results = [json.loads(line) for line in silvi("check-offer", "--batch", batch).stdout.splitlines()]
    assert [(result["id"], result["verdict"]) for result in results] == [("a", "no_flag"), ("b", "danger")]


def test_person_at_the_shell_reads_the_advice_alone(silvi: Silvi) -> None:
    done = silvi("check-offer", "masuk pakai visa turis dulu, kerja di kilang")
    assert done.stdout.startswith("Hati-hati.")


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ('{"id": 1, "text": "halo"}\n{"id": 2, "image": "tidak-ada.png"}\n', "baris 2"),
        ('{"id": 1, "text": "halo"}\n{"id": 2}\n', "baris 2"),
        ('{"id": 1, "text": "  "}\n', "baris 1"),
        ("bukan json\n", "baris 1"),
    ],
)
def test_unusable_line_is_named_with_its_reason(silvi: Silvi, tmp_path: Path, lines: str, place: str) -> None:
    batch = tmp_path / "tawaran.jsonl"
    batch.write_text(lines)
    done = silvi("check-offer", "--batch", batch)
    assert done.returncode == 2
    assert place in done.stderr


def test_nothing_to_check_is_refused(silvi: Silvi) -> None:
    assert silvi("check-offer").returncode == 2
    assert silvi("check-offer", "").returncode == 2


def test_look_alike_of_a_licensed_company_is_told_from_it(silvi: Silvi, tmp_path: Path) -> None:
    registry = tmp_path / "p3mi.csv"
    registry.write_text(
        "nama,nomor_sip3mi,alamat,kota,telepon,status,berlaku_sampai,negara_tujuan\n"
        "PT Maju Abadi Sentosa,FIKTIF/901/2025,Jl. Contoh 1,Pontianak,(0561) 0000-1,aktif,2099-01-01,Taiwan\n"
    )
    assert silvi("recruiters", "import", registry, "--yes").returncode == 0
    result = json.loads(silvi("check-offer", "PT Maju Abadi Sejahtera, kerja Taiwan", "--json").stdout)
    assert result["recruiters"] == [
        {"name": "PT Maju Abadi Sejahtera", "status": "lookalike", "registry_name": "PT Maju Abadi Sentosa"}
    ]
    assert "mirip tetapi tidak sama" in result["advice"]


def test_phones_in_chat_links_and_wallets_count_as_typed(silvi: Silvi) -> None:
    result = json.loads(silvi("check-offer", "wa.me/6281234567890, dana 0813-1111-2222", "--json").stdout)
    assert result["phones"] == ["+6281234567890", "+6281311112222"]


@pytest.mark.parametrize("status", ["skors", "dicabut"])
def test_company_without_a_valid_licence_makes_any_offer_a_warning(silvi: Silvi, tmp_path: Path, status: str) -> None:
    registry = tmp_path / "p3mi.csv"
    registry.write_text(
        "nama,nomor_sip3mi,alamat,kota,telepon,status,berlaku_sampai,negara_tujuan\n"
        f"PT Rotan Jelawat Bersama,FIKTIF/902/2025,Jl. Contoh 2,Sambas,(0562) 0000-2,{status},2099-01-01,Taiwan\n"
    )
    assert silvi("recruiters", "import", registry, "--yes").returncode == 0
    result = json.loads(silvi("check-offer", "PT Rotan Jelawat Bersama, kerja pabrik di Taiwan", "--json").stdout)
    assert result["verdict"] == "danger"
    assert {"id": "RF-11", "evidence": "PT Rotan Jelawat Bersama"} in result["flags"]


def test_licence_whose_date_has_passed_is_to_be_checked_and_accuses_nobody(silvi: Silvi, tmp_path: Path) -> None:
    registry = tmp_path / "p3mi.csv"
    registry.write_text(
        "nama,nomor_sip3mi,alamat,kota,telepon,status,berlaku_sampai,negara_tujuan\n"
        "PT Rotan Jelawat Bersama,FIKTIF/902/2025,Jl. Contoh 2,Sambas,(0562) 0000-2,aktif,2020-01-01,Taiwan\n"
    )
    assert silvi("recruiters", "import", registry, "--yes").returncode == 0
    result = json.loads(silvi("check-offer", "PT Rotan Jelawat Bersama, kerja pabrik di Taiwan", "--json").stdout)
    assert result["recruiters"][0]["status"] == "expired"
    assert (result["verdict"], result["flags"]) == ("caution", [])
    assert "belum tentu penipuan" in result["advice"]
