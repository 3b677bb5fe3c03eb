"""The console's door: one-time links, sessions, roles, and forms that only its own pages can send."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, text, update
from starlette.applications import Starlette

from bot.app import App
from bot.domain.cases import Role
from bot.services import officers, sign_in
from bot.storage.tables import AuditRecord, ConsoleSession, SignInLink
from tests.web.conftest import OWN_PAGE, browser_of

BUDI, RINA, ADI = 2001, 2002, 2003
ROLES = {BUDI: ("Budi", Role.OFFICER), RINA: ("Rina", Role.SUPERVISOR), ADI: ("Adi", Role.ADMIN)}
PAGES = ("/konsol", "/konsol/isi", "/konsol/sesi", "/konsol/audit", "/konsol/petugas")


@pytest.fixture(autouse=True)
async def staff(app: App) -> AsyncIterator[None]:
    """Budi, Rina and Adi, and nobody signed in."""
    async with app.db.transaction() as session:
        await session.execute(text("truncate console_sessions, sign_in_links, audit, officers cascade"))
        for number, (name, role) in ROLES.items():
            await officers.add(session, number, name, role, now=datetime.now(UTC))
    yield
    await app.close()


async def link_for(app: App, number: int, *, age: timedelta = timedelta()) -> str:
    async with app.db.transaction() as session:
        officer = await officers.by_telegram_id(session, number)
        return await sign_in.make_link(session, officer, now=datetime.now(UTC) - age)


async def enter(browser: httpx.AsyncClient, key: str) -> httpx.Response:
    return await browser.post("/konsol/masuk", data={"kunci": key}, headers=OWN_PAGE)


@asynccontextmanager
async def signed_in(app: App, site: Starlette, number: int) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(site) as browser:
        assert (await enter(browser, await link_for(app, number))).status_code == 303
        yield browser


def csrf_of(page: httpx.Response) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', page.text)[1]


async def audited(app: App) -> list[str]:
    async with app.db.transaction() as session:
        return list((await session.execute(select(AuditRecord.action).order_by(AuditRecord.id))).scalars())


async def test_link_signs_its_officer_in(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        assert "Budi (petugas)" in (await browser.get("/konsol")).text
    assert await audited(app) == ["konsol:tautan", "konsol:masuk"]


async def test_opening_the_link_without_pressing_the_button_does_not_use_it_up(app: App, site: Starlette) -> None:
    key = await link_for(app, BUDI)
    async with browser_of(site) as preview:
        assert "Masuk" in (await preview.get(f"/konsol/masuk?kunci={key}")).text
    async with browser_of(site) as browser:
        assert (await enter(browser, key)).status_code == 303


@pytest.mark.parametrize("spoil", ["used", "late", "newer", "removed", "invented"])
async def test_link_that_is_no_longer_good_is_refused_with_one_answer(app: App, site: Starlette, spoil: str) -> None:
    key = await link_for(app, BUDI, age=timedelta(minutes=6) if spoil == "late" else timedelta())
    async with browser_of(site) as browser:
        if spoil == "used":
            await enter(browser, key)
            browser.cookies.clear()
        if spoil == "newer":
            await link_for(app, BUDI)
        if spoil == "removed":
            async with app.db.transaction() as session:
                await officers.remove(session, BUDI, now=datetime.now(UTC))
        answer = await enter(browser, "x" * 43 if spoil == "invented" else key)
        assert answer.status_code == 403
        assert "tidak berlaku lagi" in answer.text
        assert "silvi_konsol" not in browser.cookies


async def test_neither_link_nor_session_can_be_read_from_the_database(app: App, site: Starlette) -> None:
    key = await link_for(app, BUDI)
    async with browser_of(site) as browser:
        await enter(browser, key)
        cookie = browser.cookies["silvi_konsol"]
    async with app.db.transaction() as session:
        kept = [*(await session.execute(select(SignInLink.token_hash))).scalars()]
        kept += (await session.execute(select(ConsoleSession.token_hash))).scalars()
    assert key not in kept
    assert all(token not in cookie for token in kept)


async def test_guessing_links_is_slowed_down(site: Starlette) -> None:
    async with browser_of(site) as browser:
        answers = [(await enter(browser, f"guess-{number}")).status_code for number in range(15)]
    assert answers[0] == 403 and answers[-1] == 429


@pytest.mark.parametrize("path", PAGES)
async def test_without_a_session_every_page_leads_to_the_door(site: Starlette, path: str) -> None:
    async with browser_of(site) as browser:
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/konsol/masuk")
        browser.cookies.set("silvi_konsol", "forged.cookie.value")
        assert (await browser.get(path)).status_code == 303


@pytest.mark.parametrize(
    ("number", "allowed"),
    [(BUDI, {"/konsol", "/konsol/isi", "/konsol/sesi"}), (RINA, {*PAGES} - {"/konsol/petugas"}), (ADI, {*PAGES})],
)
async def test_each_role_sees_its_pages_and_is_refused_the_others(
    app: App, site: Starlette, number: int, allowed: set[str]
) -> None:
    async with signed_in(app, site, number) as browser:
        answers = {path: (await browser.get(path)).status_code for path in PAGES}
    assert answers == {path: 200 if path in allowed else 403 for path in PAGES}
    assert (await audited(app)).count("konsol:ditolak") == len(PAGES) - len(allowed)


async def test_form_of_another_site_or_session_changes_nothing(app: App, site: Starlette) -> None:
    new = {"nomor": "2999", "nama": "Tamu", "peran": "admin"}
    async with signed_in(app, site, ADI) as browser, signed_in(app, site, RINA) as rina:
        page = await browser.get("/konsol/petugas")
        others = csrf_of(await rina.get("/konsol"))
        for fields, headers in (
            (new, OWN_PAGE),
            ({**new, "csrf": others}, OWN_PAGE),
            ({**new, "csrf": csrf_of(page)}, {"Origin": "http://evil.test"}),
        ):
            assert (await browser.post("/konsol/petugas", data=fields, headers=headers)).status_code == 403
        right = {**new, "csrf": csrf_of(page)}
        assert (await browser.post("/konsol/petugas", data=right, headers=OWN_PAGE)).status_code == 303
    async with app.db.transaction() as session:
        assert [officer.name for officer in await officers.active(session)] == ["Adi", "Budi", "Rina", "Tamu"]


async def test_officer_cannot_make_officers_by_sending_the_form_anyway(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        fields = {"nomor": "2999", "nama": "Tamu", "peran": "admin", "csrf": csrf_of(await browser.get("/konsol"))}
        assert (await browser.post("/konsol/petugas", data=fields, headers=OWN_PAGE)).status_code == 403
    async with app.db.transaction() as session:
        assert await officers.by_telegram_id(session, 2999) is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"nomor": "abc"}, "hanya angka"),
        ({"nomor": "9" * 25}, "hanya angka"),
        ({"nama": " "}, "1 sampai 100 huruf"),
        ({"nama": "\x00"}, "1 sampai 100 huruf"),
        ({"peran": "raja"}, "salah satu peran"),
        ({"kantor": "bulan"}, "salah satu kantor"),
        ({"nomor": str(ADI), "peran": "officer"}, "Peran Anda sendiri"),
    ],
)
async def test_unusable_officer_is_refused_with_the_reason_and_what_was_typed(
    app: App, site: Starlette, changed: dict, told: str
) -> None:
    fields = {"nomor": "2999", "nama": "<b>Tamu</b>", "peran": "officer", **changed}
    async with signed_in(app, site, ADI) as browser:
        fields["csrf"] = csrf_of(await browser.get("/konsol/petugas"))
        answer = await browser.post("/konsol/petugas", data=fields, headers=OWN_PAGE)
    assert answer.status_code == 422 and told in answer.text
    assert "<b>Tamu" not in answer.text


async def test_signing_out_one_device_leaves_the_other(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as phone, signed_in(app, site, BUDI) as laptop:
        page = await laptop.get("/konsol/sesi")
        phone_id = re.findall(r"/konsol/sesi/(\d+)/tutup", page.text)[-1]
        closed = await laptop.post(f"/konsol/sesi/{phone_id}/tutup", data={"csrf": csrf_of(page)}, headers=OWN_PAGE)
        assert closed.status_code == 303
        assert (await phone.get("/konsol")).status_code == 303
        assert (await laptop.get("/konsol")).status_code == 200


async def test_device_of_somebody_else_cannot_be_signed_out(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, ADI) as adi:
        adi_id = re.findall(r"/konsol/sesi/(\d+)/tutup", (await adi.get("/konsol/sesi")).text)[0]
        fields = {"csrf": csrf_of(await budi.get("/konsol"))}
        answer = await budi.post(f"/konsol/sesi/{adi_id}/tutup", data=fields, headers=OWN_PAGE)
        assert answer.status_code == 404
        assert (await adi.get("/konsol")).status_code == 200


async def test_removed_officer_is_out_at_once(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        async with app.db.transaction() as session:
            await officers.remove(session, BUDI, now=datetime.now(UTC))
        assert (await browser.get("/konsol")).status_code == 303


async def test_idle_session_ends_and_a_long_one_changes_its_token(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        before = browser.cookies["silvi_konsol"]
        await shift(app, rotated_at=timedelta(minutes=31))
        assert (await browser.get("/konsol")).status_code == 200
        assert browser.cookies["silvi_konsol"] != before
        async with browser_of(site) as thief:
            thief.cookies.set("silvi_konsol", before)
            assert (await thief.get("/konsol")).status_code == 200, "a request that was under way"
            await shift(app, rotated_at=timedelta(minutes=2))
            assert (await thief.get("/konsol")).status_code == 303
        await shift(app, seen_at=timedelta(hours=3))
        assert (await browser.get("/konsol")).status_code == 303


async def shift(app: App, **ages: timedelta) -> None:
    values = {name: datetime.now(UTC) - age for name, age in ages.items()}
    async with app.db.transaction() as session:
        await session.execute(update(ConsoleSession).values(values))


async def test_cookie_is_out_of_reach_of_scripts_and_other_sites(app: App, site: Starlette) -> None:
    async with browser_of(site) as browser:
        answer = await enter(browser, await link_for(app, BUDI))
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie


async def test_code_made_in_the_console_enrols_one_device_until_the_kiosk_is_revoked(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina, browser_of(site) as device:
        fields = {"nama": "Tebas Sungai", "wilayah": "Kabupaten Sambas"}
        refused = await budi.post(
            "/konsol/kios", data={**fields, "csrf": csrf_of(await budi.get("/konsol"))}, headers=OWN_PAGE
        )
        assert refused.status_code == 403
        csrf = {"csrf": csrf_of(await rina.get("/konsol"))}
        await rina.post("/konsol/kios", data={**fields, **csrf}, headers=OWN_PAGE)
        number = re.search(r"/konsol/kios/(\d+)/kode", (await rina.get("/konsol/kios")).text)[1]
        made = await rina.post(f"/konsol/kios/{number}/kode", data=csrf, headers=OWN_PAGE)
        code = re.search(r'kode-kios">([^<]+)<', made.text)[1]
        assert (await device.post("/kios/daftar", data={"kode": code}, headers=OWN_PAGE)).status_code == 303
        assert "Mau apa hari ini?" in (await device.get("/kios")).text
        assert "terhubung" in (await budi.get("/konsol/kios")).text
        async with browser_of(site) as other:
            assert (await other.post("/kios/daftar", data={"kode": code}, headers=OWN_PAGE)).status_code == 403
        await rina.post(f"/konsol/kios/{number}/cabut", data=csrf, headers=OWN_PAGE)
        assert (await device.get("/kios")).headers["location"] == "/kios/daftar"
        assert (await device.post("/kios/kunjungan", json={}, headers=OWN_PAGE)).status_code == 403
