"""What the person told of a case, message by message, or as an officer put it for the letters."""

from __future__ import annotations

from sqlalchemy import select

from bot.domain.cases import EventKind
from bot.storage.database import Session
from bot.storage.tables import Case, CaseEvent
from bot.texts import letter as words


async def told(session: Session, case: Case) -> str:
    """All that the person told, in its order."""
    return words.told_in_order(await _texts(session, case, EventKind.OPENED, EventKind.MESSAGE))


async def for_letters(session: Session, case: Case) -> str:
    """The same, or an officer's own wording until it is taken back."""
    put = await _texts(session, case, EventKind.STORY)
    return (put[-1] if put else "") or await told(session, case)


async def _texts(session: Session, case: Case, *kinds: EventKind) -> list[str]:
    found = select(CaseEvent.text).where(CaseEvent.case_id == case.id, CaseEvent.kind.in_(kinds))
    return list((await session.execute(found.order_by(CaseEvent.id))).scalars())
