"""A logistic regression over what the featurizers said of a message: counted words, counted letters and its vector."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

FILE = "classifier.npz"
CONFIG = {
    "counted": ["words", "letters"],
    "dense": ["meaning"],
    "C": 10.0,
    "max_iter": 100,
    "tol": 1e-3,
}


def _said_of(message: Message, name: str) -> Any:
    """The sentence features of the featurizer `name`, one row; Message's own getters copy every word's features too."""
    return next(
        features.features
        for features in message.features
        if features.origin == name and features.attribute == TEXT and features.type == FEATURE_TYPE_SENTENCE
    )


def _counts(messages: list[Message], name: str) -> csr_matrix:
    """What the counting featurizer `name` counted, one row for each message."""
    return csr_matrix(vstack([_said_of(message, name) for message in messages]), dtype=float)


def _vectors(messages: list[Message], names: list[str]) -> np.ndarray:
    return np.vstack([np.hstack([_said_of(message, name)[0] for name in names]) for message in messages])


def _rarity(counts: csr_matrix) -> np.ndarray:
    """Smoothed inverse document frequency of each column, as in scikit-learn's TfidfTransformer."""
    rows = counts.shape[0]
    return np.log((1 + rows) / (1 + np.bincount(counts.indices, minlength=counts.shape[1]))) + 1


def _weighted(counts: csr_matrix, rarity: np.ndarray) -> csr_matrix:
    """Rows of length 1 in which rare words weigh more and repeated ones little more."""
    counts.data = (1 + np.log(counts.data)) * rarity[counts.indices]
    return normalize(counts, copy=False)


class TextClassifier(IntentClassifier, GraphComponent):
    """What the classifiers of intent and of category share; each says where its labels are and how it tells them.

    Words, letters and vector each have about length 1 in a row, so that none drowns another.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return dict(CONFIG)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TextClassifier:
        return cls(config, model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> TextClassifier:
        """The trained classifier; raises where the stored file is missing or holds anything but arrays."""
        with model_storage.read_from(resource) as folder, np.load(folder / FILE, allow_pickle=False) as arrays:
            return cls(config, model_storage, resource, dict(arrays))

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, learned: dict[str, np.ndarray]
    ) -> None:
        self._config, self._storage, self._resource, self.learned = config, model_storage, resource, learned

    @abstractmethod
    def label(self, example: Message) -> str | None:
        """The class of a training example; None leaves it out."""

    @abstractmethod
    def tell(self, message: Message, ranking: list[dict[str, Any]]) -> None:
        """Write all classes with their confidences, best first, into the message."""

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if self.label(example)]
        self.learned = {name: _rarity(_counts(examples, name)) for name in self._config["counted"]}
        vectors = _vectors(examples, self._config["dense"])
        # Vectors of e5 crowd into one corner of the sphere: only what sets a message apart from the others tells.
        centre = vectors.mean(axis=0)
        self.learned |= {"centre": centre, "spread": np.linalg.norm(vectors - centre, axis=1).mean()}
        model = LogisticRegression(
            C=self._config["C"],
            class_weight="balanced",
            multi_class="multinomial",
            max_iter=self._config["max_iter"],
            tol=self._config["tol"],
        ).fit(self._rows(examples), [self.label(example) for example in examples])
        self.learned |= {
            "classes": np.array(model.classes_, dtype=str),
            "weights": model.coef_,
            "bias": model.intercept_,
        }
        with self._storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / FILE, **self.learned)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            confidences = softmax(self._scores(message))
            order = np.argsort(-confidences)
            self.tell(
                message,
                [{"name": str(self.learned["classes"][i]), "confidence": float(confidences[i])} for i in order],
            )
        return messages

    def _scores(self, message: Message) -> np.ndarray:
        """What the message's row in `_rows` scores, (classes,); for one message, making the row would take ten times as long."""
        weights, at = self.learned["weights"], 0
        scores = self.learned["bias"].copy()
        for name in self._config["counted"]:
            counts = _said_of(message, name).tocoo()
            values = (1 + np.log(counts.data)) * self.learned[name][counts.col]
            scores += weights[:, at + counts.col] @ (values / max(np.linalg.norm(values), 1e-12))
            at += counts.shape[1]
        vector = _vectors([message], self._config["dense"])[0]
        return scores + weights[:, at:] @ ((vector - self.learned["centre"]) / self.learned["spread"])

    def _rows(self, messages: list[Message]) -> csr_matrix:
        parts = [_weighted(_counts(messages, name), self.learned[name]) for name in self._config["counted"]]
        vectors = _vectors(messages, self._config["dense"])
        return hstack([*parts, (vectors - self.learned["centre"]) / self.learned["spread"]], format="csr")
