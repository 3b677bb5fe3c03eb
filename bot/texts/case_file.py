"""A whole case file as a page to read in a shell."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.agencies import BY_CODE
from bot.domain.case_file import CaseFile
from bot.domain.cases import CaseState, CaseUrgency, Privacy
from bot.domain.outcomes import Stage
from bot.texts.complaint import CATEGORIES
from bot.texts.console import EVENTS
from bot.texts.formats import country_name, moment
from bot.texts.officer import KINDS, PRIVACIES, STAGES, STATES, URGENCIES
from knowledge.office import long_date

MASKED = "Tersamar, karena bukan Anda yang memegang kasus ini."
EMPTY = "-"


def as_text(file: CaseFile, zone: ZoneInfo) -> str:
    """Facts, story, what came of it, and the log from its beginning."""

    def at(when: datetime | None) -> str:
        return moment(when, zone) if when else EMPTY

    facts = {
        "Status": STATES[CaseState(file.state)],
        "Kegawatan": URGENCIES[CaseUrgency(file.urgency)],
        "Masalah": CATEGORIES.get(file.category, file.category),
        "Negara": country_name(file.country) if file.country else EMPTY,
        "Tempat": file.place or EMPTY,
        "Sudah berapa lama": file.duration or EMPTY,
        "Untuk": "orang lain" if file.is_for_other else "diri sendiri, atau belum disebut",
        "Pelapor": PRIVACIES[Privacy(file.privacy)],
        "Kontak": file.contact or EMPTY,
        "Dipegang": file.officer or EMPTY,
        "Dibuka": at(file.opened_at),
        "Langkah berikut sebelum": at(file.due_at),
        "Ditutup": at(file.closed_at),
    }
    parts = {
        "": [*([MASKED] if file.is_masked else []), *(f"{label}: {value}" for label, value in facts.items())],
        "Cerita": [file.narrative] if file.narrative else [],
        "Hasil": [f"{STAGES[Stage(stage)]}: {long_date(day)}" for stage, day in file.outcomes.items()],
        "Rujukan": [
            f"{BY_CODE[row.agency].name}, {row.letter}, batas {at(row.due_at)}, "
            + (f"dijawab {at(row.answered_at)}: {row.answer}" if row.answered_at else "belum dijawab")
            for row in file.referrals
        ],
        "Kiriman": [
            "  ".join(part for part in (at(row.at), KINDS[row.kind], row.officer or "pelapor", row.told) if part)
            for row in file.attachments
        ],
        "Riwayat": [
            " ".join((f"{at(row.at)}  {EVENTS[row.kind]}  {row.officer or EMPTY}  {row.text}").split("\n"))
            for row in file.log
        ],
    }
    blocks = ["\n".join([*([f"{title}:"] if title else []), *lines]) for title, lines in parts.items() if lines]
    return "\n\n".join([file.number, *blocks])
