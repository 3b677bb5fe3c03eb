"""Fills a database with an invented office of full size, for measuring: entries, questions, cases and what was done to them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import Insert, insert, text

from bot.domain.cases import CaseState, CaseUrgency, Role
from bot.domain.districts import DISTRICTS
from bot.domain.offers import sketch
from bot.domain.traces import Trace, TraceKind
from bot.services import traces
from bot.storage.database import Database, Session
from bot.storage.tables import (
    AuditRecord,
    Case,
    CaseEvent,
    Chat,
    Entry,
    EntryRevision,
    OfferAsked,
    OfferSeen,
    Officer,
    Person,
    Question,
    Recruiter,
    RecruiterCase,
    RecruiterTrace,
)
from bot.texts.complaint import CATEGORIES, COUNTRIES
from knowledge.red_flags import Verdict

BATCH, BATCH_OF_TRACES = 2000, 100
PEOPLE, OFFICERS = 8000, 40
OFFICES = ("bp3mi", "p4mi_sambas", "p4mi_sanggau")
STYLES = ("formal", "everyday", "slang", "short")
STORY = "Gaji saya tiga bulan belum dibayar dan paspor saya disimpan majikan. Saya takut pulang. "
WORDS = [
    "biaya",
    "paspor",
    "gaji",
    "kontrak",
    "majikan",
    "pulang",
    "visa",
    "pelatihan",
    "asuransi",
    "kapal",
    "bandara",
    "dokumen",
    "izin",
    "rumah",
]


@dataclass(frozen=True, slots=True)
class Size:
    entries: int = 5000
    questions: int = 50_000
    cases: int = 10_000
    offers: int = 2000
    recruiters: int = 300


async def fill(db: Database, size: Size, *, now: datetime) -> None:
    """Into a database without people and entries; the same size and moment give the same rows."""
    dice = random.Random(11)
    async with db.transaction() as session:
        await _add(session, insert(Officer), _officers(now))
        await _add(session, insert(Person), _people(now))
        await _add(session, insert(Chat), _chats(now))
        await _add(session, insert(Entry), _entries(dice, size, now))
        await _add(session, insert(EntryRevision), _revisions(dice, size, now))
        await _add(session, insert(Question), _questions(dice, size, now))
        await _add(session, insert(Case), _cases(dice, size, now))
        await _add(session, insert(CaseEvent), _events(dice, size, now))
        await _add(session, insert(AuditRecord), _audit(dice, size, now))
        await _add(session, insert(OfferSeen), _offers(dice, size, now))
        await _add(session, insert(OfferAsked), _offers_asked(dice, size, now))
        await _add_recruiters(session, dice, size, now)
        for table in ("officers", "people", "chats", "cases", "offers_seen", "recruiters"):
            await session.execute(text(f"select setval('{table}_id_seq', (select max(id) from {table}))"))
    async with db.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("vacuum analyze"))


async def _add(session: Session, statement: Insert, rows: Iterator[dict]) -> None:
    while some := list(islice(rows, BATCH)):
        await session.execute(statement, some)


def _officers(now: datetime) -> Iterator[dict]:
    for number in range(1, OFFICERS + 1):
        role = Role.ADMIN if number == 1 else Role.OFFICER
        yield {"id": number, "telegram_id": number, "name": f"Petugas {number}", "role": role, "added_at": now}


def _people(now: datetime) -> Iterator[dict]:
    for number in range(1, PEOPLE + 1):
        yield {"id": number, "channel": "web", "external_id": f"p{number}", "created_at": now}


def _chats(now: datetime) -> Iterator[dict]:
    for number in range(1, PEOPLE + 1):
        yield {
            "id": number,
            "channel": "web",
            "external_id": f"p{number}",
            "created_at": now,
            "memory": {},
            "held_text": "",
        }


def _document(dice: random.Random, number: int) -> dict:
    wordings = {style: [_wording(dice, style, number) for _ in range(5)] for style in STYLES}
    day = date(2026, 1, 1) + timedelta(days=dice.randrange(600))
    return {
        "id": f"entri-{number}",
        "title": f"{' '.join(dice.sample(WORDS, 3)).capitalize()} {number}",
        "category": dice.choice(("biaya", "dokumen", "masalah")),
        "answer": {"short": STORY * 2, "more": STORY * 6},
        "variants": wordings,
        "near": [],
        "facts": ["F-1"],
        "legal_basis": [],
        "sources": ["S1"],
        "officer": "never",
        "volatile": False,
        "last_checked": date(2026, 1, 1).isoformat(),
        "review_by": day.isoformat(),
    }


def _wording(dice: random.Random, style: str, number: int) -> str:
    return f"{' '.join(dice.sample(WORDS, 4))} {style} {number}"


def _entries(dice: random.Random, size: Size, now: datetime) -> Iterator[dict]:
    for number in range(size.entries):
        yield {"id": f"entri-{number}", "version": 1, "document": _document(dice, number), "published_at": now}


def _revisions(dice: random.Random, size: Size, now: datetime) -> Iterator[dict]:
    for number in range(size.entries):
        document = {"title": f"entri {number}"}
        yield {
            "entry_id": f"entri-{number}",
            "version": 1,
            "document": document,
            "published_at": now,
            "author": "konsol",
        }


def _questions(dice: random.Random, size: Size, now: datetime) -> Iterator[dict]:
    for _ in range(size.questions):
        who, outcome = dice.randint(1, PEOPLE), dice.choices(("answer", "suggest", "handoff"), (84, 8, 8))[0]
        entry_id = f"entri-{min(int(dice.expovariate(1 / 60)), size.entries - 1)}" if outcome == "answer" else None
        yield {
            "chat_id": who,
            "person_id": who,
            "asked_at": now - timedelta(seconds=dice.randrange(365 * 86_400)),
            "text_masked": " ".join(dice.sample(WORDS, 5)),
            "outcome": outcome,
            "entry_id": entry_id,
            "entry_version": 1 if entry_id else None,
            "confidence": 0.9,
            "suggestions": [],
            "country": dice.choice((None, *COUNTRIES)),
            "intent": "ask_question",
            "urgency": "none",
            "thumb": dice.choices((None, 1, -1), (80, 16, 4))[0],
            "wants_officer": False,
        }


def _cases(dice: random.Random, size: Size, now: datetime) -> Iterator[dict]:
    for number in range(1, size.cases + 1):
        opened_at = now - timedelta(seconds=dice.randrange(365 * 86_400))
        state = dice.choice(list(CaseState))
        urgency = dice.choices(list(CaseUrgency), (5, 25, 70))[0]
        taken_at = None if state == CaseState.NEW else opened_at + timedelta(minutes=dice.expovariate(1 / 90))
        is_over = state in (CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.RESOLVED)
        yield {
            "id": number,
            "number": f"SLV-2026-{number:06d}",
            "person_id": (who := dice.randint(1, PEOPLE)),
            "chat_id": who,
            "state": state,
            "urgency": urgency,
            "category": dice.choice(list(CATEGORIES)),
            "country": dice.choice((None, *COUNTRIES)),
            "place": "Sibu",
            "district": dice.choice((None, *DISTRICTS)),
            "narrative": STORY * 3,
            "contact": "Sari, 0812-0000-0000",
            "asked": STORY,
            "answered": STORY,
            "office": dice.choice(OFFICES),
            "is_for_other": False,
            "with_silvi": False,
            "privacy": "confidential",
            "officer_id": dice.randint(1, OFFICERS) if taken_at else None,
            "opened_at": opened_at,
            "due_at": None if is_over else opened_at + timedelta(days=3),
            "promised_at": opened_at + timedelta(hours=4),
            "acknowledged_at": taken_at,
            "resolved_at": opened_at + timedelta(days=dice.expovariate(1 / 9)) if is_over else None,
            "closed_at": opened_at + timedelta(days=20) if state == CaseState.CLOSED else None,
            "reminders": 0,
        }


def _events(dice: random.Random, size: Size, now: datetime) -> Iterator[dict]:
    for number in range(size.cases * 6):
        by_officer = number % 2 == 0
        yield {
            "case_id": number % size.cases + 1,
            "at": now - timedelta(seconds=dice.randrange(365 * 86_400)),
            "kind": dice.choice(("read", "reply", "note") if by_officer else ("message", "detail")),
            "officer_id": dice.randint(1, OFFICERS) if by_officer else None,
            "text": STORY,
        }


def _audit(dice: random.Random, size: Size, now: datetime) -> Iterator[dict]:
    for _ in range(size.cases):
        yield {
            "at": now - timedelta(seconds=dice.randrange(365 * 86_400)),
            "officer_id": dice.randint(1, OFFICERS),
            "action": "konsol:masuk",
            "subject": f"sesi {dice.randint(1, 999)}",
            "before": None,
            "after": {"peran": "petugas"},
        }


def _offers(dice: random.Random, size: Size, now: datetime) -> Iterator[dict]:
    for number in range(1, size.offers + 1):
        yield {
            "id": number,
            "sketch": sketch(_wording(dice, "tawaran", number).split()),
            "verdict": dice.choice(list(Verdict)),
            "first_seen_at": now - timedelta(days=365),
            "last_seen_at": now,
        }


def _offers_asked(dice: random.Random, size: Size, now: datetime) -> Iterator[dict]:
    for number in range(size.offers * 3):
        yield {
            "offer_id": number % size.offers + 1,
            "chat_id": (who := dice.randint(1, PEOPLE)),
            "person_id": who,
            "text": "",
            "is_kept": False,
            "asked_at": now - timedelta(seconds=dice.randrange(365 * 86_400)),
            "album": "",
        }


async def _add_recruiters(session: Session, dice: random.Random, size: Size, now: datetime) -> None:
    """Each with a name and a number of its own, an account that it shares with others, and three reports."""
    ids = range(1, size.recruiters + 1)
    kept = {}
    for at in range(0, size.recruiters, BATCH_OF_TRACES):
        some = [trace for number in ids[at : at + BATCH_OF_TRACES] for trace in _traces(number)]
        kept |= {row.shown: row.id for row in await traces.keep(session, some, now=now)}
    times = {"opened_at": now, "reported_at": now}
    links = [
        {"recruiter_id": number, "trace_id": kept[trace.shown], "added_at": now}
        for number in ids
        for trace in _traces(number)
    ]
    chosen = dice.sample(range(1, size.cases + 1), min(size.recruiters * 3, size.cases))
    reports = [{"recruiter_id": place % size.recruiters + 1, "case_id": number} for place, number in enumerate(chosen)]
    await _add(session, insert(Recruiter), ({"id": number, **times} for number in ids))
    await _add(session, insert(RecruiterTrace), iter(links))
    await _add(session, insert(RecruiterCase), iter(reports))


def _traces(number: int) -> tuple[Trace, ...]:
    name, phone, account = f"PT Contoh Uji {number}", f"+62812{number:07d}", f"0000{number // 4:06d}"
    return (
        Trace(TraceKind.NAME, name.lower(), name),
        Trace(TraceKind.PHONE, phone, phone),
        Trace(TraceKind.ACCOUNT, account, account),
    )
