"""The letter to an agency in words: what it says, and nothing that this agency does not need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.agencies import BY_CODE, Agency, AgencyKind, Fact
from bot.domain.cases import CaseUrgency, Privacy
from bot.domain.privacy import mask_person
from bot.storage.tables import Case, Referral
from bot.texts.complaint import CATEGORIES
from bot.texts.formats import country_name, masked_contact
from bot.texts.officer import CHANGED, KINDS
from knowledge.normalize import plain
from knowledge.office import MAIN_OFFICE, OfficeProfile, long_date

PURPOSE_MAX_CHARACTERS = 500
ACCOUNT_MAX_CHARACTERS = 1200

PURPOSES = {
    AgencyKind.POLICE: "menindaklanjuti dugaan tindak pidana dalam laporan ini dan melindungi korban",
    AgencyKind.IMMIGRATION: "memeriksa dan membantu urusan paspor atau dokumen perjalanan orang tersebut",
    AgencyKind.MISSION: "menghubungi, membantu, dan melindungi warga negara Indonesia tersebut",
    AgencyKind.SOCIAL: "membantu penampungan dan pemulangan orang tersebut sampai ke daerah asal",
    AgencyKind.HEALTH: "memeriksa dan merawat orang tersebut",
    AgencyKind.INSURANCE: "memeriksa kepesertaan dan membantu pengajuan klaim",
    AgencyKind.VICTIMS: "menilai kebutuhan pelindungan saksi dan korban, termasuk ganti rugi dari pelaku",
    AgencyKind.WOMEN_CHILDREN: "mendampingi perempuan atau anak tersebut dan menyediakan tempat yang aman",
    AgencyKind.LABOUR: "menindaklanjuti masalah ketenagakerjaan ini dan membantu penyelesaiannya",
    AgencyKind.CIVIL_REGISTRY: "membantu dokumen kependudukan orang tersebut",
    AgencyKind.LEGAL_AID: "memberi bantuan hukum",
    AgencyKind.PLACEMENT: "membantu penanganan laporan ini di wilayah kerja Saudara",
}
"""What is asked of an agency where the officer does not put it in other words."""

URGENCIES = {
    CaseUrgency.EMERGENCY: "darurat, nyawa atau keselamatan terancam",
    CaseUrgency.HIGH: "mendesak",
    CaseUrgency.NORMAL: "biasa",
}
NOT_FILLED_IN = "belum diisi kantor"
LETTERHEAD = (("address", "Alamat"), ("phone", "Telepon"), ("email", "Email"))
SUBJECT = "Rujukan laporan {number}"
INTRODUCTION = "Kantor kami menangani laporan {number}. Kami mohon {agency} untuk {purpose}."
ANSWER_BY = "Kami mohon jawaban paling lambat {due}, dengan menyebut nomor surat ini."
CONFIDENTIAL = "Surat ini hanya memuat data yang diperlukan. Mohon dijaga kerahasiaannya (UU 27/2022)."
HIDDEN = "tidak disebut; hubungi lewat kantor kami"
NOT_TOLD = "belum disebut"
CUT = " (selengkapnya ada di kantor kami)"

SENTENCE_ENDS = (".", "!", "?", "…")
_MARK = re.compile("|".join(re.escape(mark) for mark in sorted({*KINDS.values(), CHANGED.strip()})))
_COURTESY = re.compile(
    r"(?:(?:ya|iya|iye|ok|oke|okay|baik|siap|sip|terima kasih|makasih|trims|halo|hai|pagi|siang|sore|malam|selamat|"
    r"assalamualaikum|pak|bu|kak|bang|mas|mbak|min)(?: |$))*"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """All that stands on the page; labels and values of `facts` in their order."""

    letterhead: tuple[str, ...]
    number: str
    day: str
    subject: str
    recipient: str
    introduction: str
    facts: tuple[tuple[str, str], ...]
    account: str
    closing: tuple[str, ...]
    office: str
    officer: str


def compose(case: Case, referral: Referral, story: str, officer: str, profile: OfficeProfile, zone: ZoneInfo) -> Letter:
    """The letter of a referral; without the person's consent every free text in it is masked."""
    agency = BY_CODE[referral.agency]
    office = profile.offices[case.office or MAIN_OFFICE]
    is_named = bool(referral.is_named) and case.privacy != Privacy.ANONYMOUS
    purpose = referral.purpose if is_named else mask_person(referral.purpose, case.contact)
    due = long_date(referral.due_at.astimezone(zone).date())
    return Letter(
        letterhead=(
            office["name"],
            *(f"{label}: {office[field] or NOT_FILLED_IN}" for field, label in LETTERHEAD),
        ),
        number=referral.letter_number,
        day=long_date(referral.referred_at.astimezone(zone).date()),
        subject=SUBJECT.format(number=case.number),
        recipient=agency.name,
        introduction=INTRODUCTION.format(
            number=case.number, agency=agency.name, purpose=_short(purpose, PURPOSE_MAX_CHARACTERS).rstrip(".")
        ),
        facts=facts(case, agency, is_named=is_named),
        account=account(case, agency, story, is_named=is_named),
        closing=(ANSWER_BY.format(due=due), CONFIDENTIAL),
        office=office["name"],
        officer=officer,
    )


def facts(case: Case, agency: Agency, *, is_named: bool, masks_contact: bool = False) -> tuple[tuple[str, str], ...]:
    """What this agency is told, line by line; with the contact masked for a look at it where others read along."""
    contact = masked_contact(case.contact) if masks_contact and case.contact else case.contact
    place = case.place or ""
    where = ", ".join(part for part in (case.country and country_name(case.country), place) if part)
    told = {
        Fact.IDENTITY: ("Pelapor", (contact or NOT_TOLD) if is_named or not contact else HIDDEN),
        Fact.PROBLEM: ("Masalah", CATEGORIES.get(case.category, case.category)),
        Fact.PLACE: ("Tempat", (where if is_named else mask_person(where, case.contact)) or NOT_TOLD),
        Fact.DURATION: ("Sudah berapa lama", case.duration or NOT_TOLD),
        Fact.URGENCY: ("Kegawatan", URGENCIES[CaseUrgency(case.urgency)]),
    }
    about = ("Laporan tentang", "orang lain" if case.is_for_other else "pelapor sendiri, atau belum disebut")
    needed = [(label, " ".join(value.split())) for fact, (label, value) in told.items() if fact in agency.needs]
    return (*needed, about) if Fact.IDENTITY in agency.needs else tuple(needed)


def account(case: Case, agency: Agency, story: str, *, is_named: bool) -> str:
    """The story in one paragraph, for the agencies that need it."""
    if Fact.ACCOUNT not in agency.needs:
        return ""
    return _short(story if is_named else mask_person(story, case.contact), ACCOUNT_MAX_CHARACTERS)


def told_in_order(messages: Sequence[str]) -> str:
    """One sentence or more a message; marks of files, commands, bare courtesies and what was said twice are left out."""
    told: list[str] = []
    for message in messages:
        said = " ".join(_MARK.sub(" ", message).split())
        if said and not said.startswith("/") and not _COURTESY.fullmatch(plain(said)) and said not in told:
            told.append(said)
    return " ".join(said if said.endswith(SENTENCE_ENDS) else f"{said}." for said in told)


def _short(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[:limit] + CUT
