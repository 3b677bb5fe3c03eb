"""Cross-validates the NLU on its own data and writes build/nlu_report.json.

cd nlu && .venv/bin/python tests/measure.py [--folds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from rasa.core.agent import Agent  # noqa: E402  (Rasa finds the components on the path set above)
from rasa.model_training import train_nlu  # noqa: E402
from rasa.shared.nlu.training_data.loading import load_data  # noqa: E402
from rasa.shared.nlu.training_data.message import Message  # noqa: E402
from sklearn.metrics import classification_report  # noqa: E402

REPORT = PROJECT.parent / "build/nlu_report.json"
ALWAYS_TRAINED = {"content.yml"}
"""Its questions are many wordings of few topics: measured on them, the NLU would look better than it is."""
Spans = set[tuple[int, int, str]]


def write_folds(folder: Path, folds: int) -> None:
    """Writes train_N.yml and test_N.yml; every block is dealt out evenly over the folds."""
    deal = random.Random(7)
    train: list[list[dict]] = [[] for _ in range(folds)]
    test: list[list[dict]] = [[] for _ in range(folds)]
    for path in sorted((PROJECT / "data").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" not in block or path.name in ALWAYS_TRAINED:
                for part in train:
                    part.append(block)
                continue
            lines = block["examples"].strip().splitlines()
            deal.shuffle(lines)
            for n in range(folds):
                test[n].append({**block, "examples": "\n".join(lines[n::folds])})
                train[n].append({**block, "examples": "\n".join(l for i, l in enumerate(lines) if i % folds != n)})
    for name, parts in (("train", train), ("test", test)):
        for n, blocks in enumerate(parts):
            text = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False, width=10_000)
            (folder / f"{name}_{n}.yml").write_text(text, encoding="utf-8")


def category(example: Message) -> str | None:
    return example.get("metadata", {}).get("intent", {}).get("category")


def spans(entities: list[dict] | None) -> Spans:
    return {(entity["start"], entity["end"], entity["entity"]) for entity in entities or ()}


class Tally:
    """What was expected and what was said, over all folds."""

    def __init__(self) -> None:
        self.intents: list[tuple[str, str]] = []
        self.categories: list[tuple[str, str]] = []
        self.entities: dict[str, Counter[str]] = defaultdict(Counter)
        self.milliseconds: list[float] = []

    def add(self, example: Message, parse: dict, took_ms: float) -> None:
        self.milliseconds.append(took_ms)
        self.intents.append((example.get("intent"), parse["intent"]["name"]))
        if category(example):
            self.categories.append((category(example), parse["category"]["name"]))
        expected, found = spans(example.get("entities")), spans(parse["entities"])
        for outcome, some in (("hit", expected & found), ("missed", expected - found), ("invented", found - expected)):
            for *_, entity in some:
                self.entities[entity][outcome] += 1

    def report(self) -> dict:
        times = sorted(self.milliseconds)
        return {
            "messages": len(self.intents),
            "intents": _classes(self.intents),
            "categories": _classes(self.categories),
            "entities": {name: _entity(counts) for name, counts in sorted(self.entities.items())},
            "confusions": [[*pair, n] for pair, n in Counter(p for p in self.intents if p[0] != p[1]).most_common(12)],
            "parse_ms": {"p50": times[len(times) // 2], "p95": times[int(len(times) * 0.95)]},
        }


def _classes(pairs: list[tuple[str, str]]) -> dict:
    expected, found = zip(*pairs)
    report = classification_report(expected, found, output_dict=True, zero_division=0)
    per_class = {name: row for name, row in report.items() if isinstance(row, dict) and not name.endswith(" avg")}
    return {"accuracy": report["accuracy"], "macro_f1": report["macro avg"]["f1-score"], "per_class": per_class}


def _entity(counts: Counter[str]) -> dict:
    hit, missed, invented = counts["hit"], counts["missed"], counts["invented"]
    return {
        "precision": hit / max(1, hit + invented),
        "recall": hit / max(1, hit + missed),
        "f1-score": 2 * hit / max(1, 2 * hit + missed + invented),
        "support": hit + missed,
    }


async def measure(folds: int) -> dict:
    tally = Tally()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_folds(folder, folds)
        for n in range(folds):
            print(f"fold {n + 1} of {folds} ...", flush=True)
            model = train_nlu(str(PROJECT / "config.yml"), str(folder / f"train_{n}.yml"), name, f"fold_{n}")
            agent = Agent.load(model)
            for example in load_data(str(folder / f"test_{n}.yml")).intent_examples:
                started = time.perf_counter()
                parse = await agent.parse_message(example.get("text"))
                tally.add(example, parse, (time.perf_counter() - started) * 1000)
    return tally.report()


def print_table(report: dict) -> None:
    print(f"\n{'':24}{'precision':>10}{'recall':>8}{'F1':>8}{'messages':>10}")
    for title, rows in (
        ("intent", report["intents"]["per_class"]),
        ("category", report["categories"]["per_class"]),
        ("entity", report["entities"]),
    ):
        print(title)
        for name, row in rows.items():
            print(
                f"  {name:22}{row['precision']:10.3f}{row['recall']:8.3f}{row['f1-score']:8.3f}{row['support']:10.0f}"
            )
    for kind in ("intents", "categories"):
        print(f"{kind}: accuracy {report[kind]['accuracy']:.3f}, macro F1 {report[kind]['macro_f1']:.3f}")
    print("parse: p50 {p50:.1f} ms, p95 {p95:.1f} ms".format(**report["parse_ms"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", type=int, default=3)
    report = asyncio.run(measure(parser.parse_args().folds))
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=1))
    print_table(report)


if __name__ == "__main__":
    main()
