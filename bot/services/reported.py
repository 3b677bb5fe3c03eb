"""The files of reported recruiters: what links reports, what the recruiter says, and what the law does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from bot.domain.outcomes import Stage
from bot.domain.traces import Trace, TraceKind, masked
from bot.services import audit, outcomes, traces
from bot.storage.database import Session
from bot.storage.tables import (
    AskedTrace,
    Case,
    OfferAsked,
    OfferSeen,
    Officer,
    Recruiter,
    RecruiterCase,
    RecruiterStatement,
    RecruiterTrace,
    RecruiterVerdict,
    TraceRow,
)
from knowledge.office import OfficeProfile


@dataclass(frozen=True, slots=True)
class Line:
    """A recruiter in the list; `traces` are masked."""

    id: int
    title: str
    traces: tuple[str, ...]
    reports: int
    reported_at: datetime
    verdict: RecruiterVerdict | None


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that holds a trace of the recruiter, and how many people asked about it."""

    id: int
    verdict: str
    people: int
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """All that is known of a recruiter."""

    recruiter: Recruiter
    title: str
    traces: Sequence[TraceRow]
    cases: Sequence[Case]
    offers: Sequence[Offer]
    statements: Sequence[RecruiterStatement]
    steps: dict[Stage, date]


async def note_report(
    session: Session, case: Case, found: Sequence[Trace], *, officer: Officer | None = None, now: datetime
) -> Recruiter | None:
    """Put what a case reports into the file that shares a phone, handle, link or account with it, or into a new one.

    A name alone joins only where the report has nothing else: swindlers use the names of honest companies. None where
    there is nothing to know anybody by.
    """
    rows = await traces.keep(session, found, now=now)
    if not rows:
        return None
    contacts = [row.id for row in rows if row.kind != TraceKind.NAME]
    recruiter = await _sharing(session, contacts or [row.id for row in rows])
    if recruiter is None:
        recruiter = Recruiter(opened_at=now, reported_at=now)
        session.add(recruiter)
        await session.flush()
    recruiter.reported_at = now
    await _add(session, recruiter, rows, officer, now)
    link = insert(RecruiterCase).values(recruiter_id=recruiter.id, case_id=case.id)
    await session.execute(link.on_conflict_do_nothing())
    if officer:
        audit.record(session, officer, "perekrut:kasus", _subject(recruiter), now=now, after={"kasus": case.number})
    return recruiter


async def add_trace(session: Session, recruiter: Recruiter, trace: Trace, officer: Officer, *, now: datetime) -> None:
    """An officer knows one more."""
    await _add(session, recruiter, await traces.keep(session, [trace], now=now), officer, now)
    audit.record(session, officer, "perekrut:jejak", _subject(recruiter), now=now, after={"jejak": trace.shown})


async def drop_trace(session: Session, recruiter: Recruiter, trace_id: int, officer: Officer, *, now: datetime) -> None:
    """It is somebody else's, such as the name of an honest company that was misused."""
    gone = await session.get(RecruiterTrace, (recruiter.id, trace_id))
    if gone is None:
        return
    row = await session.get_one(TraceRow, trace_id)
    await session.delete(gone)
    audit.record(session, officer, "perekrut:lepas", _subject(recruiter), now=now, before={"jejak": row.shown})


async def add_statement(
    session: Session, recruiter: Recruiter, said: str, on_date: date, officer: Officer, *, now: datetime
) -> None:
    """What the recruiter says: kept, and shown wherever a verdict about them is."""
    statement = {"recruiter_id": recruiter.id, "text": said, "on_date": on_date, "officer_id": officer.id}
    session.add(RecruiterStatement(**statement, recorded_at=now))
    audit.record(session, officer, "perekrut:tanggapan", _subject(recruiter), now=now, after={"isi": said})


async def add_step(
    session: Session,
    recruiter: Recruiter,
    stage: Stage,
    on_date: date,
    note: str,
    officer: Officer,
    *,
    today: date,
    now: datetime,
) -> None:
    """A step of enforcement; raises BadOutcome."""
    await outcomes.add(session, recruiter, officer, stage, on_date, note, today=today, now=now)
    after = {"langkah": stage, "tanggal": on_date.isoformat()}
    audit.record(session, officer, "perekrut:langkah", _subject(recruiter), now=now, after=after)


async def listed(session: Session, wanted: Sequence[Trace] | None = None, *, limit: int) -> list[Line]:
    """The newest reported first; with `wanted` only those who share one of these traces."""
    found = select(Recruiter).order_by(Recruiter.reported_at.desc(), Recruiter.id.desc()).limit(limit)
    if wanted is not None:
        ids = [row.id for row in await traces.known(session, wanted)]
        shared = select(RecruiterTrace.recruiter_id).where(RecruiterTrace.trace_id.in_(ids))
        found = found.where(Recruiter.id.in_(shared))
    return await _lines(session, (await session.execute(found)).scalars().all())


async def lines_of_case(session: Session, case_id: int) -> list[Line]:
    """The files this case reports, as the list shows them."""
    found = select(Recruiter).join(RecruiterCase).where(RecruiterCase.case_id == case_id).order_by(Recruiter.id)
    return await _lines(session, (await session.execute(found)).scalars().all())


def named_in(case: Case, office: OfficeProfile) -> list[Trace]:
    """Names and contacts in the story of a case, for its officer to choose from; the reporter's own number is none."""
    own = {trace.value for trace in traces.in_text(case.contact or "", office)}
    return [trace for trace in traces.in_text(case.narrative, office) if trace.value not in own]


async def _lines(session: Session, recruiters: Sequence[Recruiter]) -> list[Line]:
    ids = [recruiter.id for recruiter in recruiters]
    held = await traces_of(session, ids)
    counted = select(RecruiterCase.recruiter_id, func.count()).where(RecruiterCase.recruiter_id.in_(ids))
    reports = dict((await session.execute(counted.group_by(RecruiterCase.recruiter_id))).all())
    ongoing = select(RecruiterVerdict).where(
        RecruiterVerdict.recruiter_id.in_(ids), RecruiterVerdict.ended_at.is_(None)
    )
    verdicts = {row.recruiter_id: row for row in (await session.execute(ongoing)).scalars()}
    return [
        Line(
            one.id,
            title_of(held[one.id]),
            tuple(masked(row.kind, row.shown) for row in held[one.id]),
            reports.get(one.id, 0),
            one.reported_at,
            verdicts.get(one.id),
        )
        for one in recruiters
    ]


async def read(session: Session, recruiter_id: int) -> File | None:
    """The whole file."""
    recruiter = await session.get(Recruiter, recruiter_id)
    if recruiter is None:
        return None
    held = (await traces_of(session, [recruiter_id]))[recruiter_id]
    cases = select(Case).join(RecruiterCase).where(RecruiterCase.recruiter_id == recruiter_id)
    statements = select(RecruiterStatement).where(RecruiterStatement.recruiter_id == recruiter_id)
    return File(
        recruiter,
        title_of(held),
        held,
        (await session.execute(cases.order_by(Case.id.desc()))).scalars().all(),
        await _offers_with(session, [row.id for row in held if row.kind != TraceKind.NAME] or [row.id for row in held]),
        (await session.execute(statements.order_by(RecruiterStatement.id.desc()))).scalars().all(),
        await outcomes.of(session, recruiter),
    )


async def of_case(session: Session, case_id: int) -> Sequence[int]:
    """The files this case reports."""
    found = select(RecruiterCase.recruiter_id).where(RecruiterCase.case_id == case_id)
    return (await session.execute(found.order_by(RecruiterCase.recruiter_id))).scalars().all()


async def traces_of(session: Session, recruiter_ids: Sequence[int]) -> dict[int, list[TraceRow]]:
    """The traces of each file, names first."""
    found = select(RecruiterTrace.recruiter_id, TraceRow).join(TraceRow, TraceRow.id == RecruiterTrace.trace_id)
    rows = await session.execute(found.where(RecruiterTrace.recruiter_id.in_(recruiter_ids)).order_by(TraceRow.id))
    held: dict[int, list[TraceRow]] = {recruiter_id: [] for recruiter_id in recruiter_ids}
    for recruiter_id, row in rows:
        held[recruiter_id].append(row)
    order = list(TraceKind)
    return {one: sorted(rows, key=lambda row: order.index(TraceKind(row.kind))) for one, rows in held.items()}


def title_of(rows: Sequence[TraceRow]) -> str:
    """What officers call the file: its first name, or what else it is known by, masked."""
    return masked(rows[0].kind, rows[0].shown) if rows else "-"


async def _sharing(session: Session, trace_ids: Sequence[int]) -> Recruiter | None:
    """The file with most of these traces, of several the oldest."""
    shared = (
        select(Recruiter)
        .join(RecruiterTrace, RecruiterTrace.recruiter_id == Recruiter.id)
        .where(RecruiterTrace.trace_id.in_(trace_ids))
        .group_by(Recruiter.id)
        .order_by(func.count().desc(), Recruiter.id)
        .limit(1)
    )
    return (await session.execute(shared)).scalar_one_or_none()


async def _add(
    session: Session, recruiter: Recruiter, rows: Sequence[TraceRow], officer: Officer | None, now: datetime
) -> None:
    for row in rows:
        values = {"recruiter_id": recruiter.id, "trace_id": row.id, "added_at": now}
        made = insert(RecruiterTrace).values(**values, officer_id=officer.id if officer else None)
        await session.execute(made.on_conflict_do_nothing())


async def _offers_with(session: Session, trace_ids: Sequence[int]) -> list[Offer]:
    holding = select(OfferAsked.offer_id).join(AskedTrace).where(AskedTrace.trace_id.in_(trace_ids))
    found = (
        select(OfferSeen, func.count(OfferAsked.person_id.distinct()))
        .join(OfferAsked, OfferAsked.offer_id == OfferSeen.id)
        .where(OfferSeen.id.in_(holding))
        .group_by(OfferSeen.id)
        .order_by(OfferSeen.last_seen_at.desc())
        .limit(50)
    )
    return [Offer(row.id, row.verdict, people, row.last_seen_at) for row, people in await session.execute(found)]


def _subject(recruiter: Recruiter) -> str:
    return f"perekrut {recruiter.id}"
