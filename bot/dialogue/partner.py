"""Partners and the people they send: deep links, materials, the way to an officer with consent, and coarse numbers."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import complaint
from bot.dialogue.complaint import Turn
from bot.dialogue.question import Answered
from bot.dialogue.understand import danger_in
from bot.domain.cases import CaseUrgency
from bot.domain.districts import DISTRICTS
from bot.domain.messages import Button, Channel, Kind, Reply
from bot.domain.privacy import NOTICE_VERSION
from bot.nlu_client import Category
from bot.services import partners, people
from bot.services.cases import Report
from bot.texts import complaint as complaint_words
from bot.texts import danger, jobseeker
from bot.texts import partners as words

COMMAND = "mitra"
NOTE = "mitra-catatan"
"""What `Memory.awaiting` says the next text is: what an officer shall know of a resident."""
OWN, VILLAGE, HANDOVER = "p_", "w_", "s_"
"""How the token behind /start begins: a partner's own link, that of the village, and that of one person."""


async def heard(turn: Turn) -> Answered | None:
    """What a message means here; None where it means nothing."""
    incoming = turn.incoming
    # A note about a resident is mostly grave; only where a life may hang on it, nobody waits for their consent.
    waits_for_note = turn.memory.awaiting == NOTE
    if turn.meaning and (turn.meaning.is_emergency if waits_for_note else turn.meaning.is_danger):
        return None
    if incoming.kind is Kind.COMMAND and incoming.command == "start":
        arrive = ARRIVALS.get(incoming.text.strip()[: len(OWN)])
        if arrive is None:
            return None
        return _in_private(turn) or await arrive(turn, incoming.text.strip()[len(OWN) :])
    if incoming.kind is Kind.COMMAND and incoming.command == COMMAND:
        return _in_private(turn) or await _menu(turn)
    if incoming.kind is Kind.BUTTON and incoming.button.startswith(f"{COMMAND}:"):
        said = _in_private(turn) or await _pressed(turn)
        return Answered((replace(said.replies[0], callback_id=incoming.callback_id), *said.replies[1:]), said.memory)
    is_said = incoming.kind is Kind.TEXT and turn.meaning is not None and not turn.meaning.smalltalk
    return await _noted(turn) if is_said and waits_for_note and not turn.chat.is_group else None


# Links


async def _join(turn: Turn, token: str) -> Answered:
    is_here = turn.incoming.chat.channel == Channel.TELEGRAM
    partner = await partners.join(turn.session, token, turn.chat, now=turn.now) if is_here else None
    if partner is None:
        return _gone(turn)
    people.note_shown(turn.person, NOTICE_VERSION, now=turn.now)
    return Answered((words.menu(partner, has_just_joined=True), Reply(body=jobseeker.PRIVACY_NOTICE)), turn.memory)


async def _welcome(turn: Turn, token: str) -> Answered:
    partner = await partners.welcome(turn.session, token, turn.chat, now=turn.now)
    if partner is None:
        return _gone(turn)
    people.note_shown(turn.person, NOTICE_VERSION, now=turn.now)
    return Answered((words.welcome(partner),), replace(turn.memory, awaiting=""))


async def _ask_consent(turn: Turn, token: str) -> Answered:
    found = await partners.open_introduction(turn.session, token, now=turn.now)
    if found is None:
        return _gone(turn)
    people.note_shown(turn.person, NOTICE_VERSION, now=turn.now)
    return Answered((words.ask_consent(*found),), replace(turn.memory, awaiting=""))


ARRIVALS = {OWN: _join, VILLAGE: _welcome, HANDOVER: _ask_consent}


# The menu


async def _menu(turn: Turn) -> Answered:
    partner = await partners.of_chat(turn.session, turn.chat.id)
    reply = words.menu(partner) if partner else Reply(body=words.NOT_A_PARTNER, buttons=jobseeker.MENU)
    return Answered((reply,), replace(turn.memory, awaiting=""))


async def _pressed(turn: Turn) -> Answered:
    _, verb, value = (*turn.incoming.button.split(":", 2), "")[:3]
    if verb in ("ya", "tidak"):
        return await _answered(turn, value, has_agreed=verb == "ya")
    partner = await partners.of_chat(turn.session, turn.chat.id)
    if partner is None:
        return await _menu(turn)
    match verb:
        case "bahan":
            return Answered((_materials(turn),), turn.memory)
        case "tautan":
            link = _link(turn, f"{VILLAGE}{partner.resident_token}")
            return Answered((Reply(body=words.SHARE.format(village=partner.village, link=link)),), turn.memory)
        case "hubungkan":
            return Answered((Reply(body=words.ASK_NOTE),), replace(turn.memory, awaiting=NOTE))
        case "jumlah":
            count = await partners.asked_in_village(turn.session, partner, now=turn.now)
            return Answered((Reply(body=words.count(partner, count)),), turn.memory)
    return await _menu(turn)


def _materials(turn: Turn) -> Reply:
    base = turn.app.knowledge.current
    known = [base.entries[code] for code in words.MATERIALS if code in base.entries] if base else []
    rows = tuple((Button(entry.title[:60], f"topik:{entry.id}"),) for entry in known)
    return Reply(body=words.ASK_MATERIAL if rows else jobseeker.NO_ANSWER, buttons=rows)


# Bringing somebody to an officer


async def _noted(turn: Turn) -> Answered | None:
    """The partner's words become a link for the person they are about: nobody else can agree for them."""
    partner = await partners.of_chat(turn.session, turn.chat.id)
    memory = replace(turn.memory, awaiting="")
    if partner is None:
        return None
    try:
        token = await partners.begin_introduction(turn.session, partner, turn.incoming.text, now=turn.now)
    except partners.TooMany:
        return Answered((Reply(body=words.TOO_MANY),), memory)
    replies = (Reply(body=words.FORWARD.format(link=_link(turn, f"{HANDOVER}{token}"))),)
    if turn.meaning and turn.meaning.is_danger:
        replies += (danger.officer(turn.app.office(), complaint_words.CANNOT_WAIT),)
    return Answered(replies, memory)


async def _answered(turn: Turn, mark: str, *, has_agreed: bool) -> Answered:
    found = await partners.introduction_to_answer(turn.session, mark, now=turn.now) if len(mark) == 32 else None
    if found is None:
        return _gone(turn)
    introduction, partner = found
    told, note = words.narrative(introduction, partner), introduction.note
    partners.answer(introduction, has_agreed=has_agreed, now=turn.now)
    if not has_agreed:
        return Answered((Reply(body=words.DECLINED),), turn.memory)
    known, danger_seen = complaint.take_in(complaint.Draft(), note, None), danger_in(note)
    report = Report(
        narrative=told,
        category=known.category or (danger_seen.category if danger_seen else Category.LAINNYA),
        urgency=CaseUrgency(danger_seen.urgency) if danger_seen else CaseUrgency.NORMAL,
        country=known.country,
        # Where it happened is in the note; where the person lives tells which office is near.
        place=f"{partner.village}, {DISTRICTS[partner.district]}",
        consent_at=turn.now,
        consent_version=NOTICE_VERSION,
    )
    return await complaint.open_with(turn, report, with_numbers=True)


def _link(turn: Turn, token: str) -> str:
    name = turn.app.telegram_name
    return f"https://t.me/{name}?start={token}" if name else f"/start {token}"


def _gone(turn: Turn) -> Answered:
    return Answered((Reply(body=words.LINK_GONE, buttons=jobseeker.MENU),), turn.memory)


def _in_private(turn: Turn) -> Answered | None:
    return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory) if turn.chat.is_group else None
