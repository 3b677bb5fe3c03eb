"""The fields of a web request as an Incoming."""

from __future__ import annotations

import re
from datetime import datetime

from starlette.exceptions import HTTPException

from bot.channels.web.files import CheckedFile
from bot.domain.messages import Channel, ChatRef, Incoming, Kind, Media

MAX_TEXT = 4_000
MAX_ACTION_BYTES = 64
MAX_NUMBER = 2**53
"""Numbers below this are exact in every browser."""
START_NUMBER = 1
"""The greeting of a chat has this number, whoever asks for it: script, page without script or a reload."""

_COMMAND = re.compile(r"/([A-Za-z][A-Za-z0-9_]{0,31})(?:\s+(.*))?", re.DOTALL)
_COMMAND_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def chat_ref(chat_id: str) -> ChatRef:
    return ChatRef(Channel.WEB, chat_id)


def start(chat_id: str, *, now: datetime) -> Incoming:
    """The first opening of the page."""
    return _incoming(chat_id, START_NUMBER, Kind.COMMAND, now, command="start")


def taking_over(chat_id: str, token: str, number: int, *, now: datetime) -> Incoming:
    """The link from a kiosk was followed: what /start with the token is on Telegram."""
    return _incoming(chat_id, number, Kind.COMMAND, now, command="start", text=token)


def read(chat_id: str, fields: dict[str, str], *, now: datetime, channel: Channel = Channel.WEB) -> Incoming:
    """A message, a command or a pressed button; raises HTTPException 400, 413 (over-long) or 422 (empty)."""
    number = _number(fields.get("nomor", ""))
    if action := fields.get("tombol", ""):
        if len(action.encode("utf-8", "replace")) > MAX_ACTION_BYTES or _UNWANTED.search(action):
            raise HTTPException(400)
        carrier = fields.get("pada", "")
        message_id = _number(carrier) if carrier else None
        # The number serves as callback id too: it tells the dialogue that the press wants a sign.
        pressed = {"button": action, "callback_id": str(number), "message_id": message_id}
        return _incoming(chat_id, number, Kind.BUTTON, now, channel, **pressed)
    if command := fields.get("perintah", ""):
        if not _COMMAND_NAME.fullmatch(command):
            raise HTTPException(400)
        return _incoming(chat_id, number, Kind.COMMAND, now, channel, command=command)
    text = clean(fields.get("teks", ""))
    if not text:
        raise HTTPException(422)
    if len(text) > MAX_TEXT:
        raise HTTPException(413)
    if match := _COMMAND.fullmatch(text):
        name, rest = match.group(1).lower(), match.group(2) or ""
        return _incoming(chat_id, number, Kind.COMMAND, now, channel, command=name, text=rest)
    return _incoming(chat_id, number, Kind.TEXT, now, channel, text=text)


def sent(chat_id: str, fields: dict[str, str], file: CheckedFile, *, now: datetime) -> Incoming:
    """A file from the page, with the words beside it."""
    media = Media(file.kind, name=file.name, mime_type=file.mime_type, size_bytes=len(file.content))
    text = clean(fields.get("teks", ""))[:MAX_TEXT]
    number = _number(fields.get("nomor", ""))
    return _incoming(chat_id, number, file.kind, now, text=text, media=media, content=file.content)


def clean(text: str) -> str:
    """`text` without control characters and half characters, which PostgreSQL refuses, and with plain line ends."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")
    return _UNWANTED.sub("", text).strip()


def _number(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 16 or not 0 < int(value) < MAX_NUMBER:
        raise HTTPException(400)
    return int(value)


def _incoming(
    chat_id: str, number: int, kind: Kind, now: datetime, channel: Channel = Channel.WEB, **rest: object
) -> Incoming:
    return Incoming(
        source=f"{channel}:{chat_id}",
        update_id=number,
        chat=ChatRef(channel, chat_id),
        sender_id=chat_id,
        kind=kind,
        sent_at=now,
        **rest,
    )
