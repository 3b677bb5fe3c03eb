"""Broadcasts in the chat: what their buttons open, and /siaran for supervisors and admins."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.app import App
from bot.dialogue import staff
from bot.domain.broadcasts import (
    MAX_BODY,
    MAX_TITLE,
    Audience,
    BroadcastAction,
    BroadcastState,
    NotPossible,
    Topic,
    may_now,
)
from bot.domain.messages import LARGEST_NUMBER, Button, Incoming, Reply
from bot.services import broadcasts
from bot.services.broadcasts import Written
from bot.storage.database import Session
from bot.storage.tables import Chat
from bot.texts import broadcasts as words

SHOWN = 5
STEERED = "atursiaran:"


async def opened(session: Session, chat: Chat, argument: str, *, now: datetime) -> str | None:
    """What this button of a broadcast opens; that it was pressed counts once. None for a button there is not (any more)."""
    number, _, place = argument.partition(":")
    found = await broadcasts.get(session, _number(number))
    if found is None or not 0 <= int(place) < len(found.buttons):
        return None
    await broadcasts.note_opened(session, found.id, chat.id, now=now)
    return found.buttons[int(place)]["opens"]


async def command(app: App, session: Session, incoming: Incoming, *, now: datetime) -> Reply | None:
    """What is under way with its switches, or a new draft of the text behind the command; None for who is no officer."""
    officer = await staff.officer_of(session, incoming)
    if officer is None:
        return None
    if not broadcasts.may(officer):
        return Reply(body=words.FOR_LEADING)
    if incoming.chat.is_group:
        return Reply(body=words.IN_PRIVATE)
    said = incoming.text.strip()
    if not said:
        return await _overview(app, session, now=now)
    first, _, rest = said.partition("\n")
    is_titled = bool(rest.strip()) and len(first) <= MAX_TITLE
    title, body = (first, rest.strip()) if is_titled else (words.NO_TITLE, said)
    written = Written(title, body[:MAX_BODY], (), Audience(Topic.EVENTS))
    draft = await broadcasts.write(session, officer, written, None, now=now)
    address = f"{app.settings.web_address}/konsol/siaran/{draft.id}"
    return Reply(body=words.CHAT_KEPT.format(number=draft.id, address=address))


async def steered(app: App, session: Session, incoming: Incoming, *, now: datetime) -> Reply | None:
    """A switch of a running broadcast; None for other buttons and for who may not press it."""
    if not incoming.button.startswith(STEERED):
        return None
    officer = await staff.officer_of(session, incoming)
    action, _, number = incoming.button.removeprefix(STEERED).partition(":")
    if officer is None or not broadcasts.may(officer) or action not in set(BroadcastAction):
        return None
    found = await broadcasts.get(
        session, _number(number) if number.isascii() and number.isdigit() else 0, for_update=True
    )
    if found is None:
        return None
    try:
        await broadcasts.steer(session, officer, found, BroadcastAction(action), now=now)
    except NotPossible:
        return Reply(body=words.NOT_NOW, callback_id=incoming.callback_id)
    state = words.state_of(found, ZoneInfo(app.settings.time_zone), now)
    return Reply(body=words.CHAT_DONE.format(number=found.id, state=state), callback_id=incoming.callback_id)


async def _overview(app: App, session: Session, *, now: datetime) -> Reply:
    shown, zone = await broadcasts.newest(session, limit=SHOWN), ZoneInfo(app.settings.time_zone)
    lines = [words.line(row, zone, now) for row in shown] or [words.CHAT_NONE]
    rows = [
        tuple(
            Button(f"{label} {row.id}", f"{STEERED}{action}:{row.id}")
            for action, label in words.ACTIONS.items()
            if may_now(row.state, action)
        )
        for row in shown
        if row.state in (BroadcastState.SENDING, BroadcastState.PAUSED, BroadcastState.APPROVED)
    ]
    how = words.CHAT_HOW.format(address=f"{app.settings.web_address}/konsol/siaran")
    body = "\n".join(lines)
    return Reply(title=words.CHAT_TITLE, body=f"{body}\n\n{how}", buttons=tuple(rows))


def _number(written: str) -> int:
    number = int(written)
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError(written)
    return number
