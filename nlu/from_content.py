"""Writes data/content.yml: questions of the knowledge base, and what it must not answer, as examples for the NLU.

The set-up runs it whenever the content has changed.
Entities are marked by the lookup tables alone. Entries whose variants also report a problem or ask about one offer
are left out: their intent is not the question's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parent
CONTENT = PROJECT.parent / "knowledge/content"
CATEGORIES = {"dasar", "syarat", "prosedur", "negara", "biaya"}
MIXED = {
    "beda-data",
    "cek-lowongan",
    "cek-p3mi",
    "gagal-batal-berangkat",
    "kamboja-myanmar",
    "kendala-siskop2mi",
    "kontrak-kerja",
    "paspor-ditolak",
    "potongan-gaji",
    "tidak-lolos-medical",
}
SMALLTALK = re.compile(
    r"\b(?:oke|ok|sip|halo|tes|makasih|yaudah|salah pencet|salah kirim|love you|wkwkwk|hmm|zzz)\b|[🤖❤]"
)
"""Out of scope for the knowledge base, but an intent of its own here."""
PER_STYLE = 2
"""Variants taken of each style of an entry: enough to know the subject, few enough to leave room for the other intents."""


def questions() -> Iterator[str]:
    """Variants of the entries that only inform, a few of each style."""
    for path in sorted((CONTENT / "faq").glob("*.yaml")):
        entry = yaml.safe_load(path.read_text(encoding="utf-8"))
        if entry["category"] in CATEGORIES and entry["id"] not in MIXED:
            for variants in entry["variants"].values():
                yield from variants[:PER_STYLE]


def out_of_scope() -> Iterator[str]:
    for styles in yaml.safe_load((CONTENT / "out_of_scope.yaml").read_text(encoding="utf-8")).values():
        for utterances in styles.values():
            yield from (text for text in utterances if not SMALLTALK.search(text.lower()))


def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The lookup tables and regexes as (entity, pattern), the longest words of a table first."""
    found = []
    for block in yaml.safe_load((PROJECT / "data/lookups.yml").read_text(encoding="utf-8"))["nlu"]:
        lines = [line.removeprefix("- ") for line in block["examples"].splitlines()]
        if name := block.get("lookup"):
            words = "|".join(map(re.escape, sorted(lines, key=len, reverse=True)))
            found.append((name, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)))
        elif name := block.get("regex"):
            found += [(name, re.compile(line)) for line in lines]
    return found


def marked(text: str, tables: list[tuple[str, re.Pattern[str]]]) -> str:
    """`text` with its entities in Rasa's notation; of overlapping ones the longest."""
    text = " ".join(re.sub(r"[\[\](){}]", " ", text).split())
    spans = [(match.start(), match.end(), name) for name, pattern in tables for match in pattern.finditer(text)]
    kept: list[tuple[int, int, str]] = []
    for start, end, name in sorted(spans, key=lambda span: span[0] - span[1]):
        if all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end, name))
    for start, end, name in sorted(kept, reverse=True):
        text = f"{text[:start]}[{text[start:end]}]({name}){text[end:]}"
    return text


def block(intent: str, utterances: Iterator[str], tables: list[tuple[str, re.Pattern[str]]]) -> str:
    lines = "".join(f"      - {marked(text, tables)}\n" for text in dict.fromkeys(utterances))
    return f"  - intent: {intent}\n    metadata:\n      urgency: none\n    examples: |\n{lines}"


def main() -> None:
    tables = patterns()
    (PROJECT / "data/content.yml").write_text(
        '# Written by from_content.py out of knowledge/content.\nversion: "3.1"\nnlu:\n'
        + block("ask_question", questions(), tables)
        + block("out_of_scope", out_of_scope(), tables),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
