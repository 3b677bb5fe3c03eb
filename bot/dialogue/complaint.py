"""From a problem to a case: the steps of a report, the way to an officer, and what is said while one has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bot.app import App
from bot.dialogue import referral
from bot.dialogue.question import Answered
from bot.dialogue.understand import Meaning
from bot.domain.cases import OWNED_STATES, CaseState, CaseUrgency, TransitionNotAllowed, find_case_number
from bot.domain.messages import ChatRef, Incoming, Kind, Memory, Reply
from bot.nlu_client import Category, Intent
from bot.services import cases, people, questions
from bot.services.cases import Report
from bot.storage.database import Session
from bot.storage.tables import Case, Chat, Person
from bot.texts import complaint as words
from bot.texts import danger, jobseeker, officer
from knowledge.countries import codes, country_of
from knowledge.normalize import plain
from knowledge.policy import Outcome
from knowledge.urgency import Urgency

FILLING, OFFERED, ADDING = "lapor", "tawaran", "kasus"
"""What `Memory.awaiting` says the next message is: an answer to a step, to the offer, or more for the open case."""

SILVI_STILL_HEARS = frozenset({"status", "batal", "datasaya", "hapusdata"})
"""Commands that do not go to the officer: the person's own report and own data stay in their own hands."""

SURE = 0.6
PLACE_WORDS = 6
"""An answer to "where" that is no longer than this is a place, not the story."""
LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Draft:
    """A report on its way; kept in the chat's row, so that it can be finished days later."""

    narrative: str = ""
    category: str = ""
    country: str = ""
    place: str = ""
    duration: str = ""
    step: str = ""
    """The step asked last."""
    skipped: tuple[str, ...] = ()

    @classmethod
    def of(cls, chat: Chat) -> Draft | None:
        if not chat.draft:
            return None
        return cls(**{**chat.draft, "skipped": tuple(chat.draft.get("skipped", ()))})


@dataclass(frozen=True, slots=True)
class Turn:
    """What every function here needs of the turn it is part of."""

    app: App
    session: Session
    chat: Chat
    person: Person
    incoming: Incoming
    memory: Memory
    now: datetime
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One question of the form; it is asked only while its answer is missing."""

    name: str
    is_known: Callable[[Draft], bool]
    ask: Callable[..., Reply]


STEPS = (
    Step("apa", lambda draft: bool(draft.category), words.ask_what),
    Step("di", lambda draft: bool(draft.country or draft.place), words.ask_where),
    Step("cerita", lambda draft: bool(draft.narrative), words.ask_story),
)


# The form


async def start(turn: Turn, said: str = "") -> Answered:
    """Begin a report, or go on with the one begun earlier; more for a case that is open goes there."""
    if turn.chat.is_group:
        return _in_private(turn)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        return await _go_on_with(turn, case, said)
    draft = Draft.of(turn.chat)
    if said:
        return await _next(turn, take_in(Draft(step="apa"), said, turn.meaning))
    return await _next(turn, draft or Draft(), resumed=draft is not None)


async def _go_on_with(turn: Turn, case: Case, said: str) -> Answered:
    if said:
        await cases.add_message(turn.session, case, said, desk=turn.app.desk(), now=turn.now)
    text = words.ADDED if said else words.ALREADY_OPEN
    return Answered((Reply(body=text.format(number=case.number)),), replace(turn.memory, awaiting=ADDING))


async def _next(turn: Turn, draft: Draft, *, resumed: bool = False) -> Answered:
    """Ask the first thing that is missing; with nothing missing the report becomes a case."""
    missing = (step for step in STEPS if not step.is_known(draft) and step.name not in draft.skipped)
    step = next(missing, None)
    if step is None:
        return await _send(turn, draft)
    turn.chat.draft = asdict(replace(draft, step=step.name))
    return Answered((step.ask(resumed=resumed),), replace(turn.memory, awaiting=FILLING))


async def _send(turn: Turn, draft: Draft) -> Answered:
    report = Report(
        narrative=draft.narrative,
        category=draft.category or Category.LAINNYA,
        country=draft.country,
        place=draft.place,
        duration=draft.duration,
        consent_at=turn.now,
    )
    turn.chat.draft = None
    return await _open(turn, turn.chat, report)


async def _open(turn: Turn, chat: Chat, report: Report) -> Answered:
    desk = turn.app.desk()
    opened = await cases.open_case(turn.session, turn.person, chat, report, desk=desk, now=turn.now)
    memory = replace(turn.memory, awaiting=ADDING)
    if not opened.is_new:
        return Answered((Reply(body=words.ADDED.format(number=opened.case.number)),), memory)
    parts = [words.receipt(opened.case, desk.zone, has_desk=desk.chat is not None)]
    if desk.chat is None:
        parts.append(danger.officer(turn.app.office(), jobseeker.HOTLINES).body)
    parts.append(words.ADD_MORE)
    return Answered((Reply(body="\n\n".join(parts), buttons=words.receipt_buttons(opened.case)),), memory)


def take_in(draft: Draft, said: str, meaning: Meaning | None) -> Draft:
    """The draft with all that a free text answers at once; it always answers the step that was asked."""
    found = meaning.triage if meaning else None
    entities = found.entities if found else {}
    country = country_of(said) or ""
    is_place = draft.step == "di" and len(said.split()) <= PLACE_WORDS
    place = _first(entities, "place") or (said if is_place else "")
    category = found.category if found and found.category and found.category is not Category.LAINNYA else ""
    return replace(
        draft,
        narrative=draft.narrative if is_place else "\n".join(part for part in (draft.narrative, said) if part),
        category=draft.category or category or (Category.LAINNYA if draft.step == "apa" and not _is_bare(said) else ""),
        country=draft.country or country,
        place=draft.place or place,
        duration=draft.duration or _first(entities, "duration"),
        skipped=tuple(dict.fromkeys((*draft.skipped, draft.step))),
    )


def _is_bare(said: str) -> bool:
    return not plain(said)


def _first(entities: dict[str, list[str]], name: str) -> str:
    return next(iter(entities.get(name, ())), "")


# What a message can mean here, in the order in which the turn asks


async def to_officer(turn: Turn) -> Answered | None:
    """While an officer has the case, what the person writes goes to the topic and Silvi keeps silent."""
    incoming = turn.incoming
    if turn.chat.is_group or incoming.kind is Kind.BUTTON:
        return None
    if incoming.kind is Kind.COMMAND and incoming.command in SILVI_STILL_HEARS:
        return None
    case = await cases.open_case_of(turn.session, turn.person.id)
    if case is None or case.state not in OWNED_STATES:
        return None
    said = " ".join(part for part in (f"/{incoming.command}" if incoming.command else "", incoming.text) if part)
    mark = officer.KINDS.get(incoming.kind, "")
    said = " ".join(part for part in (officer.CHANGED.strip() if incoming.is_edit else "", mark, said) if part)
    if turn.meaning and turn.meaning.is_danger:
        report = replace(report_of(turn.meaning), narrative=said)
        await cases.add_report(turn.session, case, report, desk=turn.app.desk(), now=turn.now)
        if turn.meaning.triage.urgency is Urgency.EMERGENCY:
            return Answered((_first_aid(turn, words.ADDED_URGENT.format(number=case.number)),), turn.memory)
        return Answered((), turn.memory)
    await cases.add_message(turn.session, case, said, desk=turn.app.desk(), now=turn.now)
    replies = (Reply(body=words.MEDIA_NOT_PASSED),) if mark else ()
    return Answered(replies, turn.memory)


async def pressed(turn: Turn) -> Answered | None:
    """What the buttons of reports and cases do; None for all other buttons and for those that no longer fit."""
    verb, _, argument = turn.incoming.button.partition(":")
    if turn.incoming.button == "menu:lapor":
        return await start(turn)
    if turn.incoming.button == "menu:petugas":
        return await call_officer(turn)
    if verb == "petugas":
        return await _call_about(turn, argument)
    handler = {"lapor": _form_button, "kasus": _case_button, "rujukan": referral.pressed}.get(verb)
    return await handler(turn, argument) if handler else None


async def answered(turn: Turn) -> Answered | None:
    """A text that a flow waits for; None where none does, or where the text is something else."""
    said = turn.incoming.text.strip()
    meaning = turn.meaning
    if meaning is None or turn.chat.is_group or meaning.is_danger:
        return None
    if meaning.smalltalk is Intent.CANCEL and turn.memory.awaiting:
        return await leave(turn)
    if turn.memory.awaiting == OFFERED and _agrees(said):
        return await _next(turn, Draft.of(turn.chat) or Draft())
    if turn.memory.awaiting == FILLING and not meaning.smalltalk and (draft := Draft.of(turn.chat)):
        return await _next(turn, take_in(draft, said, meaning))
    if turn.memory.awaiting == ADDING and not meaning.smalltalk:
        return await _add_to_case(turn, said)
    return None


async def _add_to_case(turn: Turn, said: str) -> Answered | None:
    """More for the case; a question with a certain answer is kept there too, but answered by Silvi."""
    meaning = turn.meaning
    case = await cases.open_case_of(turn.session, turn.person.id)
    if case is None:
        return None
    report = replace(report_of(meaning), narrative=said)
    await cases.add_report(turn.session, case, report, desk=turn.app.desk(), now=turn.now)
    if meaning.decision.outcome is Outcome.ANSWER and meaning.triage.intent is not Intent.REPORT_PROBLEM:
        return None
    return Answered((Reply(body=words.ADDED.format(number=case.number)),), turn.memory)


async def asked_for(turn: Turn) -> Answered | None:
    """A wish for an officer or for news of the own case, in words that the search has no answer to."""
    meaning = turn.meaning
    if meaning is None or meaning.is_danger or meaning.smalltalk or turn.chat.is_group:
        return None
    if meaning.decision.outcome is Outcome.ANSWER or meaning.triage.intent_confidence < SURE:
        return None
    if meaning.triage.intent is Intent.CASE_STATUS:
        return await status(turn, turn.incoming.text)
    if meaning.triage.intent is Intent.TALK_TO_OFFICER:
        return await call_officer(turn, said=turn.incoming.text)
    return None


async def after(turn: Turn, replies: tuple[Reply, ...], memory: Memory) -> Answered:
    """What a reported problem adds to the answer: a case at once in danger, else the offer to report it."""
    meaning = turn.meaning
    turn = replace(turn, memory=memory)
    if meaning.is_danger:
        return await _rescue(turn, replies)
    is_report = meaning.triage.intent is Intent.REPORT_PROBLEM
    if not is_report or turn.chat.is_group or meaning.decision.outcome not in (Outcome.SUGGEST, Outcome.HANDOFF):
        return Answered(replies, memory)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        return await _go_on_with(turn, case, turn.incoming.text)
    draft = take_in(Draft(), meaning.text, meaning)
    turn.chat.draft = asdict(replace(draft, skipped=()))
    offer = words.offer(draft.category, draft.country, draft.place, draft.duration)
    shown = replies if meaning.decision.outcome is Outcome.SUGGEST else ()
    return Answered((*shown, offer), replace(memory, awaiting=OFFERED))


async def _rescue(turn: Turn, replies: tuple[Reply, ...]) -> Answered:
    """A case at once, whether the form is ever finished or not; its number stands in the first reply."""
    chat = await _own_chat(turn)
    if chat is None:
        return Answered(replies, turn.memory)
    desk = turn.app.desk()
    report = report_of(turn.meaning)
    if draft := Draft.of(turn.chat):
        report = replace(report, narrative="\n".join(part for part in (draft.narrative, report.narrative) if part))
    opened = await cases.open_case(turn.session, turn.person, chat, report, desk=desk, now=turn.now)
    case = opened.case
    turn.chat.draft = None
    if chat is not turn.chat:
        told = jobseeker.IN_GROUP_PRIVATE
    elif opened.is_new:
        told = words.receipt(case, desk.zone, has_desk=desk.chat is not None)
    else:
        told = words.ADDED_URGENT.format(number=case.number)
    first = replace(replies[0], body=f"{replies[0].body}\n\n{told}")
    return Answered((first, *replies[1:]), replace(turn.memory, awaiting=ADDING))


async def _own_chat(turn: Turn) -> Chat | None:
    """Where the person can be answered alone: never the group in which they wrote."""
    if not turn.chat.is_group:
        return turn.chat
    if turn.incoming.sender_id == turn.incoming.chat.external_id:
        return None
    own = ChatRef(turn.incoming.chat.channel, turn.incoming.sender_id)
    return await people.chat_of(turn.session, own, now=turn.now)


# An officer, the own cases, and leaving


async def call_officer(turn: Turn, *, question_id: int | None = None, said: str = "") -> Answered:
    """A case with the last question and what Silvi answered to it; hotlines for what cannot wait."""
    if turn.chat.is_group:
        return _in_private(turn)
    asked = await questions.last_of(turn.session, turn.chat.id, question_id)
    if asked:
        await questions.want_officer(turn.session, asked.id, chat_id=turn.chat.id)
    base = turn.app.knowledge.current
    entry = base.entries.get(asked.entry_id or "") if base and asked else None
    report = Report(
        narrative=said,
        country=(asked.country or "") if asked else "",
        asked=asked.text_masked if asked else "",
        answered=entry.title if entry else None,
    )
    result = await _open(turn, turn.chat, report)
    if turn.app.desk().chat is not None:
        numbers = danger.officer(turn.app.office(), jobseeker.HOTLINES).body
        (receipt,) = result.replies
        result = replace(result, replies=(replace(receipt, body=f"{receipt.body}\n\n{numbers}"),))
    return result


async def _call_about(turn: Turn, argument: str) -> Answered | None:
    number = _number(argument or "0")
    return None if number is None else await call_officer(turn, question_id=number or None)


async def status(turn: Turn, said: str = "") -> Answered:
    """The person's own reports; a number of somebody else's is as unknown as one that does not exist."""
    if turn.chat.is_group:
        return _in_private(turn)
    own = await cases.status_of_person(turn.session, turn.person.id)
    number = find_case_number(said)
    chosen = [case for case in own if case.number == number] if number else own
    heading = words.NOT_YOURS if number and not chosen and own else ""
    reply = words.status(chosen or own, turn.app.desk().zone, now=turn.now, heading=heading)
    unsure = [case for case in chosen or own if case.state == CaseState.RESOLVED]
    asked = tuple(words.is_it_solved(case) for case in unsure[:1])
    return Answered((reply, *asked), turn.memory)


async def leave(turn: Turn) -> Answered:
    """Leave what is under way; a case that exists stays."""
    had_draft = Draft.of(turn.chat) is not None
    turn.chat.draft = None
    case = await cases.open_case_of(turn.session, turn.person.id)
    if case:
        return Answered((words.left_with(case),), Memory())
    return Answered((Reply(body=words.LEFT if had_draft else jobseeker.STOPPED, buttons=jobseeker.MENU),), Memory())


async def _form_button(turn: Turn, argument: str) -> Answered | None:
    """A tap in the form; one of an old form that is gone begins a new one with that answer."""
    if turn.chat.is_group:
        return _in_private(turn)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        return await _go_on_with(turn, case, "")
    verb, _, value = argument.partition(":")
    draft = Draft.of(turn.chat) or Draft()
    match verb:
        case "batal":
            return await leave(turn)
        case "ulang":
            return await _next(turn, Draft())
        case "ya":
            return await _next(turn, draft)
        case "apa" if value in words.CATEGORIES:
            return await _next(turn, replace(draft, category=value))
        case "di" if value in codes() or value in words.COUNTRIES:
            return await _next(turn, replace(draft, country=value))
        case "lewati" if value in {step.name for step in STEPS}:
            return await _next(turn, replace(draft, skipped=(*draft.skipped, value)))
    return None


async def _case_button(turn: Turn, argument: str) -> Answered | None:
    """A tap under a message about a case; only for the person's own."""
    verb, _, value = argument.partition(":")
    number = _number(value)
    case = await cases.own_case(turn.session, number, turn.person.id) if number is not None else None
    if case is None:
        return None
    common = {"desk": turn.app.desk(), "now": turn.now}
    try:
        match verb:
            case "selesai":
                await cases.confirm(turn.session, case, **common)
                return Answered((words.closed(case),), Memory())
            case "tarik":
                await cases.withdraw(turn.session, case, **common)
                return Answered((words.withdrawn(case),), Memory())
            case "belum":
                return await _not_solved(turn, case)
            case "orang_lain":
                await cases.describe(turn.session, case, is_for_other=True, **common)
                return Answered((Reply(body=words.NOTED_FOR_OTHER),), turn.memory)
            case "anonim":
                await cases.describe(turn.session, case, is_anonymous=True, **common)
                return Answered((Reply(body=words.NOTED_ANONYMOUS),), turn.memory)
    except TransitionNotAllowed:
        return await status(turn, case.number)
    return None


async def _not_solved(turn: Turn, case: Case) -> Answered:
    other = await cases.open_case_of(turn.session, turn.person.id)
    if other:
        return await _go_on_with(turn, other, "")
    try:
        await cases.reopen_by_person(turn.session, case, desk=turn.app.desk(), now=turn.now)
    except cases.TooLate:
        return Answered((Reply(body=words.TOO_LATE_TO_REOPEN.format(number=case.number)),), turn.memory)
    return Answered((Reply(body=words.REOPENED.format(number=case.number)),), turn.memory)


def report_of(meaning: Meaning) -> Report:
    """All that a message says of a problem."""
    triage = meaning.triage
    urgency = CaseUrgency.NORMAL if triage.urgency is Urgency.NONE else CaseUrgency(triage.urgency)
    return Report(
        narrative=meaning.text,
        category=triage.category or Category.LAINNYA,
        country=meaning.country or "",
        place=_first(triage.entities, "place"),
        duration=_first(triage.entities, "duration"),
        urgency=urgency,
    )


def _first_aid(turn: Turn, told: str) -> Reply:
    meaning = turn.meaning
    aid = danger.first_aid(
        turn.app.office(), meaning.triage.urgency, meaning.triage.category, meaning.danger, meaning.country
    )
    return replace(aid, body=f"{aid.body}\n\n{told}")


def _in_private(turn: Turn) -> Answered:
    return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)


def _agrees(said: str) -> bool:
    spoken = plain(said).split()
    return 0 < len(spoken) <= 4 and spoken[0] in words.YES


def _number(text: str) -> int | None:
    """The number in a button; None for what the database would not take."""
    try:
        number = int(text)
    except ValueError:
        return None
    return number if 0 <= number <= LARGEST_NUMBER else None


COMMANDS = {
    "lapor": lambda turn: start(turn, turn.incoming.text.strip()),
    "petugas": lambda turn: call_officer(turn, said=turn.incoming.text.strip()),
    "status": lambda turn: status(turn, turn.incoming.text),
    "batal": leave,
}
