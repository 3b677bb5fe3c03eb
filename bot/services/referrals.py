"""Cases handed to other agencies: number and due date of the letter, the person's consent, the agency's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.domain.agencies import BY_CODE, Agency, Fact
from bot.domain.cases import CaseAction, CaseUrgency, EventKind, Privacy, advance
from bot.domain.messages import Reply
from bot.services import cases, casework, clock
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Case, Officer, Referral
from bot.texts import officer as officer_words
from bot.texts import progress


class NoOpenReferral(Exception):
    """Nobody is asked anything, or not this agency."""


class WhichAgency(Exception):
    """More than one agency has not answered yet."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


@dataclass(frozen=True, slots=True)
class OpenReferral:
    """An agency that has not answered, with the case it was asked about."""

    referral: Referral
    case_number: str


async def refer(
    session: Session, case: Case, officer: Officer, agency: Agency, purpose: str, *, desk: Desk, now: datetime
) -> Referral:
    """Hand the case to an agency: number and due date of the letter; the person is told, or asked for their name."""
    await casework.allow(session, case, officer, CaseAction.REFER)
    case.state = advance(case.state, CaseAction.REFER)
    await casework.take(session, case, officer, now)
    clock.follow_up(case, desk.calendar, now)
    count = select(func.count()).select_from(Referral).where(Referral.case_id == case.id)
    serial = (await session.execute(count)).scalar_one() + 1
    days = agency.working_days(is_emergency=case.urgency == CaseUrgency.EMERGENCY)
    referral = Referral(
        case_id=case.id,
        agency=agency.code,
        letter_number=f"{case.number}/R{serial}",
        purpose=purpose,
        is_named=may_be_named(case, agency),
        officer_id=officer.id,
        referred_at=now,
        due_at=desk.calendar.end_of_working_day(now, days),
    )
    session.add(referral)
    await session.flush()
    cases.log(session, case, CaseAction.REFER, f"{agency.name}: {purpose}", officer=officer, now=now)
    await cases.tell_person(session, case, progress.referred(case, referral, agency, desk.zone), now=now)
    return referral


def may_be_named(case: Case, agency: Agency) -> bool | None:
    """Whether a letter carries name and contact; None where the person must be asked.

    Never for an anonymous report. A confidential one is named without asking only in an emergency, to save somebody.
    """
    if Fact.IDENTITY not in agency.needs or not case.contact or case.privacy == Privacy.ANONYMOUS:
        return False
    if case.privacy == Privacy.NAMED or case.urgency == CaseUrgency.EMERGENCY:
        return True
    return None


async def consent(session: Session, case: Case, referral: Referral, *, agrees: bool, desk: Desk, now: datetime) -> bool:
    """The person's answer to whether the agency may know them; True where the letter must be made anew.

    A report that was made anonymous meanwhile stays so.
    """
    referral.is_named = agrees and case.privacy != Privacy.ANONYMOUS
    told = (officer_words.AGREES if referral.is_named else officer_words.REFUSES).format(
        agency=BY_CODE[referral.agency].name
    )
    cases.log(session, case, EventKind.DETAIL, told, now=now)
    await desk_service.post(session, desk, case, Reply(title=officer_words.FROM_PERSON, body=told), now=now)
    return referral.is_named


async def answered(
    session: Session, case: Case, officer: Officer, code: str, answer: str, *, desk: Desk, now: datetime
) -> Referral:
    """Keep what an agency answered; without a code it is the only one asked. Raises NoOpenReferral, WhichAgency."""
    await casework.allow(session, case, officer, CaseAction.ANSWERED)
    waiting = [referral for referral in await of(session, case) if referral.answered_at is None]
    asked = [referral for referral in waiting if code in ("", referral.agency)]
    if not asked:
        raise NoOpenReferral
    codes = tuple(dict.fromkeys(referral.agency for referral in asked))
    if len(codes) > 1:
        raise WhichAgency(codes)
    referral = asked[0]
    case.state = advance(case.state, CaseAction.ANSWERED)
    if case.due_at is not None:
        clock.follow_up(case, desk.calendar, now)
    referral.answered_at, referral.answer = now, answer
    agency = BY_CODE[referral.agency]
    cases.log(session, case, CaseAction.ANSWERED, f"{agency.name}: {answer}", officer=officer, now=now)
    await cases.tell_person(session, case, progress.agency_answered(case, agency), now=now)
    told = Reply(title=officer_words.AGENCY_ANSWERED.format(agency=agency.name), body=answer)
    await desk_service.post(session, desk, case, told, now=now)
    return referral


async def of(session: Session, case: Case) -> list[Referral]:
    """The referrals of a case, oldest first."""
    found = select(Referral).where(Referral.case_id == case.id).order_by(Referral.id)
    return list((await session.execute(found)).scalars())


async def own_referral(session: Session, referral_id: int, person_id: int) -> tuple[Case, Referral] | None:
    """This referral with its case, locked, if the case is this person's."""
    case_id = (await session.execute(select(Referral.case_id).where(Referral.id == referral_id))).scalar()
    case = await cases.own_case(session, case_id, person_id) if case_id else None
    return (case, await session.get_one(Referral, referral_id)) if case else None


async def open_referrals(session: Session) -> list[OpenReferral]:
    """Every agency that has not answered, the longest overdue first."""
    found = (
        select(Referral, Case.number)
        .join(Case, Case.id == Referral.case_id)
        .where(Referral.answered_at.is_(None))
        .order_by(Referral.due_at, Referral.id)
    )
    return [OpenReferral(referral, number) for referral, number in await session.execute(found)]
