"""Checks of a change by the golden questions: begun, looked at, and what publishing asks of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.domain.editing import EditAction, NoSuchEntry, check_allowed
from bot.services import knowledge_base
from bot.storage.database import Session
from bot.storage.tables import Entry, EntryDraft, EntryRevision, GoldenCheck, Officer

RETIRED = 0
"""In place of a revision: the entry would be retired."""
DIES_AFTER = timedelta(seconds=60)


class NotChecked(Exception):
    """The golden questions were not asked of exactly this draft and this content."""


class ReasonNeeded(Exception):
    """The golden questions speak against it, or could not be asked: publishing needs a reason."""


async def start_check(session: Session, officer: Officer, draft: EntryDraft, *, now: datetime) -> GoldenCheck | None:
    """A new check of this draft against the content in force; None while one is running."""
    newest = await newest_check(session, draft)
    of_draft = {"entry_id": draft.entry_id, "draft_id": draft.id, "draft_version": draft.version}
    return await _begin_check(session, officer, newest, of_draft, now=now)


async def start_change_check(
    session: Session, officer: Officer, entry_id: str, revision: int, *, now: datetime
) -> GoldenCheck | None:
    """A new check of putting `revision` back, or of retiring the entry (RETIRED); None while one is running.

    Raises NoSuchEntry.
    """
    check_allowed(officer.role, EditAction.ROLL_BACK if revision else EditAction.RETIRE)
    row = await session.get(Entry, entry_id)
    is_known = await session.get(EntryRevision, (entry_id, revision)) if revision else row and row.retired_at is None
    if row is None or not is_known:
        raise NoSuchEntry
    newest = await newest_change_check(session, entry_id, revision)
    of_change = {"entry_id": entry_id, "revision": revision, "draft_version": 0}
    return await _begin_check(session, officer, newest, of_change, now=now)


async def _begin_check(
    session: Session, officer: Officer, newest: GoldenCheck | None, subject: dict, *, now: datetime
) -> GoldenCheck | None:
    if newest is not None and newest.state == "running" and not has_died(newest, now=now):
        return None
    check = GoldenCheck(
        **subject,
        content_version=await knowledge_base.content_version(session),
        state="running",
        done=0,
        total=0,
        changes=[],
        officer_id=officer.id,
        started_at=now,
        seen_at=now,
    )
    session.add(check)
    await session.flush()
    return check


async def newest_change_check(session: Session, entry_id: str, revision: int) -> GoldenCheck | None:
    """The newest check of what `start_change_check` checks."""
    found = select(GoldenCheck).where(GoldenCheck.entry_id == entry_id, GoldenCheck.revision == revision)
    return (await session.execute(found.order_by(GoldenCheck.id.desc()).limit(1))).scalar_one_or_none()


async def is_valid(session: Session, check: GoldenCheck) -> bool:
    """Whether it is over and of the content in force."""
    return check.state != "running" and check.content_version == await knowledge_base.content_version(session)


async def newest_check(session: Session, draft: EntryDraft) -> GoldenCheck | None:
    found = select(GoldenCheck).where(GoldenCheck.draft_id == draft.id).order_by(GoldenCheck.id.desc()).limit(1)
    return (await session.execute(found)).scalar_one_or_none()


async def valid_check(session: Session, draft: EntryDraft) -> GoldenCheck | None:
    """The newest check, where it is over and was of exactly this draft and the content in force."""
    check = await newest_check(session, draft)
    if check is None or check.state == "running" or check.draft_version != draft.version:
        return None
    return check if await is_valid(session, check) else None


def has_died(check: GoldenCheck, *, now: datetime) -> bool:
    """It runs on paper, but the process that ran it is gone."""
    return check.state == "running" and now - check.seen_at > DIES_AFTER


def now_wrong(check: GoldenCheck) -> list[dict]:
    """The questions that were right and would be wrong."""
    return [change for change in check.changes if not change["is_right"]]


async def must_be_checked(session: Session, entry_id: str, revision: int, reason: str) -> int:
    """How many golden questions would be wrong; raises NotChecked and ReasonNeeded."""
    check = await newest_change_check(session, entry_id, revision)
    if check is None or not await is_valid(session, check):
        raise NotChecked
    if not reason and (check.state == "failed" or now_wrong(check)):
        raise ReasonNeeded
    return len(now_wrong(check))
