"""Keeps what was learnt in files beside the model or in the data folder, so that a start takes seconds."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import joblib

logger = logging.getLogger(__name__)


def recall(files: list[Path], digest: str) -> Any | None:
    """The first kept object with this `digest`, or None; a file of another version of the program is passed over."""
    for path in files:
        if not path.exists():
            continue
        try:
            kept = joblib.load(path)
        except Exception as error:  # whatever unpickling an old or broken file raises: it is learnt again
            logger.warning("%s cannot be read (%s); learning again", path.name, type(error).__name__)
            continue
        if getattr(kept, "digest", None) == digest:
            return kept
    return None


def keep(learned: Any, path: Path) -> None:
    """Write `learned` to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}.part")
    joblib.dump(learned, scratch)
    scratch.replace(path)
