"""What registered officers may ask of Silvi in their own chat."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.app import App
from bot.dialogue import drawing
from bot.dialogue.drawing import Drawn
from bot.domain.cases import LEADING, Role
from bot.domain.figures import asked_period
from bot.domain.messages import Channel, Incoming, Kind, Reply
from bot.services import attachments, figure_picture, figures, knowledge_base, officers, sign_in
from bot.storage.database import Session
from bot.storage.tables import Chat, Officer
from bot.texts import console as words
from bot.texts import figures as figure_words
from bot.texts import offers as offer_words


async def console_link(app: App, session: Session, incoming: Incoming, *, now: datetime) -> Reply | None:
    """A one-time link to the console for an officer, in their own chat alone; None for everybody else."""
    officer = await officer_of(session, incoming)
    if officer is None:
        return None
    if incoming.chat.is_group:
        return Reply(body=words.IN_PRIVATE)
    token = await sign_in.make_link(session, officer, now=now)
    return Reply(body=words.LINK.format(address=words.link(app.settings.web_address, token)))


async def statistics(
    app: App, session: Session, chat: Chat, incoming: Incoming, drawn: Drawn, *, now: datetime
) -> tuple[Reply, ...]:
    """The figures of the last thirty days for supervisors and admins, in their own chat; nothing for who is no officer."""
    officer = await officer_of(session, incoming)
    if officer is None:
        return ()
    if Role(officer.role) not in LEADING:
        return (Reply(body=words.FIGURES_FOR_LEADING),)
    if incoming.chat.is_group:
        return (Reply(body=words.FIGURES_IN_PRIVATE),)
    zone = ZoneInfo(app.settings.time_zone)
    period = asked_period(None, None, today=now.astimezone(zone).date())
    found = await figures.of(session, period, zone, now=now)
    named = await knowledge_base.titles(session, found.entry_ids), app.office().names()
    title, body = figure_words.for_chat(found, *named)
    sections = figure_words.sections(found, *named)
    text = Reply(title=title, body=body, footer=words.MORE_FIGURES)
    # By its title alone: figures that grew by one while it was drawn need no second picture.
    draw = partial(figure_picture.draw, title, sections, figure_words.WHY_HELD_BACK)
    picture = drawing.taken(drawn, title, draw)
    name = f"silvi-{period.first}-{period.last}.png"
    try:
        kept = await attachments.hand_out(
            session, chat, kind=Kind.PICTURE, name=name, mime_type="image/png", content=picture, now=now
        )
    except attachments.TooManyAttachments:
        return (text,)
    return text, Reply(body=title, media=attachments.media_of(kept))


async def warnings(session: Session, chat: Chat, incoming: Incoming, *, now: datetime) -> Reply | None:
    """An officer switches the warnings of a group on or off; None for everybody else, and outside a group."""
    if not chat.is_group or await officer_of(session, incoming) is None:
        return None
    wish = incoming.text.strip().lower()
    if wish not in ("on", "off"):
        return Reply(body=offer_words.WARNINGS_HOW)
    chat.warns_at = now if wish == "on" else None
    return Reply(body=offer_words.WARNINGS_ON if wish == "on" else offer_words.WARNINGS_OFF)


async def officer_of(session: Session, incoming: Incoming) -> Officer | None:
    """The registered officer who wrote; an anonymous group admin is none."""
    if incoming.chat.channel != Channel.TELEGRAM or not incoming.sender_id.isdigit():
        return None
    return await officers.by_telegram_id(session, int(incoming.sender_id))
