"""Telegram's HTML, read as strictly as Telegram reads it."""

from __future__ import annotations

import html
import re
from typing import Any

ENTITY_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-zA-Z-]+(?:=\"[^\"]*\")?)*)\s*>")
MENTION = re.compile(r'\s+href="tg://user\?id=(\d+)"')
CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")


class BadMarkup(Exception):
    """What Telegram would say behind "can't parse entities"."""


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def read_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text and its entities (offsets in UTF-16 units); raises BadMarkup."""
    plain: list[str] = []
    entities: list[dict[str, Any]] = []
    open_tags: list[tuple[str, int, str]] = []
    length = position = 0
    while position < len(source):
        if source[position] == "<":
            tag = TAG.match(source, position)
            if not tag or tag.group(2).lower() not in ENTITY_OF_TAG:
                name = tag.group(2) if tag else source[position + 1 : position + 11]
                raise BadMarkup(f'Unsupported start tag "{name}" at byte offset {len(source[:position].encode())}')
            name = tag.group(2).lower()
            if not tag.group(1):
                open_tags.append((name, length, tag.group(3)))
            elif not open_tags or open_tags[-1][0] != name:
                raise BadMarkup(f"Unexpected end tag at byte offset {len(source[:position].encode())}")
            else:
                _, start, attributes = open_tags.pop()
                if length > start:
                    entities.append({**_entity(name, attributes), "offset": start, "length": length - start})
            position = tag.end()
            continue
        character = CHARACTER.match(source, position)
        piece = html.unescape(character.group()) if character else source[position]
        plain.append(piece)
        length += utf16(piece)
        position = character.end() if character else position + 1
    if open_tags:
        raise BadMarkup(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return "".join(plain), sorted(entities, key=lambda entity: entity["offset"])


def _entity(name: str, attributes: str) -> dict[str, Any]:
    mention = MENTION.fullmatch(attributes)
    if name == "a" and mention:
        return {"type": "text_mention", "user": {"id": int(mention[1]), "is_bot": False, "first_name": "Petugas"}}
    return {"type": ENTITY_OF_TAG[name]}
