"""Labelled questions, conversations and messages from files: what an evaluation is made on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from knowledge.entries import GoldenQuestion, load_golden

T = TypeVar("T")


class UnusableLabels(ValueError):
    """A folder or a line an evaluation cannot be made on; the text names file, line and reason."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns of one person; the last is answered, and `country` is the destination it is then about, if any."""

    turns: tuple[str, ...]
    entry_ids: tuple[str, ...]
    country: str | None


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """A message with its right triage; only a report has a category."""

    text: str
    intent: str
    urgency: str
    category: str | None


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Everything an evaluation measures; conversations and messages may be missing."""

    questions: list[GoldenQuestion]
    conversations: list[Conversation]
    messages: list[LabelledMessage]


def load_labelled(folder: Path | None) -> LabelledSet:
    """The golden questions, or what `folder` holds; raises UnusableLabels."""
    if folder is None:
        return LabelledSet(load_golden(), [], [])
    labelled = LabelledSet(
        questions=list(_read(folder, "questions*.jsonl", _question)),
        conversations=list(_read(folder, "multiturn*.jsonl", _conversation)),
        messages=list(_read(folder, "messages*.jsonl", _message)),
    )
    if not labelled.questions:
        raise UnusableLabels(f"{folder}: tidak ada pertanyaan di questions*.jsonl")
    return labelled


def _read(folder: Path, pattern: str, make: Callable[[dict], T]) -> Iterator[T]:
    for path in sorted(folder.glob(pattern)):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                yield make(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise UnusableLabels(f"{path}, baris {number}: {type(error).__name__}: {error}") from error


def _question(item: dict) -> GoldenQuestion:
    question = GoldenQuestion(
        str(item["id"]), str(item["text"]), tuple(item["topics"]), item.get("style", ""), item.get("oos") or ""
    )
    if bool(question.entry_ids) == bool(question.oos):
        raise ValueError("perlu topics, atau oos (far atau near)")
    return question


def _conversation(item: dict) -> Conversation:
    turns = tuple(str(turn["user"]) for turn in item["turns"])
    if not turns:
        raise ValueError("turns kosong")
    return Conversation(turns, tuple(item["final_topics"]), item.get("final_country"))


def _message(item: dict) -> LabelledMessage:
    return LabelledMessage(str(item["text"]), item["intent"], item["urgency"], item["category"])
