"""Which destination a text speaks of, from country names and the places people write instead."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

from knowledge.entries import CONTENT, read_yaml
from knowledge.normalize import plain

AMBIGUOUS = frozenset({"seberang", "rm", "ringgit", "arab", "song", "bau", "matu", "eps", "kedah", "muar", "sg"})
"""Names that also mean something else: used only when no clearer name is there."""

ADJACENT = {"sarawak": "malaysia"}
"""A clearer place wins over the country around it: 'Sibu, Malaysia' is Sarawak."""

DESTINATIONS = (
    "malaysia",
    "sarawak",
    "kuching",
    "sabah",
    "johor",
    "brunei",
    "singapura",
    "hong kong",
    "taiwan",
    "korea",
    "jepang",
    "jerman",
    "arab saudi",
    "dubai",
    "kamboja",
)
"""Names people of West Kalimantan write most for where they work."""


@lru_cache(maxsize=1)
def _gazetteer() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {str(name): code for code, names in read_yaml(CONTENT / "countries.yaml").items() for name in names}
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, ordered)) + r")(?!\w)"), names


def codes() -> frozenset[str]:
    """Every country code there is."""
    return frozenset(_gazetteer()[1].values())


def find_countries(text: str) -> list[str]:
    """Country codes named in `text`, in order of appearance, each once; clear names before ambiguous ones."""
    pattern, names = _gazetteer()
    found = pattern.findall(plain(text))
    clear = [names[name] for name in found if name not in AMBIGUOUS]
    ordered = list(dict.fromkeys(clear or [names[name] for name in found]))
    return [code for code in ordered if not any(ADJACENT.get(other) == code for other in ordered)]


def country_of(text: str) -> str | None:
    """The one destination a text is about: the last named, since people name where they are before where they want to go."""
    found = find_countries(text)
    return found[-1] if found else None


def elsewhere(text: str) -> str | None:
    """`text` in plain letters with its first clear country moved to another one, or None where it names none.

    Which one depends on the text alone.
    """
    pattern, names = _gazetteer()
    words = plain(text)
    country = next((names[name] for name in pattern.findall(words) if name not in AMBIGUOUS), None)
    if country is None:
        return None
    others = [name for name in DESTINATIONS if names[name] != country]
    other = others[zlib.crc32(words.encode()) % len(others)]
    return pattern.sub(
        lambda match: other if match[0] not in AMBIGUOUS and names[match[0]] == country else match[0], words
    )


@lru_cache(maxsize=1)
def name_pattern() -> re.Pattern[str]:
    """Matches any country or place name in plain text."""
    return _gazetteer()[0]
