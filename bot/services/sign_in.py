"""The officers' way into the console: a link that works once, and the sessions it opens."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from bot.services import audit
from bot.storage.database import Session
from bot.storage.tables import ConsoleSession, Officer, SignInLink

LINK_LASTS = timedelta(minutes=5)
SESSION_LASTS = timedelta(hours=12)
IDLE_AT_MOST = timedelta(hours=2)
ROTATED_EVERY = timedelta(minutes=30)
EARLIER_TOKEN_LASTS = timedelta(seconds=60)
"""Requests that were under way when the token changed still come in with the old one."""
SEEN_EVERY = timedelta(minutes=1)


class LinkUnusable(Exception):
    """The link is unknown, was used, has run out, or its officer has been removed: nobody is told which."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is at the other end of a request; `new_token` replaces the one the browser holds."""

    session_id: int
    officer: Officer
    new_token: str | None = None


async def make_link(session: Session, officer: Officer, *, now: datetime) -> str:
    """The token of a new link for `officer`; earlier links that were not used stop working."""
    unused = (SignInLink.officer_id == officer.id) & SignInLink.used_at.is_(None)
    await session.execute(update(SignInLink).where(unused).values(used_at=now))
    token = secrets.token_urlsafe(32)
    session.add(SignInLink(officer_id=officer.id, token_hash=_hash(token), made_at=now, ends_at=now + LINK_LASTS))
    audit.record(session, officer, "konsol:tautan", f"petugas {officer.id}", now=now)
    return token


async def open_session(session: Session, link_token: str, device: str, *, now: datetime) -> str:
    """The token of a new session for the officer of the link, which is used up; raises LinkUnusable."""
    found = select(SignInLink).where(SignInLink.token_hash == _hash(link_token)).with_for_update()
    link = (await session.execute(found)).scalar_one_or_none()
    officer = await session.get_one(Officer, link.officer_id) if link else None
    if link is None or link.used_at is not None or link.ends_at <= now or officer.removed_at is not None:
        raise LinkUnusable
    link.used_at = now
    token = secrets.token_urlsafe(32)
    opened = ConsoleSession(
        officer_id=officer.id,
        token_hash=_hash(token),
        rotated_at=now,
        started_at=now,
        seen_at=now,
        ends_at=now + SESSION_LASTS,
        device=device[:200],
    )
    session.add(opened)
    await session.flush()
    audit.record(session, officer, "konsol:masuk", f"sesi {opened.id}", now=now, after={"perangkat": opened.device})
    return token


async def who(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """The officer of a session that is still good, or None; from time to time the token is exchanged."""
    hashed = _hash(token)
    found = (
        select(ConsoleSession, Officer)
        .join(Officer, Officer.id == ConsoleSession.officer_id)
        .where(
            or_(ConsoleSession.token_hash == hashed, ConsoleSession.earlier_hash == hashed),
            ConsoleSession.revoked_at.is_(None),
            ConsoleSession.ends_at > now,
            ConsoleSession.seen_at > now - IDLE_AT_MOST,
            Officer.removed_at.is_(None),
        )
    )
    row = (await session.execute(found)).one_or_none()
    if row is None:
        return None
    opened, officer = row
    if opened.token_hash != hashed:
        is_under_way = now - opened.rotated_at <= EARLIER_TOKEN_LASTS
        return SignedIn(opened.id, officer) if is_under_way else None
    if now - opened.seen_at > SEEN_EVERY:
        opened.seen_at = now
    if now - opened.rotated_at <= ROTATED_EVERY:
        return SignedIn(opened.id, officer)
    # Of two requests at the same moment only one exchanges the token; the other's is then the earlier one.
    new_token = secrets.token_urlsafe(32)
    exchanged = await session.execute(
        update(ConsoleSession)
        .where(ConsoleSession.id == opened.id, ConsoleSession.token_hash == hashed)
        .values(token_hash=_hash(new_token), earlier_hash=hashed, rotated_at=now)
    )
    return SignedIn(opened.id, officer, new_token if exchanged.rowcount else None)


async def sessions_of(session: Session, officer_id: int, *, now: datetime) -> list[ConsoleSession]:
    """The officer's sessions that are still good, newest first."""
    found = select(ConsoleSession).where(
        ConsoleSession.officer_id == officer_id,
        ConsoleSession.revoked_at.is_(None),
        ConsoleSession.ends_at > now,
        ConsoleSession.seen_at > now - IDLE_AT_MOST,
    )
    return list((await session.execute(found.order_by(ConsoleSession.id.desc()))).scalars())


async def revoke(session: Session, officer: Officer, session_id: int, *, now: datetime) -> bool:
    """End a session of the officer's own; False where there is no such one."""
    own = (ConsoleSession.id == session_id) & (ConsoleSession.officer_id == officer.id)
    ended = await session.execute(
        update(ConsoleSession).where(own, ConsoleSession.revoked_at.is_(None)).values(revoked_at=now)
    )
    if ended.rowcount:
        audit.record(session, officer, "konsol:keluar", f"sesi {session_id}", now=now)
    return bool(ended.rowcount)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
