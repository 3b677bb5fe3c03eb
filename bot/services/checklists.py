"""A person's own list of steps and papers: begun, ticked, remembered across days, and told of when they want it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from bot.services import outbox
from bot.storage.database import Session
from bot.storage.tables import Chat, Checklist, Priority
from bot.texts import checklist as words
from knowledge.checklists import Progress, checklists

REMINDED_AT = time(9)
"""Local: nobody is woken, and the offices are open."""
EARLIEST, LATEST = time(8), time(20)
WEEK = timedelta(days=7)
LONGEST_AHEAD = timedelta(days=366)


class UnusableDay(ValueError):
    """Not a day to come within a year."""


async def of_chat(session: Session, chat_id: int) -> Checklist | None:
    """The list of this chat, or None."""
    return (await session.execute(select(Checklist).where(Checklist.chat_id == chat_id))).scalar_one_or_none()


async def begin(session: Session, chat: Chat, country: str, job: str, *, now: datetime) -> Checklist:
    """A new list in place of the one there was, whose ticks are gone; the wish to be reminded stays."""
    earlier = await of_chat(session, chat.id)
    await forget(session, chat.id)
    begun = Checklist(
        chat_id=chat.id,
        country=country,
        job=job,
        done=[],
        begun_at=now,
        remind_at=earlier.remind_at if earlier else None,
        is_weekly=earlier.is_weekly if earlier else False,
    )
    session.add(begun)
    await session.flush()
    return begun


async def forget(session: Session, chat_id: int) -> None:
    """Erase the list of this chat."""
    await session.execute(delete(Checklist).where(Checklist.chat_id == chat_id))


def progress(checklist: Checklist) -> Progress:
    """How far the person is."""
    return Progress.of(checklists().steps_for(checklist.country, checklist.job), checklist.done)


def tick(checklist: Checklist, step_id: str, *, is_done: bool) -> None:
    """Mark a step as done or not, however often it is said; raises KeyError for a step that is not on the list."""
    if step_id not in {step.id for step in progress(checklist).steps}:
        raise KeyError(step_id)
    others = [done for done in checklist.done if done != step_id]
    checklist.done = [*others, step_id] if is_done else others


def remind_weekly(checklist: Checklist, *, zone: ZoneInfo, now: datetime) -> None:
    """A reminder in a week and every week from then."""
    checklist.is_weekly = True
    checklist.remind_at = _morning(now.astimezone(zone).date() + WEEK, zone)


def remind_on(checklist: Checklist, day: date, *, zone: ZoneInfo, now: datetime) -> None:
    """One reminder on the morning of `day`; raises UnusableDay for one that is not to come, or too far off."""
    if not timedelta() < day - now.astimezone(zone).date() <= LONGEST_AHEAD:
        raise UnusableDay(day)
    checklist.is_weekly = False
    checklist.remind_at = _morning(day, zone)


def remind_no_more(checklist: Checklist) -> None:
    """No reminder any more."""
    checklist.is_weekly, checklist.remind_at = False, None


async def remind(session: Session, *, zone: ZoneInfo, now: datetime) -> int:
    """Write the reminders that are due; returns how many. Of two workers each takes other lists, so nobody hears it twice.

    Who cannot be reached is not written to; whose list is done is not reminded any more. What a worker is late with
    waits for the morning.
    """
    if not EARLIEST <= now.astimezone(zone).time() < LATEST:
        return 0
    due = (
        select(Checklist, Chat)
        .join(Chat, Chat.id == Checklist.chat_id)
        .where(Checklist.remind_at <= now)
        .order_by(Checklist.remind_at)
        .with_for_update(of=Checklist, skip_locked=True)
    )
    sent = 0
    for checklist, chat in (await session.execute(due)).all():
        now_at = progress(checklist)
        if now_at.next_step and chat.unreachable_at is None:
            outbox.add(session, chat, words.reminder(checklist, now_at), now=now, priority=Priority.NOTICE)
            sent += 1
        if checklist.is_weekly and now_at.next_step:
            remind_weekly(checklist, zone=zone, now=now)
        else:
            remind_no_more(checklist)
    return sent


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, REMINDED_AT, zone).astimezone(UTC)
