"""From a kiosk to the own phone: what was asked and begun goes along, by a link that works once and not for long."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.domain.messages import Memory, Reply
from bot.services import cases, outbox
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Case, Chat, Handover, KioskVisit, Person, Question

LASTS = timedelta(hours=1)
"""Enough to find a signal or to install Telegram; a picture of the code is worth nothing at home."""
PREFIX = "k_"
"""What stands before the token behind /start."""
MOST_ANSWERS = 3


class HandoverUnusable(Exception):
    """The link is unknown, was used, or has run out: nobody is told which."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes along; `wants_report` begins a report where none was begun."""

    memory: dict
    draft: dict | None = None
    wants_report: bool = False
    answers: tuple[str, ...] = ()
    """Entries that were answered, the newest first."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    carried: Carried
    cases: list[Case]
    """Reports that were sent at the kiosk, now the person's own."""


async def make(session: Session, visit: KioskVisit, *, wants_report: bool, now: datetime) -> str:
    """The token of a new link for what the visit holds now; its earlier links stop working."""
    await session.execute(
        update(Handover)
        .where(Handover.chat_id == visit.chat_id, Handover.used_at.is_(None))
        .values(ends_at=now, carried=None)
    )
    chat = await session.get_one(Chat, visit.chat_id)
    memory = replace(Memory.from_json(chat.memory), awaiting="", asked_at="", album="")
    carried = Carried(memory.to_json(), chat.draft, wants_report, await _answers(session, chat.id))
    token = secrets.token_urlsafe(24)
    made = Handover(chat_id=chat.id, token_hash=_hash(token), carried=asdict(carried), made_at=now, ends_at=now + LASTS)
    session.add(made)
    return token


async def take_over(
    session: Session, token: str, person: Person, chat: Chat, *, left: Reply, desk: Desk, now: datetime
) -> TakenOver:
    """What the link carries, which is used up; `left` is told on the kiosk's screen while it still shows the visit.

    Raises HandoverUnusable.
    """
    found = select(Handover).where(Handover.token_hash == _hash(token)).with_for_update()
    handover = (await session.execute(found)).scalar_one_or_none()
    if handover is None or handover.used_at is not None or handover.ends_at <= now or handover.carried is None:
        raise HandoverUnusable
    carried = Carried(**{**handover.carried, "answers": tuple(handover.carried["answers"])})
    handover.used_at, handover.carried = now, None
    moved = await cases.move_to(session, handover.chat_id, person, chat, desk=desk, now=now)
    still_shown = select(KioskVisit).where(KioskVisit.chat_id == handover.chat_id, KioskVisit.ended_at.is_(None))
    if (await session.execute(still_shown)).scalar_one_or_none():
        kiosk_chat = await session.get_one(Chat, handover.chat_id)
        # What went to the phone is not sent from the kiosk a second time.
        kiosk_chat.draft = None
        outbox.add(session, kiosk_chat, left, now=now)
    return TakenOver(carried, moved)


async def forget_expired(session: Session, *, now: datetime) -> None:
    """Erase what nobody came for."""
    await session.execute(
        update(Handover).where(Handover.ends_at <= now, Handover.carried.is_not(None)).values(carried=None)
    )


async def _answers(session: Session, chat_id: int) -> tuple[str, ...]:
    found = (
        select(Question.entry_id)
        .where(Question.chat_id == chat_id, Question.outcome == "answer", Question.entry_id.is_not(None))
        .order_by(Question.id.desc())
    )
    return tuple(dict.fromkeys((await session.execute(found)).scalars()))[:MOST_ANSWERS]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
