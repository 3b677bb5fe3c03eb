"""The composition root: one place where Silvi's parts are put together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.nlu_client import NluClient
from bot.services.knowledge_base import LiveKnowledge
from bot.settings import Settings
from bot.storage.database import Database


class Wakeup:
    """Wakes this process's delivery at once after a commit; other processes hear it by NOTIFY."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def event(self, channel: str) -> asyncio.Event:
        return self._events.setdefault(channel, asyncio.Event())

    def wake(self, channel: str) -> None:
        self.event(channel).set()


@dataclass(slots=True)
class App:
    """What a channel, a worker or a command is handed."""

    settings: Settings
    db: Database
    nlu: NluClient
    knowledge: LiveKnowledge
    deliveries: Wakeup = field(default_factory=Wakeup)

    async def close(self) -> None:
        await self.nlu.close()
        await self.db.close()


def build(settings: Settings, *, database_url: str, nlu_url: str | None, nlu_token: str | None = None) -> App:
    """Put the parts together; nothing is opened or loaded yet."""
    return App(
        settings=settings,
        db=Database(database_url),
        nlu=NluClient(nlu_url, timeout_s=settings.nlu_timeout_s, token=nlu_token),
        knowledge=LiveKnowledge(settings),
    )
