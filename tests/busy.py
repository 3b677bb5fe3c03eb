"""Functions that another process can import, for what is worked on apart."""

from __future__ import annotations

import os
import signal

from bot.services.entry_files import UnusableFile


def refuse(reasons: list[str]) -> None:
    raise UnusableFile(reasons)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
