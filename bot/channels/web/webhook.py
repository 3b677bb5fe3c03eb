"""Telegram's webhook calls, on a port of their own: nothing is acknowledged before it is done."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.web.body import read_body
from bot.channels.web.errors import incident_number

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024


def webhook_app(receive: Callable[[dict], Awaitable[None]], secret: str) -> Starlette:
    """POST /telegram with the right secret hands the update to `receive`; 200 is sent only after it returned."""

    async def telegram(request: Request) -> Response:
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not secrets.compare_digest(given.encode(), secret.encode()):
            raise HTTPException(403)
        update = _read_update(await read_body(request, MAX_BODY_BYTES))
        try:
            await receive(update)
        except Exception:
            number = incident_number()
            logger.exception("%s: update %s failed", number, update["update_id"])
            return PlainTextResponse(number, status_code=500)
        return Response(status_code=200)

    return Starlette(
        routes=[Route("/telegram", telegram, methods=["POST"])], exception_handlers={HTTPException: _refuse}
    )


def _read_update(body: bytes) -> dict:
    """The update; raises HTTPException(400) for what is not JSON, not an object or has no update_id."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise HTTPException(400)
    return update


async def _refuse(request: Request, error: HTTPException) -> Response:
    number = incident_number()
    logger.warning("%s: %s %s -> %s", number, request.method, request.url.path, error.status_code)
    return PlainTextResponse(number, status_code=error.status_code, headers=error.headers)
