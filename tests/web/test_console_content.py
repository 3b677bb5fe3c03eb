"""The knowledge base in the console: who may change it, two editors at once, differences, the gate, and nothing unescaped."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest
from sqlalchemy import select, text
from starlette.applications import Starlette

from bot.app import App
from bot.services import knowledge_base, officers
from bot.storage.tables import Entry, EntryDraft
from bot.texts.jobseeker import HELPFUL
from knowledge.base import KnowledgeBase
from knowledge.entries import CONTENT, load_entries
from tests.web.conftest import OWN_PAGE
from tests.web.test_console import ADI, BUDI, RINA, ROLES, csrf_of, signed_in

ENTRY = "paspor-hilang"
FORM = f"/konsol/isi/{ENTRY}/ubah"
DRAFT = f"/konsol/isi/{ENTRY}/draf"
CHECK = f"/konsol/isi/{ENTRY}/uji"
HISTORY = f"/konsol/isi/{ENTRY}/riwayat"
SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture(autouse=True)
async def published(app: App) -> AsyncIterator[None]:
    """Two entries and the staff."""
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        await session.execute(
            text("truncate entry_revisions, entries, entry_drafts, content_version, officers cascade")
        )
        for number, (name, role) in ROLES.items():
            await officers.add(session, number, name, role, now=now)
        entries = [entry for entry in load_entries(CONTENT / "faq") if entry.id in (ENTRY, "paspor-ditahan")]
        await knowledge_base.publish(session, entries, author="seed", now=now)
    yield
    await app.close()


def form_of(page: httpx.Response) -> dict[str, str]:
    """What a browser would send back of the form for an entry, unchanged."""
    html = page.text[page.text.index('class="isian lebar"') :]
    fields = dict(re.findall(r'<input [^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', html))
    if 'name="f.volatile" value="ya" checked' not in html:
        fields.pop("f.volatile", None)
    fields |= dict(re.findall(r'<textarea [^>]*?name="([^"]+)"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL))
    for name, options in re.findall(r'<select [^>]*?name="([^"]+)">(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return {name: unescape(value) for name, value in fields.items()}


async def saves(browser: httpx.AsyncClient, **changed: str) -> httpx.Response:
    fields = form_of(await browser.get(FORM)) | {f"f.{name.replace('__', '.')}": to for name, to in changed.items()}
    return await browser.post(FORM, data=fields, headers=OWN_PAGE)


async def does(browser: httpx.AsyncClient, path: str, action: str = "", **fields: str) -> httpx.Response:
    page = await browser.get(DRAFT if path == DRAFT else HISTORY)
    form = {"csrf": csrf_of(page), "tindakan": action, **fields}
    return await browser.post(path, data=form, headers=OWN_PAGE)


async def title_in_force(app: App) -> str:
    async with app.db.transaction() as session:
        return (await session.execute(select(Entry.document).where(Entry.id == ENTRY))).scalar_one()["title"]


async def check_fails(app: App) -> None:
    """These tests have no index to ask: every check of the golden questions ends without a result."""
    await app.later.finish()
    async with app.db.transaction() as session:
        await session.execute(text("update golden_checks set state = 'failed'"))


async def test_unchanged_form_changes_nothing(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        assert (await saves(browser)).status_code == 303
        page = (await browser.get(DRAFT)).text
    assert "Sama dengan yang terbit" in page and "Yang perlu diperbaiki" not in page


async def test_draft_goes_its_way_to_publication_and_back(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        assert (await saves(budi, title="Paspor raib, bagaimana?")).headers["location"] == DRAFT
        assert (await does(budi, DRAFT, "ajukan")).status_code == 303
        assert "menunggu ditinjau" in (await rina.get("/konsol/isi")).text
        await app.later.finish()
        page = (await rina.get(DRAFT)).text
        assert '<ins><span class="hanya-suara">tambah: </span>raib' in page
        refused = await does(rina, DRAFT, "terbitkan", versi="1")
        assert refused.status_code == 422 and 'role="alert"' in refused.text
        await check_fails(app)
        assert (await does(rina, DRAFT, "terbitkan", versi="1")).status_code == 422
        assert (await does(rina, DRAFT, "terbitkan", versi="1", alasan="mendesak")).status_code == 303
        assert await title_in_force(app) == "Paspor raib, bagaimana?"
        page = (await rina.get(HISTORY)).text
        assert "Alasan: mendesak" in page and "Kembali ke versi 1" in page
        unchecked = await does(rina, HISTORY, versi="1")
        assert unchecked.status_code == 422 and "belum diperiksa" in unchecked.text
        checking = await does(rina, CHECK, versi="1")
        await check_fails(app)
        page = (await rina.get(checking.headers["location"])).text
        assert "Pemeriksaan tidak selesai" in page and ">Kembali ke versi 1</button>" in page
        assert (await does(rina, HISTORY, versi="1")).status_code == 422, "without a reason"
        assert (await does(rina, HISTORY, versi="1", alasan="keliru")).status_code == 303
    assert "raib" not in await title_in_force(app)


async def test_gate_shows_which_questions_would_be_wrong(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        await saves(browser, title="Paspor raib?")
        await does(browser, DRAFT, "periksa")
        await app.later.finish()
        change = '[{"text": "paspor kecebur", "wanted": ["paspor-hilang"], "before": "jawaban: paspor-hilang", '
        change += '"after": "tidak dijawab", "is_right": false}]'
        async with app.db.transaction() as session:
            done = "update golden_checks set state = 'running', seen_at = now(), done = 400, total = 1980"
            await session.execute(text(done))
        page = (await browser.get(DRAFT)).text
        assert "Memeriksa 990 pertanyaan" in page and 'http-equiv="refresh"' in page
        async with app.db.transaction() as session:
            done = text("update golden_checks set state = 'done', changes = cast(:change as jsonb)")
            await session.execute(done, {"change": change})
        page = (await browser.get(DRAFT)).text
    assert "1 dari 990 pertanyaan kini salah" in page and "paspor kecebur" in page
    assert 'http-equiv="refresh"' not in page


@pytest.mark.parametrize("number", [BUDI, ADI])
async def test_author_is_not_offered_and_not_allowed_to_publish(app: App, site: Starlette, number: int) -> None:
    async with signed_in(app, site, number) as browser:
        await saves(browser, title="Paspor raib?")
        await does(browser, DRAFT, "ajukan")
        assert ">Terbitkan<" not in (await browser.get(DRAFT)).text
        refused = await does(browser, DRAFT, "terbitkan", versi="1", alasan="ya")
    assert refused.status_code == 422
    assert "raib" not in await title_in_force(app)


async def test_officer_may_neither_roll_back_nor_retire(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        assert (await does(browser, HISTORY, versi="1")).status_code == 403
        assert (await does(browser, CHECK, versi="1")).status_code == 403
        assert (await does(browser, f"/konsol/isi/{ENTRY}/tarik", alasan="usang")).status_code == 403


async def test_entry_is_retired_with_a_reason(app: App, site: Starlette) -> None:
    retire = f"/konsol/isi/{ENTRY}/tarik"
    async with signed_in(app, site, RINA) as browser:
        assert (await does(browser, retire)).status_code == 422
        assert (await does(browser, retire, alasan="usang")).status_code == 422, "not checked"
        assert (await does(browser, CHECK, versi="0")).status_code == 303
        await check_fails(app)
        assert (await does(browser, retire, alasan="usang")).status_code == 303
        assert (await browser.get(f"/konsol/isi/{ENTRY}")).status_code == 404


async def test_later_editor_reads_what_changed_and_keeps_the_own_text(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        begun = form_of(await rina.get(FORM))
        await saves(budi, title="Judul dari Budi", near="paspor-ditahan")
        late = await rina.post(FORM, data=begun | {"f.title": "Judul dari Rina"}, headers=OWN_PAGE)
        assert late.status_code == 409
        assert "Budi menyimpan perubahan" in late.text and "Judul dari <" not in late.text
        assert form_of(late)["f.title"] == "Judul dari Rina" and form_of(late)["f.near"] == "paspor-ditahan"
        assert (await rina.post(FORM, data=form_of(late), headers=OWN_PAGE)).status_code == 303
    async with app.db.transaction() as session:
        draft = (await session.execute(select(EntryDraft))).scalar_one()
    assert (draft.document["title"], draft.document["near"]) == ("Judul dari Rina", ["paspor-ditahan"])


async def test_draft_behind_a_newer_publication_says_so_before_and_when_it_is_published(
    app: App, site: Starlette
) -> None:
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        await saves(budi, title="Paspor raib, bagaimana?")
        await does(budi, DRAFT, "ajukan")
        await check_fails(app)
        async with app.db.transaction() as session:
            standing = await knowledge_base.published_entries(session)
            newer = [replace(entry, short="Lapor dulu.") for entry in standing if entry.id == ENTRY]
            await knowledge_base.publish(session, newer, author="cli", now=datetime.now(UTC))
        assert "baris perintah menerbitkan versi baru" in (await rina.get(DRAFT)).text
        refused = await does(rina, DRAFT, "terbitkan", versi="1", alasan="mendesak")
        assert refused.status_code == 422 and "dibuat dari versi yang lebih lama" in refused.text
        await saves(budi)
        assert "menerbitkan versi baru" not in (await rina.get(DRAFT)).text
    assert "raib" not in await title_in_force(app)


async def test_script_in_every_field_is_shown_as_text(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        fields = form_of(await browser.get(FORM))
        evil = {name: SCRIPT if name.startswith("f.") else value for name, value in fields.items()}
        extra = {"negara_baru": "taiwan", "negara_baru_isi": SCRIPT, f"f.variants.{SCRIPT}": SCRIPT}
        extra[f"f.countries.{SCRIPT}"] = SCRIPT
        assert (await browser.post(FORM, data=evil | extra, headers=OWN_PAGE)).status_code == 303
        for path in (FORM, DRAFT, "/konsol/isi", f"/konsol/isi?cari={SCRIPT}"):
            page = await browser.get(path)
            assert page.status_code == 200
            assert "<script>alert" not in page.text and "<img src=x" not in page.text
        assert (await does(browser, DRAFT, "ajukan")).status_code == 422


async def test_problems_stand_at_their_fields(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        await saves(browser, sources="", answer__short="Telepon 0812 3456 7890 sekarang juga.")
        page = (await browser.get(FORM)).text
    for name, reason in (("sources", "belum ada sumber"), ("answer.short", "nomor telepon")):
        assert reason in page[page.index(f'id="m-{name}"') :][:300]
        assert f'aria-describedby="m-{name}"' in page


async def test_new_entry_begins_with_its_code(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        csrf = csrf_of(await browser.get("/konsol/isi/baru"))
        for code in ("Bukan Kode", ENTRY, "baru", ""):
            form = {"csrf": csrf, "kode": code, "judul": "Apa saja", "kelompok": "masalah"}
            assert (await browser.post("/konsol/isi/baru", data=form, headers=OWN_PAGE)).status_code == 422
        form = {"csrf": csrf, "kode": "surat-jalan", "judul": "Apa itu surat jalan?", "kelompok": "masalah"}
        made = await browser.post("/konsol/isi/baru", data=form, headers=OWN_PAGE)
        assert made.headers["location"] == "/konsol/isi/surat-jalan/ubah"
        assert "Apa itu surat jalan?" in (await browser.get("/konsol/isi?keadaan=draft")).text


async def test_question_is_not_explained_while_there_is_no_index(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        csrf = csrf_of(await browser.get("/konsol/isi/coba"))
        page = await browser.post("/konsol/isi/coba", data={"csrf": csrf, "tanya": SCRIPT}, headers=OWN_PAGE)
    assert "Indeks belum siap" in page.text and "<script>alert" not in page.text


async def test_question_is_explained_and_the_draft_shown_as_telegram_will(
    app: App, site: Starlette, base: KnowledgeBase
) -> None:
    app.knowledge.current = base
    async with signed_in(app, site, BUDI) as browser:
        csrf = csrf_of(await browser.get("/konsol/isi/coba"))
        form = {"csrf": csrf, "tanya": "paspor saya ilang di Kuching"}
        page = (await browser.post("/konsol/isi/coba", data=form, headers=OWN_PAGE)).text
        assert "dijawab" in page and f'href="/konsol/isi/{ENTRY}"' in page and "Kalimat yang paling dekat" in page
        await saves(browser, title="Paspor & <b>raib</b>?", answer__short="Lapor polisi dulu.")
        page = (await browser.get(DRAFT)).text
    assert "<b>Paspor &amp; &lt;b&gt;raib&lt;/b&gt;?</b>" in page
    assert "Lapor polisi dulu." in page and f"<span>{HELPFUL}</span>" in page


async def test_what_is_typed_is_shown_as_telegram_will_and_not_kept(
    app: App, site: Starlette, base: KnowledgeBase
) -> None:
    app.knowledge.current = base
    async with signed_in(app, site, BUDI) as browser:
        page = await browser.get(f"/konsol/isi/{ENTRY}/ubah")
        typed = {"csrf": csrf_of(page), "f.title": "Paspor <b>raib</b>?", "f.answer.short": "Lapor polisi dulu."}
        typed |= {"f.last_checked": "2026-11-01", "f.review_by": "2027-02-01", "f.officer": "offer"}
        address = f"/konsol/isi/{ENTRY}/pratinjau"
        shown = await browser.post(address, data=typed, headers=OWN_PAGE)
        undated = await browser.post(address, data={**typed, "f.last_checked": "besok"}, headers=OWN_PAGE)
        foreign = await browser.post(address, data={**typed, "csrf": "x"}, headers=OWN_PAGE)
        assert (await browser.get(DRAFT)).status_code == 404
    assert "<b>Paspor &lt;b&gt;raib&lt;/b&gt;?</b>" in shown.text and "Lapor polisi dulu." in shown.text
    assert "<h1>" not in shown.text, "a part of a page"
    assert undated.status_code == 200 and "Belum bisa ditampilkan" in undated.text and foreign.status_code == 403


async def test_entry_page_names_its_sources_and_its_like_in_words(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        page = (await browser.get(f"/konsol/isi/{ENTRY}")).text
    facts = page[page.index('<dl class="fakta">') : page.index("</dl>")]
    assert "Masalah saat bekerja" in facts and "Harian Kalbar" in facts and "(S134)" in facts


async def test_addresses_of_nothing_are_not_found(app: App, site: Starlette) -> None:
    async with signed_in(app, site, RINA) as browser:
        for path in ("tidak-ada", "tidak-ada/ubah", "tidak-ada/draf", "tidak-ada/riwayat", "%00/ubah"):
            assert (await browser.get(f"/konsol/isi/{path}")).status_code == 404
        assert (await does(browser, HISTORY, versi="99")).status_code == 404
