"""What came of cases and of recruiters, as dated steps; the figures count those of cases."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Subquery, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from bot.domain.outcomes import Stage, check
from bot.storage.database import Session
from bot.storage.tables import Case, Officer, Outcome, Recruiter


async def add(
    session: Session,
    about: Case | Recruiter,
    officer: Officer,
    stage: Stage,
    on_date: date,
    note: str,
    *,
    today: date,
    now: datetime,
) -> None:
    """Add a step; raises BadOutcome for a day that cannot be."""
    check(stage, on_date, await of(session, about), today=today)
    subject = {"case_id": about.id} if isinstance(about, Case) else {"recruiter_id": about.id}
    session.add(Outcome(**subject, stage=stage, on_date=on_date, note=note, officer_id=officer.id, recorded_at=now))
    await session.flush()


async def of(session: Session, about: Case | Recruiter) -> dict[Stage, date]:
    """The steps of one of them by date; of two dates for one step the later recorded counts."""
    owner = Outcome.case_id if isinstance(about, Case) else Outcome.recruiter_id
    found = select(Outcome.stage, Outcome.on_date).where(owner == about.id).order_by(Outcome.id)
    dates = {Stage(stage): on_date for stage, on_date in await session.execute(found)}
    in_order = list(Stage)
    return dict(sorted(dates.items(), key=lambda item: (item[1], in_order.index(item[0]))))


def newest_steps(known_until: datetime | None = None) -> Subquery:
    """case_id, stage and on_date of every step of every case; of two dates for one step the later recorded counts.

    With `known_until` as it was known before that moment.
    """
    is_known = Outcome.recorded_at < known_until if known_until else true()
    return (
        select(Outcome.case_id, Outcome.stage, Outcome.on_date)
        .ext(distinct_on(Outcome.case_id, Outcome.stage))
        .where(Outcome.case_id.is_not(None), is_known)
        .order_by(Outcome.case_id, Outcome.stage, Outcome.id.desc())
        .subquery()
    )
