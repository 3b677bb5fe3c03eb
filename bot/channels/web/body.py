"""Reads what a request carries, never more than allowed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

MAX_FIELDS = 80
"""The largest form is the queue of the console, with a mark for each case of a page."""


async def read_body(request: Request, limit: int) -> bytes:
    """The body; raises HTTPException(413) as soon as it is seen to be over `limit` bytes."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise HTTPException(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise HTTPException(413)
    return bytes(body)


async def read_form(request: Request, limit: int) -> tuple[dict[str, str], UploadFile]:
    """The fields of a form and its one file; raises HTTPException 400 (no such form), 413 (too large) or 422 (no file)."""
    body = await read_body(request, limit)

    async def stream() -> AsyncIterator[bytes]:
        yield body

    try:
        form = await MultiPartParser(request.headers, stream(), max_files=1, max_fields=5).parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise HTTPException(400) from error
    files = [value for value in form.values() if isinstance(value, UploadFile) and value.filename]
    if not files:
        raise HTTPException(422)
    return {name: value for name, value in form.items() if isinstance(value, str)}, files[0]


async def read_fields(request: Request, limit: int) -> dict[str, str]:
    """The fields of a form or of a flat JSON object, as text; raises HTTPException(400) for anything else."""
    body = await read_body(request, limit)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if content_type == "application/json":
            fields = json.loads(body)
            if not isinstance(fields, dict):
                raise HTTPException(400)
            return {name: str(value) for name, value in fields.items() if isinstance(value, (str, int))}
        if content_type == "application/x-www-form-urlencoded":
            return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error
    raise HTTPException(400)
