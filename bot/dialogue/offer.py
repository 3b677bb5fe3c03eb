"""A job offer: read and analysed before the transaction, answered in it; pictures that come later are answered later."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.app import App
from bot.dialogue import complaint
from bot.dialogue.complaint import FILLING, OFFERED, SURE, Turn
from bot.dialogue.question import Answered, local_date
from bot.dialogue.understand import Meaning
from bot.domain.cases import CaseUrgency
from bot.domain.messages import LARGEST_NUMBER, Channel, Incoming, Kind, Media, Memory, Reply
from bot.domain.privacy import NOTICE_VERSION
from bot.media import pictures
from bot.nlu_client import Category, Intent
from bot.services import offers, outbox, people, recruiters, updates
from bot.services.cases import Report
from bot.storage.database import Session
from bot.storage.tables import Attachment, Chat
from bot.texts import jobseeker
from bot.texts import offers as words
from knowledge.adverts import asks_for_check, is_advert, is_worded_like_advert, may_be_advert
from knowledge.normalize import plain
from knowledge.policy import Outcome
from knowledge.recruiter_names import find_recruiter_names
from knowledge.red_flags import Analysis, Severity, Source, Verdict, analyse
from knowledge.red_flags.advice import is_urgent

logger = logging.getLogger(__name__)

CHECKING = "cek"
"""`Memory.awaiting` while the next message is an offer to check."""

OFFER_ALBUM = "tawaran:"
"""Before the album in `Memory.album`, where its pictures are read as an offer."""

NAME_WORDS = 6
"""After /cek, so few words without anything else in them are a name."""
SHORTEST_NAME = 3
"""Letters; of less no company can be told from another."""
OVERHEARD_CHARACTERS = 60
"""What is shorter is talk, in which a group is not interrupted."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a turn knows of an offer before it is written; without `analysis` its picture is not read."""

    text: str
    analysis: Analysis | None = None
    waits: bool = False
    """The picture's content is still at the channel."""
    is_pdf: bool = False
    unread: int = 0
    """So many of its pictures nobody could read: what stands in them is not judged."""
    is_name: bool = False
    """Nothing but a name."""
    kept: offers.Kept | None = None
    """The offer asked about before, whose button was pressed."""
    attachment_id: int | None = None
    """The picture sent before, whose button was pressed."""
    looks: tuple[str, ...] = ()
    """How its pictures look."""


# Before the transaction


async def prepare(app: App, incoming: Incoming, text: str, memory: Memory, meaning: Meaning | None) -> Checked | None:
    """Read and analyse what this message wants checked; None where it is no offer."""
    checked = await _prepared(app, incoming, text, memory, meaning)
    if checked and checked.analysis:
        await recruiters.make_ready(app.db)
    return checked


async def _prepared(app: App, incoming: Incoming, text: str, memory: Memory, meaning: Meaning | None) -> Checked | None:
    if incoming.kind is Kind.BUTTON:
        return await _of_button(app, incoming)
    if incoming.media and is_picture(incoming.media):
        if not _is_picture_meant(incoming, memory, await _analysis(app, text)):
            return None
        return await _read(app, (incoming.content,), _without_command(text))
    if not plain(text) or incoming.kind not in (Kind.TEXT, Kind.COMMAND):
        return None
    if not await _may_be_meant(incoming, text, memory, meaning):
        return None
    analysis = await _analysis(app, text)
    if not _is_meant(incoming, text, memory, meaning, analysis):
        return None
    is_name = not (analysis.flags or analysis.contacts or analysis.is_offer) and len(text.split()) <= NAME_WORDS
    return Checked(text, analysis, is_name=is_name)


def is_picture(media: Media) -> bool:
    """A picture, also sent as a file; a PDF counts, because people take it for one."""
    if media.kind is Kind.DOCUMENT:
        return media.mime_type.startswith("image/") or media.mime_type == "application/pdf"
    return media.kind is Kind.PICTURE


async def _of_button(app: App, incoming: Incoming) -> Checked | None:
    flow, _, rest = incoming.button.partition(":")
    verb, _, number = rest.partition(":")
    if flow != "tawaran" or not number.isascii() or not number.isdigit() or int(number) > LARGEST_NUMBER:
        return None
    async with app.db.transaction() as session:
        if verb == "gambar":
            found = await offers.loose_picture(session, incoming.chat, int(number))
        else:
            kept = await offers.kept(session, incoming.chat, int(number))
    if verb == "gambar":
        return replace(await _read(app, (found[1],), ""), attachment_id=int(number)) if found else None
    return Checked(kept.text, await _analysis(app, kept.text), kept=kept) if kept else None


def _is_picture_meant(incoming: Incoming, memory: Memory, caption: Analysis) -> bool:
    """Asked for, forwarded, or with words that ask; a report under way takes it as evidence instead."""
    if incoming.chat.is_group or memory.awaiting in (FILLING, OFFERED) or incoming.is_edit:
        return False
    text = incoming.text
    is_more = incoming.album_id and memory.album == OFFER_ALBUM + incoming.album_id
    is_asked = (
        is_more or memory.awaiting == CHECKING or text.lstrip().lower().startswith("/cek") or asks_for_check(text)
    )
    return is_asked or incoming.is_forward or is_advert(text, caption)


async def _may_be_meant(incoming: Incoming, text: str, memory: Memory, meaning: Meaning | None) -> bool:
    """Whether learnt flags could matter: they cost as much as a whole question, and most messages are none of this."""
    if incoming.kind is Kind.COMMAND:
        return incoming.command == "cek"
    if memory.awaiting == CHECKING or incoming.is_forward or _wants_it_checked(meaning):
        return True
    return is_worded_like_advert(text) and may_be_advert(text, await asyncio.to_thread(analyse, text))


def _wants_it_checked(meaning: Meaning | None) -> bool:
    found = meaning.triage if meaning else None
    return found is not None and found.intent is Intent.CHECK_OFFER and found.intent_confidence >= SURE


def _is_meant(incoming: Incoming, text: str, memory: Memory, meaning: Meaning | None, analysis: Analysis) -> bool:
    if incoming.kind is Kind.COMMAND:
        return incoming.command == "cek"
    shows_something = _shows_something(analysis, text)
    if memory.awaiting == CHECKING:
        is_question = meaning is not None and meaning.decision.outcome is Outcome.ANSWER and not shows_something
        return not is_question and not (meaning and meaning.smalltalk)
    if memory.awaiting in (FILLING, OFFERED):
        return False
    if incoming.is_forward:
        return shows_something and (analysis.is_offer or not analysis.silenced_by)
    if is_advert(text, analysis):
        return True
    return _wants_it_checked(meaning) and bool(analysis.contacts or find_recruiter_names(text))


def _shows_something(analysis: Analysis, text: str) -> bool:
    return bool(analysis.flags or analysis.contacts or find_recruiter_names(text))


async def _read(app: App, contents: tuple[bytes | None, ...], caption: str) -> Checked:
    """The caption and what stands in the pictures.

    Where no picture could be read, the caption counts only if it tells of an offer itself: "check this" under a picture
    that is broken must not sound as if nothing dangerous stood in it.
    """
    if not any(contents):
        return Checked(caption, waits=True)
    parts, looks, unread = [], [], 0
    for content in filter(None, contents):
        try:
            read = await pictures.text_of(content)
            looks.append(await pictures.look_of(content))
        except pictures.UnreadablePicture as error:
            logger.info("a picture was not read: %s", error)
            read = ""
        unread += not plain(read)
        parts.append(read)
    text = "\n".join(part for part in (caption, *parts) if part.strip())
    analysis = await _analysis(app, text) if plain(text) else None
    is_caption_alone = unread == len(parts)
    if analysis is None or (is_caption_alone and not _shows_something(analysis, text)):
        return Checked("", is_pdf=any(content.startswith(pictures.PDF) for content in filter(None, contents)))
    return Checked(text, analysis, looks=tuple(filter(None, looks)), unread=unread)


async def _analysis(app: App, text: str) -> Analysis:
    return await asyncio.to_thread(analyse, text, app.knowledge.flags)


def _without_command(text: str) -> str:
    first, _, rest = text.strip().partition(" ")
    return rest if first.lower().startswith("/cek") else text


# In the transaction


async def answer(turn: Turn) -> Answered | None:
    """The answer to an offer, a button under one, or the wish to have one checked; None where it is something else."""
    incoming, checked = turn.incoming, turn.checked
    if _wants_check(incoming):
        # A kiosk takes neither pictures nor forwarded messages.
        is_at_kiosk = turn.chat.channel == Channel.KIOSK
        asked = jobseeker.CHECK_OFFER_AT_KIOSK if is_at_kiosk else jobseeker.CHECK_OFFER
        reply = Reply(body=asked, buttons=((jobseeker.BACK_TO_MENU,),), callback_id=incoming.callback_id)
        return Answered((reply,), replace(turn.memory, awaiting=CHECKING))
    if checked is None:
        return None
    if incoming.kind is Kind.BUTTON:
        said = await _pressed(turn, checked)
        first = replace(said.replies[0], callback_id=incoming.callback_id)
        return Answered((first, *said.replies[1:]), said.memory)
    return await _answered(turn, checked, None)


async def picture(turn: Turn, attachment: Attachment) -> Answered:
    """The answer to a picture that was just kept; all pictures of an album have one answer."""
    album = turn.incoming.album_id
    is_more = bool(album) and turn.memory.album == OFFER_ALBUM + album
    if is_more and not turn.checked.waits:
        return Answered((), turn.memory)
    said = await _answered(turn, turn.checked, attachment.id)
    return replace(
        said, replies=() if is_more else said.replies, memory=replace(said.memory, album=OFFER_ALBUM + album)
    )


def _wants_check(incoming: Incoming) -> bool:
    said = plain(incoming.text)
    if incoming.kind is Kind.COMMAND:
        return (incoming.command, said) in (("cek", ""), ("start", CHECKING))
    return incoming.button == "menu:cek"


async def _answered(turn: Turn, checked: Checked, attachment_id: int | None) -> Answered:
    if checked.waits:
        await offers.note_waiting(
            turn.session,
            turn.chat,
            turn.person,
            checked.text,
            attachment_id=attachment_id,
            album=turn.incoming.album_id,
            now=turn.now,
        )
        return Answered((Reply(body=words.READING),), replace(turn.memory, awaiting=""))
    if checked.analysis is None:
        return Answered((_unread(checked),), replace(turn.memory, awaiting=CHECKING))
    if checked.is_name and len(plain(checked.text)) < SHORTEST_NAME:
        return Answered((Reply(body=words.NAME_TOO_SHORT),), replace(turn.memory, awaiting=CHECKING))
    report = await _report(turn.app, turn.session, checked, now=turn.now)
    verdict = report.analysis.verdict
    asked = await offers.note_asked(
        turn.session,
        turn.chat,
        turn.person,
        checked.text,
        verdict,
        held=report.traces,
        looks=checked.looks,
        attachment_id=attachment_id,
        now=turn.now,
    )
    reply = _reply(turn.app, turn.chat, report, asked, checked.unread, now=turn.now)
    return Answered((reply,), replace(turn.memory, awaiting=""))


def _unread(checked: Checked) -> Reply:
    return Reply(body=words.PDF if checked.is_pdf else words.UNREADABLE, buttons=((jobseeker.OFFICER,),))


async def _report(app: App, session: Session, checked: Checked, *, now: datetime) -> offers.OfferReport:
    today = local_date(app, now)
    return await offers.report(
        session, checked.text, checked.analysis, app.office(), today=today, is_name=checked.is_name
    )


def _reply(
    app: App, chat: Chat, report: offers.OfferReport, asked: offers.Asked, unread: int, *, now: datetime
) -> Reply:
    return words.short(
        report.analysis,
        report.recruiters,
        report.phones,
        app.office(),
        reported=report.reported,
        asked_id=asked.id,
        people=asked.people,
        was_danger=asked.was_danger,
        unread=unread,
        today=local_date(app, now),
        in_group=chat.is_group,
    )


async def _pressed(turn: Turn, checked: Checked) -> Answered:
    if checked.kept is None:
        return await _answered(turn, checked, checked.attachment_id)
    today = local_date(turn.app, turn.now)
    report = await offers.report(turn.session, checked.text, checked.analysis, turn.app.office(), today=today)
    if not turn.incoming.button.startswith("tawaran:lapor:"):
        reply = words.full(
            report.advice,
            report.recruiters,
            report.phones,
            asked_id=checked.kept.id,
            today=today,
            in_group=turn.chat.is_group,
        )
        return Answered((reply,), turn.memory)
    if turn.chat.is_group:
        return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)
    if checked.kept.number:
        return Answered((Reply(body=words.ALREADY_REPORTED.format(number=checked.kept.number)),), turn.memory)
    told = words.narrative(checked.text, report.analysis, report.recruiters, report.phones, today=today)
    said = await complaint.open_with(turn, _case_of(told, report.analysis, turn.now))
    desk = turn.app.desk()
    await offers.hand_over(
        turn.session, checked.kept.id, report.traces, turn.person, turn.chat, desk=desk, now=turn.now
    )
    return said


def _case_of(told: str, analysis: Analysis, now: datetime) -> Report:
    return Report(
        narrative=told,
        category=Category.PENIPUAN,
        country=analysis.countries[-1] if analysis.countries else "",
        urgency=CaseUrgency.HIGH if is_urgent(analysis) else CaseUrgency.NORMAL,
        consent_at=now,
        consent_version=NOTICE_VERSION,
    )


# Later, and in groups


async def answer_waiting(app: App) -> bool:
    """Answer one picture whose content has come, or never will; False where there is none.

    The row that waits is what is answered: after a crash another process begins with it again, and none answers twice.
    """
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        waiting = await offers.claim_waiting(session, now=now)
    if waiting is None:
        return False
    contents = tuple(content or b"-" for content in waiting.contents)
    checked = await _read(app, contents, waiting.caption)
    if checked.analysis:
        await recruiters.make_ready(app.db)
    async with app.db.transaction() as session:
        chat = await people.lock_chat(session, waiting.chat, now=now)
        asked = await offers.end_waiting(session, waiting.id)
        if asked is None:
            return True
        if checked.analysis is None:
            reply, chat.turns = _unread(checked), chat.turns + 1
            memory = Memory.from_json(chat.memory)
            chat.memory = replace(memory, awaiting=memory.awaiting or CHECKING, last_at=now.isoformat()).to_json()
        else:
            report = await _report(app, session, checked, now=now)
            verdict, held, looks = report.analysis.verdict, report.traces, checked.looks
            noted = await offers.note_read(session, asked, checked.text, verdict, held=held, looks=looks, now=now)
            reply = _reply(app, chat, report, noted, checked.unread, now=now)
        outbox.add(session, chat, reply, now=now)
        await outbox.announce(session)
    app.deliveries.wake(waiting.chat.channel)
    return True


async def overhear(app: App, incoming: Incoming) -> None:
    """Warn a group that wants it of a plainly dangerous offer, once a day; of everything else nothing is kept or said."""
    if incoming.is_edit or len(incoming.text) < OVERHEARD_CHARACTERS:
        return
    async with app.db.transaction() as session:
        if not await people.warns(session, incoming.chat):
            return
    # By the rules alone: what was only learnt is no reason to interrupt.
    analysis = await asyncio.to_thread(analyse, incoming.text)
    if not _is_plain_danger(analysis):
        return
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        if not await updates.note_handled(session, incoming.source, incoming.update_id, now=now):
            return
        chat = await people.lock_chat(session, incoming.chat, now=now)
        if await offers.was_warned(session, chat, incoming.text, now=now):
            return
        await offers.note_asked(session, chat, None, incoming.text, analysis.verdict, now=now)
        worst = min(analysis.flags, key=lambda flag: list(Severity).index(flag.severity))
        reply = words.warning(worst, app.telegram_name)
        outbox.add(session, chat, reply, now=now)
        await outbox.announce(session)
    app.deliveries.wake(incoming.chat.channel)


def _is_plain_danger(analysis: Analysis) -> bool:
    """A critical sign, or two high ones, in what is an offer and no talk about one."""
    if analysis.verdict is not Verdict.DANGER or analysis.silenced_by or not analysis.is_offer:
        return False
    severities = [flag.severity for flag in analysis.flags if flag.source is Source.RULE]
    return Severity.CRITICAL in severities or severities.count(Severity.HIGH) >= 2
