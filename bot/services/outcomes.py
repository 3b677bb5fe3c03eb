"""What came of cases, as dated steps; the figures count them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Subquery, select
from sqlalchemy.dialects.postgresql import distinct_on

from bot.domain.outcomes import Stage, check
from bot.storage.database import Session
from bot.storage.tables import Case, Officer, Outcome


async def add(
    session: Session,
    case: Case,
    officer: Officer,
    stage: Stage,
    on_date: date,
    note: str,
    *,
    today: date,
    now: datetime,
) -> None:
    """Add a step; raises BadOutcome for a day that cannot be."""
    check(stage, on_date, await of(session, case), today=today)
    row = Outcome(case_id=case.id, stage=stage, on_date=on_date, note=note, officer_id=officer.id, recorded_at=now)
    session.add(row)
    await session.flush()


async def of(session: Session, case: Case) -> dict[Stage, date]:
    """The steps of a case by date; of two dates for one step the later recorded counts."""
    found = select(Outcome.stage, Outcome.on_date).where(Outcome.case_id == case.id).order_by(Outcome.id)
    dates = {Stage(stage): on_date for stage, on_date in await session.execute(found)}
    in_order = list(Stage)
    return dict(sorted(dates.items(), key=lambda item: (item[1], in_order.index(item[0]))))


def newest_steps() -> Subquery:
    """case_id, stage and on_date of every step of every case; of two dates for one step the later recorded counts."""
    return (
        select(Outcome.case_id, Outcome.stage, Outcome.on_date)
        .ext(distinct_on(Outcome.case_id, Outcome.stage))
        .order_by(Outcome.case_id, Outcome.stage, Outcome.id.desc())
        .subquery()
    )
