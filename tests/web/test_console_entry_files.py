"""The knowledge base as a file in the console: out and in without loss, a difference first, and bad files refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text
from starlette.applications import Starlette

from bot import apart
from bot.app import App
from bot.services import editing, entry_files, knowledge_base, officers, sheets
from bot.services.entry_files import UnusableFile
from bot.storage.tables import ContentImport
from knowledge.entries import CONTENT, Entry, Variant, as_yaml, document_of, load_entries
from knowledge.office import load_office
from tests.web.conftest import OWN_PAGE
from tests.web.test_console import ADI, BUDI, RINA, ROLES, audited, csrf_of, signed_in

PAGE = "/konsol/isi/berkas"
SEED = load_entries(CONTENT / "faq")
HELD, LOST = (next(one for one in SEED if one.id == code) for code in ("paspor-ditahan", "paspor-hilang"))
FORMULA = '=HYPERLINK("http://evil.test")'
ODD = replace(LOST, variants=(*LOST.variants, *(Variant(said, "slang") for said in (FORMULA, "'=1+1", "'biasa", "-2"))))
RULES = {"office": load_office(None), "today": date(2026, 12, 1)}


@pytest.fixture(autouse=True)
async def published(app: App) -> AsyncIterator[None]:
    """Two entries and the staff."""
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        await session.execute(
            text("truncate entry_revisions, entries, entry_drafts, content_version, audit, officers cascade")
        )
        for number, (name, role) in ROLES.items():
            await officers.add(session, number, name, role, now=now)
        await knowledge_base.publish(session, [HELD, LOST], author="seed", now=now)
    yield
    await app.close()


async def uploads(browser: httpx.AsyncClient, name: str, content: bytes) -> httpx.Response:
    form = {"csrf": csrf_of(await browser.get(PAGE))}
    return await browser.post(PAGE, data=form, files={"berkas": (name, content)}, headers=OWN_PAGE)


@pytest.mark.parametrize("form", ["yaml", "csv", "xlsx"])
def test_entries_come_back_from_a_file_as_they_were(form: str) -> None:
    entries = [ODD if entry.id == ODD.id else entry for entry in SEED]
    written = entry_files.write(entries, form)
    read = entry_files.read(f"isi.{form}", written, [], **RULES)
    assert list(map(document_of, read)) == list(map(document_of, entries))


def test_no_cell_is_a_formula() -> None:
    as_csv = entry_files.write([ODD], "csv").decode("utf-8-sig")
    book = load_workbook(io.BytesIO(entry_files.write([ODD], "xlsx")))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value]
    assert all(cell.data_type != "f" and not cell.value.startswith(("=", "+", "-", "@")) for cell in cells)
    assert all(not cell.startswith(("=", "+", "-", "@")) for _, row in sheets.csv_rows(as_csv, ",") for cell in row)


@pytest.mark.parametrize("form", ["yaml", "csv", "xlsx"])
async def test_downloaded_file_changes_nothing(app: App, site: Starlette, form: str) -> None:
    async with signed_in(app, site, BUDI) as browser:
        taken = await browser.get(f"{PAGE}/unduh?bentuk={form}")
        preview = await browser.get((await uploads(browser, f"isi.{form}", taken.content)).headers["location"])
        assert (await browser.get(f"{PAGE}/unduh?bentuk=exe")).status_code == 404
    assert "0 entri baru atau berubah, 2 sama saja" in preview.text
    assert "isi:unduh" in await audited(app)


async def test_changes_are_shown_first_and_then_become_drafts(app: App, site: Starlette) -> None:
    changed = replace(LOST, title="Paspor raib, bagaimana?")
    new = replace(HELD, id="paspor-disita", title="Paspor disita?", near=("paspor-ditahan",), variants=fresh(HELD))
    async with signed_in(app, site, BUDI) as browser, signed_in(app, site, RINA) as rina:
        answer = await uploads(browser, "isi.yaml", as_yaml([HELD, changed, new]).encode())
        address = answer.headers["location"]
        preview = await browser.get(address)
        assert "2 entri baru atau berubah, 1 sama saja" in preview.text and "raib" in preview.text
        async with app.db.transaction() as session:
            assert await editing.open_drafts(session) == {}
        assert (await rina.get(address)).status_code == 404, "somebody else's file"
        used = await browser.post(address, data={"csrf": csrf_of(preview)}, headers=OWN_PAGE)
        assert used.status_code == 303 and (await browser.get(address)).status_code == 404
    async with app.db.transaction() as session:
        drafts = await editing.open_drafts(session)
    assert {code: draft.base_version for code, draft in drafts.items()} == {LOST.id: 1, new.id: 0}
    assert drafts[LOST.id].document["title"] == changed.title


def fresh(entry: Entry) -> tuple[Variant, ...]:
    return tuple(replace(variant, text=f"{variant.text} disita") for variant in entry.variants)


async def test_entry_published_meanwhile_is_not_overwritten(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        sent = await uploads(browser, "isi.yaml", as_yaml([replace(LOST, title="Dari berkas?")]).encode())
        address = sent.headers["location"]
        form = {"csrf": csrf_of(await browser.get(address))}
        async with app.db.transaction() as session:
            newer = replace(LOST, title="Dari orang lain?")
            await knowledge_base.publish(session, [newer], author="cli", now=datetime.now(UTC))
        refused = await browser.post(address, data=form, headers=OWN_PAGE)
    assert refused.status_code == 409 and "Masukkan berkasnya lagi" in refused.text
    async with app.db.transaction() as session:
        assert await editing.open_drafts(session) == {}


async def test_entry_with_a_draft_is_passed_over(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        async with app.db.transaction() as session:
            officer = await officers.by_telegram_id(session, BUDI)
            await editing.propose(session, officer, LOST.id, ["paspor kecebur sungai"], now=datetime.now(UTC))
        sent = await uploads(browser, "isi.yaml", as_yaml([replace(LOST, title="Dari berkas?")]).encode())
        preview = await browser.get(sent.headers["location"])
        assert "dilewati karena sudah ada drafnya" in preview.text
        form = {"csrf": csrf_of(preview)}
        assert (await browser.post(sent.headers["location"], data=form, headers=OWN_PAGE)).status_code == 303
    async with app.db.transaction() as session:
        assert (await editing.open_drafts(session))[LOST.id].document["title"] == LOST.title


BROKEN_YAML = as_yaml([HELD, LOST]) + "---\nid: [rusak\n"
BAD_LINE = as_yaml([LOST]).replace("near:\n- ", "near:\n- tidak-ada\n- ", 1)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("isi.yaml", BROKEN_YAML.encode(), f"baris {BROKEN_YAML.count(chr(10)) + 1}: YAML rusak"),
        ("isi.yaml", BAD_LINE.encode(), "near &#39;tidak-ada&#39; tidak ada"),
        ("isi.yaml", b"id: x\n", "tidak ada"),
        ("isi.yaml", b"", "tidak ada satu entri pun"),
        ("isi.csv", b"kode,judul\nx,y\n", "kolom &#39;id&#39; tidak ada"),
        ("isi.csv", b"id,title,<b>\nx,y,z\n", "kolom &#39;&lt;b&gt;&#39; tidak dikenal"),
        ("isi.csv", b"id,title\npaspor-hilang,Paspor\n", "baris 2: "),
        ("isi.csv", b'id,title\npaspor,"rusak\n', "baris 2: tanda kutip"),
        ("isi.xlsx", b"PK\x03\x04 bukan zip", "rusak"),
    ],
)
async def test_bad_file_is_refused_with_line_and_reason(
    app: App, site: Starlette, name: str, content: bytes, reason: str
) -> None:
    async with signed_in(app, site, BUDI) as browser:
        refused = await uploads(browser, name, content)
    assert refused.status_code == 422 and reason in refused.text and 'role="alert"' in refused.text
    assert (await audited(app))[-1] == "isi:berkas ditolak"


def test_line_of_a_mistake_is_that_of_the_row_or_of_the_file() -> None:
    rows = entry_files.write([HELD, replace(LOST, sources=("S999",))], "xlsx")
    with pytest.raises(UnusableFile) as refused:
        entry_files.read("isi.xlsx", rows, [], **RULES)
    assert refused.value.reasons == ["baris 3: sumber 'S999' tidak dikenal (sources.yaml)"]
    written = as_yaml([HELD, replace(LOST, sources=("S999",))])
    line = next(number for number, line in enumerate(written.splitlines(), 1) if "S999" in line)
    with pytest.raises(UnusableFile) as refused:
        entry_files.read("isi.yaml", written.encode(), [], **RULES)
    assert refused.value.reasons == [f"baris {line}: sumber 'S999' tidak dikenal (sources.yaml)"]


def test_workbook_that_unpacks_to_too_much_is_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (sheets.MAX_UNPACKED_BYTES + 1))
    with pytest.raises(UnusableFile, match="terlalu besar kalau dibuka"):
        entry_files.read("isi.xlsx", bomb.getvalue(), [], **RULES)


async def test_upload_of_fifty_megabytes_is_refused(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        refused = await uploads(browser, "isi.csv", b"x" * 50_000_000)
        foreign = await browser.post(PAGE, files={"berkas": ("isi.csv", b"id\n")}, headers=OWN_PAGE)
    assert (refused.status_code, foreign.status_code) == (413, 403)


async def test_file_is_read_while_nothing_of_the_database_is_held(
    app: App, site: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    async def call(work, *arguments):
        held.append(app.db.engine.pool.checkedout())
        return work(*arguments)

    monkeypatch.setattr(apart, "call", call)
    async with signed_in(app, site, ADI) as adi:
        assert (await uploads(adi, "isi.yaml", as_yaml([HELD]).encode())).status_code == 303
        form = {"csrf": csrf_of(await adi.get("/konsol/izin")), "tanggal": "2026-11-20"}
        refused = await adi.post("/konsol/izin", data=form, files={"berkas": ("p3mi.csv", b"x")}, headers=OWN_PAGE)
        assert refused.status_code == 422 and "baris judul tidak ditemukan" in refused.text
    assert held == [0, 0]


async def test_kept_file_is_read_again_while_nothing_of_the_database_is_held(
    app: App, site: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    async def call(work, *arguments):
        held.append(app.db.engine.pool.checkedout())
        if len(held) > 3:
            raise apart.TookTooMuch
        return work(*arguments)

    monkeypatch.setattr(apart, "call", call)
    rows = "nama,nomor_sip3mi,status,berlaku_sampai\nPT Uji Satu,SIP3MI-UJI-91,aktif,2028-12-31\n"
    async with signed_in(app, site, ADI) as adi:
        form = {"csrf": csrf_of(await adi.get("/konsol/izin")), "tanggal": "2026-11-20"}
        kept = await adi.post("/konsol/izin", data=form, files={"berkas": ("p3mi.csv", rows)}, headers=OWN_PAGE)
        page = await adi.get(kept.headers["location"])
        version = page.text.split('name="versi" value="')[1].split('"')[0]
        form = {"csrf": csrf_of(page), "tindakan": "pakai", "versi": version}
        used = await adi.post(kept.headers["location"], data=form, headers=OWN_PAGE)
        assert used.status_code == 303 and held == [0, 0, 0]
        gone = await adi.get(kept.headers["location"])
        assert gone.status_code == 404 and len(held) == 3


async def test_kept_file_that_takes_too_much_by_now_changes_nothing(
    app: App, site: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with signed_in(app, site, RINA) as rina:
        form = {"csrf": csrf_of(await rina.get("/konsol/angka/kantor")), "tanggal": "2026-11-20"}
        files = {"berkas": ("angka.csv", "tahun,data,jumlah\n2026,penempatan,50\n")}
        kept = await rina.post("/konsol/angka/kantor", data=form, files=files, headers=OWN_PAGE)

        async def call(work, *arguments):
            raise apart.TookTooMuch

        monkeypatch.setattr(apart, "call", call)
        assert (await rina.get(kept.headers["location"])).status_code == 409
        form |= {"tindakan": "pakai", "versi": "0"}
        assert (await rina.post(kept.headers["location"], data=form, headers=OWN_PAGE)).status_code == 409


async def test_file_that_takes_too_much_is_refused_and_logged(
    app: App, site: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def call(work, *arguments):
        raise apart.TookTooMuch

    monkeypatch.setattr(apart, "call", call)
    async with signed_in(app, site, BUDI) as browser:
        refused = await uploads(browser, "isi.yaml", as_yaml([HELD]).encode())
    assert refused.status_code == 422 and "terlalu lama dibaca" in refused.text
    assert (await audited(app))[-1] == "isi:berkas ditolak"


async def test_officer_signed_out_while_the_file_is_read_keeps_nothing(
    app: App, site: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def call(work, *arguments):
        async with app.db.transaction() as session:
            await officers.remove(session, BUDI, now=datetime.now(UTC))
        return work(*arguments)

    monkeypatch.setattr(apart, "call", call)
    async with signed_in(app, site, BUDI) as browser:
        refused = await uploads(browser, "isi.yaml", as_yaml([HELD]).encode())
    assert refused.status_code == 401
    async with app.db.transaction() as session:
        assert (await session.execute(select(ContentImport))).first() is None
