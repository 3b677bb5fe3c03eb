"""/berkas: destination and job give a person's own list of steps and papers, ticked by tap and kept across days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from bot.dialogue import drawing
from bot.dialogue.complaint import Turn
from bot.dialogue.question import Answered, local_date
from bot.dialogue.understand import is_question
from bot.domain.messages import Kind, Memory, Reply
from bot.services import attachments, checklist_sheet, checklists
from bot.services.attachments import TooManyAttachments
from bot.services.checklists import UnusableDay
from bot.storage.tables import Checklist
from bot.texts import checklist as words
from bot.texts import jobseeker
from bot.texts.formats import read_day
from knowledge import checklists as content
from knowledge.countries import codes, country_of
from knowledge.policy import Outcome

COMMAND = "berkas"
CHOOSING, DAY = "berkas", "berkas-tanggal"
"""What `Memory.awaiting` says the next text is: (more of) the destination and job, or the day of a reminder."""

FEW_WORDS = 4
"""A text of no more words is taken for an answer, even where it is not understood."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is known of the wish; it travels in buttons and in the chat's memory, so that no restart loses it."""

    country: str = ""
    job: str = ""

    @classmethod
    def of(cls, text: str) -> Choice:
        """From "taiwan:lansia"; raises ValueError for what does not exist."""
        country, _, job = text.partition(":")
        if country not in codes() | {"", content.OTHER} or job not in {"", *content.checklists().jobs}:
            raise ValueError(text)
        return cls(country, job)

    def __str__(self) -> str:
        return f"{self.country}:{self.job}"


@dataclass(frozen=True, slots=True)
class Step:
    """One question; it is asked only while its answer is missing."""

    is_known: Callable[[Choice], bool]
    ask: Callable[..., Reply]


STEPS = (
    Step(lambda choice: bool(choice.country), words.ask_country),
    Step(lambda choice: bool(choice.job), words.ask_job),
)


async def heard(turn: Turn) -> Answered | None:
    """What a message means for the list; None where it means nothing here."""
    incoming = turn.incoming
    if turn.meaning and turn.meaning.is_danger:
        return None
    if incoming.kind is Kind.BUTTON and incoming.button.startswith(f"{COMMAND}:"):
        return await _pressed(turn)
    if incoming.kind is Kind.COMMAND and incoming.command == COMMAND:
        return await _opened(turn)
    if incoming.kind is Kind.TEXT and turn.meaning and not turn.meaning.smalltalk and not turn.chat.is_group:
        return await _answered(turn)
    return None


async def _opened(turn: Turn) -> Answered:
    """The list there is, a new one for what was written behind the command, or the first question."""
    if turn.chat.is_group:
        return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)
    # Something else was chosen: what is written next answers no step of a report.
    turn = replace(turn, memory=replace(turn.memory, awaiting=""))
    if said := _read(turn.incoming.text, Choice()):
        return await _next(turn, said)
    if checklist := await checklists.of_chat(turn.session, turn.chat.id):
        return _show(turn, checklist)
    return await _next(turn, Choice())


async def _answered(turn: Turn) -> Answered | None:
    """A text that is waited for; an ordinary question is answered as one."""
    said, awaiting = turn.incoming.text, turn.memory.awaiting
    if awaiting == DAY:
        return await _day(turn, said)
    flow, _, chosen = awaiting.partition(":")
    if flow != CHOOSING:
        return None
    choice = Choice.of(chosen)
    found, alone = _read(said, choice), _read(said, Choice())
    if found and (not is_question(said) or (alone.country and alone.job)):
        return await _next(turn, found)
    if is_question(said) or len(said.split()) > FEW_WORDS or turn.meaning.decision.outcome is Outcome.ANSWER:
        return None
    return await _next(turn, choice, is_again=True)


def _read(said: str, choice: Choice) -> Choice | None:
    """The choice with what a text adds to it, or None where it adds nothing."""
    country, job = country_of(said), content.checklists().job_of(said)
    return Choice(country or choice.country, job or choice.job) if country or job else None


async def _next(turn: Turn, choice: Choice, *, is_again: bool = False) -> Answered:
    """Ask the first thing that is missing; with nothing missing there is the list."""
    step = next((step for step in STEPS if not step.is_known(choice)), None)
    if step is None:
        return await _begin(turn, choice)
    reply = step.ask(choice.country, choice.job, is_again=is_again)
    return Answered((reply,), replace(turn.memory, awaiting=f"{CHOOSING}:{choice}"))


async def _begin(turn: Turn, choice: Choice, *, is_sure: bool = False) -> Answered:
    """The list of this choice; one with ticks for another destination is given up only when the person is sure."""
    if closed := _closed(turn, choice.country, choice.job):
        return closed
    checklist = await checklists.of_chat(turn.session, turn.chat.id)
    if checklist is None or (checklist.country, checklist.job) != (choice.country, choice.job):
        if checklist and not is_sure and (done := len(checklists.progress(checklist).done)):
            asked = words.replaces(checklist, done, choice.country, choice.job)
            return Answered((asked,), _listens_no_more(turn))
        checklist = await checklists.begin(turn.session, turn.chat, choice.country, choice.job, now=turn.now)
    return _show(turn, checklist)


def _show(turn: Turn, checklist: Checklist, code: str = "", note: str = "") -> Answered:
    """A page of the list: this one, or the one with the next step; a warning where the way was closed since."""
    if closed := _closed(turn, checklist.country, checklist.job):
        return closed
    progress = checklists.progress(checklist)
    code = code or (progress.next_step or progress.steps[-1]).page
    zone, today = _zone(turn), local_date(turn.app, turn.now)
    reply = words.page(checklist, progress, code, zone=zone, today=today, note=note)
    return Answered((reply,), _listens_no_more(turn))


def _closed(turn: Turn, country: str, job: str) -> Answered | None:
    instead = content.checklists().instead_of(country, job)
    return Answered((words.instead(country, job, instead),), _listens_no_more(turn)) if instead else None


def _listens_no_more(turn: Turn) -> Memory:
    """The memory without a question of this flow; one of another flow still waits for its answer."""
    is_ours = turn.memory.awaiting.partition(":")[0] in (CHOOSING, DAY)
    return replace(turn.memory, awaiting="") if is_ours else turn.memory


# Buttons


async def _pressed(turn: Turn) -> Answered:
    """What the buttons do, in the message that carries them; one that no longer fits shows the list as it is now."""
    if turn.chat.is_group:
        return Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)
    _, verb, argument = (*turn.incoming.button.split(":", 2), "")[:3]
    try:
        if verb in CHOICES:
            said = await CHOICES[verb](turn, argument)
        else:
            number, _, value = argument.partition(":")
            checklist = await checklists.of_chat(turn.session, turn.chat.id)
            said = await _about_list(turn, verb, checklist, int(number), value)
    except (KeyError, ValueError):
        said = await _reopen(turn, "")
    first = said.replies[0]
    if not first.media:
        first = replace(first, edits_message_id=turn.incoming.message_id)
    return Answered((first, *said.replies[1:]), said.memory)


async def _about_list(turn: Turn, verb: str, checklist: Checklist | None, number: int, value: str) -> Answered:
    handler = OF_LIST[verb]
    if checklist is None:
        return await _next(turn, Choice())
    if checklist.id != number:
        return _show(turn, checklist, note=words.GONE)
    return await handler(turn, checklist, value)


async def _reopen(turn: Turn, argument: str) -> Answered:
    checklist = await checklists.of_chat(turn.session, turn.chat.id)
    return _show(turn, checklist) if checklist else await _next(turn, Choice())


async def _start(turn: Turn, argument: str) -> Answered:
    """From an answer about steps or papers: the country talked of is the first guess."""
    if checklist := await checklists.of_chat(turn.session, turn.chat.id):
        return _show(turn, checklist)
    return await _next(turn, Choice(turn.memory.last_country))


async def _choose(turn: Turn, argument: str) -> Answered:
    return await _next(turn, Choice.of(argument))


async def _anew(turn: Turn, argument: str) -> Answered:
    """Another destination, with the way back to the list there is."""
    asked = await _next(turn, Choice())
    if await checklists.of_chat(turn.session, turn.chat.id) is None:
        return asked
    (reply,) = asked.replies
    return Answered((replace(reply, buttons=(*reply.buttons, (words.BACK_TO_LIST,))),), asked.memory)


async def _elsewhere(turn: Turn, job: str) -> Answered:
    choice = Choice.of(f":{job}")
    return Answered((words.write_country(),), replace(turn.memory, awaiting=f"{CHOOSING}:{choice}"))


async def _replace(turn: Turn, argument: str) -> Answered:
    return await _begin(turn, Choice.of(argument), is_sure=True)


async def _done(turn: Turn, checklist: Checklist, step_id: str) -> Answered:
    return _ticked(turn, checklist, step_id, is_done=True)


async def _not_done(turn: Turn, checklist: Checklist, step_id: str) -> Answered:
    return _ticked(turn, checklist, step_id, is_done=False)


def _ticked(turn: Turn, checklist: Checklist, step_id: str, *, is_done: bool) -> Answered:
    checklists.tick(checklist, step_id, is_done=is_done)
    (page,) = (step.page for step in checklists.progress(checklist).steps if step.id == step_id)
    return _show(turn, checklist, page)


async def _page(turn: Turn, checklist: Checklist, code: str) -> Answered:
    return _show(turn, checklist, _known_page(code))


async def _sources(turn: Turn, checklist: Checklist, code: str) -> Answered:
    reply = words.sources(checklist, checklists.progress(checklist), _known_page(code))
    return Answered((reply,), turn.memory)


def _known_page(code: str) -> str:
    if code not in content.checklists().pages:
        raise KeyError(code)
    return code


async def _sheet(turn: Turn, checklist: Checklist, value: str) -> Answered:
    """The list on paper, as a message of its own."""
    sheet = words.sheet(checklist, checklists.progress(checklist), turn.app.office())
    return await _hand_out(turn, words.sheet_name(checklist, "pdf"), checklist_sheet.pdf, sheet)


async def _picture(turn: Turn, checklist: Checklist, value: str) -> Answered:
    """The list as a picture, for who has nothing that opens a PDF."""
    card = words.card(checklist, checklists.progress(checklist))
    return await _hand_out(turn, words.sheet_name(checklist, "png"), checklist_sheet.picture, card)


async def _hand_out(turn: Turn, name: str, draw: Callable[[words.Sheet], bytes], sheet: words.Sheet) -> Answered:
    try:
        made = drawing.taken(turn.drawn, (name, sheet), partial(draw, sheet))
        attachment = await checklist_sheet.keep(turn.session, turn.chat, name, made, now=turn.now)
    except TooManyAttachments:
        return Answered((Reply(body=words.HANDED_OUT_OFTEN, buttons=((words.BACK_TO_LIST,),)),), turn.memory)
    return Answered((Reply(body=words.HANDED_OUT, media=attachments.media_of(attachment)),), turn.memory)


# Reminders


async def _ask_reminder(turn: Turn, checklist: Checklist, value: str) -> Answered:
    reply = words.ask_reminder(checklist, zone=_zone(turn), today=local_date(turn.app, turn.now))
    return Answered((reply,), turn.memory)


async def _weekly(turn: Turn, checklist: Checklist, value: str) -> Answered:
    checklists.remind_weekly(checklist, zone=_zone(turn), now=turn.now)
    return _show(turn, checklist)


async def _on(turn: Turn, checklist: Checklist, value: str) -> Answered:
    return _remind_on(turn, checklist, date.fromisoformat(value))


async def _ask_day(turn: Turn, checklist: Checklist, value: str) -> Answered:
    reply = Reply(body=words.ASK_DAY, buttons=((words.BACK_TO_LIST,),))
    return Answered((reply,), replace(turn.memory, awaiting=DAY))


async def _no_more(turn: Turn, checklist: Checklist, value: str) -> Answered:
    checklists.remind_no_more(checklist)
    return Answered((words.stopped(),), turn.memory)


async def _day(turn: Turn, said: str) -> Answered | None:
    """The day written for a reminder; a question, or a text without any number, is something else."""
    checklist = await checklists.of_chat(turn.session, turn.chat.id)
    is_other = is_question(said) or len(said.split()) > FEW_WORDS or not any(map(str.isdecimal, said))
    if checklist is None or is_other:
        return None
    try:
        day = read_day(said, local_date(turn.app, turn.now))
    except (ValueError, OverflowError):
        return Answered((Reply(body=words.BAD_DAY, buttons=((words.BACK_TO_LIST,),)),), turn.memory)
    return _remind_on(turn, checklist, day)


def _remind_on(turn: Turn, checklist: Checklist, day: date) -> Answered:
    try:
        checklists.remind_on(checklist, day, zone=_zone(turn), now=turn.now)
    except UnusableDay:
        return Answered((Reply(body=words.BAD_DAY, buttons=((words.BACK_TO_LIST,),)),), turn.memory)
    return _show(turn, checklist)


def _zone(turn: Turn) -> ZoneInfo:
    return ZoneInfo(turn.app.settings.time_zone)


CHOICES = {
    "buka": _reopen,
    "mulai": _start,
    "pilih": _choose,
    "baru": _anew,
    "lain": _elsewhere,
    "ganti": _replace,
}
OF_LIST = {
    "ya": _done,
    "belum": _not_done,
    "hal": _page,
    "sumber": _sources,
    "pdf": _sheet,
    "gambar": _picture,
    "ingat": _ask_reminder,
    "minggu": _weekly,
    "pada": _on,
    "tanggal": _ask_day,
    "mati": _no_more,
}
