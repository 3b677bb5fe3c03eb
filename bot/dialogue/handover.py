"""/start with the token of a kiosk's QR code: the conversation and the unfinished report go on on the own phone."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import complaint
from bot.dialogue.question import Answered, local_date
from bot.domain.messages import Button, Channel, Kind, Memory, Reply
from bot.domain.privacy import NOTICE_VERSION
from bot.services import handovers, people
from bot.services.handovers import Carried, HandoverUnusable
from bot.storage.tables import Case
from bot.texts import answers, jobseeker
from bot.texts import kiosk as words


async def taken_over(turn: complaint.Turn) -> Answered | None:
    """What the person reads first on their phone; None for everything that is no such link."""
    incoming = turn.incoming
    if incoming.kind is not Kind.COMMAND or incoming.command != "start" or turn.chat.channel == Channel.KIOSK:
        return None
    token = incoming.text.strip()
    if not token.startswith(handovers.PREFIX):
        return None
    if turn.chat.is_group:
        return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)
    people.note_shown(turn.person, NOTICE_VERSION, now=turn.now)
    try:
        taken = await handovers.take_over(
            turn.session,
            token.removeprefix(handovers.PREFIX),
            turn.person,
            turn.chat,
            left=Reply(body=words.LEFT_TO_PHONE),
            desk=turn.app.desk(),
            now=turn.now,
        )
    except HandoverUnusable:
        unusable = Reply(body=words.LINK_UNUSABLE, footer=jobseeker.PRIVACY_NOTICE, buttons=jobseeker.MENU)
        return Answered((unusable,), turn.memory)
    turn = replace(turn, memory=Memory.from_json(taken.carried.memory))
    return await _go_on(turn, taken.carried, taken.cases)


async def _go_on(turn: complaint.Turn, carried: Carried, cases: list[Case]) -> Answered:
    """The greeting, what was answered, and the next step of the report."""
    begins = carried.draft is not None or carried.wants_report
    body, memory = words.GOES_ON, turn.memory
    if cases:
        numbers = ", ".join(case.number for case in cases)
        body = f"{body}\n\n{words.CASES_MOVED.format(numbers=numbers)}"
        memory = replace(memory, awaiting=complaint.ADDING)
    menu = () if begins or cases else jobseeker.MENU
    replies = (Reply(body=body, footer=jobseeker.PRIVACY_NOTICE, buttons=menu), *_answered(turn, carried))
    if not begins:
        return Answered(replies, memory)
    turn = replace(turn, memory=memory)
    step = await (complaint.go_on(turn, carried.draft) if carried.draft is not None else complaint.start(turn))
    return Answered((*replies, *step.replies), step.memory)


def _answered(turn: complaint.Turn, carried: Carried) -> tuple[Reply, ...]:
    """The newest answer again, and the earlier ones as buttons."""
    base = turn.app.knowledge.current
    known = [base.entries[entry_id] for entry_id in carried.answers if entry_id in base.entries] if base else []
    if not known:
        return ()
    country = turn.memory.last_country or None
    newest = answers.short_answer(base, known[0], country, today=local_date(turn.app, turn.now))
    # Its thumbs belong to the question that was asked at the kiosk.
    rows = tuple(row for row in newest.buttons if not any(button.action.startswith("jempol:") for button in row))
    earlier = tuple((Button(answers.label(entry.title), f"topik:{entry.id}"),) for entry in known[1:])
    replies = (replace(newest, buttons=rows),)
    return (*replies, Reply(body=words.ASKED_BEFORE, buttons=earlier)) if earlier else replies
