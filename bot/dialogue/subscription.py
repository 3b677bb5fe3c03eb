"""/langganan: a person chooses the news they want, by buttons or in words, and stops all of it with one tap."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.complaint import Turn
from bot.dialogue.question import Answered
from bot.domain.broadcasts import Topic
from bot.domain.districts import DISTRICTS, district_of
from bot.domain.messages import Kind, Reply
from bot.services import subscriptions
from bot.storage.tables import Subscription
from bot.texts import jobseeker
from bot.texts import subscriptions as words
from knowledge.countries import codes, country_of, name_pattern
from knowledge.normalize import plain

COMMAND = "langganan"
CHOOSING = "langganan"
"""What `Memory.awaiting` says: a text of nothing but topics and places changes the choice on the page above."""
MOST_WORDS = 8
"""A longer text that speaks of news is a question about something else."""


async def ended(turn: Turn) -> Answered | None:
    """The plain wish for no more news, whatever else waits for an answer: "stop" is heard as the end of that otherwise."""
    is_said = turn.incoming.kind is Kind.TEXT and not turn.incoming.is_forward and not turn.chat.is_group
    is_danger = turn.meaning is not None and turn.meaning.is_danger
    return await _stop(turn) if is_said and not is_danger and words.stops_all(plain(turn.incoming.text)) else None


async def heard(turn: Turn) -> Answered | None:
    """What a message means for the news; None where it means nothing here."""
    incoming = turn.incoming
    if turn.meaning and turn.meaning.is_danger:
        return None
    if incoming.kind is Kind.BUTTON and incoming.button.startswith(f"{COMMAND}:"):
        return await _pressed(turn)
    if incoming.kind is Kind.COMMAND and incoming.command == COMMAND:
        return await _said(turn, plain(incoming.text)) or _show(turn, await _of(turn))
    if incoming.kind is not Kind.TEXT or incoming.is_forward or turn.chat.is_group:
        return None
    said = plain(incoming.text)
    is_wish = len(said.split()) <= MOST_WORDS and "?" not in incoming.text
    if is_wish and (words.STOP_WORDS.search(said) or words.START_WORDS.search(said)):
        return await _said(turn, said) or _show(turn, await _of(turn))
    # "syarat kerja taiwan" is a question, also while the page is open.
    if is_wish and turn.memory.awaiting == CHOOSING and not words.rest_of(name_pattern().sub(" ", said)):
        return await _said(turn, said)
    return None


async def _said(turn: Turn, said: str) -> Answered | None:
    """Topics and places named in words are added to the choice; None where nothing is named."""
    if turn.chat.is_group:
        return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)
    if said in ("stop", "berhenti") or words.STOP_WORDS.search(said):
        return await _stop(turn)
    topics, country, district = words.topics_in(said), country_of(said), district_of(said)
    if not (topics or country or district):
        return None
    known = await _of(turn)
    before = known.topics if known else []
    chosen = await subscriptions.choose(
        turn.session,
        turn.chat,
        topics=[*before, *topics] or list(Topic),
        country=country or (known.country if known else None),
        district=district or (known.district if known else None),
        now=turn.now,
    )
    return _show(turn, chosen)


async def _pressed(turn: Turn) -> Answered:
    """The buttons, in the message that carries them; one that no longer fits shows the page as it is."""
    if turn.chat.is_group:
        return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)
    _, verb, value = (*turn.incoming.button.split(":", 2), "")[:3]
    if verb == "stop":
        # Under a broadcast the message stays what it is: the answer comes below it.
        return await _stop(turn)
    said = await _changed(turn, verb, value)
    first = replace(said.replies[0], edits_message_id=turn.incoming.message_id)
    return Answered((first,), said.memory)


async def _changed(turn: Turn, verb: str, value: str) -> Answered:
    known = await _of(turn)
    topics = list(known.topics) if known else []
    place = {"country": known.country if known else None, "district": known.district if known else None}
    if verb == "t" and value in set(Topic):
        topics = [topic for topic in topics if topic != value] if value in topics else [*topics, value]
    elif verb == "n" and (value in codes() or value == "semua"):
        place["country"] = None if value == "semua" else value
    elif verb == "d" and (value in DISTRICTS or value == "semua"):
        place["district"] = None if value == "semua" else value
    elif verb in ("n", "d") and not value and known:
        return Answered((words.countries() if verb == "n" else words.districts(),), turn.memory)
    else:
        return _show(turn, known)
    return _show(turn, await subscriptions.choose(turn.session, turn.chat, topics=topics, **place, now=turn.now))


async def _stop(turn: Turn) -> Answered:
    had_some = await subscriptions.stop(turn.session, turn.chat, now=turn.now)
    memory = replace(turn.memory, awaiting="") if turn.memory.awaiting == CHOOSING else turn.memory
    return Answered((Reply(body=words.STOPPED if had_some else words.NONE_TO_STOP),), memory)


def _show(turn: Turn, subscription: Subscription | None) -> Answered:
    if turn.chat.is_group:
        return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)
    return Answered((words.page(subscription),), replace(turn.memory, awaiting=CHOOSING))


async def _of(turn: Turn) -> Subscription | None:
    return await subscriptions.of_chat(turn.session, turn.chat.id)
