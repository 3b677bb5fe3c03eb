"""What comes in and what goes out, whatever the channel: the only shapes the dialogue knows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    TELEGRAM = "telegram"
    WEB = "web"
    KIOSK = "kiosk"
    """A touch screen that many people use one after the other."""


class Kind(StrEnum):
    """What a person sent."""

    TEXT = "text"
    COMMAND = "command"
    BUTTON = "button"
    PICTURE = "picture"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    ANIMATION = "animation"
    DOCUMENT = "document"
    LOCATION = "location"
    CONTACT = "contact"
    STICKER = "sticker"
    OTHER = "other"


FILES = frozenset({Kind.PICTURE, Kind.VOICE, Kind.AUDIO, Kind.VIDEO, Kind.VIDEO_NOTE, Kind.ANIMATION, Kind.DOCUMENT})
LARGEST_NUMBER = 2**63 - 1
"""What comes in as a number and is larger, the database would not take."""
KEPT = FILES | {Kind.LOCATION, Kind.CONTACT}
"""What is kept with a case and passed on between a person and the officers."""


@dataclass(frozen=True, slots=True)
class ChatRef:
    """A chat as its channel names it; `is_group` chats are answered only when Silvi is addressed."""

    channel: Channel
    external_id: str
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """What is no text: a file as its channel knows it, or a place or a contact, which are whole in themselves."""

    kind: Kind
    file_id: str = ""
    """The channel's own name of the file: enough to send it on through the same channel."""
    attachment_id: int | None = None
    """The file as Silvi keeps it, for every other channel and for what Silvi made itself."""
    name: str = ""
    mime_type: str = ""
    size_bytes: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    person_name: str = ""
    is_own: bool = False
    """A contact that is the sender's own."""

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> Media:
        return cls(**{**data, "kind": Kind(data["kind"])})


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update of one channel. `(source, update_id)` is unique: a second delivery of it has no effect."""

    source: str
    update_id: int
    chat: ChatRef
    sender_id: str
    kind: Kind
    sent_at: datetime
    text: str = ""
    command: str = ""
    """Without the slash and the bot's name, lower case; `text` holds what follows it."""
    button: str = ""
    """The action of the pressed button."""
    callback_id: str = ""
    """Id by which the channel wants a pressed button acknowledged."""
    message_id: int | None = None
    """The message written, or the one that carries the pressed button."""
    media: Media | None = None
    content: bytes = field(default=b"", repr=False)
    """The bytes of the media, where they came with the message."""
    album_id: str = ""
    """The same for all pictures that were sent together."""
    is_edit: bool = False
    is_forward: bool = False
    is_addressed: bool = True
    """In a group: by name, by reply or by command. Always true in a private chat."""


@dataclass(frozen=True, slots=True)
class Button:
    """`action` is at most 64 bytes (Telegram's limit): `verb:argument`."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named in a text, whom the channel shall call by their account."""

    name: str
    account: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a person: plain text in three parts, which each channel escapes and sets in its own way."""

    body: str
    title: str = ""
    footer: str = ""
    buttons: tuple[tuple[Button, ...], ...] = ()
    """Rows of inline buttons."""
    edits_message_id: int | None = None
    """Replace this message instead of sending a new one; where that is no longer possible, send."""
    callback_id: str = ""
    """Acknowledge this pressed button; with an empty `body` only that, showing `footer` as a short notice."""
    mentions: tuple[Mention, ...] = ()
    """Those named in `body`, in the order of their names there."""
    media: Media | None = None
    """Sent with the text under it, or behind the text where that is too long or the kind takes none."""
    entry_id: str = ""
    """The entry whose answer this is."""
    is_urgent: bool = False
    """First aid for somebody in danger: a channel that can sets it apart, calmly."""

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> Reply:
        rows = tuple(tuple(Button(**button) for button in row) for row in data.get("buttons", ()))
        media = Media.from_json(data["media"]) if data.get("media") else None
        mentions = tuple(Mention(**mention) for mention in data.get("mentions", ()))
        return cls(**{**data, "buttons": rows, "mentions": mentions, "media": media})


@dataclass(frozen=True, slots=True)
class Memory:
    """What the conversation remembers of a chat between turns; kept in the chat's row."""

    last_text: str = ""
    last_entry: str = ""
    last_country: str = ""
    last_at: str = ""
    """ISO moment of the last turn; memory older than an hour is not used."""
    asked_at: str = ""
    """ISO moment of the last question; what comes within a breath of it still belongs to it."""
    awaiting: str = ""
    """The flow that waits for the person's next message, or empty."""
    album: str = ""
    """The album whose first picture was answered: one answer is enough for all of them."""

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict | None) -> Memory:
        """The memory of a stored row; what another version remembered besides is passed over."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in (data or {}).items() if name in known})
