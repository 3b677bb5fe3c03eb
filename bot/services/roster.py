"""Who is called for a case, and the roster that says who is called first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from bot.domain.cases import Role
from bot.services import officers
from bot.storage.database import Session
from bot.storage.tables import Case, Duty, Officer

Step = tuple[Officer, ...]
"""Those who are called together."""


class DutyEndsBeforeItBegins(Exception):
    """The end is not later than the beginning."""


async def add(session: Session, officer: Officer, starts_at: datetime, ends_at: datetime) -> Duty:
    """Put `officer` on the roster; duties may overlap, then all of them are called. Raises DutyEndsBeforeItBegins."""
    if ends_at <= starts_at:
        raise DutyEndsBeforeItBegins
    duty = Duty(officer_id=officer.id, starts_at=starts_at, ends_at=ends_at)
    session.add(duty)
    await session.flush()
    return duty


async def remove(session: Session, duty_id: int) -> Duty | None:
    """Take a duty off the roster; returns it, or None where there is no such one."""
    duty = await session.get(Duty, duty_id)
    if duty:
        await session.delete(duty)
    return duty


async def not_over(session: Session, now: datetime) -> list[tuple[Duty, Officer]]:
    """The duties of registered officers that run or are to come, in the order in which they begin."""
    found = (
        select(Duty, Officer)
        .join(Officer, Officer.id == Duty.officer_id)
        .where(Duty.ends_at > now, Officer.removed_at.is_(None))
        .order_by(Duty.starts_at, Duty.id)
    )
    return [(duty, officer) for duty, officer in (await session.execute(found)).all()]


async def on_duty(session: Session, case: Case, now: datetime) -> list[Step]:
    """Who is called for `case`, step by step, nobody twice; empty only where no officer is registered.

    First the officer who has it, then those on duty, the next on the roster, and the supervisors (the admins where
    there are none). People of the case's office go before all others. Where nobody is on duty, all officers of the
    office are called.
    """
    roster, everybody = await not_over(session, now), await officers.active(session)
    running = [officer for duty, officer in roster if duty.starts_at <= now]
    coming = [officer for duty, officer in roster if duty.starts_at > now]
    of_role = {role: [one for one in everybody if one.role == role] for role in Role}
    steps = (
        [one for one in everybody if one.id == case.officer_id],
        _of_office(case, running or of_role[Role.OFFICER]),
        _of_office(case, coming)[:1],
        _of_office(case, of_role[Role.SUPERVISOR] or of_role[Role.ADMIN]),
    )
    return _nobody_twice(steps) or _nobody_twice([everybody])


def _of_office(case: Case, people: Sequence[Officer]) -> list[Officer]:
    """Those who work for the case's office, or all where nobody does."""
    return [one for one in people if one.office in (None, case.office)] or list(people)


def _nobody_twice(steps: Sequence[Sequence[Officer]]) -> list[Step]:
    called: set[int] = set()
    kept = []
    for step in steps:
        new = {one.id: one for one in step if one.id not in called}
        called |= set(new)
        if new:
            kept.append(tuple(new.values()))
    return kept
