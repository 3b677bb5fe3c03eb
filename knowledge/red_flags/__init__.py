"""Red flags of non-procedural or fraudulent recruitment: what an offer shows, by reviewed rules, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from knowledge.contacts import Contact
from knowledge.red_flags.checks import CHECKS
from knowledge.red_flags.reading import Reading, read
from knowledge.red_flags.rules import is_offer, leaves_soon, silencing_guard
from knowledge.red_flags.wording import MAX_CHARACTERS

EVIDENCE_CHARACTERS = 160


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


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
    """A flag with the words that show it; `spans` are places in the person's own text."""

    id: str
    severity: Severity
    evidence: str
    spans: tuple[tuple[int, int], ...]


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


def analyse(text: str) -> Analysis:
    """The flags of an offer in the catalogue's order and the verdict they make."""
    reading = read(text)
    guard = silencing_guard(reading)
    flags = () if guard else tuple(_flags(reading))
    return Analysis(
        verdict=verdict_of([flag.severity for flag in flags]),
        flags=flags,
        contacts=reading.contacts,
        countries=reading.countries,
        silenced_by=guard,
        is_offer=is_offer(reading),
        leaves_soon=leaves_soon(reading),
        is_cut=len(text) > MAX_CHARACTERS,
    )


def verdict_of(severities: list[Severity]) -> Verdict:
    """The verdict for flags of these severities."""
    for severity, times, verdict in VERDICT_FROM:
        if severities.count(severity) >= times:
            return verdict
    return Verdict.NO_FLAG


def _flags(reading: Reading):
    for flag_id, check in CHECKS:
        spans = check(reading)
        if spans:
            pieces = dict.fromkeys(reading.excerpt(*span) for span in spans)
            evidence = " … ".join(pieces)
            if len(evidence) > EVIDENCE_CHARACTERS:
                evidence = evidence[: EVIDENCE_CHARACTERS - 1].rstrip() + "…"
            yield RedFlag(flag_id, SEVERITY[flag_id], evidence, spans)
