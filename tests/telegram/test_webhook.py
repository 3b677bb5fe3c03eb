"""Updates that Telegram posts to the webhook."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from bot.app import App
from bot.channels.telegram.application import webhook_secret
from tests.telegram.conftest import SARI, Running, StandInDialogue, make_app
from tests.telegram_api import Account

SECRET = "rahasia_uji-123"


@pytest.fixture
async def hooked(app: App, database_url: str) -> AsyncIterator[App]:
    """Silvi with a webhook on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = app.settings.model_copy(
        update={
            "telegram_webhook_url": f"http://{address}/telegram",
            "telegram_webhook_listen": address,
            "telegram_webhook_secret": SecretStr(SECRET),
        }
    )
    hooked = make_app(settings, database_url)
    yield hooked
    await hooked.close()


async def test_update_is_accepted_only_after_its_commit(
    hooked: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    go_on = asyncio.Event()
    dialogue.before = lambda said: go_on.wait()
    async with running(hooked):
        said = telegram.person_says(SARI, "halo")
        await telegram.wait_for(lambda: dialogue.tried)
        await asyncio.sleep(0.3)
        assert telegram.queue == [said]
        go_on.set()
        await telegram.wait_for(lambda: not telegram.queue)
        await telegram.wait_for(lambda: telegram.texts_to(SARI) == ["Jawaban: halo"])


async def test_call_without_the_secret_is_refused_and_has_no_effect(
    hooked: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    forged = {"update_id": 1, "message": {"text": "palsu"}}
    async with running(hooked), httpx.AsyncClient() as anybody:
        await telegram.wait_for(lambda: telegram.webhook["url"])
        url = telegram.webhook["url"]
        assert telegram.webhook["secret_token"] == SECRET
        wrong = {"X-Telegram-Bot-Api-Secret-Token": "salah"}
        assert (await anybody.post(url, json=forged)).status_code == 403
        assert (await anybody.post(url, json=forged, headers=wrong)).status_code == 403
    assert dialogue.tried == []


async def test_second_delivery_by_webhook_has_no_effect(
    hooked: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async with running(hooked), httpx.AsyncClient() as client:
        said = telegram.person_says(SARI, "halo")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
        again = await client.post(
            telegram.webhook["url"], json=said, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}
        )
        assert again.status_code == 200
        await telegram.wait_for(lambda: len(dialogue.tried) == 2)
    assert telegram.texts_to(SARI) == ["Jawaban: halo"]


async def test_poison_update_is_accepted_once_it_is_kept(
    hooked: App, telegram: Account, running: Running, dialogue: StandInDialogue
) -> None:
    async def fail(said: object) -> None:
        raise ZeroDivisionError

    dialogue.before = fail
    async with running(hooked):
        telegram.person_says(SARI, "racun")
        await telegram.wait_for(lambda: not telegram.queue and telegram.messages_to(SARI))
    assert "nomor" in telegram.texts_to(SARI)[0]


async def test_return_to_polling_takes_the_webhook_away(
    app: App, hooked: App, telegram: Account, running: Running
) -> None:
    async with running(hooked):
        await telegram.wait_for(lambda: telegram.webhook["url"])
    async with running(app):
        telegram.person_says(SARI, "halo")
        await telegram.wait_for(lambda: telegram.messages_to(SARI))
    assert telegram.webhook["url"] == ""


def test_secret_made_from_the_token_is_one_telegram_accepts(app: App, telegram: Account) -> None:
    secret = webhook_secret(app)
    assert secret == webhook_secret(app)
    assert telegram.token not in secret
    assert telegram.call("setWebhook", {"url": "https://silvi.example/telegram", "secret_token": secret})
