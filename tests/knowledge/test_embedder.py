"""The encoder gives the same vectors to whoever asks, also when several ask it first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np

from bot.services.knowledge_base import model_folder
from bot.settings import Settings
from knowledge.embedder import Embedder, onnx_file


def test_first_questions_of_several_threads_are_all_encoded() -> None:
    embedder, together = Embedder(model_folder(Settings(_env_file=None))), Barrier(4)

    def ask(_number: int) -> np.ndarray:
        together.wait()
        return embedder.embed(["paspor saya hilang"] * 8)

    with ThreadPoolExecutor(4) as threads:
        vectors = list(threads.map(ask, range(4)))
    for one in vectors:
        np.testing.assert_allclose(one, vectors[0], atol=1e-3)


def test_vectors_of_the_words_lie_apart_and_are_read_by_whoever_reads_the_model() -> None:
    model = onnx_file(model_folder(Settings(_env_file=None)))
    words = model.with_suffix(".data")
    assert words.stat().st_size > 3 * model.stat().st_size
    assert words.stat().st_mode == model.stat().st_mode
