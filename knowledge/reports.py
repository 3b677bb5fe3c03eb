"""What a message tells of a problem, by reviewed rules: they need no model, so they also work while the NLU is away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from knowledge.countries import AMBIGUOUS, country_of, name_pattern
from knowledge.entries import CONTENT, read_yaml
from knowledge.normalize import Normalizer, load_lexicon, plain

RULES = CONTENT / "reports.yaml"
NUMBERS = "satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas|beberapa|setengah"
SHORT_UNITS = {"mgg": "minggu", "bln": "bulan", "thn": "tahun", "th": "tahun"}
A_RATE = "".join(f"(?<!\\b{unit} )" for unit in ("jam", "kali", "juta", "ribu", "ringgit"))
"""Behind these, "sehari" tells how much in a day."""
LIKE_ITS_COUNTRY = 0.6
"""Likeness from which a name is the country itself ("serawak"), not a place in it ("kuching")."""

SHORTEST_PLACE = 4
"""Shorter names of the gazetteer are abbreviations of countries."""


_CLAUSES = re.compile(r"[,.;!?\n]")


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of a problem; empty where nothing was."""

    category: str = ""
    place: str = ""
    duration: str = ""
    is_for_other: bool = False
    """It happens to somebody near the teller, not to the teller."""
    wants_no_calls: bool = False
    """A call could be heard, or cannot be taken."""


@dataclass(frozen=True, slots=True)
class _Rules:
    categories: dict[str, re.Pattern[str]]
    duration: re.Pattern[str]
    since: re.Pattern[str]
    no_duration_behind: re.Pattern[str]
    no_duration_before: re.Pattern[str]
    place_behind: re.Pattern[str]
    place_of_a_kind: re.Pattern[str]
    other: re.Pattern[str]
    telling: re.Pattern[str]
    me: re.Pattern[str]
    wishes: dict[str, re.Pattern[str]]
    answers: dict[str, re.Pattern[str]]
    normalizer: Normalizer


def read_report(text: str) -> Told:
    """All that the rules read out of `text`."""
    rules = _rules()
    words, standard = plain(text), rules.normalizer(text)
    category = next((name for name, rule in rules.categories.items() if _either(rule, words, standard)), "")
    return Told(
        category=category,
        place=next(filter(None, (_place(plain(clause), rules) for clause in _CLAUSES.split(text))), ""),
        duration=_duration(standard, rules),
        is_for_other=_is_for_other(standard, rules),
        wants_no_calls=_either(rules.wishes["no_calls"], words, standard),
    )


def is_country_name(text: str) -> bool:
    """The whole text names a country and no place in it."""
    words = plain(text)
    return bool(name_pattern().fullmatch(words)) and _is_country(words)


def read_wish_to_report(text: str) -> str | None:
    """What stands behind a plain wish to report ("saya mau lapor ..."), empty where nothing does; None where it is no wish."""
    rules = _rules()
    found = rules.wishes["report"].match(rules.normalizer(text))
    return found["story"].strip() if found else None


def wants_officer(text: str) -> bool:
    """A plain wish to talk to a human."""
    return _says("wishes", "officer", text)


def asks_for_news(text: str) -> bool:
    """How the own report is going."""
    return _says("wishes", "news", text)


def says_solved(text: str) -> bool:
    """A plain yes to "is it solved?"."""
    return _says("answers", "solved", text)


def says_unsolved(text: str) -> bool:
    """A plain no to "is it solved?", or the wish to open the report again."""
    return _says("answers", "unsolved", text) or wants_reopening(text)


def wants_reopening(text: str) -> bool:
    """Said of a report that is closed, not just as an answer."""
    return _says("answers", "reopen", text)


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    """The reviewed table, compiled."""
    table = read_yaml(RULES)
    length, place, other = table["duration"], table["place"], table["other"]
    compiled = {part: {name: re.compile(rule) for name, rule in table[part].items()} for part in ("wishes", "answers")}
    return _Rules(
        categories={name: re.compile(rule) for name, rule in table["categories"].items()},
        duration=re.compile(rf"\b(?:(?:\d{{1,2}}|{NUMBERS}) ?(?:{length['unit']})|{A_RATE}se(?:hari|minggu|bulan|tahun))\b"),
        since=re.compile(length["since"]),
        no_duration_behind=re.compile(length["not_behind"]),
        no_duration_before=re.compile(length["not_before"]),
        place_behind=re.compile(place["behind"]),
        place_of_a_kind=re.compile(place["kinds"]),
        other=re.compile(
            rf"\b(?:(?:{other['polite']})(?: \w+)? (?:{other['mine']})|(?:{other['kin']})(?: (?:{other['which']}))?(?: (?:{other['mine']}))?|{other['joined']})\b"
        ),
        telling=re.compile(other["telling"]),
        me=re.compile(rf"\b(?:{other['mine']})\b"),
        normalizer=Normalizer(load_lexicon()),
        **compiled,
    )


def _either(rule: re.Pattern[str], *wordings: str) -> bool:
    return any(rule.search(wording) for wording in wordings)


def _says(part: str, name: str, text: str) -> bool:
    rules = _rules()
    return _either(getattr(rules, part)[name], plain(text), rules.normalizer(text))


def _duration(words: str, rules: _Rules) -> str:
    """The first length of time that is no age and no term of contract, else since when."""
    for found in rules.duration.finditer(words):
        before, after = words[: found.start()].rstrip(), words[found.end() :]
        if not rules.no_duration_behind.search(before) and not rules.no_duration_before.search(after):
            parts = re.sub(r"(\d)(?=[a-z])", r"\1 ", found[0]).split()
            return " ".join(SHORT_UNITS.get(part, part) for part in parts)
    since = rules.since.search(words)
    return since[0] if since else ""


def _place(words: str, rules: _Rules) -> str:
    """A kampung, an estate, a road; else a known town behind "di"."""
    if found := rules.place_of_a_kind.search(words):
        return found[1].title()
    for found in name_pattern().finditer(words):
        is_place = len(found[0]) >= SHORTEST_PLACE and found[0] not in AMBIGUOUS and not _is_country(found[0])
        if is_place and rules.place_behind.search(words[: found.start()].rstrip()):
            return found[0].title()
    return ""


def _is_country(name: str) -> bool:
    country = (country_of(name) or "").replace("-", " ")
    return len(name) < SHORTEST_PLACE or SequenceMatcher(None, name, country).ratio() >= LIKE_ITS_COUNTRY


def _is_for_other(words: str, rules: _Rules) -> bool:
    """Somebody near is told of, and nothing is said of the teller but that they tell it."""
    if not rules.other.search(words):
        return False
    rest = rules.telling.sub(" ", rules.other.sub(" ", words))
    return not rules.me.search(rest)
