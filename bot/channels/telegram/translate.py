"""A Telegram update as the dialogue's Incoming."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from telegram import Bot, CallbackQuery, Chat, Message, MessageEntity, Update, User
from telegram.constants import ChatType

from bot.domain.messages import Channel, ChatRef, Incoming, Kind, Media

COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?=\s|$)")

# In this order: a venue carries a location too, an animation a document.
KINDS = (
    ("photo", Kind.PICTURE),
    ("voice", Kind.VOICE),
    ("audio", Kind.AUDIO),
    ("video", Kind.VIDEO),
    ("video_note", Kind.VIDEO_NOTE),
    ("location", Kind.LOCATION),
    ("contact", Kind.CONTACT),
    ("sticker", Kind.STICKER),
    ("animation", Kind.ANIMATION),
    ("document", Kind.DOCUMENT),
    ("text", Kind.TEXT),
)
ALWAYS_JPEG = "image/jpeg"
"""What Telegram makes of every photo; it does not say so."""


def source(bot: Bot) -> str:
    """Update ids are counted for each bot: another token is another source."""
    return f"telegram:{bot.id}"


def incoming(update: Update, bot: Bot, *, now: datetime) -> Incoming:
    """The update as the dialogue knows it; `now` stands for the moment of a pressed button, which has none."""
    if update.callback_query:
        return _pressed(update.update_id, update.callback_query, bot, now)
    return _written(update.update_id, update.effective_message, bot)


def is_addressed(message: Message, bot: Bot) -> bool:
    """True in a private chat; in a group when Silvi is mentioned, replied to or given a command."""
    if message.chat.type == ChatType.PRIVATE:
        return True
    text = message.text or message.caption or ""
    command = COMMAND.match(text)
    if command:
        return _is_ours(command, bot)
    answered = message.reply_to_message
    return _is_mentioned(message, bot) or bool(answered and answered.from_user and answered.from_user.id == bot.id)


def chat_of(raw: dict[str, Any]) -> ChatRef | None:
    """The chat of an update that was not (or cannot be) parsed, or None."""
    message = _message_in(raw)
    return _ref(message["chat"]["id"], message["chat"].get("type")) if message else None


def lane_of(raw: dict[str, Any]) -> str | None:
    """What such updates are handled in the order of: their chat, or in a group their topic."""
    message = _message_in(raw)
    if message is None:
        return None
    topic = "" if message["chat"].get("type") == ChatType.PRIVATE else message.get("message_thread_id") or ""
    return f"{message['chat']['id']}:{topic}"


def _message_in(raw: dict[str, Any]) -> dict[str, Any] | None:
    """What of an update names its chat."""
    for holder in (raw.get("callback_query"), *raw.values()):
        if not isinstance(holder, dict):
            continue
        message = holder.get("message") if isinstance(holder.get("message"), dict) else holder
        chat = message.get("chat")
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            return message
    return None


def text_of(raw: dict[str, Any]) -> str:
    """What is written in such an update; empty where nothing is."""
    message = raw.get("message")
    said = (message.get("text") or message.get("caption")) if isinstance(message, dict) else ""
    return said if isinstance(said, str) else ""


def chat_ref(chat: Chat) -> ChatRef:
    return _ref(chat.id, chat.type)


def _ref(chat_id: int, chat_type: object) -> ChatRef:
    return ChatRef(Channel.TELEGRAM, str(chat_id), is_group=chat_type != ChatType.PRIVATE)


def _written(update_id: int, message: Message, bot: Bot) -> Incoming:
    text = message.text or message.caption or ""
    command = COMMAND.match(text) if message.text else None
    if command and not _is_ours(command, bot):
        command = None
    return Incoming(
        source=source(bot),
        update_id=update_id,
        chat=chat_ref(message.chat),
        sender_id=_sender(message.from_user, message.sender_chat or message.chat),
        kind=Kind.COMMAND if command else _kind(message),
        sent_at=message.edit_date or message.date,
        text=_without_mention(text[command.end() :] if command else text, bot),
        command=command.group(1).lower() if command else "",
        message_id=message.message_id,
        media=_media(message),
        album_id=message.media_group_id or "",
        is_edit=message.edit_date is not None,
        is_forward=message.forward_origin is not None,
        is_addressed=is_addressed(message, bot),
    )


def _pressed(update_id: int, query: CallbackQuery, bot: Bot, now: datetime) -> Incoming:
    # A button under a message sent by inline mode has no chat; the person's own chat stands in.
    own_chat = _ref(query.from_user.id, ChatType.PRIVATE)
    return Incoming(
        source=source(bot),
        update_id=update_id,
        chat=chat_ref(query.message.chat) if query.message else own_chat,
        sender_id=str(query.from_user.id),
        kind=Kind.BUTTON,
        sent_at=now,
        button=query.data or "",
        callback_id=query.id,
        message_id=query.message.message_id if query.message else None,
    )


def _sender(user: User | None, sender_chat: Chat) -> str:
    """An anonymous group admin has no user of their own and speaks as the chat."""
    return str(user.id if user else sender_chat.id)


def _kind(message: Message) -> Kind:
    return next((kind for attribute, kind in KINDS if getattr(message, attribute)), Kind.OTHER)


def _content(message: Message) -> Any:
    return next((content for attribute, _ in KINDS if (content := getattr(message, attribute))), None)


def _media(message: Message) -> Media | None:
    """The file by its id, or the place or contact itself; None for words."""
    kind, content = _kind(message), _content(message)
    match kind:
        case Kind.TEXT | Kind.OTHER:
            return None
        case Kind.LOCATION:
            venue = message.venue
            name = ", ".join(part for part in (venue.title, venue.address) if part) if venue else ""
            return Media(kind, name=name, latitude=content.latitude, longitude=content.longitude)
        case Kind.CONTACT:
            name = " ".join(part for part in (content.first_name, content.last_name) if part)
            is_own = bool(message.from_user and content.user_id == message.from_user.id)
            return Media(kind, phone=content.phone_number, person_name=name, is_own=is_own)
        case Kind.STICKER:
            return Media(kind, file_id=content.file_id, name=content.emoji or "")
        case Kind.PICTURE:
            largest = max(content, key=lambda size: size.width * size.height)
            return Media(kind, file_id=largest.file_id, mime_type=ALWAYS_JPEG, size_bytes=largest.file_size)
    return Media(
        kind,
        file_id=content.file_id,
        name=getattr(content, "file_name", None) or "",
        mime_type=getattr(content, "mime_type", None) or "",
        size_bytes=content.file_size,
    )


def _is_ours(command: re.Match[str], bot: Bot) -> bool:
    return command.group(2) is None or command.group(2).lower() == bot.username.lower()


def _is_mentioned(message: Message, bot: Bot) -> bool:
    types = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
    found = message.parse_entities(types) if message.text else message.parse_caption_entities(types)
    return any(
        entity.user.id == bot.id if entity.user else words.lower() == f"@{bot.username}".lower()
        for entity, words in found.items()
    )


def _without_mention(text: str, bot: Bot) -> str:
    return re.sub(rf"@{re.escape(bot.username)}\b", "", text, flags=re.IGNORECASE).strip()
