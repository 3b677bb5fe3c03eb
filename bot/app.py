"""The composition root: one place where Silvi's parts are put together."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from bot.nlu_client import NluClient
from bot.post import Post, Sender
from bot.secret_key import secret_keys
from bot.services.knowledge_base import LiveKnowledge
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.vault import Vault
from knowledge.office import OfficeProfile

logger = logging.getLogger(__name__)

SWITCH_S = 0.0005


class Later:
    """Runs something after a pause in this process; what a crash loses is found again in the database."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task] = set()

    def after(self, delay_s: float, work: Callable[[], Coroutine]) -> None:
        """Begin `work` in `delay_s` seconds; its failure is logged."""
        task = asyncio.create_task(self._run(delay_s, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Let go of what has not begun; what it would have done is still in the database."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, delay_s: float, work: Callable[[], Coroutine]) -> None:
        await asyncio.sleep(delay_s)
        try:
            await work()
        except Exception:
            logger.exception("delayed work failed")


@dataclass(slots=True)
class App(Post):
    """What a channel, a worker or a command is handed."""

    nlu: NluClient
    knowledge: LiveKnowledge
    later: Later = field(default_factory=Later)
    sender: Sender = field(default_factory=Sender)
    telegram_name: str = ""
    """The bot's own name, for links to it; empty until Telegram has said it."""

    def office(self) -> OfficeProfile:
        """The office profile, there even when the index is not."""
        return self.knowledge.office

    async def close(self) -> None:
        await self.later.finish()
        await self.nlu.close()
        await self.db.close()


def build(settings: Settings, *, database_url: str, nlu_url: str | None, nlu_token: str | None = None) -> App:
    """Put the parts together; nothing is opened or loaded yet."""
    # A search in its thread would else keep the event loop waiting 5 ms for each step of a call to the NLU.
    sys.setswitchinterval(SWITCH_S)
    return App(
        settings=settings,
        db=Database(database_url, Vault(secret_keys(settings))),
        nlu=NluClient(nlu_url, timeout_s=settings.nlu_timeout_s, token=nlu_token),
        knowledge=LiveKnowledge(settings),
    )
