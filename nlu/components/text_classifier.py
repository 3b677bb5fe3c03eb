"""A logistic regression over what the featurizers said of a message: counted words, counted letters and its vector."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, spmatrix, vstack
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

FILE = "classifier.skops"
TRUSTED = ["scipy.sparse._csr.csr_matrix"]
"""What the stored weights hold beside numbers and scikit-learn's own types; anything else is refused."""


class FeatureStack:
    """Puts the features of a message side by side, each part near length 1, so that none drowns another."""

    def __init__(self, counted: list[str], dense: list[str]) -> None:
        self.counted, self.dense = counted, dense
        self.weights = [TfidfTransformer(sublinear_tf=True) for _ in counted]
        self.centre, self.scale = 0.0, 1.0

    def fit(self, messages: list[Message]) -> FeatureStack:
        for name, weight in zip(self.counted, self.weights):
            weight.fit(self._counts(messages, name))
        vectors = self._vectors(messages)
        # Vectors of e5 crowd into one corner of the sphere: only what sets a message apart from the others tells.
        self.centre = vectors.mean(axis=0)
        self.scale = float(np.linalg.norm(vectors - self.centre, axis=1).mean())
        return self

    def __call__(self, messages: list[Message]) -> csr_matrix:
        """One row for each message."""
        parts = [weight.transform(self._counts(messages, name)) for name, weight in zip(self.counted, self.weights)]
        return hstack([*parts, csr_matrix((self._vectors(messages) - self.centre) / self.scale)]).tocsr()

    def _counts(self, messages: list[Message], name: str) -> spmatrix:
        return vstack([m.get_sparse_features(TEXT, [name])[1].features for m in messages]).astype(float)

    def _vectors(self, messages: list[Message]) -> np.ndarray:
        return np.vstack([m.get_dense_features(TEXT, self.dense)[1].features for m in messages])


class TextClassifier(IntentClassifier, GraphComponent):
    """What the classifiers of intent and of category share; each says where its labels are and how it tells them."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn", "skops"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"counted": ["words", "letters"], "dense": ["meaning"], "C": 10.0, "max_iter": 200, "tol": 1e-3}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> TextClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> TextClassifier:
        """The trained classifier; raises where the stored file is missing or holds foreign types."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            state = skops.io.load(folder / FILE, trusted=TRUSTED)
        stack = component.stack
        stack.weights, stack.centre, stack.scale = state["weights"], state["centre"], state["scale"]
        component.model = state["model"]
        return component

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.stack = FeatureStack(config["counted"], config["dense"])
        self.model = LogisticRegression(
            C=config["C"], class_weight="balanced", max_iter=config["max_iter"], tol=config["tol"]
        )
        self._storage, self._resource = model_storage, resource

    @abstractmethod
    def label(self, example: Message) -> str | None:
        """The class of a training example; None leaves it out."""

    @abstractmethod
    def tell(self, message: Message, ranking: list[dict[str, Any]]) -> None:
        """Write all classes with their confidences, best first, into the message."""

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if self.label(example)]
        self.model.fit(self.stack.fit(examples)(examples), [self.label(example) for example in examples])
        state = {
            "weights": self.stack.weights,
            "centre": self.stack.centre,
            "scale": self.stack.scale,
            "model": self.model,
        }
        with self._storage.write_to(self._resource) as folder:
            skops.io.dump(state, folder / FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message, confidences in zip(messages, self.model.predict_proba(self.stack(messages))):
            named = ({"name": str(n), "confidence": float(c)} for n, c in zip(self.model.classes_, confidences))
            self.tell(message, sorted(named, key=lambda one: -one["confidence"]))
        return messages
