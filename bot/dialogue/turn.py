"""One incoming message, one turn: what it means is worked out first, then written with its replies in one transaction."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from bot import logs, metrics
from bot.app import App
from bot.dialogue import (
    broadcast,
    buttons,
    checklist,
    complaint,
    escalation,
    handover,
    hearing,
    media,
    my_data,
    offer,
    own_case,
    partner,
    programme,
    question,
    staff,
    subscription,
)
from bot.dialogue.drawing import Drawn, with_drawings
from bot.dialogue.understand import Meaning, is_opener, small_talk, sounds_dangerous, understand
from bot.domain.messages import ChatRef, Incoming, Kind, Memory, Reply
from bot.domain.pace import QUIET_S
from bot.domain.privacy import NOTICE_VERSION
from bot.nlu_client import Intent
from bot.services import cases, outbox, people, updates
from bot.storage.database import Session
from bot.storage.tables import Chat, Person, Priority
from bot.texts import jobseeker as words
from knowledge.normalize import plain

logger = logging.getLogger(__name__)

MEMORY_LASTS = timedelta(hours=1)
MAX_TEXT = 4000
"""Telegram's own limit is 4,096; what is longer comes from elsewhere and is read up to here."""
TOLD_IN_PIECES = 300
"""Characters before a new message that are read with it for danger; what is older was read with what came before it."""
TRIES = 20
"""Of so many messages of one chat at the same moment each gets its turn, since every round one of them does."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a turn answers: replies in order, what to remember, and how urgent they are."""

    replies: tuple[Reply, ...]
    memory: Memory
    priority: Priority = Priority.REPLY
    stays: bool = False
    """A newer message does not make it stale: it tells of something that was done."""


class ChangedMeanwhile(Exception):
    """Another message of the chat was handled while this one was prepared."""


async def turn(app: App, incoming: Incoming) -> None:
    """Handle one update once: raising means nothing was committed, and a second delivery has no effect."""
    timing = metrics.TURN_SECONDS.labels(incoming.chat.channel, incoming.kind).time()
    with logs.turn(), metrics.TURNS_FAILED.labels(incoming.chat.channel).count_exceptions(), timing:
        await _handle(app, incoming)


async def _handle(app: App, incoming: Incoming) -> None:
    if not incoming.is_addressed:
        await offer.overhear(app, incoming)
        return
    for _ in range(TRIES):
        try:
            await with_drawings(partial(_one_turn, app, incoming))
            return
        except ChangedMeanwhile:
            await asyncio.sleep(0)
    raise ChangedMeanwhile(f"chat {incoming.chat.channel} stayed busy")


async def _one_turn(app: App, incoming: Incoming, drawn: Drawn) -> None:
    now = datetime.now(UTC)
    async with app.db.at_once() as session:
        state = await people.peek_chat(session, incoming.chat)
    text = _with_fragments(incoming, state, now, app.settings.fragment_wait_s)
    memory = Memory() if incoming.chat.is_group else _fresh(state.memory, now)
    pace = state.pace.after_one_more(now)
    waits = pace.is_too_fast and await _may_wait(app, incoming, state, memory, text)
    if waits:
        meaning, checked, hold_s = None, None, QUIET_S
    else:
        meaning = await understand(app.knowledge.current, app.nlu, text, memory) if plain(text) else None
        checked = await offer.prepare(app, incoming, text, memory, meaning)
        hold_s = app.settings.fragment_wait_s if _may_go_on(incoming) and is_opener(text) else 0

    async with app.db.transaction() as session:
        if not await updates.note_handled(session, incoming.source, incoming.update_id, now=now):
            return
        chat = await people.begin_turn(session, incoming.chat, now=now)
        if chat.turns != state.turns + 1:
            raise ChangedMeanwhile
        person = await people.person_of(session, incoming.chat.channel, incoming.sender_id, now=now)
        chat.minute_began_at, chat.in_minute = pace.began_at, pace.count
        if hold_s:
            chat.held_text, chat.held_until = text, now + timedelta(seconds=hold_s)
            held_turn = chat.turns
            if waits and pace.just_became_too_fast:
                outbox.add(session, chat, Reply(body=words.TOO_FAST), now=now)
                await outbox.announce(session)
        else:
            held_turn = None
            await _answer(app, session, chat, person, incoming, memory, meaning, checked, drawn, now=now)
    app.deliveries.wake(incoming.chat.channel)
    if held_turn is not None:
        answer = partial(answer_held, app, incoming.chat, incoming.sender_id, held_turn)
        app.later.after(hold_s, answer)


async def _may_wait(app: App, incoming: Incoming, state: people.ChatState, memory: Memory, text: str) -> bool:
    """Whether a text that came too fast may be answered later, together with others: never danger, nor what is awaited."""
    if not _may_go_on(incoming) or memory.awaiting or state.has_draft or not plain(text):
        return False
    if sounds_dangerous(text[-len(incoming.text) - TOLD_IN_PIECES :]):
        return False
    async with app.db.at_once() as session:
        return not await cases.is_with_officer(session, incoming.chat.channel, incoming.sender_id)


async def answer_held(app: App, ref: ChatRef, sender_id: str, held_turn: int) -> None:
    """Answer what was held back, when no further fragment came; does nothing where one did."""
    now = datetime.now(UTC)
    async with app.db.at_once() as session:
        state = await people.peek_chat(session, ref)
    if state.turns != held_turn or not state.held_text:
        return
    memory = _fresh(state.memory, now)
    meaning = await understand(app.knowledge.current, app.nlu, state.held_text, memory)
    held = Incoming("", 0, ref, sender_id, Kind.TEXT, now, text=state.held_text)
    async with app.db.transaction() as session:
        chat = await people.lock_chat(session, ref, now=now)
        if chat.turns != held_turn or not chat.held_text:
            return
        person = await people.person_of(session, ref.channel, sender_id, now=now)
        await _answer(app, session, chat, person, held, memory, meaning, None, {}, now=now)
    app.deliveries.wake(ref.channel)


async def resume_held(app: App) -> None:
    """Answer what a process that died was still holding back, each at its time."""
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        waiting = await people.held_chats(session)
    for ref, turns, held_until in waiting:
        pause_s = max(0.0, (held_until - now).total_seconds())
        app.later.after(pause_s, partial(answer_held, app, ref, ref.external_id, turns))


async def _answer(
    app: App,
    session: Session,
    chat: Chat,
    person: Person,
    incoming: Incoming,
    memory: Memory,
    meaning: Meaning | None,
    checked: offer.Checked | None,
    drawn: Drawn,
    *,
    now: datetime,
) -> None:
    """Decide, write the replies to the outbox and remember the turn."""
    if chat.turns > 1 and meaning and not meaning.smalltalk and not chat.is_group:
        await outbox.drop_stale(session, chat)
    said = await _decide(app, session, chat, person, incoming, memory, meaning, checked, drawn, now=now)
    replies = said.replies
    if not chat.is_group and person.notice_version and person.notice_version < NOTICE_VERSION:
        # Behind the answer: nobody in need has to read a notice first.
        people.note_shown(person, NOTICE_VERSION, now=now)
        replies = (*replies, my_data.notice_again())
    for reply in replies:
        outbox.add(session, chat, reply, now=now, priority=said.priority, turn=None if said.stays else chat.turns)
    await outbox.announce(session)
    chat.held_text, chat.held_until = "", None
    if not chat.is_group:
        chat.memory = replace(said.memory, last_at=now.isoformat()).to_json()


async def _decide(app, session, chat, person, incoming, memory, meaning, checked, drawn, *, now) -> Said:
    """The one ordered list of what a message can mean."""
    case_turn = complaint.Turn(app, session, chat, person, incoming, memory, now, meaning, checked, drawn)
    if meaning and meaning.is_danger and not chat.is_group:
        case_turn = await own_case.in_known_place(case_turn)
        meaning = case_turn.meaning
    if (taken := await handover.taken_over(case_turn)) is not None:
        return Said(taken.replies, taken.memory, stays=True)
    if (arrived := await partner.heard(case_turn)) is not None:
        return Said(arrived.replies, arrived.memory, stays=True)
    if (ended := await subscription.ended(case_turn)) is not None:
        return Said(ended.replies, ended.memory, stays=True)
    if (case_said := await _about_case(case_turn)) is not None:
        return case_said
    listed = await checklist.heard(case_turn) or await subscription.heard(case_turn) or await programme.heard(case_turn)
    if listed is not None:
        first = replace(listed.replies[0], callback_id=incoming.callback_id)
        return Said((first, *listed.replies[1:]), listed.memory, stays=True)
    if incoming.kind is Kind.BUTTON and (steered := await broadcast.steered(app, session, incoming, now=now)):
        return Said((steered,), memory, stays=True)
    is_other_text = memory.awaiting == complaint.FILLING and meaning and not meaning.smalltalk
    # Days later the form has waited long enough: it goes on when it is asked for.
    is_aside = is_other_text and incoming.kind is Kind.TEXT and bool(memory.last_at)
    if incoming.kind is Kind.COMMAND or incoming.button.startswith("menu:") or is_other_text:
        # Something else was chosen: what is written next answers no step of a report.
        memory = replace(memory, awaiting="")
    case_turn = replace(case_turn, memory=memory)
    is_danger = meaning is not None and meaning.is_danger
    if not is_danger and (offered := await offer.answer(case_turn)) is not None:
        return Said(offered.replies, offered.memory)
    if incoming.kind is Kind.BUTTON:
        replies, memory = await buttons.pressed(app, session, chat, person, incoming, memory, now=now)
        return Said(replies, memory)
    if incoming.kind is Kind.COMMAND and not is_danger:
        return await _command(app, session, chat, person, incoming, memory, drawn, now=now)
    if meaning is None:
        return Said((Reply(body=words.ONLY_TEXT.get(incoming.kind, words.EMPTY), buttons=words.MENU),), memory)
    said = await question.answer(app, session, chat, person, meaning, memory, now=now)
    said = await escalation.after(case_turn, said.replies, said.memory)
    if (
        is_aside
        and not said.memory.awaiting
        and (asked := complaint.asked_still(replace(case_turn, memory=said.memory)))
    ):
        said = replace(asked, replies=(*said.replies, *asked.replies))
    replies = said.replies
    if is_danger and checked and checked.analysis:
        offered = await offer.answer(replace(case_turn, memory=said.memory))
        replies = (*replies, *offered.replies)
    if len(incoming.text) > MAX_TEXT:
        replies = (Reply(body=words.TOO_LONG), *replies)
    return Said(replies, said.memory, Priority.EMERGENCY if is_danger else Priority.REPLY)


async def _about_case(turn: complaint.Turn) -> Said | None:
    """What belongs to a case or to a report under way, or None."""
    urgent = Priority.EMERGENCY if turn.meaning and turn.meaning.is_danger else Priority.REPLY
    if (said := await own_case.contact_given(turn)) is not None:
        return Said(said.replies, said.memory, stays=True)
    if turn.memory.awaiting == complaint.CONTACT:
        turn = replace(turn, memory=replace(turn.memory, awaiting=complaint.ADDING))
    if (said := await media.received(turn)) is not None:
        return Said(said.replies, said.memory, stays=True)
    if (said := await own_case.to_officer(turn)) is not None:
        return Said(said.replies, said.memory, urgent, stays=True)
    incoming = turn.incoming
    if incoming.kind is Kind.BUTTON:
        said = await hearing.pressed(turn)
        if said is None:
            return None
        first = replace(said.replies[0], callback_id=incoming.callback_id)
        return Said((first, *said.replies[1:]), said.memory, stays=True)
    if incoming.kind is Kind.COMMAND:
        handler = hearing.COMMANDS.get(incoming.command) if urgent is Priority.REPLY else None
        said = await handler(turn) if handler else None
    elif turn.meaning:
        said = await hearing.answered(turn) or await hearing.asked_for(turn)
    return Said(said.replies, said.memory, stays=True) if said else None


async def _command(app, session, chat, person, incoming, memory, drawn, *, now) -> Said:
    if incoming.command == "start":
        people.note_shown(person, NOTICE_VERSION, now=now)
        return Said((Reply(body=words.WELCOME, footer=words.PRIVACY_NOTICE, buttons=words.MENU),), Memory())
    if incoming.command == "datasaya":
        return Said((await my_data.show(app, session, chat, person, now=now),), memory)
    if incoming.command == "hapusdata":
        return Said((await my_data.ask_to_erase(app, session, chat, person),), memory)
    if incoming.command == "konsol" and (link := await staff.console_link(app, session, incoming, now=now)):
        return Said((link,), memory, stays=True)
    if incoming.command == "statistik" and (
        told := await staff.statistics(app, session, chat, incoming, drawn, now=now)
    ):
        return Said(told, memory, stays=True)
    if incoming.command == "siaran" and (told := await broadcast.command(app, session, incoming, now=now)):
        return Said((told,), memory, stays=True)
    if incoming.command == "siaga" and (told := await staff.warnings(session, chat, incoming, now=now)):
        return Said((told,), memory, stays=True)
    return Said(buttons.command(app, incoming.command), memory)


def _with_fragments(incoming: Incoming, state: people.ChatState, now: datetime, wait_s: float) -> str:
    """The message, behind the fragments of it that came just before: held back, or answered a moment ago."""
    text = incoming.text[:MAX_TEXT]
    if not _may_go_on(incoming):
        return text
    if not state.held_text and (not plain(text) or small_talk(text) is Intent.THANKS):
        # A heart or thanks for an answer that came at once: no part of the question.
        return text
    if state.held_text:
        # The end, where it is too much: the newest words have not been looked at yet.
        return f"{state.held_text} {text}"[-MAX_TEXT:]
    memory = state.memory
    just_asked = memory.asked_at and now - datetime.fromisoformat(memory.asked_at) <= timedelta(seconds=wait_s)
    return f"{memory.last_text} {text}"[:MAX_TEXT] if just_asked else text


def _may_go_on(incoming: Incoming) -> bool:
    """One thought may come in several messages; in a group the next message is somebody else's, so there each stands alone."""
    return incoming.kind is Kind.TEXT and not incoming.is_edit and not incoming.chat.is_group


def _fresh(memory: Memory, now: datetime) -> Memory:
    """What was said more than an hour ago is another conversation; only a report begun then still waits."""
    if memory.last_at and now - datetime.fromisoformat(memory.last_at) > MEMORY_LASTS:
        return Memory(awaiting=memory.awaiting if memory.awaiting in complaint.WAITS_FOR_DAYS else "")
    return memory
