"""What waits for a second person: drafts of entries, broadcasts, and verdicts about recruiters."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import aliased

from bot.domain.broadcasts import BroadcastState
from bot.domain.cases import LEADING, Role
from bot.domain.editing import ALLOWED, DraftState, EditAction
from bot.domain.second_words import Subject, Waiting
from bot.domain.verdicts import REPLY_WITHIN
from bot.services import reported
from bot.storage.database import Session
from bot.storage.tables import Broadcast, EntryDraft, EntryDraftSave, Officer, RecruiterStatement, RecruiterVerdict


async def waiting(session: Session, officer: Officer, *, today: date) -> list[Waiting]:
    """All of it that this officer may open: first what waits for them, and of that the oldest."""
    found = [*await _drafts(session, officer), *await _verdicts(session, officer, today)]
    if Role(officer.role) in LEADING:
        found += await _broadcasts(session, officer)
    return sorted(found, key=lambda one: (not one.is_yours, one.since))


async def _drafts(session: Session, officer: Officer) -> list[Waiting]:
    newest = (EntryDraftSave.draft_id == EntryDraft.id) & (EntryDraftSave.version == EntryDraft.version)
    any_save = aliased(EntryDraftSave)
    is_own = exists().where(any_save.draft_id == EntryDraft.id, any_save.officer_id == officer.id)
    found = (
        select(EntryDraft, EntryDraftSave.saved_at, Officer.name, is_own)
        .join(EntryDraftSave, newest)
        .join(Officer, Officer.id == EntryDraftSave.officer_id)
        .where(EntryDraft.state == DraftState.REVIEW)
    )
    may_publish = Role(officer.role) in ALLOWED[EditAction.PUBLISH]
    return [
        Waiting(
            Subject.DRAFT,
            draft.entry_id,
            draft.document.get("title") or draft.entry_id,
            author,
            saved_at,
            may_publish and not is_own,
        )
        for draft, saved_at, author, is_own in await session.execute(found)
    ]


async def _broadcasts(session: Session, officer: Officer) -> list[Waiting]:
    found = _with_author(Broadcast, Broadcast.author_id).where(Broadcast.state == BroadcastState.REVIEW)
    return [
        Waiting(Subject.BROADCAST, str(row.id), row.title, author, row.made_at, row.author_id != officer.id)
        for row, author in await session.execute(found)
    ]


async def _verdicts(session: Session, officer: Officer, today: date) -> list[Waiting]:
    has_answered = exists().where(
        RecruiterStatement.recruiter_id == RecruiterVerdict.recruiter_id,
        RecruiterStatement.on_date >= RecruiterVerdict.invited_on,
    )
    found = _with_author(RecruiterVerdict, RecruiterVerdict.proposed_by).add_columns(has_answered)
    is_open = (RecruiterVerdict.agreed_at.is_(None), RecruiterVerdict.ended_at.is_(None))
    rows = (await session.execute(found.where(*is_open, RecruiterVerdict.expires_on >= today))).all()
    held = await reported.traces_of(session, [verdict.recruiter_id for verdict, *_ in rows])
    waiting_ones = []
    for verdict, author, answered in rows:
        until = verdict.invited_on + REPLY_WITHIN
        may_still_answer = not answered and today < until
        waiting_ones.append(
            Waiting(
                Subject.VERDICT,
                str(verdict.recruiter_id),
                reported.title_of(held[verdict.recruiter_id]),
                author,
                verdict.proposed_at,
                verdict.proposed_by != officer.id and not may_still_answer,
                until if may_still_answer else None,
            )
        )
    return waiting_ones


def _with_author(table: type, author_id: ColumnElement) -> Select:
    return select(table, Officer.name).join(Officer, Officer.id == author_id)
