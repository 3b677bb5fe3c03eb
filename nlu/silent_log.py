"""What the NLU may write to its log: which part of the program said something, how grave it is, and nothing anybody wrote.

Rasa, Sanic and TensorFlow put the text of a message into their lines and into the words of their errors, at levels and in
ways that change with every version. So no words of a line are kept at all, only where in the program it comes from.
"""

import logging
import traceback


def without_words(_handler: logging.Handler, record: logging.LogRecord) -> str:
    """Time, level, place in the program and, of an error, its kind and the way to it."""
    line = f"{record.levelname} {record.name} {record.module}:{record.lineno}"
    if record.exc_info and record.exc_info[0]:
        kind, _, trace = record.exc_info
        way = " ".join(f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace))
        line += f" {kind.__module__}.{kind.__qualname__} {way}"
    return f"{logging.Formatter().formatTime(record)} {line}"


def keep_words_out() -> None:
    """From here on, for every handler, whoever makes it and whatever formatter it is given."""
    logging.Handler.format = without_words
