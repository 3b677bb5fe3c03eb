"""What sending needs, and no more: a process that only sends stays small and starts fast."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bot.services.desk import Desk, desk_at
from bot.settings import Settings
from bot.storage.database import Database
from knowledge.office import OfficeProfile, load_office


class Wakeup:
    """Wakes this process's delivery at once after a commit; other processes hear it by NOTIFY."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def event(self, channel: str) -> asyncio.Event:
        return self._events.setdefault(channel, asyncio.Event())

    def wake(self, channel: str) -> None:
        self.event(channel).set()


class Sender:
    """Whether a process beside this one sends in its stead; exactly one of the two events is set."""

    def __init__(self) -> None:
        self.is_there, self.is_gone = asyncio.Event(), asyncio.Event()
        self.went()

    def came(self) -> None:
        """It sends from now on."""
        self.is_gone.clear()
        self.is_there.set()

    def went(self) -> None:
        """This process sends by itself again."""
        self.is_there.clear()
        self.is_gone.set()


@dataclass(slots=True)
class Post:
    """What a message needs on its way out: the outbox, the settings and the office."""

    settings: Settings
    db: Database
    deliveries: Wakeup = field(default_factory=Wakeup, kw_only=True)

    def office(self) -> OfficeProfile:
        """The office's own profile, or the one that comes with the program."""
        return _office(self.settings.office_file)

    def desk(self) -> Desk:
        """Where officers work on cases, if anywhere."""
        return desk_at(self.settings.desk_chat_id, self.settings.time_zone, self.office())


@lru_cache(maxsize=1)
def _office(file: Path | None) -> OfficeProfile:
    """Read once: a changed file counts after a restart, as everywhere."""
    return load_office(file)
