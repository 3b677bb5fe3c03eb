"""Turns text into vectors with an int8 ONNX encoder: onnxruntime and tokenizers alone, so that the service starts fast.

Loading the same file through sentence-transformers costs 900 MB and 8 s instead of 500 MB and 1.3 s, and twice the time for
a query; sentence-transformers is therefore used where a model is made (bundled_model.py), not where it runs.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

MAX_TOKENS = 128
QUERY_PREFIX = "query: "
UNIT_WITHIN = 1e-3
"""How far from 1 the length of a vector may be."""


class ModelMissing(RuntimeError):
    """There is no usable model in the folder."""


class Embedder:
    """Loads nothing until first used."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self.folder = folder
        self.threads = threads
        self._session = None
        self._loading = threading.Lock()

    def load(self) -> None:
        """Open model and tokenizer; raises ModelMissing where the folder has none."""
        if self._session is None:
            # The first two questions come in two threads: a tokenizer that is still being set up fails under the other.
            with self._loading:
                if self._session is None:
                    self._open()

    def _open(self) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        path = onnx_file(self.folder)
        self._tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        self._tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
        self._tokenizer.enable_truncation(MAX_TOKENS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._inputs = {item.name for item in session.get_inputs()}
        self.dimension = session.get_outputs()[0].shape[-1]
        self._session = session

    @cached_property
    def weights(self) -> str:
        """Names all that a vector depends on; the process that computes vectors too names it alike."""
        return weights_of(self.folder)

    @property
    def fingerprint(self) -> str:
        """The same, short: vectors of another fingerprint do not fit these."""
        return self.weights[:16]

    def embed(self, texts: Sequence[str], *, prefix: str = QUERY_PREFIX, batch_size: int = 32) -> np.ndarray:
        """Mean-pooled, L2-normalised float32 vectors, shape (len(texts), dimension)."""
        self.load()
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for at in range(0, len(order), batch_size):
            chosen = order[at : at + batch_size]
            encoded = self._tokenizer.encode_batch([prefix + texts[number] for number in chosen])
            ids = np.array([item.ids for item in encoded], np.int64)
            mask = np.array([item.attention_mask for item in encoded], np.int64)
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            states = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
            pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            vectors[chosen] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return vectors

    def given(self, weights: str, values: bytes) -> np.ndarray | None:
        """A query's vector that another process computed, shape (dimension,); None for one of other weights, or none at all."""
        self.load()
        if weights != self.weights or len(values) != 4 * self.dimension:
            return None
        vector = np.frombuffer(values, "<f4")
        return vector if abs(np.linalg.norm(vector) - 1) < UNIT_WITHIN else None


class VectorCache:
    """Vectors by text, kept in a file, so that only changed texts are embedded."""

    def __init__(self, embedder: Embedder, files: Iterable[Path]) -> None:
        self.embedder = embedder
        self.files = list(files)
        """Read in order; the last one is written."""
        self._known: dict[str, np.ndarray] | None = None

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of `texts` as queries; what is not known yet is embedded and kept."""
        known = self._read()
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            known.update(zip(missing, self.embedder.embed(missing).astype(np.float16), strict=True))
            self._write()
        return np.stack([known[text] for text in texts]).astype(np.float32)

    def _read(self) -> dict[str, np.ndarray]:
        if self._known is None:
            self._known = {}
            for path in self.files:
                if path.exists():
                    with np.load(path) as stored:
                        if str(stored["fingerprint"]) == self.embedder.fingerprint:
                            self._known.update(zip(stored["texts"].tolist(), stored["vectors"], strict=True))
        return self._known

    def _write(self) -> None:
        path = self.files[-1]
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(
            scratch,
            fingerprint=self.embedder.fingerprint,
            texts=np.array(list(self._known)),
            vectors=np.stack(list(self._known.values())),
        )
        scratch.replace(path)


def weights_of(folder: Path) -> str:
    """Names all that the vector of a query depends on; `nlu/components/e5_featurizer.py` names it alike.

    The version of onnxruntime is part of it: between two versions one question in a hundred was decided otherwise.
    """
    import onnxruntime

    digest = hashlib.sha256(f"{QUERY_PREFIX}{MAX_TOKENS} {onnxruntime.__version__}".encode())
    for path in (*sorted(onnx_file(folder).parent.glob("*int8*")), folder / "tokenizer.json"):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            digest.update(content)
    return digest.hexdigest()


def onnx_file(folder: Path) -> Path:
    """The int8 ONNX file of a model folder; raises ModelMissing."""
    for path in sorted((folder / "onnx").glob("*int8*.onnx")):
        return path
    raise ModelMissing(f"no int8 ONNX model in {folder}; run: silvi model build")
