"""A written document as the checks see it: its values, the line behind each of them, and what does not fit its shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import yaml

KeyPath = tuple[str | int, ...]
"""Where a value stands in the document: ("variants", "formal", 3)."""

ANY = "*"
_FITS = {
    "teks": lambda value: isinstance(value, str) and bool(value.strip()),
    "teks atau kosong": lambda value: value is None or isinstance(value, str),
    "true atau false": lambda value: isinstance(value, bool),
    "tanggal TTTT-BB-HH": lambda value: day_of(value) is not None,
}
BRACES = re.compile(r"\{[^{}\n]*\}?|\}")
KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a file is refused."""

    file: str
    line: int
    reason: str
    place: KeyPath = ()
    """Where in the document."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed file: its document, and the YAML node behind each value, for the line."""

    file: str
    document: dict
    nodes: dict[KeyPath, yaml.Node]

    def problem(self, reason: str, *path: str | int, offset: int | None = None) -> Problem:
        """A problem at the value of `path` or the nearest one around it; `offset` points into a block text."""
        place = path
        while path not in self.nodes:
            path = path[:-1]
        node = self.nodes[path]
        line = node.start_mark.line + 1
        if offset is not None and isinstance(node, yaml.ScalarNode) and node.style == "|":
            line += 1 + node.value[:offset].count("\n")
        return Problem(self.file, line, reason, place)

    def texts(self) -> Iterator[tuple[KeyPath, str]]:
        """Every text of the answer with its place."""
        yield ("answer", "short"), self.document["answer"]["short"]
        yield ("answer", "more"), self.document["answer"].get("more") or ""
        for code, text in self.document.get("countries", {}).items():
            yield ("countries", code), text

    def variants(self) -> Iterator[tuple[KeyPath, str]]:
        """Every variant with its place."""
        for style, texts in self.document["variants"].items():
            for position, text in enumerate(texts):
                yield ("variants", style, position), text


@dataclass(frozen=True, slots=True)
class RowPage(Page):
    """An entry in one row of a table: all its values stand in one line."""

    row: int = 0

    def problem(self, reason: str, *path: str | int, offset: int | None = None) -> Problem:
        return Problem(self.file, self.row, reason, path)


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Leaves a date that no calendar has as text, so that it is refused with its line like any wrong value."""


def _timestamp(loader: Loader, node: yaml.ScalarNode) -> date | str:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


Loader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)


def read_file(path: Path, shape: dict) -> tuple[Page | None, list[Problem]]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return None, [Problem(path.name, 1, f"berkas tidak terbaca: {error}")]
    return read_text(path.name, text, shape)


def read_text(file: str, text: str, shape: dict) -> tuple[Page | None, list[Problem]]:
    try:
        loader = Loader(text)
        root = loader.get_single_node()
        document = loader.construct_document(root) if root is not None else None
    except yaml.YAMLError as error:
        return None, [broken(file, error)]
    except ValueError as error:
        return None, [Problem(file, 1, f"berkas tidak terbaca: {error}")]
    return page_of(file, root, document, shape)


def page_of(file: str, root: yaml.Node, document: object, shape: dict) -> tuple[Page | None, list[Problem]]:
    if not isinstance(document, dict):
        line = root.start_mark.line + 1 if root is not None else 1
        return None, [Problem(file, line, "isinya harus pasangan nama: nilai")]
    page = Page(file, document, dict(_nodes(root, set())))
    twice = [Problem(file, line, f"'{key}' ditulis dua kali") for key, line in _keys_written_twice(root)]
    return page, twice + [page.problem(reason, *place) for place, reason in _misfits(document, shape)]


def broken(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    if mark is None:
        return Problem(file, 1, f"YAML rusak: {reason}")
    return Problem(file, mark.line + 1, f"YAML rusak di kolom {mark.column + 1}: {reason}")


def _nodes(node: yaml.Node, seen: set[int], path: KeyPath = ()) -> Iterator[tuple[KeyPath, yaml.Node]]:
    """Every node with its place; an alias is followed once, so that a file cannot blow up the check."""
    yield path, node
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _nodes(value, seen, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _nodes(value, seen, (*path, position))


def _keys_written_twice(root: yaml.MappingNode) -> Iterator[tuple[str, int]]:
    """Keys that YAML would silently let the later one of win."""
    for mapping in (root, *(value for _, value in root.value if isinstance(value, yaml.MappingNode))):
        seen: set[str] = set()
        for key, _ in mapping.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key.value, key.start_mark.line + 1
                seen.add(key.value)


def _misfits(value: object, shape: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Fields that are missing, unknown or of another type than `shape` says."""
    name = ".".join(map(str, path))
    if isinstance(shape, dict):
        yield from (
            _misfits_of_mapping(value, shape, path)
            if isinstance(value, dict)
            else [(path, f"'{name}' harus pasangan nama: nilai")]
        )
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield path, f"'{name}' harus daftar"
            return
        for position, item in enumerate(value):
            yield from _misfits(item, shape[0], (*path, position))
    elif not _FITS[shape](value):
        yield path, f"'{name}' harus {shape}"


def _misfits_of_mapping(value: dict, shape: dict, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    known = {key.removesuffix("?"): item for key, item in shape.items()}
    for key, item in value.items():
        if not isinstance(key, str) or (key not in known and ANY not in known):
            yield (*path, str(key)), f"isian tidak dikenal: '{key}'"
        else:
            yield from _misfits(item, known.get(key, known.get(ANY)), (*path, key))
    for key in shape:
        if key != ANY and key not in value and not key.endswith("?"):
            yield path, f"isian '{'.'.join(map(str, (*path, key)))}' tidak ada"


def day_of(value: object) -> date | None:
    """A date as YAML reads it, or as ISO text, which is what an export holds."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
