"""Slang, dropped vowels and local Malay counted as the standard words they stand for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

FILE = "lexicon.json"
PROJECT = Path(__file__).resolve().parents[1]
_REPEATS = re.compile(r"([^\W\d])\1{2,}")
_ACCENTS = str.maketrans("éèêë", "eeee")
"""Sundanese and Javanese are written with them or without; the lexicon is without."""


def read_lexicon(path: Path) -> dict[str, str]:
    """All sections of the reviewed lexicon as one mapping of written word to standard words."""
    sections = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {written: standard for words in sections.values() for written, standard in words.items()}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class StandardWords(GraphComponent):
    """Sets the lemma of each token, which is what the counting featurizers read; the token's text stays as typed.

    Training copies the lexicon into the model, so that a trained model needs no other file.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"lexicon": "../knowledge/content/lexicon.yaml"}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """What Rasa has cached is computed anew when the lexicon changes."""
        # Where Rasa takes what it has cached, it asks with the configuration of what stands in its place.
        return (PROJECT / {**cls.get_default_config(), **config}["lexicon"]).read_text(encoding="utf-8")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> StandardWords:
        return cls(config, model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> StandardWords:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, json.loads((folder / FILE).read_text(encoding="utf-8")))

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, lexicon: dict[str, str]
    ) -> None:
        self._config, self._storage, self._resource, self.lexicon = config, model_storage, resource, lexicon

    def train(self, training_data: TrainingData) -> Resource:
        self.lexicon = read_lexicon(PROJECT / self._config["lexicon"])
        with self._storage.write_to(self._resource) as folder:
            (folder / FILE).write_text(json.dumps(self.lexicon), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            for token in message.get(TOKENS_NAMES[TEXT], ()):
                token.lemma = self.standard(token.text)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def standard(self, word: str) -> str:
        word = _REPEATS.sub(r"\1", word.lower().translate(_ACCENTS))
        return self.lexicon.get(word, word)
