"""Rasa's ResponseSelector as a measure for Silvi: trained once for each state of the content, without a server."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.nlu_process import PROJECT, QUIET, NluNotSetUp
from knowledge.entries import Entry, variants_of
from knowledge.metrics import RANKED, Guess

SCRIPT = PROJECT / "baseline" / "respond.py"
CONFIG = PROJECT / "baseline" / "config.yml"
TOLD_EVERY_S = 15.0


class RasaFailed(Exception):
    """Rasa could not be trained or asked; the text names its log."""


class ResponseSelector:
    """Keeps its model and the digest of what it was trained on in `folder`."""

    def __init__(self, entries: list[Entry], folder: Path, *, tell: Callable[[str], None]) -> None:
        self._wordings = sorted([entry_id, variant.text] for entry_id, variant in variants_of(entries))
        self._folder = folder.resolve()
        self._tell = tell

    def guesses(self, texts: Sequence[str]) -> list[Guess]:
        """One for each text; trains first where the content is new. Raises NluNotSetUp, RasaFailed."""
        model = self.trained()
        self._tell(f"Bertanya kepada ResponseSelector: {len(texts)} pertanyaan ...")
        with tempfile.TemporaryDirectory() as scratch:
            questions, answers = Path(scratch, "questions.json"), Path(scratch, "answers.json")
            questions.write_text(json.dumps(list(texts)), encoding="utf-8")
            self._run("ask", model, questions, answers)
            return [_guess(*answer) for answer in json.loads(answers.read_text(encoding="utf-8"))]

    def trained(self) -> Path:
        """The model of exactly this content, trained where there is none yet."""
        model, digest_file = self._folder / "model.tar.gz", self._folder / "digest"
        digest = self._digest()
        if model.exists() and digest_file.exists() and digest_file.read_text() == digest:
            return model
        self._tell("Melatih ResponseSelector Rasa untuk pembanding (2-4 menit, sekali untuk isi ini) ...")
        self._folder.mkdir(parents=True, exist_ok=True)
        digest_file.unlink(missing_ok=True)
        wordings = self._folder / "wordings.json"
        wordings.write_text(json.dumps(self._wordings), encoding="utf-8")
        self._run("train", wordings, model)
        digest_file.write_text(digest)
        return model

    def _run(self, *arguments: str | Path) -> None:
        """Run the script, with a sign of life now and then; what Rasa says goes into a log."""
        python, log = PROJECT / ".venv/bin/python", self._folder / "rasa.log"
        if not python.exists():
            raise NluNotSetUp(f"no {python}; run `make setup`")
        began = time.monotonic()
        with open(log, "wb") as file:
            process = subprocess.Popen(
                [str(python), str(SCRIPT), *map(str, arguments)],
                cwd=PROJECT,
                env={**os.environ, **QUIET, "LOG_LEVEL": "INFO", "PYTHONPATH": str(PROJECT)},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        while process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(TOLD_EVERY_S)
                break
            self._tell(f"  ... {time.monotonic() - began:.0f} detik")
        if process.returncode:
            raise RasaFailed(f"Rasa berhenti dengan status {process.returncode}; lihat {log}")

    def _digest(self) -> str:
        material = json.dumps(self._wordings).encode() + CONFIG.read_bytes() + SCRIPT.read_bytes()
        return hashlib.sha256(material).hexdigest()


def _guess(ranking: list[list], took_ms: float) -> Guess:
    best = ranking[:RANKED]
    return Guess(tuple(entry_id for entry_id, _ in best), best[0][1] if best else 0.0, False, took_ms)
