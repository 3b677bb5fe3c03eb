"""Officers work on cases in the console by the same rules as in Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, text
from starlette.applications import Starlette

from bot.app import App
from bot.domain.cases import CaseUrgency
from bot.domain.messages import Channel, ChatRef, Kind
from bot.services import attachments, cases, editing, officers, people
from bot.services.cases import Report
from bot.storage.tables import Attachment, Case, CaseEvent, Officer
from tests.web.conftest import OWN_PAGE
from tests.web.test_console import ADI, BUDI, RINA, ROLES, csrf_of, signed_in

STORY = "Majikan pak Tono menahan paspor saya, nomor saya 081200001111"


@pytest.fixture(autouse=True)
async def staff(app: App) -> AsyncIterator[None]:
    async with app.db.transaction() as session:
        await session.execute(text("truncate outbox, chats, people, officers cascade"))
        for number, (name, role) in ROLES.items():
            await officers.add(session, number, name, role, now=datetime.now(UTC))
    yield
    await app.close()


async def opened(app: App, who: str, *, urgency: CaseUrgency = CaseUrgency.NORMAL, story: str = STORY) -> str:
    """The number of a new case."""
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        person = await people.person_of(session, Channel.WEB, who, now=now)
        chat = await people.chat_of(session, ChatRef(Channel.WEB, who), now=now)
        report = Report(narrative=story, category="paspor", country="sarawak", urgency=urgency)
        made = await cases.open_case(session, person, chat, report, desk=app.desk(), now=now)
        return made.case.number


async def does(browser: httpx.AsyncClient, number: str, action: str, **fields: str) -> httpx.Response:
    page = await browser.get(f"/konsol/kasus/{number}")
    form = {"csrf": csrf_of(page), "tindakan": action, **fields}
    return await browser.post(f"/konsol/kasus/{number}", data=form, headers=OWN_PAGE)


async def row_of(app: App, number: str) -> tuple[Case, str | None]:
    async with app.db.transaction() as session:
        found = select(Case, Officer.name).outerjoin(Officer, Officer.id == Case.officer_id)
        return tuple((await session.execute(found.where(Case.number == number))).one())


async def log_of(app: App, number: str) -> list[str]:
    async with app.db.transaction() as session:
        found = select(CaseEvent.kind).join(Case).where(Case.number == number).order_by(CaseEvent.id)
        return list((await session.execute(found)).scalars())


async def test_gravest_case_stands_first_and_the_queue_tells_nothing_of_the_person(app: App, site: Starlette) -> None:
    normal, urgent = await opened(app, "sari"), await opened(app, "dewi", urgency=CaseUrgency.EMERGENCY)
    async with signed_in(app, site, BUDI) as browser:
        page = (await browser.get("/konsol/kasus")).text
    assert page.index(urgent) < page.index(normal)
    assert "Tono" not in page and "0812" not in page


async def test_queue_is_narrowed_and_found_by_the_end_of_a_number(app: App, site: Starlette) -> None:
    sari, dewi = await opened(app, "sari"), await opened(app, "dewi", urgency=CaseUrgency.HIGH)
    async with signed_in(app, site, BUDI) as browser:
        high = (await browser.get("/konsol/kasus?gawat=high")).text
        assert dewi in high and sari not in high
        assert sari in (await browser.get(f"/konsol/kasus?nomor={sari[-6:]}")).text
        for odd in ("nomor=%00", "halaman=x", "halaman=999999999999", "keadaan=%27", "nomor=%25", "gawat=%3Cscript%3E"):
            answer = await browser.get(f"/konsol/kasus?{odd}")
            assert answer.status_code == 200 and "<script>" not in answer.text


async def test_case_is_taken_answered_and_resolved(app: App, site: Starlette) -> None:
    number = await opened(app, "sari")
    async with signed_in(app, site, BUDI) as browser:
        assert (await does(browser, number, "ambil")).status_code == 303
        assert (await does(browser, number, "balas", isi="Kami bantu, Bu.")).status_code == 303
        assert (await does(browser, number, "selesai")).status_code == 303
    case, owner = await row_of(app, number)
    assert (case.state, owner) == ("resolved", "Budi")
    assert [kind for kind in await log_of(app, number) if kind != "read"] == ["opened", "claim", "reply", "resolve"]


async def test_whole_file_is_for_the_owner_and_every_opening_is_written_down(app: App, site: Starlette) -> None:
    number = await opened(app, "sari")
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        masked = (await budi.get(f"/konsol/kasus/{number}")).text
        assert "Tersamar" in masked and "Tono" not in masked and "081200001111" not in masked
        await does(budi, number, "ambil")
        assert "pak Tono" in (await budi.get(f"/konsol/kasus/{number}")).text
        assert "pak Tono" in (await rina.get(f"/konsol/kasus/{number}")).text
    assert (await log_of(app, number)).count("read") >= 4


async def test_what_the_rules_refuse_is_said_and_changes_nothing(app: App, site: Starlette) -> None:
    number = await opened(app, "sari", urgency=CaseUrgency.EMERGENCY)
    async with signed_in(app, site, RINA) as rina, signed_in(app, site, BUDI) as budi:
        await does(rina, number, "ambil")
        for action, fields in (
            ("balas", {"isi": "halo"}),
            ("selesai", {}),
            ("kegawatan", {"pilihan": "biasa"}),
            ("alih", {"pilihan": "1"}),
        ):
            answer = await does(budi, number, action, **fields)
            assert answer.status_code == 422 and 'role="alert"' in answer.text
    case, owner = await row_of(app, number)
    assert (case.state, case.urgency, owner) == ("acknowledged", "emergency", "Rina")


@pytest.mark.parametrize(
    ("action", "fields"),
    [("balas", {"isi": " "}), ("rujuk", {}), ("hasil", {"pilihan": "sidang", "tanggal": "kemarin"})],
)
async def test_incomplete_form_is_refused_with_a_word(app: App, site: Starlette, action: str, fields: dict) -> None:
    number = await opened(app, "sari")
    async with signed_in(app, site, BUDI) as browser:
        await does(browser, number, "ambil")
        answer = await does(browser, number, action, **fields)
    assert answer.status_code == 422 and 'role="alert"' in answer.text


async def test_referral_from_the_console_makes_the_letter(app: App, site: Starlette) -> None:
    number = await opened(app, "sari")
    async with signed_in(app, site, BUDI) as browser:
        await does(browser, number, "ambil")
        assert (await does(browser, number, "rujuk", pilihan="kjri_kuching", isi="Mohon dampingi")).status_code == 303
        page = (await browser.get(f"/konsol/kasus/{number}")).text
    assert "belum dijawab" in page and "KJRI Kuching" in page
    async with app.db.transaction() as session:
        assert (await session.execute(select(Attachment.kind))).scalars().all() == ["document"]


async def test_of_two_officers_who_take_a_case_at_once_one_is_told(app: App, site: Starlette) -> None:
    number = await opened(app, "sari")
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, ADI) as adi:
        answers = await asyncio.gather(does(budi, number, "ambil"), does(adi, number, "ambil"))
    assert sorted(answer.status_code for answer in answers) == [303, 422]


async def test_supervisor_hands_several_cases_over_and_an_officer_may_not(app: App, site: Starlette) -> None:
    numbers = [await opened(app, who) for who in ("sari", "dewi", "lina")]
    async with app.db.transaction() as session:
        budi_id = (await officers.by_telegram_id(session, BUDI)).id
    marked = {f"kasus:{number}": "on" for number in numbers[:2]}
    async with signed_in(app, site, RINA) as rina, signed_in(app, site, BUDI) as budi:
        for browser, expected in ((budi, 403), (rina, 303)):
            form = {"csrf": csrf_of(await browser.get("/konsol/kasus")), "kepada": str(budi_id), **marked}
            answer = await browser.post("/konsol/kasus/bagikan", data=form, headers=OWN_PAGE)
            assert answer.status_code == expected
    assert [(await row_of(app, number))[1] for number in numbers] == ["Budi", "Budi", None]


async def test_overdue_case_is_marked(app: App, site: Starlette) -> None:
    number = await opened(app, "sari")
    async with app.db.transaction() as session:
        await session.execute(text("update cases set due_at = :due"), {"due": datetime.now(UTC) - timedelta(hours=1)})
    async with signed_in(app, site, BUDI) as browser:
        assert number in (await browser.get("/konsol/kasus?lewat=1")).text
        assert "<strong>1</strong> lewat waktu" in (await browser.get("/konsol")).text


async def test_file_of_a_case_is_saved_by_who_may_read_it_and_that_is_written_down(app: App, site: Starlette) -> None:
    number, other = await opened(app, "sari"), await opened(app, "dewi")
    page = b"<script>alert(1)</script>"
    async with app.db.transaction() as session:
        case = await cases.by_number(session, number)
        kept = await attachments.keep(
            session,
            case,
            officer=None,
            kind=Kind.DOCUMENT,
            name="kontrak.html",
            mime_type="text/html",
            content=page,
            now=datetime.now(UTC),
        )
    address = f"/konsol/kasus/{number}/lampiran/{kept.id}"
    async with signed_in(app, site, BUDI) as budi, signed_in(app, site, RINA) as rina:
        assert (await budi.get(address)).status_code == 403
        assert "kontrak.html" not in (await budi.get(f"/konsol/kasus/{number}")).text
        assert address in (await rina.get(f"/konsol/kasus/{number}")).text
        answer = await rina.get(address)
        assert (await rina.get(f"/konsol/kasus/{other}/lampiran/{kept.id}")).status_code == 404
        assert (await rina.get(f"/konsol/kasus/{number}/lampiran/99999999999999999999")).status_code == 404
    assert answer.content == page
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    async with app.db.transaction() as session:
        read = (await session.execute(select(CaseEvent.text).where(CaseEvent.kind == "read"))).scalars().all()
    assert [what for what in read if what.startswith("kiriman")] == [f"kiriman {kept.id}"]


async def test_unknown_case_is_not_found(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        assert (await browser.get("/konsol/kasus/SLV-2026-999999")).status_code == 404
        assert (await browser.get("/konsol/kasus/%00")).status_code == 404


async def reply_in(app: App, browser: httpx.AsyncClient, said: str) -> str:
    """The address under which Budi's reply is proposed as an entry."""
    number = await opened(app, "sari")
    await does(browser, number, "ambil")
    await does(browser, number, "balas", isi=said)
    async with app.db.transaction() as session:
        found = select(CaseEvent.id).where(CaseEvent.kind == "reply").order_by(CaseEvent.id.desc()).limit(1)
        return f"/konsol/kasus/{number}/usul/{(await session.execute(found)).scalar_one()}"


async def test_reply_becomes_a_draft_of_an_entry_without_what_points_to_a_person(app: App, site: Starlette) -> None:
    async with signed_in(app, site, BUDI) as browser:
        address = await reply_in(app, browser, "Halo bu Siti, telepon 081200001111. Paspor boleh Anda minta kembali.")
        assert address in (await browser.get(address.rpartition("/usul")[0])).text
        page = await browser.get(address)
        assert "Paspor boleh Anda minta kembali" in page.text
        assert "Siti" not in page.text and "081200001111" not in page.text
        form = {"csrf": csrf_of(page), "tanya": "paspor ditahan boleh diminta?"}
        assert (await browser.post(address, data=form, headers=OWN_PAGE)).status_code == 422
        form["jawab"] = "Boleh. Kata pak Tono, hubungi 081200002222."
        made = await browser.post(address, data=form, headers=OWN_PAGE)
        assert made.status_code == 303
    async with app.db.transaction() as session:
        draft = (await editing.open_drafts(session))[made.headers["location"].split("/")[3]]
    assert draft.document["variants"] == {"santai": ["paspor ditahan boleh diminta?"]}
    assert draft.document["answer"]["short"] == "Boleh. Kata pak [nama], hubungi [telepon]."


async def test_reply_is_not_shown_to_who_may_not_read_the_case(app: App, site: Starlette) -> None:
    async with signed_in(app, site, RINA) as rina, signed_in(app, site, BUDI) as budi:
        address = await reply_in(app, rina, "Rahasia di antara kami.")
        refused = await budi.get(address)
        assert refused.status_code == 403 and "Rahasia" not in refused.text
        assert (await rina.get(f"{address.rpartition('/')[0]}/999999")).status_code == 404


async def test_how_the_person_left_is_noted_in_the_file(app: App, site: Starlette) -> None:
    number = await opened(app, "sari")
    async with signed_in(app, site, BUDI) as browser:
        assert (await does(browser, number, "jalur", pilihan="entah")).status_code == 422
        assert (await does(browser, number, "jalur", pilihan="prosedural")).status_code == 303
        page = await browser.get(f"/konsol/kasus/{number}")
    assert "<dt>Berangkat</dt><dd>prosedural</dd>" in page.text
    assert (await row_of(app, number))[0].route == "prosedural"
