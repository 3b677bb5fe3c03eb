"""What registered officers may ask of Silvi in their own chat."""

from __future__ import annotations

from datetime import datetime

from bot.app import App
from bot.domain.messages import Channel, Incoming, Reply
from bot.services import officers, sign_in
from bot.storage.database import Session
from bot.texts import console as words


async def console_link(app: App, session: Session, incoming: Incoming, *, now: datetime) -> Reply | None:
    """A one-time link to the console for an officer, in their own chat alone; None for everybody else."""
    if incoming.chat.channel != Channel.TELEGRAM or not incoming.sender_id.isdigit():
        return None
    officer = await officers.by_telegram_id(session, int(incoming.sender_id))
    if officer is None:
        return None
    if incoming.chat.is_group:
        return Reply(body=words.IN_PRIVATE)
    token = await sign_in.make_link(session, officer, now=now)
    return Reply(body=words.LINK.format(address=words.link(app.settings.web_address, token)))
