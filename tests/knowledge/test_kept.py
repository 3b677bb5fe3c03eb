"""What was learnt is found again, and an old or broken file only means learning again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from knowledge.kept import keep, recall


@dataclass
class Learnt:
    digest: str


def test_what_was_kept_is_recalled_by_its_digest(tmp_path: Path) -> None:
    keep(Learnt("abc"), tmp_path / "here" / "learned.joblib")
    assert recall([tmp_path / "here" / "learned.joblib"], "abc") == Learnt("abc")
    assert recall([tmp_path / "here" / "learned.joblib"], "other") is None


def test_a_broken_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "broken.joblib").write_bytes(b"\x80\x05cnowhere\nNothing\n.")
    keep(Learnt("abc"), tmp_path / "good.joblib")
    assert recall([tmp_path / "broken.joblib", tmp_path / "good.joblib"], "abc") == Learnt("abc")
    assert recall([tmp_path / "missing.joblib"], "abc") is None
