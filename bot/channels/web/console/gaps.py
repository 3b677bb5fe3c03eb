"""What the knowledge base lacks: questions without a good answer, put together by meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import numpy as np
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.app import App
from bot.channels.web.console.figures import period_of
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.editing import NoSuchEntry
from bot.domain.figures import BadPeriod, Period, asked_period
from bot.services import editing, gaps, knowledge_base
from bot.services.gaps import Gap, GapKind
from bot.texts import console as words
from bot.texts.figures import BAD_PERIOD, period_name
from knowledge.base import KnowledgeBase
from knowledge.grouping import group

GROUPS, GROUPS_A_PAGE, EXAMPLES = 100, 20, 5
KEPT = timedelta(hours=1)
MOST_KEPT = 8


@dataclass(frozen=True, slots=True)
class Group:
    """Gaps of one meaning."""

    count: int
    before: int
    """In the period before."""
    kinds: frozenset[GapKind]
    examples: tuple[str, ...]
    nearest: tuple[str, ...]
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Grouped:
    groups: tuple[Group, ...]
    made_at: datetime


@dataclass(slots=True)
class Work:
    """Grouping that goes on in a thread; `share` is how much of it is done."""

    task: asyncio.Task[Grouped] | None = None
    share: float = 0.0


@dataclass(slots=True)
class Board:
    """The groups by period, made in the background and kept for an hour or until the content changes."""

    app: App
    _works: dict[tuple[Period, int], Work] = field(default_factory=dict)
    _vectors: dict[str, np.ndarray] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def ask(self, base: KnowledgeBase, period: Period, *, now: datetime) -> Grouped | float:
        """The groups, or the share of the work that is done; the first to ask begins it."""
        key = period, self.app.knowledge.state().content_version
        work = self._works.get(key)
        if work is None:
            for oldest in list(self._works)[: max(0, len(self._works) - MOST_KEPT + 1)]:
                del self._works[oldest]
            work = self._works[key] = Work()
            work.task = asyncio.create_task(self._make(base, period, work, now))
        if not work.task.done():
            return work.share
        if work.task.exception() or now - work.task.result().made_at > KEPT:
            del self._works[key]
        return work.task.result()

    async def _make(self, base: KnowledgeBase, period: Period, work: Work, now: datetime) -> Grouped:
        async with self._turn:
            async with self.app.db.transaction() as session:
                found = await gaps.of(session, period, ZoneInfo(self.app.settings.time_zone))
            return Grouped(await asyncio.to_thread(self._group, base, found, work), now)

    def _group(self, base: KnowledgeBase, found: Sequence[Gap], work: Work) -> tuple[Group, ...]:
        meanings = group(
            base,
            [gap.text for gap in found],
            self._vectors,
            weights=[gap.count for gap in found],
            most=GROUPS,
            tell=lambda share: setattr(work, "share", share),
        )
        made = []
        for meaning in meanings:
            same = [found[number] for number in meaning.members]
            count = sum(gap.count for gap in same)
            if count:
                examples = tuple(gap.text for gap in same if gap.count)[:EXAMPLES]
                kinds = frozenset().union(*(gap.kinds for gap in same))
                before = sum(gap.before for gap in same)
                made.append(Group(count, before, kinds, examples, meaning.nearest, meaning.is_answered))
        return tuple(made)


@dataclass(frozen=True, slots=True)
class GapPages:
    """The handlers."""

    app: App
    guard: Guard
    board: Board

    def pages(self) -> tuple[Page, ...]:
        return (Page("/konsol/celah", self.show), Page("/konsol/celah", self.propose, method="POST"))

    async def propose(self, visit: Visit) -> Response:
        """Put the wordings of a group into the draft of an entry, or begin an entry with them."""
        lines = [" ".join(line.split())[: gaps.MAX_CHARACTERS] for line in visit.fields.get("contoh", "").split("\n")]
        wordings = [line for line in dict.fromkeys(lines) if line][:EXAMPLES]
        if not wordings:
            raise HTTPException(400)
        try:
            draft = await editing.propose(
                visit.session, visit.officer, visit.fields.get("entri") or None, wordings, now=visit.now
            )
        except NoSuchEntry:
            raise HTTPException(404) from None
        except editing.ChangedMeanwhile:
            return await self.show(visit, problem=words.DRAFT_BEHIND)
        return RedirectResponse(f"/konsol/isi/{draft.entry_id}/ubah", status_code=303, headers=NO_STORE)

    async def show(self, visit: Visit, *, problem: str = "") -> Response:
        """The greatest groups first; while they are made, how far that is."""
        today = self._today(visit)
        try:
            period = period_of(visit, today)
        except BadPeriod:
            period, problem = asked_period(None, None, today=today), BAD_PERIOD
        base = self.app.knowledge.current
        found = self.board.ask(base, period, now=visit.now) if base else Grouped((), visit.now)
        groups = found.groups if isinstance(found, Grouped) else ()
        pages = max(1, -(-len(groups) // GROUPS_A_PAGE))
        asked = visit.asked("halaman", 3)
        page = min(int(asked), pages) if asked.isascii() and asked.isdigit() and int(asked) else 1
        first = (page - 1) * GROUPS_A_PAGE
        shown = groups[first : first + GROUPS_A_PAGE]
        address = {"dari": period.first, "sampai": period.last}
        return self.guard.show(
            visit,
            "celah.html",
            status_code=422 if problem else 200,
            problem=problem or ("" if base else words.NO_INDEX),
            period=period,
            period_name=period_name(period),
            share=None if isinstance(found, Grouped) else found,
            first=first,
            groups=shown,
            page=page,
            pages=pages,
            address=lambda page: f"/konsol/celah?{urlencode({**address, 'halaman': page})}",
            titles=await knowledge_base.titles(visit.session, {id for group in shown for id in group.nearest}),
            kinds=words.GAPS,
            trend=words.trend,
        )

    def _today(self, visit: Visit) -> date:
        return visit.now.astimezone(ZoneInfo(self.app.settings.time_zone)).date()
