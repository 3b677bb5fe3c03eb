"""Red flags of non-procedural or fraudulent recruitment: what an offer shows, by reviewed rules, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from knowledge.contacts import Contact
from knowledge.red_flags.checks import CHECKS, may_be_learned
from knowledge.red_flags.reading import Reading, read
from knowledge.red_flags.rules import is_offer, leaves_soon, silencing_guard
from knowledge.red_flags.wording import MAX_CHARACTERS

if TYPE_CHECKING:
    from knowledge.red_flags.learned import FlagModel

EVIDENCE_CHARACTERS = 160


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Source(StrEnum):
    """Who saw a flag: a reviewed rule, the model learnt from examples, or the registry of licences."""

    RULE = "rule"
    LEARNED = "learned"
    REGISTRY = "registry"


class Verdict(StrEnum):
    DANGER = "danger"
    CAUTION = "caution"
    NO_FLAG = "no_flag"


C, H, M, L = Severity
SEVERITY: dict[str, Severity] = {
    "RF-01": C, "RF-02": C, "RF-03": C, "RF-04": H, "RF-05": C, "RF-06": C, "RF-07": H, "RF-08": H, "RF-09": C,
    "RF-10": H, "RF-11": H, "RF-12": M, "RF-13": H, "RF-14": M, "RF-15": C, "RF-16": H, "RF-17": H, "RF-18": M,
    "RF-19": H, "RF-20": H, "RF-21": C, "RF-22": M, "RF-23": M, "RF-24": M, "RF-25": H, "RF-26": H, "RF-27": C,
    "RF-28": C, "RF-29": H, "RF-30": M, "RF-31": M, "RF-32": H, "RF-33": L, "RF-34": L, "RF-35": C,
}  # fmt: skip

GRAVE = frozenset(flag for flag, severity in SEVERITY.items() if severity in (Severity.CRITICAL, Severity.HIGH))
"""One of these makes a danger by itself."""

VERDICT_FROM: tuple[tuple[Severity, int, Verdict], ...] = (
    (Severity.CRITICAL, 1, Verdict.DANGER),
    (Severity.HIGH, 1, Verdict.DANGER),
    (Severity.MEDIUM, 2, Verdict.DANGER),
    (Severity.MEDIUM, 1, Verdict.CAUTION),
    (Severity.LOW, 1, Verdict.CAUTION),
)
"""The catalogue's rule of use: the first line whose severity is there that often decides; no line means no flag."""


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A flag with the words that show it; `spans` are places in the person's own text.

    `severity` is what it weighs here: a guess that is not sure weighs less than the catalogue says.
    """

    id: str
    severity: Severity
    evidence: str
    spans: tuple[tuple[int, int], ...]
    source: Source = Source.RULE


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the rules see in one text: `silenced_by` names the way of speaking that makes no offer of it."""

    verdict: Verdict
    flags: tuple[RedFlag, ...]
    contacts: tuple[Contact, ...]
    countries: tuple[str, ...]
    silenced_by: str | None
    is_offer: bool
    leaves_soon: bool
    is_cut: bool


def analyse(text: str, model: FlagModel | None = None) -> Analysis:
    """The flags of an offer in the catalogue's order and the verdict they make; without a model by the rules alone."""
    reading = read(text)
    guard = silencing_guard(reading)
    if guard and model and model.is_certain(reading):
        guard = None
    flags = [] if guard else list(_by_rules(reading))
    if model and not guard:
        flags = _with_opinion(reading, model, flags)
    flags.sort(key=lambda flag: flag.id)
    return Analysis(
        verdict=verdict_of([flag.severity for flag in flags]),
        flags=tuple(flags),
        contacts=reading.contacts,
        countries=reading.countries,
        silenced_by=guard,
        is_offer=is_offer(reading),
        leaves_soon=leaves_soon(reading),
        is_cut=len(text) > MAX_CHARACTERS,
    )


def with_unlicensed(analysis: Analysis, text: str, names: Sequence[str]) -> Analysis:
    """The analysis of `text` with RF-11 for `names` whose licence the registry says is suspended or revoked."""
    if not names or not analysis.is_offer or analysis.silenced_by or any(flag.id == "RF-11" for flag in analysis.flags):
        return analysis
    places = [(name, text.casefold().find(name.casefold())) for name in names]
    spans = tuple((start, start + len(name)) for name, start in places if start >= 0)
    flag = RedFlag("RF-11", SEVERITY["RF-11"], " … ".join(names), spans, Source.REGISTRY)
    flags = tuple(sorted((*analysis.flags, flag), key=lambda one: one.id))
    return replace(analysis, flags=flags, verdict=verdict_of([one.severity for one in flags]))


def with_lapsed(analysis: Analysis) -> Analysis:
    """The analysis where the registry's date of a licence has passed: to be checked, but no flag.

    A licence renews itself while its conditions hold (F-304), so a past date in a list does not prove that it is gone.
    """
    if analysis.verdict is not Verdict.NO_FLAG or not analysis.is_offer or analysis.silenced_by:
        return analysis
    return replace(analysis, verdict=Verdict.CAUTION)


def verdict_of(severities: list[Severity]) -> Verdict:
    """The verdict for flags of these severities."""
    for severity, times, verdict in VERDICT_FROM:
        if severities.count(severity) >= times:
            return verdict
    return Verdict.NO_FLAG


def _by_rules(reading: Reading) -> Iterator[RedFlag]:
    for flag_id, check in CHECKS:
        spans = check(reading)
        if spans:
            yield RedFlag(flag_id, SEVERITY[flag_id], _evidence(reading, spans), spans)


def _with_opinion(reading: Reading, model: FlagModel, flags: list[RedFlag]) -> list[RedFlag]:
    """The flags of the rules that the model does not doubt, and those it adds."""
    seen = frozenset(flag.id for flag in flags)
    opinion = model.opinion(reading, seen, GRAVE, may_be=partial(may_be_learned, reading=reading))
    kept = [flag for flag in flags if flag.id not in opinion.doubted]
    for guess in opinion.guesses:
        evidence = _evidence(reading, (guess.span,))
        own = SEVERITY[guess.flag_id]
        severity = own if guess.is_sure or own is Severity.LOW else Severity.MEDIUM
        kept.append(RedFlag(guess.flag_id, severity, evidence, (guess.span,), Source.LEARNED))
    return kept


def _evidence(reading: Reading, spans: tuple[tuple[int, int], ...]) -> str:
    """The words at these places, shortened where they are many."""
    evidence = " … ".join(dict.fromkeys(reading.excerpt(*span) for span in spans))
    if len(evidence) > EVIDENCE_CHARACTERS:
        return evidence[: EVIDENCE_CHARACTERS - 1].rstrip() + "…"
    return evidence
