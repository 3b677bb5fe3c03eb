"""How an entry of the knowledge base is changed: who may do what, which step follows which, and a document as fields of a form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from bot.domain.cases import LEADING, Role


class DraftState(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class EditAction(StrEnum):
    SAVE = "save"
    SUBMIT = "submit"
    SEND_BACK = "send_back"
    DISCARD = "discard"
    PUBLISH = "publish"
    RETIRE = "retire"
    ROLL_BACK = "roll_back"


OPEN_STATES = (DraftState.DRAFT, DraftState.REVIEW)

ALLOWED: dict[EditAction, frozenset[Role]] = {
    EditAction.SAVE: frozenset(Role),
    EditAction.SUBMIT: frozenset(Role),
    EditAction.DISCARD: frozenset(Role),
    EditAction.SEND_BACK: LEADING,
    EditAction.PUBLISH: LEADING,
    EditAction.RETIRE: LEADING,
    EditAction.ROLL_BACK: LEADING,
}
"""Which role may do what. Whoever wrote any part of a draft never publishes it, whatever the role."""

TRANSITIONS: dict[tuple[DraftState, EditAction], DraftState] = {
    (DraftState.DRAFT, EditAction.SAVE): DraftState.DRAFT,
    (DraftState.REVIEW, EditAction.SAVE): DraftState.DRAFT,
    (DraftState.DRAFT, EditAction.SUBMIT): DraftState.REVIEW,
    (DraftState.REVIEW, EditAction.SEND_BACK): DraftState.DRAFT,
    (DraftState.REVIEW, EditAction.PUBLISH): DraftState.PUBLISHED,
    (DraftState.DRAFT, EditAction.DISCARD): DraftState.DISCARDED,
    (DraftState.REVIEW, EditAction.DISCARD): DraftState.DISCARDED,
}
"""The way of a draft; what is not here is refused."""

Fields = dict[str, str]
"""A document as a form holds it: `answer.short`, `countries.sarawak`, `variants.formal`; lists as lines."""

LISTS = ("near", "facts", "legal_basis", "sources")
PLAIN = ("title", "category", "officer", "last_checked", "review_by")
GROUPS = ("countries", "variants")

_WORDS = re.compile(r"\s+|[^\s]+")


class NotAllowed(Exception):
    """This officer's role does not do that, or the officer wrote the draft and cannot review it."""


class NoSuchEntry(Exception):
    """There is no such entry or revision in force."""


class PieceKind(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a field, and whether they stay."""

    text: str
    kind: PieceKind


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs between two documents, word by word."""

    field: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """Two people's changes put together field by field; of `conflicts`, which both changed, it holds the later one's."""

    fields: Fields
    conflicts: frozenset[str]


def check_allowed(role: Role | str, action: EditAction) -> None:
    """Raises NotAllowed."""
    if Role(role) not in ALLOWED[action]:
        raise NotAllowed


def fields_of(document: Mapping) -> Fields:
    """The fields of a stored document; what is empty is left out."""
    answer = document.get("answer") or {}
    fields = {name: str(document.get(name) or "") for name in PLAIN}
    fields["volatile"] = "ya" if document.get("volatile") else ""
    fields |= {name: "\n".join(document.get(name) or ()) for name in LISTS}
    fields |= {f"answer.{part}": answer.get(part) or "" for part in ("short", "more")}
    fields |= {f"countries.{code}": text for code, text in (document.get("countries") or {}).items()}
    fields |= {f"variants.{style}": "\n".join(texts) for style, texts in (document.get("variants") or {}).items()}
    return {name: value.strip() for name, value in fields.items() if value.strip()}


def document_from(entry_id: str, fields: Mapping[str, str]) -> dict:
    """The document of a form's fields, which need not be right yet; unknown fields are passed over."""
    fields = {name: value.replace("\r\n", "\n").replace("\r", "\n").strip() for name, value in fields.items()}
    document: dict = {"id": entry_id}
    document |= {name: fields.get(name, "") for name in PLAIN}
    document["volatile"] = bool(fields.get("volatile"))
    document |= {name: _lines(fields.get(name, "")) for name in LISTS}
    document["answer"] = {part: fields.get(f"answer.{part}", "") for part in ("short", "more")}
    countries = {code: text for code, text in _group(fields, "countries") if text}
    if countries:
        document["countries"] = countries
    document["variants"] = {style: _lines(text) for style, text in _group(fields, "variants") if text}
    return document


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """What differs, field by field in the order of the documents, with the words that came and went."""
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        Change(name, _pieces(before.get(name, ""), after.get(name, "")))
        for name in names
        if before.get(name, "") != after.get(name, "")
    )


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Fields, Fields]:
    """The fields that differ, as they were and as they are."""
    names = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    return tuple({name: fields[name] for name in sorted(names & fields.keys())} for fields in (before, after))


def merge(base: Mapping[str, str], theirs: Mapping[str, str], own: Mapping[str, str]) -> Merged:
    """`own` on top of `theirs`, both made from `base`: a field only the others changed is taken from them."""
    fields, conflicts = {}, set()
    for name in {**theirs, **own, **base}:
        at_first, standing, wanted = (fields_.get(name, "") for fields_ in (base, theirs, own))
        fields[name] = standing if wanted == at_first else wanted
        if wanted not in (at_first, standing) and standing != at_first:
            conflicts.add(name)
    return Merged({name: value for name, value in fields.items() if value}, frozenset(conflicts))


def _pieces(before: str, after: str) -> tuple[Piece, ...]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if tag == "equal":
            pieces.append(Piece(gone, PieceKind.SAME))
            continue
        if gone:
            pieces.append(Piece(gone, PieceKind.REMOVED))
        if come:
            pieces.append(Piece(come, PieceKind.ADDED))
    return tuple(pieces)


def _group(fields: Mapping[str, str], group: str) -> Iterator[tuple[str, str]]:
    for name, text in fields.items():
        if name.startswith(f"{group}."):
            yield name.removeprefix(f"{group}."), text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
