"""The office's figures in the console: one page for any period, and the same as a file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.cases import Role
from bot.domain.figures import BadPeriod, Figures, Period, asked_period
from bot.services import audit, figures, knowledge_base, year_files, yearly
from bot.texts import figures as words
from bot.texts import yearly as year_words
from bot.texts.formats import moment

CSV = "text/csv; charset=utf-8"
KEPT = timedelta(minutes=1)
"""So long the same period is not counted again: a year takes the database a fifth of a second."""
MOST_KEPT = 32
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class FigurePages:
    """The handlers."""

    app: App
    guard: Guard
    _kept: dict[Period, tuple[datetime, Figures]] = field(default_factory=dict)
    """What was counted last and when: counts of groups, nobody's data."""
    _one_report: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Plots and pages keep a core busy for seconds: chats must not wait for several of them."""

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/angka", self.show, Role.SUPERVISOR),
            Page("/konsol/angka/unduh", self.download, Role.SUPERVISOR),
            Page("/konsol/angka/laporan", self.year, Role.SUPERVISOR),
            Page("/konsol/angka/tahun", self.report, Role.SUPERVISOR),
        )

    async def show(self, visit: Visit) -> Response:
        """Plots, each of them a table; two unusable days are said, and the usual period shown."""
        problem = ""
        try:
            period = period_of(visit, self._today(visit))
        except BadPeriod:
            period, problem = asked_period(None, None, today=self._today(visit)), words.BAD_PERIOD
        counted_at, found = await self._figures(visit, period)
        sections = words.sections(
            found, await knowledge_base.titles(visit.session, found.entry_ids), self.app.office().names()
        )
        return self.guard.show(
            visit,
            "angka.html",
            status_code=422 if problem else 200,
            problem=problem,
            period=period,
            period_name=words.period_name(period),
            summary=words.summary(found),
            counted_at=words.COUNTED_AT.format(moment=moment(counted_at, self._zone())),
            sections=sections,
            paces=words.pace_lines(found.paces),
            today=self._today(visit),
            words=words,
        )

    async def download(self, visit: Visit) -> Response:
        """The same as CSV or XLSX; that it was taken is in the log."""
        form = visit.asked("bentuk", 10)
        try:
            period = period_of(visit, self._today(visit))
        except BadPeriod:
            raise HTTPException(400) from None
        if form not in ("csv", "xlsx"):
            raise HTTPException(404)
        _, found = await self._figures(visit, period)
        rows = words.sheet_rows(
            found, await knowledge_base.titles(visit.session, found.entry_ids), self.app.office().names()
        )
        if form == "csv":
            content, media_type = words.as_csv(rows), CSV
        else:
            content, media_type = await asyncio.to_thread(words.as_xlsx, period, rows), XLSX
        name = f"silvi-{period.first}-{period.last}.{form}"
        audit.record(visit.session, visit.officer, "angka:unduh", name, now=visit.now)
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=media_type, headers=headers)

    async def year(self, visit: Visit) -> Response:
        """The yearly report to read; an unusable year or day is said."""
        try:
            year, as_of = year_of(visit, self._today(visit))
            found = await yearly.of(visit.session, year, self._zone(), as_of=as_of, now=visit.now)
        except BadPeriod:
            raise HTTPException(400) from None
        return self.guard.show(
            visit, "laporan.html", report=found, words=year_words, chapters=year_words.chapters(found)
        )

    async def report(self, visit: Visit) -> Response:
        """The yearly report as ZIP, one at a time; that it was taken is in the log."""
        try:
            year, as_of = year_of(visit, self._today(visit))
            async with self._one_report:
                found = await yearly.of(visit.session, year, self._zone(), as_of=as_of, now=visit.now)
                content = await asyncio.to_thread(year_files.zipped, found)
        except BadPeriod:
            raise HTTPException(400) from None
        name = f"laporan-{year}-{as_of}.zip"
        audit.record(visit.session, visit.officer, "angka:unduh", name, now=visit.now)
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=ZIP, headers=headers)

    async def _figures(self, visit: Visit, period: Period) -> tuple[datetime, Figures]:
        """The figures and when they were counted, at most KEPT ago."""
        kept = self._kept.get(period)
        if kept is None or not timedelta() <= visit.now - kept[0] < KEPT:
            kept = visit.now, await figures.of(visit.session, period, self._zone(), now=visit.now)
            self._kept.pop(period, None)
            for oldest in list(self._kept)[: max(0, len(self._kept) - MOST_KEPT + 1)]:
                del self._kept[oldest]
            self._kept[period] = kept
        return kept

    def _today(self, visit: Visit) -> date:
        return visit.now.astimezone(self._zone()).date()

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.app.settings.time_zone)


def period_of(visit: Visit, today: date) -> Period:
    """The period of the address; raises BadPeriod."""
    try:
        first, last = (
            date.fromisoformat(written) if (written := visit.asked(name, 20)) else None for name in ("dari", "sampai")
        )
    except ValueError:
        raise BadPeriod from None
    return asked_period(first, last, today=today)


def year_of(visit: Visit, today: date) -> tuple[int, date]:
    """The year of the address and the day as of which it is reported; raises BadPeriod."""
    try:
        year, written = int(visit.asked("tahun", 4)), visit.asked("per", 20)
        return year, date.fromisoformat(written) if written else yearly.usual_day(year, today)
    except ValueError:
        raise BadPeriod from None
