"""The question box of an episode: what a person writes after its button reaches the host without their name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.dialogue.complaint import Turn
from bot.dialogue.question import Answered
from bot.domain.messages import LARGEST_NUMBER, Kind, Memory, Reply
from bot.services import programmes
from bot.storage.database import Session
from bot.texts import programmes as words

ASKING = "tanya-acara"
"""What `Memory.awaiting` says the next text is, with the episode it is for."""


async def open_box(session: Session, number: str, memory: Memory, *, now: datetime) -> Answered:
    """Ask for the question; says so where the box is closed. Raises ValueError for what is no number."""
    episode_id = int(number)
    if not 0 <= episode_id <= LARGEST_NUMBER or not await programmes.is_box_open(session, episode_id, now=now):
        return Answered((Reply(body=words.BOX_CLOSED),), memory)
    return Answered((Reply(body=words.ASK_QUESTION),), replace(memory, awaiting=f"{ASKING}:{episode_id}"))


async def heard(turn: Turn) -> Answered | None:
    """The question that is waited for; danger and greetings are something else."""
    flow, _, number = turn.memory.awaiting.partition(":")
    meaning, said = turn.meaning, turn.incoming.text.strip()
    is_question = turn.incoming.kind is Kind.TEXT and meaning and not meaning.is_danger and not meaning.smalltalk
    if flow != ASKING or not is_question or turn.chat.is_group:
        return None
    memory = replace(turn.memory, awaiting="")
    try:
        await programmes.ask(turn.session, int(number), turn.chat, said, now=turn.now)
    except programmes.BoxClosed:
        return Answered((Reply(body=words.BOX_CLOSED),), memory)
    except programmes.TooManyQuestions:
        return Answered((Reply(body=words.TOO_MANY),), memory)
    return Answered((Reply(body=words.PASSED_ON),), memory)
