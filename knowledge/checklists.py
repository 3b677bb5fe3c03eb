"""The steps and papers on the way abroad, by destination and job: the reviewed content behind a person's own list."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from knowledge.entries import CONTENT, read_yaml
from knowledge.normalize import plain
from knowledge.office import TO_CONFIRM

CHECKLISTS = CONTENT / "checklists.yaml"
OTHER = "lain"
"""Stands for every country without steps of its own, and for every job without a name here."""


class Way(StrEnum):
    """How a worker is placed: by the government itself, or by a licensed company."""

    GOVERNMENT = "g-to-g"
    COMPANY = "p3mi"


WAYS = frozenset(Way)


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom something holds; an empty field means for all."""

    ways: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()

    def holds(self, way: str, country: str, job: str) -> bool:
        chosen = ((self.ways, way), (self.countries, country), (self.jobs, job))
        return all(not allowed or value in allowed for allowed, value in chosen)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, in one plain sentence, with the papers it brings."""

    id: str
    page: str
    label: str
    text: str
    entry: str
    facts: tuple[str, ...]
    papers: tuple[str, ...]
    scope: Scope


@dataclass(frozen=True, slots=True)
class Instead:
    """What is said where there is no list: the destination is closed, or the job goes another way."""

    text: str
    entry: str
    facts: tuple[str, ...]
    scope: Scope


@dataclass(frozen=True, slots=True)
class Checklists:
    """All of checklists.yaml."""

    last_checked: date
    review_by: date
    destinations: tuple[str, ...]
    jobs: dict[str, str]
    """Code -> label, in the order in which they are offered."""
    job_names: dict[str, str]
    """What people write for a job -> its code."""
    government: tuple[Scope, ...]
    instead: tuple[Instead, ...]
    pages: dict[str, str]
    """Code -> title, in order."""
    steps: tuple[Step, ...]

    def steps_for(self, country: str, job: str) -> tuple[Step, ...]:
        """The steps of this destination and job, page by page."""
        group = self.group(country)
        by_government = any(scope.holds("", group, job) for scope in self.government)
        way = Way.GOVERNMENT if by_government else Way.COMPANY
        found = [step for step in self.steps if step.scope.holds(way, group, job)]
        order = list(self.pages)
        return tuple(sorted(found, key=lambda step: order.index(step.page)))

    def instead_of(self, country: str, job: str) -> Instead | None:
        """What is said in place of a list, or None where there is one."""
        return next((instead for instead in self.instead if instead.scope.holds("", country, job)), None)

    def group(self, country: str) -> str:
        """The destination itself, or `lain` where it has no steps of its own."""
        return country if country in self.destinations else OTHER

    def job_of(self, text: str) -> str | None:
        """The job that a text names: the longest name in it, so that "perawat lansia" is not "perawat"."""
        words = f" {plain(text)} "
        found = [name for name in self.job_names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)]
        return self.job_names[max(found, key=len)] if found else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a person is on a list; ticks of steps that no longer exist count for nothing."""

    steps: tuple[Step, ...]
    done: frozenset[str]

    @classmethod
    def of(cls, steps: tuple[Step, ...], ticked: Collection[str]) -> Progress:
        return cls(steps, frozenset(step.id for step in steps) & frozenset(ticked))

    @property
    def next_step(self) -> Step | None:
        """The first one that is not done."""
        return next((step for step in self.steps if step.id not in self.done), None)

    def number(self, step: Step) -> int:
        """Its place in the whole list, from 1."""
        return self.steps.index(step) + 1


@lru_cache(maxsize=1)
def checklists() -> Checklists:
    """The shipped lists."""
    return load_checklists(CHECKLISTS)


def load_checklists(path: Path) -> Checklists:
    """The lists of a file that `silvi kb validate` accepts."""
    document = read_yaml(path)
    jobs = document["jobs"]
    return Checklists(
        last_checked=document["last_checked"],
        review_by=document["review_by"],
        destinations=tuple(document["destinations"]),
        jobs={code: job["label"] for code, job in jobs.items()},
        job_names={plain(name): code for code, job in jobs.items() for name in job["names"]},
        government=tuple(_scope(item) for item in document["government"]),
        instead=tuple(
            Instead(_told(item), item["entry"], tuple(item["facts"]), _scope(item)) for item in document["instead"]
        ),
        pages=dict(document["pages"]),
        steps=tuple(
            Step(
                id=item["id"],
                page=item["page"],
                label=item["label"],
                text=_told(item),
                entry=item["entry"],
                facts=tuple(item["facts"]),
                papers=tuple(item.get("papers", ())),
                scope=_scope(item),
            )
            for item in document["steps"]
        ),
    )


def sources_of(step: Step) -> tuple[str, ...]:
    """Titles of the sources behind a step; none where it is known from memory alone."""
    facts, sources = _evidence()
    keys = dict.fromkeys(key for fact in step.facts for key in facts[fact].get("sources", ()))
    return tuple(sources[key]["title"] for key in keys)


@lru_cache(maxsize=1)
def _evidence() -> tuple[dict[str, dict], dict[str, dict]]:
    return read_yaml(CONTENT / "facts.yaml"), read_yaml(CONTENT / "sources.yaml")


def _told(item: dict) -> str:
    """The text, with the caution where a fact behind it is known from memory."""
    facts, _ = _evidence()
    states = [facts[fact] for fact in item["facts"]]
    if not any(fact["status"] == "recalled" or fact.get("partly_recalled") for fact in states):
        return item["text"]
    return f"{item['text'].removesuffix('.')} ({TO_CONFIRM})."


def _scope(item: dict) -> Scope:
    return Scope(*(tuple(item.get(field, ())) for field in ("ways", "countries", "jobs")))
