"""A whole story in the browser's own requests, with the real dialogue behind the pages."""

from __future__ import annotations

import re

import httpx
from pydantic import SecretStr
from sqlalchemy import select

from bot.app import App
from bot.channels.web.application import build
from bot.domain.cases import CaseState, find_case_number
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import Case, Question
from bot.texts import complaint
from bot.texts import jobseeker as words
from knowledge.base import KnowledgeBase
from tests.fakes import VAULT, FakeNlu, Knowledge
from tests.web.conftest import OWN_PAGE, SCRIPT_ASKS, browser_of


async def test_sari_asks_on_the_web_reads_on_and_follows_up(
    database_url: str, base: KnowledgeBase, nlu: FakeNlu, tmp_path
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, secret_key=SecretStr("k" * 40), fragment_wait_s=0)
    app = App(settings, Database(database_url, VAULT), nlu, Knowledge(base))
    site = build(app)
    async with site.router.lifespan_context(site), browser_of(site) as sari:
        await sari.get("/")
        assert "UU 27/2022" in (await sari.get("/")).text

        asked = {"teks": "syarat ke brunei apa aja", "nomor": 11}
        for _ in range(2):
            assert (await sari.post("/obrolan/pesan", json=asked, headers=SCRIPT_ASKS)).json() == {"diterima": True}
        page = (await sari.get("/")).text
        assert page.count(base.entries["brunei"].title) == 1 and "Terakhir diperiksa" in page

        more = re.search(r'value="(lengkap:brunei:\d+)"', page).group(1)
        await sari.post("/obrolan/pesan", data={"tombol": more, "nomor": "12"}, headers=OWN_PAGE)
        assert f"{words.SOURCES}: " in (await sari.get("/")).text

        await sari.post("/obrolan/pesan", data={"teks": "kalau ke hongkong?", "nomor": "13"}, headers=OWN_PAGE)
        page = (await sari.get("/")).text
        assert base.entries["hong-kong"].title in page
        thumb = re.findall(r'value="(jempol:1:\d+)"', page)[-1]
        await sari.post("/obrolan/pesan", data={"tombol": thumb, "nomor": "14"}, headers=OWN_PAGE)
        forged = {"tombol": "lengkap:entah:999999999999999999999", "nomor": "15"}
        await sari.post("/obrolan/pesan", data=forged, headers=OWN_PAGE)
        assert words.STALE_BUTTON in (await sari.get("/")).text

    async with app.db.transaction() as session:
        kept = (await session.execute(select(Question).order_by(Question.id))).scalars().all()
    assert [(question.entry_id, question.thumb) for question in kept] == [("brunei", None), ("hong-kong", 1)]
    await app.close()


async def test_sari_reports_on_the_web_and_finds_her_report_again_by_her_browser(
    database_url: str, nlu: FakeNlu, tmp_path
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, secret_key=SecretStr("k" * 40), fragment_wait_s=0)
    app = App(settings, Database(database_url, VAULT), nlu, Knowledge(None))
    site = build(app)
    async with site.router.lifespan_context(site), browser_of(site) as sari, browser_of(site) as joko:
        for browser in (sari, joko):
            await browser.get("/")
            await browser.get("/")
        await sari.post("/obrolan/pesan", data={"perintah": "lapor", "nomor": "21"}, headers=OWN_PAGE)
        for number, label in enumerate((complaint.CATEGORIES["gaji"], "Taiwan", complaint.SKIP), start=22):
            await press(sari, label, number)
        page = (await sari.get("/")).text
        report = find_case_number(page)
        assert report and complaint.ONLY_THIS_BROWSER in page
        cookies = dict(sari.cookies)

        later = App(settings, Database(database_url, VAULT), nlu, Knowledge(None))
        again = build(later)
        async with again.router.lifespan_context(again), browser_of(again) as sari:
            sari.cookies.update(cookies)
            await sari.post("/obrolan/pesan", data={"teks": "/status", "nomor": "31"}, headers=OWN_PAGE)
            assert f"{report} (" in (await sari.get("/")).text
            async with later.db.transaction() as session:
                case = (await session.execute(select(Case).where(Case.number == report))).scalar_one()
                case.state = CaseState.RESOLVED
            await sari.post("/obrolan/pesan", data={"teks": "sudah selesai", "nomor": "32"}, headers=OWN_PAGE)
            await press(sari, complaint.RATINGS[2], 33)
            assert complaint.RATED in (await sari.get("/")).text
        await later.close()

        await joko.post("/obrolan/pesan", data={"teks": f"/status {report}", "nomor": "41"}, headers=OWN_PAGE)
        assert complaint.NO_CASES in (await joko.get("/")).text
    async with app.db.transaction() as session:
        case = (await session.execute(select(Case).where(Case.number == report))).scalar_one()
    assert (case.category, case.country, case.rating) == ("gaji", "taiwan", 2)
    await app.close()


async def press(browser: httpx.AsyncClient, label: str, number: int) -> None:
    """Press the newest button with this label, as a browser without script does."""
    page = (await browser.get("/")).text
    action = re.findall(rf'value="([^"]+)"[^>]*>\s*{re.escape(label)}\s*<', page)[-1]
    await browser.post("/obrolan/pesan", data={"tombol": action, "nomor": str(number)}, headers=OWN_PAGE)
