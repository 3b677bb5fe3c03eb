"""Verdicts about recruiters: proposed by one officer, in force once another agreed, shown by their traces, told to who asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.domain.traces import Trace, TraceKind
from bot.domain.verdicts import NothingChosen, NotNow, Reported, check_days, check_second
from bot.services import audit, news, traces
from bot.storage.database import Session
from bot.storage.tables import (
    Officer,
    Recruiter,
    RecruiterStatement,
    RecruiterTrace,
    RecruiterVerdict,
    TraceRow,
    VerdictTrace,
)
from bot.texts import verdicts as words


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an officer proposes: the traces the public is to know it by, and how the recruiter was asked."""

    trace_ids: frozenset[int]
    reason: str
    invited_on: date
    invited_how: str
    expires_on: date


async def propose(
    session: Session, recruiter: Recruiter, proposal: Proposal, officer: Officer, *, zone: ZoneInfo, now: datetime
) -> RecruiterVerdict:
    """Raises BadVerdict: one that is open already, a day that cannot be, no trace or a name that others bear too."""
    today = now.astimezone(zone).date()
    check_days(proposal.invited_on, proposal.expires_on, today=today)
    standing = await open_verdict(session, recruiter.id, for_update=True)
    if standing and standing.expires_on < today:
        await _run_out(session, standing, zone=zone, now=now)
        await session.flush()
    elif standing:
        raise NotNow
    chosen = select(TraceRow).join(RecruiterTrace).where(RecruiterTrace.recruiter_id == recruiter.id)
    rows = (await session.execute(chosen.where(TraceRow.id.in_(proposal.trace_ids)))).scalars().all()
    if not rows or any(row.kind == TraceKind.NAME and not traces.is_company(row.shown) for row in rows):
        raise NothingChosen
    verdict = RecruiterVerdict(
        recruiter_id=recruiter.id,
        reason=proposal.reason,
        invited_on=proposal.invited_on,
        invited_how=proposal.invited_how,
        proposed_by=officer.id,
        proposed_at=now,
        expires_on=proposal.expires_on,
    )
    session.add(verdict)
    await session.flush()
    session.add_all([VerdictTrace(verdict_id=verdict.id, trace_id=row.id) for row in rows])
    after = {"tentang": ", ".join(row.shown for row in rows), "sampai": proposal.expires_on.isoformat()}
    _record(session, officer, "putusan:usul", recruiter.id, now, after)
    await session.flush()
    return verdict


async def agree(session: Session, recruiter: Recruiter, officer: Officer, *, zone: ZoneInfo, now: datetime) -> int:
    """The second officer: from now on it is shown, and who asked is told; returns how many. Raises BadVerdict."""
    today = now.astimezone(zone).date()
    verdict = await open_verdict(session, recruiter.id, for_update=True)
    if verdict is None or verdict.agreed_at or verdict.expires_on < today:
        raise NotNow
    has_answered = await _statement(session, recruiter.id, since=verdict.invited_on) is not None
    check_second(verdict.proposed_by, officer.id, verdict.invited_on, has_answered=has_answered, today=today)
    verdict.agreed_by, verdict.agreed_at = officer.id, now
    _record(session, officer, "putusan:setuju", recruiter.id, now, {"sampai": verdict.expires_on.isoformat()})
    rows = await traces_of(session, verdict.id)
    return await news.tell(
        session, recruiter.id, rows, lambda about: words.in_force(about, verdict.expires_on), zone=zone, now=now
    )


async def end(
    session: Session, recruiter: Recruiter, officer: Officer, reason: str, *, zone: ZoneInfo, now: datetime
) -> int:
    """Withdraw one in force, and tell who asked, or refuse a proposal; returns how many were told. Raises NotNow."""
    verdict = await open_verdict(session, recruiter.id, for_update=True)
    if verdict is None:
        raise NotNow
    verdict.ended_by, verdict.ended_at, verdict.end_reason = officer.id, now, reason
    _record(session, officer, "putusan:cabut", recruiter.id, now, {"alasan": reason})
    if not verdict.agreed_at:
        return 0
    rows = await traces_of(session, verdict.id)
    return await news.tell(session, recruiter.id, rows, words.withdrawn, zone=zone, now=now)


async def end_run_out(session: Session, *, zone: ZoneInfo, now: datetime) -> int:
    """End what its last day has ended, proposals too; who was told of one in force is told this. Returns how many were told."""
    over = RecruiterVerdict.ended_at.is_(None), RecruiterVerdict.expires_on < now.astimezone(zone).date()
    found = select(RecruiterVerdict).where(*over).order_by(RecruiterVerdict.id).with_for_update(skip_locked=True)
    rows = (await session.execute(found)).scalars().all()
    return sum([await _run_out(session, verdict, zone=zone, now=now) for verdict in rows])


async def _run_out(session: Session, verdict: RecruiterVerdict, *, zone: ZoneInfo, now: datetime) -> int:
    verdict.ended_at, verdict.end_reason = now, words.RAN_OUT
    if not verdict.agreed_at:
        return 0
    rows = await traces_of(session, verdict.id)
    say = partial(words.ran_out, until=verdict.expires_on)
    return await news.tell(session, verdict.recruiter_id, rows, say, zone=zone, now=now)


async def open_verdict(session: Session, recruiter_id: int, *, for_update: bool = False) -> RecruiterVerdict | None:
    """The one that is proposed or in force; it may have run out."""
    found = select(RecruiterVerdict).where(
        RecruiterVerdict.recruiter_id == recruiter_id, RecruiterVerdict.ended_at.is_(None)
    )
    if for_update:
        # The recruiter's row is the lock: two who propose at once meet there.
        await session.get(Recruiter, recruiter_id, with_for_update=True)
    return (await session.execute(found)).scalar_one_or_none()


async def of(session: Session, recruiter_id: int) -> Sequence[RecruiterVerdict]:
    """All of a recruiter, the newest first."""
    found = select(RecruiterVerdict).where(RecruiterVerdict.recruiter_id == recruiter_id)
    return (await session.execute(found.order_by(RecruiterVerdict.id.desc()))).scalars().all()


async def traces_of(session: Session, verdict_id: int) -> Sequence[TraceRow]:
    """What a verdict is about."""
    found = select(TraceRow).join(VerdictTrace).where(VerdictTrace.verdict_id == verdict_id).order_by(TraceRow.id)
    return (await session.execute(found)).scalars().all()


async def about(session: Session, wanted: Sequence[Trace], *, today: date) -> tuple[Reported, ...]:
    """The verdicts that hold today about any of these traces, each with the recruiter's newest statement."""
    rows = await traces.known(session, wanted)
    if not rows:
        return ()
    found = (
        select(RecruiterVerdict, TraceRow)
        .join(VerdictTrace, VerdictTrace.verdict_id == RecruiterVerdict.id)
        .join(TraceRow, TraceRow.id == VerdictTrace.trace_id)
        .where(TraceRow.id.in_([row.id for row in rows]), RecruiterVerdict.agreed_at.is_not(None))
        .where(RecruiterVerdict.ended_at.is_(None), RecruiterVerdict.expires_on >= today)
        .order_by(RecruiterVerdict.id, TraceRow.id)
    )
    shown: dict[int, list[str]] = {}
    verdicts = {}
    for verdict, row in await session.execute(found):
        verdicts[verdict.id] = verdict
        shown.setdefault(verdict.id, []).append(row.shown)
    return tuple(
        [
            Reported(
                tuple(shown[verdict.id]),
                verdict.agreed_at.date(),
                verdict.expires_on,
                await _statement(session, verdict.recruiter_id),
            )
            for verdict in verdicts.values()
        ]
    )


async def _statement(session: Session, recruiter_id: int, *, since: date | None = None) -> str | None:
    found = select(RecruiterStatement.text).where(RecruiterStatement.recruiter_id == recruiter_id)
    if since:
        found = found.where(RecruiterStatement.on_date >= since)
    return (await session.execute(found.order_by(RecruiterStatement.id.desc()).limit(1))).scalar_one_or_none()


def _record(session: Session, officer: Officer, action: str, recruiter_id: int, now: datetime, after: dict) -> None:
    audit.record(session, officer, action, f"perekrut {recruiter_id}", now=now, after=after)
