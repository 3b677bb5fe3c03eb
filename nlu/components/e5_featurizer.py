"""The meaning of a message as a vector: the same embedding model as the search, run as int8 ONNX.

The vector is part of the answer too, so that the search need not compute it a second time.
"""

from __future__ import annotations

import base64
import hashlib
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer as RasaTokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tokenizers import Tokenizer

LONGEST = 128
"""Tokens read of a message; what it is about stands in its first sentences."""
PREFIX = "query: "
VECTOR = "vector"
"""The key of the answer: of which text, by which weights, and float32 in base64."""
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "build/models/e5"


class ModelMissing(FileNotFoundError):
    """The folder does not hold exactly one int8 ONNX file."""


def _folder(config: dict[str, Any]) -> Path:
    # Where Rasa takes what it has cached, it asks with the configuration of what stands in its place.
    return Path(config.get("folder") or os.environ.get("SILVI_EMBEDDING_FOLDER") or DEFAULT_FOLDER)


def _int8_file(folder: Path) -> Path:
    files = list(folder.glob("onnx/*int8*.onnx"))
    if len(files) != 1:
        raise ModelMissing(f"{folder / 'onnx'} holds {len(files)} int8 files, expected one; run `make setup`")
    return files[0]


def weights_of(folder: Path) -> str:
    """Names all that a vector depends on, the version that computes it too: int8 scales magnify what one rounds otherwise.

    `knowledge/embedder.py` names it alike, and takes no vector of another name.
    """
    digest = hashlib.sha256(f"{PREFIX}{LONGEST} {onnxruntime.__version__}".encode())
    for path in (*sorted(_int8_file(folder).parent.glob("*int8*")), folder / "tokenizer.json"):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            digest.update(content)
    return digest.hexdigest()


class Encoder:
    """Turns a query into its unit vector, (384,) for the bundled model."""

    def __init__(self, folder: Path) -> None:
        self.weights = weights_of(folder)
        options = onnxruntime.SessionOptions()
        # One message is too short to share among threads, and the other cores belong to the search.
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(_int8_file(folder)), options, providers=["CPUExecutionProvider"]
        )
        self.inputs = {tensor.name for tensor in self.session.get_inputs()}
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(LONGEST)
        self.tokenizer.no_padding()

    def __call__(self, text: str) -> np.ndarray:
        # One text at a time in training too: the int8 scales depend on everything in a batch.
        ids = np.array([self.tokenizer.encode(f"{PREFIX}{text}").ids], dtype=np.int64)
        tensors = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        tokens = self.session.run(None, {name: tensors[name] for name in self.inputs})[0][0]
        vector = tokens.mean(axis=0)
        return vector / np.linalg.norm(vector)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class E5Featurizer(DenseFeaturizer, GraphComponent):
    """Adds the vector of the message as its dense sentence feature; words get no vectors of their own."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [RasaTokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["onnxruntime", "tokenizers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), "folder": None}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Every folder is accepted here; a wrong one is named when the model is opened."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> E5Featurizer:
        return cls(execution_context.node_name, config)

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, config)
        self.encode = Encoder(_folder(config))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Vectors that Rasa has cached are computed anew when the model changes."""
        file = _int8_file(_folder(config)).stat()
        return f"{file.st_size}-{file.st_mtime_ns}"

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if text := message.get(TEXT):
                vector = self.encode(text)
                self._add_features(message, vector)
                values = base64.b64encode(vector.astype("<f4").tobytes()).decode()
                told = {"text": text, "weights": self.encode.weights, "values": values}
                message.set(VECTOR, told, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        for example in training_data.training_examples:
            if text := example.get(TEXT):
                self._add_features(example, self.encode(text))
        return training_data

    def _add_features(self, message: Message, vector: np.ndarray) -> None:
        sentence = vector[np.newaxis]
        words = np.zeros((len(message.get(TOKENS_NAMES[TEXT])), sentence.shape[1]), dtype=np.float32)
        self.add_features_to_message(words, sentence, TEXT, message)
