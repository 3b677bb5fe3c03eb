"""Rasa's ResponseSelector as a measure for Silvi: trained once for each state of the content, asked without a server."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.nlu_process import PROJECT, QUIET, NluNotSetUp
from knowledge.entries import Entry, variants_of
from knowledge.metrics import RANKED, Guess

SCRIPT = PROJECT / "baseline" / "respond.py"
CONFIG = PROJECT / "baseline" / "config.yml"


class ResponseSelector:
    """Keeps its model and the digest of what it was trained on in `folder`."""

    def __init__(self, entries: list[Entry], folder: Path, *, tell: Callable[[str], None]) -> None:
        self._wordings = [[entry_id, variant.text] for entry_id, variant in variants_of(entries)]
        self._folder = folder.resolve()
        self._tell = tell

    def guesses(self, texts: Sequence[str]) -> list[Guess]:
        """One for each text; trains first where the content is new. Raises NluNotSetUp, CalledProcessError."""
        model = self.trained()
        self._tell(f"Bertanya kepada ResponseSelector: {len(texts)} pertanyaan ...")
        with tempfile.TemporaryDirectory() as scratch:
            questions, answers = Path(scratch, "questions.json"), Path(scratch, "answers.json")
            questions.write_text(json.dumps(list(texts)), encoding="utf-8")
            _run("ask", model, questions, answers)
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
        _run("train", wordings, model)
        digest_file.write_text(digest)
        return model

    def _digest(self) -> str:
        material = json.dumps(self._wordings).encode() + CONFIG.read_bytes() + SCRIPT.read_bytes()
        return hashlib.sha256(material).hexdigest()


def _guess(ranking: list[list], took_ms: float) -> Guess:
    best = ranking[:RANKED]
    return Guess(tuple(entry_id for entry_id, _ in best), best[0][1] if best else 0.0, False, took_ms)


def _run(*arguments: str | Path) -> None:
    """Rasa draws its progress bar on our standard error."""
    python = PROJECT / ".venv/bin/python"
    if not python.exists():
        raise NluNotSetUp(f"no {python}; run `make setup`")
    subprocess.run(
        [str(python), str(SCRIPT), *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, **QUIET, "PYTHONPATH": str(PROJECT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
