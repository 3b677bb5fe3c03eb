"""The roster in the console: supervisors write it, all read it, and what makes no sense is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from bot.app import App
from bot.services import officers, roster
from tests.web.conftest import OWN_PAGE
from tests.web.test_console import BUDI, RINA, ROLES, audited, csrf_of, signed_in

NOW = datetime.now(UTC)
PONTIANAK = ZoneInfo("Asia/Pontianak")


@pytest.fixture(autouse=True)
async def staff(app: App) -> AsyncIterator[None]:
    async with app.db.transaction() as session:
        await session.execute(text("truncate duties, audit, officers cascade"))
        for number, (name, role) in ROLES.items():
            await officers.add(session, number, name, role, now=NOW)
    yield
    await app.close()


def typed(at: datetime) -> str:
    return at.astimezone(PONTIANAK).strftime("%Y-%m-%dT%H:%M")


async def adds(app: App, browser: httpx.AsyncClient, **fields: str) -> httpx.Response:
    async with app.db.transaction() as session:
        budi = await officers.by_telegram_id(session, BUDI)
    begun = {
        "petugas": str(budi.id),
        "mulai": typed(NOW - timedelta(hours=1)),
        "sampai": typed(NOW + timedelta(hours=7)),
    }
    form = {"csrf": csrf_of(await browser.get("/konsol/jaga")), **begun, **fields}
    return await browser.post("/konsol/jaga", data=form, headers=OWN_PAGE)


async def duties(app: App) -> list:
    async with app.db.transaction() as session:
        return await roster.not_over(session, NOW)


async def test_supervisor_puts_an_officer_on_the_roster_and_takes_them_off(app: App, site: Starlette) -> None:
    async with signed_in(app, site, RINA) as rina, signed_in(app, site, BUDI) as budi:
        assert (await adds(app, rina)).status_code == 303
        ((duty, officer),) = await duties(app)
        assert officer.name == "Budi" and typed(duty.starts_at) == typed(NOW - timedelta(hours=1))
        page = (await budi.get("/konsol/jaga")).text
        assert "sedang jaga" in page and "Tambah jadwal" not in page
        form = {"csrf": csrf_of(await rina.get("/konsol/jaga"))}
        address = f"/konsol/jaga/{duty.id}/hapus"
        assert (await rina.post(address, data=form, headers=OWN_PAGE)).status_code == 303
        assert (await rina.post(address, data=form, headers=OWN_PAGE)).status_code == 404
    assert await duties(app) == []
    assert [action for action in await audited(app) if action.startswith("jaga")] == ["jaga:tambah", "jaga:hapus"]


async def test_officer_reads_the_roster_but_does_not_change_it(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        assert (await adds(app, browser)).status_code == 403
    assert await duties(app) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"petugas": "999999"}, "Pilih salah satu petugas"),
        ({"mulai": "besok"}, "Isi tanggal dan jam"),
        ({"mulai": "0001-01-01T00:00"}, "Isi tanggal dan jam"),
        ({"sampai": typed(NOW - timedelta(minutes=5))}, "sudah lewat"),
        ({"mulai": typed(NOW + timedelta(hours=8))}, "harus sesudah"),
    ],
)
async def test_duty_that_makes_no_sense_is_refused(app: App, site: Starlette, fields: dict, said: str) -> None:
    async with signed_in(app, site, RINA) as browser:
        refused = await adds(app, browser, **fields)
    assert refused.status_code == 422 and said in refused.text
    assert await duties(app) == []
