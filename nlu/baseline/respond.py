"""Rasa's ResponseSelector on the wordings of the knowledge base, without a server.

respond.py train WORDINGS.json MODEL.tar.gz            [[entry id, wording], ...]
respond.py ask MODEL.tar.gz QUESTIONS.json ANSWERS.json   [question, ...] -> [[[[entry id, confidence], ...], ms], ...]
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

CONFIG = Path(__file__).with_name("config.yml")
RETRIEVAL_INTENT = "faq"


def training_data(wordings: list[list[str]]) -> dict:
    """Rasa's document: an intent and a response for each entry."""
    by_entry: dict[str, list[str]] = {}
    for entry_id, text in wordings:
        by_entry.setdefault(entry_id, []).append(_without_marks(text))
    return {
        "version": "3.1",
        "nlu": [
            {"intent": f"{RETRIEVAL_INTENT}/{entry_id}", "examples": "".join(f"- {text}\n" for text in texts)}
            for entry_id, texts in by_entry.items()
        ],
        "responses": {f"utter_{RETRIEVAL_INTENT}/{entry_id}": [{"text": entry_id}] for entry_id in by_entry},
    }


def train(wordings_file: Path, model: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "nlu.yml")
        document = training_data(json.loads(wordings_file.read_text(encoding="utf-8")))
        data.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=10_000), encoding="utf-8")
        train_nlu(str(CONFIG), str(data), str(model.parent), model.name.removesuffix(".tar.gz"))


async def ask(model: Path, questions_file: Path, answers_file: Path) -> None:
    agent = Agent.load(str(model))
    answers = []
    for question in json.loads(questions_file.read_text(encoding="utf-8")):
        began = time.perf_counter()
        parse = await agent.parse_message(question)
        took_ms = (time.perf_counter() - began) * 1000
        ranking = parse["response_selector"][RETRIEVAL_INTENT]["ranking"]
        answers.append([[[r["intent_response_key"].partition("/")[2], r["confidence"]] for r in ranking], took_ms])
    answers_file.write_text(json.dumps(answers), encoding="utf-8")


def _without_marks(text: str) -> str:
    """Brackets would mark an entity."""
    return " ".join(text.translate(str.maketrans("[](){}", "      ")).split())


if __name__ == "__main__":
    command, *paths = sys.argv[1:]
    if command == "train":
        train(*map(Path, paths))
    else:
        asyncio.run(ask(*map(Path, paths)))
