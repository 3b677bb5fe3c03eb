"""The own reports: how they stand, what is said when they are solved, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.app import App
from bot.domain.cases import CaseState, CaseUrgency, Privacy
from bot.services import cases, casework, officers
from bot.storage.tables import Case, Referral
from bot.texts import complaint as words
from bot.texts import jobseeker
from tests.dialogue.reports import (
    CAPTIVE,
    claimed_by_budi,
    messages,
    own_cases,
    resolved,
    solved_case,
)
from tests.fakes import FakeNlu, Sari


@pytest.fixture
def sari(bare_app: App) -> Sari:
    """Sari, whom Silvi answers without an index: what is said of cases needs none."""
    return Sari(bare_app)


async def test_status_shows_the_next_date_in_plain_words(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (waiting,) = await sari.commands("status")
    (case,) = await own_cases(sari)
    assert case.number in waiting.body and "WIB" in waiting.body
    await claimed_by_budi(sari)
    (taken,) = await sari.commands("status")
    assert "dipegang petugas" in taken.body


async def test_overdue_case_is_admitted(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    async with sari.app.db.transaction() as session:
        (case,) = await own_cases(sari)
        past = datetime.now(UTC) - timedelta(hours=1)
        await session.execute(update(Case).where(Case.id == case.id).values(due_at=past))
    (reply,) = await sari.commands("status")
    assert "lewat dari janji" in reply.body


async def test_status_of_somebody_elses_case_says_nothing_of_it(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (hers,) = await own_cases(sari)
    joko = Sari(sari.app)
    (reply,) = await joko.commands("status", hers.number)
    assert reply.body == words.NO_CASES


@pytest.mark.parametrize("verb", ["selesai", "belum", "orang_lain", "anonim", "nama", "tarik", "tarik_ya", "nilai_3"])
async def test_button_with_the_number_of_anothers_case_changes_nothing(sari: Sari, verb: str) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (hers,) = await own_cases(sari)
    joko = Sari(sari.app)
    (reply,) = await joko.presses(f"kasus:{verb}:{hers.id}")
    assert reply.body == jobseeker.STALE_BUTTON
    (still,) = await own_cases(sari)
    assert (still.state, still.is_for_other, still.privacy) == (CaseState.NEW, False, Privacy.CONFIDENTIAL)


async def test_status_by_number_finds_the_own_report_however_old(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (first,) = await own_cases(sari)
    async with sari.app.db.transaction() as session:
        await session.execute(update(Case).where(Case.id == first.id).values(state=CaseState.WITHDRAWN))
        copy = {column.name: getattr(first, column.name) for column in Case.__table__.columns}
        for serial in range(6):
            new = {**copy, "id": first.id + 1000 + serial, "number": f"SLV-2026-9{first.id:03}{serial:02}"}
            session.add(Case(**new | {"state": CaseState.WITHDRAWN}))
    (reply,) = await sari.commands("status", first.number.lower())
    assert first.number in reply.body and words.NOT_YOURS not in reply.body


async def test_status_tells_where_a_report_was_referred(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    await claimed_by_budi(sari)
    (case,) = await own_cases(sari)
    now = datetime.now(UTC)
    async with sari.app.db.transaction() as session:
        await session.execute(update(Case).where(Case.id == case.id).values(state=CaseState.REFERRED))
        referral = Referral(
            case_id=case.id,
            agency="kjri_kuching",
            letter_number=f"R-{case.id}",
            purpose="",
            officer_id=case.officer_id,
            referred_at=now,
            due_at=now + timedelta(days=7),
        )
        session.add(referral)
    (reply,) = await sari.commands("status")
    assert "diteruskan ke KJRI Kuching" in reply.body and "Kabar berikutnya paling lambat" in reply.body


async def test_status_is_asked_for_in_plain_words(sari: Sari, nlu: FakeNlu) -> None:
    nlu.is_away = True
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (reply,) = await sari.says("gimana laporan saya?")
    (case,) = await own_cases(sari)
    assert reply.body.startswith(f"{case.number} (Gaji")


async def test_help_was_good_in_one_tap(sari: Sari) -> None:
    case = await solved_case(sari)
    (closed,) = await sari.presses(words.SOLVED.label)
    assert closed.body == words.closed(case).body
    (thanks,) = await sari.presses(words.RATINGS[3])
    (case,) = await own_cases(sari)
    assert (thanks.body, case.rating) == (words.RATED, 3)


async def test_who_is_not_content_is_shown_the_way_back(sari: Sari) -> None:
    await solved_case(sari)
    await sari.presses(words.SOLVED.label)
    (reply,) = await sari.presses(words.RATINGS[1])
    (case,) = await own_cases(sari)
    assert case.rating == 1 and words.OPEN_AGAIN.label == reply.buttons[0][0].label


async def test_report_that_is_not_closed_takes_no_rating(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (case,) = await own_cases(sari)
    await sari.presses(f"kasus:nilai_3:{case.id}")
    (case,) = await own_cases(sari)
    assert case.rating is None


async def test_solved_or_not_is_understood_in_words(sari: Sari) -> None:
    await solved_case(sari)
    await sari.says("belum pak")
    (case,) = await own_cases(sari)
    assert case.state == CaseState.IN_PROGRESS
    await resolved(sari, case.id)
    await sari.says("sudah selesai, makasih")
    (case,) = await own_cases(sari)
    assert case.state == CaseState.CLOSED


@pytest.mark.parametrize("said", ["masih belum pak", "belum ada perubahan bu"])
async def test_not_yet_is_understood_in_few_words_and_the_next_date_is_told(sari: Sari, said: str) -> None:
    await solved_case(sari)
    (reply,) = await sari.says(said)
    (case,) = await own_cases(sari)
    assert case.state == CaseState.IN_PROGRESS and case.due_at
    assert words.REOPENED.format(number=case.number) in reply.body and "WIB" in reply.body


async def test_few_words_that_answer_nothing_leave_the_question_standing(sari: Sari) -> None:
    case = await solved_case(sari)
    (reply,) = await sari.says("masih takut pak")
    assert reply == words.is_it_solved(case)
    assert (await own_cases(sari))[0].state == CaseState.RESOLVED


async def test_status_says_what_an_officer_waits_for(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    case = await claimed_by_budi(sari)
    now = datetime.now(UTC)
    async with sari.app.db.transaction() as session:
        budi = await officers.by_telegram_id(session, 1002)
        waiting = await cases.lock(session, case.id)
        await casework.wait(session, waiting, budi, "foto kontrak kerja.", desk=sari.app.desk(), now=now)
    await sari.hears()
    (reply,) = await sari.commands("status")
    assert "menunggu ini dari Anda: foto kontrak kerja. Kirim di obrolan ini" in reply.body


async def test_no_news_yet_is_answered_with_how_the_report_stands(app: App) -> None:
    sari = Sari(app)
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    (reply,) = await sari.says("belum ada kabar pak")
    (case,) = await own_cases(sari)
    assert case.number in reply.body and "menunggu petugas" in reply.body
    assert case.category == "gaji" and await messages(sari) == []


async def test_closed_report_is_opened_again_by_writing_so(sari: Sari) -> None:
    await solved_case(sari)
    await sari.presses(words.SOLVED.label)
    await sari.says("belum")
    assert (await own_cases(sari))[0].state == CaseState.CLOSED
    (reply,) = await sari.says("masalah saya belum selesai")
    (case,) = await own_cases(sari)
    assert case.state == CaseState.IN_PROGRESS and reply.body.startswith(words.REOPENED.format(number=case.number))


@pytest.mark.parametrize("said", [CAPTIVE, "/lapor gaji tidak dibayar di kuching", "/petugas"])
async def test_report_while_asked_whether_it_is_solved_goes_on_with_that_case(sari: Sari, said: str) -> None:
    await solved_case(sari)
    command, _, rest = said.removeprefix("/").partition(" ")
    (reply,) = await (sari.commands(command, rest) if said.startswith("/") else sari.says(said))
    (case,) = await own_cases(sari)
    assert case.state == CaseState.IN_PROGRESS and case.due_at
    assert case.number in reply.body
    if said == CAPTIVE:
        assert case.urgency == CaseUrgency.EMERGENCY and said in (await messages(sari))[-1]
    else:
        assert words.ADDED_AND_REOPENED.format(number=case.number) in reply.body


async def test_unanswered_question_is_asked_once_more_and_then_the_report_closes(sari: Sari) -> None:
    case = await solved_case(sari)
    assert await closed_by_silence(sari, days=1) == 0 and await sari.hears() == []
    await closed_by_silence(sari, days=7)
    (again,) = await sari.hears()
    assert "Kalau tidak dijawab" in again.body and again.buttons == words.is_it_solved(case).buttons
    await closed_by_silence(sari, days=8)
    assert await sari.hears() == []
    assert await closed_by_silence(sari, days=15) == 1
    (told,) = await sari.hears()
    assert told == words.closed_unconfirmed(case)
    await sari.presses(words.OPEN_AGAIN.label)
    assert (await own_cases(sari))[0].state == CaseState.IN_PROGRESS


async def test_person_may_say_not_solved_for_thirty_days(sari: Sari) -> None:
    await sari.commands("lapor", "gaji tidak dibayar di kuching")
    case = await claimed_by_budi(sari)
    await resolved(sari, case.id)
    (asked,) = await sari.hears()
    assert asked == words.is_it_solved(case)
    (reply,) = await sari.presses(words.NOT_SOLVED.label)
    assert reply.body.startswith(words.REOPENED.format(number=case.number))
    await resolved(sari, case.id, days_ago=31)
    await sari.hears()
    (late,) = await sari.presses(words.NOT_SOLVED.label)
    assert late.body == words.TOO_LATE_TO_REOPEN.format(number=case.number)


@pytest.mark.parametrize(
    "action",
    [
        "lapor:",
        "lapor:apa:entah",
        "lapor:di:atlantis",
        "lapor:lewati:x",
        "kasus:selesai:0",
        "kasus:selesai:x",
        "kasus::99999999999999999999",
        "meja:ambil:1",
    ],
)
async def test_forged_button_gets_a_friendly_restart(sari: Sari, action: str) -> None:
    (reply,) = await sari.presses(action)
    assert reply.body == jobseeker.STALE_BUTTON


async def closed_by_silence(sari: Sari, *, days: int) -> int:
    """The worker looks, so many days after the officer's word; other tests' cases are left out of it."""
    (case,) = await own_cases(sari)
    now = datetime.now(UTC)
    async with sari.app.db.transaction() as session:
        others = update(Case).where(Case.id != case.id, Case.state == CaseState.RESOLVED)
        await session.execute(others.values(state=CaseState.WITHDRAWN))
        since = update(Case).where(Case.id == case.id).values(resolved_at=now - timedelta(days=days))
        await session.execute(since)
        return await cases.close_unconfirmed(session, desk=sari.app.desk(), now=now)
