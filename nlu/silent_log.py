"""What the NLU may write to its log: which part of the program said something, how grave it is, and nothing anybody wrote.

Rasa, Sanic and TensorFlow put the text of a message into their lines and into the words of their errors, at levels and in
ways that change with every version. So no words of a line are kept at all, only where in the program it comes from.
"""

import logging
import re
import traceback
from contextvars import ContextVar

from sanic.compat import Header
from sanic.request import Request

_TURN = re.compile(r"[0-9a-f]{1,32}")
"""As the service names its turns; anything else in its place could be words of somebody."""
_turn: ContextVar[str] = ContextVar("turn", default="")


def without_words(_handler: logging.Handler, record: logging.LogRecord) -> str:
    """Time, turn, level, place in the program and, of an error, its kind and the way to it."""
    line = f"{record.levelname} {record.name} {record.module}:{record.lineno}"
    if record.exc_info and record.exc_info[0]:
        kind, _, trace = record.exc_info
        way = " ".join(f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace))
        line += f" {kind.__module__}.{kind.__qualname__} {way}"
    turn = f" [{_turn.get()}]" if _turn.get() else ""
    return f"{logging.Formatter().formatTime(record)}{turn} {line}"


def keep_words_out() -> None:
    """From here on, for every handler, whoever makes it and whatever formatter it is given."""
    logging.Handler.format = without_words


def name_turns() -> None:
    """From here on lines written while a call is answered name the turn it belongs to, as its header does."""
    begin = Request.__init__

    def begin_named(request: Request, *, headers: Header, **parts) -> None:
        named = _TURN.fullmatch(headers.get("X-Silvi-Turn", ""))
        _turn.set(named[0] if named else "")
        begin(request, headers=headers, **parts)

    # Each connection is a task of its own and reads its calls one after the other. Sanic compiles its own methods anew, so
    # of those none can be replaced.
    Request.__init__ = begin_named
