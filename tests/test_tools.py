"""Benches and fault tools are run by hand and seldom: they must still find what they use of the program."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

TOOLS = sorted(path.stem for path in (Path(__file__).resolve().parents[1] / "tools").glob("*.py"))


@pytest.mark.parametrize("name", TOOLS)
def test_tool_can_be_started(name: str) -> None:
    importlib.import_module(f"tools.{name}")
