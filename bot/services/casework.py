"""What officers do with cases; who may do it stands in PERMISSIONS, and when in TRANSITIONS."""

from __future__ import annotations

from datetime import date, datetime

from bot.domain.cases import (
    LEADING,
    CaseAction,
    CaseState,
    CaseUrgency,
    EventKind,
    Role,
    Route,
    Standing,
    TransitionNotAllowed,
    advance,
    check_permission,
    more_urgent,
    standing,
)
from bot.domain.messages import Media, Reply
from bot.domain.outcomes import Stage
from bot.services import cases, clock, outcomes
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Case, Officer
from bot.texts import complaint as words
from bot.texts import officer as officer_words
from bot.texts import progress


class ClaimedAlready(Exception):
    """Another officer was first; the text is that officer's name."""


class ReasonMissing(Exception):
    """Who is no supervisor says why an emergency is none."""


class NothingToChange(Exception):
    """It is so already."""


async def owner_of(session: Session, case: Case) -> Officer | None:
    """Who has the case; an officer who was removed has it no longer."""
    owner = await session.get(Officer, case.officer_id) if case.officer_id else None
    return owner if owner and owner.removed_at is None else None


async def allow(session: Session, case: Case, officer: Officer, action: CaseAction | EventKind) -> Standing:
    """How `officer` stands to the case; raises NotAllowed."""
    owner = await owner_of(session, case)
    stands = standing(officer.id, officer.role, owner.id if owner else None)
    check_permission(action, stands)
    return stands


async def claim(session: Session, case: Case, officer: Officer, *, desk: Desk, now: datetime) -> None:
    """Give the case to `officer`; of two simultaneous claims the later one is refused."""
    owner = await owner_of(session, case)
    if owner and owner.id != officer.id:
        raise ClaimedAlready(owner.name)
    await allow(session, case, officer, CaseAction.CLAIM)
    if owner is None and case.officer_id is not None and case.state != CaseState.NEW:
        # Who had it is no officer any more: the case goes on where it is.
        action = CaseAction.HAND_OVER
    else:
        action = CaseAction.CLAIM
    case.state = advance(case.state, action)
    await take(session, case, officer, now)
    clock.follow_up(case, desk.calendar, now)
    cases.log(session, case, action, "", officer=officer, now=now)
    await cases.tell_person(session, case, Reply(body=words.TAKEN.format(number=case.number)), now=now)
    told = Reply(body=officer_words.CLAIMED.format(officer=officer.name))
    await desk_service.post(session, desk, case, told, now=now)


async def reply(
    session: Session,
    case: Case,
    officer: Officer,
    said: str,
    media: Media | None = None,
    *,
    desk: Desk,
    now: datetime,
) -> None:
    """Send what the officer wrote or sent to the person under the office's name; a case nobody has is taken with it."""
    await allow(session, case, officer, CaseAction.REPLY)
    case.state = advance(case.state, CaseAction.REPLY)
    is_new_owner = await take(session, case, officer, now)
    clock.follow_up(case, desk.calendar, now)
    cases.log(session, case, CaseAction.REPLY, officer_words.logged(said, media), officer=officer, now=now)
    footer = words.REPLY_FOOTER.format(number=case.number)
    told = Reply(title=desk.office, body=said, footer=footer, media=media)
    await cases.tell_person(session, case, told, now=now)
    if is_new_owner:
        told = Reply(body=officer_words.CLAIMED.format(officer=officer.name))
        await desk_service.post(session, desk, case, told, now=now)


async def note(session: Session, case: Case, officer: Officer, said: str, *, now: datetime) -> None:
    """Keep a remark between officers; nothing is sent."""
    await allow(session, case, officer, EventKind.NOTE)
    cases.log(session, case, EventKind.NOTE, said, officer=officer, now=now)


async def wait(session: Session, case: Case, officer: Officer, asked: str, *, desk: Desk, now: datetime) -> None:
    """Ask the person for something; until they write, the clock stands."""
    await allow(session, case, officer, CaseAction.WAIT)
    case.state = advance(case.state, CaseAction.WAIT)
    await take(session, case, officer, now)
    clock.follow_up(case, desk.calendar, now)
    clock.stop(case, desk.calendar, now)
    cases.log(session, case, CaseAction.WAIT, asked, officer=officer, now=now)
    await cases.tell_person(session, case, progress.wait(case, asked, desk.office), now=now)
    told = Reply(body=officer_words.WAITING.format(officer=officer.name, asked=asked))
    await desk_service.post(session, desk, case, told, now=now)


async def prioritise(
    session: Session, case: Case, officer: Officer, urgency: CaseUrgency, reason: str, *, desk: Desk, now: datetime
) -> None:
    """Change how urgent the case is, and with it by when the next step is due.

    An emergency is lowered by a supervisor, or by its owner who says why.
    """
    before = CaseUrgency(case.urgency)
    if urgency is before:
        raise NothingToChange
    is_lower = more_urgent(before, urgency) is before
    action = CaseAction.LOWER if is_lower and before is CaseUrgency.EMERGENCY else CaseAction.PRIORITISE
    await allow(session, case, officer, action)
    if action is CaseAction.LOWER and not reason and Role(officer.role) not in LEADING:
        raise ReasonMissing
    case.state = advance(case.state, action)
    case.urgency = urgency
    if not is_lower:
        clock.hasten(case, desk.calendar, now)
    elif case.state is CaseState.NEW:
        clock.start(case, desk.calendar, now)
    else:
        clock.follow_up(case, desk.calendar, now)
    told = officer_words.prioritised(officer.name, before, urgency, reason)
    cases.log(session, case, action, told, officer=officer, now=now)
    await desk_service.post(session, desk, case, Reply(body=told), now=now)
    await desk_service.renew_facts(session, desk, case, now=now)
    if urgency is CaseUrgency.EMERGENCY:
        await cases.page(session, case, desk=desk, now=now)


async def hand_over(session: Session, case: Case, officer: Officer, to: Officer, *, desk: Desk, now: datetime) -> None:
    """Give the case to another officer, or as a supervisor to oneself; the person is told."""
    await allow(session, case, officer, CaseAction.HAND_OVER)
    if case.officer_id == to.id:
        raise NothingToChange
    case.state = advance(case.state, CaseAction.HAND_OVER)
    case.officer_id, case.with_silvi = to.id, False
    case.acknowledged_at = case.acknowledged_at or now
    clock.follow_up(case, desk.calendar, now)
    cases.log(session, case, CaseAction.HAND_OVER, to.name, officer=officer, now=now)
    await cases.tell_person(session, case, progress.handed_over(case), now=now)
    said = officer_words.TAKEN_OVER if to.id == officer.id else officer_words.HANDED_OVER
    told = Reply(body=said.format(officer=officer.name, to=to.name))
    await desk_service.post(session, desk, case, told, now=now)


async def hand_back(session: Session, case: Case, officer: Officer, *, desk: Desk, now: datetime) -> None:
    """Silvi answers the person again; the officer keeps the case and still sees what is written."""
    await allow(session, case, officer, CaseAction.HAND_BACK)
    if case.with_silvi:
        raise NothingToChange
    case.state = advance(case.state, CaseAction.HAND_BACK)
    case.with_silvi = True
    cases.log(session, case, CaseAction.HAND_BACK, "", officer=officer, now=now)
    await cases.tell_person(session, case, progress.handed_back(case), now=now)
    await desk_service.post(session, desk, case, officer_words.handed_back(case), now=now)


async def take_back(session: Session, case: Case, officer: Officer, *, desk: Desk, now: datetime) -> None:
    """The officer answers the person again, and Silvi keeps silent."""
    await allow(session, case, officer, CaseAction.TAKE_BACK)
    if not case.with_silvi:
        raise NothingToChange
    case.state = advance(case.state, CaseAction.TAKE_BACK)
    case.with_silvi = False
    cases.log(session, case, CaseAction.TAKE_BACK, "", officer=officer, now=now)
    await cases.tell_person(session, case, Reply(body=words.TAKEN.format(number=case.number)), now=now)
    told = Reply(body=officer_words.TAKEN_BACK.format(officer=officer.name))
    await desk_service.post(session, desk, case, told, now=now)


async def record_outcome(
    session: Session,
    case: Case,
    officer: Officer,
    stage: Stage,
    on_date: date,
    note: str,
    *,
    desk: Desk,
    now: datetime,
) -> None:
    """What came of the case, whatever its state: verdicts come late. Raises BadOutcome for a day that cannot be."""
    await allow(session, case, officer, EventKind.OUTCOME)
    if case.state == CaseState.NEW:
        raise TransitionNotAllowed("outcome of a case nobody has taken")
    today = now.astimezone(desk.zone).date()
    await outcomes.add(session, case, officer, stage, on_date, note, today=today, now=now)
    told = officer_words.outcome(stage, on_date, note)
    cases.log(session, case, EventKind.OUTCOME, told, officer=officer, now=now)
    await cases.tell_person(session, case, progress.outcome(case, stage, on_date), now=now)
    await desk_service.post(session, desk, case, Reply(title=officer_words.OUTCOME, body=told), now=now)
    await desk_service.renew_facts(session, desk, case, now=now)


async def note_route(
    session: Session, case: Case, officer: Officer, route: Route, *, desk: Desk, now: datetime
) -> None:
    """How the person left, for the figures, whatever the case's state; nobody outside the desk is told."""
    await allow(session, case, officer, EventKind.ROUTE)
    if case.route == route:
        raise NothingToChange
    case.route = route
    told = officer_words.ROUTE_NOTED.format(officer=officer.name, route=officer_words.ROUTES[route].lower())
    cases.log(session, case, EventKind.ROUTE, told, officer=officer, now=now)
    await desk_service.post(session, desk, case, Reply(body=told), now=now)
    await desk_service.renew_facts(session, desk, case, now=now)


async def put_story(session: Session, case: Case, officer: Officer, said: str, *, desk: Desk, now: datetime) -> None:
    """The story of the letters in the officer's words; an empty one leaves it to the person's own again."""
    await allow(session, case, officer, EventKind.STORY)
    cases.log(session, case, EventKind.STORY, said, officer=officer, now=now)
    told = officer_words.STORY_PUT if said else officer_words.STORY_BACK
    await desk_service.post(session, desk, case, Reply(body=told.format(officer=officer.name)), now=now)


async def resolve(session: Session, case: Case, officer: Officer, *, desk: Desk, now: datetime) -> None:
    """Done in the officer's eyes: the person is asked, and Silvi answers again."""
    await allow(session, case, officer, CaseAction.RESOLVE)
    case.state = advance(case.state, CaseAction.RESOLVE)
    case.resolved_at = now
    clock.end(case)
    cases.log(session, case, CaseAction.RESOLVE, "", officer=officer, now=now)
    await cases.tell_person(session, case, words.is_it_solved(case), now=now)
    await desk_service.post(session, desk, case, officer_words.resolved(case, officer.name), now=now)


async def reopen(session: Session, case: Case, officer: Officer, *, desk: Desk, now: datetime) -> None:
    """Go on with a case that had come to an end; the person is told."""
    await allow(session, case, officer, CaseAction.REOPEN)
    await cases.reopen(session, case, officer, officer.name, desk=desk, now=now)
    await take(session, case, officer, now)
    clock.follow_up(case, desk.calendar, now)
    await cases.tell_person(session, case, words.reopened(case, desk.zone, now=now), now=now)


async def take(session: Session, case: Case, officer: Officer, now: datetime) -> bool:
    """A case nobody has goes to who works on it, who from now on answers instead of Silvi; True for a new owner."""
    is_new_owner = await owner_of(session, case) is None
    if is_new_owner:
        case.officer_id = officer.id
    case.acknowledged_at = case.acknowledged_at or now
    case.with_silvi = False
    return is_new_owner
