"""The person's own cases: what they write and press about one that is open, solved or closed."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.complaint import (
    ADDING,
    CONTACT,
    FEW_WORDS,
    Turn,
    go_on_with,
    has_answer,
    in_private,
    number_in,
    officer_hears,
    report_of,
)
from bot.dialogue.question import Answered
from bot.dialogue.triage import place_of
from bot.dialogue.understand import is_question
from bot.domain.cases import OPEN_STATES, OWNED_STATES, CaseState, Privacy, TransitionNotAllowed, find_case_number
from bot.domain.messages import Kind, Memory, Reply
from bot.services import cases
from bot.storage.tables import Case
from bot.texts import complaint as words
from bot.texts import danger, officer
from bot.texts.formats import PHONE, masked_contact
from knowledge.countries import country_of
from knowledge.normalize import plain
from knowledge.reports import read_report, says_solved, says_unsolved, wants_reopening
from knowledge.urgency import Urgency

SILVI_STILL_HEARS = frozenset({"status", "batal", "datasaya", "hapusdata", "berkas", "langganan"})
"""Commands that do not go to the officer: the person's own report, data and checklist stay in their own hands."""

PRIVACIES = {"anonim": Privacy.ANONYMOUS, "rahasia": Privacy.CONFIDENTIAL, "nama": Privacy.NAMED}


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
    if turn.meaning:
        # Where and since when is often told only to the officer, and the letter to an agency needs it.
        report = replace(report_of(turn.meaning), narrative=said)
        await cases.add_report(turn.session, case, report, desk=turn.app.desk(), now=turn.now)
    else:
        await cases.add_message(turn.session, case, said, desk=turn.app.desk(), now=turn.now)
    if case.with_silvi:
        return None
    replies = (Reply(body=words.MEDIA_NOT_PASSED),) if incoming.kind is Kind.OTHER else ()
    return Answered(replies, turn.memory)


async def add_to_case(turn: Turn, said: str) -> Answered | None:
    """More for the case; a question with a certain answer is kept there too, but answered by Silvi."""
    meaning = turn.meaning
    case = await cases.open_case_of(turn.session, turn.person.id)
    if case is None:
        return await is_it_solved(turn, said) or await _asked_again(turn, said)
    if officer_hears(case):
        # What was written has gone to the topic already.
        is_asked = has_answer(meaning) or is_question(said)
    else:
        report = replace(report_of(meaning), narrative=said)
        await cases.add_report(turn.session, case, report, desk=turn.app.desk(), now=turn.now)
        is_asked = has_answer(meaning)
    if is_asked:
        return None
    return Answered((Reply(body=words.ADDED.format(number=case.number)),), turn.memory)


async def is_it_solved(turn: Turn, said: str) -> Answered | None:
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


async def _asked_again(turn: Turn, said: str) -> Answered | None:
    """A few words that answer nothing, while an officer finds the case solved: the question stands, with its buttons."""
    meaning = turn.meaning
    if len(said.split()) > FEW_WORDS or is_question(said) or has_answer(meaning):
        return None
    case = await cases.ended_case_of(turn.session, turn.person.id, now=turn.now)
    if case is None or case.state != CaseState.RESOLVED:
        return None
    return Answered((words.is_it_solved(case),), turn.memory)


async def in_known_place(turn: Turn) -> Turn:
    """The turn of somebody in danger, who has told where they are before: they get the numbers of that country."""
    case = await cases.open_case_of(turn.session, turn.person.id)
    if case is None or not case.country:
        return turn
    meaning = turn.meaning
    country = country_of(meaning.text) or case.country
    place = case.place or "" if country == case.country else ""
    return replace(turn, meaning=replace(meaning, country=country, known_place=place))


async def status(turn: Turn, said: str = "") -> Answered:
    """The person's own reports; a number of somebody else's is as unknown as one that does not exist."""
    if turn.chat.is_group:
        return in_private(turn)
    number = find_case_number(said)
    own = await cases.status_of_person(turn.session, turn.person.id, number=number)
    is_unknown = bool(number) and not own
    if is_unknown:
        own = await cases.status_of_person(turn.session, turn.person.id)
    heading = words.NOT_YOURS if is_unknown and own else ""
    ids = [case.id for case in own]
    agencies, asked = await cases.agencies_of(turn.session, ids), await cases.asked_of(turn.session, ids)
    reply = words.status(own, agencies, asked, turn.app.desk().zone, now=turn.now, heading=heading)
    unsure = [case for case in own if case.state == CaseState.RESOLVED]
    question = tuple(words.is_it_solved(case) for case in unsure[:1])
    return Answered((reply, *question), turn.memory)


async def case_button(turn: Turn, argument: str) -> Answered | None:
    """A tap under a message about a case; only for the person's own."""
    verb, _, value = argument.partition(":")
    number = number_in(value)
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
        return await go_on_with(turn, other, "")
    try:
        await cases.reopen_by_person(turn.session, case, desk=turn.app.desk(), now=turn.now)
    except cases.TooLate:
        return Answered((Reply(body=words.TOO_LATE_TO_REOPEN.format(number=case.number)),), turn.memory)
    return Answered((words.reopened(case, turn.app.desk().zone, now=turn.now),), replace(turn.memory, awaiting=ADDING))


def _first_aid(turn: Turn, told: str) -> Reply:
    meaning = turn.meaning
    aid = danger.first_aid(
        turn.app.office(),
        meaning.triage.urgency,
        meaning.triage.category,
        meaning.danger,
        meaning.country,
        place_of(meaning.triage.entities, read_report(meaning.text)) or meaning.known_place,
    )
    return replace(aid, body=f"{aid.body}\n\n{told}")
