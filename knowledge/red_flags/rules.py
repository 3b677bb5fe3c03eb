"""Flags that show by wording alone: the reviewed cues of red_flag_cues.yaml, and who speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.entries import read_yaml
from knowledge.red_flags.reading import CUES, Reading
from knowledge.red_flags.wording import Wording

NEGATION_REACH = 60
"""Characters before a cue in which a negation may stand."""

_FRAGMENT = re.compile(r"<([a-zA-Z_]+)>")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rule:
    """`cues` are alternatives; each is a group of expressions that must all be found, in any order."""

    id: str
    cues: tuple[tuple[re.Pattern[str], ...], ...]
    unless: re.Pattern[str] | None
    needs: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Guard:
    """A way of speaking that makes no offer: it silences every flag unless something shows an offer despite it."""

    id: str
    when: re.Pattern[str]
    despite: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole reviewed table, compiled."""

    by_flag: dict[str, Rule]
    guards: tuple[Guard, ...]
    negation: re.Pattern[str]
    offer: re.Pattern[str]
    soon: re.Pattern[str]


@lru_cache(maxsize=1)
def load_rules() -> Rules:
    """The reviewed cues, compiled; raises ValueError naming the flag or guard that does not fit."""
    table = read_yaml(CUES)
    fragments: dict[str, str] = {"g": table["fragments"]["g"], "G": table["fragments"]["G"]}
    for name, words in table["fragments"].items():
        fragments[name] = _expand(words, fragments)

    def one_of(patterns: list[str]) -> re.Pattern[str]:
        return re.compile(r"(?<!\S)(?:" + "|".join(_expand(pattern, fragments) for pattern in patterns) + r")(?!\S)")

    def rule(sign: dict) -> Rule:
        cues = tuple(tuple(one_of([part]) for part in ([cue] if isinstance(cue, str) else cue)) for cue in sign["cues"])
        optional = {key: one_of(sign[key]) if key in sign else None for key in ("unless", "needs")}
        return Rule(sign["id"], cues, **optional)

    def guard(entry: dict) -> Guard:
        return Guard(entry["id"], one_of(entry["when"]), one_of(entry["despite"]) if "despite" in entry else None)

    def checked(make, entry: dict):
        try:
            return make(entry)
        except (KeyError, re.error) as error:
            raise ValueError(f"{CUES.name}: {entry.get('id')}: {error}") from error

    return Rules(
        by_flag={sign["id"]: checked(rule, sign) for sign in table["signs"]},
        guards=tuple(checked(guard, entry) for entry in table["guards"]),
        negation=re.compile(r"(?<!\S)(?:" + table["negation"] + r") $"),
        offer=one_of([table["offer"]]),
        soon=one_of([table["leaves_soon"]]),
    )


def _expand(pattern: str, fragments: dict[str, str]) -> str:
    def piece(match: re.Match[str]) -> str:
        return fragments[match[1]] if match[1] in "gG" else f"(?:{fragments[match[1]]})"

    return _FRAGMENT.sub(piece, pattern)


def spans_of(rule_id: str, reading: Reading) -> tuple[Span, ...]:
    """Where in the original a flag's cue stands, empty where no cue counts."""
    rules = load_rules()
    rule = rules.by_flag[rule_id]
    if rule.unless and any(rule.unless.search(wording.text) for wording in reading.wordings):
        return ()
    for wording in reading.wordings:
        for cue in rule.cues:
            spans = _all_of(cue, wording, rules.negation)
            if spans:
                return spans
    return ()


def has_what_it_needs(rule_id: str, reading: Reading) -> bool:
    """True unless what the flag speaks of is missing altogether."""
    rule = load_rules().by_flag.get(rule_id)
    return not (rule and rule.needs) or any(rule.needs.search(wording.text) for wording in reading.wordings)


def is_switched_off(rule_id: str, reading: Reading) -> bool:
    """True where a lawful reason stands beside the flag."""
    rule = load_rules().by_flag.get(rule_id)
    return bool(rule and rule.unless) and any(rule.unless.search(wording.text) for wording in reading.wordings)


def silencing_guard(reading: Reading) -> str | None:
    """The guard by which the text makes no offer at all, or None."""
    for guard in load_rules().guards:
        raised = any(guard.when.search(wording.text) for wording in reading.wordings)
        if raised and not (guard.despite and any(guard.despite.search(wording.text) for wording in reading.wordings)):
            return guard.id
    return None


def is_offer(reading: Reading) -> bool:
    """True where the text speaks of work or of going abroad at all."""
    return bool(load_rules().offer.search(reading.standard.text)) or bool(reading.countries)


def leaves_soon(reading: Reading) -> bool:
    """True where somebody is to leave within 48 hours."""
    return any(first_span(load_rules().soon, wording) for wording in reading.wordings)


def first_span(pattern: re.Pattern[str], wording: Wording) -> Span | None:
    """Where in the original the first match stands that no negation turns off."""
    negation = load_rules().negation
    for match in pattern.finditer(wording.text):
        if not negation.search(wording.text[max(0, match.start() - NEGATION_REACH) : match.start()]):
            return wording.span(*match.span())
    return None


def _all_of(cue: tuple[re.Pattern[str], ...], wording: Wording, negation: re.Pattern[str]) -> tuple[Span, ...]:
    spans = []
    for pattern in cue:
        span = first_span(pattern, wording)
        if span is None:
            return ()
        spans.append(span)
    return tuple(sorted(spans))
