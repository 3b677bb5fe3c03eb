"""What `silvi doctor` asks Telegram: the token, the webhook, the officers' group with its topics and rights."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import httpx
from telegram import Bot, ChatMember
from telegram.error import InvalidToken, TelegramError

from bot.checkup import Finding, State, clock, good
from bot.settings import Settings
from bot.texts import doctor as words


async def check_telegram(settings: Settings) -> list[Finding]:
    """All that can be asked without changing anything; nobody is sent a message."""
    if settings.telegram_token is None:
        return [Finding("telegram", State.WARNING, words.NO_TOKEN, words.NO_TOKEN_MEND)]
    api = settings.telegram_api_url
    bot = Bot(settings.telegram_token.get_secret_value(), base_url=f"{api}/bot", base_file_url=f"{api}/file/bot")
    try:
        async with bot:
            return [
                good("telegram", words.TOKEN_GOOD.format(name=bot.username)),
                *await _clock(api),
                await _webhook(bot, settings.telegram_webhook_url),
                await _desk(bot, settings.desk_chat_id),
            ]
    except InvalidToken:
        return [Finding("telegram", State.BROKEN, words.TOKEN_REFUSED, words.TOKEN_REFUSED_MEND)]
    except TelegramError as error:
        told = words.TELEGRAM_AWAY.format(error=type(error).__name__)
        return [Finding("telegram", State.BROKEN, told, words.TELEGRAM_AWAY_MEND.format(address=api))]


async def _clock(api: str) -> list[Finding]:
    """This machine's clock beside the server's, as its answers name it."""
    async with httpx.AsyncClient(timeout=10.0) as http:
        try:
            date = (await http.head(api)).headers.get("date")
        except httpx.HTTPError:
            return []
    return [clock("Telegram", parsedate_to_datetime(date))] if date else []


async def _webhook(bot: Bot, wanted: str | None) -> Finding:
    info = await bot.get_webhook_info()
    if wanted is None:
        if info.url:
            return Finding("webhook", State.BROKEN, words.WEBHOOK_LEFT, words.WEBHOOK_LEFT_MEND)
        return good("webhook", words.POLLING.format(count=info.pending_update_count))
    if info.url != wanted:
        return Finding("webhook", State.BROKEN, words.WEBHOOK_OTHER, words.WEBHOOK_OTHER_MEND)
    if info.last_error_message and info.pending_update_count:
        told = words.WEBHOOK_ERROR.format(error=info.last_error_message)
        return Finding("webhook", State.BROKEN, told, words.WEBHOOK_ERROR_MEND)
    return good("webhook", words.WEBHOOK_GOOD.format(count=info.pending_update_count))


async def _desk(bot: Bot, chat_id: int | None) -> Finding:
    if chat_id is None:
        return Finding("desk", State.WARNING, words.NO_DESK, words.NO_DESK_MEND)
    try:
        chat = await bot.get_chat(chat_id)
        member = await bot.get_chat_member(chat_id, bot.id)
    except TelegramError as error:
        return Finding("desk", State.BROKEN, words.DESK_UNKNOWN.format(error=error.message), words.DESK_UNKNOWN_MEND)
    if not chat.is_forum:
        return Finding("desk", State.BROKEN, words.NO_TOPICS, words.NO_TOPICS_MEND)
    if member.status != ChatMember.ADMINISTRATOR or not member.can_manage_topics:
        return Finding("desk", State.BROKEN, words.NO_RIGHTS, words.NO_RIGHTS_MEND)
    return good("desk", words.DESK_GOOD)
