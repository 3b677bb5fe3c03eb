"""Questions that Silvi could not answer, or whose answer did not help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, or_, select

from bot.domain.figures import Period
from bot.storage.database import Session
from bot.storage.tables import Question

NEWEST = 3000
"""So many are looked at: putting them together takes time and memory for their square."""
MAX_CHARACTERS = 300


class GapKind(StrEnum):
    UNANSWERED = "unanswered"
    WRONG = "wrong"
    """The person said so."""
    NOT_HELPFUL = "not_helpful"


@dataclass(frozen=True, slots=True)
class Gap:
    """One wording, masked, with how often it was a gap in the period and in the one before."""

    text: str
    kinds: frozenset[GapKind]
    count: int
    before: int


async def of(session: Session, period: Period, zone: ZoneInfo) -> list[Gap]:
    """The wordings of the newest gaps of the period and of as many days before it; cries for help are no gaps."""
    begins, ends = period.bounds(zone)
    earliest = begins - (ends - begins)
    kind = case(
        (Question.thumb_reason.in_(("salah", "bukan")), GapKind.WRONG),
        (Question.thumb < 0, GapKind.NOT_HELPFUL),
        else_=GapKind.UNANSWERED,
    )
    found = (
        select(func.left(Question.text_masked, MAX_CHARACTERS), kind, Question.asked_at)
        .where(Question.asked_at >= earliest, Question.asked_at < ends)
        .where(or_(Question.outcome == "handoff", Question.thumb < 0))
        .where(func.coalesce(Question.urgency, "") != "emergency")
        .order_by(Question.asked_at.desc())
        .limit(NEWEST)
    )
    return _by_wording((await session.execute(found)).all(), begins)


def _by_wording(rows: list, begins: datetime) -> list[Gap]:
    together: dict[str, list[tuple[str, GapKind, datetime]]] = {}
    for said, kind, asked_at in rows:
        if key := " ".join(said.lower().split()):
            together.setdefault(key, []).append((said, GapKind(kind), asked_at))
    return [
        Gap(
            text=same[0][0],
            kinds=frozenset(kind for _, kind, _ in same),
            count=sum(asked_at >= begins for *_, asked_at in same),
            before=sum(asked_at < begins for *_, asked_at in same),
        )
        for same in together.values()
    ]
