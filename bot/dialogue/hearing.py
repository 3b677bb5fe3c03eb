"""What a message means for a report or a case, in the order in which the turn asks."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import referral
from bot.dialogue.complaint import (
    ADDING,
    FEW_WORDS,
    FILLING,
    OFFERED,
    SURE,
    WAITS_FOR_DAYS,
    Draft,
    Turn,
    begin,
    form_button,
    has_answer,
    leave,
    next_step,
    number_in,
    start,
    take_in,
)
from bot.dialogue.escalation import call_officer
from bot.dialogue.own_case import add_to_case, case_button, is_it_solved, status
from bot.dialogue.question import Answered
from bot.dialogue.understand import is_question, small_talk
from bot.domain.cases import find_case_number
from bot.nlu_client import Intent
from bot.texts import complaint as words
from knowledge.normalize import plain
from knowledge.policy import Outcome
from knowledge.reports import asks_for_news, read_report, read_wish_to_report, wants_officer

OTHER_WISHES = frozenset({Intent.CASE_STATUS, Intent.TALK_TO_OFFICER, Intent.CHECK_OFFER})


async def pressed(turn: Turn) -> Answered | None:
    """What the buttons of reports and cases do; None for all other buttons and for those that no longer fit."""
    verb, _, argument = turn.incoming.button.partition(":")
    if turn.incoming.button == "menu:lapor":
        return await start(turn)
    if turn.incoming.button == "menu:petugas":
        return await call_officer(turn)
    if verb == "petugas":
        return await _call_about(turn, argument)
    handler = {"lapor": form_button, "kasus": case_button, "rujukan": referral.pressed}.get(verb)
    return await handler(turn, argument) if handler else None


async def answered(turn: Turn) -> Answered | None:
    """A text that a flow waits for; None where none does, or where the text is something else."""
    said = turn.incoming.text.strip()
    meaning, awaiting = turn.meaning, turn.memory.awaiting
    if meaning is None or turn.chat.is_group or meaning.is_danger:
        return None
    if meaning.smalltalk is Intent.CANCEL and awaiting:
        return await leave(turn)
    if wants_officer(said) or (asks_for_news(said) and awaiting != FILLING):
        return None
    if awaiting == OFFERED and _agrees(said):
        return await next_step(turn, Draft.of(turn.chat) or Draft())
    if awaiting == FILLING and not meaning.smalltalk and (draft := Draft.of(turn.chat)):
        is_later = not turn.memory.last_at
        is_aside = is_question(said) and not read_report(said).category
        if (is_later or is_aside) and has_answer(meaning):
            return None
        # A message that was corrected is the old one told better, no answer to the next question.
        asked = replace(draft, step="") if turn.incoming.is_edit else draft
        return await next_step(turn, take_in(asked, said, meaning), resumed=is_later)
    # By its words alone: what the NLU takes for a greeting may be all that an officer waits for.
    if not small_talk(said) and (awaiting == ADDING or (not awaiting and _goes_on_telling(turn))):
        return await add_to_case(turn, said)
    return None if awaiting in WAITS_FOR_DAYS else await is_it_solved(turn, said)


async def asked_for(turn: Turn) -> Answered | None:
    """A wish for an officer or for news of the own case: in plain words, or as the NLU understands what has no answer."""
    meaning, said = turn.meaning, turn.incoming.text
    if meaning is None or meaning.is_danger or meaning.smalltalk or turn.chat.is_group:
        return None
    if asks_for_news(said) or (find_case_number(said) and len(said.split()) <= FEW_WORDS):
        return await status(turn, said)
    if wants_officer(said):
        return await call_officer(turn, said=said)
    if (wish := read_wish_to_report(said)) is not None:
        return await begin(turn, said if wish else "")
    if meaning.decision.outcome is Outcome.ANSWER or meaning.triage.intent_confidence < SURE:
        return None
    if meaning.triage.intent is Intent.CASE_STATUS:
        return await status(turn, said)
    if meaning.triage.intent is Intent.TALK_TO_OFFICER:
        return await call_officer(turn, said=said)
    return None


async def _call_about(turn: Turn, argument: str) -> Answered | None:
    number = number_in(argument or "0")
    return None if number is None else await call_officer(turn, question_id=number or None)


def _goes_on_telling(turn: Turn) -> bool:
    """Hours after the last message: neither a question nor anything else that Silvi is for, so more for the open case."""
    meaning = turn.meaning
    if turn.checked is not None or meaning.smalltalk or meaning.is_far_off or is_question(meaning.text):
        return False
    is_other_wish = meaning.triage.intent in OTHER_WISHES and meaning.triage.intent_confidence >= SURE
    return not is_other_wish and not has_answer(meaning)


def _agrees(said: str) -> bool:
    spoken = plain(said).split()
    return 0 < len(spoken) <= 4 and spoken[0] in words.YES


COMMANDS = {
    "lapor": lambda turn: start(turn, turn.incoming.text.strip()),
    "petugas": lambda turn: call_officer(turn, said=turn.incoming.text.strip()),
    "status": lambda turn: status(turn, turn.incoming.text),
    "batal": leave,
}
