"""GET /metrics for Prometheus: for this machine, or for who shows the token."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from datetime import UTC, datetime

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot import metrics
from bot.app import App
from bot.domain.cases import CaseUrgency
from bot.domain.messages import Channel
from bot.services import gauges

TIMEOUT_S = 3.0
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
"""A proxy on this machine calls from the loopback in the name of anybody."""


class Metrics:
    """Counts alone; a database that is away makes its own figure, not an error."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def page(self, request: Request) -> Response:
        """The figures of this process, and what waits in the database."""
        if not self._may_read(request):
            raise HTTPException(404)
        await self._measure()
        return Response(metrics.exposition(), headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST)

    def _may_read(self, request: Request) -> bool:
        token = self._app.settings.metrics_token
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and secrets.compare_digest(shown.encode(), token.get_secret_value().encode()):
            return True
        return _is_loopback(request.client.host if request.client else "") and not any(
            name in request.headers for name in FORWARDED
        )

    async def _measure(self) -> None:
        now = datetime.now(UTC)
        try:
            async with asyncio.timeout(TIMEOUT_S), self._app.db.transaction() as session:
                waiting = await gauges.waiting(session, now=now)
        except Exception:  # whatever keeps the database from answering is what this figure tells
            metrics.PART_UP.labels("database").set(0)
            return
        metrics.PART_UP.labels("database").set(1)
        for channel in Channel:
            metrics.OUTBOX_WAITING.labels(channel).set(waiting.outbox.get(channel, 0))
        for urgency in CaseUrgency:
            metrics.CASES_OPEN.labels(urgency).set(waiting.cases.get(urgency, 0))
        metrics.OUTBOX_OLDEST_SECONDS.set(waiting.oldest_s)
        metrics.CASES_OVERDUE.set(waiting.overdue)
        metrics.UPDATES_FAILED.set(waiting.failed_updates)
        metrics.PART_UP.labels("index").set(self._app.knowledge.state().entries > 0)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
