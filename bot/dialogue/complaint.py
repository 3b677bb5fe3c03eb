"""From a problem to a case: the steps of a report, the way to an officer, and what is said while one has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.app import App
from bot.dialogue import referral
from bot.dialogue.question import Answered
from bot.dialogue.understand import Meaning
from bot.domain.cases import (
    OPEN_STATES,
    OWNED_STATES,
    CaseState,
    CaseUrgency,
    Privacy,
    TransitionNotAllowed,
    find_case_number,
)
from bot.domain.messages import LARGEST_NUMBER, Channel, ChatRef, Incoming, Kind, Memory, Reply
from bot.domain.privacy import NOTICE_VERSION, AgreedBy
from bot.nlu_client import Category, Intent
from bot.services import attachments, cases, people, questions
from bot.services.cases import Report
from bot.storage.database import Session
from bot.storage.tables import Case, Chat, Person, Question
from bot.texts import complaint as words
from bot.texts import danger, jobseeker, officer
from bot.texts.formats import PHONE, masked_contact
from knowledge.countries import codes, country_of
from knowledge.normalize import plain
from knowledge.policy import Outcome
from knowledge.reports import (
    Told,
    asks_for_news,
    is_country_name,
    read_report,
    says_solved,
    says_unsolved,
    wants_officer,
    wants_reopening,
)
from knowledge.urgency import Urgency

if TYPE_CHECKING:
    from bot.dialogue.offer import Checked

FILLING, OFFERED, ADDING, CONTACT = "lapor", "tawaran", "kasus", "kontak"
"""What `Memory.awaiting` says the next message is: an answer to a step, to the offer, more for the open case, or a phone."""

WAITS_FOR_DAYS = frozenset({FILLING, OFFERED})
"""Flows that are still there when the rest of the conversation is forgotten."""

SILVI_STILL_HEARS = frozenset({"status", "batal", "datasaya", "hapusdata", "berkas", "langganan"})
"""Commands that do not go to the officer: the person's own report, data and checklist stay in their own hands."""

KNOWS_WHO_READS = frozenset({FILLING, OFFERED})
"""Under the first question or the offer it was said who reads a report: once is enough."""

SURE = 0.6
PRIVACIES = {"anonim": Privacy.ANONYMOUS, "rahasia": Privacy.CONFIDENTIAL, "nama": Privacy.NAMED}
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


async def go_on(turn: Turn, carried: dict) -> Answered:
    """A report begun in another chat goes on in this one; what was told in either is kept."""
    own = Draft.of(turn.chat)
    turn.chat.draft = carried
    draft = Draft.of(turn.chat)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        turn.chat.draft = None
        return await _go_on_with(turn, case, draft.narrative)
    told = "\n".join(part for part in (own.narrative if own else "", draft.narrative) if part)
    return await _next(turn, replace(draft, narrative=told))


async def _go_on_with(turn: Turn, case: Case, said: str) -> Answered:
    if said and not _officer_hears(case):
        await cases.add_message(turn.session, case, said, desk=turn.app.desk(), now=turn.now)
    text = words.ADDED if said else words.ALREADY_OPEN
    return Answered((Reply(body=text.format(number=case.number)),), replace(turn.memory, awaiting=ADDING))


def _officer_hears(case: Case) -> bool:
    """An officer gave the conversation back to Silvi: what is written has gone to the topic already."""
    return case.with_silvi and case.state in OWNED_STATES


async def _next(turn: Turn, draft: Draft, *, resumed: bool = False) -> Answered:
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
    parts = [_receipt(turn, opened.case)]
    if desk.chat is None or with_numbers:
        parts.append(numbers)
    if where := words.WHERE_ANSWERED.get(turn.chat.channel):
        parts.append(where)
    is_empty = not (report.narrative or report.asked) and opened.case.asked is not None
    parts.append(words.ASK_AFTER_CALL if is_empty else words.ADD_MORE)
    buttons = words.receipt_buttons(opened.case)
    footer = words.MAY_LEAVE if turn.memory.awaiting in KNOWS_WHO_READS else words.PRIVACY_AFTER
    return Answered((Reply(body="\n\n".join(parts), footer=footer, buttons=buttons),), memory)


def _receipt(turn: Turn, case: Case) -> str:
    desk, now = turn.app.desk(), turn.now
    opens_at = desk.calendar.next_opening(now)
    channel, has_desk = turn.chat.channel, desk.chat is not None
    return words.receipt(case, desk.zone, channel, has_desk=has_desk, opens_at=opens_at, now=now)


def take_in(draft: Draft, said: str, meaning: Meaning | None) -> Draft:
    """The draft with all that a free text answers at once; it always answers the step that was asked."""
    entities = meaning.triage.entities if meaning else {}
    told = read_report(said)
    is_place = draft.step == "di" and len(said.split()) <= PLACE_WORDS
    typed = "" if not is_place or is_country_name(said) else said
    category = _category(meaning, told) or (Category.LAINNYA if draft.step == "apa" and not _is_bare(said) else "")
    return replace(
        draft,
        narrative=draft.narrative if is_place else "\n".join(part for part in (draft.narrative, said) if part),
        category=draft.category or category,
        country=draft.country or country_of(said) or "",
        place=draft.place or _first(entities, "place") or told.place or typed,
        duration=draft.duration or _first(entities, "duration") or told.duration,
        is_for_other=draft.is_for_other or told.is_for_other,
        skipped=tuple(dict.fromkeys((*draft.skipped, *([draft.step] if draft.step else [])))),
    )


def _category(meaning: Meaning | None, told: Told) -> str:
    """What the problem is about, by the models, by the danger seen, or by plain words; empty where none of them knows."""
    by_model = meaning.triage.category if meaning else None
    by_danger = meaning.danger.category if meaning and meaning.danger else ""
    known = (str(by_model or ""), by_danger, told.category)
    return next((category for category in known if category and category != Category.LAINNYA), "")


def _is_bare(said: str) -> bool:
    return not plain(said)


def _first(entities: dict[str, list[str]], name: str) -> str:
    return next(iter(entities.get(name, ())), "")


# What a message can mean here, in the order in which the turn asks


async def contact_given(turn: Turn) -> Answered | None:
    """The name and phone that were just asked for, typed or as a contact; None where the message is something else."""
    incoming, said = turn.incoming, turn.incoming.text.strip()
    if turn.memory.awaiting != CONTACT or turn.chat.is_group or (turn.meaning and turn.meaning.is_danger):
        return None
    if incoming.kind is Kind.CONTACT and incoming.media:
        said = ", ".join(part for part in (incoming.media.person_name, incoming.media.phone) if part)
    elif incoming.kind is not Kind.TEXT:
        return None
    case = await cases.open_case_of(turn.session, turn.person.id)
    memory = replace(turn.memory, awaiting=ADDING)
    if case is None:
        return None
    if not PHONE.search(said):
        spoken = plain(said).split()
        is_no = 0 < len(spoken) <= FEW_WORDS and spoken[0] in words.NO
        no_number = words.noted_without_contact(case, words.NO_CONTACT, turn.chat.channel)
        return Answered((no_number,), memory) if is_no else None
    await cases.give_contact(turn.session, case, said, desk=turn.app.desk(), now=turn.now)
    told = words.NOTED_CONTACT.format(contact=masked_contact(said))
    return Answered((words.noted(case, told),), memory)


async def to_officer(turn: Turn) -> Answered | None:
    """While an officer has the case, what the person writes goes to the topic; Silvi keeps silent unless it was handed back."""
    incoming = turn.incoming
    if turn.chat.is_group or incoming.kind is Kind.BUTTON:
        return None
    if incoming.kind is Kind.COMMAND and incoming.command in SILVI_STILL_HEARS:
        return None
    case = await cases.open_case_of(turn.session, turn.person.id)
    if case is None or case.state not in OWNED_STATES:
        return None
    said = " ".join(part for part in (f"/{incoming.command}" if incoming.command else "", incoming.text) if part)
    mark = officer.mark(incoming.kind, incoming.media)
    said = " ".join(part for part in (officer.CHANGED.strip() if incoming.is_edit else "", mark, said) if part)
    if turn.meaning and turn.meaning.is_danger:
        report = replace(report_of(turn.meaning), narrative=said)
        await cases.add_report(turn.session, case, report, desk=turn.app.desk(), now=turn.now)
        if turn.meaning.triage.urgency is Urgency.EMERGENCY or case.with_silvi:
            return Answered((_first_aid(turn, words.ADDED_URGENT.format(number=case.number)),), turn.memory)
        return Answered((), turn.memory)
    await cases.add_message(turn.session, case, said, desk=turn.app.desk(), now=turn.now)
    if case.with_silvi:
        return None
    replies = (Reply(body=words.MEDIA_NOT_PASSED),) if incoming.kind is Kind.OTHER else ()
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
    meaning, awaiting = turn.meaning, turn.memory.awaiting
    if meaning is None or turn.chat.is_group or meaning.is_danger:
        return None
    if meaning.smalltalk is Intent.CANCEL and awaiting:
        return await leave(turn)
    if wants_officer(said) or (asks_for_news(said) and awaiting != FILLING):
        return None
    if awaiting == OFFERED and _agrees(said):
        return await _next(turn, Draft.of(turn.chat) or Draft())
    if awaiting == FILLING and not meaning.smalltalk and (draft := Draft.of(turn.chat)):
        is_later = not turn.memory.last_at
        if is_later and _has_answer(meaning):
            return None
        # A message that was corrected is the old one told better, no answer to the next question.
        asked = replace(draft, step="") if turn.incoming.is_edit else draft
        return await _next(turn, take_in(asked, said, meaning), resumed=is_later)
    if awaiting == ADDING and not meaning.smalltalk:
        return await _add_to_case(turn, said)
    return None if awaiting in WAITS_FOR_DAYS else await _is_it_solved(turn, said)


def _has_answer(meaning: Meaning) -> bool:
    """A question that Silvi answers, rather than a story."""
    return meaning.decision.outcome is Outcome.ANSWER and meaning.triage.intent is not Intent.REPORT_PROBLEM


async def _add_to_case(turn: Turn, said: str) -> Answered | None:
    """More for the case; a question with a certain answer is kept there too, but answered by Silvi."""
    meaning = turn.meaning
    case = await cases.open_case_of(turn.session, turn.person.id)
    if case is None:
        return await _is_it_solved(turn, said)
    if _officer_hears(case):
        return None
    report = replace(report_of(meaning), narrative=said)
    await cases.add_report(turn.session, case, report, desk=turn.app.desk(), now=turn.now)
    if _has_answer(meaning):
        return None
    return Answered((Reply(body=words.ADDED.format(number=case.number)),), turn.memory)


async def _is_it_solved(turn: Turn, said: str) -> Answered | None:
    """Yes or no, in words, to the officer's question; and the wish to open a report again that was closed lately."""
    is_yes, is_no = says_solved(said), says_unsolved(said)
    if not (is_yes or is_no):
        return None
    case = await cases.ended_case_of(turn.session, turn.person.id, now=turn.now)
    if case is None or (case.state == CaseState.CLOSED and not wants_reopening(said)):
        return None
    if is_no:
        return await _not_solved(turn, case)
    await cases.confirm(turn.session, case, desk=turn.app.desk(), now=turn.now)
    return Answered((words.closed(case),), Memory())


async def asked_for(turn: Turn) -> Answered | None:
    """A wish for an officer or for news of the own case: in plain words, or as the NLU understands what has no answer."""
    meaning, said = turn.meaning, turn.incoming.text
    if meaning is None or meaning.is_danger or meaning.smalltalk or turn.chat.is_group:
        return None
    if asks_for_news(said) or (find_case_number(said) and len(said.split()) <= FEW_WORDS):
        return await status(turn, said)
    if wants_officer(said):
        return await call_officer(turn, said=said)
    if meaning.decision.outcome is Outcome.ANSWER or meaning.triage.intent_confidence < SURE:
        return None
    if meaning.triage.intent is Intent.CASE_STATUS:
        return await status(turn, said)
    if meaning.triage.intent is Intent.TALK_TO_OFFICER:
        return await call_officer(turn, said=said)
    return None


async def after(turn: Turn, replies: tuple[Reply, ...], memory: Memory) -> Answered:
    """What a reported problem adds to the answer: a case at once in danger, else the offer to report it."""
    meaning = turn.meaning
    turn = replace(turn, memory=memory)
    if meaning.is_danger:
        return await _rescue(turn, replies)
    is_report, is_answered = meaning.triage.intent is Intent.REPORT_PROBLEM, meaning.decision.outcome is Outcome.ANSWER
    if not is_report or turn.chat.is_group or meaning.smalltalk:
        return Answered(replies, memory)
    if case := await cases.open_case_of(turn.session, turn.person.id):
        return Answered(replies, memory) if is_answered else await _go_on_with(turn, case, turn.incoming.text)
    draft = take_in(Draft(), meaning.text, meaning)
    turn.chat.draft = asdict(replace(draft, skipped=()))
    if is_answered:
        last = replies[-1]
        return Answered((*replies[:-1], replace(last, buttons=((words.REPORT_THIS,), *last.buttons))), memory)
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
        report = _joined(report, draft)
    opened = await cases.open_case(turn.session, turn.person, chat, report, desk=desk, now=turn.now)
    case = opened.case
    turn.chat.draft = None
    buttons = replies[0].buttons
    if chat is not turn.chat:
        told = jobseeker.IN_GROUP_PRIVATE
    elif opened.is_new:
        told, buttons = _receipt(turn, case), words.receipt_buttons(case)
        if turn.chat.channel == Channel.KIOSK:
            told = f"{told}\n\n{words.KIOSK_IS_WIPED}"
    else:
        told = words.ADDED_URGENT.format(number=case.number)
    first = replace(replies[0], body=f"{replies[0].body}\n\n{told}", buttons=buttons)
    return Answered((first, *replies[1:]), replace(turn.memory, awaiting=ADDING))


def _joined(report: Report, draft: Draft) -> Report:
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
    """A case with the last question and what Silvi tried; hotlines for what cannot wait.

    A question that an officer was called for before is not sent a second time.
    """
    if turn.chat.is_group:
        return _in_private(turn)
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
        report = _joined(report, draft)
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


async def _call_about(turn: Turn, argument: str) -> Answered | None:
    number = _number(argument or "0")
    return None if number is None else await call_officer(turn, question_id=number or None)


async def status(turn: Turn, said: str = "") -> Answered:
    """The person's own reports; a number of somebody else's is as unknown as one that does not exist."""
    if turn.chat.is_group:
        return _in_private(turn)
    number = find_case_number(said)
    own = await cases.status_of_person(turn.session, turn.person.id, number=number)
    is_unknown = bool(number) and not own
    if is_unknown:
        own = await cases.status_of_person(turn.session, turn.person.id)
    heading = words.NOT_YOURS if is_unknown and own else ""
    agencies = await cases.agencies_of(turn.session, [case.id for case in own])
    reply = words.status(own, agencies, turn.app.desk().zone, now=turn.now, heading=heading)
    unsure = [case for case in own if case.state == CaseState.RESOLVED]
    asked = tuple(words.is_it_solved(case) for case in unsure[:1])
    return Answered((reply, *asked), turn.memory)


async def leave(turn: Turn) -> Answered:
    """Leave what is under way; a case that exists stays."""
    had_draft = Draft.of(turn.chat) is not None
    turn.chat.draft = None
    case = await cases.open_case_of(turn.session, turn.person.id)
    if case:
        return Answered((words.left_with(case),), Memory())
    await attachments.forget(turn.session, turn.chat)
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
            case "belum":
                return await _not_solved(turn, case)
            case "tarik":
                return Answered((words.ask_withdraw(case),), turn.memory)
            case "tarik_tidak":
                return Answered((Reply(body=words.KEPT.format(number=case.number)),), turn.memory)
            case "tarik_ya":
                await cases.withdraw(turn.session, case, **common)
                return Answered((words.withdrawn(case),), Memory())
            case "nilai_1" | "nilai_2" | "nilai_3":
                await cases.rate(turn.session, case, int(verb[-1]), **common)
                return Answered((words.rated(case),), turn.memory)
            case "orang_lain" | "diri":
                await cases.say_for_whom(turn.session, case, is_for_other=verb == "orang_lain", **common)
                told = words.NOTED_FOR_OTHER if case.is_for_other else words.NOTED_FOR_ME
                return Answered((words.noted(case, told),), turn.memory)
            case "anonim" | "rahasia" | "nama":
                return await _privacy_chosen(turn, case, PRIVACIES[verb])
            case "tanpa_kontak":
                no_number = words.noted_without_contact(case, words.NO_CONTACT, turn.chat.channel)
                return Answered((no_number,), replace(turn.memory, awaiting=ADDING))
    except TransitionNotAllowed:
        return await status(turn, case.number)
    return None


async def _privacy_chosen(turn: Turn, case: Case, privacy: Privacy) -> Answered:
    """Minds change both ways; who may be named is asked for name and phone, once and not again."""
    if case.state not in OPEN_STATES:
        return await status(turn, case.number)
    await cases.choose_privacy(turn.session, case, privacy, desk=turn.app.desk(), now=turn.now)
    if privacy is Privacy.NAMED:
        return Answered((words.ask_contact(case),), replace(turn.memory, awaiting=CONTACT))
    told = words.NOTED_PRIVACY[privacy]
    is_anonymous = privacy is Privacy.ANONYMOUS
    reply = words.noted_without_contact(case, told, turn.chat.channel) if is_anonymous else words.noted(case, told)
    return Answered((reply,), replace(turn.memory, awaiting=ADDING))


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
    triage, told = meaning.triage, read_report(meaning.text)
    urgency = CaseUrgency.NORMAL if triage.urgency is Urgency.NONE else CaseUrgency(triage.urgency)
    return Report(
        narrative=meaning.text,
        category=_category(meaning, told) or Category.LAINNYA,
        country=meaning.country or "",
        place=_first(triage.entities, "place") or told.place,
        duration=_first(triage.entities, "duration") or told.duration,
        urgency=urgency,
        is_for_other=told.is_for_other,
        wants_no_calls=told.wants_no_calls,
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
