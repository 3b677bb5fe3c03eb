"""From a problem to a case: the steps of a report, and what the person is told when it becomes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.app import App
from bot.dialogue.drawing import Drawn
from bot.dialogue.question import Answered
from bot.dialogue.triage import duration_of, place_of
from bot.dialogue.understand import Meaning, is_question
from bot.domain.cases import OWNED_STATES, CaseUrgency
from bot.domain.messages import LARGEST_NUMBER, Incoming, Memory, Reply
from bot.domain.privacy import NOTICE_VERSION, AgreedBy
from bot.nlu_client import Category, Intent
from bot.services import attachments, cases, people
from bot.services.cases import Report
from bot.storage.database import Session
from bot.storage.tables import Case, Chat, Person
from bot.texts import complaint as words
from bot.texts import danger, jobseeker
from knowledge.countries import codes, country_of
from knowledge.normalize import plain
from knowledge.policy import Outcome
from knowledge.reports import Told, is_country_name, read_report
from knowledge.urgency import Urgency

if TYPE_CHECKING:
    from bot.dialogue.offer import Checked

FILLING, OFFERED, ADDING, CONTACT = "lapor", "tawaran", "kasus", "kontak"
"""What `Memory.awaiting` says the next message is: an answer to a step, to the offer, more for the open case, or a phone."""

WAITS_FOR_DAYS = frozenset({FILLING, OFFERED})
"""Flows that are still there when the rest of the conversation is forgotten."""

KNOWS_WHO_READS = frozenset({FILLING, OFFERED})
"""Under the first question or the offer it was said who reads a report: once is enough."""

SURE = 0.6
PLACE_WORDS = 6
"""An answer to "where" that is no longer than this is a place, not the story."""
FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """A report on its way; kept in the chat's row, so that it can be finished days later."""

    narrative: str = ""
    category: str = ""
    country: str = ""
    place: str = ""
    duration: str = ""
    is_for_other: bool = False
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
    checked: Checked | None = None
    drawn: Drawn = field(default_factory=dict)


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
        return in_private(turn)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        return await go_on_with(turn, case, said)
    draft = Draft.of(turn.chat)
    if said:
        return await next_step(turn, take_in(Draft(step="apa"), said, turn.meaning))
    return await next_step(turn, draft or Draft(), resumed=draft is not None)


async def begin(turn: Turn, said: str) -> Answered:
    """A report whose teller has said that they want to make one; `said` is empty where they said no more than that."""
    if not said:
        return await start(turn)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        return await go_on_with(turn, case, said)
    return await next_step(turn, take_in(Draft(), said, turn.meaning))


async def go_on(turn: Turn, carried: dict) -> Answered:
    """A report begun in another chat goes on in this one; what was told in either is kept."""
    own = Draft.of(turn.chat)
    turn.chat.draft = carried
    draft = Draft.of(turn.chat)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        turn.chat.draft = None
        return await go_on_with(turn, case, draft.narrative)
    told = "\n".join(part for part in (own.narrative if own else "", draft.narrative) if part)
    return await next_step(turn, replace(draft, narrative=told))


async def go_on_with(turn: Turn, case: Case, said: str) -> Answered:
    if said and not officer_hears(case):
        await cases.add_message(turn.session, case, said, desk=turn.app.desk(), now=turn.now)
    text = words.ADDED if said else words.ALREADY_OPEN
    return Answered((Reply(body=text.format(number=case.number)),), replace(turn.memory, awaiting=ADDING))


def officer_hears(case: Case) -> bool:
    """An officer gave the conversation back to Silvi: what is written has gone to the topic already."""
    return case.with_silvi and case.state in OWNED_STATES


async def next_step(turn: Turn, draft: Draft, *, resumed: bool = False) -> Answered:
    """Ask the first thing that is missing; with nothing missing the report becomes a case."""
    missing = (step for step in STEPS if not step.is_known(draft) and step.name not in draft.skipped)
    step = next(missing, None)
    if step is None:
        return await _send(turn, draft)
    turn.chat.draft = asdict(replace(draft, step=step.name))
    asked = step.ask(resumed=resumed)
    if resumed or turn.memory.awaiting not in KNOWS_WHO_READS:
        asked = replace(asked, footer=words.PRIVACY)
    return Answered((asked,), replace(turn.memory, awaiting=FILLING))


def asked_still(turn: Turn) -> Answered | None:
    """The question of the form again, behind the answer to one that came in the middle of it; None where there is no form."""
    draft = Draft.of(turn.chat)
    step = next((step for step in STEPS if draft and step.name == draft.step), None)
    if step is None:
        return None
    return Answered((step.ask(resumed=True),), replace(turn.memory, awaiting=FILLING))


async def _send(turn: Turn, draft: Draft) -> Answered:
    report = replace(_report_of_draft(draft), consent_at=turn.now, consent_version=NOTICE_VERSION)
    turn.chat.draft = None
    await people.agree(turn.session, turn.person.id, NOTICE_VERSION, AgreedBy.REPORT, now=turn.now)
    return await open_with(turn, report)


def _report_of_draft(draft: Draft) -> Report:
    return Report(
        narrative=draft.narrative,
        category=draft.category or Category.LAINNYA,
        country=draft.country,
        place=draft.place,
        duration=draft.duration,
        is_for_other=draft.is_for_other,
        wants_no_calls=read_report(draft.narrative).wants_no_calls,
    )


async def open_with(turn: Turn, report: Report, *, added: str = words.ADDED, with_numbers: bool = False) -> Answered:
    """A case with this report, or the report in the case that is open, and what the person is told of it."""
    desk = turn.app.desk()
    opened = await cases.open_case(turn.session, turn.person, turn.chat, report, desk=desk, now=turn.now)
    memory = replace(turn.memory, awaiting=ADDING)
    numbers = danger.officer(turn.app.office(), words.CANNOT_WAIT).body
    if not opened.is_new:
        told = (words.ADDED_AND_REOPENED if opened.was_resolved else added).format(number=opened.case.number)
        return Answered((Reply(body=f"{told}\n\n{numbers}" if with_numbers else told),), memory)
    parts = [receipt(turn, opened.case)]
    if desk.chat is None or with_numbers:
        parts.append(numbers)
    if where := words.WHERE_ANSWERED.get(turn.chat.channel):
        parts.append(where)
    is_empty = not (report.narrative or report.asked) and opened.case.asked is not None
    parts.append(words.ASK_AFTER_CALL if is_empty else words.ADD_MORE)
    buttons = words.receipt_buttons(opened.case)
    footer = words.MAY_LEAVE if turn.memory.awaiting in KNOWS_WHO_READS else words.PRIVACY_AFTER
    return Answered((Reply(body="\n\n".join(parts), footer=footer, buttons=buttons),), memory)


def receipt(turn: Turn, case: Case) -> str:
    desk, now = turn.app.desk(), turn.now
    opens_at = desk.calendar.next_opening(now)
    channel, has_desk = turn.chat.channel, desk.chat is not None
    return words.receipt(case, desk.zone, channel, has_desk=has_desk, opens_at=opens_at, now=now)


def take_in(draft: Draft, said: str, meaning: Meaning | None) -> Draft:
    """The draft with all that a free text answers at once; it always answers the step that was asked."""
    entities = meaning.triage.entities if meaning else {}
    told = read_report(said)
    is_place = draft.step == "di" and len(said.split()) <= PLACE_WORDS
    typed = "" if not is_place or is_country_name(said) or is_question(said) else said
    category = _category(meaning, told) or (Category.LAINNYA if draft.step == "apa" and not _is_bare(said) else "")
    return replace(
        draft,
        narrative=draft.narrative if is_place else "\n".join(part for part in (draft.narrative, said) if part),
        category=draft.category or category,
        country=draft.country or country_of(said) or "",
        place=draft.place or place_of(entities, told) or typed,
        duration=draft.duration or duration_of(entities, told),
        is_for_other=draft.is_for_other or told.is_for_other,
        skipped=tuple(dict.fromkeys((*draft.skipped, *([draft.step] if draft.step else [])))),
    )


def _category(meaning: Meaning | None, told: Told) -> str:
    """What the problem is about, by the models, by the danger seen, or by plain words; empty where none of them knows."""
    by_model = meaning.triage.category if meaning else None
    if by_model is Category.HILANG_KONTAK and not told.is_for_other:
        # Nobody is missing to themselves: "my permit has been dead for months" only sounds like it.
        by_model = told.category or by_model
    by_danger = meaning.danger.category if meaning and meaning.danger else ""
    known = (str(by_model or ""), by_danger, told.category)
    return next((category for category in known if category and category != Category.LAINNYA), "")


def _is_bare(said: str) -> bool:
    return not plain(said)


def has_answer(meaning: Meaning) -> bool:
    """A question that Silvi answers, rather than a story, or a few words that are an answer only behind the last question."""
    leans = meaning.retrieval is not None and meaning.retrieval.is_by_context and not is_question(meaning.text)
    is_story = meaning.triage.intent is Intent.REPORT_PROBLEM
    return meaning.decision.outcome is Outcome.ANSWER and not is_story and not leans


def joined(report: Report, draft: Draft) -> Report:
    """The report with what an unfinished form holds: nothing that was told is lost."""
    return replace(
        report,
        narrative="\n".join(part for part in (draft.narrative, report.narrative) if part),
        category=draft.category if report.category == Category.LAINNYA and draft.category else report.category,
        country=report.country or draft.country,
        place=report.place or draft.place,
        duration=report.duration or draft.duration,
        is_for_other=report.is_for_other or draft.is_for_other,
    )


async def leave(turn: Turn) -> Answered:
    """Leave what is under way; a case that exists stays."""
    had_draft = Draft.of(turn.chat) is not None
    turn.chat.draft = None
    case = await cases.open_case_of(turn.session, turn.person.id)
    if case:
        return Answered((words.left_with(case),), Memory())
    await attachments.forget(turn.session, turn.chat)
    return Answered((Reply(body=words.LEFT if had_draft else jobseeker.STOPPED, buttons=jobseeker.MENU),), Memory())


async def form_button(turn: Turn, argument: str) -> Answered | None:
    """A tap in the form; one of an old form that is gone begins a new one with that answer."""
    if turn.chat.is_group:
        return in_private(turn)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        return await go_on_with(turn, case, "")
    verb, _, value = argument.partition(":")
    draft = Draft.of(turn.chat) or Draft()
    match verb:
        case "batal":
            return await leave(turn)
        case "ulang":
            return await next_step(turn, Draft())
        case "ya":
            return await next_step(turn, draft)
        case "apa" if value in words.CATEGORIES:
            return await next_step(turn, replace(draft, category=value))
        case "di" if value in codes() or value in words.COUNTRIES:
            return await next_step(turn, replace(draft, country=value))
        case "lewati" if value in {step.name for step in STEPS}:
            return await next_step(turn, replace(draft, skipped=(*draft.skipped, value)))
    return None


def report_of(meaning: Meaning) -> Report:
    """All that a message says of a problem."""
    triage, told = meaning.triage, read_report(meaning.text)
    urgency = CaseUrgency.NORMAL if triage.urgency is Urgency.NONE else CaseUrgency(triage.urgency)
    return Report(
        narrative=meaning.text,
        category=_category(meaning, told) or Category.LAINNYA,
        country=meaning.country or "",
        place=place_of(triage.entities, told),
        duration=duration_of(triage.entities, told),
        urgency=urgency,
        is_for_other=told.is_for_other,
        wants_no_calls=told.wants_no_calls,
    )


def in_private(turn: Turn) -> Answered:
    return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)


def number_in(text: str) -> int | None:
    """The number in a button; None for what the database would not take."""
    try:
        number = int(text)
    except ValueError:
        return None
    return number if 0 <= number <= LARGEST_NUMBER else None
