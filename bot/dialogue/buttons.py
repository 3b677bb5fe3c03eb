"""What a pressed button or a command does; a button that no longer fits gets a friendly restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.app import App
from bot.dialogue import broadcast, my_data, programme
from bot.dialogue.question import local_date
from bot.domain.messages import LARGEST_NUMBER, Button, Incoming, Memory, Reply
from bot.services import questions
from bot.services.programmes import BOX
from bot.storage.database import Session
from bot.storage.tables import Chat, Person
from bot.texts import answers, danger
from bot.texts import broadcasts as broadcast_words
from bot.texts import jobseeker as words
from knowledge.policy import Outcome

REASON_CODES = dict(words.REASONS)


async def pressed(
    app: App, session: Session, chat: Chat, person: Person, incoming: Incoming, memory: Memory, *, now: datetime
) -> tuple[tuple[Reply, ...], Memory]:
    """The replies to a pressed button, and the memory after it."""
    verb, _, argument = incoming.button.partition(":")
    handler = HANDLERS.get(verb)
    try:
        result = await handler(app, session, chat, person, argument, memory, now=now) if handler else None
    except (ValueError, KeyError):
        result = None
    replies, memory = result or ((Reply(body=words.STALE_BUTTON, buttons=words.MENU),), memory)
    first = replace(replies[0], callback_id=incoming.callback_id)
    return (first, *replies[1:]), memory


def command(app: App, name: str) -> tuple[Reply, ...]:
    """The replies to a command that is neither /start nor about a case."""
    replies = {
        "bantuan": Reply(
            body=f"{words.HELP}\n\n{danger.numbers(app.office())}", footer=words.PRIVACY_NOTICE, buttons=words.MENU
        ),
    }
    return (replies.get(name) or Reply(body=words.UNKNOWN_COMMAND, buttons=words.MENU),)


async def _menu(app, session, chat, person, argument, memory, *, now):
    if argument == "tanya":
        return (Reply(body=words.ASK_FREELY),), memory
    if argument == "utama":
        return (Reply(body=words.GREETING, buttons=words.MENU),), memory
    return None


async def _topic(app, session, chat, person, argument, memory, *, now):
    base = app.knowledge.current
    if base is None:
        return (danger.not_ready(app.office()),), memory
    entry = base.entries[argument]
    asked = questions.Asked(
        text=entry.title,
        outcome=Outcome.ANSWER,
        entry_id=entry.id,
        entry_version=entry.version,
        confidence=1.0,
        suggestions=(entry.id,),
        country=memory.last_country or None,
        intent=None,
        urgency=None,
    )
    question_id = await questions.record(session, asked, chat_id=chat.id, person_id=person.id, now=now)
    reply = answers.short_answer(
        base, entry, memory.last_country or None, today=local_date(app, now), question_id=question_id
    )
    return (reply,), replace(memory, last_text=entry.title, last_entry=entry.id)


async def _more(app, session, chat, person, argument, memory, *, now):
    base = app.knowledge.current
    if base is None:
        return (danger.not_ready(app.office()),), memory
    entry_id, number, *shown = argument.split(":")
    reply = answers.full_answer(
        base,
        base.entries[entry_id],
        today=local_date(app, now),
        shown=_number(shown[0]) if shown else None,
        question_id=_number(number),
    )
    return (reply,), memory


async def _thumb(app, session, chat, person, argument, memory, *, now):
    thumb, _, question_id = argument.partition(":")
    if not await questions.rate(session, _number(question_id), 1 if thumb == "1" else -1, chat_id=chat.id):
        return None
    if thumb == "1":
        return (Reply(body="", footer=words.THANKS_FOR_THUMB),), memory
    rows = tuple((Button(label, f"alasan:{code}:{question_id}"),) for code, label in words.REASONS)
    return (Reply(body=words.WHAT_WAS_WRONG, buttons=rows),), memory


async def _reason(app, session, chat, person, argument, memory, *, now):
    code, _, question_id = argument.partition(":")
    REASON_CODES[code]
    if not await questions.rate(session, _number(question_id), -1, chat_id=chat.id, reason=code):
        return None
    return (Reply(body=words.NOTED_REASON, buttons=((words.OFFICER, words.BACK_TO_MENU),)),), memory


async def _none_of_these(app, session, chat, person, argument, memory, *, now):
    await questions.rate(session, _number(argument), -1, chat_id=chat.id, reason="bukan")
    return (Reply(body=words.NO_ANSWER, buttons=((words.OFFICER, words.BACK_TO_MENU),)),), memory


async def _my_data(app, session, chat, person, argument, memory, *, now):
    return await my_data.pressed(app, session, chat, person, argument, memory, now=now)


async def _notice(app, session, chat, person, argument, memory, *, now):
    said = await my_data.agreed(session, person, argument, now=now)
    return said and ((said,), memory)


async def _broadcast(app, session, chat, person, argument, memory, *, now):
    found = await broadcast.opened(session, chat, argument, now=now)
    if found is None:
        return None
    if found.startswith(BOX):
        asked = await programme.open_box(session, found.removeprefix(BOX), memory, now=now)
        return asked.replies, asked.memory
    if not found.startswith("https://"):
        return await _topic(app, session, chat, person, found, memory, now=now)
    return (Reply(body=broadcast_words.HERE.format(address=found)),), memory


def _number(text: str) -> int:
    """The number of a question; raises ValueError for what the database would not take."""
    number = int(text)
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError(text)
    return number


HANDLERS = {
    "menu": _menu,
    "topik": _topic,
    "lengkap": _more,
    "jempol": _thumb,
    "alasan": _reason,
    "bukan": _none_of_these,
    "hapus": _my_data,
    "privasi": _notice,
    "siaran": _broadcast,
}
