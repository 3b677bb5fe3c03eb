"""What brings a human in: danger, a problem told in passing, and the wish for an officer."""

from __future__ import annotations

from dataclasses import asdict, replace

from bot.dialogue.complaint import (
    ADDING,
    OFFERED,
    SURE,
    Draft,
    Turn,
    go_on_with,
    in_private,
    joined,
    officer_hears,
    open_with,
    receipt,
    report_of,
    take_in,
)
from bot.dialogue.question import Answered
from bot.domain.messages import Channel, ChatRef, Kind, Memory, Reply
from bot.nlu_client import Intent
from bot.services import cases, people, questions
from bot.services.cases import Report
from bot.storage.tables import Chat, Question
from bot.texts import complaint as words
from bot.texts import jobseeker, officer
from knowledge.policy import Outcome
from knowledge.reports import read_report


async def after(turn: Turn, replies: tuple[Reply, ...], memory: Memory) -> Answered:
    """What a reported problem adds to the answer: a case at once in danger, else the offer to report it."""
    meaning = turn.meaning
    turn = replace(turn, memory=memory)
    if meaning.is_danger:
        return await _rescue(turn, replies)
    is_answered = meaning.decision.outcome is Outcome.ANSWER
    is_unsure = meaning.triage.intent_confidence < SURE
    if is_answered and (told := await _told_in_case(turn)):
        return Answered((*replies[:-1], replace(replies[-1], body=f"{replies[-1].body}\n\n{told}")), memory)
    is_report = meaning.triage.intent is Intent.REPORT_PROBLEM
    is_report = is_report or ((is_answered or is_unsure) and _tells_a_problem(meaning.text))
    if not is_report or turn.chat.is_group or meaning.smalltalk:
        return Answered(replies, memory)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        return Answered(replies, memory) if is_answered else await go_on_with(turn, case, turn.incoming.text)
    draft = take_in(Draft(), meaning.text, meaning)
    turn.chat.draft = asdict(replace(draft, skipped=()))
    if is_answered:
        last = replies[-1]
        return Answered((*replies[:-1], replace(last, buttons=((words.REPORT_THIS,), *last.buttons))), memory)
    offer = words.offer(draft.category, draft.country, draft.place, draft.duration)
    shown = replies if meaning.decision.outcome is Outcome.SUGGEST else ()
    return Answered((*shown, offer), replace(memory, awaiting=OFFERED))


async def _told_in_case(turn: Turn) -> str:
    """What was answered was written while a case is open, and went there too: said in a line, or nothing where it did not."""
    if turn.incoming.kind is not Kind.TEXT or turn.chat.is_group or turn.meaning.smalltalk:
        return ""
    case = await cases.open_case_of(turn.session, turn.person.id)
    is_told = case is not None and (turn.memory.awaiting == ADDING or officer_hears(case))
    return words.ADDED_TOO.format(number=case.number) if is_told else ""


def _tells_a_problem(said: str) -> bool:
    """By plain words: the way to an officer is shown even while the NLU is away, or took the story for a question."""
    told = read_report(said)
    return bool(told.category) and (told.is_for_other or bool(told.duration))


async def _rescue(turn: Turn, replies: tuple[Reply, ...]) -> Answered:
    """A case at once, whether the form is ever finished or not; its number stands in the first reply."""
    chat = await _own_chat(turn)
    if chat is None:
        return Answered(replies, turn.memory)
    desk = turn.app.desk()
    report = report_of(turn.meaning)
    if draft := Draft.of(turn.chat):
        report = joined(report, draft)
    opened = await cases.open_case(turn.session, turn.person, chat, report, desk=desk, now=turn.now)
    case = opened.case
    turn.chat.draft = None
    buttons, footer = replies[0].buttons, replies[0].footer
    if chat is not turn.chat:
        told = jobseeker.IN_GROUP_PRIVATE
    elif opened.is_new:
        told, buttons, footer = receipt(turn, case), words.receipt_buttons(case), words.PRIVACY_AFTER
        if turn.chat.channel == Channel.KIOSK:
            told = f"{told}\n\n{words.KIOSK_IS_WIPED}"
    else:
        told = words.ADDED_URGENT.format(number=case.number)
    first = replace(replies[0], body=f"{replies[0].body}\n\n{told}", footer=footer, buttons=buttons)
    return Answered((first, *replies[1:]), replace(turn.memory, awaiting=ADDING))


async def _own_chat(turn: Turn) -> Chat | None:
    """Where the person can be answered alone: never the group in which they wrote."""
    if not turn.chat.is_group:
        return turn.chat
    if turn.incoming.sender_id == turn.incoming.chat.external_id:
        return None
    own = ChatRef(turn.incoming.chat.channel, turn.incoming.sender_id)
    return await people.chat_of(turn.session, own, now=turn.now)


async def call_officer(turn: Turn, *, question_id: int | None = None, said: str = "") -> Answered:
    """A case with the last question and what Silvi tried; hotlines for what cannot wait.

    A question that an officer was called for before is not sent a second time.
    """
    if turn.chat.is_group:
        return in_private(turn)
    asked = await questions.last_of(turn.session, turn.chat.id, question_id)
    if asked and asked.wants_officer:
        asked = None
    if asked:
        await questions.want_officer(turn.session, asked.id, chat_id=turn.chat.id)
    seen_at, version = turn.person.notice_at, turn.person.notice_version
    report = Report(
        narrative=said,
        country=(asked.country or "") if asked else "",
        asked=asked.text_masked if asked else "",
        answered=_tried(turn, asked) if asked else None,
        # They asked for a human themselves; the notice is the one they were greeted with.
        consent_at=turn.now if seen_at else None,
        consent_version=version,
    )
    if draft := Draft.of(turn.chat):
        report = joined(report, draft)
        turn.chat.draft = None
    added = words.OFFICER_HAS_IT_AT_KIOSK if turn.chat.channel == Channel.KIOSK else words.OFFICER_HAS_IT
    return await open_with(turn, report, added=added, with_numbers=True)


def _tried(turn: Turn, asked: Question) -> str:
    """What Silvi made of a question, for the officer who reads it."""
    base = turn.app.knowledge.current
    titles = {entry.id: entry.title for entry in base.entries.values()} if base else {}
    answered = titles.get(asked.entry_id or "", "")
    suggested = [titles[entry_id] for entry_id in asked.suggestions if entry_id in titles]
    return officer.tried(asked.outcome, answered, suggested, confidence=asked.confidence, thumb=asked.thumb)
