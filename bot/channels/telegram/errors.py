"""What an error of Telegram means for the message at hand."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError


class Meaning(StrEnum):
    """`PASSING` is worth another try; the others will not get better by themselves."""

    PASSING = "passing"
    UNREACHABLE = "unreachable"
    TOPIC_GONE = "topic_gone"
    TOPIC_CLOSED = "topic_closed"
    BAD_HTML = "bad_html"
    NOT_MODIFIED = "not_modified"
    REFUSED = "refused"


# Telegram has no error codes below 400; its descriptions are all there is to go by.
BAD_REQUESTS = (
    ("chat not found", Meaning.UNREACHABLE),
    ("peer_id_invalid", Meaning.UNREACHABLE),
    ("user not found", Meaning.UNREACHABLE),
    ("group chat was deactivated", Meaning.UNREACHABLE),
    ("not enough rights", Meaning.UNREACHABLE),
    ("have no rights to send", Meaning.UNREACHABLE),
    ("chat_write_forbidden", Meaning.UNREACHABLE),
    ("topic_closed", Meaning.TOPIC_CLOSED),
    ("message thread not found", Meaning.TOPIC_GONE),
    ("topic_deleted", Meaning.TOPIC_GONE),
    ("topic_id_invalid", Meaning.TOPIC_GONE),
    ("can't parse entities", Meaning.BAD_HTML),
    ("message is not modified", Meaning.NOT_MODIFIED),
    ("topic_not_modified", Meaning.NOT_MODIFIED),
)


def meaning(error: TelegramError) -> Meaning:
    """Sort an error; RetryAfter and ChatMigrated carry data and are handled where they are caught."""
    if isinstance(error, Forbidden):
        return Meaning.UNREACHABLE
    if isinstance(error, BadRequest):
        description = error.message.lower()
        return next((sense for words, sense in BAD_REQUESTS if words in description), Meaning.REFUSED)
    return Meaning.PASSING


def pause_asked_for(error: RetryAfter) -> timedelta:
    """How long Telegram wants us to wait; PTB gives seconds or a timedelta, depending on its settings."""
    asked = error.retry_after
    return asked if isinstance(asked, timedelta) else timedelta(seconds=asked)
