"""Every question is kept masked, with what Silvi made of it and whether it helped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from bot.domain.privacy import mask
from bot.storage.database import Session
from bot.storage.tables import Question

MAX_KEPT_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its outcome, before it is masked and kept."""

    text: str
    outcome: str
    entry_id: str | None
    entry_version: int | None
    confidence: float
    suggestions: tuple[str, ...]
    country: str | None
    intent: str | None
    urgency: str | None


async def record(session: Session, asked: Asked, *, chat_id: int, person_id: int | None, now: datetime) -> int:
    """Keep the question and return its id, by which thumbs find it again."""
    kept = {
        "chat_id": chat_id,
        "person_id": person_id,
        "asked_at": now,
        "text_masked": mask(asked.text[:MAX_KEPT_CHARACTERS]),
        "outcome": asked.outcome,
        "entry_id": asked.entry_id,
        "entry_version": asked.entry_version,
        "confidence": asked.confidence,
        "suggestions": list(asked.suggestions),
        "country": asked.country,
        "intent": asked.intent,
        "urgency": asked.urgency,
        "wants_officer": False,
    }
    return (await session.execute(_KEEP, kept)).scalar_one()


# Asked with every message: a row of its own kind, without the unit of work's bookkeeping.
_KEEP = insert(Question.__table__).returning(Question.id)


async def last_of(session: Session, chat_id: int, question_id: int | None = None) -> Question | None:
    """This question of the chat, or the newest that was no small talk."""
    found = select(Question).where(Question.chat_id == chat_id)
    if question_id is not None:
        found = found.where(Question.id == question_id)
    else:
        found = found.where(Question.outcome != "smalltalk")
    return (await session.execute(found.order_by(Question.id.desc()).limit(1))).scalar_one_or_none()


async def rate(session: Session, question_id: int, thumb: int, *, chat_id: int, reason: str | None = None) -> bool:
    """Note a thumb (1 or -1), and its one-tap reason, for a question of this chat; False where there is none."""
    result = await session.execute(
        update(Question)
        .where(Question.id == question_id, Question.chat_id == chat_id)
        .values(thumb=thumb, thumb_reason=reason)
    )
    return bool(result.rowcount)


async def want_officer(session: Session, question_id: int, *, chat_id: int) -> bool:
    """Note that this question's person asked for an officer; False where the chat has no such question."""
    result = await session.execute(
        update(Question).where(Question.id == question_id, Question.chat_id == chat_id).values(wants_officer=True)
    )
    return bool(result.rowcount)
