"""Cases: what their people do, and what both sides need; each change with its event and messages in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text

from bot.domain.agencies import by_code
from bot.domain.cases import (
    ASKED_AGAIN_AFTER_WORKING_DAYS,
    CLOSED_UNCONFIRMED_AFTER,
    OPEN_STATES,
    OWNED_STATES,
    REOPENED_WITHIN,
    CaseAction,
    CaseState,
    CaseUrgency,
    EventKind,
    Privacy,
    TransitionNotAllowed,
    advance,
    case_number,
    more_urgent,
)
from bot.domain.districts import district_of
from bot.domain.messages import ChatRef, Media, Reply
from bot.services import attachments, clock, outbox, roster
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Attachment, Case, CaseEvent, Chat, Officer, Person, Priority, Referral
from bot.texts import complaint as words
from bot.texts import officer as officer_words
from bot.texts.formats import masked_contact

MAX_NARRATIVE = 8000
MAX_SHORT = 100
MAX_CONTACT = 200


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
    is_for_other: bool = False
    wants_no_calls: bool = False
    consent_at: datetime | None = None
    consent_version: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The person's case, and whether it is a new one."""

    case: Case
    is_new: bool
    was_resolved: bool = False
    """An officer found it solved, and the person had not said so: with this report it goes on."""


# The person's side


async def open_case(
    session: Session, person: Person, chat: Chat, report: Report, *, desk: Desk, now: datetime
) -> Opened:
    """Open a case for `person`, or add to the one they have not called solved; `chat` is where they are answered."""
    # Two chats of one person at the same moment still make one case.
    await session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    if case := await open_case_of(session, person.id):
        await add_report(session, case, report, desk=desk, now=now)
        return Opened(case, is_new=False)
    ended = await ended_case_of(session, person.id, now=now)
    if ended and ended.state == CaseState.RESOLVED:
        # Who reports while "Is it solved?" waits says no: their officer knows the story already.
        await reopen(session, ended, None, officer_words.PERSON, desk=desk, now=now)
        await add_report(session, ended, report, desk=desk, now=now)
        return Opened(ended, is_new=False, was_resolved=True)
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
        district=district_of(report.place),
        is_for_other=report.is_for_other,
        privacy=Privacy.CONFIDENTIAL,
        consent_at=report.consent_at,
        consent_version=report.consent_version,
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
    await desk_service.post_attachments(session, desk, case, await attachments.join(session, chat, case), now=now)
    if report.wants_no_calls:
        await _tell_detail(session, case, officer_words.DO_NOT_CALL, desk=desk, now=now)
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
    if report.wants_no_calls:
        await _tell_detail(session, case, officer_words.DO_NOT_CALL, desk=desk, now=now)
    if report.narrative or report.asked:
        said = report.narrative or report.asked or ""
        await add_message(session, case, said, desk=desk, now=now, is_urgent=is_emergency)
    if is_emergency:
        await page(session, case, desk=desk, now=now)


async def add_message(
    session: Session,
    case: Case,
    said: str,
    *,
    desk: Desk,
    now: datetime,
    is_urgent: bool = False,
    media: Media | None = None,
) -> None:
    """What the person wrote or sent goes to the log and to the topic."""
    case.state = advance(case.state, CaseAction.HEAR)
    clock.go_on(case, desk.calendar, now)
    log(session, case, EventKind.MESSAGE, officer_words.logged(said, media), now=now)
    posted = officer_words.from_person(said[:MAX_NARRATIVE], media, is_urgent=is_urgent)
    await desk_service.post(session, desk, case, posted, now=now)


async def say_for_whom(session: Session, case: Case, *, is_for_other: bool, desk: Desk, now: datetime) -> None:
    """The person says whether it happens to them or to somebody else."""
    case.is_for_other = is_for_other
    said = officer_words.FOR_OTHER if is_for_other else officer_words.FOR_ME
    await _tell_detail(session, case, said, desk=desk, now=now)


async def choose_privacy(session: Session, case: Case, privacy: Privacy, *, desk: Desk, now: datetime) -> None:
    """Who may know of the person; who wants no name at all leaves no contact behind."""
    case.privacy = privacy
    if privacy is Privacy.ANONYMOUS:
        case.contact = None
    said = officer_words.PRIVACY_CHANGED.format(privacy=officer_words.PRIVACIES[privacy])
    await _tell_detail(session, case, said, desk=desk, now=now)


async def give_contact(session: Session, case: Case, contact: str, *, desk: Desk, now: datetime) -> None:
    """Name and phone for the officers: the log and the topic hold them masked."""
    case.privacy, case.contact = Privacy.NAMED, contact[:MAX_CONTACT]
    said = officer_words.CONTACT_GIVEN.format(contact=masked_contact(case.contact))
    await _tell_detail(session, case, said, desk=desk, now=now)


async def rate(session: Session, case: Case, rating: int, *, desk: Desk, now: datetime) -> None:
    """How the person found the help; refused before the case is closed, and a later tap counts instead of an earlier one."""
    if case.state != CaseState.CLOSED:
        raise TransitionNotAllowed(f"rated in state {case.state}")
    case.rating = rating
    log(session, case, EventKind.RATED, str(rating), now=now)
    said = officer_words.RATED.format(rating=words.RATINGS[rating])
    await desk_service.post(session, desk, case, Reply(body=said), now=now)


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
    if _is_too_late(case, now):
        raise TooLate(case.number)
    await reopen(session, case, None, officer_words.PERSON, desk=desk, now=now)


async def close_unconfirmed(session: Session, *, desk: Desk, now: datetime) -> int:
    """Ask once more whether it is solved, and in the end close what nobody answered for; returns how many were closed.

    Rows that a turn holds are left for the next time: nothing here waits for a lock.
    """
    unanswered = select(Case).join(Chat, Chat.id == Case.chat_id).where(Case.state == CaseState.RESOLVED)
    found = unanswered.order_by(Case.id).with_for_update(of=[Chat, Case], skip_locked=True, key_share=True)
    closed = 0
    for case in (await session.execute(found)).scalars().all():
        closes_at = case.resolved_at + CLOSED_UNCONFIRMED_AFTER
        if now >= closes_at:
            closed += 1
            await _close_unconfirmed(session, case, desk=desk, now=now)
        elif now >= desk.calendar.end_of_working_day(case.resolved_at, ASKED_AGAIN_AFTER_WORKING_DAYS):
            await _ask_again(session, case, closes_at, desk=desk, now=now)
    return closed


# Asked with every message: putting the statement together takes longer than running it.
_OPEN_CASE = (
    select(Case.id)
    .where(Case.person_id == bindparam("person"), Case.state.in_(OPEN_STATES))
    .order_by(Case.id.desc())
    .limit(1)
)


async def open_case_of(session: Session, person_id: int) -> Case | None:
    """The person's open case, locked, or None."""
    case_id = (await session.execute(_OPEN_CASE, {"person": person_id})).scalar()
    return await lock(session, case_id) if case_id else None


async def is_with_officer(session: Session, channel: str, external_id: str) -> bool:
    """Whether an officer has a case of this person: what they write then is for the officer."""
    found = (
        select(Case.id)
        .join(Person, Person.id == Case.person_id)
        .where(Person.channel == channel, Person.external_id == external_id, Case.state.in_(OWNED_STATES))
    )
    return (await session.execute(found.limit(1))).scalar() is not None


async def ended_case_of(session: Session, person_id: int, *, now: datetime) -> Case | None:
    """The person's newest case, locked, if an officer finds it solved or it was closed lately; None with one still open."""
    found = select(Case).where(Case.person_id == person_id).order_by(Case.id.desc()).limit(1)
    case = (await session.execute(found)).scalar_one_or_none()
    if case is None or case.state not in (CaseState.RESOLVED, CaseState.CLOSED) or _is_too_late(case, now):
        return None
    return await lock(session, case.id)


async def own_case(session: Session, case_id: int, person_id: int) -> Case | None:
    """This case, locked, if it is this person's."""
    found = select(Case.id).where(Case.id == case_id, Case.person_id == person_id)
    return await lock(session, case_id) if (await session.execute(found)).scalar() else None


async def status_of_person(
    session: Session, person_id: int, *, number: str | None = None, limit: int = 5
) -> list[Case]:
    """The person's own cases, newest first, or the one with this number."""
    found = select(Case).where(Case.person_id == person_id).order_by(Case.id.desc()).limit(limit)
    if number:
        found = found.where(Case.number == number)
    return list((await session.execute(found)).scalars())


async def agencies_of(session: Session, case_ids: Collection[int]) -> dict[int, str]:
    """Where each of these cases was referred to last, by name."""
    found = select(Referral).where(Referral.case_id.in_(case_ids)).order_by(Referral.id)
    return {row.case_id: by_code(row.agency).name for row in (await session.execute(found)).scalars()}


async def asked_of(session: Session, case_ids: Collection[int]) -> dict[int, str]:
    """What each of these cases waits for from its person, as they were asked last."""
    found = select(CaseEvent).where(CaseEvent.case_id.in_(case_ids), CaseEvent.kind == CaseAction.WAIT)
    return {row.case_id: row.text for row in (await session.execute(found.order_by(CaseEvent.id))).scalars()}


# Looked up and written by both sides


async def by_topic(session: Session, topic_id: int) -> Case | None:
    """The case of a topic, locked, or None."""
    case_id = (await session.execute(select(Case.id).where(Case.topic_id == topic_id))).scalar()
    return await lock(session, case_id) if case_id else None


async def by_number(session: Session, number: str) -> Case | None:
    """The case with this number, locked, or None."""
    case_id = (await session.execute(select(Case.id).where(Case.number == number))).scalar()
    return await lock(session, case_id) if case_id else None


async def move_to(
    session: Session, chat_id: int, person: Person, chat: Chat, *, desk: Desk, now: datetime
) -> list[Case]:
    """The person goes on in `chat`: the cases of chat `chat_id` are theirs and answered there; returns them, oldest first."""
    found = select(Case.id).where(Case.chat_id == chat_id).order_by(Case.id)
    moved = [case for case_id in (await session.execute(found)).scalars() if (case := await lock(session, case_id))]
    for case in moved:
        case.chat_id, case.person_id = chat.id, person.id
        await _tell_detail(session, case, officer_words.MOVED_TO_PHONE, desk=desk, now=now)
    await outbox.move_waiting(session, chat_id, chat)
    return moved


async def note_unreachable(
    session: Session, chat: ChatRef, *, desk: Desk, now: datetime, said: str = officer_words.UNREACHABLE
) -> None:
    """The person cannot be written to any more: whoever works on their case must know, and of each message that failed."""
    found = (
        select(Case)
        .join(Chat, Chat.id == Case.chat_id)
        .where(Chat.channel == chat.channel, Chat.external_id == chat.external_id, Case.state.in_(OPEN_STATES))
    )
    for case in (await session.execute(found)).scalars():
        log(session, case, EventKind.UNREACHABLE, "", now=now)
        await desk_service.post(session, desk, case, Reply(body=said), now=now)


async def note_not_passed(session: Session, attachment_id: int, *, desk: Desk, now: datetime) -> None:
    """An officer's file did not reach the person: the officers must know, or they wait for an answer to it."""
    attachment = await session.get(Attachment, attachment_id)
    if attachment and attachment.officer_id and attachment.case_id:
        case = await session.get_one(Case, attachment.case_id)
        await desk_service.post(session, desk, case, officer_words.file_not_passed(attachment.kind), now=now)


async def reopen(session: Session, case: Case, officer: Officer | None, who: str, *, desk: Desk, now: datetime) -> None:
    """Go on with a case that had come to an end; `who` is told to the desk."""
    case.state = advance(case.state, CaseAction.REOPEN)
    case.closed_at = case.resolved_at = None
    if case.state is CaseState.NEW:
        # Whoever had it before it was withdrawn must not keep others from it.
        case.officer_id = case.acknowledged_at = None
    clock.start(case, desk.calendar, now)
    log(session, case, CaseAction.REOPEN, "", officer=officer, now=now)
    await desk_service.post(session, desk, case, Reply(body=officer_words.REOPENED.format(who=who)), now=now)
    chat = await session.get_one(Chat, case.chat_id)
    await desk_service.post_attachments(session, desk, case, await attachments.join(session, chat, case), now=now)


async def lock(session: Session, case_id: int) -> Case | None:
    """The case, locked until the transaction ends, or None.

    The person's chat is locked first, as a turn does: the other way round two transactions could wait for each other.
    """
    chat_of_case = select(Case.chat_id).where(Case.id == case_id).scalar_subquery()
    await session.execute(select(Chat.id).where(Chat.id == chat_of_case).with_for_update(key_share=True))
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
    facts = {"state": case.state, "urgency": case.urgency, "officer": case.officer_id}
    by = officer.id if officer else None
    session.add(CaseEvent(case_id=case.id, at=now, kind=kind, officer_id=by, text=said, facts=facts))


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


def _is_too_late(case: Case, now: datetime) -> bool:
    ended_at = case.closed_at or case.resolved_at
    return bool(ended_at) and now - ended_at > REOPENED_WITHIN


async def _tell_detail(session: Session, case: Case, said: str, *, desk: Desk, now: datetime) -> None:
    """A fact learnt later, for the log, the topic and its head."""
    log(session, case, EventKind.DETAIL, said, now=now)
    await desk_service.renew_facts(session, desk, case, now=now)
    await desk_service.post(session, desk, case, Reply(body=said), now=now)


async def _ask_again(session: Session, case: Case, closes_at: datetime, *, desk: Desk, now: datetime) -> None:
    """Once for every time the case was resolved."""
    asked = select(CaseEvent.id).where(CaseEvent.case_id == case.id, CaseEvent.kind == EventKind.ASKED_AGAIN)
    if (await session.execute(asked.where(CaseEvent.at >= case.resolved_at).limit(1))).scalar():
        return
    log(session, case, EventKind.ASKED_AGAIN, "", now=now)
    await tell_person(session, case, words.is_it_solved_again(case, desk.zone, closes_at=closes_at, now=now), now=now)
    await desk_service.post(session, desk, case, Reply(body=officer_words.ASKED_AGAIN), now=now)


async def _close_unconfirmed(session: Session, case: Case, *, desk: Desk, now: datetime) -> None:
    case.state = advance(case.state, CaseAction.EXPIRE)
    case.closed_at = now
    log(session, case, CaseAction.EXPIRE, "", now=now)
    await tell_person(session, case, words.closed_unconfirmed(case), now=now)
    await desk_service.post(session, desk, case, officer_words.closed_unconfirmed(case), now=now)


def _fill_gaps(case: Case, report: Report, desk: Desk) -> bool:
    """Fill what is not known yet; True where something was. The place tells which office works on the case."""
    before = (case.country, case.place, case.duration)
    case.country = case.country or report.country or None
    if not case.place and report.place:
        case.place, case.office = report.place[:MAX_SHORT], desk.profile.office_for(report.place)
        case.district = district_of(report.place)
    case.duration = case.duration or report.duration[:MAX_SHORT] or None
    return before != (case.country, case.place, case.duration)
