"""A Reply as the web page shows it: plain text in blocks, so that the template sets paragraphs and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from bot.domain.messages import Kind, Reply
from bot.services.conversation import Told

_NUMBERED = re.compile(r"(\d{1,2})[.)]\s+(?=\S)")
_BULLETED = re.compile(r"[-•*]\s+(?=\S)")
_LINK = re.compile(
    r"(?P<address>https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]])"
    # In danger a number must be one tap away. Dates (08-12-2026) and hours (08.00) are none.
    r"|(?P<phone>(?<![\w+/.-])(?!\d\d-\d\d-\d{4}\b)(?:\+\d|08)[\d -]{5,15}\d(?!\w)"
    # Short ones (999, 110) only where a line of contacts has them: behind the name's colon, before how far it is confirmed.
    r"|(?<=: )\d{3,7}(?=, | \())"
    r"|(?P<note>\([^()]*\bperlu dikonfirmasi petugas\))"
)
MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"
FILE_LABELS = {Kind.PICTURE: "Buka gambar", Kind.VOICE: "Dengarkan pesan suara", Kind.VIDEO: "Buka video"}
HEADING_CHARACTERS = 60
"""A line this short without an end of sentence, right above other lines, is their heading."""


class BlockKind(StrEnum):
    HEADING = "heading"
    TEXT = "text"
    NUMBERED = "numbered"
    BULLETED = "bulleted"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; `href` where it is an address or a phone number, `is_note` for how far something is confirmed."""

    text: str
    href: str = ""
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    spans: tuple[Span, ...]
    number: int = 0
    """As written, in a numbered block."""


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message in the conversation area: Silvi's `reply`, or `own_text` of the person."""

    id: int = 0
    reply: Reply | None = None
    own_text: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A link to what is no text; a picture is shown in the conversation, too."""

    label: str
    href: str
    is_picture: bool = False


def blocks(text: str, *, headed: bool = True) -> list[Block]:
    """`text` as paragraphs and lists; an empty line parts paragraphs, numbers stay as they were written.

    Small print is not `headed`: its first line is as small as the others.
    """
    found = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        raws = [raw.strip() for raw in paragraph.split("\n") if raw.strip()]
        lines = [_line(raw) for raw in raws]
        if headed and len(raws) > 1 and lines[0][0] is BlockKind.TEXT and _is_heading(raws[0]):
            found.append(Block(BlockKind.HEADING, (lines.pop(0)[1],)))
        for kind, group in groupby(lines, key=lambda pair: pair[0]):
            found.append(Block(kind, tuple(line for _, line in group)))
    return found


def _is_heading(raw: str) -> bool:
    return len(raw) <= HEADING_CHARACTERS and raw[0].isupper() and raw[-1].isalnum()


def _line(raw: str) -> tuple[BlockKind, Line]:
    if match := _NUMBERED.match(raw):
        return BlockKind.NUMBERED, Line(_spans(raw[match.end() :]), number=int(match.group(1)))
    if match := _BULLETED.match(raw):
        return BlockKind.BULLETED, Line(_spans(raw[match.end() :]))
    return BlockKind.TEXT, Line(_spans(raw))


def _spans(text: str) -> tuple[Span, ...]:
    """Addresses and phone numbers apart from the words around them."""
    spans, position = [], 0
    for match in _LINK.finditer(text):
        spans.append(Span(text[position : match.start()]))
        href = match["address"] or ("tel:" + re.sub(r"[ -]", "", match["phone"]) if match["phone"] else "")
        spans.append(Span(match.group(), href=href, is_note=bool(match["note"])))
        position = match.end()
    spans.append(Span(text[position:]))
    return tuple(span for span in spans if span.text)


def is_notice(reply: Reply) -> bool:
    """A short sign that a pressed button was heard, not a message of the conversation."""
    return not reply.body and not reply.title and not reply.media


def attached(bubble: Bubble) -> Attached | None:
    """What is shown of a message's file, place or contact."""
    media = bubble.reply.media if bubble.reply else None
    if media is None:
        return None
    if media.kind is Kind.LOCATION:
        label = " ".join(part for part in ("Buka lokasi di peta", media.name) if part)
        return Attached(label, MAP.format(lat=media.latitude, lon=media.longitude))
    if media.kind is Kind.CONTACT:
        return Attached(f"{media.person_name} {media.phone}".strip(), f"tel:{re.sub(r'[^+0-9]', '', media.phone)}")
    label = " ".join(part for part in (FILE_LABELS.get(media.kind, "Buka berkas"), media.name) if part)
    return Attached(label, f"/obrolan/lampiran/{bubble.id}", is_picture=media.kind is Kind.PICTURE)


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the person wrote, and after which of Silvi's messages."""

    after_id: int
    text: str


def conversation(told: Sequence[Told], own: Iterable[OwnWords]) -> list[Bubble]:
    """The conversation as it stands: edits in place, notices left out, the person's words between the replies."""
    replies: dict[int, Reply] = {}
    for item in told:
        if is_notice(item.reply):
            continue
        edited = item.reply.edits_message_id
        replies[edited if edited in replies else item.id] = item.reply
    # Of two with the same id the reply (0) stands before the words written under it (1).
    ordered = [(shown_id, 0, Bubble(shown_id, reply=reply)) for shown_id, reply in replies.items()]
    ordered += [(words.after_id, 1, Bubble(own_text=words.text)) for words in own]
    return [bubble for *_, bubble in sorted(ordered, key=lambda item: item[:2])]


def latest_notice(told: Sequence[Told]) -> str:
    """The short sign to show on a freshly loaded page: only when it is the newest thing said, and new."""
    return told[-1].reply.footer if told and told[-1].is_new and is_notice(told[-1].reply) else ""


def button_label(told: Sequence[Told], action: str) -> str:
    """What stands on the button with this action, newest first; empty when no shown message carries it."""
    for item in reversed(told):
        for button in (button for row in item.reply.buttons for button in row):
            if button.action == action:
                return button.label
    return ""
