"""Telegram's webhook: only Telegram may call it, and it hears 200 only when the update is done."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.web.webhook import webhook_app
from tests.web.conftest import browser_of

SECRET = "rahasia-webhook"
SIGNED = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


class Receiver:
    def __init__(self) -> None:
        self.received: list[dict] = []
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.error: Exception | None = None

    async def __call__(self, update: dict) -> None:
        await self.may_finish.wait()
        if self.error:
            raise self.error
        self.received.append(update)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def telegram(receiver):
    async with browser_of(webhook_app(receiver, SECRET)) as client:
        yield client


async def test_update_is_acknowledged_only_when_it_is_done(telegram, receiver):
    receiver.may_finish.clear()
    call = asyncio.create_task(telegram.post("/telegram", json={"update_id": 7}, headers=SIGNED))
    await asyncio.sleep(0.1)
    assert not call.done()
    receiver.may_finish.set()
    assert (await call).status_code == 200 and receiver.received == [{"update_id": 7}]


@pytest.mark.parametrize("secret", ["", "salah", SECRET + "x", "räh"])
async def test_wrong_secret_is_refused_whatever_the_body(telegram, receiver, secret):
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret.encode("latin-1")} if secret else {}
    assert (await telegram.post("/telegram", content=b"{", headers=headers)).status_code == 403
    assert receiver.received == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"{}", b'{"update_id": "7"}', b'{"update_id": true}', b"\xff", b"[" * 100_000]
)
async def test_malformed_update_is_refused(telegram, receiver, body):
    assert (await telegram.post("/telegram", content=body, headers=SIGNED)).status_code == 400
    assert receiver.received == []


async def test_oversized_body_is_refused(telegram, receiver):
    assert (await telegram.post("/telegram", content=b" " * (1024 * 1024 + 1), headers=SIGNED)).status_code == 413


async def test_failed_update_is_not_acknowledged_and_its_number_is_in_the_log(telegram, receiver, caplog):
    receiver.error = RuntimeError("database away")
    response = await telegram.post("/telegram", json={"update_id": 7}, headers=SIGNED)
    assert response.status_code == 500 and response.text in caplog.text and "database away" not in response.text


async def test_nothing_else_answers_on_this_port(telegram):
    assert (await telegram.get("/telegram", headers=SIGNED)).status_code == 405
    assert (await telegram.post("/", json={"update_id": 7}, headers=SIGNED)).status_code == 404


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["update_id", "message", "x"]), inner),
    max_leaves=6,
)


@settings(derandomize=True, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=100), JSON_VALUES.map(lambda value: json.dumps(value).encode())))
async def test_any_body_is_handed_on_whole_or_refused(telegram, receiver, body):
    receiver.received.clear()
    status = (await telegram.post("/telegram", content=body, headers=SIGNED)).status_code
    assert (status, len(receiver.received)) in ((200, 1), (400, 0))
    assert all(type(update["update_id"]) is int for update in receiver.received)
