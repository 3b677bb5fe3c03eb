"""Partners: registered by the office, joined by a link of their own, and told numbers that tell of nobody."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, distinct, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.partners import COUNTED_DAYS, HANDOVER_LASTS, HANDOVERS_A_DAY, INVITED_FOR, PartnerKind, coarse
from bot.domain.privacy import mask
from bot.services import audit
from bot.storage.database import Session
from bot.storage.tables import Chat, Introduction, Officer, Partner, Question, Resident

MAX_NOTE = 1000


class TooMany(Exception):
    """This partner began more introductions today than is sensible."""


async def add(
    session: Session, officer: Officer, kind: PartnerKind, name: str, village: str, district: str, *, now: datetime
) -> tuple[Partner, str]:
    """A new partner, and the token of the link that makes a chat theirs."""
    token = secrets.token_urlsafe(24)
    partner = Partner(
        kind=kind,
        name=name,
        village=village,
        district=district,
        token_hash=_hash(token),
        token_ends_at=now + INVITED_FOR,
        resident_token=secrets.token_urlsafe(9),
        made_at=now,
    )
    session.add(partner)
    await session.flush()
    after = {"sebagai": kind, "desa": village, "daerah": district}
    audit.record(session, officer, "mitra:daftar", f"mitra {partner.id}", now=now, after=after)
    return partner, token


async def invite(session: Session, officer: Officer, partner: Partner, *, now: datetime) -> str:
    """The token of a new link of their own; an earlier one, and the chat it was used in, have no rights any more."""
    token = secrets.token_urlsafe(24)
    partner.token_hash, partner.token_ends_at = _hash(token), now + INVITED_FOR
    partner.chat_id = partner.joined_at = None
    audit.record(session, officer, "mitra:undang", f"mitra {partner.id}", now=now)
    return token


async def remove(session: Session, officer: Officer, partner: Partner, *, now: datetime) -> None:
    """Take all rights away; people who came through the link keep theirs, and it greets nobody new."""
    partner.removed_at, partner.chat_id = now, None
    audit.record(session, officer, "mitra:cabut", f"mitra {partner.id}", now=now)


async def active(session: Session) -> list[Partner]:
    found = select(Partner).where(Partner.removed_at.is_(None)).order_by(Partner.district, Partner.village, Partner.id)
    return list((await session.execute(found)).scalars())


async def by_id(session: Session, number: int) -> Partner | None:
    partner = await session.get(Partner, number, with_for_update=True)
    return None if partner is None or partner.removed_at else partner


async def of_chat(session: Session, chat_id: int) -> Partner | None:
    """The partner whose chat this is; the newest where the office registered them twice."""
    found = select(Partner).where(Partner.chat_id == chat_id, Partner.removed_at.is_(None))
    return (await session.execute(found.order_by(Partner.id.desc()).limit(1))).scalar_one_or_none()


async def join(session: Session, token: str, chat: Chat, *, now: datetime) -> Partner | None:
    """This chat is the partner's from now on; None for a link that is unknown, was used or has run out."""
    found = select(Partner).where(
        Partner.token_hash == _hash(token),
        Partner.token_ends_at > now,
        Partner.joined_at.is_(None),
        Partner.removed_at.is_(None),
    )
    partner = (await session.execute(found.with_for_update())).scalar_one_or_none()
    if partner:
        partner.chat_id, partner.joined_at = chat.id, now
    return partner


async def welcome(session: Session, token: str, chat: Chat, *, now: datetime) -> Partner | None:
    """Count this chat to the village of the link it came through, once; None for an unknown link."""
    found = select(Partner).where(Partner.resident_token == token, Partner.removed_at.is_(None))
    partner = (await session.execute(found)).scalar_one_or_none()
    if partner and partner.chat_id != chat.id:
        counted = insert(Resident).values(chat_id=chat.id, partner_id=partner.id, since=now)
        await session.execute(counted.on_conflict_do_nothing())
    return partner


async def village_of(session: Session, chat_id: int) -> str | None:
    """The village this chat is counted to."""
    found = select(Partner.village).join(Resident, Resident.partner_id == Partner.id).where(Resident.chat_id == chat_id)
    return (await session.execute(found)).scalar_one_or_none()


async def asked_in_village(session: Session, partner: Partner, *, now: datetime) -> int | None:
    """How many people of the village asked something lately, whichever partner's link they came through; coarse."""
    counted = (
        select(func.count(distinct(Question.chat_id)))
        .join(Resident, Resident.chat_id == Question.chat_id)
        .join(Partner, Partner.id == Resident.partner_id)
        .where(
            Partner.village == partner.village,
            Partner.district == partner.district,
            Question.asked_at > now - COUNTED_DAYS,
            Question.asked_at >= Resident.since,
            Question.outcome != "smalltalk",
        )
    )
    return coarse((await session.execute(counted)).scalar_one())


async def begin_handover(session: Session, partner: Partner, note: str, *, now: datetime) -> str:
    """The token of a link for one person whom an officer shall hear; raises TooMany."""
    today = select(func.count()).where(Introduction.partner_id == partner.id, Introduction.made_at > now - timedelta(days=1))
    if (await session.execute(today)).scalar_one() >= HANDOVERS_A_DAY:
        raise TooMany
    token = secrets.token_urlsafe(24)
    session.add(
        Introduction(
            partner_id=partner.id,
            token_hash=_hash(token),
            note=mask(note)[:MAX_NOTE],
            made_at=now,
            ends_at=now + HANDOVER_LASTS,
        )
    )
    return token


async def open_introduction(session: Session, token: str, *, now: datetime) -> tuple[Introduction, Partner] | None:
    """What waits for this person's word; None where it was answered or has run out."""
    return await _open(session, Introduction.token_hash == _hash(token), now)


async def introduction_to_answer(session: Session, token_hash: str, *, now: datetime) -> tuple[Introduction, Partner] | None:
    """The same by what stands in the buttons."""
    return await _open(session, func.left(Introduction.token_hash, len(token_hash)) == token_hash, now)


def answer(introduction: Introduction, *, has_agreed: bool, now: datetime) -> None:
    """The person's word; the partner's note has done its work."""
    introduction.has_agreed, introduction.answered_at, introduction.note = has_agreed, now, ""


async def forget(session: Session, chat_id: int) -> None:
    """Count this chat to no village any more, and end its rights as a partner."""
    await session.execute(delete(Resident).where(Resident.chat_id == chat_id))
    await session.execute(update(Partner).where(Partner.chat_id == chat_id).values(chat_id=None))


async def _open(session: Session, which, now: datetime) -> tuple[Introduction, Partner] | None:
    found = (
        select(Introduction, Partner)
        .join(Partner, Partner.id == Introduction.partner_id)
        .where(which, Introduction.answered_at.is_(None), Introduction.ends_at > now, Partner.removed_at.is_(None))
        .with_for_update(of=Introduction)
    )
    row = (await session.execute(found)).one_or_none()
    return (row[0], row[1]) if row else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
