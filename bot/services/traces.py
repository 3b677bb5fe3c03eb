"""Traces of recruiters: found in offers, kept so that the database shows none of them, and found again by their mark."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.domain.recruiters import Found, RecruiterStatus
from bot.domain.retention import Kept, ends_before
from bot.domain.traces import Trace, TraceKind
from bot.storage.database import Session
from bot.storage.tables import AskedTrace, OfferAsked, RecruiterTrace, TraceKey, TraceRow, VerdictTrace
from knowledge.company_names import name_key, parse_name
from knowledge.contacts import Contact, ContactKind, find_contacts, phone_number
from knowledge.office import OfficeProfile
from knowledge.recruiter_names import find_recruiter_names

CHAT_LINKS = ("wa.me/", "api.whatsapp.com/")
HANDLE_LINKS = ("t.me/", "telegram.me/")
EVERYBODYS = frozenset(
    "facebook.com fb.com instagram.com tiktok.com youtube.com google.com whatsapp.com wa.me t.me telegram.me x.com".split()
)
"""A site without a page tells nobody apart."""
MOST = 40
"""A text with more is a list; the others are not kept."""
_SAME = (RecruiterStatus.MATCH, RecruiterStatus.SUSPENDED, RecruiterStatus.REVOKED, RecruiterStatus.EXPIRED)


def in_text(text: str, office: OfficeProfile) -> tuple[Trace, ...]:
    """Names and contacts in a text nobody analysed, such as a complaint's."""
    names = [name_trace(name) for name in find_recruiter_names(text)]
    return _once([*names, *_contact_traces(find_contacts(text.lower()), office)])


def in_offer(contacts: Iterable[Contact], found: Iterable[Found], office: OfficeProfile) -> tuple[Trace, ...]:
    """The traces of an offer; a name the registry knows is kept as it stands there, so that slips are one trace."""
    named = [one.licence.name if one.status in _SAME and one.licence else one.query for one in found]
    return _once([*map(name_trace, named), *_contact_traces(contacts, office)])


def name_trace(name: str) -> Trace:
    return Trace(TraceKind.NAME, name_key(name), " ".join(name.split())[:200])


def is_company(name: str) -> bool:
    """True for a name with its legal form; others, such as a person's, are borne by many."""
    return parse_name(name).form is not None


async def keep(session: Session, traces: Sequence[Trace], *, now: datetime) -> list[TraceRow]:
    """The rows of these traces, made where they are new."""
    if not traces:
        return []
    marks = {mark: trace for mark, trace in zip(await _marks(session, traces), traces)}
    # In one order, so that two who ask about the same do not wait for each other in a ring.
    for mark, trace in sorted(marks.items()):
        values = {"kind": trace.kind, "mark": mark, "shown": trace.shown, "seen_at": now}
        made = insert(TraceRow).values(**values)
        await session.execute(made.on_conflict_do_update(index_elements=["mark"], set_={"seen_at": now}))
    return await _of_marks(session, list(marks))


async def known(session: Session, traces: Sequence[Trace]) -> list[TraceRow]:
    """Those of them that were seen before."""
    return await _of_marks(session, await _marks(session, traces)) if traces else []


async def note(session: Session, asked_id: int, traces: Sequence[Trace], *, now: datetime) -> None:
    """Remember what an offer held that somebody asked about."""
    for row in await keep(session, traces, now=now):
        made = insert(AskedTrace).values(asked_id=asked_id, trace_id=row.id)
        await session.execute(made.on_conflict_do_nothing())


async def forget(session: Session, *, now: datetime) -> int:
    """Unlink what was asked long ago and never reported, and erase what nothing holds any more; returns how many."""
    before = ends_before(Kept.TRACES, now)
    old = select(OfferAsked.id).where(OfferAsked.asked_at < before, OfferAsked.case_id.is_(None))
    await session.execute(delete(AskedTrace).where(AskedTrace.asked_id.in_(old)))
    holders = (AskedTrace, RecruiterTrace, VerdictTrace)
    unheld = [~select(holder.trace_id).where(holder.trace_id == TraceRow.id).exists() for holder in holders]
    return (await session.execute(delete(TraceRow).where(TraceRow.seen_at < before, *unheld))).rowcount


def _contact_traces(contacts: Iterable[Contact], office: OfficeProfile) -> list[Trace]:
    own = _numbers_of(office)
    found = [_trace_of(contact) for contact in contacts if not contact.is_official]
    return [trace for trace in found if trace and trace.value not in own]


def _trace_of(contact: Contact) -> Trace | None:
    """Chat links are their number or handle, and the number of an e-wallet is a phone."""
    value = contact.value
    match contact.kind:
        case ContactKind.PHONE:
            kind = TraceKind.PHONE
        case ContactKind.LINK if value.startswith(CHAT_LINKS):
            kind, value = TraceKind.PHONE, phone_number(value.rpartition("/")[2])
        case ContactKind.LINK if value.startswith(HANDLE_LINKS):
            kind, value = TraceKind.HANDLE, f"@{value.partition('/')[2].partition('/')[0]}"
        case ContactKind.LINK:
            kind, value = TraceKind.LINK, "" if value in EVERYBODYS else value
        case ContactKind.ACCOUNT if value.startswith("08"):
            kind, value = TraceKind.PHONE, phone_number(value)
        case _:
            kind = TraceKind(contact.kind)
    return Trace(kind, value.lower(), value[:200]) if len(value) > 3 else None


def _numbers_of(office: OfficeProfile) -> frozenset[str]:
    """The office's own numbers and those it sends people to: no trace of anybody."""
    lines = [str(entry["number"] or "") for entry in office.contacts.values()]
    return frozenset(contact.value for line in lines for contact in find_contacts(line.lower()))


def _once(traces: Iterable[Trace]) -> tuple[Trace, ...]:
    return tuple({(trace.kind, trace.value): trace for trace in traces}.values())[:MOST]


async def _marks(session: Session, traces: Sequence[Trace]) -> list[str]:
    await session.execute(insert(TraceKey).values(id=1, key=secrets.token_hex(32)).on_conflict_do_nothing())
    key = bytes.fromhex((await session.execute(select(TraceKey.key))).scalar_one())
    return [hmac.digest(key, f"{trace.kind}:{trace.value}".encode(), "sha256").hex() for trace in traces]


async def _of_marks(session: Session, marks: Sequence[str]) -> list[TraceRow]:
    found = select(TraceRow).where(TraceRow.mark.in_(marks)).order_by(TraceRow.id)
    return list((await session.execute(found)).scalars())
