"""From the kiosk to the own phone: what was begun goes along once, and nothing stays behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from bot.app import App
from bot.domain.cases import Privacy, Role
from bot.domain.messages import Channel, ChatRef, Reply
from bot.services import cases, handovers, kiosks, officers
from bot.services.kiosks import Ending
from bot.storage.tables import Case, Chat, Handover, KioskVisit, OutboxMessage, Question
from bot.texts import complaint as words
from bot.texts import kiosk as kiosk_words
from tests.fakes import Sari


@pytest.fixture
async def visitor(app: App) -> Sari:
    """Sari at the kiosk."""
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        await officers.add(session, 2002, "Rina", Role.SUPERVISOR, now=now)
        rina = await officers.by_telegram_id(session, 2002)
        kiosk = await kiosks.add(session, rina, "Tebas Sungai", "Kabupaten Sambas", now=now)
        chat_id = await kiosks.begin_visit(session, kiosk, desk=app.desk(), now=now)
    return Sari(app, ChatRef(Channel.KIOSK, chat_id))


async def code_of(app: App, visitor: Sari, *, age: timedelta = timedelta()) -> str:
    async with app.db.transaction() as session:
        token = await handovers.make(
            session, await visit_of(session, visitor), wants_report=False, now=datetime.now(UTC) - age
        )
    return f"{handovers.PREFIX}{token}"


async def visit_of(session, visitor: Sari) -> KioskVisit:
    found = select(KioskVisit).join(Chat, Chat.id == KioskVisit.chat_id)
    return (await session.execute(found.where(Chat.external_id == visitor.chat.external_id))).scalar_one()


async def leave(app: App, visitor: Sari) -> None:
    async with app.db.transaction() as session:
        visit = await visit_of(session, visitor)
        await kiosks.end_visit(session, visit, Ending.DONE, desk=app.desk(), now=datetime.now(UTC))


async def test_unfinished_report_goes_on_on_the_phone_after_the_screen_was_wiped(app: App, visitor: Sari) -> None:
    await visitor.presses("menu:lapor")
    await visitor.presses(words.CATEGORIES["gaji"])
    code = await code_of(app, visitor)
    await leave(app, visitor)
    phone = Sari(app, ChatRef(Channel.TELEGRAM, str(uuid4().int % 10**9)))
    told = await phone.commands("start", code)
    assert told[0].body.startswith(kiosk_words.GOES_ON) and told[-1].body.startswith(words.ASK_WHERE)
    again = await Sari(app, ChatRef(Channel.TELEGRAM, str(uuid4().int % 10**9))).commands("start", code)
    assert again[0].body == kiosk_words.LINK_UNUSABLE


async def test_sent_report_and_the_officers_answer_follow_to_the_phone(app: App, visitor: Sari) -> None:
    await visitor.says("tolong saya dikurung majikan di Sibu, saya dipukul")
    code = await code_of(app, visitor)
    await leave(app, visitor)
    async with app.db.transaction() as session:
        chat = (await session.execute(select(Chat).where(Chat.external_id == visitor.chat.external_id))).scalar_one()
        case = (await session.execute(select(Case).where(Case.chat_id == chat.id))).scalar_one()
        await cases.tell_person(session, case, Reply(body="Kami sedang ke sana."), now=datetime.now(UTC))
    phone = Sari(app, ChatRef(Channel.TELEGRAM, str(uuid4().int % 10**9)))
    told = [reply.body for reply in await phone.commands("start", code)]
    assert "Kami sedang ke sana." in told and any(case.number in body for body in told)
    assert case.number in (await phone.commands("status"))[0].body


async def test_who_stays_unnamed_at_the_kiosk_is_told_how_the_answer_reaches_them(visitor: Sari) -> None:
    await visitor.says("tolong saya dikurung majikan di Sibu, saya dipukul")
    (noted,) = await visitor.presses(words.PRIVACIES[Privacy.ANONYMOUS].label)
    assert words.ON_THE_PHONE in noted.body and words.STAYS_HERE not in noted.body


async def test_nobody_at_a_kiosk_is_told_to_read_the_answer_on_a_screen_that_is_wiped(visitor: Sari) -> None:
    opened = await visitor.says("tolong saya dikurung majikan di Sibu, saya dipukul")
    again = await visitor.presses("menu:petugas")
    for told in (" ".join(reply.body for reply in opened), again[0].body):
        assert "obrolan ini" not in told and "Lanjut di HP" in told


async def test_after_the_visit_only_the_masked_question_is_left(app: App, visitor: Sari) -> None:
    await visitor.says("nama saya Sari, nomor 081234567890, biaya ke Taiwan berapa")
    await leave(app, visitor)
    async with app.db.transaction() as session:
        chat = (await session.execute(select(Chat).where(Chat.external_id == visitor.chat.external_id))).scalar_one()
        outbox = select(OutboxMessage.id).where(OutboxMessage.chat_id == chat.id)
        assert (await session.execute(outbox)).all() == []
        assert (chat.memory, chat.draft, chat.held_text) == ({}, None, "")
        kept = (await session.execute(select(Question.text_masked).where(Question.chat_id == chat.id))).scalars().all()
    assert kept and not any("081234567890" in text or "Sari" in text for text in kept)


async def test_code_runs_out_and_what_it_carried_is_erased(app: App, visitor: Sari) -> None:
    code = await code_of(app, visitor, age=handovers.LASTS + timedelta(seconds=1))
    phone = Sari(app, ChatRef(Channel.TELEGRAM, str(uuid4().int % 10**9)))
    assert (await phone.commands("start", code))[0].body == kiosk_words.LINK_UNUSABLE
    async with app.db.transaction() as session:
        await handovers.forget_expired(session, now=datetime.now(UTC))
        left = select(Handover.id).where(Handover.ends_at <= datetime.now(UTC), Handover.carried.is_not(None))
        assert (await session.execute(left)).all() == []


async def test_screen_that_was_switched_off_is_wiped_by_the_worker(app: App, visitor: Sari) -> None:
    await visitor.says("biaya ke Taiwan berapa")
    async with app.db.transaction() as session:
        later = datetime.now(UTC) + kiosks.SILENT_AFTER + timedelta(seconds=1)
        assert await kiosks.end_silent(session, desk=app.desk(), now=later) >= 1
        visit = await visit_of(session, visitor)
        assert (visit.ending, (await session.get_one(Chat, visit.chat_id)).memory) == (Ending.LOST, {})
