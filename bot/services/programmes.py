"""Programmes with episodes: each episode's messages are broadcasts, and its question box reaches the host."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select

from bot.domain.broadcasts import Audience, BroadcastState, Topic, quiet_until
from bot.domain.privacy import mask
from bot.services import audit, broadcasts, outbox
from bot.services.broadcasts import Written
from bot.storage.database import Session
from bot.storage.tables import Broadcast, Chat, Episode, EpisodeQuestion, Officer, Priority, Programme
from bot.texts import programmes as words

REMINDED_BEFORE = timedelta(hours=1)
LASTS = timedelta(hours=2)
BOX_STAYS_OPEN = timedelta(hours=3)
"""After the beginning."""
QUESTIONS_EACH = 3
MAX_QUESTION = 600
BOX = "tanya:"
"""How what a button opens begins, where it is the question box of an episode."""


class BadTime(ValueError):
    """In the past, or at a time when nobody may be reminded."""


class BoxClosed(Exception):
    """The episode is over."""


class TooManyQuestions(Exception):
    """This person has asked their share."""


async def make(session: Session, officer: Officer, name: str, host: Officer, *, now: datetime) -> Programme:
    """A new programme without episodes."""
    _check(officer)
    programme = Programme(name=name, host_id=host.id, made_at=now)
    session.add(programme)
    await session.flush()
    audit.record(session, officer, "acara:buat", f"acara {programme.id}", now=now, after={"nama": name})
    return programme


async def all_of(session: Session) -> list[Programme]:
    return list((await session.execute(select(Programme).order_by(Programme.id.desc()))).scalars())


async def episodes_of(session: Session, programme_id: int) -> list[Episode]:
    found = select(Episode).where(Episode.programme_id == programme_id).order_by(Episode.number.desc())
    return list((await session.execute(found)).scalars())


async def add_episode(
    session: Session,
    officer: Officer,
    programme: Programme,
    *,
    title: str,
    about: str,
    link: str,
    starts_at: datetime,
    zone: ZoneInfo,
    now: datetime,
) -> Episode:
    """The next episode, with drafts of its announcement, reminder and link; raises BadTime."""
    _check(officer)
    reminded_at = starts_at - REMINDED_BEFORE
    if starts_at <= now or quiet_until(starts_at, zone) or quiet_until(reminded_at, zone):
        raise BadTime
    # The lock keeps two officers from numbering at the same moment.
    await session.get_one(Programme, programme.id, with_for_update=True)
    newest = select(func.coalesce(func.max(Episode.number), 0)).where(Episode.programme_id == programme.id)
    episode = Episode(
        programme_id=programme.id,
        number=(await session.execute(newest)).scalar_one() + 1,
        title=title,
        about=about,
        link=link,
        starts_at=starts_at,
        made_at=now,
    )
    session.add(episode)
    await session.flush()
    audit.record(session, officer, "acara:episode", f"acara {programme.id}", now=now, after={"judul": title})
    ask = (words.ASK, f"{BOX}{episode.id}")
    plan = (
        (words.ANNOUNCEMENT, (ask,), None, starts_at),
        (words.REMINDER, (ask,), reminded_at, starts_at),
        (words.LINK, ((words.JOIN, link), ask), starts_at, starts_at + LASTS),
    )
    for part, buttons, start_at, expires_at in plan:
        body = words.body(part, episode, zone)
        written = _written(programme, episode, body, buttons, start_at, expires_at)
        await _draft(session, officer, episode, written, now)
    return episode


async def add_recording(
    session: Session, officer: Officer, episode: Episode, address: str, *, zone: ZoneInfo, now: datetime
) -> Broadcast:
    """Where it can be watched, with the draft of a message that says so."""
    _check(officer)
    episode.recording = address
    programme = await session.get_one(Programme, episode.programme_id)
    body = words.body(words.RECORDING, episode, zone)
    written = _written(programme, episode, body, ((words.WATCH, address),), None, None)
    return await _draft(session, officer, episode, written, now)


async def broadcasts_of(session: Session, episode_id: int, *, for_update: bool = False) -> list[Broadcast]:
    found = select(Broadcast).where(Broadcast.episode_id == episode_id).order_by(Broadcast.id)
    return list((await session.execute(found.with_for_update() if for_update else found)).scalars())


async def submit_all(session: Session, officer: Officer, episode: Episode, *, now: datetime) -> None:
    """Hand in every draft of the episode."""
    for broadcast in await broadcasts_of(session, episode.id, for_update=True):
        if broadcast.state == BroadcastState.DRAFT:
            await broadcasts.submit(session, officer, broadcast, now=now)


async def approve_all(
    session: Session, officer: Officer, episode: Episode, versions: Mapping[int, int], *, now: datetime
) -> None:
    """A second person agrees to all that waits, as they have seen it; raises what approving one raises."""
    for broadcast in await broadcasts_of(session, episode.id, for_update=True):
        if broadcast.state == BroadcastState.REVIEW:
            version = versions.get(broadcast.id, 0)
            await broadcasts.approve(session, officer, broadcast, version=version, now=now)


async def is_box_open(session: Session, episode_id: int, *, now: datetime) -> bool:
    episode = await session.get(Episode, episode_id)
    return episode is not None and now < episode.starts_at + BOX_STAYS_OPEN


async def ask(session: Session, episode_id: int, chat: Chat, question: str, *, now: datetime) -> None:
    """Keep the question, masked, and bring it to the host at once; raises BoxClosed and TooManyQuestions."""
    if not await is_box_open(session, episode_id, now=now):
        raise BoxClosed
    mine = (EpisodeQuestion.episode_id == episode_id) & (EpisodeQuestion.chat_id == chat.id)
    if (await session.execute(select(func.count()).where(mine))).scalar_one() >= QUESTIONS_EACH:
        raise TooManyQuestions
    masked = mask(question)[:MAX_QUESTION]
    session.add(EpisodeQuestion(episode_id=episode_id, chat_id=chat.id, text=masked, asked_at=now))
    episode = await session.get_one(Episode, episode_id)
    programme = await session.get_one(Programme, episode.programme_id)
    host = await session.get_one(Officer, programme.host_id)
    if host.removed_at is None:
        host_chat = await broadcasts.own_chat(session, host, now=now)
        told = words.for_host(programme, episode, masked)
        outbox.add(session, host_chat, told, now=now, priority=Priority.NOTICE)


async def questions_of(session: Session, episode_id: int) -> list[EpisodeQuestion]:
    """What the host was asked, oldest first."""
    found = select(EpisodeQuestion).where(EpisodeQuestion.episode_id == episode_id).order_by(EpisodeQuestion.id)
    return list((await session.execute(found)).scalars())


async def forget(session: Session, chat_id: int) -> None:
    """Erase this chat's questions to hosts."""
    await session.execute(delete(EpisodeQuestion).where(EpisodeQuestion.chat_id == chat_id))


async def count_of(session: Session, chat_id: int) -> int:
    """How many questions to hosts are kept of this chat."""
    return (await session.execute(select(func.count()).where(EpisodeQuestion.chat_id == chat_id))).scalar_one()


def _written(
    programme: Programme,
    episode: Episode,
    body: str,
    buttons: tuple[tuple[str, str], ...],
    start_at: datetime | None,
    expires_at: datetime | None,
) -> Written:
    title = words.name(programme, episode)
    return Written(title, body, buttons, Audience(Topic.EVENTS), start_at, expires_at)


async def _draft(session: Session, officer: Officer, episode: Episode, written: Written, now: datetime) -> Broadcast:
    broadcast = await broadcasts.write(session, officer, written, None, now=now)
    broadcast.episode_id = episode.id
    return broadcast


def _check(officer: Officer) -> None:
    if not broadcasts.may(officer):
        raise broadcasts.NotAllowed
