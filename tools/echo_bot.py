"""The least a bot can do, to measure Silvi against: python-telegram-bot answers every text with itself."""

from __future__ import annotations

import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

AT_ONCE = 256
CONNECTIONS = 64


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Say it back."""
    await update.effective_message.reply_text(update.effective_message.text)


def main() -> None:
    """`python -m tools.echo_bot API_URL TOKEN`, until it is stopped."""
    url, token = sys.argv[1:]
    builder = Application.builder().token(token).base_url(f"{url}/bot").connection_pool_size(CONNECTIONS)
    application = builder.concurrent_updates(AT_ONCE).build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling(poll_interval=0.0)


if __name__ == "__main__":
    main()
