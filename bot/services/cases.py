"""Cases: what their people do, and what both sides need; each change with its event and messages in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from bot.domain.cases import (
    OPEN_STATES,
    REOPENED_WITHIN,
    CaseAction,
    CaseState,
    CaseUrgency,
    EventKind,
    Privacy,
    advance,
    case_number,
    more_urgent,
)
from bot.domain.messages import ChatRef, Reply
from bot.services import clock, outbox, roster
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Case, CaseEvent, Chat, Officer, Person, Priority
from bot.texts import complaint as words
from bot.texts import officer as officer_words

MAX_NARRATIVE = 8000
MAX_SHORT = 100


class TooLate(Exception):
    """The case ended too long ago to be opened again by its person."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is known when a case is opened or added to."""

    narrative: str = ""
    category: str = "lainnya"
    country: str = ""
    place: str = ""
    duration: str = ""
    urgency: CaseUrgency = CaseUrgency.NORMAL
    asked: str | None = None
    answered: str | None = None
    consent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The person's case, and whether it is a new one."""

    case: Case
    is_new: bool


# The person's side


async def open_case(
    session: Session, person: Person, chat: Chat, report: Report, *, desk: Desk, now: datetime
) -> Opened:
    """Open a case for `person`, or add to the one that is open; `chat` is where the person is answered."""
    # Two chats of one person at the same moment still make one case.
    await session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    if case := await open_case_of(session, person.id):
        await add_report(session, case, report, desk=desk, now=now)
        return Opened(case, is_new=False)
    serial = (await session.execute(text("select nextval('cases_id_seq')"))).scalar_one()
    case = Case(
        id=serial,
        number=case_number(now.astimezone(desk.zone).year, serial),
        person_id=person.id,
        chat_id=chat.id,
        state=CaseState.NEW,
        urgency=report.urgency,
        category=report.category,
        country=report.country or None,
        place=report.place[:MAX_SHORT] or None,
        duration=report.duration[:MAX_SHORT] or None,
        narrative=report.narrative[:MAX_NARRATIVE],
        asked=report.asked,
        answered=report.answered,
        office=desk.profile.office_for(report.place),
        is_for_other=False,
        privacy=Privacy.CONFIDENTIAL,
        consent_at=report.consent_at,
        opened_at=now,
    )
    clock.start(case, desk.calendar, now)
    session.add(case)
    await session.flush()
    log(session, case, EventKind.OPENED, report.narrative, now=now)
    if report.urgency is CaseUrgency.EMERGENCY:
        # One post instead of two: Telegram lets only some twenty a minute into a group.
        await page(session, case, desk=desk, now=now, facts=await desk_service.facts_of(session, desk, case))
    else:
        await desk_service.post_facts(session, desk, case, now=now)
    return Opened(case, is_new=True)


async def add_report(session: Session, case: Case, report: Report, *, desk: Desk, now: datetime) -> None:
    """Add what a person says to their open case: urgency only grows, and only gaps are filled."""
    is_emergency, urgency = report.urgency is CaseUrgency.EMERGENCY, case.urgency
    case.urgency = more_urgent(case.urgency, report.urgency)
    if is_emergency or case.urgency != urgency:
        clock.hasten(case, desk.calendar, now)
    if case.category == "lainnya" and report.category != "lainnya":
        case.category = report.category
    if _fill_gaps(case, report, desk):
        log(session, case, EventKind.DETAIL, "", now=now)
        await desk_service.post(session, desk, case, officer_words.detail(case), now=now)
        await desk_service.renew_facts(session, desk, case, now=now)
    if report.narrative or report.asked:
        said = report.narrative or report.asked or ""
        await add_message(session, case, said, desk=desk, now=now, is_urgent=is_emergency)
    if is_emergency:
        await page(session, case, desk=desk, now=now)


async def add_message(
    session: Session, case: Case, said: str, *, desk: Desk, now: datetime, is_urgent: bool = False
) -> None:
    """What the person wrote goes to the log and to the topic."""
    case.state = advance(case.state, CaseAction.HEAR)
    clock.go_on(case, desk.calendar, now)
    log(session, case, EventKind.MESSAGE, said, now=now)
    title = officer_words.FROM_PERSON_URGENT if is_urgent else officer_words.FROM_PERSON
    await desk_service.post(session, desk, case, Reply(title=title, body=said[:MAX_NARRATIVE]), now=now)


async def describe(
    session: Session, case: Case, *, desk: Desk, now: datetime, is_for_other: bool = False, is_anonymous: bool = False
) -> None:
    """The person says who it is about, or that nobody may know who reported it."""
    if is_for_other:
        case.is_for_other = True
    if is_anonymous:
        case.privacy = Privacy.ANONYMOUS
    said = words.NOTED_FOR_OTHER if is_for_other else officer_words.PRIVACIES[Privacy.ANONYMOUS]
    log(session, case, EventKind.DETAIL, said, now=now)
    await desk_service.post(session, desk, case, Reply(title=officer_words.FROM_PERSON, body=said), now=now)


async def confirm(session: Session, case: Case, *, desk: Desk, now: datetime) -> None:
    """The person says that it is solved: only then a case is closed."""
    case.state = advance(case.state, CaseAction.CONFIRM)
    case.closed_at = now
    log(session, case, CaseAction.CONFIRM, "", now=now)
    await desk_service.post(session, desk, case, officer_words.confirmed(case), now=now)


async def withdraw(session: Session, case: Case, *, desk: Desk, now: datetime) -> None:
    """The person takes the report back."""
    case.state = advance(case.state, CaseAction.WITHDRAW)
    case.closed_at = now
    clock.end(case)
    log(session, case, CaseAction.WITHDRAW, "", now=now)
    await desk_service.post(session, desk, case, officer_words.withdrawn(case), now=now)


async def reopen_by_person(session: Session, case: Case, *, desk: Desk, now: datetime) -> None:
    """Not solved after all; refused 30 days after the end."""
    ended_at = case.closed_at or case.resolved_at
    if ended_at and now - ended_at > REOPENED_WITHIN:
        raise TooLate(case.number)
    await reopen(session, case, None, officer_words.PERSON, desk=desk, now=now)


async def open_case_of(session: Session, person_id: int) -> Case | None:
    """The person's open case, locked, or None."""
    found = select(Case.id).where(Case.person_id == person_id, Case.state.in_(OPEN_STATES)).order_by(Case.id.desc())
    case_id = (await session.execute(found.limit(1))).scalar()
    return await lock(session, case_id) if case_id else None


async def own_case(session: Session, case_id: int, person_id: int) -> Case | None:
    """This case, locked, if it is this person's."""
    found = select(Case.id).where(Case.id == case_id, Case.person_id == person_id)
    return await lock(session, case_id) if (await session.execute(found)).scalar() else None


async def status_of_person(session: Session, person_id: int, *, limit: int = 5) -> list[Case]:
    """The person's own cases, newest first."""
    found = select(Case).where(Case.person_id == person_id).order_by(Case.id.desc()).limit(limit)
    return list((await session.execute(found)).scalars())


# Looked up and written by both sides


async def by_topic(session: Session, topic_id: int) -> Case | None:
    """The case of a topic, locked, or None."""
    case_id = (await session.execute(select(Case.id).where(Case.topic_id == topic_id))).scalar()
    return await lock(session, case_id) if case_id else None


async def by_number(session: Session, number: str) -> Case | None:
    """The case with this number, locked, or None."""
    case_id = (await session.execute(select(Case.id).where(Case.number == number))).scalar()
    return await lock(session, case_id) if case_id else None


async def note_unreachable(session: Session, chat: ChatRef, *, desk: Desk, now: datetime) -> None:
    """The person cannot be written to any more: whoever works on their case must know."""
    found = (
        select(Case)
        .join(Chat, Chat.id == Case.chat_id)
        .where(Chat.channel == chat.channel, Chat.external_id == chat.external_id, Case.state.in_(OPEN_STATES))
    )
    for case in (await session.execute(found)).scalars():
        log(session, case, EventKind.UNREACHABLE, "", now=now)
        await desk_service.post(session, desk, case, Reply(body=officer_words.UNREACHABLE), now=now)


async def open_cases(session: Session) -> list[Case]:
    """What waits or is in hand: the most urgent first, then by when it is due."""
    graver_first = func.array_position(text("array['emergency','high','normal']"), Case.urgency)
    found = select(Case).where(Case.state.in_(OPEN_STATES)).order_by(graver_first, Case.due_at, Case.id)
    return list((await session.execute(found)).scalars())


async def reopen(session: Session, case: Case, officer: Officer | None, who: str, *, desk: Desk, now: datetime) -> None:
    """Go on with a case that had come to an end; `who` is told to the desk."""
    case.state = advance(case.state, CaseAction.REOPEN)
    case.closed_at = case.resolved_at = None
    clock.start(case, desk.calendar, now)
    log(session, case, CaseAction.REOPEN, "", officer=officer, now=now)
    await desk_service.post(session, desk, case, Reply(body=officer_words.REOPENED.format(who=who)), now=now)


async def lock(session: Session, case_id: int) -> Case | None:
    """The case, locked until the transaction ends, or None.

    The person's chat is locked first, as a turn does: the other way round two transactions could wait for each other.
    """
    chat_of_case = select(Case.chat_id).where(Case.id == case_id).scalar_subquery()
    await session.execute(select(Chat.id).where(Chat.id == chat_of_case).with_for_update())
    found = select(Case).where(Case.id == case_id).with_for_update(key_share=True)
    return (await session.execute(found.execution_options(populate_existing=True))).scalar_one_or_none()


def log(
    session: Session,
    case: Case,
    kind: EventKind | CaseAction,
    said: str,
    *,
    now: datetime,
    officer: Officer | None = None,
) -> None:
    """Add one event to the case's log."""
    event = CaseEvent(case_id=case.id, at=now, kind=kind, officer_id=officer.id if officer else None, text=said)
    session.add(event)


async def tell_person(session: Session, case: Case, reply: Reply, *, now: datetime) -> None:
    """A message about the case to its person; no newer turn makes it stale."""
    chat = await session.get_one(Chat, case.chat_id)
    priority = Priority.EMERGENCY if case.urgency == CaseUrgency.EMERGENCY else Priority.REPLY
    outbox.add(session, chat, reply, now=now, priority=priority)


async def page(session: Session, case: Case, *, desk: Desk, now: datetime, facts: Reply | None = None) -> None:
    """An emergency calls its officer, or whoever is on duty, in the transaction in which it is told."""
    called = next(iter(await roster.on_duty(session, case, now)), ())
    said = officer_words.emergency(case, called, desk.zone, facts)
    log(session, case, EventKind.REMINDED, officer_words.names(called), now=now)
    await desk_service.call(session, desk, case, called, said, now=now)


def _fill_gaps(case: Case, report: Report, desk: Desk) -> bool:
    """Fill what is not known yet; True where something was. The place tells which office works on the case."""
    before = (case.country, case.place, case.duration)
    case.country = case.country or report.country or None
    if not case.place and report.place:
        case.place, case.office = report.place[:MAX_SHORT], desk.profile.office_for(report.place)
    case.duration = case.duration or report.duration[:MAX_SHORT] or None
    return before != (case.country, case.place, case.duration)
