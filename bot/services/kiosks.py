"""Kiosks in village offices: enrolled by a code that works once, watched by their heartbeat, wiped after every person."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Integer, and_, distinct, func, select

from bot.domain.messages import Channel, ChatRef
from bot.domain.privacy import NOTICE_VERSION
from bot.services import audit, cases, erasure, people
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Chat, Handover, Kiosk, KioskVisit, Officer, Question
from bot.texts import officer as officer_words

CODE_LASTS = timedelta(days=3)
"""An officer may be on the road for a day before the code is typed in the village."""
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that are taken for one another."""
CODE_LENGTH = 10
IN_TOUCH = timedelta(minutes=3)
"""A kiosk that gave no sign of life for longer is told as away; it gives one every minute."""
SILENT_AFTER = timedelta(minutes=5)
"""A screen that is on asks for replies all the time: its visit ends when it was switched off."""
COUNTED = timedelta(days=30)


class Ending(StrEnum):
    """Why a visit ended."""

    DONE = "selesai"
    IDLE = "diam"
    LOST = "putus"


class CodeUnusable(Exception):
    """The code is unknown, was used, or has run out: nobody is told which."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A kiosk as the office sees it, with its figures of the last thirty days."""

    kiosk: Kiosk
    is_in_touch: bool
    visits: int
    wiped_idle: int
    questions: int
    answered: int
    handed_over: int


async def add(session: Session, officer: Officer, name: str, district: str, *, now: datetime) -> Kiosk:
    """A new kiosk, without a device so far."""
    kiosk = Kiosk(name=name, district=district, added_at=now)
    session.add(kiosk)
    await session.flush()
    after = {"nama": name, "wilayah": district}
    audit.record(session, officer, "kios:daftar", f"kios {kiosk.id}", now=now, after=after)
    return kiosk


async def make_code(session: Session, officer: Officer, kiosk: Kiosk, *, now: datetime) -> str:
    """A code by which one device becomes this kiosk; an earlier one that was not used stops working."""
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    kiosk.code_hash, kiosk.code_ends_at = _hash(code), now + CODE_LASTS
    audit.record(session, officer, "kios:kode", f"kios {kiosk.id}", now=now)
    return f"{code[:5]}-{code[5:]}"


async def enrol(session: Session, code: str, *, desk: Desk, now: datetime) -> str:
    """The token of the device that typed the code, which is used up; the kiosk's earlier device is out.

    Raises CodeUnusable.
    """
    typed = "".join(letter for letter in code.upper() if letter.isalnum())
    found = select(Kiosk).where(Kiosk.code_hash == _hash(typed)).with_for_update()
    kiosk = (await session.execute(found)).scalar_one_or_none()
    if kiosk is None or kiosk.code_ends_at <= now or kiosk.revoked_at is not None:
        raise CodeUnusable
    token = secrets.token_urlsafe(32)
    await _end_visits(session, KioskVisit.kiosk_id == kiosk.id, desk=desk, now=now)
    kiosk.code_hash = kiosk.code_ends_at = None
    kiosk.token_hash, kiosk.enrolled_at, kiosk.seen_at = _hash(token), now, now
    audit.record(session, None, "kios:pasang", f"kios {kiosk.id}", now=now)
    return token


async def revoke(session: Session, officer: Officer, kiosk: Kiosk, *, desk: Desk, now: datetime) -> None:
    """The kiosk's device and code stop working at once; its figures stay."""
    await _end_visits(session, KioskVisit.kiosk_id == kiosk.id, desk=desk, now=now)
    kiosk.code_hash = kiosk.code_ends_at = kiosk.token_hash = None
    kiosk.revoked_at = now
    audit.record(session, officer, "kios:cabut", f"kios {kiosk.id}", now=now, before={"nama": kiosk.name})


async def of_device(session: Session, token: str) -> Kiosk | None:
    """The kiosk that the device with this token is, or None."""
    return (await session.execute(select(Kiosk).where(Kiosk.token_hash == _hash(token)))).scalar_one_or_none()


async def by_id(session: Session, kiosk_id: int) -> Kiosk | None:
    """This kiosk, locked, unless it was revoked."""
    found = select(Kiosk).where(Kiosk.id == kiosk_id, Kiosk.revoked_at.is_(None)).with_for_update()
    return (await session.execute(found)).scalar_one_or_none()


def note_alive(kiosk: Kiosk, content_version: int, *, now: datetime) -> None:
    """The device gave a sign of life, and said which content it holds."""
    kiosk.seen_at, kiosk.content_version = now, content_version


async def begin_visit(session: Session, kiosk: Kiosk, *, desk: Desk, now: datetime) -> str:
    """A chat for the next person at the kiosk, by its id, which nobody else knows; whoever was there before is gone.

    The screen shows the privacy notice before anything is asked.
    """
    await _end_visits(session, KioskVisit.kiosk_id == kiosk.id, desk=desk, now=now)
    chat_id = secrets.token_urlsafe(16)
    chat = await people.chat_of(session, ChatRef(Channel.KIOSK, chat_id), now=now)
    person = await people.person_of(session, Channel.KIOSK, chat_id, now=now)
    people.note_shown(person, NOTICE_VERSION, now=now)
    session.add(KioskVisit(kiosk_id=kiosk.id, chat_id=chat.id, began_at=now, seen_at=now))
    return chat_id


async def visit_of(session: Session, kiosk: Kiosk, chat_id: str, *, now: datetime) -> KioskVisit | None:
    """The visit with this chat, if it is this kiosk's and not over; it counts as alive."""
    found = (
        select(KioskVisit)
        .join(Chat, Chat.id == KioskVisit.chat_id)
        .where(
            Chat.channel == Channel.KIOSK,
            Chat.external_id == chat_id,
            KioskVisit.kiosk_id == kiosk.id,
            KioskVisit.ended_at.is_(None),
        )
    )
    visit = (await session.execute(found)).scalar_one_or_none()
    if visit:
        visit.seen_at = now
    return visit


async def end_visit(session: Session, visit: KioskVisit, ending: Ending, *, desk: Desk, now: datetime) -> None:
    """The person is gone: what was said is erased; masked questions stay, and so does a report that was sent."""
    chat = await session.get_one(Chat, visit.chat_id, with_for_update={"key_share": True})
    kiosk = await session.get_one(Kiosk, visit.kiosk_id)
    await erasure.forget_conversation(session, chat)
    if visit.ended_at is None:
        ref = ChatRef(Channel.KIOSK, chat.external_id)
        said = officer_words.LEFT_KIOSK.format(kiosk=kiosk.name)
        await cases.note_unreachable(session, ref, desk=desk, now=now, said=said)
        visit.ending = ending
    visit.ended_at = now


async def end_silent(session: Session, *, desk: Desk, now: datetime) -> int:
    """End the visits of screens that were switched off, and wipe what was still being answered when one ended."""
    was_answered_late = and_(KioskVisit.ended_at.is_not(None), Chat.last_message_at > KioskVisit.ended_at)
    is_silent = and_(KioskVisit.ended_at.is_(None), KioskVisit.seen_at < now - SILENT_AFTER)
    return await _end_visits(session, is_silent | was_answered_late, is_open=False, desk=desk, now=now)


async def overview(session: Session, *, now: datetime) -> list[Seen]:
    """All kiosks that were not revoked, by name, with their figures."""
    visits = (
        select(
            KioskVisit.kiosk_id,
            func.count().label("visits"),
            func.sum((KioskVisit.ending == Ending.IDLE).cast(Integer)).label("wiped_idle"),
        )
        .where(KioskVisit.began_at > now - COUNTED)
        .group_by(KioskVisit.kiosk_id)
        .subquery()
    )
    asked = (
        select(
            KioskVisit.kiosk_id,
            func.count().label("questions"),
            func.sum((Question.outcome == "answer").cast(Integer)).label("answered"),
        )
        .join(Question, Question.chat_id == KioskVisit.chat_id)
        .where(Question.asked_at > now - COUNTED, Question.outcome != "smalltalk")
        .group_by(KioskVisit.kiosk_id)
        .subquery()
    )
    taken = (
        select(KioskVisit.kiosk_id, func.count(distinct(Handover.chat_id)).label("handed_over"))
        .join(Handover, Handover.chat_id == KioskVisit.chat_id)
        .where(Handover.used_at > now - COUNTED)
        .group_by(KioskVisit.kiosk_id)
        .subquery()
    )
    columns = (visits.c.visits, visits.c.wiped_idle, asked.c.questions, asked.c.answered, taken.c.handed_over)
    found = (
        select(Kiosk, *(func.coalesce(column, 0) for column in columns))
        .outerjoin(visits, visits.c.kiosk_id == Kiosk.id)
        .outerjoin(asked, asked.c.kiosk_id == Kiosk.id)
        .outerjoin(taken, taken.c.kiosk_id == Kiosk.id)
        .where(Kiosk.revoked_at.is_(None))
        .order_by(Kiosk.name, Kiosk.id)
    )
    rows = (await session.execute(found)).all()
    return [Seen(kiosk, is_in_touch(kiosk, now), *map(int, counts)) for kiosk, *counts in rows]


def is_in_touch(kiosk: Kiosk, now: datetime) -> bool:
    """Whether its device gave a sign of life lately."""
    return bool(kiosk.token_hash and kiosk.seen_at and now - kiosk.seen_at < IN_TOUCH)


async def _end_visits(session: Session, *which: object, desk: Desk, now: datetime, is_open: bool = True) -> int:
    found = select(KioskVisit).join(Chat, Chat.id == KioskVisit.chat_id).where(*which)
    if is_open:
        found = found.where(KioskVisit.ended_at.is_(None))
    visits = (await session.execute(found.order_by(KioskVisit.id))).scalars().all()
    for visit in visits:
        await end_visit(session, visit, Ending.LOST, desk=desk, now=now)
    return len(visits)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
