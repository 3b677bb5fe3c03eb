"""What went into Silvi against what came out, from the Bot API server's side and from the database's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.telegram_api import Account


@dataclass(frozen=True, slots=True)
class Tally:
    """Pairs of counts that must be equal, and what may happen a bounded number of times."""

    sent_in: int
    handled_once: int
    turns_due: int
    turns_taken: int
    """In the people's chats, where each update is one turn: more of them would be a second effect."""
    due_out: int
    came_out: int
    """Messages to people that the outbox calls sent or owes, and those of them that are in the chat."""
    chats: int
    in_order: int
    doubled: int
    left_unsure: int
    """Calls for people's chats that took effect and whose answer was never heard."""
    in_flight: int
    doubled_too_often: int
    """Chats with more doubled messages than connections cut there by a fault or by a kill."""
    failed: int
    pictures: int
    """Kept with their content."""
    cases: Sequence[tuple[str, str]]


def tally(
    account: Account,
    said: Mapping[int, Sequence[dict[str, Any]]],
    rows: Mapping[str, Sequence[tuple]],
    in_flight: Mapping[int, int],
    desk: int,
) -> Tally:
    """Count; `said` are the updates of each chat in the order they were sent, `rows` what the database holds.

    `in_flight` are the messages of each chat that were being sent when the service was killed; an update's row has beside
    its number anything that grows from one transaction to the next.
    """
    handled = dict(rows["updates"])
    turns = {int(chat): number for chat, number in rows["chats"] if chat.lstrip("-").isdigit()}
    people = [chat for chat in said if chat != desk]
    numbers = {chat: [update["update_id"] for update in updates] for chat, updates in said.items()}
    owed: Counter[int] = Counter()
    ids: dict[int, list[int]] = defaultdict(list)
    for chat, state, message_id, parts in rows["outbox"]:
        if state != "dropped":
            owed[chat] += parts
        if state == "sent" and parts and message_id:
            ids[chat].append(message_id)
    out = Counter(sent.chat for sent in account.sent if sent.method.startswith("send"))
    doubled = {chat: max(0, out[chat] - owed[chat]) for chat in people}
    allowed = {chat: account.left_unsure[chat] + in_flight.get(chat, 0) for chat in people}
    return Tally(
        sent_in=sum(map(len, numbers.values())),
        handled_once=sum(number in handled for chat in numbers.values() for number in chat),
        turns_due=sum(len(numbers[chat]) for chat in people),
        turns_taken=sum(turns.get(chat, 0) for chat in people),
        due_out=sum(owed[chat] for chat in people),
        came_out=sum(min(out[chat], owed[chat]) for chat in people),
        chats=len(people),
        in_order=sum(
            _ascends([handled[number] for number in numbers[chat] if number in handled]) and _ascends(ids[chat])
            for chat in people
        ),
        doubled=sum(doubled.values()),
        left_unsure=sum(account.left_unsure[chat] for chat in people),
        in_flight=sum(in_flight.get(chat, 0) for chat in people),
        doubled_too_often=sum(doubled[chat] > allowed[chat] for chat in people),
        failed=len(rows["failed"]),
        pictures=len(rows["pictures"]),
        cases=rows["cases"],
    )


def _ascends(values: Sequence[Any]) -> bool:
    return all(one <= other for one, other in pairwise(values))
