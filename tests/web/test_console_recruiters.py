"""Reported recruiters from the first report to what everybody who asked is told, and the registry's way through the console."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select, text
from starlette.applications import Starlette

from bot import worker
from bot.app import App
from bot.domain.messages import Channel, ChatRef
from bot.domain.verdicts import NothingChosen, SameOfficer
from bot.services import cases, officers, people, recruiters, registry_file, traces
from bot.services.cases import Report
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import AuditRecord, Outcome, Recruiter, TraceRow
from bot.texts import jobseeker
from bot.texts import offers as offer_words
from bot.texts import verdicts as words
from tests.fakes import VAULT, FakeNlu, Knowledge, Sari
from tests.web.conftest import OWN_PAGE
from tests.web.test_console import ADI, BUDI, RINA, ROLES, csrf_of, signed_in

ADVERT = (
    "LOWONGAN kerja ke Kamboja bersama PT Rimba Cempaka Uji! Gaji 15 juta, mess gratis. Berangkat pakai visa wisata dulu, "
    "visa kerja menyusul. Kuota terbatas, DP 2 juta transfer ke BCA 1234567890. Minat hubungi WA 0812-1111-2222."
)
OTHER = "DIBUTUHKAN pekerja kebun ke Sarawak, KTP saja, paspor kunjungan dulu, DP 1 juta, hubungi +62 812 1111 2222 sekarang."
HEADER = "nama,nomor_sip3mi,alamat,kota,telepon,status,berlaku_sampai,negara_tujuan\n"
ZONE = ZoneInfo("Asia/Pontianak")
MELATI = "PT Melati Uji Sentosa,SIP3MI-UJI-01,Jl. Contoh 1,Jakarta,021-000111,{status},2030-12-31,Taiwan\n"


@pytest.fixture
def app(settings: Settings, database_url: str) -> App:
    """Silvi with her real dialogue, so that what officers do is seen from the chat."""
    return App(settings, Database(database_url, VAULT), FakeNlu(), Knowledge(None))


@pytest.fixture(autouse=True)
async def staff(app: App) -> AsyncIterator[None]:
    async with app.db.transaction() as session:
        await session.execute(text("truncate outbox, chats, people, officers, recruiters, traces, offers_seen cascade"))
        for number, (name, role) in ROLES.items():
            await officers.add(session, number, name, role, now=datetime.now(UTC))
    yield
    await app.close()


async def reports(person: Sari, offer: str = ADVERT) -> None:
    await person.commands("cek", offer)
    await person.presses(offer_words.REPORT)


async def only(app: App, table):
    async with app.db.transaction() as session:
        return (await session.execute(select(table))).scalars().one()


async def trace_of(app: App, shown: str) -> int:
    async with app.db.transaction() as session:
        return next(row.id for row in (await session.execute(select(TraceRow))).scalars() if row.shown == shown)


async def does(browser: httpx.AsyncClient, path: str, action: str, **fields: str) -> httpx.Response:
    form = {"csrf": csrf_of(await browser.get(path)), "tindakan": action, **fields}
    return await browser.post(path, data=form, headers=OWN_PAGE)


async def proposes(app: App, browser: httpx.AsyncClient, path: str, *shown: str, **other: str) -> httpx.Response:
    today = datetime.now(UTC).date()
    fields = {
        "alasan": "dua laporan yang cocok",
        "diminta": str(today - timedelta(days=5)),
        "lewat": "surat",
        "sampai": str(today + timedelta(days=90)),
        **{f"jejak:{await trace_of(app, one)}": "on" for one in shown},
        **other,
    }
    return await does(browser, path, "usul", **fields)


async def test_name_is_public_only_after_two_officers_and_everybody_who_asked_is_told_once(
    app: App, site: Starlette
) -> None:
    sari, dewi, tono, ani = Sari(app), Sari(app), Sari(app), Sari(app)
    await reports(sari)
    await dewi.commands("cek", OTHER)
    await dewi.commands("cek", "0812 1111 2222")
    await tono.commands("cek", OTHER)
    await tono.commands("hapusdata")
    await tono.presses(jobseeker.ERASE_YES)
    path = f"/konsol/perekrut/{(await only(app, Recruiter)).id}"
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        page = (await budi.get(path)).text
        assert "PT Rimba Cempaka Uji" in page and "+6281211112222" in page and "1234567890" in page
        assert (await proposes(app, budi, path, "+6281211112222", "PT Rimba Cempaka Uji")).status_code == 303
        refused = await does(budi, path, "setuju")
        assert refused.status_code == 422 and words.REFUSALS[SameOfficer] in refused.text
        (still,) = await ani.commands("cek", "PT Rimba Cempaka Uji")
        assert "dilaporkan" not in still.body
        assert (await does(rina, path, "setuju")).status_code == 303
        told = {
            person: [row for row in await person.outbox() if words.NEWS in str(row.reply)] for person in (sari, dewi)
        }
        assert [len(rows) for rows in told.values()] == [1, 1]
        assert "PT Rimba" not in told[dewi][0].reply["body"] and "+6281211112222" in told[dewi][0].reply["body"]
        assert not any(words.NEWS in str(row.reply) for row in await tono.outbox())
        [*_, reply] = await ani.commands("cek", "hubungi 081211112222 untuk kerja ke Malaysia")
        assert "+6281211112222: dilaporkan." in reply.body and words.NO_STATEMENT in reply.body
        await does(budi, path, "tanggapan", isi="Nomor itu sudah kami jual.", tanggal=str(date.today()))
        [*_, reply] = await ani.commands("cek", "PT. RIMBA CEMPAKA UJI")
        assert "PT Rimba Cempaka Uji: dilaporkan." in reply.body and "Nomor itu sudah kami jual." in reply.body
        assert (await does(rina, path, "cabut", alasan="salah orang")).status_code == 303
    [*_, reply] = await ani.commands("cek", "PT Rimba Cempaka Uji")
    assert "dilaporkan" not in reply.body
    assert "sudah dicabut" in (await dewi.outbox())[-1].reply["body"]
    async with app.db.transaction() as session:
        done = (await session.execute(select(AuditRecord.action))).scalars().all()
        assert {"putusan:usul", "putusan:setuju", "putusan:cabut", "perekrut:tanggapan", "perekrut:baca"} <= set(done)
        raw = (await session.execute(text("select string_agg(traces::text, ' ') from traces"))).scalar()
    assert "81211112222" not in raw


async def test_recruiter_is_given_time_to_answer_and_a_name_many_bear_is_never_shown(app: App, site: Starlette) -> None:
    await reports(Sari(app))
    path, today = f"/konsol/perekrut/{(await only(app, Recruiter)).id}", datetime.now(UTC).date()
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        await does(budi, path, "jejak", isi="Anton")
        personal = await proposes(app, budi, path, "Anton")
        assert personal.status_code == 422 and words.REFUSALS[NothingChosen] in personal.text
        too_long = await proposes(app, budi, path, "+6281211112222", sampai=str(today + timedelta(days=800)))
        assert too_long.status_code == 422
        await proposes(app, budi, path, "+6281211112222", diminta=str(today))
        early = await does(rina, path, "setuju")
        assert early.status_code == 422 and "masih punya waktu menjawab" in early.text
        await does(budi, path, "tanggapan", isi="<script>alert(1)</script>", tanggal=str(today))
        assert (await does(rina, path, "setuju")).status_code == 303
        assert "<script>alert" not in (await budi.get(path)).text
        (reply,) = await Sari(app).commands("cek", "hubungi 081211112222")
        assert "dilaporkan" in reply.body
    async with app.db.transaction() as session:
        await session.execute(text("update recruiter_verdicts set expires_on = current_date - 2"))
    (reply,) = await Sari(app).commands("cek", "hubungi 081211112222")
    assert "dilaporkan" not in reply.body


async def test_reports_that_share_a_number_are_one_file_with_its_steps_and_network(app: App, site: Starlette) -> None:
    await reports(Sari(app))
    await reports(Sari(app), OTHER)
    path = f"/konsol/perekrut/{(await only(app, Recruiter)).id}"
    async with signed_in(app, site, BUDI) as budi:
        listed = (await budi.get("/konsol/perekrut?cari=62-812-1111-2222")).text
        assert "PT Rimba Cempaka Uji" in listed and "+6281211112222" not in listed
        assert "Tidak ada yang cocok" in (await budi.get("/konsol/perekrut?cari=PT+Lain+Sekali")).text
        assert (await does(budi, path, "langkah", langkah="investigated", tanggal="2026-11-02")).status_code == 303
        assert (await does(budi, path, "langkah", langkah="reported", tanggal="2026-11-05")).status_code == 422
        assert "2 November 2026" in (await budi.get(path)).text
        drawn = (await budi.get(f"/konsol/perekrut/jaringan?perekrut={path.rpartition('/')[2]}")).text
        assert drawn.count("<polygon") == 2 and drawn.count("<circle") == 1 and "Tawaran" in drawn
        assert (await budi.get("/konsol/perekrut/999999")).status_code == 404
        assert (await budi.get("/konsol/perekrut/jaringan?perekrut=%00x")).status_code == 200
    assert (await only(app, Outcome)).case_id is None


async def test_officer_chooses_who_of_a_case_is_the_recruiter(app: App, site: Starlette) -> None:
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        person = await people.person_of(session, Channel.WEB, "dewi", now=now)
        chat = await people.chat_of(session, ChatRef(Channel.WEB, "dewi"), now=now)
        story = Report(
            narrative="Saya (081299990000) diminta 5 juta oleh PT Kelana Uji Sejati, WA 0857-1234-5678",
            category="penipuan",
        )
        number = (await cases.open_case(session, person, chat, story, desk=app.desk(), now=now)).case.number
    async with signed_in(app, site, RINA) as rina:
        path = f"/konsol/perekrut/kasus/{number}"
        page = (await rina.get(path)).text
        place = page.index("+6285712345678")
        box = page[:place].rpartition('name="')[2].partition('"')[0]
        answer = await rina.post(path, data={"csrf": csrf_of(await rina.get(path)), box: "on"}, headers=OWN_PAGE)
        file = (await rina.get(answer.headers["location"])).text
    assert "+6285712345678" in file and "+6281299990000" not in file and number in file


async def upload(browser: httpx.AsyncClient, content: str, name: str = "p3mi.csv") -> httpx.Response:
    form = {"csrf": csrf_of(await browser.get("/konsol/izin")), "tanggal": "2026-11-20"}
    return await browser.post("/konsol/izin", data=form, files={"berkas": (name, content.encode())}, headers=OWN_PAGE)


async def test_registry_is_shown_as_a_diff_first_and_who_asked_hears_of_a_revoked_licence(
    app: App, site: Starlette
) -> None:
    sari, dewi = Sari(app), Sari(app)
    async with signed_in(app, site, ADI) as adi:
        bad = await upload(adi, HEADER + MELATI.format(status="entah"))
        assert bad.status_code == 422 and "baris 2" in bad.text
        for status in ("aktif", "dicabut"):
            preview = await upload(adi, HEADER + MELATI.format(status=status))
            place = preview.headers["location"]
            page = await adi.get(place)
            form = {"csrf": csrf_of(page), "versi": page.text.partition('name="versi" value="')[2].partition('"')[0]}
            if status == "dicabut":
                assert "aktif -&gt; dicabut" in page.text
                await sari.commands("cek", "PT Melati Uji Sentosa")
                await sari.commands("cek", "pt melati uji sentsa")
                await dewi.commands("cek", "PT Kamboja Lain Uji")
                stale = await adi.post(place, data={**form, "versi": "0", "tindakan": "pakai"}, headers=OWN_PAGE)
                assert stale.status_code == 409
            assert (await adi.post(place, data={**form, "tindakan": "pakai"}, headers=OWN_PAGE)).status_code == 303
            assert (await adi.get(place)).status_code == 404
        assert "dicabut" in (await adi.get("/konsol/izin?cari=PT+Melati+Uji+Sentosa")).text
    news = [row.reply["body"] for row in await sari.outbox() if words.NEWS in str(row.reply)]
    assert len(news) == 1 and "PT Melati Uji Sentosa: sekarang izinnya dicabut." in news[0]
    assert not any(words.NEWS in str(row.reply) for row in await dewi.outbox())
    async with signed_in(app, site, RINA) as rina:
        assert (await upload(rina, HEADER)).status_code == 403


async def news_of(person: Sari) -> list[str]:
    return [row.reply["body"] for row in await person.outbox() if words.NEWS in str(row.reply)]


async def imports(app: App, until: date) -> None:
    """Melati's licence runs until this day."""
    content = HEADER + MELATI.format(status="aktif").replace("2030-12-31", str(until))
    file = registry_file.parse_registry(content.encode(), "p3mi.csv")
    async with app.db.transaction() as session:
        seen, now = await recruiters.changes(session, file), datetime.now(UTC)
        await recruiters.publish(session, file, seen, data_date=now.date(), author="Adi", zone=ZONE, now=now)


async def test_who_asked_and_who_reported_hears_once_that_a_licence_ran_out_by_its_date(
    app: App, site: Starlette
) -> None:
    today = datetime.now(ZONE).date()
    until = today + timedelta(days=3)
    sari, dewi, joko = Sari(app), Sari(app), Sari(app)
    await imports(app, until)
    await sari.commands("cek", "PT Melati Uji Sentosa")
    await reports(dewi, ADVERT.replace("PT Rimba Cempaka Uji", "PT Melati Uji Sentosa"))
    async with app.db.transaction() as session:
        # Who reported and asks nothing any more is told all the same.
        await session.execute(
            text("delete from asked_traces where asked_id in (select id from offers_asked where case_id is not null)")
        )
    await joko.commands("cek", "PT Lain Uji Makmur")
    async with signed_in(app, site, BUDI) as budi:
        page = (await budi.get("/konsol/izin")).text
        assert "habis dalam 30 hari" in page and "SIP3MI-UJI-01" in page
    for day in (until, until + timedelta(days=1), until + timedelta(days=2)):
        await worker.tell_of_what_ran_out(app, now=datetime.combine(day, time(9), ZONE))
        assert [len(await news_of(person)) for person in (sari, dewi)] == [int(day > until)] * 2
    (told,) = await news_of(sari)
    assert words.run_out_line("PT Melati Uji Sentosa", until) in told and words.MAYBE_RENEWED in told
    assert await news_of(joko) == []
    # Renewed, and imported after it had run out: they hear that it holds again.
    await imports(app, until + timedelta(days=400))
    assert "sekarang izinnya aktif" in (await news_of(sari))[-1]


async def test_verdict_that_ran_out_is_ended_and_who_was_told_of_it_hears_so(app: App, site: Starlette) -> None:
    sari = Sari(app)
    await reports(sari)
    path = f"/konsol/perekrut/{(await only(app, Recruiter)).id}"
    last = datetime.now(UTC).date() + timedelta(days=10)
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        assert (await proposes(app, budi, path, "+6281211112222", sampai=str(last))).status_code == 303
        assert (await does(rina, path, "setuju")).status_code == 303
        assert words.SOON_OVER in (await budi.get("/konsol/perekrut")).text
        for days in (0, 1, 2):
            await worker.tell_of_what_ran_out(app, now=datetime.combine(last + timedelta(days=days), time(9), ZONE))
        assert words.RAN_OUT in (await budi.get(path)).text
    told = await news_of(sari)
    assert len(told) == 2 and told[-1] == words.ran_out(["+6281211112222"], last).body
    [*_, reply] = await Sari(app).commands("cek", "0812 1111 2222")
    assert "dilaporkan" not in reply.body


async def test_what_was_asked_long_ago_and_never_reported_is_forgotten(app: App) -> None:
    await reports(Sari(app))
    await Sari(app).commands("cek", "hubungi 0857-1234-5678")
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        await session.execute(text("update offers_asked set asked_at = asked_at - interval '200 days'"))
        await session.execute(text("update traces set seen_at = seen_at - interval '200 days'"))
        await traces.forget(session, now=now)
        left = {row.shown for row in (await session.execute(select(TraceRow))).scalars()}
    assert left == {"PT Rimba Cempaka Uji", "1234567890", "+6281211112222"}
