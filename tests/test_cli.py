"""The `silvi` command as people and scripts use it, with its own data folder."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot import logs
from bot.texts.jobseeker import EMPTY
from knowledge.entries import CONTENT, document_of, load_entries
from tests.commands import Silvi, silvi_in

ASK_KEYS = {"id", "decision", "entry", "confidence", "suggestions", "country", "answer", "latency_ms"}
TRIAGE_KEYS = {"id", "intent", "intent_confidence", "urgency", "category", "entities"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def silvi(data_dir: Path) -> Silvi:
    """Runs one command on the data folder of this module."""
    return silvi_in(data_dir)


def lines(path: Path, *items: dict) -> Path:
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    return path


def results(done: subprocess.CompletedProcess) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_installed_command_answers_one_question_as_json(data_dir: Path) -> None:
    others = {name: value for name, value in os.environ.items() if not name.startswith("SILVI_")}
    command = [Path(sys.executable).with_name("silvi"), "ask", "OPP itu apa", "--json", "--tanpa-nlu"]
    settings = {**others, "SILVI_DATA_DIR": str(data_dir)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=data_dir, env=settings)
    (result,) = results(done)
    assert set(result) == ASK_KEYS
    assert (result["id"], result["decision"], result["entry"]) == (None, "answer", "opp-persiapan-berangkat")
    assert len(result["suggestions"]) == 3 and result["suggestions"][0] == result["entry"]
    assert 0 <= result["confidence"] <= 1 and result["latency_ms"] > 0
    assert "Terakhir diperiksa" in result["answer"]


def test_ask_answers_a_batch_of_texts_and_conversations_in_order(silvi: Silvi, tmp_path: Path) -> None:
    batch = lines(
        tmp_path / "batch.jsonl",
        {"id": "q1", "text": "syarat kerja ke taiwan apa saja"},
        {"id": 2, "turns": [{"user": "syarat ke brunei apa aja"}, {"user": "kalau ke hongkong?"}]},
        {"id": "q3", "text": "resep rendang padang yang enak"},
        {"id": "q4", "text": "makasih kak"},
        {"id": "q5", "text": "😀"},
    )
    with batch.open("a") as written:
        written.write('{"id": "\\ud83d", "text": "syarat kerja ke brunei \\ud800 apa saja"}\n')
    *found, halved = results(silvi("ask", "--batch", batch, "--tanpa-nlu"))
    assert (halved["id"], halved["entry"]) == ("?", "brunei")
    assert [result["id"] for result in found] == ["q1", 2, "q3", "q4", "q5"]
    assert all(set(result) == ASK_KEYS for result in found)
    assert [result["entry"] for result in found[:2]] == ["taiwan", "hong-kong"]
    assert [result["country"] for result in found[:2]] == ["taiwan", "hong-kong"]
    assert [result["decision"] for result in found[2:]] == ["handoff", "smalltalk", "handoff"]
    assert found[-1]["answer"] == EMPTY


def test_ask_without_json_prints_the_answer_alone(silvi: Silvi) -> None:
    done = silvi("ask", "OPP itu apa", "--tanpa-nlu")
    assert done.returncode == 0 and "Terakhir diperiksa" in done.stdout and "{" not in done.stdout


def test_triage_knows_danger_without_the_nlu(silvi: Silvi, tmp_path: Path) -> None:
    batch = lines(
        tmp_path / "batch.jsonl",
        {"id": "m1", "text": "saya dikurung majikan di kuching, hp disita, tolong"},
        {"id": "m2", "text": "syarat kerja ke taiwan apa saja"},
    )
    danger, question = results(silvi("triage", "--batch", batch, "--tanpa-nlu"))
    assert set(danger) == set(question) == TRIAGE_KEYS
    assert (danger["id"], danger["intent"], danger["urgency"]) == ("m1", "report_problem", "emergency")
    assert danger["category"] == "disekap" and danger["entities"]["country"] == ["sarawak"]
    assert (question["intent"], question["urgency"], question["category"]) == ("ask_question", "none", None)


def test_exported_entries_come_back_without_loss(silvi: Silvi, tmp_path: Path) -> None:
    shipped = CONTENT / "faq"
    listed = results(silvi("kb", "list", "--json"))
    assert {row["id"] for row in listed} == {path.stem for path in shipped.glob("*.yaml")}

    assert silvi("kb", "export", tmp_path / "out").returncode == 0
    assert documents(tmp_path / "out") == documents(shipped)

    first = silvi("kb", "import", tmp_path / "out")
    assert first.returncode == 0, first.stderr
    again = silvi("kb", "import", tmp_path / "out")
    assert again.stdout.startswith("0 entri baru, 0 diubah"), again.stdout + again.stderr
    assert silvi("kb", "export", tmp_path / "again").returncode == 0
    assert documents(tmp_path / "again") == documents(shipped)


def test_changed_entry_is_published_and_listed_with_its_new_version(silvi: Silvi, tmp_path: Path) -> None:
    assert silvi("kb", "export", tmp_path).returncode == 0
    entry = tmp_path / "opp-persiapan-berangkat.yaml"
    for other in set(tmp_path.iterdir()) - {entry}:
        other.unlink()
    before = {row["id"]: row["version"] for row in results(silvi("kb", "list", "--json"))}
    text = entry.read_text()
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    entry.write_text(text.replace(title, 'title: "OPP itu apa?"'))
    done = silvi("kb", "import", tmp_path)
    assert "1 diubah" in done.stdout, done.stdout + done.stderr
    (row,) = [row for row in results(silvi("kb", "list", "--json")) if row["id"] == entry.stem]
    assert (row["title"], row["version"]) == ("OPP itu apa?", before[entry.stem] + 1)


def test_shipped_content_is_valid(silvi: Silvi) -> None:
    done = silvi("kb", "validate")
    assert done.returncode == 0, done.stdout + done.stderr


def test_schema_is_brought_up_to_date_and_stays_so(silvi: Silvi) -> None:
    for _ in range(2):
        done = silvi("db", "upgrade")
        assert done.returncode == 0 and done.stdout.strip(), done.stderr


@pytest.mark.parametrize("command", ["ask", "triage"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"id": 1, "text": "halo"}\n{"id": 2, "text": \n', "baris 2"),
        ('{"id": 1, "text": "halo"}\n\n{"id": 3}\n', "baris 3"),
        ('{"id": 1, "text": 7}\n', "baris 1"),
        ('["halo"]\n', "baris 1"),
        ('{"id": 1, "turns": []}\n', "baris 1"),
        ("\xff\xfe", ""),
    ],
)
def test_unusable_line_is_named_and_nothing_is_done(
    silvi: Silvi, tmp_path: Path, command: str, content: str, reason: str
) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_bytes(content.encode("latin-1"))
    assert_refused(silvi(command, "--batch", batch, "--tanpa-nlu"), reason)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("ask", "--batch", "tidak-ada.jsonl"), "tidak-ada.jsonl"),
        (("ask", "halo", "--batch", "tidak-ada.jsonl"), "satu teks"),
        (("ask",), "satu teks"),
        (("triage",), "satu teks"),
        (("kb", "import", "tidak-ada"), "tidak-ada"),
        (("kb", "export", "/proc/tidak-bisa"), "/proc/tidak-bisa"),
        (("run", "--only", "kios"), "kios"),
    ],
)
def test_unusable_argument_is_named(silvi: Silvi, arguments: tuple[str, ...], reason: str) -> None:
    assert_refused(silvi(*arguments), reason)


def test_unusable_entry_is_named_by_file_and_nothing_is_published(silvi: Silvi, tmp_path: Path) -> None:
    (tmp_path / "rusak.yaml").write_text("id: rusak\ntitle: [", encoding="utf-8")
    assert_refused(silvi("kb", "import", tmp_path), "rusak.yaml")
    done = silvi("kb", "validate", tmp_path)
    assert done.returncode == 2 and "rusak.yaml" in done.stdout and done.stderr.startswith("silvi: 1 masalah")


def test_folder_that_is_not_there_is_not_valid(silvi: Silvi) -> None:
    done = silvi("kb", "validate", "tidak-ada")
    assert done.returncode == 2 and "tidak-ada" in done.stdout


def test_database_that_does_not_answer_is_said_in_one_line(silvi: Silvi) -> None:
    done = silvi("kb", "list", SILVI_DATABASE_URL="postgresql://silvi:rahasia@127.0.0.1:1/silvi")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1 and line.startswith("silvi: basis data tidak menjawab") and "rahasia" not in line


def test_unknown_command_and_option_are_refused(silvi: Silvi) -> None:
    for arguments in (("terbang",), ("ask", "halo", "--cepat")):
        assert silvi(*arguments).returncode == 2


def documents(folder: Path) -> list[dict]:
    """The entries of a folder, in whatever order their styles and countries stand: the database keeps none."""
    return [document_of(entry) for entry in load_entries(folder)]


def assert_refused(done: subprocess.CompletedProcess, reason: str) -> None:
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("silvi: ") and reason in line


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_addresses_with_tokens_are_not_logged(level: str) -> None:
    before = logging.getLogger().level
    try:
        logs.to_stderr(level)
        assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
        assert not logging.getLogger("httpcore.http11").isEnabledFor(logging.DEBUG)
    finally:
        logging.getLogger().setLevel(before)
