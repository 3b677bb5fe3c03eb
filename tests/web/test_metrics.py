"""The figures for Prometheus are for this machine or who shows the token, and name nobody; /ready tells a balancer."""

from __future__ import annotations

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from bot.app import App
from bot.channels.web.application import build
from bot.services.knowledge_base import KnowledgeState
from bot.settings import Settings
from tests.fakes import Sari
from tests.web.conftest import app_on, browser_of

TOKEN = "the token of the tests"


def caller(site: Starlette, host: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(site, client=(host, 1)), base_url="http://silvi.test")


async def test_figures_are_read_from_this_machine_and_with_the_token_alone(
    settings: Settings, database_url: str
) -> None:
    app = app_on(settings.model_copy(update={"metrics_token": SecretStr(TOKEN)}), database_url)
    site = build(app)
    for host, headers, status in (
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        ("203.0.113.9", {}, 404),
        ("203.0.113.9", {"Authorization": "Bearer wrong"}, 404),
        ("203.0.113.9", {"Authorization": f"Bearer {TOKEN}"}, 200),
    ):
        async with caller(site, host) as client:
            assert (await client.get("/metrics", headers=headers)).status_code == status, (host, headers)
    await app.close()


async def test_figures_count_turns_and_what_waits_and_name_nobody(app: App, site: Starlette) -> None:
    sari = Sari(app)
    await sari.sends("gaji saya belum dibayar")
    async with caller(site, "127.0.0.1") as client:
        page = (await client.get("/metrics")).text
    assert 'silvi_turn_seconds_count{channel="web",kind="text"}' in page
    assert 'silvi_outbox_waiting{channel="web"}' in page and 'silvi_part_up{part="database"} 1.0' in page
    assert sari.chat.external_id not in page and "gaji" not in page
    await app.close()


@pytest.mark.parametrize("part", ["index", "running", "database"])
async def test_who_cannot_take_visitors_says_so(
    app: App, site: Starlette, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browser_of(site) as client:
        assert (await client.get("/ready")).json() == {"ready": True, "missing": []}
        if part == "index":
            app.knowledge.now = KnowledgeState(0, 0, 1, "away")
        elif part == "running":
            site.state.close_pages()
        else:
            monkeypatch.setattr(app.db, "transaction", None)
        answer = await client.get("/ready")
    assert (answer.status_code, answer.json()["missing"]) == (503, [part])
    await app.close()
