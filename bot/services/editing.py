"""Changes of the knowledge base: drafts, review, publication, rollback; nothing is overwritten unseen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy import case, func, select

from bot.domain.cases import Role
from bot.domain.editing import (
    ALLOWED,
    OPEN_STATES,
    TRANSITIONS,
    DraftState,
    EditAction,
    Fields,
    Merged,
    NoSuchEntry,
    NotAllowed,
    changes_between,
    check_allowed,
    document_from,
    fields_of,
    merge,
)
from bot.services import audit, golden_checks, knowledge_base, outbox
from bot.storage.database import Session
from bot.storage.tables import (
    Chat,
    EntryDraft,
    EntryDraftSave,
    EntryRevision,
    Officer,
    Priority,
    Question,
)
from bot.storage.tables import (
    Entry as EntryRow,
)
from bot.texts import corrections
from knowledge.entries import Entry, entry_from_document
from knowledge.office import OfficeProfile
from knowledge.validation import ID_CHARACTERS, check_document
from knowledge.written import Problem

CONSOLE = "konsol"
"""Author of revisions that an officer published; who it was stands beside it."""

PROPOSED_AS = "variants.santai"
"""How people write in a chat; an editor may move a wording elsewhere."""
NUMBERED = "-baru-99"
MAX_ID = ID_CHARACTERS - len(NUMBERED)
"""Room is left for what tells two entries of one title apart."""

TOLD_WITHIN = timedelta(days=30)
"""How far back people are told that an answer they got was wrong."""

USED_WITHIN = timedelta(days=30)


class NoSuchDraft(Exception):
    """There is no open draft, or it is not at the step that the action needs."""


class NotReady(Exception):
    """The entry breaks the rules of the content."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Seen:
    """From which save and which publication an editor began; 0 where there was none."""

    version: int
    base_version: int


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else did since an editor began: their fields, and both changes put together."""

    by: str
    before: Fields
    after: Fields
    merged: Merged
    seen: Seen
    """From what the editor goes on, having read this."""


class ChangedMeanwhile(Exception):
    """Another editor saved or published first; nothing of the later one's was stored."""

    def __init__(self, meanwhile: Meanwhile | None = None) -> None:
        super().__init__("changed meanwhile")
        self.meanwhile = meanwhile


@dataclass(frozen=True, slots=True)
class Revision:
    row: EntryRevision
    officer: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """Of an entry as an answer in the last 30 days."""

    answers: int
    helped: int
    not_helped: int


async def open_draft(session: Session, entry_id: str, *, for_update: bool = False) -> EntryDraft | None:
    """The one draft of this entry that is on its way."""
    found = select(EntryDraft).where(EntryDraft.entry_id == entry_id, EntryDraft.state.in_(OPEN_STATES))
    return (await session.execute(found.with_for_update() if for_update else found)).scalar_one_or_none()


async def open_drafts(session: Session) -> dict[str, EntryDraft]:
    """All drafts on their way, by entry."""
    found = select(EntryDraft).where(EntryDraft.state.in_(OPEN_STATES)).order_by(EntryDraft.entry_id)
    return {draft.entry_id: draft for draft in (await session.execute(found)).scalars()}


async def entry_row(session: Session, entry_id: str) -> EntryRow | None:
    """The published entry, retired or not."""
    return await session.get(EntryRow, entry_id)


async def behind(session: Session, draft: EntryDraft) -> Meanwhile | None:
    """What was published since the draft was begun, put together with it; None where nothing was."""
    row = await session.get(EntryRow, draft.entry_id)
    if row is None or row.version == draft.base_version:
        return None
    seen = Seen(draft.version, draft.base_version)
    return await _published_meanwhile(session, draft.entry_id, seen, fields_of(draft.document))


async def authors_of(session: Session, draft: EntryDraft) -> dict[int, str]:
    """Who wrote any of the draft."""
    found = (
        select(Officer.id, Officer.name)
        .join(EntryDraftSave, EntryDraftSave.officer_id == Officer.id)
        .where(EntryDraftSave.draft_id == draft.id)
        .group_by(Officer.id, Officer.name)
        .order_by(func.min(EntryDraftSave.version))
    )
    return dict((await session.execute(found)).all())


async def save(
    session: Session, officer: Officer, entry_id: str, fields: Mapping[str, str], seen: Seen, *, now: datetime
) -> EntryDraft:
    """Keep what `officer` wrote as the draft of this entry, right or not.

    Raises ChangedMeanwhile, with both changes put together, where somebody saved or published since `seen`.
    """
    check_allowed(officer.role, EditAction.SAVE)
    row = await session.get(EntryRow, entry_id, with_for_update=True)
    draft = await open_draft(session, entry_id, for_update=True)
    document = document_from(entry_id, fields)
    published = row.version if row else 0
    if draft is not None and seen.version != draft.version:
        raise ChangedMeanwhile(await _saved_meanwhile(session, draft, seen, fields_of(document)))
    if seen.base_version != published:
        raise ChangedMeanwhile(await _published_meanwhile(session, entry_id, seen, fields_of(document)))
    if draft is None:
        draft = EntryDraft(
            entry_id=entry_id, base_version=0, version=0, state=DraftState.DRAFT, document={}, note="", made_at=now
        )
        session.add(draft)
    draft.state = _next(draft, EditAction.SAVE)
    draft.version += 1
    draft.base_version, draft.document = published, document
    await session.flush()
    session.add(
        EntryDraftSave(draft_id=draft.id, version=draft.version, document=document, officer_id=officer.id, saved_at=now)
    )
    _record(session, officer, "isi:simpan", draft, now=now)
    return draft


async def propose(
    session: Session,
    officer: Officer,
    entry_id: str | None,
    wordings: Sequence[str],
    *,
    answer: str = "",
    now: datetime,
) -> EntryDraft:
    """Add ways of asking to the draft of an entry, or with no entry begin a new one with them and the `answer`.

    Raises NoSuchEntry, and ChangedMeanwhile where the draft must first take over what was published since.
    """
    draft = await open_draft(session, entry_id, for_update=True) if entry_id else None
    row = await session.get(EntryRow, entry_id) if entry_id else None
    if draft is None and row is None and entry_id:
        raise NoSuchEntry(entry_id)
    if draft is not None and (meanwhile := await behind(session, draft)):
        raise ChangedMeanwhile(meanwhile)
    if draft is None and row is None:
        entry_id = await _free_id(session, wordings[0])
        fields: Fields = {"title": wordings[0], "officer": "offer", "answer.short": answer}
    else:
        fields = fields_of(draft.document if draft else row.document)
    known = {line for name, lines in fields.items() if name.startswith("variants.") for line in lines.split("\n")}
    added = [wording for wording in wordings if wording not in known]
    fields[PROPOSED_AS] = "\n".join([*filter(None, [fields.get(PROPOSED_AS)]), *added])
    seen = Seen(draft.version if draft else 0, row.version if row else 0)
    return await save(session, officer, entry_id, fields, seen, now=now)


async def submit(
    session: Session, officer: Officer, draft: EntryDraft, *, office: OfficeProfile, today: date, now: datetime
) -> None:
    """Hand the draft in for review; raises NotReady where it breaks the rules of the content."""
    check_allowed(officer.role, EditAction.SUBMIT)
    await _must_be_right(session, draft, office=office, today=today)
    draft.state, draft.note = _next(draft, EditAction.SUBMIT), ""
    _record(session, officer, "isi:ajukan", draft, now=now)


async def send_back(session: Session, officer: Officer, draft: EntryDraft, note: str, *, now: datetime) -> None:
    """Ask the authors for something else."""
    check_allowed(officer.role, EditAction.SEND_BACK)
    draft.state, draft.note = _next(draft, EditAction.SEND_BACK), note
    _record(session, officer, "isi:kembalikan", draft, now=now, reason=note)


async def discard(session: Session, officer: Officer, draft: EntryDraft, *, now: datetime) -> None:
    """Drop the draft; an officer without a leading role drops only what they alone wrote."""
    check_allowed(officer.role, EditAction.DISCARD)
    if Role(officer.role) not in ALLOWED[EditAction.PUBLISH] and list(await authors_of(session, draft)) != [officer.id]:
        raise NotAllowed
    draft.state, draft.closed_at = _next(draft, EditAction.DISCARD), now
    _record(session, officer, "isi:buang", draft, now=now)


async def publish(
    session: Session,
    officer: Officer,
    draft: EntryDraft,
    *,
    seen_version: int,
    reason: str,
    is_correction: bool,
    office: OfficeProfile,
    today: date,
    now: datetime,
) -> int:
    """Put the draft in force as a new revision; returns how many people are told that the old answer was wrong.

    Raises NotAllowed for its authors, ChangedMeanwhile, NotReady, NotChecked without a check of the golden questions on
    exactly this, and ReasonNeeded where the check speaks against it.
    """
    check_allowed(officer.role, EditAction.PUBLISH)
    if officer.id in await authors_of(session, draft):
        raise NotAllowed
    row = await session.get(EntryRow, draft.entry_id, with_for_update=True)
    if seen_version != draft.version or (row.version if row else 0) != draft.base_version:
        raise ChangedMeanwhile
    state = _next(draft, EditAction.PUBLISH)
    await _must_be_right(session, draft, office=office, today=today)
    check = await golden_checks.valid_check(session, draft)
    if check is None:
        raise golden_checks.NotChecked
    if not reason and (check.state == "failed" or golden_checks.now_wrong(check)):
        raise golden_checks.ReasonNeeded
    before, entry = fields_of(row.document if row else {}), entry_from_document(draft.document)
    await knowledge_base.publish(
        session,
        [entry],
        author=CONSOLE,
        officer_id=officer.id,
        reason=reason,
        is_correction=is_correction,
        now=now,
    )
    draft.state, draft.closed_at = state, now
    changed = changes_between(before, fields_of(draft.document))
    known = {
        "versi": draft.base_version + 1,
        "kini salah": len(golden_checks.now_wrong(check)),
        "koreksi": is_correction,
    }
    _record(session, officer, "isi:terbitkan", draft, now=now, reason=reason, changed=changed, **known)
    return await _tell_of_correction(session, entry, office=office, now=now) if is_correction and row else 0


async def retire(session: Session, officer: Officer, entry_id: str, reason: str, *, now: datetime) -> None:
    """Take the entry out of what Silvi answers; raises NoSuchEntry, NotChecked and ReasonNeeded."""
    check_allowed(officer.role, EditAction.RETIRE)
    wrong = await golden_checks.must_be_checked(session, entry_id, golden_checks.RETIRED, reason)
    if not await knowledge_base.retire(session, entry_id, now=now):
        raise NoSuchEntry
    audit.record(
        session, officer, "isi:tarik", f"entri {entry_id}", now=now, after={"alasan": reason, "kini salah": wrong}
    )


async def roll_back(
    session: Session, officer: Officer, entry_id: str, version: int, reason: str = "", *, now: datetime
) -> None:
    """Put an earlier revision in force again, as a new one; raises NoSuchEntry, NotChecked and ReasonNeeded."""
    check_allowed(officer.role, EditAction.ROLL_BACK)
    row = await session.get(EntryRow, entry_id, with_for_update=True)
    revision = await session.get(EntryRevision, (entry_id, version))
    if row is None or revision is None:
        raise NoSuchEntry
    wrong = await golden_checks.must_be_checked(session, entry_id, version, reason)
    gone, come = changes_between(fields_of(row.document), fields_of(revision.document))
    known = {"ke versi": version, "kini salah": wrong, **({"alasan": reason} if reason else {})}
    reason = " ".join(filter(None, [corrections.BACK_TO.format(version=version), reason]))
    entry = entry_from_document(revision.document)
    await knowledge_base.publish(session, [entry], author=CONSOLE, officer_id=officer.id, reason=reason, now=now)
    audit.record(
        session,
        officer,
        "isi:pulihkan",
        f"entri {entry_id}",
        now=now,
        before=gone,
        after={**known, **come},
    )


async def revisions(session: Session, entry_id: str) -> list[Revision]:
    """All that was ever published of this entry, newest first."""
    found = (
        select(EntryRevision, Officer.name)
        .outerjoin(Officer, Officer.id == EntryRevision.officer_id)
        .where(EntryRevision.entry_id == entry_id)
        .order_by(EntryRevision.version.desc())
    )
    return [Revision(row, name) for row, name in await session.execute(found)]


async def uses(session: Session, *, now: datetime) -> dict[str, Use]:
    """How often each entry was the answer in the last 30 days, and what people thought of it."""
    counted = (
        select(
            Question.entry_id,
            func.count(),
            func.count(case((Question.thumb > 0, 1))),
            func.count(case((Question.thumb < 0, 1))),
        )
        .where(Question.asked_at >= now - USED_WITHIN, Question.entry_id.is_not(None))
        .group_by(Question.entry_id)
    )
    return {entry_id: Use(*counts) for entry_id, *counts in await session.execute(counted)}


async def _must_be_right(session: Session, draft: EntryDraft, *, office: OfficeProfile, today: date) -> None:
    others = await knowledge_base.published_entries(session)
    if problems := check_document(draft.document, others, office=office, today=today):
        raise NotReady(problems)


async def _saved_meanwhile(session: Session, draft: EntryDraft, seen: Seen, own: Fields) -> Meanwhile:
    """Another save came between."""
    if seen.version:
        began_with = await session.get(EntryDraftSave, (draft.id, seen.version))
    else:
        began_with = await session.get(EntryRevision, (draft.entry_id, seen.base_version))
    before, after = fields_of(began_with.document if began_with else {}), fields_of(draft.document)
    now_seen = Seen(draft.version, draft.base_version)
    return Meanwhile(await _saved_by(session, draft), before, after, merge(before, after, own), now_seen)


async def _published_meanwhile(session: Session, entry_id: str, seen: Seen, own: Fields) -> Meanwhile:
    """Another publication came between."""
    began_with = await session.get(EntryRevision, (entry_id, seen.base_version))
    row = await session.get(EntryRow, entry_id)
    before, after = fields_of(began_with.document if began_with else {}), fields_of(row.document)
    by = await _published_by(session, entry_id, row.version)
    return Meanwhile(by, before, after, merge(before, after, own), Seen(seen.version, row.version))


async def _saved_by(session: Session, draft: EntryDraft) -> str:
    found = (
        select(Officer.name)
        .join(EntryDraftSave, EntryDraftSave.officer_id == Officer.id)
        .where(EntryDraftSave.draft_id == draft.id, EntryDraftSave.version == draft.version)
    )
    return (await session.execute(found)).scalar_one()


async def _published_by(session: Session, entry_id: str, version: int) -> str:
    found = (
        select(func.coalesce(Officer.name, EntryRevision.author))
        .select_from(EntryRevision)
        .outerjoin(Officer, Officer.id == EntryRevision.officer_id)
        .where(EntryRevision.entry_id == entry_id, EntryRevision.version == version)
    )
    return (await session.execute(found)).scalar() or ""


async def _tell_of_correction(session: Session, entry: Entry, *, office: OfficeProfile, now: datetime) -> int:
    """One notice to each chat that was given an earlier version as the answer lately and can be reached."""
    given = (
        select(Question.chat_id, func.array_agg(Question.country.distinct()).label("countries"))
        .where(Question.entry_id == entry.id, Question.asked_at >= now - TOLD_WITHIN)
        .group_by(Question.chat_id)
        .subquery()
    )
    found = (
        select(Chat, given.c.countries)
        .join(given, given.c.chat_id == Chat.id)
        .where(Chat.unreachable_at.is_(None))
        .order_by(Chat.id)
    )
    told = (await session.execute(found)).all()
    for chat, asked_of in told:
        notice = corrections.notice(entry, office, sorted(filter(None, asked_of)))
        outbox.add(session, chat, notice, now=now, priority=Priority.NOTICE)
    await outbox.announce(session)
    return len(told)


def _next(draft: EntryDraft, action: EditAction) -> DraftState:
    try:
        return TRANSITIONS[(DraftState(draft.state), action)]
    except KeyError:
        raise NoSuchDraft from None


def _record(
    session: Session,
    officer: Officer,
    action: str,
    draft: EntryDraft,
    *,
    now: datetime,
    reason: str = "",
    changed: tuple[Fields, Fields] = ({}, {}),
    **known: object,
) -> None:
    gone, come = changed
    after = {"draf": draft.version, **known, **({"alasan": reason} if reason else {}), **come}
    audit.record(session, officer, action, f"entri {draft.entry_id}", now=now, before=gone or None, after=after)


async def _free_id(session: Session, title: str) -> str:
    """A code for a new entry after its title, which no entry and no draft has."""
    words = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:MAX_ID].strip("-") or "entri"
    for number in count(1):
        code = f"{words}-baru" if number == 1 else f"{words}-baru-{number}"
        if await entry_row(session, code) is None and await open_draft(session, code) is None:
            return code
    raise AssertionError("numbers never end")
