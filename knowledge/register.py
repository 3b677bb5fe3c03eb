"""What entries and lists may refer to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from knowledge import countries
from knowledge.entries import CONTENT, Entry, read_yaml
from knowledge.office import OfficeProfile


@dataclass(frozen=True, slots=True)
class Register:
    """What an entry may refer to, and the day on which its dates are judged."""

    topics: dict[str, str]
    categories: frozenset[str]
    facts: dict[str, dict]
    sources: frozenset[str]
    countries: frozenset[str]
    office: OfficeProfile
    today: date


def load_register(office: OfficeProfile, *, today: date, published: Iterable[Entry] = ()) -> Register:
    """The known topics, categories, facts, sources and countries, from the content folder."""
    return Register(
        topics={entry.id: entry.category for entry in published} | read_yaml(CONTENT / "topics.yaml"),
        categories=frozenset(read_yaml(CONTENT / "categories.yaml")),
        facts=read_yaml(CONTENT / "facts.yaml"),
        sources=frozenset(read_yaml(CONTENT / "sources.yaml")),
        countries=countries.codes(),
        office=office,
        today=today,
    )
