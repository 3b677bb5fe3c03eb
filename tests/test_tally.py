"""The count of `make chaos` sees what is lost, doubled or out of order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.telegram_api import Account
from tools.tally import Tally, tally

SARI, DESK = 1001, -500
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def rows(**changed: list[tuple]) -> dict[str, list[tuple]]:
    """Two messages of Sari's, handled in their order and answered."""
    return {
        "updates": [(100_001, NOON), (100_002, NOON + timedelta(seconds=1))],
        "chats": [(str(SARI), 2), ("web-joko", 9)],
        "outbox": [(SARI, "sent", 2, 1), (SARI, "sent", 4, 1)],
        "failed": [],
        "pictures": [],
        "cases": [],
        **changed,
    }


def counted(held: dict[str, list[tuple]], *, answers: int = 2, cut: int = 0, in_flight: int = 0) -> Tally:
    account = Account("7:uji")
    said: dict[int, list[dict[str, Any]]] = {
        SARI: [account.person_says(SARI, "satu"), account.person_says(SARI, "dua")]
    }
    for _ in range(answers):
        account.call("sendMessage", {"chat_id": SARI, "text": "Jawaban"})
    account.left_unsure[SARI] = cut
    return tally(account, said, held, {SARI: in_flight}, DESK)


def test_when_all_came_through_the_counts_are_equal() -> None:
    done = counted(rows())
    assert (done.sent_in, done.turns_due, done.due_out, done.chats) == (2, 2, 2, 1)
    assert (done.handled_once, done.turns_taken, done.came_out, done.in_order) == (2, 2, 2, 1)
    assert (done.doubled, done.doubled_too_often) == (0, 0)


def test_lost_update_message_and_second_effect_are_seen() -> None:
    assert counted(rows(updates=[(100_001, NOON)])).handled_once == 1
    assert counted(rows(), answers=1).came_out == 1
    assert counted(rows(chats=[(str(SARI), 3)])).turns_taken == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"updates": [(100_001, NOON), (100_002, NOON - timedelta(seconds=1))]},
        {"outbox": [(SARI, "sent", 4, 1), (SARI, "sent", 2, 1)]},
    ],
)
def test_changed_order_is_seen(changed: dict[str, list[tuple]]) -> None:
    assert counted(rows(**changed)).in_order == 0


@pytest.mark.parametrize(("cut", "in_flight", "too_often"), [(0, 0, 1), (1, 0, 0), (0, 1, 0)])
def test_doubled_message_is_allowed_once_for_each_cut_connection(cut: int, in_flight: int, too_often: int) -> None:
    done = counted(rows(), answers=3, cut=cut, in_flight=in_flight)
    assert (done.doubled, done.doubled_too_often) == (1, too_often)
