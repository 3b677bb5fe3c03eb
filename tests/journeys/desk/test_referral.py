"""A case goes to another agency and comes back with an answer, and what came of it is kept."""

from __future__ import annotations

import io
from datetime import date

import psycopg
import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from bot.app import App
from bot.domain.agencies import BY_CODE
from bot.domain.cases import CaseState, CaseUrgency, Privacy
from bot.domain.outcomes import Stage
from bot.services import letters, outcomes, referrals
from bot.storage.tables import Attachment, AttachmentContent, Case, Referral
from bot.texts import desk_menus as menus
from bot.texts import officer as desk_words
from bot.texts import progress
from bot.texts.letter import Letter
from tests.journeys.desk.conftest import BUDI, DESK, JOKO, SARI, Running
from tests.journeys.desk.test_case import CAPTIVE, events, number_and_topic, the_case
from tests.journeys.desk.test_roles import CONTACT, claimed, told_in, told_sari
from tests.telegram_api import Account

KJRI, POLDA = BY_CODE["kjri_kuching"], BY_CODE["polda"]


async def in_sarawak(app: App, telegram: Account, **fields: object) -> tuple[str, int]:
    """Sari's case there, which Budi has."""
    number, topic = await claimed(app, telegram)
    known = {"country": "sarawak", "urgency": CaseUrgency.HIGH, "contact": CONTACT, "privacy": Privacy.CONFIDENTIAL}
    async with app.db.transaction() as session:
        await session.execute(update(Case).values(known | fields))
    return number, topic


async def all_referrals(app: App) -> list[Referral]:
    async with app.db.transaction() as session:
        return list((await session.execute(select(Referral).order_by(Referral.id))).scalars())


async def letters_of(app: App) -> list[bytes]:
    async with app.db.transaction() as session:
        found = select(AttachmentContent.content).join(Attachment, Attachment.id == AttachmentContent.id)
        return list((await session.execute(found.order_by(Attachment.id))).scalars())


async def test_referral_goes_from_the_menu_to_the_answer(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        number, topic = await in_sarawak(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/rujuk")
        await told_in(telegram, topic, menus.ASK_AGENCY)
        telegram.presses(DESK, KJRI.name, sender=BUDI)
        await told_in(telegram, topic, menus.ASKS_PERSON)
        assert not await all_referrals(app)

        telegram.presses(DESK, menus.MAKE_LETTER, sender=BUDI)
        await told_sari(telegram, f"diteruskan ke {KJRI.name}")
        await told_in(telegram, topic, f"{number}/R1")
        (referral,) = await all_referrals(app)
        assert (referral.agency, referral.is_named, referral.answered_at) == (KJRI.code, None, None)
        assert (await the_case(app)).state == CaseState.REFERRED

        telegram.presses(SARI, progress.AGREE.label)
        await told_sari(telegram, progress.AGREED.format(agency=KJRI.name))
        await telegram.wait_for(lambda: sum(f"{number}/R1" in text for text in telegram.texts_in(DESK, topic)) == 2)
        letters = await letters_of(app)
        assert len(letters) == 2 and all(letter.startswith(b"%PDF") for letter in letters)

        telegram.officer_says(DESK, topic, BUDI, "/jawaban staf konsuler sudah menjemput")
        await told_sari(telegram, progress.AGENCY_ANSWERED.format(agency=KJRI.name, number=number))
        assert not any("menjemput" in text for text in telegram.texts_to(SARI))
    (referral,) = await all_referrals(app)
    assert referral.answer == "staf konsuler sudah menjemput" and referral.answered_at is not None
    assert (await the_case(app)).state == CaseState.IN_PROGRESS


async def test_name_is_given_to_no_agency_the_person_refused(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        _, topic = await in_sarawak(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/rujuk polda menyelidiki perekrutnya")
        await told_sari(telegram, progress.MAY_NAME.format(agency=POLDA.name))
        telegram.presses(SARI, progress.REFUSE.label)
        await told_sari(telegram, progress.REFUSED.format(agency=POLDA.name))
        await told_in(telegram, topic, desk_words.REFUSES.format(agency=POLDA.name))
        telegram.presses(SARI, progress.AGREE.label)
        await told_sari(telegram, progress.ASKED_ALREADY)
    (referral,) = await all_referrals(app)
    assert referral.is_named is False and referral.purpose == "menyelidiki perekrutnya"
    assert len(await letters_of(app)) == 1


async def test_emergency_is_referred_with_the_name_at_once(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        number, topic = await in_sarawak(app, telegram, urgency=CaseUrgency.EMERGENCY)
        telegram.officer_says(DESK, topic, BUDI, "/rujuk kjri_kuching menjemputnya sekarang")
        await told_sari(telegram, progress.NAMED)
    (referral,) = await all_referrals(app)
    assert referral.is_named is True


async def test_anonymous_person_is_named_to_nobody_and_not_asked(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        _, topic = await in_sarawak(app, telegram, privacy=Privacy.ANONYMOUS, urgency=CaseUrgency.EMERGENCY)
        telegram.officer_says(DESK, topic, BUDI, "/rujuk polda menolong")
        await told_sari(telegram, progress.NOT_NAMED)
    (referral,) = await all_referrals(app)
    assert referral.is_named is False


async def test_somebody_else_cannot_answer_for_the_person(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        _, topic = await in_sarawak(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/rujuk polda menolong")
        await told_sari(telegram, progress.MAY_NAME.format(agency=POLDA.name))
        (referral,) = await all_referrals(app)
        telegram.presses(JOKO, f"rujukan:ya:{referral.id}")
        await telegram.wait_for(lambda: not telegram.queue)
    (referral,) = await all_referrals(app)
    assert referral.is_named is None


async def test_answer_names_its_agency_where_two_were_asked(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        _, topic = await in_sarawak(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/rujuk polda menolong")
        telegram.officer_says(DESK, topic, BUDI, "/rujuk dinsos menampung")
        await told_in(telegram, topic, "/R2")
        telegram.officer_says(DESK, topic, BUDI, "/jawaban diterima")
        await told_in(telegram, topic, "Beberapa lembaga belum menjawab")
        telegram.officer_says(DESK, topic, BUDI, "/jawaban dinsos kamar disiapkan")
        await told_in(telegram, topic, desk_words.AGENCY_ANSWERED.format(agency=BY_CODE["dinsos"].name))
        telegram.officer_says(DESK, topic, BUDI, "/jawaban dinsos lagi")
        await told_in(telegram, topic, desk_words.NO_OPEN_REFERRAL)
    async with app.db.transaction() as session:
        waiting = await referrals.open_referrals(session)
    assert [row.referral.agency for row in waiting] == ["polda"]


async def test_unknown_agency_is_refused(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        _, topic = await in_sarawak(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/rujuk entah tolong")
        await told_in(telegram, topic, desk_words.NO_SUCH_AGENCY)
    assert not await all_referrals(app)


async def test_outcomes_are_dated_and_told(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        number, topic = await in_sarawak(app, telegram)
        telegram.officer_says(DESK, topic, BUDI, "/hasil dilaporkan 20-11-2025 di Polres")
        told = progress.OUTCOME.format(number=number, stage=progress.STAGES[Stage.REPORTED], day="20 November 2025")
        await told_sari(telegram, told)
        telegram.officer_says(DESK, topic, BUDI, "/hasil putusan 2025-11-19")
        await told_in(telegram, topic, "Tanggalnya tidak cocok")
        telegram.officer_says(DESK, topic, BUDI, "/hasil putusan 31-02-2026")
        await told_in(telegram, topic, desk_words.BAD_DATE)
        telegram.officer_says(DESK, topic, BUDI, "/hasil putusan 2099-01-01")
        await told_in(telegram, topic, desk_words.IN_FUTURE)
        telegram.officer_says(DESK, topic, BUDI, "/hasil dilaporkan 2025-12-31 salah catat")
        await told_in(telegram, topic, "31 Desember 2025")
        telegram.officer_says(DESK, topic, BUDI, "/hasil")
        await told_in(telegram, topic, menus.ASK_STAGE)
        telegram.presses(DESK, desk_words.STAGES[Stage.SHELTER], sender=BUDI)
        await told_in(telegram, topic, f"{desk_words.STAGES[Stage.SHELTER]}: ")
    case = await the_case(app)
    async with app.db.transaction() as session:
        steps = await outcomes.of(session, case)
    assert steps[Stage.REPORTED] == date(2025, 12, 31) and set(steps) == {Stage.REPORTED, Stage.SHELTER}
    assert len(await events(app, "outcome")) == 3


async def test_outcome_waits_until_somebody_has_the_case(app: App, telegram: Account, running: Running) -> None:
    async with running(app):
        telegram.person_says(SARI, "saya dikurung majikan, hp disita, tolong")
        _, topic = await number_and_topic(telegram)
        telegram.officer_says(DESK, topic, BUDI, "/hasil rumah")
        await told_in(telegram, topic, "tidak bisa sekarang")


async def test_letter_tells_all_that_was_told_or_what_the_officer_made_of_it(
    app: App, telegram: Account, running: Running
) -> None:
    def last_page(pdfs: list[bytes]) -> str:
        return " ".join(PdfReader(io.BytesIO(pdfs[-1])).pages[0].extract_text().split())

    async with running(app):
        number, topic = await in_sarawak(app, telegram, urgency=CaseUrgency.EMERGENCY)
        telegram.person_says(SARI, "Ada tiga orang lain di mes Lutong")
        await told_in(telegram, topic, "mes Lutong")
        telegram.officer_says(DESK, topic, BUDI, "/rujuk kjri_kuching")
        await told_in(telegram, topic, "orang lain di mes Lutong.")
        assert CONTACT not in telegram.texts_in(DESK, topic)[-1]
        telegram.officer_says(DESK, topic, BUDI, "/rujuk kjri_kuching mohon dijemput")
        await told_in(telegram, topic, f"{number}/R1")
        page = last_page(await letters_of(app))
        assert CAPTIVE in page and "orang lain di mes Lutong" in page and CONTACT in page

        telegram.officer_says(DESK, topic, BUDI, "/cerita Empat orang dikurung di mes Lutong.")
        await told_in(telegram, topic, desk_words.STORY_PUT.format(officer="Budi"))
        telegram.officer_says(DESK, topic, BUDI, "/rujuk polda mohon ditindaklanjuti")
        await told_in(telegram, topic, f"{number}/R2")
        page = last_page(await letters_of(app))
        assert "Empat orang dikurung" in page and CAPTIVE not in page
        assert not any("Empat orang" in text for text in telegram.texts_to(SARI))

        telegram.officer_says(DESK, topic, BUDI, "/cerita")
        await told_in(telegram, topic, desk_words.STORY_IS)
        telegram.presses(DESK, desk_words.STORY_OF_PERSON, sender=BUDI)
        await told_in(telegram, topic, desk_words.STORY_BACK.format(officer="Budi"))
        telegram.officer_says(DESK, topic, BUDI, "/rujuk lpsk mohon dinilai")
        await told_in(telegram, topic, f"{number}/R3")
        assert CAPTIVE in last_page(await letters_of(app))


async def test_no_row_is_locked_while_a_letter_is_drawn(
    app: App, telegram: Account, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    pdf = letters.pdf

    def draws(letter: Letter) -> bytes:
        with psycopg.connect(app.db.psycopg_dsn()) as other:
            other.execute("select 1 from cases for update nowait")
        drawn.append(letter.number)
        return pdf(letter)

    async with running(app):
        number, topic = await in_sarawak(app, telegram)
        monkeypatch.setattr(letters, "pdf", draws)
        telegram.officer_says(DESK, topic, BUDI, "/rujuk kjri_kuching mohon dijemput")
        await told_in(telegram, topic, f"{number}/R1")
        telegram.presses(SARI, progress.AGREE.label)
        await told_sari(telegram, progress.AGREED.format(agency=KJRI.name))
    assert drawn == [f"{number}/R1"] * 2
    assert len(await all_referrals(app)) == 1 and len(await letters_of(app)) == 2
