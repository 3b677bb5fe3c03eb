"""The officers' forum group: what is written and pressed there becomes one turn at the desk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telegram import Message, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, MessageHandler, filters

from bot.channels.telegram.translate import incoming
from bot.dialogue.desk import AtDesk, desk_turn

if TYPE_CHECKING:
    from bot.app import App


class DeskHandlers:
    """Stand before the handlers of people's chats: nothing said at the desk is a question to Silvi."""

    def __init__(self, app: App) -> None:
        self._app = app

    def in_order(self) -> list[BaseHandler]:
        """None without a desk."""
        desk = self._app.settings.desk_chat_id
        if desk is None:
            return []
        return [
            MessageHandler(filters.Chat(desk) & ~filters.StatusUpdate.ALL, self.on_update),
            CallbackQueryHandler(self.on_button, pattern=r"^meja:\w+:\d+(:\w+)?$"),
        ]

    async def on_update(self, update: Update, context: CallbackContext) -> None:
        """Officers' words and commands."""
        said = incoming(update, context.bot, now=datetime.now(UTC))
        await desk_turn(self._app, AtDesk(said, *_topic(update.effective_message)))

    async def on_button(self, update: Update, context: CallbackContext) -> None:
        """A button of the desk means something at the desk only, wherever a forged one is pressed."""
        said = incoming(update, context.bot, now=datetime.now(UTC))
        if said.chat == self._app.desk().chat:
            await desk_turn(self._app, AtDesk(said, None))


def _topic(message: Message) -> tuple[int | None, str]:
    """Number and first name of the topic; the name is told with what answers no other message."""
    if not message.is_topic_message:
        return None, ""
    made = message.reply_to_message and message.reply_to_message.forum_topic_created
    return message.message_thread_id, made.name if made else ""
