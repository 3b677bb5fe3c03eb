"""A question, asked in words or chosen from buttons: the replies, and the row that remembers it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.app import App
from bot.dialogue.triage import place_of
from bot.dialogue.understand import Meaning, is_farewell
from bot.domain.messages import Memory, Reply
from bot.domain.privacy import mask
from bot.nlu_client import Intent
from bot.services import questions
from bot.storage.database import Session
from bot.storage.tables import Chat, Person
from bot.texts import answers, danger
from bot.texts import jobseeker as words
from knowledge.base import KnowledgeBase
from knowledge.policy import Outcome
from knowledge.reports import read_report
from knowledge.urgency import Urgency

SMALLTALK_REPLIES = {
    Intent.GREET: Reply(body=words.GREETING, buttons=words.MENU),
    Intent.THANKS: Reply(body=words.YOU_ARE_WELCOME),
    Intent.CANCEL: Reply(body=words.STOPPED),
    Intent.FEEDBACK_NEGATIVE: Reply(body=words.SORRY_WRONG, buttons=((words.OFFICER, words.BACK_TO_MENU),)),
}
GOODBYE = Reply(body=words.GOODBYE)
NO_HELP = Reply(body=words.NO_ANSWER, buttons=((words.OFFICER, words.BACK_TO_MENU),))
OUT_OF_SCOPE = Reply(body=words.OUT_OF_SCOPE, buttons=words.MENU)
REMEMBERED_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """The replies to a question and what to remember of it."""

    replies: tuple[Reply, ...]
    memory: Memory


async def answer(
    app: App, session: Session, chat: Chat, person: Person, meaning: Meaning, memory: Memory, *, now: datetime
) -> Answered:
    """Keep the question and answer, suggest, or offer an officer; danger comes first, whatever was asked."""
    base = app.knowledge.current
    entry = base.entries.get(meaning.decision.entry_id or "") if base else None
    asked = questions.Asked(
        text=meaning.text,
        outcome=meaning.decision.outcome,
        entry_id=meaning.decision.entry_id,
        entry_version=entry.version if entry else None,
        confidence=meaning.decision.confidence,
        suggestions=meaning.decision.suggestions,
        country=meaning.country,
        intent=meaning.triage.intent,
        urgency=meaning.triage.urgency,
    )
    question_id = await questions.record(session, asked, chat_id=chat.id, person_id=person.id, now=now)
    replies = replies_in_order(app, meaning, question_id, today=local_date(app, now))
    memory = remember(memory, meaning)
    return Answered(replies, memory if meaning.smalltalk else replace(memory, asked_at=now.isoformat()))


def replies_in_order(app: App, meaning: Meaning, question_id: int, *, today: date) -> tuple[Reply, ...]:
    """All replies to a message: safety first, then what the search found, then a human where there is no search."""
    base = app.knowledge.current
    replies = replies_to(base, meaning, question_id, today=today)
    if meaning.is_danger:
        replies = (_first_aid(app, meaning), *replies)
    elif base is None and not meaning.smalltalk:
        replies += (danger.not_ready(app.office()),)
    return replies


def replies_to(base: KnowledgeBase | None, meaning: Meaning, question_id: int, *, today: date) -> tuple[Reply, ...]:
    """What the decision looks like to a person."""
    decision = meaning.decision
    if meaning.smalltalk:
        return (GOODBYE if is_farewell(meaning.text) else SMALLTALK_REPLIES[meaning.smalltalk],)
    if base is None:
        return ()
    if decision.outcome is Outcome.ANSWER:
        entry = base.entries[decision.entry_id]
        return (answers.short_answer(base, entry, meaning.country, today=today, question_id=question_id),)
    if meaning.triage.urgency is Urgency.EMERGENCY:
        # Who is in danger is not asked what they may have meant.
        return ()
    if decision.outcome is Outcome.SUGGEST:
        return (answers.suggestions(base, decision.suggestions, question_id=question_id),)
    if meaning.is_danger:
        return ()
    return (OUT_OF_SCOPE if meaning.is_far_off else NO_HELP,)


def _first_aid(app: App, meaning: Meaning) -> Reply:
    return danger.first_aid(
        app.office(),
        meaning.triage.urgency,
        meaning.triage.category,
        meaning.danger,
        meaning.country,
        place_of(meaning.triage.entities, read_report(meaning.text)) or meaning.known_place,
    )


def remember(memory: Memory, meaning: Meaning) -> Memory:
    """The conversation with this question in it, masked like all that is kept; small talk changes nothing."""
    if meaning.smalltalk:
        return memory
    best = meaning.decision.entry_id or next(iter(meaning.decision.suggestions), "")
    return replace(
        memory,
        last_text=mask(meaning.text)[:REMEMBERED_CHARACTERS],
        last_entry=best or memory.last_entry,
        last_country=meaning.country or "",
    )


def local_date(app: App, now: datetime) -> date:
    """Today in the office's zone."""
    return now.astimezone(ZoneInfo(app.settings.time_zone)).date()
