"""How long one text takes in the encoder, and in the same weights under sentence-transformers' own torch backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.bundled_model import quiet
from knowledge.embedder import QUERY_PREFIX, Embedder
from knowledge.metrics import percentile

WARM_UP = 10


@dataclass(frozen=True, slots=True)
class EmbeddingSpeed:
    """Medians for one text at a time."""

    ours_ms: float
    torch_ms: float

    @property
    def ratio(self) -> float:
        return self.torch_ms / self.ours_ms


def milliseconds_each(work: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """The time `work` takes for each text, after a few unmeasured ones."""
    for text in texts[:WARM_UP]:
        work(text)
    times = []
    for text in texts:
        began = time.perf_counter()
        work(text)
        times.append((time.perf_counter() - began) * 1000)
    return times


def embedding_speed(embedder: Embedder, texts: Sequence[str]) -> EmbeddingSpeed:
    """Our encoder and torch on the same texts, weights and threads. Loads torch: call it last."""
    ours_ms = percentile(milliseconds_each(lambda text: embedder.embed([text]), texts), 50)
    encode = _torch_encoder(embedder.folder, embedder.threads)
    return EmbeddingSpeed(ours_ms, percentile(milliseconds_each(encode, texts), 50))


def _torch_encoder(folder: Path, threads: int) -> Callable[[str], object]:
    import torch
    from sentence_transformers import SentenceTransformer

    quiet()
    torch.set_num_threads(threads)
    model = SentenceTransformer(str(folder), device="cpu", backend="torch")
    return lambda text: model.encode(QUERY_PREFIX + text, show_progress_bar=False)
