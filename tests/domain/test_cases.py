"""The life of a case and its clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import Calendar
from bot.domain.cases import (
    OPEN_STATES,
    OWNED_STATES,
    PERMISSIONS,
    TRANSITIONS,
    CaseAction,
    CaseState,
    CaseUrgency,
    EventKind,
    NotAllowed,
    Role,
    Standing,
    TransitionNotAllowed,
    advance,
    case_number,
    check_permission,
    find_case_number,
    first_answer_due_at,
    more_urgent,
    standing,
)

PONTIANAK = ZoneInfo("Asia/Pontianak")
CALENDAR = Calendar(PONTIANAK, {date(2026, 12, 25): "Hari Raya Natal"}.get)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PONTIANAK)


def test_second_claim_is_refused() -> None:
    claimed = advance(CaseState.NEW, CaseAction.CLAIM)
    with pytest.raises(TransitionNotAllowed):
        advance(claimed, CaseAction.CLAIM)


def test_every_open_case_can_come_to_its_end_and_back() -> None:
    for state in OPEN_STATES - {CaseState.NEW}:
        resolved = advance(state, CaseAction.RESOLVE)
        assert advance(resolved, CaseAction.CONFIRM) is CaseState.CLOSED
        assert advance(resolved, CaseAction.REOPEN) in OPEN_STATES


def test_every_state_is_reached() -> None:
    assert {CaseState.NEW, *TRANSITIONS.values()} == set(CaseState)


def test_number_is_found_however_it_is_written() -> None:
    number = case_number(2026, 123)
    assert number == "SLV-2026-000123"
    assert find_case_number("kabar slv-2026-000123 gimana") == number
    assert find_case_number("kabar kasus saya") is None


def test_urgency_only_grows() -> None:
    assert more_urgent(CaseUrgency.NORMAL, CaseUrgency.EMERGENCY) is CaseUrgency.EMERGENCY
    assert more_urgent(CaseUrgency.HIGH, CaseUrgency.NORMAL) is CaseUrgency.HIGH


@pytest.mark.parametrize(
    ("urgency", "opened", "due"),
    [
        (CaseUrgency.EMERGENCY, "2026-11-28T23:50", "2026-11-29T00:05"),
        (CaseUrgency.HIGH, "2026-11-24T09:30", "2026-11-24T13:30"),
        (CaseUrgency.HIGH, "2026-11-27T15:00", "2026-11-30T11:00"),
        (CaseUrgency.HIGH, "2026-11-28T12:00", "2026-11-30T12:00"),
        (CaseUrgency.NORMAL, "2026-11-24T09:30", "2026-11-27T16:00"),
        (CaseUrgency.NORMAL, "2026-11-26T20:00", "2026-12-01T16:00"),
        (CaseUrgency.EMERGENCY, "2026-12-25T03:00", "2026-12-25T03:15"),
        (CaseUrgency.HIGH, "2026-12-24T15:30", "2026-12-28T11:30"),
        (CaseUrgency.NORMAL, "2026-12-23T09:00", "2026-12-29T16:00"),
    ],
)
def test_first_answer_is_due_in_time(urgency: CaseUrgency, opened: str, due: str) -> None:
    assert first_answer_due_at(urgency, local(opened), CALENDAR) == local(due)


@given(MOMENTS, st.sampled_from(list(CaseUrgency)))
def test_later_case_is_never_due_earlier(opened: datetime, urgency: CaseUrgency) -> None:
    due = first_answer_due_at(urgency, opened, CALENDAR)
    assert opened < due <= first_answer_due_at(urgency, opened + timedelta(hours=1), CALENDAR)


BUDI, RINA, OTHER = 2, 3, 4


@pytest.mark.parametrize("action", PERMISSIONS)
def test_who_has_the_case_and_supervisors_may_do_all_that_officers_do(action: CaseAction | EventKind) -> None:
    check_permission(action, Standing.OWNER)
    check_permission(action, Standing.LEAD)


@pytest.mark.parametrize("action", [action for action in PERMISSIONS if action is not EventKind.NOTE])
def test_case_of_a_colleague_is_left_alone_except_for_notes(action: CaseAction | EventKind) -> None:
    check_permission(EventKind.NOTE, Standing.OTHER)
    with pytest.raises(NotAllowed):
        check_permission(action, Standing.OTHER)


@pytest.mark.parametrize(
    "action",
    [
        CaseAction.LOWER,
        CaseAction.HAND_OVER,
        CaseAction.HAND_BACK,
        CaseAction.TAKE_BACK,
        EventKind.READ,
    ],
)
def test_only_who_has_the_case_may(action: CaseAction | EventKind) -> None:
    with pytest.raises(NotAllowed):
        check_permission(action, Standing.FREE)


def test_what_the_person_or_the_clock_decides_no_officer_may() -> None:
    not_officers = {CaseAction.HEAR, CaseAction.CONFIRM, CaseAction.WITHDRAW, CaseAction.EXPIRE}
    assert set(CaseAction) - set(PERMISSIONS) == not_officers


def test_standing_comes_from_role_and_owner() -> None:
    assert standing(BUDI, Role.OFFICER, None) is Standing.FREE
    assert standing(BUDI, Role.OFFICER, BUDI) is Standing.OWNER
    assert standing(BUDI, Role.OFFICER, OTHER) is Standing.OTHER
    assert standing(RINA, Role.SUPERVISOR, OTHER) is Standing.LEAD
    assert standing(RINA, Role.ADMIN, None) is Standing.LEAD


def test_whoever_works_on_a_new_case_takes_it_out_of_the_queue() -> None:
    for action in (CaseAction.REPLY, CaseAction.WAIT, CaseAction.REFER, CaseAction.HAND_OVER):
        assert advance(CaseState.NEW, action) in OWNED_STATES


def test_agency_may_answer_late() -> None:
    assert advance(CaseState.REFERRED, CaseAction.ANSWERED) is CaseState.IN_PROGRESS
    assert advance(CaseState.CLOSED, CaseAction.ANSWERED) is CaseState.CLOSED
