"""The bot itself: what speaks to Telegram, for the process that receives and the one that sends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram.pauses import growing_pauses, happens
from bot.channels.telegram.request import Request
from bot.settings import Settings

logger = logging.getLogger(__name__)


def build_bot(settings: Settings) -> ExtBot:
    """The bot of the settings; nothing is sent yet."""
    api = settings.telegram_api_url
    return ExtBot(
        settings.telegram_token.get_secret_value(),
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        # More connections than delivery sends at once, so that the pool is never what makes a reply wait.
        request=Request(64, connect_s=5.0, read_s=10.0, write_s=10.0),
    )


async def reach(initialize: Callable[[], Awaitable[None]], stop: asyncio.Event) -> bool:
    """Try until Telegram answers; False when told to stop before. Raises InvalidToken for a refused token."""
    for pause_s in growing_pauses(1.0, 30.0):
        try:
            await initialize()
            return True
        except InvalidToken:
            # PTB's own message holds the token.
            raise InvalidToken("Telegram refuses SILVI_TELEGRAM_TOKEN") from None
        except TelegramError as error:
            logger.warning("Telegram not reachable (%s), next try in %.0f s", type(error).__name__, pause_s)
        if await happens(stop, pause_s):
            return False
    return False
