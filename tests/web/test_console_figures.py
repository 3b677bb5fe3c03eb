"""Figures, gaps and the log in the console."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from starlette.applications import Starlette

from bot.app import App
from bot.services import audit, editing, knowledge_base, office_figures, officers
from bot.services.audit import Place
from bot.storage.tables import AuditRecord, CaseEvent, Chat, Entry, Person, Question
from knowledge.base import KnowledgeBase
from knowledge.entries import CONTENT, document_of, load_entries
from tests.fakes import Knowledge
from tests.web.conftest import OWN_PAGE
from tests.web.test_console import ADI, BUDI, RINA, ROLES, audited, csrf_of, signed_in
from tests.web.test_console_cases import does, opened
from tools.bench_console import ADMIN, pages
from tools.seed import Size, fill

NOW = datetime.now(UTC)
CHAT = 1000
"""Beyond the numbers that the database gives by itself."""
OPP = next(entry for entry in load_entries(CONTENT / "faq") if entry.id == "opp-persiapan-berangkat")
EVIL_TITLE = '=HYPERLINK("http://evil.test","Biaya <b>kerja</b>")'
FEES = document_of(OPP) | {"id": "biaya", "title": EVIL_TITLE}


@pytest.fixture(autouse=True)
async def office(app: App) -> AsyncIterator[None]:
    """Seven people asked about fees, two about something nobody knew."""
    async with app.db.transaction() as session:
        await session.execute(text("truncate audit, chats, people, entries, officers cascade"))
        for number, (name, role) in ROLES.items():
            await officers.add(session, number, name, role, now=NOW)
        session.add(Chat(id=CHAT, channel="web", external_id="chat", created_at=NOW, memory={}))
        session.add(Entry(id="biaya", version=1, document=FEES, published_at=NOW))
        session.add_all(
            Person(id=CHAT + who, channel="web", external_id=str(who), created_at=NOW) for who in range(1, 10)
        )
        session.add_all(asked(who, "berapa biaya ke brunei", "answer", "biaya") for who in range(1, 8))
    yield
    await app.close()


def asked(who: int, said: str, outcome: str, entry_id: str | None = None, **fields: object) -> Question:
    kept = {"chat_id": CHAT, "confidence": 0.5, "suggestions": [], "asked_at": NOW - timedelta(minutes=1), **fields}
    return Question(person_id=CHAT + who, text_masked=said, outcome=outcome, entry_id=entry_id, **kept)


async def test_figures_are_shown_to_supervisors_and_admins_alone(app: App, site: Starlette) -> None:
    for number, expected in ((BUDI, 403), (RINA, 200), (ADI, 200)):
        async with signed_in(app, site, number) as browser:
            page = await browser.get("/konsol/angka")
            assert page.status_code == expected
            assert (await browser.get("/konsol/angka/unduh?bentuk=csv")).status_code == expected
    assert "<strong>7</strong> Pertanyaan" in page.text
    assert "<b>kerja" not in page.text and "Biaya &lt;b&gt;kerja" in page.text


async def test_same_period_is_counted_once_a_minute_and_the_page_says_when(app: App, site: Starlette) -> None:
    async with signed_in(app, site, RINA) as browser:
        first = await browser.get("/konsol/angka")
        async with app.db.transaction() as session:
            session.add(asked(9, "berapa biaya ke brunei", "answer", "biaya"))
        again, other = await browser.get("/konsol/angka"), await browser.get("/konsol/angka?dari=2026-01-01")
    assert "Dihitung " in first.text
    assert "<strong>7</strong> Pertanyaan" in again.text and "<strong>8</strong> Pertanyaan" in other.text


@pytest.mark.parametrize(
    "asked", ["dari=kemarin", "dari=2026-11-02&sampai=2026-11-01", "sampai=0001-01-01", "dari=%00x"]
)
async def test_unusable_period_is_said_and_nothing_breaks(app: App, site: Starlette, asked: str) -> None:
    async with signed_in(app, site, RINA) as browser:
        page = await browser.get(f"/konsol/angka?{asked}")
        assert page.status_code == 422 and 'role="alert"' in page.text
        assert (await browser.get(f"/konsol/angka/unduh?bentuk=csv&{asked}")).status_code == 400


async def test_files_hold_the_figures_and_no_formula(app: App, site: Starlette) -> None:
    async with signed_in(app, site, RINA) as browser:
        as_csv = await browser.get("/konsol/angka/unduh?bentuk=csv")
        as_xlsx = await browser.get("/konsol/angka/unduh?bentuk=xlsx")
        assert (await browser.get("/konsol/angka/unduh?bentuk=exe")).status_code == 404
    rows = list(csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(as_xlsx.content))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert ["Yang paling sering dijawab", EVIL_TITLE.lstrip("="), "7"] in rows
    assert all(not value.startswith(("=", "+", "-", "@")) for row in rows for value in row)
    assert all(cell.data_type != "f" for cell in cells) and any(cell.value == 7 for cell in cells)
    assert (await audited(app)).count("angka:unduh") == 2


async def test_yearly_report_is_one_file_for_supervisors_and_taking_it_is_logged(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        for page in ("tahun", "laporan"):
            assert (await browser.get(f"/konsol/angka/{page}?tahun={NOW.year}")).status_code == 403
    async with signed_in(app, site, RINA) as browser:
        page = await browser.get(f"/konsol/angka/laporan?tahun={NOW.year}&per=")
        assert page.status_code == 200 and f"Laporan tahun {NOW.year}" in page.text and "Cara menghitung" in page.text
        assert "SELECT" in page.text and f"/konsol/angka/tahun?tahun={NOW.year}" in page.text
        assert (await browser.get("/konsol/angka/laporan?tahun=2099")).status_code == 400
        for asked_for in ("tahun=x", "tahun=", "tahun=2099", f"tahun={NOW.year}&per=2099-01-01", "tahun=0"):
            assert (await browser.get(f"/konsol/angka/tahun?{asked_for}")).status_code == 400
        report = await browser.get(f"/konsol/angka/tahun?tahun={NOW.year}&per=")
    with zipfile.ZipFile(io.BytesIO(report.content)) as archive:
        assert {f"laporan-{NOW.year}.pdf", f"laporan-{NOW.year}.xlsx", "kueri.sql"} <= set(archive.namelist())
    assert (await audited(app)).count("angka:unduh") == 1


OFFICE = "/konsol/angka/kantor"


async def handed_in(browser: httpx.AsyncClient, content: str, day: str = "2026-06-30") -> httpx.Response:
    form = {"csrf": csrf_of(await browser.get(OFFICE)), "tanggal": day}
    return await browser.post(OFFICE, data=form, files={"berkas": ("angka.csv", content.encode())}, headers=OWN_PAGE)


async def confirmed(browser: httpx.AsyncClient, address: str, step: str, seen: httpx.Response) -> httpx.Response:
    version = seen.text.split('name="versi" value="')[1].split('"')[0]
    form = {"csrf": csrf_of(seen), "versi": version, "tindakan": step}
    return await browser.post(address, data=form, headers=OWN_PAGE)


async def test_figures_of_the_office_are_shown_as_a_diff_before_they_count(app: App, site: Starlette) -> None:
    async with app.db.transaction() as session:
        await session.execute(text("truncate office_figures, office_figure_versions restart identity cascade"))
    first, second = (
        "tahun,data,jumlah\n2026,penempatan,50\n",
        "tahun,data,jumlah,negara\n2026,penempatan,70,\n2026,penempatan,40,Brunei\n",
    )
    async with signed_in(app, site, RINA) as rina, signed_in(app, site, ADI) as adi:
        address = (await handed_in(rina, first)).headers["location"]
        page = await rina.get(address)
        assert "<td>tidak ada</td><td>50</td>" in page.text
        assert (await adi.get(address)).status_code == 404, "it waits for her who brought it"
        assert (await confirmed(rina, address, "pakai", page)).status_code == 303
        changed, stale = [(await handed_in(one, second)).headers["location"] for one in (rina, adi)]
        seen, seen_by_adi = await rina.get(changed), await adi.get(stale)
        assert "<td>50</td><td>70</td>" in seen.text and "<td>Brunei</td>" in seen.text
        await confirmed(rina, changed, "pakai", seen)
        late = await confirmed(adi, stale, "pakai", seen_by_adi)
        assert late.status_code == 409 and "periksa lagi" in late.text
        assert (await confirmed(adi, stale, "buang", late)).status_code == 303
    async with app.db.transaction() as session:
        kept = await office_figures.in_force(session, (2026,), as_of=date(2026, 12, 31))
    assert [row.count for row in kept.rows] == [70, 40] and kept.versions[0].number == 2
    assert (await audited(app)).count("laporan:impor") == 2


async def test_file_with_mistakes_is_refused_with_every_line_and_reason(app: App, site: Starlette) -> None:
    bad = "tahun,data,jumlah\n2026,penempatan,banyak\n2026,<b>apa</b>,3\n"
    async with signed_in(app, site, BUDI) as browser:
        assert (await browser.get(OFFICE)).status_code == 403
    async with signed_in(app, site, RINA) as browser:
        refused = await handed_in(browser, bad)
        ahead = await handed_in(browser, "tahun,data,jumlah\n2026,penempatan,3\n", "2099-01-01")
    assert refused.status_code == 422 and "baris 2: jumlah" in refused.text and "baris 3: data" in refused.text
    assert "<b>apa" not in refused.text and ahead.status_code == 422


GOATS = ["cara ternak kambing di kampung", "cara ternak kambing yang benar", "bagaimana cara beternak kambing"]
LANTERNS = ["<b>bikin</b> lampion dari kertas", "bikin lampion kertas"]


async def test_gaps_are_put_together_by_meaning_the_most_frequent_first(
    app: App, site: Starlette, base: KnowledgeBase
) -> None:
    app.knowledge = Knowledge(base)
    before = {"asked_at": NOW - timedelta(days=40)}
    async with app.db.transaction() as session:
        session.add_all(asked(who, said, "handoff") for said in GOATS for who in (1, 2))
        session.add_all(asked(3, said, "answer", "biaya", thumb=-1, thumb_reason="salah") for said in LANTERNS)
        session.add_all(asked(4, GOATS[0], "handoff", **before) for _ in range(9))
        session.add(asked(5, "tolong saya dikurung majikan", "handoff", urgency="emergency"))
    async with signed_in(app, site, BUDI) as browser:
        page = await ready(browser, "/konsol/celah")
        odd = await browser.get("/konsol/celah?dari=x")
    shown = [" ".join(item.split()) for item in page.partition("<ol")[2].split("<h2>")[1:]]
    assert len(shown) == 2, "two meanings"
    assert "kambing" in shown[0] and "6 kali, turun dari 9" in shown[0] and "belum terjawab" in shown[0]
    assert "2 kali, baru" in shown[1] and "dijawab salah" in shown[1] and "&lt;b&gt;bikin" in shown[1]
    assert all(item.count("/konsol/isi/") == 3 for item in shown)
    assert "dikurung" not in page and odd.status_code == 422


async def test_wordings_of_a_gap_become_a_draft_of_an_entry_or_of_a_new_one(app: App, site: Starlette) -> None:
    async with app.db.transaction() as session:
        await knowledge_base.publish(session, [OPP], author="cli", now=NOW)
    async with signed_in(app, site, BUDI) as browser:
        form = {"csrf": csrf_of(await browser.get("/konsol/celah")), "contoh": "\n".join([*GOATS, GOATS[0]])}
        to_entry = await browser.post("/konsol/celah", data={**form, "entri": OPP.id}, headers=OWN_PAGE)
        again = await browser.post("/konsol/celah", data={**form, "entri": OPP.id}, headers=OWN_PAGE)
        anew = [(await browser.post("/konsol/celah", data={**form, "entri": ""}, headers=OWN_PAGE)) for _ in range(2)]
        unknown = await browser.post("/konsol/celah", data={**form, "entri": "tidak-ada"}, headers=OWN_PAGE)
        empty = await browser.post("/konsol/celah", data={**form, "contoh": " "}, headers=OWN_PAGE)
        addresses = [answer.headers["location"] for answer in (to_entry, *anew)]
        assert [(await browser.get(address)).status_code for address in addresses] == [200, 200, 200]
    assert addresses[0] == f"/konsol/isi/{OPP.id}/ubah" and len(set(addresses)) == 3
    assert (again.status_code, unknown.status_code, empty.status_code) == (303, 404, 400)
    async with app.db.transaction() as session:
        drafts = await editing.open_drafts(session)
    assert drafts[OPP.id].document["variants"]["santai"][-3:] == GOATS
    assert drafts[OPP.id].document["answer"] == document_of(OPP)["answer"]
    assert drafts[addresses[1].split("/")[3]].document["variants"] == {"santai": GOATS}


async def test_gap_that_the_content_closes_by_now_is_marked(app: App, site: Starlette, base: KnowledgeBase) -> None:
    app.knowledge = Knowledge(base)
    async with app.db.transaction() as session:
        session.add(asked(1, base.entries[OPP.id].variants[0].text, "handoff"))
    async with signed_in(app, site, BUDI) as browser:
        assert "Sekarang sudah ada jawabannya" in await ready(browser, "/konsol/celah")


async def ready(browser: httpx.AsyncClient, path: str) -> str:
    """The page as soon as its groups are made."""
    async with asyncio.timeout(60):
        while 'role="status"' in (page := (await browser.get(path)).text):
            await asyncio.sleep(0.2)
    return page


async def test_without_an_index_the_gaps_page_says_so(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        assert "Pencarian belum siap" in (await browser.get("/konsol/celah")).text


async def test_log_tells_of_the_console_and_of_cases_in_one_order(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        number = await opened(app, "sari")
        await does(budi, number, "ambil")
        page = await log_of(rina)
        of_case = await log_of(rina, tentang=number.lower())
        of_rina = await log_of(rina, petugas=await id_of(app, RINA))
    assert page.index("diambil") < page.index("membaca berkas") < page.index("minta tautan masuk")
    assert "pak Tono" not in page and "membaca berkas" in page
    assert "diambil" in of_case and "tautan masuk" not in of_case
    assert "tautan masuk" in of_rina and "diambil" not in of_rina


async def log_of(browser: httpx.AsyncClient, **asked: object) -> str:
    """The lines of the log, without the choices above them."""
    return (await browser.get("/konsol/audit", params=asked)).text.partition("<table>")[2]


async def test_log_tells_what_a_step_changed_of_a_case_and_is_narrowed_by_kind_and_day(
    app: App, site: Starlette
) -> None:
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        number = await opened(app, "sari")
        await does(budi, number, "ambil")
        await does(budi, number, "catatan", isi="rahasia")
        of_case = await log_of(rina, tentang=number)
        taken = await log_of(rina, apa="claim")
        today, yesterday = [
            await log_of(rina, tentang=number, sampai=NOW.date() + timedelta(days=days)) for days in (1, -2)
        ]
        nonsense = await log_of(rina, sampai="kemarin", apa="<b>")
    assert "<td>keadaan: baru, pemegang: belum ada</td>" in of_case
    assert "<td>keadaan: dipegang, pemegang: Budi</td>" in of_case
    assert of_case.count("pemegang: Budi") == 1 and "rahasia" not in of_case, "a note changes nothing of the case"
    assert "diambil" in taken and "membaca" not in taken
    assert "diambil" in today and "diambil" not in yesterday
    assert "Tidak ada catatan yang cocok" in nonsense


async def test_older_lines_follow_page_by_page_without_loss(app: App, site: Starlette) -> None:
    number = await opened(app, "sari")
    budi_id = await id_of(app, BUDI)
    async with app.db.transaction() as session:
        case_id = (
            await session.execute(text("select id from cases where number = :number"), {"number": number})
        ).scalar_one()
        for step in range(30):
            # At the very same moment, so that only the place in the order tells them apart.
            session.add(AuditRecord(at=NOW, officer_id=budi_id, action="petugas:daftar", subject=f"akun {step}"))
            session.add(CaseEvent(case_id=case_id, at=NOW, kind="note", officer_id=budi_id, text="rahasia"))
    seen, place = [], None
    async with app.db.transaction() as session:
        while lines := await audit.newest(session, officer_id=budi_id, before=place, limit=7):
            seen += [line.place for line in lines]
            place = Place.read(str(lines[-1].place))
    assert len(seen) == len(set(seen)) == 60
    async with signed_in(app, site, RINA) as rina:
        first = await rina.get(f"/konsol/audit?petugas={budi_id}")
        older = html.unescape(re.search(r'href="(/konsol/audit\?sebelum[^"]+)"', first.text)[1])
        assert (await rina.get(older)).text.count("<tr>") == 1 + 10
        assert "rahasia" not in first.text
        for odd in (
            "sebelum=x/y/z",
            "petugas=99999999999999999999",
            "petugas=%C2%B2",
            "tentang=%25",
            "sebelum=2026-01-01/0/1",
        ):
            assert (await rina.get(f"/konsol/audit?{odd}")).status_code == 200


async def id_of(app: App, number: int) -> int:
    async with app.db.transaction() as session:
        return (await officers.by_telegram_id(session, number)).id


async def test_the_office_invented_for_measuring_fills_every_page(app: App, site: Starlette) -> None:
    async with app.db.transaction() as session:
        await session.execute(text("truncate audit, chats, people, entries, entry_revisions, officers cascade"))
    await fill(app.db, Size(entries=20, questions=60, cases=12, offers=8, recruiters=4), now=NOW)
    async with signed_in(app, site, ADMIN) as browser:
        for name, path in pages(NOW).items():
            answer = await browser.get(path.replace("004321", "000007"))
            assert answer.status_code == 200, name
