"""A Reply as Telegram messages: escaped HTML, split where a text is longer than one message may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape

from bot.domain.messages import FILES, Kind, Media, Mention, Reply

MESSAGE_MAX_UNITS = 4096
"""Telegram counts UTF-16 code units, after the HTML is parsed."""

CAPTION_MAX_UNITS = 1024
CAPTIONED = FILES - {Kind.VIDEO_NOTE}
"""What Telegram sets a text under."""

BREAKS = ("\n\n", "\n", " ")
"""Where a long text is cut, the best place first."""


UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Part:
    """One message; `plain` is sent where Telegram refuses `html`. With `media` they are its caption."""

    html: str
    plain: str
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of the whole text stand between `<tag>` and its end; `account` is who it calls."""

    start: int
    end: int
    tag: str
    account: str = ""

    def opening(self) -> str:
        return f'<{self.tag} href="tg://user?id={escape(self.account)}">' if self.account else f"<{self.tag}>"


def render(reply: Reply) -> list[Part]:
    """The messages of `reply`, in order: bold title, body, italic footer; empty where there is neither text nor media."""
    title, body, footer = (_printable(text).strip() for text in (reply.title, reply.body, reply.footer))
    if not title and not body and not reply.media:
        return []
    whole = "\n\n".join(text for text in (title, body, footer) if text)
    spans = (
        Span(0, len(title), "b"),
        *_mentions(whole, len(title), reply.mentions),
        Span(len(whole) - len(footer), len(whole), "i"),
    )
    if not reply.media:
        return [Part(_html(whole, start, end, spans), whole[start:end]) for start, end in split(whole)]
    if reply.media.kind in CAPTIONED and utf16_units(whole) <= CAPTION_MAX_UNITS:
        return [Part(_html(whole, 0, len(whole), spans), whole, reply.media)]
    return [*render(replace(reply, media=None)), Part("", "", reply.media)]


def split(text: str, limit: int = MESSAGE_MAX_UNITS) -> list[tuple[int, int]]:
    """Ranges of `text` of at most `limit` UTF-16 units, cut at paragraphs, then lines, then words."""
    ranges = []
    start = 0
    while start < len(text):
        fits = _fitting(text, start, limit)
        end = fits if fits == len(text) else _best_break(text, start, fits)
        last = end
        while last > start and text[last - 1].isspace():
            last -= 1
        if last > start:
            ranges.append((start, last))
        start = end
        while start < len(text) and text[start].isspace():
            start += 1
    return ranges


def utf16_units(text: str) -> int:
    """Length of `text` as Telegram counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def _fitting(text: str, start: int, limit: int) -> int:
    """The furthest end such that `text[start:end]` has at most `limit` units."""
    units = 0
    for position in range(start, len(text)):
        units += 2 if text[position] > "\uffff" else 1
        if units > limit:
            return position
    return len(text)


def _best_break(text: str, start: int, end: int) -> int:
    # A break in the second half first, so that a title does not end up alone in a message.
    for earliest in ((start + end) // 2, start + 1):
        for separator in BREAKS:
            # The separator itself may stand just behind the part: it is not sent.
            position = text.rfind(separator, earliest, end + len(separator))
            if position > start:
                return position
    return end


def _html(text: str, start: int, end: int, spans: tuple[Span, ...]) -> str:
    """`text[start:end]` escaped, with the spans' tags opened and closed inside this part."""
    pieces, position = [], start
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            pieces += [escape(text[position:first], quote=False)]
            pieces += [f"{span.opening()}{escape(text[first:last], quote=False)}</{span.tag}>"]
            position = last
    return "".join(pieces) + escape(text[position:end], quote=False)


def _mentions(text: str, start: int, mentions: tuple[Mention, ...]) -> Iterator[Span]:
    """The names in `text` behind `start` that call somebody."""
    for mention in mentions:
        found = text.find(mention.name, start)
        if found >= 0:
            start = found + len(mention.name)
            yield Span(found, start, "a", mention.account)


def _printable(text: str) -> str:
    """Without control characters and lone surrogates, which Telegram refuses or shows as boxes."""
    return UNPRINTABLE.sub("", text)
