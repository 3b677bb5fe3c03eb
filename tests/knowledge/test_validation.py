"""Entries that must not reach people are refused, each with its file, its line and the reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from knowledge.entries import entry_from_document, write_entry
from knowledge.plain_language import heavy_share, sentences
from knowledge.validation import check_folder
from knowledge.written import Problem

TODAY = date(2026, 11, 24)
GOOD = """\
id: paspor-hilang
title: "Paspor hilang di luar negeri, bagaimana?"
category: masalah
volatile: true
officer: offer
near: [paspor-ditahan]
facts: [F-104]
legal_basis: []
sources: [S05]
last_checked: 2026-11-24
review_by: 2027-02-24
answer:
  short: |
    Paspor hilang bisa diurus di KJRI terdekat.

    Lakukan dulu:
    1. Cari salinan paspor.
    2. Hubungi KJRI.
  more: |
    Biaya paspor Rp370.000 per 12-10-2025.
    Simpan nomor kasus SLV-2026-000123.
countries:
  sarawak: |
    Hubungi KJRI Kuching.
    - {kontak.kjri_kuching}
variants:
  santai:
""" + "".join(f'    - "paspor hilang di kota {number}"\n' for number in range(15))


def checked(folder: Path, *, office_file: Path | None = None, **files: str) -> list[Problem]:
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    return check_folder(folder, office_file=office_file, today=TODAY)


def test_good_entry_passes(tmp_path: Path) -> None:
    assert checked(tmp_path, paspor_hilang=GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("id: paspor-hilang", "id: paspor-ditahan", "id:", "tidak sama dengan nama berkas"),
        ("id: paspor-hilang", "id: Paspor_Hilang", "id:", "harus huruf kecil"),
        ('title: "Paspor hilang di luar negeri, bagaimana?"\n', "", "id:", "isian 'title' tidak ada"),
        ("legal_basis: []", "legal_basis: []\npenulis: Budi", "penulis:", "isian tidak dikenal: 'penulis'"),
        ("volatile: true", "volatile: kadang", "volatile:", "'volatile' harus true atau false"),
        ("near: [paspor-ditahan]", "near: paspor-ditahan", "near:", "'near' harus daftar"),
        ("facts: [F-104]", "facts: [104]", "facts:", "'facts.0' harus teks"),
        ("legal_basis: []", 'legal_basis: [" "]', "legal_basis:", "'legal_basis.0' harus teks"),
        ("  more: |", "  lain: |", "lain:", "isian tidak dikenal: 'lain'"),
        ("review_by: 2027-02-24", "review_by: 2027-02-30", "review_by:", "harus tanggal TTTT-BB-HH"),
        ("review_by: 2027-02-24", "review_by: besok", "review_by:", "harus tanggal TTTT-BB-HH"),
        ("officer: offer", "officer: offer\nofficer: never", "officer: never", "'officer' ditulis dua kali"),
        ("  santai:\n", "  santai:\n    - 12\n", "- 12", "'variants.santai.0' harus teks"),
        ("category: masalah", "category: lainnya", "category:", "kategori 'lainnya' tidak dikenal"),
        ("category: masalah", "category: biaya", "category:", "bukan kategori topik ini, yaitu 'masalah'"),
        ("officer: offer", "officer: kadang", "officer:", "never, offer, always"),
        ("[paspor-ditahan]", "[paspor-basah]", "near:", "near 'paspor-basah' tidak ada"),
        ("[paspor-ditahan]", "[paspor-hilang]", "near:", "entri ini sendiri"),
        ("[F-104]", "[F-999]", "facts:", "fakta 'F-999' tidak dikenal"),
        ("[F-104]", "[F-103]", "facts:", "fakta F-103 dari ingatan"),
        ("sources: [S05]", "sources: []", "sources:", "belum ada sumber"),
        ("sources: [S05]", "sources:\n  - S05\n  - S999", "- S999", "sumber 'S999' tidak dikenal"),
        ("sarawak: |", "atlantis: |", "atlantis:", "kode negara 'atlantis' tidak dikenal"),
        ("last_checked: 2026-11-24", "last_checked: 2026-11-25", "last_checked:", "masih di masa depan"),
        ("review_by: 2027-02-24", "review_by: 2026-11-24", "review_by:", "harus sesudah last_checked"),
        ("review_by: 2027-02-24", "review_by: 2027-03-24", "review_by:", "dalam 95 hari, di sini 120 hari"),
        ("{kontak.kjri_kuching}", "{kontak.pusat}", "kontak.pusat", "penanda '{kontak.pusat}' tidak dikenal"),
        ("{kontak.kjri_kuching}", "{nama}", "{nama}", "penanda '{nama}' tidak dikenal"),
        ("2. Hubungi KJRI.", "2. Hubungi {kontak.kemlu", "2. Hubungi", "penanda '{kontak.kemlu' tidak dikenal"),
        ("2. Hubungi KJRI.", "2. Hubungi 0812 3456 7890.", "2. Hubungi", "telepon ditulis langsung: '0812 3456 7890'"),
        ("2. Hubungi KJRI.", "2. Hubungi KJRI, +60 82-460734.", "2. Hubungi", "nomor telepon ditulis langsung"),
        ("2. Hubungi KJRI.", "2. Hubungi KJRI (0561) 735123.", "2. Hubungi", "nomor telepon ditulis langsung"),
        ("2. Hubungi KJRI.", "2. Telepon ke 110.", "2. Telepon", "nomor telepon ditulis langsung"),
        ("2. Hubungi KJRI.", "2. Hubungi <b>KJRI</b>.", "2. Hubungi", "HTML di dalam teks: '<b>'"),
        ("2. Hubungi KJRI.", "2. Hubungi KJRI &amp; polisi.", "2. Hubungi", "HTML di dalam teks: '&amp;'"),
        ("2. Hubungi KJRI.", "2. Hubungi **KJRI**.", "2. Hubungi", "Markdown di dalam teks"),
        ("2. Hubungi KJRI.", "2. Hubungi _KJRI_.", "2. Hubungi", "Markdown di dalam teks: '_KJRI_'"),
        ("2. Hubungi KJRI.", "2. [KJRI](kjri.go.id)", "2. [KJRI]", "Markdown di dalam teks"),
        ("    Lakukan dulu:", "    ## Lakukan dulu:", "## Lakukan", "Markdown di dalam teks"),
        ("bagaimana?", "<i>bagaimana</i>?", "title:", "HTML di dalam teks"),
        ("kota 3", "kota 4", 'kota 4"', "sudah ada di paspor-hilang.yaml"),
        ("paspor hilang di kota 3", "PASPOR  hilang di Kota 4", "kota 4", "sudah ada di paspor-hilang.yaml"),
        ("kota 3", "kota " + "a" * 600, "aaaa", "variasi 622 huruf, paling banyak 600"),
        ('    - "paspor hilang di kota 3"\n', "", "santai:", "baru 14 variasi pertanyaan, paling sedikit 15"),
        (
            "1. Cari salinan paspor.",
            "1. Cari " + "kata " * 22,
            "1. Cari",
            "kalimat 23 kata, paling banyak 22: 'Cari kata",
        ),
        ("Hubungi KJRI Kuching.", "Hubungi " + "kata " * 14 + "kini.", "sarawak:", "rata-rata 16.0 kata sekalimat"),
        (
            "Hubungi KJRI Kuching.",
            "Penyelenggaraan penempatan dilaksanakan berdasarkan peraturan perundang-undangan.",
            "sarawak:",
            "sulit dibaca",
        ),
        (
            "Simpan nomor kasus",
            "Penyelenggaraan perlindungan ketenagakerjaan dilaksanakan menurut perundang-undangan.\n    "
            + "Bayar di loket.\n    " * 30
            + "Simpan nomor kasus",
            "Penyelenggaraan",
            "kalimat sulit dibaca: 4 kata bersuku 5",
        ),
        ("Simpan nomor kasus", "Bayar di loket.\n    " * 200 + "Simpan nomor kasus", "more:", "paling banyak 3000"),
        ("Lakukan dulu:", "Bawa KTP asli.\n    " * 60, "short:", "'answer.short' "),
        ("Hubungi KJRI Kuching.", "Bawa KTP asli.\n    " * 60, "sarawak:", "'countries.sarawak' "),
        ("Hubungi KJRI Kuching.", "Bawa KTP asli.\n    " * 33, "sarawak:", "bersama paragraf pertama answer.short"),
        ("id: paspor-hilang", "id: paspor-" + "hilang-" * 5 + "lagi", "id:", "id 46 huruf, paling banyak 40"),
    ],
)
def test_refusal_names_file_line_and_reason(tmp_path: Path, old: str, new: str, line: str, reason: str) -> None:
    assert GOOD.count(old) >= 1
    text = GOOD.replace(old, new, 1)
    problems = checked(tmp_path, paspor_hilang=text)
    assert any(reason in problem.reason for problem in problems), problems
    problem = next(problem for problem in problems if reason in problem.reason)
    assert problem.file == "paspor-hilang.yaml"
    assert line in text.splitlines()[problem.line - 1]
    assert str(problem) == f"paspor-hilang.yaml:{problem.line}: {problem.reason}"


def test_unknown_topic_is_refused(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, topik_baru=GOOD.replace("id: paspor-hilang", "id: topik-baru"))
    assert str(problem) == "topik-baru.yaml:1: id 'topik-baru' tidak ada di daftar topik (topics.yaml)"


def test_open_fact_needs_the_office_profile(tmp_path: Path) -> None:
    text = GOOD.replace("[F-104]", "[F-107]")
    assert checked(tmp_path, paspor_hilang=text) == []
    (problem,) = checked(tmp_path, paspor_hilang=text.replace("    - {kontak.kjri_kuching}\n", ""))
    assert (problem.line, "F-107 diisi kantor" in problem.reason) == (7, True)


@pytest.mark.parametrize("fact", ["F-103", "F-308"])
def test_recalled_fact_passes_with_the_caution_anywhere_in_the_answer(tmp_path: Path, fact: str) -> None:
    text = GOOD.replace("[F-104]", f"[{fact}]")
    for place in ("2. Hubungi KJRI.", "Simpan nomor kasus SLV-2026-000123.", "Hubungi KJRI Kuching."):
        cautious = text.replace(place, f"{place[:-1]} (perlu dikonfirmasi petugas).")
        assert checked(tmp_path, paspor_hilang=cautious) == []


def test_entry_past_its_review_is_refused_from_the_day_after(tmp_path: Path) -> None:
    checked(tmp_path, paspor_hilang=GOOD)
    assert check_folder(tmp_path, office_file=None, today=date(2027, 2, 24)) == []
    (problem,) = check_folder(tmp_path, office_file=None, today=date(2027, 2, 25))
    assert str(problem) == "paspor-hilang.yaml:11: review_by 2027-02-24 sudah lewat: periksa isinya lagi"


def test_steady_entry_may_be_reviewed_later_than_a_volatile_one(tmp_path: Path) -> None:
    steady = GOOD.replace("volatile: true", "volatile: false").replace("2027-02-24", "2027-05-24")
    assert checked(tmp_path, paspor_hilang=steady) == []


def test_variant_of_another_entry_is_refused_where_it_stands_second(tmp_path: Path) -> None:
    ditahan = GOOD.replace("id: paspor-hilang", "id: paspor-ditahan").replace("near: [paspor-ditahan]", "near: []")
    ditahan = ditahan.replace("hilang di kota", "ditahan di kota")
    ditahan = ditahan.replace("paspor ditahan di kota 7", "Paspor hilang di kota 7")
    (problem,) = checked(tmp_path, paspor_hilang=GOOD, paspor_ditahan=ditahan)
    assert problem.file == "paspor-hilang.yaml"
    assert "sudah ada di paspor-ditahan.yaml baris " in problem.reason
    assert "kota 7" in GOOD.splitlines()[problem.line - 1]


def test_length_counts_what_the_office_filled_in(tmp_path: Path) -> None:
    folder, office_file = tmp_path / "faq", tmp_path / "office.yaml"
    folder.mkdir()
    text = GOOD.replace("2. Hubungi KJRI.", "2. Datang ke kantor:\n    {kantor.bp3mi}")
    office_file.write_text("offices:\n  bp3mi:\n    address: 'Jl. Contoh'\n", encoding="utf-8")
    assert checked(folder, office_file=office_file, paspor_hilang=text) == []
    office_file.write_text(f"offices:\n  bp3mi:\n    address: 'Jl. {'Panjang ' * 80}'\n", encoding="utf-8")
    (problem,) = checked(folder, office_file=office_file, paspor_hilang=text)
    assert "'answer.short'" in problem.reason


def test_unreadable_office_profile_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "faq"
    folder.mkdir()
    (problem,) = checked(folder, office_file=tmp_path / "tidak-ada.yaml", paspor_hilang=GOOD)
    assert "profil kantor tidak terbaca" in problem.reason


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('id: "paspor\ntitle: x', 2, "YAML rusak di kolom"),
        (GOOD.replace("near: [paspor-ditahan]", "near: [paspor-ditahan"), 7, "YAML rusak di kolom"),
        (GOOD.replace("officer:", "\tofficer:"), 5, "YAML rusak di kolom"),
        ("id: *tidak-ada", 1, "YAML rusak di kolom"),
        ("id: paspor\x00hilang", 1, "YAML rusak"),
        ("", 1, "harus pasangan nama: nilai"),
        ("- paspor", 1, "harus pasangan nama: nilai"),
    ],
)
def test_broken_file_is_told_with_its_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    problems = checked(tmp_path, paspor_hilang=text)
    assert [(problem.file, problem.line) for problem in problems] == [("paspor-hilang.yaml", line)]
    assert reason in problems[0].reason


def test_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "paspor-hilang.yaml").write_bytes(GOOD.encode("utf-16"))
    (problem,) = check_folder(tmp_path, office_file=None, today=TODAY)
    assert (problem.file, "tidak terbaca" in problem.reason) == ("paspor-hilang.yaml", True)


def test_one_bad_file_does_not_hide_the_problems_of_another(tmp_path: Path) -> None:
    bad = GOOD.replace("sources: [S05]", "sources: []")
    problems = checked(tmp_path, paspor_ditahan="[", paspor_hilang=bad)
    assert [problem.file for problem in problems] == ["paspor-ditahan.yaml", "paspor-hilang.yaml"]


def test_folder_without_entries_is_refused(tmp_path: Path) -> None:
    (problem,) = check_folder(tmp_path, office_file=None, today=TODAY)
    assert "tidak ada berkas .yaml" in problem.reason


def test_file_in_place_of_a_folder_is_refused_as_such(tmp_path: Path) -> None:
    (tmp_path / "paspor-hilang.yaml").write_text(GOOD, encoding="utf-8")
    for path in (tmp_path / "paspor-hilang.yaml", tmp_path / "tidak-ada"):
        (problem,) = check_folder(path, office_file=None, today=TODAY)
        assert problem.reason == "bukan folder"


def test_exported_entry_passes_as_it_did_before(tmp_path: Path) -> None:
    write_entry(entry_from_document(yaml.safe_load(GOOD)), tmp_path)
    assert check_folder(tmp_path, office_file=None, today=TODAY) == []


def test_line_breaks_and_colons_end_sentences_and_list_marks_are_no_words() -> None:
    text = "Lakukan dulu: cari salinan.\n1. Hubungi KJRI.\n- Bawa KTP\n\nBayar Rp370.000 di loket."
    assert [sentence.strip() for _, sentence in sentences(text)] == [
        "Lakukan dulu:",
        "cari salinan.",
        "Hubungi KJRI.",
        "Bawa KTP",
        "Bayar Rp370.000 di loket.",
    ]


@pytest.mark.parametrize(
    ("text", "is_heavy"),
    [
        ("Jangan bayar dulu. Minta rincian tertulis dari PT, lalu tunjukkan kepada petugas di kantor.", False),
        ("Pekerja berhak memegang paspornya. Hubungi petugas ketenagakerjaan kalau paspor ditahan majikan.", False),
        (
            "Permohonan penerbitan surat keterangan diajukan secara tertulis kepada instansi yang menyelenggarakan "
            "urusan pemerintahan di bidang ketenagakerjaan.",
            True,
        ),
        (
            "Sehubungan dengan hal tersebut, calon pekerja migran berkewajiban melengkapi persyaratan administrasi "
            "sebagaimana dimaksud dalam peraturan menteri.",
            True,
        ),
    ],
)
def test_officialese_is_heavy_and_plain_words_are_not(text: str, is_heavy: bool) -> None:
    assert (heavy_share(text) > 0.10) is is_heavy
