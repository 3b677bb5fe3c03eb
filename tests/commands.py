"""The `silvi` command inside the test's own process: a process for each would import everything anew."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from bot.cli import main

Silvi = Callable[..., subprocess.CompletedProcess]


def silvi_in(data_dir: Path) -> Silvi:
    """Runs one command on this data folder with no settings but those it is given."""

    def run(*arguments: object, **settings: str) -> subprocess.CompletedProcess:
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name in [name for name in os.environ if name.startswith("SILVI_")]:
                patch.delenv(name)
            for name, value in {"SILVI_DATA_DIR": str(data_dir), **settings}.items():
                patch.setenv(name, value)
            patch.chdir(data_dir)
            patch.setattr(sys, "argv", ["silvi", *map(str, arguments)])
            try:
                main()
                status = 0
            except SystemExit as end:
                status = end.code or 0
        return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())

    return run
