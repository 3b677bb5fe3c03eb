"""Signs of danger in a message by reviewed rules: they need no model, so they also work while the NLU is away."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.normalize import plain

RULES = Path(__file__).with_name("content") / "danger.yaml"
SILENCING = frozenset({"play", "good_outcome"})
"""Guards that leave nothing of a sign; after the others people's own trouble stays, as high."""

_FRAGMENT = re.compile(r"<([a-z_]+)>")


class Urgency(IntEnum):
    """Greater is more urgent; the names are those of the table and of the triage."""

    high = 1
    emergency = 2


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign found, with the words that showed it: plain or in their standard form."""

    id: str
    urgency: str
    category: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Danger:
    """The most urgent of `signs`, which are ordered: most urgent first, then as they stand in the table."""

    urgency: str
    category: str
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """`patterns` are alternatives; each is a group of expressions that must all be found, in any order."""

    id: str
    urgency: str
    category: str
    patterns: tuple[tuple[re.Pattern[str], ...], ...]
    unless: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Rules:
    signs: tuple[_Rule, ...]
    harmless: re.Pattern[str]
    negation: re.Pattern[str]
    guards: dict[str, re.Pattern[str]]
    cry: tuple[re.Pattern[str], ...]
    own: re.Pattern[str]


def silencing_guards(text: str, normalizer: Callable[[str], str]) -> frozenset[str]:
    """Which of the guards that leave nothing of a sign `text` raises: it plays, or tells of a good end."""
    return SILENCING & _raised((text.lower(), *_wordings(text, normalizer)), load_rules())


def find_danger(text: str, normalizer: Callable[[str], str]) -> Danger | None:
    """The danger told of, or None; questions, play and what ended well are no danger, but a plain cry always is."""
    rules = load_rules()
    wordings = _wordings(text, normalizer)
    signs = _signs(wordings, rules)
    if signs and not _is_cry(wordings, rules):
        signs = _guarded(signs, (text.lower(), *wordings), rules)
    if not signs:
        return None
    ordered = tuple(sorted(signs, key=lambda sign: -Urgency[sign.urgency]))
    return Danger(ordered[0].urgency, ordered[0].category, ordered)


@lru_cache(maxsize=1)
def load_rules() -> _Rules:
    """The reviewed table, compiled; raises ValueError naming the sign that does not fit."""
    table = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    fragments: dict[str, str] = {}
    for name, words in table["fragments"].items():
        fragments[name] = _expand(words, fragments)

    def one_of(patterns: list[str]) -> re.Pattern[str]:
        return re.compile("|".join(_expand(pattern, fragments) for pattern in patterns))

    def rule(sign: dict) -> _Rule:
        try:
            Urgency[sign["urgency"]]
            single = [pattern for pattern in sign["patterns"] if isinstance(pattern, str)]
            groups = [[one_of([part]) for part in group] for group in sign["patterns"] if isinstance(group, list)]
            patterns = ([[one_of(single)]] if single else []) + groups
            unless = one_of(sign["unless"]) if "unless" in sign else None
            return _Rule(sign["id"], sign["urgency"], sign["category"], tuple(map(tuple, patterns)), unless)
        except (KeyError, re.error) as error:
            raise ValueError(f"{RULES.name}: {sign.get('id')}: {error}") from error

    return _Rules(
        signs=tuple(rule(sign) for sign in table["signs"]),
        harmless=one_of(table["harmless"]),
        negation=re.compile(f"(?:{one_of(table['negation']).pattern})$"),
        guards={name: one_of(patterns) for name, patterns in table["guards"].items()},
        cry=tuple(one_of([pattern]) for pattern in table["cry"]),
        own=one_of(table["own"]),
    )


def _wordings(text: str, normalizer: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((plain(text), normalizer(text))))


def _raised(wordings: tuple[str, ...], rules: _Rules) -> frozenset[str]:
    return frozenset(name for name, guard in rules.guards.items() if any(map(guard.search, wordings)))


def _expand(pattern: str, fragments: dict[str, str]) -> str:
    return _FRAGMENT.sub(lambda match: f"(?:{fragments[match[1]]})", pattern)


def _signs(wordings: tuple[str, ...], rules: _Rules) -> list[Sign]:
    """Every sign in one of the wordings, each once; what only sounds like danger is taken out first."""
    seen = [_signs_in(wording) for wording in reversed(wordings)]
    first = {sign_id: sign for found in seen for sign_id, sign in found.items()}
    return [first[rule.id] for rule in rules.signs if rule.id in first]


@lru_cache(maxsize=32)
def _signs_in(wording: str) -> dict[str, Sign]:
    """By its rule, each sign in this wording; kept, because a message is looked at when it comes and when it is answered."""
    rules = load_rules()
    cleaned = rules.harmless.sub(" ", wording)
    found = {}
    for rule in rules.signs:
        evidence = _evidence(rule, cleaned, rules.negation)
        if evidence and not (rule.unless and rule.unless.search(cleaned)):
            found[rule.id] = Sign(rule.id, rule.urgency, rule.category, evidence)
    return found


def _evidence(rule: _Rule, wording: str, negation: re.Pattern[str]) -> str:
    """The words by which a rule holds, or nothing; an expression counts only where it is not negated."""
    for group in rule.patterns:
        words = []
        for expression in group:
            hits = expression.finditer(wording)
            hit = next((hit for hit in hits if not negation.search(wording[: hit.start()])), None)
            if hit is None:
                break
            words.append(hit[0].strip())
        else:
            return " … ".join(words)
    return ""


def _is_cry(wordings: tuple[str, ...], rules: _Rules) -> bool:
    """Somebody asks for help, for a person, now: no guard may silence that."""
    return all(any(part.search(wording) for wording in wordings) for part in rules.cry)


def _guarded(signs: list[Sign], wordings: tuple[str, ...], rules: _Rules) -> list[Sign]:
    """What the guards leave of the signs."""
    raised = _raised(wordings, rules)
    if raised & SILENCING or (raised and not any(map(rules.own.search, wordings))):
        return []
    return [replace(sign, urgency=Urgency.high.name) for sign in signs] if raised else signs
