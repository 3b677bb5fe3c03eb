"""What officers do in the topic of a case: plain words go to the person, the rest stays at the desk."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.app import App
from bot.domain.cases import CaseState, EventKind, TransitionNotAllowed
from bot.domain.messages import Channel, Incoming, Kind, Reply
from bot.services import cases, officers, outbox, updates
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Case, Officer
from bot.texts import officer as words

logger = logging.getLogger(__name__)

INTERNAL = "//"
ACTIONS = {"ambil": cases.claim, "selesai": cases.resolve, "buka": cases.reopen}
LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Something said or pressed in the officers' group; `topic_id` is None outside all topics."""

    incoming: Incoming
    topic_id: int | None


async def desk_turn(app: App, said: AtDesk) -> None:
    """Handle one update of the desk once; who is no registered officer has no effect but a line in the log."""
    incoming, desk, now = said.incoming, app.desk(), datetime.now(UTC)
    async with app.db.transaction() as session:
        if not await updates.note_handled(session, incoming.source, incoming.update_id, now=now):
            return
        case = await _case(session, said)
        if case is None:
            return
        officer = await officers.by_telegram_id(session, int(incoming.sender_id))
        if officer is None:
            logger.warning("account %s is no officer and was ignored in case %s", incoming.sender_id, case.number)
            cases.log(session, case, EventKind.REFUSED, incoming.sender_id, now=now)
            return
        notice = await _act(session, case, officer, incoming, desk, now)
        if notice or incoming.callback_id:
            await desk_service.post(session, desk, case, _notice(notice, incoming.callback_id), now=now)
        await outbox.announce(session)
    for channel in Channel:
        app.deliveries.wake(channel)


async def _case(session: Session, said: AtDesk) -> Case | None:
    """The case of the topic, or the one named by the pressed button."""
    if said.incoming.kind is Kind.BUTTON:
        number = said.incoming.button.rpartition(":")[2]
        is_usable = number.isdecimal() and int(number) <= LARGEST_NUMBER
        return await cases.lock(session, int(number)) if is_usable else None
    return await cases.by_topic(session, said.topic_id) if said.topic_id else None


async def _act(session: Session, case: Case, officer: Officer, incoming: Incoming, desk: Desk, now: datetime) -> str:
    """Do what the officer wants; returns what they must be told, or nothing."""
    if incoming.is_edit:
        return words.EDIT_NOT_SENT
    if incoming.kind is Kind.BUTTON:
        return await _command(session, case, officer, incoming.button.split(":")[1], "", desk, now)
    if incoming.kind is Kind.COMMAND:
        return await _command(session, case, officer, incoming.command, incoming.text, desk, now)
    if incoming.kind is not Kind.TEXT:
        return words.ONLY_TEXT
    return await _words(session, case, officer, incoming.text, desk, now)


async def _command(
    session: Session, case: Case, officer: Officer, name: str, rest: str, desk: Desk, now: datetime
) -> str:
    if name == "catatan":
        await cases.note(session, case, officer, rest, now=now)
        return ""
    action = ACTIONS.get(name)
    if action is None:
        return words.UNKNOWN_COMMAND
    try:
        await action(session, case, officer, desk=desk, now=now)
    except cases.ClaimedAlready as error:
        return words.CLAIMED_ALREADY.format(officer=error)
    except TransitionNotAllowed:
        is_own = name == "ambil" and case.officer_id == officer.id
        return words.CLAIMED_BY_YOU if is_own else words.NOT_NOW.format(state=words.STATES[CaseState(case.state)])
    return ""


async def _words(session: Session, case: Case, officer: Officer, text: str, desk: Desk, now: datetime) -> str:
    """Lines that start with // stay inside, the others go to the person."""
    lines = text.splitlines()
    inside = [line.strip().removeprefix(INTERNAL).strip() for line in lines if line.strip().startswith(INTERNAL)]
    outside = "\n".join(line for line in lines if not line.strip().startswith(INTERNAL)).strip()
    if inside:
        await cases.note(session, case, officer, "\n".join(inside), now=now)
    if not outside:
        return ""
    try:
        await cases.reply(session, case, officer, outside, desk=desk, now=now)
    except TransitionNotAllowed:
        return words.NOT_SENT_CLOSED.format(state=words.STATES[CaseState(case.state)])
    return ""


def _notice(text: str, callback_id: str) -> Reply:
    """Under a pressed button a short notice that only the officer sees, else a line in the topic."""
    return Reply(body="", footer=text, callback_id=callback_id) if callback_id else Reply(body=text)
