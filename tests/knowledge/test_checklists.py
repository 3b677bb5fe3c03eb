"""Lists of steps: which steps a destination and job get, and what no file of them may hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.checklists import CHECKLISTS, OTHER, Progress, checklists, sources_of
from knowledge.entries import CONTENT, read_yaml
from knowledge.office import TO_CONFIRM
from knowledge.validation import check_checklists
from knowledge.written import Problem

TODAY = date(2026, 11, 24)


def ids(country: str, job: str) -> list[str]:
    return [step.id for step in checklists().steps_for(country, job)]


def checked(folder: Path, old: str, new: str) -> list[Problem]:
    text = CHECKLISTS.read_text(encoding="utf-8")
    assert old in text
    path = folder / "checklists.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return check_checklists(path, office_file=None, today=TODAY)


def test_country_and_job_decide_the_steps() -> None:
    assert "satu-jalur" in ids("sarawak", "lansia") and "satu-jalur" not in ids("sarawak", "ladang")
    assert "bahasa-korea" in ids("korea", "pabrik") and "cek-pt" not in ids("korea", "pabrik")
    assert "str" in ids("jepang", "perawat") and "tes-ssw" in ids("jepang", "pabrik")
    assert ids("polandia", "pabrik") == ids(OTHER, "pabrik")


def test_passport_comes_before_the_visa_and_the_briefing_before_the_departure() -> None:
    for country in (*checklists().destinations, OTHER):
        steps = ids(country, "perawat")
        assert steps.index("paspor") < steps.index("visa") < steps.index("berangkat") < steps.index("lapor-diri")


def test_step_known_from_memory_says_so_and_every_other_has_its_source() -> None:
    facts = read_yaml(CONTENT / "facts.yaml")
    for step in checklists().steps:
        is_recalled = any(
            facts[fact]["status"] == "recalled" or facts[fact].get("partly_recalled") for fact in step.facts
        )
        assert (TO_CONFIRM in step.text) == is_recalled, step.id
        assert is_recalled or sources_of(step), step.id


@pytest.mark.parametrize(
    ("said", "job"),
    [
        ("mau jadi perawat lansia di taiwan", "lansia"),
        ("perawat rumah sakit", "perawat"),
        ("kerja di kebun sawit", "ladang"),
        ("PRT", "rumah-tangga"),
        ("mau liburan", None),
    ],
)
def test_longest_name_of_a_job_wins(said: str, job: str | None) -> None:
    assert checklists().job_of(said) == job


def test_tick_of_a_step_that_is_no_longer_there_counts_for_nothing() -> None:
    progress = Progress.of(checklists().steps_for("taiwan", "lansia"), ["tanya", "sudah-dihapus"])
    assert progress.done == {"tanya"} and progress.next_step.id == "umur"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[F-501, F-503]", "[F-999]", "fakta 'F-999' tidak dikenal"),
        ("[F-501, F-503]", "[F-107]", "fakta F-107 masih kosong"),
        ("[F-501, F-503]", "[]", "belum ada fakta"),
        ("entry: alur-resmi", "entry: alur-rahasia", "entri 'alur-rahasia' tidak ada"),
        ("page: mulai", "page: nanti", "halaman 'nanti' tidak ada"),
        ("ways: [p3mi]", "ways: [calo]", "ways 'calo' tidak dikenal"),
        ("countries: [korea]\n  -", "countries: [atlantis]\n  -", "countries 'atlantis' tidak dikenal"),
        ("jobs: [perawat]", "jobs: [dukun]", "jobs 'dukun' tidak dikenal"),
        ("  - id: pengumuman", "  - id: tanya", "id 'tanya' sudah dipakai"),
        ("  - id: tanya", "  - id: Tanya Dulu", "harus huruf kecil"),
        ('label: "Tanya cara resmi"', f'label: "{"a" * 30}"', "'label' 30 huruf, paling banyak 24"),
        ('text: "Tanya cara resmi ke', f'text: "{"kata " * 25}', "kata, paling banyak 22"),
        ('text: "Tanya cara resmi ke', 'text: "<b>Tanya</b> {kantor.bp3mi}', "HTML di dalam teks"),
        ('text: "Tanya cara resmi ke', 'text: "Telepon 0812 3456 7890 atau', "telepon ditulis langsung"),
        ("review_by: 2027-02-24", "review_by: 2026-11-01", "harus sesudah last_checked"),
        ("    ways: [p3mi]\n", "    ways: [p3mi]\n    warna: hijau\n", "isian tidak dikenal: 'warna'"),
        ("countries: [brunei, hong-kong, taiwan, jepang, jerman, lain]", "countries: [lain, jepang]", ""),
        ("  berangkat: ", "  kosong: 'Kosong'\n  berangkat: ", "0 langkah di halaman ini"),
    ],
)
def test_unusable_list_is_refused_with_its_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    problems = [str(problem) for problem in checked(tmp_path, old, new)]
    assert any(reason in problem for problem in problems) if reason else problems == []
