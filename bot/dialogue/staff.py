"""What registered officers may ask of Silvi in their own chat."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.app import App
from bot.domain.cases import LEADING, Role
from bot.domain.figures import asked_period
from bot.domain.messages import Channel, Incoming, Reply
from bot.services import figures, knowledge_base, officers, sign_in
from bot.storage.database import Session
from bot.storage.tables import Officer
from bot.texts import console as words
from bot.texts import figures as figure_words


async def console_link(app: App, session: Session, incoming: Incoming, *, now: datetime) -> Reply | None:
    """A one-time link to the console for an officer, in their own chat alone; None for everybody else."""
    officer = await _officer(session, incoming)
    if officer is None:
        return None
    if incoming.chat.is_group:
        return Reply(body=words.IN_PRIVATE)
    token = await sign_in.make_link(session, officer, now=now)
    return Reply(body=words.LINK.format(address=words.link(app.settings.web_address, token)))


async def statistics(app: App, session: Session, incoming: Incoming, *, now: datetime) -> Reply | None:
    """The figures of the last thirty days for supervisors and admins, in their own chat; None for who is no officer."""
    officer = await _officer(session, incoming)
    if officer is None:
        return None
    if Role(officer.role) not in LEADING:
        return Reply(body=words.FIGURES_FOR_LEADING)
    if incoming.chat.is_group:
        return Reply(body=words.FIGURES_IN_PRIVATE)
    zone = ZoneInfo(app.settings.time_zone)
    period = asked_period(None, None, today=now.astimezone(zone).date())
    found = await figures.of(session, period, zone, now=now)
    offices = {code: office["name"] for code, office in app.office().offices.items()}
    title, body = figure_words.for_chat(found, await knowledge_base.titles(session, found.entry_ids), offices)
    return Reply(title=title, body=body, footer=words.MORE_FIGURES)


async def _officer(session: Session, incoming: Incoming) -> Officer | None:
    if incoming.chat.channel != Channel.TELEGRAM or not incoming.sender_id.isdigit():
        return None
    return await officers.by_telegram_id(session, int(incoming.sender_id))
