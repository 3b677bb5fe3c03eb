"""Questions put to a running Silvi through the local Bot API server, and what came of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.texts.telegram import update_failed
from knowledge.metrics import percentile
from tests.telegram_api import Account

PERCENTS = (50, 95, 99)
ANSWERED_WITHIN_S = 10.0
LOOKS_EVERY_S = 0.1
FAILED = update_failed("", 0).partition("nomor")[0]

Times = list[float]
"""Milliseconds."""

Says = Callable[[int, str], object]
"""How a chat's text reaches Silvi: `Account.person_says`, or something that posts it to a webhook."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of the messages: times of those answered, and those that were not, or with an apology."""

    asked: int
    asked_in_s: float
    answered_in_s: float
    times: Times
    failed: int

    @property
    def unanswered(self) -> int:
        return self.asked - len(self.times)

    @property
    def per_second(self) -> float:
        """Answers a second from the first message to the last answer."""
        return len(self.times) / self.answered_in_s

    def row(self, name: str) -> list[str]:
        """Asked and answered a second, and the percentiles, for a table."""
        times = (percentile(self.times, percent) for percent in PERCENTS)
        rates = (f"{self.asked / self.asked_in_s:.1f}", f"{self.per_second:.1f}")
        return [name, *rates, *(f"{time_ms:.0f}" for time_ms in times), str(self.unanswered)]


HEADINGS = ("lewat Telegram", "ditanyakan/s", "dijawab/s", *(f"p{percent} ms" for percent in PERCENTS), "tak dijawab")


def put_load(
    account: Account,
    texts: Sequence[str],
    *,
    first_chat: int,
    per_second: float,
    says: Says | None = None,
    answered_within_s: float = ANSWERED_WITHIN_S,
) -> Load:
    """Each text by a new person at its own moment, whether or not the earlier ones were answered; 0 a second: all at once."""
    says = says or account.person_says
    seen, began = len(account.sent), time.time()
    asked_at: dict[int, float] = {}
    for number, text in enumerate(texts):
        if per_second:
            time.sleep(max(began + number / per_second - time.time(), 0))
        asked_at[first_chat + number] = time.time()
        says(first_chat + number, text)
    return _outcome(account, asked_at, max(time.time() - began, 0.001), seen, answered_within_s)


def _outcome(account: Account, asked_at: dict[int, float], asked_in_s: float, seen: int, within_s: float) -> Load:
    """Wait for the answers that are still to come, and take the first one of each chat."""
    deadline = max(asked_at.values()) + within_s
    while True:
        first_sent = {}
        for sent in account.sent[seen:]:
            if sent.chat in asked_at:
                first_sent.setdefault(sent.chat, sent)
        if len(first_sent) == len(asked_at) or time.time() > deadline:
            break
        time.sleep(LOOKS_EVERY_S)
    answered = {chat: sent for chat, sent in first_sent.items() if not sent.text.startswith(FAILED)}
    return Load(
        asked=len(asked_at),
        asked_in_s=asked_in_s,
        answered_in_s=max((sent.at for sent in answered.values()), default=0.0) - min(asked_at.values()),
        times=[(sent.at - asked_at[chat]) * 1000 for chat, sent in answered.items()],
        failed=len(first_sent) - len(answered),
    )
