"""The start page of the console: what waits for a second person, and whether for this officer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from starlette.applications import Starlette

from bot.app import App
from bot.domain.broadcasts import Audience, Topic
from bot.domain.editing import fields_of
from bot.domain.messages import Channel, ChatRef
from bot.services import broadcasts, cases, editing, officers, people, reported, traces, verdicts
from bot.services.broadcasts import Written
from bot.services.cases import Report
from bot.services.editing import Seen
from bot.services.verdicts import Proposal
from bot.storage.database import Session
from bot.storage.tables import Officer, Recruiter
from knowledge.entries import CONTENT, document_of, load_entries
from tests.web.test_console import ADI, BUDI, RINA, ROLES, signed_in

DRAFT = next(entry for entry in load_entries(CONTENT / "faq") if entry.id == "paspor-hilang")
TOLD = "PT Rimba Uji Jaya minta uang muka lewat 0812-1111-2222"


@pytest.fixture(autouse=True)
async def office(app: App) -> AsyncIterator[None]:
    """Budi handed in an answer and proposed a verdict, Rina a broadcast."""
    now = datetime.now(UTC)
    tables = "entry_drafts, entries, broadcasts, recruiters, traces, chats, people, audit, officers"
    async with app.db.transaction() as session:
        await session.execute(text(f"truncate {tables} cascade"))
        for number, (name, role) in ROLES.items():
            await officers.add(session, number, name, role, now=now)
        budi, rina = [await officers.by_telegram_id(session, number) for number in (BUDI, RINA)]
        fields = fields_of(document_of(DRAFT)) | {"title": "Paspor & visa hilang"}
        draft = await editing.save(session, budi, DRAFT.id, fields, Seen(0, 0), now=now)
        today = DRAFT.last_checked
        await editing.submit(session, budi, draft, office=app.office(), today=today, now=now)
        written = Written("Lowongan Taiwan", "Ada 20 tempat.", (), Audience(Topic.JOBS, None, None))
        broadcast = await broadcasts.write(session, rina, written, None, now=now)
        await broadcasts.submit(session, rina, broadcast, now=now)
        await propose(app, session, budi, invited_on=now.date() - timedelta(days=1), now=now)
    yield
    await app.close()


async def propose(app: App, session: Session, officer: Officer, *, invited_on: date, now: datetime) -> None:
    person = await people.person_of(session, Channel.WEB, "sari", now=now)
    chat = await people.chat_of(session, ChatRef(Channel.WEB, "sari"), now=now)
    report = Report(narrative=TOLD, category="penipuan")
    case = (await cases.open_case(session, person, chat, report, desk=app.desk(), now=now)).case
    recruiter = await reported.note_report(session, case, traces.in_text(TOLD, app.office()), now=now)
    (held,) = (await reported.traces_of(session, [recruiter.id])).values()
    proposal = Proposal(
        frozenset(row.id for row in held), "cocok", invited_on, "surat", now.date() + timedelta(days=90)
    )
    await verdicts.propose(session, recruiter, proposal, officer, zone=app.desk().zone, now=now)


async def waiting_for(app: App, site: Starlette, number: int) -> dict[str, str]:
    """What the page lists, by title: for whom it waits."""
    async with signed_in(app, site, number) as browser:
        page = await browser.get("/konsol")
    return dict(re.findall(r'<td><a href="[^"]+">([^<]+)</a></td>.*?<td>([^\n]+)</td>\n *</tr>', page.text, re.DOTALL))


async def test_each_sees_what_waits_for_them_and_what_for_others(app: App, site: Starlette) -> None:
    draft, broadcast, verdict = "Paspor &amp; visa hilang", "Lowongan Taiwan", "PT Rimba Uji Jaya"
    budi, rina, adi = [await waiting_for(app, site, number) for number in (BUDI, RINA, ADI)]
    assert budi[draft] == "orang lain" and broadcast not in budi
    assert rina[draft] == adi[draft] == "<strong>Anda</strong>"
    assert (rina[broadcast], adi[broadcast]) == ("orang lain", "<strong>Anda</strong>")
    assert all(shown[verdict].startswith("tanggapan perekrut sampai ") for shown in (budi, rina, adi))


async def test_verdict_waits_for_the_second_officer_once_the_recruiter_has_answered(app: App, site: Starlette) -> None:
    async with app.db.transaction() as session:
        recruiter = (await session.execute(select(Recruiter))).scalar_one()
        budi = await officers.by_telegram_id(session, BUDI)
        now = datetime.now(UTC)
        await reported.add_statement(session, recruiter, "Itu bukan kami.", now.date(), budi, now=now)
    verdict = "PT Rimba Uji Jaya"
    assert (await waiting_for(app, site, BUDI))[verdict] == "orang lain"
    assert (await waiting_for(app, site, RINA))[verdict] == "<strong>Anda</strong>"


async def test_what_was_decided_waits_no_more(app: App, site: Starlette) -> None:
    async with app.db.transaction() as session:
        rina = await officers.by_telegram_id(session, RINA)
        draft = await editing.open_draft(session, DRAFT.id)
        await editing.send_back(session, rina, draft, "sumbernya?", now=datetime.now(UTC))
    assert "Paspor &amp; visa hilang" not in await waiting_for(app, site, ADI)
