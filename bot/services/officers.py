"""Who may act on cases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot.domain.cases import Role
from bot.storage.database import Session
from bot.storage.tables import Officer


async def by_telegram_id(session: Session, telegram_id: int) -> Officer | None:
    """The registered officer behind this account, or None."""
    return (await session.execute(_active().where(Officer.telegram_id == telegram_id))).scalar_one_or_none()


async def add(
    session: Session, telegram_id: int, name: str, role: Role, *, now: datetime, office: str | None = None
) -> bool:
    """Register an officer, or change name, role and office of one; False where this account was already active.

    Without `office` they work for all offices.
    """
    found = select(Officer).where(Officer.telegram_id == telegram_id).with_for_update()
    officer = (await session.execute(found)).scalar_one_or_none()
    if officer is None:
        session.add(Officer(telegram_id=telegram_id, name=name, role=role, office=office, added_at=now))
        return True
    was_removed = officer.removed_at is not None
    officer.name, officer.role, officer.office, officer.removed_at = name, role, office, None
    return was_removed


async def remove(session: Session, telegram_id: int, *, now: datetime) -> Officer | None:
    """Take all rights away from an officer, who is returned, or None where there is no such one."""
    officer = await by_telegram_id(session, telegram_id)
    if officer:
        officer.removed_at = now
    return officer


async def active(session: Session) -> list[Officer]:
    """Everybody registered, by name."""
    return list((await session.execute(_active().order_by(Officer.name, Officer.id))).scalars())


async def ever(session: Session) -> list[Officer]:
    """Everybody who was ever registered, by name."""
    return list((await session.execute(select(Officer).order_by(Officer.name, Officer.id))).scalars())


def _active():
    return select(Officer).where(Officer.removed_at.is_(None))
