"""Whether Silvi can answer, and the state of each part."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.app import App
from bot.services.reminders import count_overdue

logger = logging.getLogger(__name__)

PING_TIMEOUT_S = 3.0
NLU_LOADS_WITHIN_S = 180.0
"""Longer than the NLU takes on the slowest machine; what has not answered by then is away."""


class Health:
    """GET /health: 200 while database and index are there; without NLU or embedding Silvi still answers."""

    def __init__(self, app: App, *, is_closing: Callable[[], bool] = lambda: False) -> None:
        self._app = app
        self._is_closing = is_closing
        self._nlu_was_ready = False
        self._began = time.monotonic()

    async def report(self, request: Request) -> Response:
        (database, overdue), nlu = await asyncio.gather(self._database(), self._nlu())
        index = self._app.knowledge.state()
        can_answer = database == "ready" and index.entries > 0
        parts = {
            "status": "ok" if can_answer else "unavailable",
            "version": _version(),
            "database": database,
            "index": {"entries": index.entries, "variants": index.variants, "content_version": index.content_version},
            "nlu": nlu,
            "embedding": index.embedding,
            "telegram": self._telegram(),
            "sending": self._sending(),
            "overdue_cases": overdue,
        }
        return JSONResponse(parts, status_code=200 if can_answer else 503, headers={"Cache-Control": "no-store"})

    async def ready(self, request: Request) -> Response:
        """GET /ready: 200 while new visitors may be sent here: all is loaded, and the service is not about to stop."""
        database, _ = await self._database()
        index = self._app.knowledge.state()
        missing = [
            name
            for name, is_there in (
                ("database", database == "ready"),
                ("index", index.entries > 0 and index.embedding == "ready"),
                ("running", not self._is_closing()),
            )
            if not is_there
        ]
        body = {"ready": not missing, "missing": missing}
        return JSONResponse(body, status_code=503 if missing else 200, headers={"Cache-Control": "no-store"})

    async def _database(self) -> tuple[str, int | None]:
        """Its state, and how many cases wait in it longer than they should."""
        try:
            async with asyncio.timeout(PING_TIMEOUT_S), self._app.db.transaction() as session:
                return "ready", await count_overdue(session, now=datetime.now(UTC))
        except Exception as error:
            logger.warning("database away: %s", type(error).__name__)
            return "away", None

    async def _nlu(self) -> str:
        """Ready, away, or starting: it has an address, this process began lately, and it has not been ready since."""
        if await self._app.nlu.is_ready():
            self._nlu_was_ready = True
            return "ready"
        may_load = not self._nlu_was_ready and time.monotonic() - self._began < NLU_LOADS_WITHIN_S
        return "starting" if self._app.nlu.url and may_load else "away"

    def _telegram(self) -> str:
        settings = self._app.settings
        if settings.telegram_token is None:
            return "off"
        return "webhook" if settings.telegram_webhook_url else "polling"

    def _sending(self) -> str:
        """Whether messages leave through a process of their own, as they should, or through this one meanwhile."""
        if self._app.sender.is_there.is_set():
            return "own process"
        return "this process" if self._app.telegram_name else "off"


def _version() -> str:
    try:
        return version("silvi")
    except PackageNotFoundError:
        return "unknown"
