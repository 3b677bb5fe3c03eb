"""Rows of buttons as Telegram's inline keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.domain.messages import Button

ACTION_MAX_BYTES = 64


def keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """The keyboard, or None without buttons; raises ValueError for an action Telegram would refuse."""
    if not any(rows):
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in rows if row])


def _button(button: Button) -> InlineKeyboardButton:
    if not 1 <= len(button.action.encode()) <= ACTION_MAX_BYTES:
        raise ValueError(f"action of button '{button.label}' is not 1 to {ACTION_MAX_BYTES} bytes: {button.action!r}")
    return InlineKeyboardButton(button.label, callback_data=button.action)
