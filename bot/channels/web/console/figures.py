"""The office's figures in the console: one page for any period, and the same as a file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.app import App
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.cases import Role
from bot.domain.figures import BadPeriod, Period, asked_period
from bot.services import audit, figures, knowledge_base
from bot.texts import figures as words

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class FigurePages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/angka", self.show, Role.SUPERVISOR),
            Page("/konsol/angka/unduh", self.download, Role.SUPERVISOR),
        )

    async def show(self, visit: Visit) -> Response:
        """Plots, each of them a table; two unusable days are said, and the usual period shown."""
        problem = ""
        try:
            period = period_of(visit, self._today(visit))
        except BadPeriod:
            period, problem = asked_period(None, None, today=self._today(visit)), words.BAD_PERIOD
        found = await figures.of(visit.session, period, self._zone(), now=visit.now)
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
            sections=sections,
            paces=words.pace_lines(found.paces),
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
        found = await figures.of(visit.session, period, self._zone(), now=visit.now)
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
