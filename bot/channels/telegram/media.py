"""Files sent to Telegram: by their id, or from what is kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram import Bot, InlineKeyboardMarkup, InputFile, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.channels.telegram.errors import Meaning, meaning
from bot.channels.telegram.render import Part
from bot.domain.messages import Kind, Media
from bot.services import attachments

if TYPE_CHECKING:
    from bot.post import Post

logger = logging.getLogger(__name__)

FIELDS = {
    Kind.PICTURE: "photo",
    Kind.VOICE: "voice",
    Kind.AUDIO: "audio",
    Kind.VIDEO: "video",
    Kind.VIDEO_NOTE: "video_note",
    Kind.ANIMATION: "animation",
    Kind.DOCUMENT: "document",
}
"""How Telegram names a file of this kind, in its methods too."""


class MediaRefused(Exception):
    """Telegram does not take this file, place or contact in any way."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes, and the buttons under it."""

    chat_id: int
    topic_id: int | None
    markup: InlineKeyboardMarkup | None


class MediaSender:
    """Sends what is no text."""

    def __init__(self, app: Post, bot: Bot) -> None:
        self._app = app
        self._bot = bot

    async def send(self, part: Part, place: Place) -> int:
        """Send the media of `part` and return the message's id; raises MediaRefused, and TelegramError for all else."""
        media = part.media
        common = {"message_thread_id": place.topic_id, "reply_markup": place.markup}
        try:
            if media.kind is Kind.LOCATION:
                where = {"latitude": media.latitude, "longitude": media.longitude}
                return (await self._bot.send_location(place.chat_id, **where, **common)).message_id
            if media.kind is Kind.CONTACT:
                who = {"phone_number": media.phone, "first_name": media.person_name or media.phone}
                return (await self._bot.send_contact(place.chat_id, **who, **common)).message_id
        except BadRequest as error:
            _raise_unless_refused(error)
            raise MediaRefused(error.message) from error
        return await self._send_file(part, place)

    async def _send_file(self, part: Part, place: Place) -> int:
        """By its id; where Telegram does not know that (any more), from what is kept."""
        media = part.media
        if media.file_id and (sent := await self._try(part, place, media.kind, media.file_id)):
            return sent.message_id
        content = await self._content(media)
        if content is None:
            raise MediaRefused("not kept")
        file = InputFile(content, filename=media.name or None)
        if sent := await self._try(part, place, media.kind, file):
            await self._remember(media, sent)
            return sent.message_id
        # A very large or very long picture is no photo to Telegram.
        if media.kind is Kind.PICTURE and (sent := await self._try(part, place, Kind.DOCUMENT, file)):
            return sent.message_id
        raise MediaRefused("uploaded in vain")

    async def _try(self, part: Part, place: Place, kind: Kind, file: str | InputFile) -> Message | None:
        """The message sent, or None where Telegram refuses the file."""
        field = FIELDS[kind]
        send = getattr(self._bot, f"send_{field}")
        caption = {"caption": part.html, "parse_mode": ParseMode.HTML} if part.html else {}
        common = {"message_thread_id": place.topic_id, "reply_markup": place.markup}
        try:
            return await send(place.chat_id, **{field: file}, **caption, **common)
        except BadRequest as error:
            _raise_unless_refused(error)
            logger.warning("%s of attachment %s refused: %s", kind, part.media.attachment_id, error.message)
            return None

    async def _content(self, media: Media) -> bytes | None:
        if media.attachment_id is None:
            return None
        async with self._app.db.transaction() as session:
            return await attachments.content_of(session, media.attachment_id)

    async def _remember(self, media: Media, sent: Message) -> None:
        """The next time the id is enough; that it could not be written down costs no more than another upload."""
        found = sent.effective_attachment
        file = found[-1] if media.kind is Kind.PICTURE else found
        try:
            async with self._app.db.transaction() as session:
                await attachments.note_file(session, media.attachment_id, file.file_id)
        except Exception as error:
            logger.warning("id of an uploaded file not kept (%s)", type(error).__name__)


def _raise_unless_refused(error: BadRequest) -> None:
    """The chat or topic may be what is wrong, which is for others to deal with."""
    if meaning(error) in (Meaning.UNREACHABLE, Meaning.TOPIC_GONE, Meaning.TOPIC_CLOSED):
        raise error
