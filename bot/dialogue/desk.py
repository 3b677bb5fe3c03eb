"""What officers do in the topic of a case: plain words go to the person, the rest stays at the desk."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from bot.app import App
from bot.dialogue import referral
from bot.dialogue.drawing import Drawn, with_drawings
from bot.domain.cases import (
    LEADING,
    CaseState,
    EventKind,
    NotAllowed,
    Route,
    TransitionNotAllowed,
    find_case_number,
)
from bot.domain.messages import KEPT, LARGEST_NUMBER, Channel, Incoming, Kind, Media, Reply
from bot.domain.outcomes import InFuture, KnownAlready, OutOfOrder, TooLongAgo
from bot.domain.traces import TraceKind, masked
from bot.services import (
    attachments,
    case_file,
    cases,
    casework,
    offers,
    officers,
    outbox,
    outcomes,
    recruiters,
    referrals,
    reported,
    updates,
)
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Case, Chat, Officer
from bot.texts import desk_menus as menus
from bot.texts import officer as words
from knowledge.office import long_date

logger = logging.getLogger(__name__)

INTERNAL = "//"
DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Something said or pressed in the officers' group; `topic_id` is None outside all topics."""

    incoming: Incoming
    topic_id: int | None
    topic_name: str = ""
    """As it was when the topic was made; known only for what answers no other message."""


@dataclass(frozen=True, slots=True)
class DeskTurn:
    """What every command here needs of the turn it is part of."""

    app: App
    session: Session
    case: Case
    officer: Officer
    desk: Desk
    now: datetime
    drawn: Drawn
    callback_id: str = ""
    """Where a button was pressed: what it answers is seen by that officer alone."""

    async def post(self, reply: Reply) -> None:
        """A post in the topic of the case."""
        await desk_service.post(self.session, self.desk, self.case, reply, now=self.now)

    async def do(self, action: Callable[..., Awaitable[None]], *arguments: object) -> None:
        """A service that takes session, case, officer and `arguments`."""
        await action(self.session, self.case, self.officer, *arguments, desk=self.desk, now=self.now)


async def desk_turn(app: App, said: AtDesk) -> None:
    """Handle one update of the desk once; who is no registered officer has no effect but a line in the log."""
    await with_drawings(partial(_one_turn, app, said, datetime.now(UTC)))


async def _one_turn(app: App, said: AtDesk, now: datetime, drawn: Drawn) -> None:
    incoming, desk = said.incoming, app.desk()
    async with app.db.transaction() as session:
        if not await updates.note_handled(session, incoming.source, incoming.update_id, now=now):
            return
        case = await _case(session, said)
        twin_of = await _twin_of(session, said) if case is None else None
        if case is None and twin_of is None:
            return
        officer = await officers.by_telegram_id(session, int(incoming.sender_id))
        if officer is None:
            case = case or twin_of
            logger.warning("account %s is no officer and was ignored in case %s", incoming.sender_id, case.number)
            cases.log(session, case, EventKind.REFUSED, incoming.sender_id, now=now)
            return
        if twin_of:
            told = Reply(body=words.OTHER_TOPIC.format(officer=officer.name))
            await desk_service.post(session, desk, twin_of, told, now=now)
        else:
            turn = DeskTurn(app, session, case, officer, desk, now, drawn, incoming.callback_id)
            notice = await _act(turn, incoming)
            if notice or incoming.callback_id:
                await turn.post(_notice(notice, incoming.callback_id))
        await outbox.announce(session)
    for channel in Channel:
        app.deliveries.wake(channel)


async def _case(session: Session, said: AtDesk) -> Case | None:
    """The case of the topic, or the one named by the pressed button."""
    if said.incoming.kind is Kind.BUTTON:
        number = said.incoming.button.split(":")[2]
        return await cases.lock(session, int(number)) if int(number) <= LARGEST_NUMBER else None
    return await cases.by_topic(session, said.topic_id) if said.topic_id else None


async def _twin_of(session: Session, said: AtDesk) -> Case | None:
    """The case that has another topic than this one of the same name, which a crash left behind."""
    number = find_case_number(said.topic_name)
    return await cases.by_number(session, number) if number else None


async def _act(turn: DeskTurn, incoming: Incoming) -> str:
    """Do what the officer wants; returns what they must be told, or nothing."""
    if incoming.is_edit:
        # A place shared live is edited every few seconds.
        return "" if incoming.kind is Kind.LOCATION else words.EDIT_NOT_SENT
    if incoming.kind is Kind.BUTTON:
        _, name, _, *argument = incoming.button.split(":")
        return await perform(turn, name, "".join(argument))
    if incoming.kind is Kind.COMMAND:
        return await perform(turn, incoming.command, incoming.text.strip())
    if incoming.kind in KEPT:
        return await _media(turn, incoming)
    if incoming.kind is not Kind.TEXT:
        return words.NOT_PASSED_ON
    if incoming.text.startswith("/") and not incoming.text.startswith(INTERNAL):
        # A command of another bot, or a slip in one of ours: nothing that a person should read.
        return words.UNKNOWN_COMMAND
    return await say(turn, incoming.text)


async def perform(turn: DeskTurn, name: str, rest: str) -> str:
    """A command with what follows it; a button, or a form of the console, is the command of the same name."""
    handler = COMMANDS.get(name)
    if handler is None:
        return words.UNKNOWN_COMMAND
    case = turn.case
    try:
        return await handler(turn, rest) or ""
    except casework.ClaimedAlready as error:
        hint = words.LEAD_MAY_TAKE_OVER if turn.officer.role in LEADING else ""
        return words.CLAIMED_ALREADY.format(officer=error) + hint
    except casework.NothingToChange:
        return words.NOTHING_TO_CHANGE
    except NotAllowed as error:
        return await _why_not(turn, error)
    except TransitionNotAllowed:
        is_own = name == "ambil" and case.officer_id == turn.officer.id
        return words.CLAIMED_BY_YOU if is_own else words.NOT_NOW.format(state=words.STATES[CaseState(case.state)])


async def say(turn: DeskTurn, text: str) -> str:
    """Lines that start with // stay inside, the others go to the person."""
    lines = text.splitlines()
    inside = [line.strip().removeprefix(INTERNAL).strip() for line in lines if line.strip().startswith(INTERNAL)]
    outside = "\n".join(line for line in lines if not line.strip().startswith(INTERNAL)).strip()
    if inside:
        await _note(turn, "\n".join(inside))
    if not outside:
        return ""
    return await _to_person(turn, outside)


async def _media(turn: DeskTurn, incoming: Incoming) -> str:
    """A file, place or contact goes to the person, unless its caption begins with //; what is refused is not kept."""
    async with turn.session.begin_nested() as kept:
        chat = await turn.session.get_one(Chat, turn.case.chat_id)
        attachment = await attachments.received(
            turn.session, chat, incoming, case=turn.case, officer=turn.officer, now=turn.now
        )
        media = attachments.media_of(attachment)
        if incoming.text.startswith(INTERNAL):
            await _note(turn, words.logged(incoming.text.removeprefix(INTERNAL).strip(), media))
            return ""
        if refused := await _to_person(turn, incoming.text, media):
            await kept.rollback()
        return refused


async def _to_person(turn: DeskTurn, said: str, media: Media | None = None) -> str:
    try:
        await turn.do(casework.reply, said, media)
    except NotAllowed as error:
        return await _why_not(turn, error)
    except TransitionNotAllowed:
        return words.NOT_SENT_CLOSED.format(state=words.STATES[CaseState(turn.case.state)])
    return ""


async def _why_not(turn: DeskTurn, error: NotAllowed) -> str:
    owner = await casework.owner_of(turn.session, turn.case)
    return words.STANDINGS[error.standing].format(owner=owner.name if owner else "")


async def _claim(turn: DeskTurn, _: str) -> None:
    await turn.do(casework.claim)


async def _resolve(turn: DeskTurn, _: str) -> None:
    await turn.do(casework.resolve)


async def _reopen(turn: DeskTurn, _: str) -> None:
    await turn.do(casework.reopen)


async def _note(turn: DeskTurn, said: str) -> None:
    await casework.note(turn.session, turn.case, turn.officer, said, now=turn.now)


async def _menu(turn: DeskTurn, _: str) -> None:
    owner = await casework.owner_of(turn.session, turn.case)
    steps = await outcomes.of(turn.session, turn.case)
    referred = await referrals.of(turn.session, turn.case)
    await turn.post(menus.menu(turn.case, owner, steps, referred, turn.desk.zone))


async def _prioritise(turn: DeskTurn, rest: str) -> str | None:
    code, _, reason = rest.partition(" ")
    urgency = menus.URGENCY_CODES.get(code.lower())
    if urgency is None:
        return await turn.post(menus.ask_urgency(turn.case))
    try:
        await turn.do(casework.prioritise, urgency, reason.strip())
    except casework.ReasonMissing:
        return words.REASON_MISSING.format(code=code.lower())


async def _wait(turn: DeskTurn, rest: str) -> None:
    if not rest:
        return await turn.post(menus.ask_waiting(turn.case))
    await turn.do(casework.wait, menus.REQUESTS.get(rest, rest))


async def _hand_over(turn: DeskTurn, rest: str) -> str | None:
    """To the officer with this number (a button) or this name."""
    everybody = await officers.active(turn.session)
    if not rest:
        return await turn.post(menus.ask_officer(turn.case, everybody))
    meant = [officer for officer in everybody if rest in (str(officer.id), officer.name)]
    meant = meant or [officer for officer in everybody if officer.name.lower().startswith(rest.lower())]
    if len(meant) != 1:
        return words.NO_SUCH_OFFICER
    await turn.do(casework.hand_over, meant[0])


async def _hand_back(turn: DeskTurn, _: str) -> None:
    await turn.do(casework.hand_back)


async def _take_back(turn: DeskTurn, _: str) -> None:
    await turn.do(casework.take_back)


async def _contact(turn: DeskTurn, _: str) -> str | None:
    """Seen only by who presses the button: the topic is read by the whole group."""
    if not turn.callback_id:
        return await turn.post(words.see_contact(turn.case))
    contact = await case_file.contact_of(turn.session, turn.case, turn.officer, now=turn.now)
    return words.contact(turn.case, contact)


async def _outcome(turn: DeskTurn, rest: str) -> str | None:
    """What happened, and on which day if not today."""
    name, _, behind = rest.partition(" ")
    if not name:
        return await turn.post(menus.ask_stage(turn.case))
    stage = menus.STAGE_CODES.get(name.lower())
    if stage is None:
        return menus.NO_SUCH_STAGE
    written, _, note = behind.strip().partition(" ")
    today = turn.now.astimezone(turn.desk.zone).date()
    try:
        on_date = _date(written) if written[:1].isdecimal() else today
        note = note if written[:1].isdecimal() else behind
        await turn.do(casework.record_outcome, stage, on_date, note.strip())
    except InFuture:
        return words.IN_FUTURE
    except TooLongAgo:
        return words.TOO_LONG_AGO
    except KnownAlready:
        return words.KNOWN_ALREADY
    except OutOfOrder as error:
        return words.OUT_OF_ORDER.format(stage=words.STAGES[error.other], day=long_date(error.on_date))
    except ValueError:
        return words.BAD_DATE


async def _recruiters(turn: DeskTurn, _: str) -> None:
    """What is known of the recruiters of the case, masked as all that the group reads; verdicts are the console's."""
    case, today = turn.case, turn.now.astimezone(turn.desk.zone).date()
    console = f"{turn.app.settings.web_address}/konsol/perekrut"
    lines = await reported.lines_of_case(turn.session, case.id)
    files = [
        menus.reported_file(line.title, line.reports, line.traces, line.verdict, f"{console}/{line.id}", today=today)
        for line in lines
    ]
    held = {shown for line in lines for shown in line.traces}
    named = reported.named_in(case, turn.desk.profile)
    new = [shown for trace in named if (shown := masked(trace.kind, trace.shown)) not in held]
    names = [trace.shown for trace in named if trace.kind == TraceKind.NAME][: offers.MOST_NAMES]
    found = [await recruiters.look_up(turn.session, name, country=case.country, today=today) for name in names]
    await turn.post(menus.recruiters(files, new, found, f"{console}/kasus/{case.number}", today=today))


async def _route(turn: DeskTurn, rest: str) -> str | None:
    """How the person left."""
    if not rest:
        return await turn.post(words.ask_route(turn.case))
    if rest.lower() not in set(Route):
        return words.NO_SUCH_ROUTE
    await turn.do(casework.note_route, Route(rest.lower()))


def _date(written: str) -> date:
    """2026-11-20, or as people write it: 20-11-2026, 20/11/2026; raises ValueError."""
    if match := DAY_FIRST.fullmatch(written):
        day, month, year = map(int, match.groups())
        return date(year, month, day)
    return date.fromisoformat(written)


def _notice(text: str, callback_id: str) -> Reply:
    """Under a pressed button a short notice that only the officer sees, else a line in the topic."""
    return Reply(body="", footer=text, callback_id=callback_id) if callback_id else Reply(body=text)


COMMANDS: dict[str, Callable[[DeskTurn, str], Awaitable[str | None]]] = {
    "ambil": _claim,
    "prioritas": _prioritise,
    "rujuk": referral.choose,
    "surat": referral.as_shown,
    "cerita": referral.story_of,
    "jawaban": referral.answered,
    "hasil": _outcome,
    "perekrut": _recruiters,
    "jalur": _route,
    "catatan": _note,
    "tunggu": _wait,
    "alih": _hand_over,
    "silvi": _hand_back,
    "lanjut": _take_back,
    "kontak": _contact,
    "selesai": _resolve,
    "buka": _reopen,
    "menu": _menu,
}
"""Each returns what the officer must be told, or nothing."""
