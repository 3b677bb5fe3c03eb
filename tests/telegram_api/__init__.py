"""A local Telegram Bot API server with state: tests drive Silvi's real handlers against it."""

from tests.telegram_api.account import Account, Fault, Sent
from tests.telegram_api.server import TelegramApi

__all__ = ["Account", "Fault", "Sent", "TelegramApi"]
