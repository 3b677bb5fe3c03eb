"""A programme with episodes: announced, reminded of, linked and recorded, with a question box that reaches the host."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from bot.app import App
from bot.channels.web.application import build
from bot.domain import broadcasts as rules
from bot.domain.broadcasts import BroadcastState, Topic
from bot.domain.cases import Role
from bot.domain.messages import Channel, ChatRef
from bot.services import officers, people, programmes, subscriptions
from bot.storage.tables import Episode, EpisodeQuestion
from bot.texts import programmes as words
from tests.journeys.desk.conftest import BUDI, RINA, SARI, Running
from tests.telegram_api import Account
from tests.web.conftest import OWN_PAGE, browser_of
from tests.web.test_console import csrf_of, enter, link_for

ADI = 1009
LIVE, RECORDED = "https://contoh.test/langsung", "https://contoh.test/rekaman"


@pytest.fixture(autouse=True)
async def by_day(app: App, telegram: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adi is an admin beside Rina, Sari wants to hear of events, and no night falls while the tests run."""
    monkeypatch.setattr(rules, "quiet_until", lambda at, zone: None)
    monkeypatch.setattr(programmes, "quiet_until", lambda at, zone: None)
    now = datetime.now(UTC)
    telegram._chat(SARI), telegram._chat(BUDI)
    async with app.db.transaction() as session:
        await session.execute(text("truncate broadcasts, programmes, subscriptions, sending_lane cascade"))
        await officers.add(session, ADI, "Adi", Role.ADMIN, now=now)
        chat = await people.chat_of(session, ChatRef(Channel.TELEGRAM, str(SARI)), now=now)
        await subscriptions.choose(session, chat, topics=[Topic.EVENTS], country=None, district=None, now=now)


async def signed_in(app: App, browser: httpx.AsyncClient, number: int) -> httpx.AsyncClient:
    assert (await enter(browser, await link_for(app, number))).status_code == 303
    return browser


async def sends(browser: httpx.AsyncClient, address: str, **fields: str) -> httpx.Response:
    page = await browser.get(address)
    versions = {
        f"versi:{one.split(chr(34))[0]}": one.split('value="')[1].split('"')[0]
        for one in page.text.split('name="versi:')[1:]
    }
    form = {"csrf": csrf_of(page), **versions, **fields}
    return await browser.post(address, data=form, headers=OWN_PAGE)


async def test_sari_is_told_asks_the_host_and_gets_link_and_recording(
    app: App, running: Running, telegram: Account
) -> None:
    site = build(App(_with_key(app.settings), app.db, app.nlu, app.knowledge))
    async with running(app), browser_of(site) as first, browser_of(site) as second:
        rina, adi = await signed_in(app, first, RINA), await signed_in(app, second, ADI)
        budi = await _officer_id(app, BUDI)
        made = await sends(rina, "/konsol/acara", nama="Bincang PMI", pembawa=str(budi))
        starts_at = (datetime.now(UTC) + timedelta(days=1)).astimezone(ZoneInfo(app.settings.time_zone))
        typed = {"judul": "Paspor", "tentang": "Cara mengurus paspor.", "mulai": f"{starts_at:%Y-%m-%dT%H:%M}"}
        wrong = await sends(rina, made.headers["location"], **typed, alamat="javascript:alert(1)")
        assert wrong.status_code == 422
        made = await sends(rina, made.headers["location"], **typed, alamat=LIVE)
        episode = made.headers["location"]
        await sends(rina, episode, tindakan="ajukan")
        assert (await sends(rina, episode, tindakan="setujui")).status_code == 422, "never the author"
        assert (await sends(adi, episode, tindakan="setujui")).status_code == 303
        await telegram.wait_for(lambda: any("Cara mengurus paspor." in said for said in telegram.texts_to(SARI)))

        telegram.presses(SARI, words.ASK)
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.ASK_QUESTION)
        telegram.person_says(SARI, "paspor hilang bagaimana ya, HP saya 081234567890")
        await telegram.wait_for(lambda: telegram.texts_to(SARI)[-1] == words.PASSED_ON)
        await telegram.wait_for(lambda: any("paspor hilang" in said for said in telegram.texts_to(BUDI)))
        assert not any("081234567890" in said for said in telegram.texts_to(BUDI))
        assert "paspor hilang" in (await rina.get(episode)).text

        assert (await sends(rina, episode, tindakan="rekaman", alamat=RECORDED)).status_code == 303
    async with app.db.transaction() as session:
        found = (await session.execute(select(Episode))).scalar_one()
        parts = await programmes.broadcasts_of(session, found.id)
        (asked,) = (await session.execute(select(EpisodeQuestion))).scalars()
    announced, reminder, link, recording = parts
    assert reminder.start_at == found.starts_at - timedelta(hours=1) and link.start_at == found.starts_at
    assert [button["opens"] for button in link.buttons] == [LIVE, f"tanya:{found.id}"]
    assert [button["opens"] for button in recording.buttons] == [RECORDED]
    assert announced.state in (BroadcastState.SENDING, BroadcastState.DONE)
    assert (reminder.state, link.state, recording.state) == ("approved", "approved", "draft")
    assert "081234567890" not in asked.text


async def _officer_id(app: App, number: int) -> int:
    async with app.db.transaction() as session:
        return (await officers.by_telegram_id(session, number)).id


def _with_key(settings):
    return settings.model_copy(update={"secret_key": SecretStr("k" * 40)})
