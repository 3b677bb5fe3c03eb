"""What is known about an offer: its red flags, the recruiters and phones it names, and what to do now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, cast, func, or_, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.orm import aliased

from bot.domain import retention
from bot.domain.messages import Channel, ChatRef, Media
from bot.domain.offers import ALIKE, likeness, sketch
from bot.domain.recruiters import Found, RecruiterStatus
from bot.domain.traces import Trace
from bot.domain.verdicts import Reported
from bot.services import attachments, cases, recruiters, reported, traces, verdicts
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Attachment, Case, Chat, OfferAsked, OfferPicture, OfferSeen, Person
from bot.texts.offers import about_recruiter
from bot.texts.verdicts import public
from knowledge.contacts import ContactKind, phone_number
from knowledge.normalize import plain
from knowledge.office import OfficeProfile
from knowledge.recruiter_names import find_recruiter_names
from knowledge.red_flags import Analysis, Verdict, with_lapsed, with_unlicensed
from knowledge.red_flags.advice import advice

UNLICENSED = (RecruiterStatus.SUSPENDED, RecruiterStatus.REVOKED)
MOST_NAMES = 5
"""An offer with more names than this is a list; only the first are looked up."""
SAME_FOR = timedelta(days=180)
"""An offer that went round longer ago is a new one."""
WARNED_EVERY = timedelta(days=1)
READING_TAKES = timedelta(minutes=1)
"""After so long another process reads a picture that one has begun."""
ALBUM_COMES = timedelta(seconds=2)
SAME_LOOK = 12
"""So many of 256 bits may differ: a picture made smaller or compressed again; another text in the same frame differs in more."""
READ_WITHIN = timedelta(hours=1)
"""A picture that is not read by then is not waited for any longer."""


@dataclass(frozen=True, slots=True)
class OfferReport:
    """The whole answer to one offer; `phones` are E.164, or digits as typed where no such number can exist."""

    analysis: Analysis
    recruiters: tuple[Found, ...]
    phones: tuple[str, ...]
    advice: str
    traces: tuple[Trace, ...] = ()
    reported: tuple[Reported, ...] = ()
    """What of it two officers agreed to show as reported."""


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody asked about an offer, and how many people have asked about it so far."""

    id: int
    people: int
    was_danger: bool = False
    """A clearer copy of the same picture showed a danger that this one hides."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was asked about, as it is kept for its buttons; `number` is that of the report made of it."""

    id: int
    text: str
    attachment_id: int | None
    number: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A picture whose turn it is to be read; `content` is None where it could not be fetched, or waited too long."""

    id: int
    chat: ChatRef
    caption: str
    contents: tuple[bytes | None, ...]
    """Of each picture of an album, in their order."""


async def report(
    session: Session, text: str, analysis: Analysis, office: OfficeProfile, *, today: date, is_name: bool = False
) -> OfferReport:
    """The report on an offer that was analysed before: each name in it is looked up in the registry of `today`.

    Without a licence nobody may place workers, so a suspended or revoked one is a red flag itself; one whose date has passed
    is to be checked. With `is_name` the whole text is a name, though nothing in it says so.
    """
    country = analysis.countries[-1] if analysis.countries else None
    whole = "".join(char for char in " ".join(text.split()) if char.isprintable())
    names = find_recruiter_names(text)[:MOST_NAMES] or ([whole] if is_name else [])
    found = tuple([await recruiters.look_up(session, name, country=country, today=today) for name in names])
    analysis = with_unlicensed(analysis, text, [one.query for one in found if one.status in UNLICENSED])
    if any(one.status is RecruiterStatus.EXPIRED for one in found):
        analysis = with_lapsed(analysis)
    held = traces.in_offer(analysis.contacts, found, office)
    shown = await verdicts.about(session, held, today=today)
    known = (*(about_recruiter(one, today=today) for one in found), *map(public, shown))
    return OfferReport(analysis, found, _phones(analysis), advice(analysis, office, known), held, shown)


def _phones(analysis: Analysis) -> tuple[str, ...]:
    """Phone numbers in the order of the text, also those inside chat links and of e-wallets."""
    found = []
    for contact in analysis.contacts:
        if contact.kind is ContactKind.PHONE:
            found.append(contact.value)
        elif contact.kind is ContactKind.LINK and contact.value.startswith(traces.CHAT_LINKS):
            found.append(phone_number(contact.value.rpartition("/")[2]))
        elif contact.kind is ContactKind.ACCOUNT and contact.value.startswith("08"):
            found.append(phone_number(contact.value))
    return tuple(dict.fromkeys(number for number in found if number))


# Who asked about what


async def note_asked(
    session: Session,
    chat: Chat,
    person: Person | None,
    text: str,
    verdict: Verdict,
    *,
    held: tuple[Trace, ...] = (),
    looks: tuple[str, ...] = (),
    attachment_id: int | None = None,
    now: datetime,
) -> Asked:
    """Remember that `person` asked about this offer, or that `chat` was warned of it.

    `held` are the traces in it, `looks` its pictures by bot.media.pictures.look_of.
    """
    asked = OfferAsked(
        chat_id=chat.id, person_id=person.id if person else None, attachment_id=attachment_id, text="", asked_at=now
    )
    session.add(asked)
    return await note_read(session, asked, text, verdict, held=held, looks=looks, now=now)


async def note_waiting(
    session: Session, chat: Chat, person: Person, caption: str, *, attachment_id: int, album: str = "", now: datetime
) -> None:
    """Remember that `person` asked about a picture whose content is not here yet: the row is what brings the answer."""
    waiting = {"chat_id": chat.id, "person_id": person.id, "attachment_id": attachment_id, "text": caption}
    session.add(OfferAsked(**waiting, album=album[:64], asked_at=now, read_at=now))


async def claim_waiting(session: Session, *, now: datetime) -> Waiting | None:
    """The next picture that can be read or never will be, with its album; another process gets it should this one die.

    An album waits for all its pictures, which come one by one within a moment. Who has the fewest waiting comes first:
    to read one takes seconds, and a hundred from one chat must not hold up anybody else's.
    """
    is_settled = _is_settled(OfferAsked, Attachment, now)
    other, its = aliased(OfferAsked), aliased(Attachment)
    same_album = (other.chat_id == OfferAsked.chat_id, other.album == OfferAsked.album, other.read_at.is_not(None))
    is_coming = or_(~_is_settled(other, its, now), other.asked_at > now - ALBUM_COMES)
    incomplete = select(other.id).outerjoin(its, its.id == other.attachment_id).where(*same_album, is_coming).exists()
    own = aliased(OfferAsked)
    of_chat = select(func.count()).where(own.chat_id == OfferAsked.chat_id, own.read_at.is_not(None)).scalar_subquery()
    due = (
        select(OfferAsked, Chat)
        .join(Chat, Chat.id == OfferAsked.chat_id)
        .outerjoin(Attachment, Attachment.id == OfferAsked.attachment_id)
        .where(OfferAsked.read_at <= now, is_settled, or_(OfferAsked.album == "", ~incomplete))
        .order_by(of_chat, OfferAsked.read_at, OfferAsked.id)
        .limit(1)
        .with_for_update(of=OfferAsked, skip_locked=True)
    )
    found = (await session.execute(due)).one_or_none()
    if found is None:
        return None
    asked, chat = found
    contents = []
    for row in (asked, *await _rest_of_album(session, asked)):
        row.read_at = now + READING_TAKES
        is_late = row.asked_at < now - READ_WITHIN
        contents.append(None if is_late else await attachments.content_of(session, row.attachment_id or 0))
    ref = ChatRef(Channel(chat.channel), chat.external_id, chat.is_group)
    return Waiting(asked.id, ref, asked.text, tuple(contents))


async def end_waiting(session: Session, asked_id: int) -> OfferAsked | None:
    """The row of a picture that was read, which waits no longer; None where it was answered or erased meanwhile.

    It stands for its whole album from now on.
    """
    asked = await session.get(OfferAsked, asked_id, with_for_update=True)
    if asked is None or asked.read_at is None:
        return None
    for row in await _rest_of_album(session, asked):
        await session.delete(row)
    asked.read_at = None
    return asked


async def kept(session: Session, ref: ChatRef, asked_id: int) -> Kept | None:
    """What this chat asked about; None for another chat's, and where its text is not kept any more."""
    found = (
        select(OfferAsked, Case.number)
        .join(Chat, Chat.id == OfferAsked.chat_id)
        .outerjoin(Case, Case.id == OfferAsked.case_id)
        .where(OfferAsked.id == asked_id, Chat.channel == ref.channel, Chat.external_id == ref.external_id)
    )
    row = (await session.execute(found)).one_or_none()
    return Kept(row[0].id, row[0].text, row[0].attachment_id, row[1]) if row and row[0].text else None


async def loose_picture(session: Session, ref: ChatRef, attachment_id: int) -> tuple[Media, bytes | None] | None:
    """A picture that this chat sent and no report holds, with its content if that is here; None where there is none."""
    found = (
        select(Attachment)
        .join(Chat, Chat.id == Attachment.chat_id)
        .where(Attachment.id == attachment_id, Attachment.case_id.is_(None))
        .where(Chat.channel == ref.channel, Chat.external_id == ref.external_id)
    )
    attachment = (await session.execute(found)).scalar_one_or_none()
    if attachment is None:
        return None
    return attachments.media_of(attachment), await attachments.content_of(session, attachment.id)


async def hand_over(
    session: Session,
    asked_id: int,
    held: tuple[Trace, ...],
    person: Person,
    chat: Chat,
    *,
    desk: Desk,
    now: datetime,
) -> None:
    """The person's open case is the report of this offer, and has its picture; its traces go into a recruiter's file."""
    case = await cases.open_case_of(session, person.id)
    asked = await session.get_one(OfferAsked, asked_id)
    asked.case_id = case.id
    await reported.note_report(session, case, held, now=now)
    joined = await attachments.join(session, chat, case)
    await desk_service.post_attachments(session, desk, case, joined, now=now)


async def was_warned(session: Session, chat: Chat, text: str, *, now: datetime) -> bool:
    """True where this group was warned of this offer within a day."""
    offer = await _like(session, _sketch(text), now=now)
    if offer is None:
        return False
    warned = select(OfferAsked.id).where(
        OfferAsked.offer_id == offer.id,
        OfferAsked.chat_id == chat.id,
        OfferAsked.person_id.is_(None),
        OfferAsked.asked_at > now - WARNED_EVERY,
    )
    return (await session.execute(warned.limit(1))).scalar() is not None


async def forget_texts(session: Session, *, now: datetime) -> int:
    """Empty what was asked about days ago; that it was asked about stays. Returns how many."""
    old = update(OfferAsked).where(
        OfferAsked.asked_at < retention.ends_before(retention.Kept.OFFER_TEXTS, now), OfferAsked.is_kept
    )
    return (await session.execute(old.values(text="", is_kept=False))).rowcount


async def _rest_of_album(session: Session, asked: OfferAsked) -> Sequence[OfferAsked]:
    """The other pictures of the album that wait to be read."""
    if not asked.album:
        return ()
    same = select(OfferAsked).where(OfferAsked.chat_id == asked.chat_id, OfferAsked.album == asked.album)
    rest = same.where(OfferAsked.read_at.is_not(None), OfferAsked.id != asked.id).order_by(OfferAsked.id)
    return (await session.execute(rest.with_for_update())).scalars().all()


def _is_settled(asked, attachment, now: datetime) -> ColumnElement[bool]:
    is_here = or_(attachment.stored_at.is_not(None), attachment.fetch_at.is_(None))
    return or_(is_here, asked.asked_at < now - READ_WITHIN)


async def note_read(
    session: Session,
    asked: OfferAsked,
    text: str,
    verdict: Verdict,
    *,
    held: tuple[Trace, ...],
    looks: tuple[str, ...],
    now: datetime,
) -> Asked:
    """What the text or the pictures of `asked` say: which offer it is, its traces and its looks."""
    numbers = _sketch(text)
    # Two who send the same at the same moment ask about one offer.
    await session.execute(sql("select pg_advisory_xact_lock(:lock)"), {"lock": next(iter(numbers), 0)})
    offer = await _like(session, numbers, now=now)
    was_danger = False
    if offer is None and (offer := await _looking_like(session, looks, now=now)):
        was_danger = offer.verdict == Verdict.DANGER != verdict
    if offer is None:
        offer = OfferSeen(sketch=numbers, verdict=verdict, first_seen_at=now, last_seen_at=now)
        session.add(offer)
        await session.flush()
    offer.verdict, offer.last_seen_at = Verdict.DANGER if was_danger else verdict, now
    asked.offer_id, asked.text, asked.is_kept = offer.id, text, True
    await session.flush()
    await traces.note(session, asked.id, held, now=now)
    for look in looks:
        if await _looking_like(session, (look,), now=now) is None:
            session.add(OfferPicture(offer_id=offer.id, look=look))
    people = select(func.count(OfferAsked.person_id.distinct())).where(OfferAsked.offer_id == offer.id)
    return Asked(asked.id, (await session.execute(people)).scalar_one(), was_danger)


async def _like(session: Session, numbers: list[int], *, now: datetime) -> OfferSeen | None:
    """The offer that is most like this one, if any is like enough."""
    if not numbers:
        return None
    near = select(OfferSeen).where(OfferSeen.sketch.overlap(numbers), OfferSeen.last_seen_at > now - SAME_FOR)
    found = (await session.execute(near)).scalars().all()
    best = max(found, key=lambda offer: likeness(offer.sketch, numbers), default=None)
    return best if best and likeness(best.sketch, numbers) >= ALIKE else None


async def _looking_like(session: Session, looks: tuple[str, ...], *, now: datetime) -> OfferSeen | None:
    """The offer whose picture is most like one of these, if any is like enough."""
    for look in looks:
        differ = func.bit_count(OfferPicture.look.op("#")(cast(look, BIT(256))))
        near = select(OfferSeen).join(OfferPicture).where(differ <= SAME_LOOK, OfferSeen.last_seen_at > now - SAME_FOR)
        found = (await session.execute(near.order_by(differ).limit(1))).scalar_one_or_none()
        if found:
            return found
    return None


def _sketch(text: str) -> list[int]:
    return sketch(plain(text).split())
