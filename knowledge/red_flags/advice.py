"""What people are told about an offer: the signs, the rule behind each, how a lawful route looks, what to do now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from knowledge.entries import CONTENT, read_yaml
from knowledge.office import OfficeProfile
from knowledge.red_flags import SEVERITY, Analysis, RedFlag, Severity, Source, Verdict

TEXTS = CONTENT / "red_flags.yaml"
EXPLAINED = 3
"""So many flags are explained, the worst first; the others are only named."""

URGENT = frozenset({"RF-15", "RF-28", "RF-35"})
"""Captivity, violence, ransom, a minor: an officer at once, whatever else the offer holds."""


@dataclass(frozen=True, slots=True)
class FlagText:
    """What is said about one flag; `law` is empty where no article stands behind it."""

    noticed: str
    why: str
    law: str
    facts: tuple[str, ...]
    normal: str
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """The reviewed texts of red_flags.yaml."""

    flags: dict[str, FlagText]
    combinations: tuple[tuple[frozenset[str], str], ...]
    wages: dict[str, str]
    frame: dict[str, str]
    urgent_contacts: tuple[str, ...]


@lru_cache(maxsize=1)
def load_texts() -> Texts:
    """The texts; raises ValueError where a flag has none."""
    table = read_yaml(TEXTS)
    missing = set(SEVERITY) ^ set(table["flags"])
    if missing:
        raise ValueError(f"{TEXTS.name}: {', '.join(sorted(missing))}: no text or no such flag")
    frame = dict(table["frame"])
    return Texts(
        flags={flag: FlagText(**entry | {"facts": tuple(entry["facts"])}) for flag, entry in table["flags"].items()},
        combinations=tuple((frozenset(entry["flags"]), entry["text"]) for entry in table["combinations"]),
        wages={country: entry["text"] for country, entry in table["wages"].items()},
        urgent_contacts=tuple(frame.pop("urgent_contacts")),
        frame=frame,
    )


def is_urgent(analysis: Analysis) -> bool:
    """True where a person may be held, hurt, under age, or away within 48 hours with a grave sign."""
    grave = {flag.id for flag in analysis.flags if flag.severity is Severity.CRITICAL}
    return bool(grave & URGENT) or (analysis.leaves_soon and analysis.verdict is Verdict.DANGER)


def advice(analysis: Analysis, office: OfficeProfile, recruiters: tuple[str, ...] = ()) -> str:
    """The whole answer in plain Indonesian, with what is known of each of `recruiters`.

    It never says that an offer is safe, nor that somebody is a swindler.
    """
    texts = load_texts()
    frame = texts.frame
    if not analysis.flags and not recruiters and not analysis.is_offer:
        return frame["nothing_known"]
    paragraphs = [frame[analysis.verdict.value]]
    if is_urgent(analysis):
        paragraphs.append("\n".join([frame["urgent"], *(f"- {office.contact(key)}" for key in texts.urgent_contacts)]))
    ids = {flag.id for flag in analysis.flags}
    combined = next((text for flags, text in texts.combinations if flags <= ids), None)
    if combined:
        paragraphs.append(combined)
    if analysis.flags:
        paragraphs += _explained(analysis, texts)
    paragraphs += recruiters
    steps = [frame["do_not"], frame["check"]]
    if analysis.verdict is Verdict.DANGER:
        steps += [frame["report"], frame["keep_proof"]]
    paragraphs.append("\n".join([frame["now"], *(f"{number}. {step}" for number, step in enumerate(steps, 1))]))
    if analysis.is_cut:
        paragraphs.append(frame["long_text"])
    return "\n\n".join(paragraphs)


def _explained(analysis: Analysis, texts: Texts) -> list[str]:
    """The worst flags with evidence, reason and basis; the rest named; how it is done lawfully."""
    order = list(Severity)
    worst = sorted(analysis.flags, key=lambda flag: order.index(flag.severity))
    told, named = worst[:EXPLAINED], worst[EXPLAINED:]
    paragraphs = ["\n".join([texts.frame["noticed"], *(_point(flag, analysis, texts) for flag in told)])]
    if named:
        paragraphs.append("\n".join([texts.frame["also"], *(f"- {texts.flags[flag.id].noticed}" for flag in named)]))
    normal = dict.fromkeys(texts.flags[flag.id].normal for flag in told)
    paragraphs.append("\n".join([texts.frame["normal"], *(f"- {line}" for line in normal)]))
    return paragraphs


def _point(flag: RedFlag, analysis: Analysis, texts: Texts) -> str:
    text = texts.flags[flag.id]
    parts = [f'- {text.noticed} ("{flag.evidence}")', text.why]
    if flag.id == "RF-22":
        parts += [texts.wages[country] for country in analysis.countries if country in texts.wages][:1]
    if text.law:
        parts.append(texts.frame["basis_confirm" if text.confirm else "basis"].format(law=text.law))
    if flag.source is Source.LEARNED:
        parts.append(texts.frame["learned"])
    return " ".join(parts)
