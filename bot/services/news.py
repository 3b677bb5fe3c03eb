"""News of what people asked about or reported: each is told once, by day, and nobody who had everything erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select

from bot.domain.messages import Reply
from bot.services import outbox
from bot.storage.database import Session
from bot.storage.tables import AskedTrace, Case, Chat, OfferAsked, Priority, RecruiterCase, RecruiterTrace, TraceRow

TELLS_FROM, TELLS_UNTIL = time(8), time(20)
"""Local hours: no news of this kind is worth waking somebody for."""
MOST_NAMED = 5


async def tell(
    session: Session,
    recruiter_id: int,
    rows: Sequence[TraceRow],
    say: Callable[[tuple[str, ...]], Reply],
    *,
    zone: ZoneInfo,
    now: datetime,
) -> int:
    """Tell who asked about one of these traces what they asked about, and who reported the recruiter; returns how many."""
    asked = await _asked(session, rows)
    reported = select(Case.chat_id).join(RecruiterCase).where(RecruiterCase.recruiter_id == recruiter_id).distinct()
    everything = tuple(row.shown for row in rows)
    for chat_id in (await session.execute(_unerased(reported))).scalars():
        asked.setdefault(chat_id, everything)
    return await _send(session, {chat_id: say(shown[:MOST_NAMED]) for chat_id, shown in asked.items()}, zone, now)


async def tell_of_licences(
    session: Session,
    rows: Mapping[int, str],
    known: Sequence[TraceRow],
    say: Callable,
    *,
    zone: ZoneInfo,
    now: datetime,
) -> int:
    """Tell who asked about or reported a company how its licence stands now; `rows` has a line for each trace.

    Returns how many.
    """
    names = {row.shown: rows[row.id] for row in known}
    told = await _asked(session, known)
    for chat_id, shown in (await _reported(session, known)).items():
        told[chat_id] = tuple(dict.fromkeys((*told.get(chat_id, ()), *shown)))
    replies = {chat_id: say([names[shown] for shown in about[:MOST_NAMED]]) for chat_id, about in told.items()}
    return await _send(session, replies, zone, now)


async def _asked(session: Session, rows: Sequence[TraceRow]) -> dict[int, tuple[str, ...]]:
    """The private chats that asked, each with what of it they asked about; erased questions are gone from there."""
    shown = {row.id: row.shown for row in rows}
    found = (
        select(OfferAsked.chat_id, AskedTrace.trace_id)
        .join(AskedTrace, AskedTrace.asked_id == OfferAsked.id)
        .where(AskedTrace.trace_id.in_(shown), OfferAsked.person_id.is_not(None))
        .distinct()
        .order_by(OfferAsked.chat_id, AskedTrace.trace_id)
    )
    asked: dict[int, tuple[str, ...]] = {}
    for chat_id, trace_id in await session.execute(found):
        asked[chat_id] = (*asked.get(chat_id, ()), shown[trace_id])
    return asked


async def _reported(session: Session, rows: Sequence[TraceRow]) -> dict[int, tuple[str, ...]]:
    """The chats whose reports are in the file of a recruiter with these traces, each with those of that file."""
    shown = {row.id: row.shown for row in rows}
    held = (
        select(Case.chat_id, RecruiterTrace.trace_id)
        .join(RecruiterCase, RecruiterCase.case_id == Case.id)
        .join(RecruiterTrace, RecruiterTrace.recruiter_id == RecruiterCase.recruiter_id)
        .where(RecruiterTrace.trace_id.in_(shown))
        .distinct()
        .order_by(Case.chat_id, RecruiterTrace.trace_id)
    )
    reported: dict[int, tuple[str, ...]] = {}
    for chat_id, trace_id in await session.execute(_unerased(held)):
        reported[chat_id] = (*reported.get(chat_id, ()), shown[trace_id])
    return reported


def _unerased(reported: Select) -> Select:
    """Without the reports of people who had them erased."""
    chats = reported.join(Chat, Chat.id == Case.chat_id).where(Case.anonymised_at.is_(None))
    return chats.where(or_(Chat.erased_at.is_(None), Case.opened_at > Chat.erased_at))


async def _send(session: Session, replies: Mapping[int, Reply], zone: ZoneInfo, now: datetime) -> int:
    found = select(Chat).where(Chat.id.in_(replies), Chat.unreachable_at.is_(None), Chat.is_group.is_(False))
    chats = (await session.execute(found.order_by(Chat.id))).scalars().all()
    due_at = _by_day(now, zone)
    for chat in chats:
        outbox.add(session, chat, replies[chat.id], now=now, priority=Priority.NOTICE, due_at=due_at)
    await outbox.announce(session)
    return len(chats)


def _by_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Now, or in the evening and at night the next morning."""
    local = now.astimezone(zone)
    if TELLS_FROM <= local.time() < TELLS_UNTIL:
        return now
    day = local.date() + timedelta(days=1 if local.time() >= TELLS_UNTIL else 0)
    return datetime.combine(day, TELLS_FROM, zone)
