"""Stand-ins with state for what tests must steer, and a person who talks to Silvi."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

import numpy as np
from sqlalchemy import select

from bot.app import App
from bot.dialogue.turn import turn
from bot.domain.messages import Channel, ChatRef, Incoming, Kind, Reply
from bot.nlu_client import UNKNOWN, Category, Intent, TextVector, Understanding
from bot.services import conversation
from bot.services.knowledge_base import KnowledgeState
from bot.storage.tables import Chat, OutboxMessage, Question
from bot.storage.vault import Vault
from knowledge.base import KnowledgeBase
from knowledge.office import OfficeProfile, load_office
from knowledge.red_flags.learned import FlagModel

_numbers = count(1)

SECRET_KEY = "a key of the tests that is long enough"
VAULT = Vault([SECRET_KEY])


class WordEmbedder:
    """Vectors of counted words: the same words in any order are the same text."""

    fingerprint = "words"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), 64), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.encode()) % 64] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


class FakeNlu:
    """Speaks like NluClient: it knows what it was taught, and is UNKNOWN to everything else or while away."""

    def __init__(self) -> None:
        self.url = "http://nlu.test"
        self.is_away = False
        self.slow_s = 0.0
        self.heard: list[str] = []
        self._known: dict[str, Understanding] = {}

    def learns(
        self,
        text: str,
        intent: Intent,
        confidence: float = 0.95,
        category: Category | None = None,
        entities: dict[str, list[str]] | None = None,
        vector: TextVector | None = None,
    ) -> None:
        """From now on `text` means this."""
        self._known[text] = Understanding(intent, confidence, {intent: confidence}, category, entities or {}, vector)

    async def parse(self, text: str) -> Understanding:
        self.heard.append(text)
        await asyncio.sleep(self.slow_s)
        return UNKNOWN if self.is_away else self._known.get(text, UNKNOWN)

    async def is_ready(self) -> bool:
        return not self.is_away

    async def close(self) -> None:
        pass


@dataclass
class Knowledge:
    """A LiveKnowledge that is loaded, or with `current` None has no index."""

    current: KnowledgeBase | None
    flags: FlagModel | None = None
    office: OfficeProfile = field(default_factory=lambda: load_office(None))

    def state(self) -> KnowledgeState:
        if self.current is None:
            return KnowledgeState(0, 0, 1, "away")
        return KnowledgeState(len(self.current.entries), len(self.current.index.texts), 1, "ready")


class Sari:
    """A job seeker in a chat of her own: what she does is a turn, what she hears is shown and so counts as sent."""

    def __init__(self, app: App, chat: ChatRef | None = None, *, sender: str | None = None) -> None:
        self.app = app
        self.chat = chat or ChatRef(Channel.WEB, uuid4().hex)
        self.sender = sender or self.chat.external_id
        self.heard: list[Reply] = []

    async def says(self, text: str, **fields: object) -> list[Reply]:
        """What Silvi tells her after this message."""
        await self.sends(text, **fields)
        return await self.hears()

    async def commands(self, name: str, text: str = "") -> list[Reply]:
        return await self.says(text, kind=Kind.COMMAND, command=name)

    async def presses(self, label_or_action: str) -> list[Reply]:
        """Press the newest button with this label, or send this action as a forged or old button would."""
        buttons = [button for reply in reversed(self.heard) for row in reply.buttons for button in row]
        action = next((button.action for button in buttons if button.label == label_or_action), label_or_action)
        return await self.says("", kind=Kind.BUTTON, button=action, callback_id="cb1")

    async def sends(self, text: str = "", *, kind: Kind = Kind.TEXT, **fields: object) -> Incoming:
        """One turn, without looking at what comes back."""
        incoming = self.writes(text, kind=kind, **fields)
        await turn(self.app, incoming)
        return incoming

    def writes(self, text: str = "", *, kind: Kind = Kind.TEXT, **fields: object) -> Incoming:
        """The update alone."""
        source = f"{self.chat.channel}:test"
        return Incoming(source, next(_numbers), self.chat, self.sender, kind, datetime.now(UTC), text=text, **fields)

    async def hears(self) -> list[Reply]:
        """All that is new for her."""
        now = datetime.now(UTC)
        async with self.app.db.transaction() as session:
            told = await conversation.told_after(session, self.chat, 2**62, limit=100, now=now)
            await conversation.mark_shown(session, [message.id for message in told], now=now)
        replies = [message.reply for message in told]
        self.heard += replies
        return replies

    async def hears_within(self, seconds: float) -> list[Reply]:
        """The first new replies; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not (replies := await self.hears()):
                await asyncio.sleep(0.02)
        return replies

    async def questions(self) -> list[Question]:
        """What was kept of this chat, oldest first."""
        return await self._rows(select(Question).join(Chat).where(Chat.external_id == self.chat.external_id))

    async def outbox(self) -> list[OutboxMessage]:
        return await self._rows(select(OutboxMessage).join(Chat).where(Chat.external_id == self.chat.external_id))

    async def row(self) -> Chat | None:
        rows = await self._rows(select(Chat).where(Chat.external_id == self.chat.external_id))
        return rows[0] if rows else None

    async def _rows(self, query) -> list:
        async with self.app.db.transaction() as session:
            rows = (await session.execute(query)).scalars().all()
        return sorted(rows, key=lambda row: row.id)
