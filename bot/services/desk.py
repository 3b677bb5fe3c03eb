"""The officers' desk: what goes to a case's topic, and the topic's number once there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.domain.calendar import Calendar
from bot.domain.cases import OPEN_STATES, CaseState, CaseUrgency
from bot.domain.messages import Channel, ChatRef, Reply
from bot.services import attachments, outbox, outcomes, people, stories
from bot.services.working_days import calendar_of
from bot.storage.database import Session
from bot.storage.tables import Attachment, Case, Chat, Officer, OutboxMessage, Priority
from bot.texts import officer as words
from knowledge.office import MAIN_OFFICE, OfficeProfile


@dataclass(frozen=True, slots=True)
class Desk:
    """Where officers read, when they work and under which name they answer; without `chat` cases wait."""

    chat: ChatRef | None
    calendar: Calendar
    profile: OfficeProfile

    @property
    def zone(self) -> ZoneInfo:
        return self.calendar.zone

    @property
    def office(self) -> str:
        return self.profile.offices[MAIN_OFFICE]["name"]


def desk_at(chat_id: int | None, zone: str, profile: OfficeProfile) -> Desk:
    """The desk of the settings and of the office's profile."""
    chat = ChatRef(Channel.TELEGRAM, str(chat_id), is_group=True) if chat_id else None
    return Desk(chat, calendar_of(profile, ZoneInfo(zone)), profile)


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic of a case: as it is in Telegram, and as it shall be."""

    id: int | None
    name_there: str | None
    """With no `id`: a topic of this name was to be made, and nobody knows whether it was."""
    name: str
    is_over: bool
    """A closed case has a closed topic."""

    @property
    def was_over(self) -> bool:
        return bool(self.name_there) and self.name_there.startswith(tuple(words.OVER_MARKS.values()))


async def post(session: Session, desk: Desk, case: Case, reply: Reply, *, now: datetime) -> None:
    """Put `reply` into the case's topic, where the first post stays the head; emergencies go ahead of all others."""
    if desk.chat is None:
        return
    chat = await people.chat_of(session, desk.chat, now=now)
    message = outbox.add(session, chat, reply, now=now, priority=_priority(case), case=case)
    if case.head_id is None:
        await session.flush()
        case.head_id = message.id


async def call(
    session: Session,
    desk: Desk,
    case: Case,
    officers: Sequence[Officer],
    said: words.Call,
    *,
    now: datetime,
    private_at: datetime | None = None,
) -> list[OutboxMessage]:
    """Call `officers` in the case's topic, and each of them in their own chat if they ever wrote to Silvi.

    Returns what goes to the own chats, at once or at `private_at`.
    """
    await post(session, desk, case, said.in_topic, now=now)
    accounts = [str(officer.telegram_id) for officer in officers]
    return [
        outbox.add(session, chat, said.in_private, now=now, due_at=private_at, priority=_priority(case))
        for chat in await people.reachable_chats(session, Channel.TELEGRAM, accounts)
    ]


async def facts_of(session: Session, desk: Desk, case: Case, *, anew: bool = False) -> Reply:
    """What stands at the head of a topic; one that is made anew begins with all that the person has told."""
    chat = await session.get_one(Chat, case.chat_id)
    steps = await outcomes.of(session, case)
    channel = words.CHANNELS.get(chat.channel, chat.channel)
    told = await stories.told(session, case) if anew else case.narrative
    return words.facts(case, desk.zone, channel, steps, told, anew=anew)


async def post_facts(session: Session, desk: Desk, case: Case, *, now: datetime, anew: bool = False) -> None:
    """The post that stands at the head of a topic."""
    await post(session, desk, case, await facts_of(session, desk, case, anew=anew), now=now)


async def post_attachments(
    session: Session, desk: Desk, case: Case, attached: Sequence[Attachment], *, now: datetime
) -> None:
    """Put the files, places and contacts of a case into its topic."""
    for attachment in attached:
        media = attachments.media_of(attachment)
        reply = words.attached(media, by_officer=attachment.officer_id is not None)
        await post(session, desk, case, reply, now=now)


async def renew_facts(session: Session, desk: Desk, case: Case, *, now: datetime) -> None:
    """Bring the head of the topic up to date; one that is not out yet is left to its place in the order."""
    head = await session.get(OutboxMessage, case.head_id) if case.head_id else None
    if head and head.sent_message_id:
        facts = await facts_of(session, desk, case)
        await post(session, desk, case, replace(facts, edits_message_id=head.sent_message_id), now=now)


async def post_waiting(session: Session, desk: Desk, *, now: datetime) -> int:
    """Put cases that were opened while there was no desk before the officers; returns how many."""
    posted = select(OutboxMessage.id).where(OutboxMessage.case_id == Case.id).exists()
    waiting = select(Case).where(Case.state.in_(OPEN_STATES), Case.topic_id.is_(None), ~posted).order_by(Case.id)
    cases = (await session.execute(waiting.with_for_update(skip_locked=True, key_share=True))).scalars().all()
    for case in cases:
        await post_facts(session, desk, case, now=now)
        await post_attachments(session, desk, case, await attachments.of_case(session, case.id), now=now)
    return len(cases)


async def topic_of(session: Session, case_id: int) -> Topic:
    """Where the case stands in the officers' group."""
    case = await session.get_one(Case, case_id)
    return Topic(case.topic_id, case.topic_name, words.topic_name(case), CaseState(case.state) in words.OVER_MARKS)


async def note_topic(session: Session, case_id: int, topic_id: int | None, name: str | None) -> None:
    """The topic was made, got another name, is about to be made (no id), or could not be made (no name)."""
    case = await session.get_one(Case, case_id)
    case.topic_id, case.topic_name = topic_id, name


async def tell_of_twin(session: Session, desk: Desk, case_id: int, *, now: datetime) -> None:
    """Silvi stopped while a topic was being made: there may be an empty one of the same name."""
    case = await session.get_one(Case, case_id)
    await post(session, desk, case, Reply(body=words.TWIN_TOPIC), now=now)


async def forget_topic(session: Session, desk: Desk, case_id: int, topic_id: int, *, now: datetime) -> None:
    """The topic was deleted by hand: the next post makes a new one, where the facts are told again."""
    case = await session.get_one(Case, case_id, with_for_update={"key_share": True})
    if case.topic_id == topic_id:
        case.topic_id = case.topic_name = case.head_id = None
        await post_facts(session, desk, case, now=now, anew=True)
        await post_attachments(session, desk, case, await attachments.of_case(session, case.id), now=now)


def _priority(case: Case) -> Priority:
    return Priority.EMERGENCY if case.urgency == CaseUrgency.EMERGENCY else Priority.REPLY
