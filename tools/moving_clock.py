"""`python -m tools.moving_clock ARGUMENTS`: `silvi ARGUMENTS` on a clock that somebody else puts forward and back.

The file named by SILVI_UJI_JAM holds by how many seconds it is wrong. Only the clocks of the program and of its process that
sends move, and not the one that counts seconds: as when a machine's time is set while it runs.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType

FILE = "SILVI_UJI_JAM"
SENDER = "bot.channels.telegram.sender"
LOOK_S = 0.2

_wrong_by = timedelta()


class _AnyMoment(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class MovedMoment(datetime, metaclass=_AnyMoment):
    """Stands for `datetime` in Silvi's modules: makes ordinary moments, but for `now`."""

    def __new__(cls, *parts, **named):
        return datetime(*parts, **named)

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + _wrong_by


def move(modules: list[ModuleType], file: Path) -> None:
    """Give these modules the clock of `file`, without end."""
    global _wrong_by
    for module in modules:
        if getattr(module, "datetime", None) is datetime:
            module.datetime = MovedMoment
    while True:
        _wrong_by = timedelta(seconds=float(file.read_text() or 0))
        time.sleep(LOOK_S)


def main() -> None:
    """Everything is imported first: what a class says of its fields is read with the real `datetime`."""
    import bot.channels.telegram.application
    import bot.channels.telegram.service
    import bot.channels.web.service
    import bot.cli
    import bot.worker

    is_sender = sys.argv[1:] == [SENDER]
    bot.channels.telegram.service.PROGRAM = ("-m", "tools.moving_clock", SENDER)

    # The commands' parser reads the types of their arguments while it runs.
    ours = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("bot.") and not name.startswith(("bot.cli", "bot.commands"))
    ]
    threading.Thread(target=move, args=(ours, Path(os.environ[FILE])), daemon=True).start()
    bot.channels.telegram.sender.main() if is_sender else bot.cli.main()


if __name__ == "__main__":
    main()
