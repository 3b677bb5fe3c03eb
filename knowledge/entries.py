"""The knowledge base as it is written and reviewed: one YAML file an entry, and the lines that have no answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import yaml

CONTENT = Path(__file__).with_name("content")
FIRST_PART_CHARACTERS = 600
"""Of what is read at once; the rest waits behind a button."""
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Officer(StrEnum):
    """Whether an answer ends with an officer: never, offered, or a case is opened always."""

    NEVER = "never"
    OFFER = "offer"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way people ask an entry's question."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One question and its reviewed answer; placeholders in braces are filled from the office profile."""

    id: str
    title: str
    category: str
    volatile: bool
    officer: Officer
    near: tuple[str, ...]
    facts: tuple[str, ...]
    legal_basis: tuple[str, ...]
    sources: tuple[str, ...]
    last_checked: date
    review_by: date
    short: str
    more: str
    countries: dict[str, str]
    variants: tuple[Variant, ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class OutOfScopeLine:
    """An utterance Silvi has no answer for; `kind` is far or near."""

    text: str
    style: str
    kind: str


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question with its right entries, never trained on; `entry_ids` is empty for an out-of-scope line of kind `oos`."""

    id: str
    text: str
    entry_ids: tuple[str, ...]
    style: str
    oos: str = ""


def entry_from_document(document: dict, *, version: int = 1) -> Entry:
    """An entry from its YAML or JSON document; raises KeyError, TypeError or ValueError where it does not fit."""
    return Entry(
        id=document["id"],
        title=document["title"],
        category=document["category"],
        volatile=bool(document["volatile"]),
        officer=Officer(document["officer"]),
        near=tuple(document["near"]),
        facts=tuple(document["facts"]),
        legal_basis=tuple(document["legal_basis"]),
        sources=tuple(document["sources"]),
        last_checked=_as_date(document["last_checked"]),
        review_by=_as_date(document["review_by"]),
        short=document["answer"]["short"].strip(),
        more=(document["answer"].get("more") or "").strip(),
        countries={code: text.strip() for code, text in (document.get("countries") or {}).items()},
        variants=tuple(Variant(text, style) for style, texts in document["variants"].items() for text in texts),
        version=version,
    )


def document_of(entry: Entry) -> dict:
    """The document an entry is stored and exported as; dates as ISO text."""
    variants: dict[str, list[str]] = {}
    for variant in entry.variants:
        variants.setdefault(variant.style, []).append(variant.text)
    document = {
        "id": entry.id,
        "title": entry.title,
        "category": entry.category,
        "volatile": entry.volatile,
        "officer": entry.officer.value,
        "near": list(entry.near),
        "facts": list(entry.facts),
        "legal_basis": list(entry.legal_basis),
        "sources": list(entry.sources),
        "last_checked": entry.last_checked.isoformat(),
        "review_by": entry.review_by.isoformat(),
        "answer": {"short": entry.short, "more": entry.more},
    }
    if entry.countries:
        document["countries"] = dict(entry.countries)
    return document | {"variants": variants}


def write_entry(entry: Entry, folder: Path) -> Path:
    """Write an entry as the YAML file it could have been read from."""
    path = folder / f"{entry.id}.yaml"
    path.write_text(as_yaml([entry]), encoding="utf-8")
    return path


def as_yaml(entries: list[Entry]) -> str:
    """Entries as YAML documents of one text; long texts as blocks."""
    written = {"allow_unicode": True, "sort_keys": False, "width": 1_000_000}
    is_stream = len(entries) > 1
    return yaml.dump_all(map(document_of, entries), Dumper=_BlockDumper, explicit_start=is_stream, **written)


class _BlockDumper(yaml.SafeDumper):
    """Texts of several lines as literal blocks."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_BlockDumper.add_representer(str, _represent_text)


def load_entries(folder: Path) -> list[Entry]:
    """All entries of a folder of YAML files, sorted by id; raises ValueError naming the file that does not fit."""
    entries = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            entries.append(entry_from_document(read_yaml(path)))
        except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
            raise ValueError(f"{path.name}: {type(error).__name__}: {error}") from error
    return entries


def load_out_of_scope(path: Path = CONTENT / "out_of_scope.yaml") -> list[OutOfScopeLine]:
    """The lines Silvi must not answer."""
    document = read_yaml(path)
    return [
        OutOfScopeLine(text, style, kind)
        for kind in ("far", "near")
        for style, texts in document[kind].items()
        for text in texts
    ]


def load_golden(folder: Path = CONTENT / "golden") -> list[GoldenQuestion]:
    """The golden questions, in the order of files and lines."""
    return [
        GoldenQuestion(item["id"], item["text"], tuple(item["topics"]), item["style"], item.get("oos", ""))
        for path in sorted(folder.glob("*.yaml"))
        for item in read_yaml(path)
    ]


def read_yaml(path: Path):
    """A YAML file's content; raises yaml.YAMLError with line and column for broken syntax."""
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of an answer; a list belongs to the line right above it."""
    return re.split(r"\n\s*\n", text.strip())


def variants_of(entries: list[Entry]) -> Iterator[tuple[str, Variant]]:
    """Every (entry id, variant) pair, in order."""
    for entry in entries:
        for variant in entry.variants:
            yield entry.id, variant


def _as_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
