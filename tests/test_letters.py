"""The letter to an agency: one page, only what that agency needs, and no name without consent."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.cases import CaseUrgency, Privacy
from bot.services import letters
from bot.storage.tables import Case, Referral
from bot.texts import letter as words
from bot.texts.letter import Letter, compose
from knowledge.office import load_office

PONTIANAK = ZoneInfo("Asia/Pontianak")
STORY = "Saya dipukul majikan tiap hari. Nama saya Sari Dewi, telepon 0812-0000-1111."
CONTACT = "Sari Dewi, 0812-0000-1111"


def a_case(**fields: object) -> Case:
    known = {
        "number": "SLV-2026-000123",
        "category": "kekerasan",
        "country": "sarawak",
        "place": "Sibu",
        "duration": "dua bulan",
        "urgency": CaseUrgency.HIGH,
        "contact": CONTACT,
        "privacy": Privacy.NAMED,
        "is_for_other": False,
        "office": None,
    }
    return Case(**(known | fields))


def letter_to(
    agency: str, *, is_named: bool | None = True, purpose: str = "menolong", story: str = STORY, **fields: object
) -> Letter:
    referral = Referral(
        agency=agency,
        letter_number="SLV-2026-000123/R1",
        purpose=purpose,
        is_named=is_named,
        referred_at=datetime(2026, 11, 24, 3, tzinfo=UTC),
        due_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
    )
    return compose(a_case(**fields), referral, story, "Budi", load_office(), PONTIANAK)


def all_of(letter: Letter) -> str:
    return repr(letter)


def test_police_read_the_story_and_who_tells_it() -> None:
    letter = letter_to("polda")
    assert STORY in letter.account and ("Pelapor", CONTACT) in letter.facts
    assert letter.number == "SLV-2026-000123/R1" and "1 Desember 2026" in letter.closing[0]


def test_immigration_learns_nothing_of_the_violence() -> None:
    told = all_of(letter_to("imigrasi"))
    assert CONTACT in told
    assert "dipukul" not in told and "Kekerasan" not in told and "dua bulan" not in told


@pytest.mark.parametrize("agency", ["polda", "lpsk", "kjri_kuching", "imigrasi", "dinsos", "lbh"])
@pytest.mark.parametrize(
    ("privacy", "is_named"), [(Privacy.ANONYMOUS, True), (Privacy.ANONYMOUS, False), (Privacy.CONFIDENTIAL, None)]
)
def test_no_letter_names_who_did_not_agree(agency: str, privacy: Privacy, is_named: bool | None) -> None:
    asked = "menghubungi Ibu Sari Dewi di 0812-0000-1111"
    told = all_of(letter_to(agency, privacy=privacy, is_named=is_named, purpose=asked, place="rumah Ibu Sari Dewi"))
    assert "Sari" not in told and "0812" not in told


def test_what_the_office_has_not_filled_in_is_said_and_not_guessed() -> None:
    name, *lines = letter_to("polda").letterhead
    assert name == load_office().offices["bp3mi"]["name"]
    assert len(lines) == 3 and all(line.endswith(words.NOT_FILLED_IN) for line in lines)


def test_letter_comes_from_the_office_the_case_belongs_to() -> None:
    assert letter_to("polda", office="p4mi_sambas").letterhead[0] == "P4MI Sambas"


@pytest.mark.parametrize("letter_of", ["a", "W", "🙂", "\n"])
def test_longest_letter_fits_on_one_page(letter_of: str) -> None:
    long = letter_of * 8000
    content = letters.pdf(letter_to("polda", story=long, purpose=long[:4000], place=long[:100], contact=long[:200]))
    assert content.startswith(b"%PDF") and b"/Count 1\n" in content


def test_story_is_all_that_was_told_in_its_order_without_courtesies_commands_and_what_was_said_twice() -> None:
    messages = [
        "tolong saya dipukul majikan",
        "[gambar] ini lukanya",
        "ya pak",
        "/petugas",
        "di Miri!",
        "[pesan suara]",
    ]
    told = words.told_in_order([*messages, "tolong saya dipukul majikan", "(diubah) sejak Agustus"])
    assert told == "tolong saya dipukul majikan. ini lukanya. di Miri! sejak Agustus."
