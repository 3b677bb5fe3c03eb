"""What people write to the NLU stands in no log, not even at its most talkative and when it stumbles over it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.nlu_client import TURN_HEADER

NAMES = ("Zulkarnaen", "Sumiati", "Sandakan")
TOLD = "majikan saya {} mengurung {} di {}".format(*NAMES)


@pytest.mark.parametrize(
    "call",
    [
        {"json": {"text": TOLD}},
        {"json": {"text": [TOLD]}},
        {"json": {"text": TOLD, "message_id": {"x": TOLD}}},
        {"content": f'{{"text": "{TOLD}'.encode()},
        {"json": {"text": "halo"}, "params": {"q": TOLD, "emulation_mode": TOLD}},
    ],
    ids=["a message", "a list", "an odd id", "broken JSON", "in the address"],
)
async def test_no_words_of_anybody_reach_the_log(nlu_server: str, nlu_log: Path, call: dict) -> None:
    before = len(nlu_log.read_bytes())
    async with httpx.AsyncClient(timeout=30) as client:
        await client.post(f"{nlu_server}/model/parse", **call)
        await client.get(f"{nlu_server}/{TOLD}")
    written = nlu_log.read_bytes()
    assert len(written) > before
    assert not [name for name in NAMES if name.encode() in written]


async def test_lines_name_the_turn_and_nothing_else_that_stands_in_its_place(nlu_server: str, nlu_log: Path) -> None:
    before = len(nlu_log.read_bytes())
    async with httpx.AsyncClient(timeout=30) as client:
        for turn in ("0123456789ab", "Sumiati di Sandakan"):
            await client.post(f"{nlu_server}/model/parse", json={"text": "halo"}, headers={TURN_HEADER: turn})
    written = nlu_log.read_text(errors="replace")[before:]
    assert "[0123456789ab]" in written and "Sumiati" not in written
