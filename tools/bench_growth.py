"""The second part of `make bench`: how search, and names of companies, grow with their number; nothing but this process.

The wordings are those of the content, their words shuffled and their vectors moved a little, twenty to an entry: a million real ones
do not exist. Curves go to build/bench/pertumbuhan.png.
"""

from __future__ import annotations

import argparse
import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.services.knowledge_base import model_folder
from bot.settings import Settings
from bot.texts.table import milliseconds, table
from knowledge.base import CACHE_FILES
from knowledge.company_names import NameIndex
from knowledge.embedder import Embedder, VectorCache
from knowledge.entries import CONTENT, load_entries, load_golden, variants_of
from knowledge.index import WordingIndex
from knowledge.metrics import percentile
from knowledge.normalize import load_lexicon
from knowledge.training import normalizer_for

PICTURE = Path(__file__).resolve().parents[1] / "build" / "bench" / "pertumbuhan.png"
WORDINGS = (1_000, 10_000, 100_000)
MILLION = 1_000_000
NAMES = (1_000, 10_000, 100_000)
PER_ENTRY = 20
TIMED = 100
MOVED, SHUFFLED = 0.02, 0.2
"""Standard deviation of what is added to each place of a unit vector, and share of words that are replaced."""

SYLLABLES = "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ni nu ra ri ru sa se si su ta te ti tu".split()


@dataclass(frozen=True, slots=True)
class Grown:
    """What a size costs; milliseconds of processor time, one query at a time."""

    size: int
    build_s: float
    memory_mb: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Material:
    """What large indexes are made of, and asked."""

    texts: list[str]
    standard: list[str]
    vectors: np.ndarray
    questions: list[str]
    question_vectors: np.ndarray
    embed: Callable[[list[str]], np.ndarray]
    normalizer: Callable[[str], str]


def main() -> None:
    """Measure, print and draw."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--million", action="store_true", help="also a million wordings: 16 GB of memory, 6 minutes")
    sizes = (*WORDINGS, MILLION) if options.parse_args().million else WORDINGS
    material = _material()
    encoder = _times(lambda number: material.embed([material.questions[number]]), len(material.questions))
    print(f"penyandi saja: p50 {percentile(encoder, 50):.1f} ms, p95 {percentile(encoder, 95):.1f} ms", flush=True)
    searches = list(_told("kata-kata pertanyaan", sizes, lambda size: _search_of(material, size)))
    encoded_ms = percentile(encoder, 95)
    smallest, hundred = (
        next(grown.p95_ms for grown in searches if grown.size == size) for size in (WORDINGS[0], 100_000)
    )
    print(
        f"100.000 dibanding 1.000, p95: indeks {hundred / smallest:.1f} kali, "
        f"pencarian dengan penyandi {(hundred + encoded_ms) / (smallest + encoded_ms):.2f} kali\n"
    )
    names = list(_told("nama perusahaan", NAMES, _names_of))
    _draw(searches, names)
    print(f"gambar: {PICTURE}")


def _told(what: str, sizes: Sequence[int], measure: Callable[[int], Grown]) -> Iterator[Grown]:
    """Each size as soon as it is measured, and a table of all in the end."""
    rows = []
    for size in sizes:
        print(f"  {size:,} {what} ...".replace(",", "."), flush=True)
        grown = measure(size)
        rows.append(
            [
                f"{size:,}".replace(",", "."),
                f"{grown.build_s:.1f}",
                f"{grown.memory_mb:.0f}",
                milliseconds(grown.p50_ms),
                milliseconds(grown.p95_ms),
            ]
        )
        yield grown
    print(table((what, "dibangun s", "memori MB", "p50 ms", "p95 ms"), rows), flush=True)


def _material() -> Material:
    folder = model_folder(Settings(_env_file=None))
    embedder = Embedder(folder)
    entries = load_entries(CONTENT / "faq")
    cache = VectorCache(embedder, [folder / CACHE_FILES[0]])
    normalizer = normalizer_for(entries, load_lexicon())
    texts = [variant.text for _, variant in variants_of(entries)]
    questions = [question.text for question in load_golden() if question.entry_ids][:TIMED]
    return Material(
        texts,
        [normalizer(text) for text in texts],
        cache.vectors(texts),
        questions,
        cache.vectors(questions),
        embedder.embed,
        normalizer,
    )


def _search_of(material: Material, size: int) -> Grown:
    """An index as the service builds it when it starts: from texts and vectors that are kept."""
    random_vectors, dice = np.random.default_rng(size), random.Random(size)
    words = [word for text in material.standard for word in text.split()]
    picked = random_vectors.integers(len(material.texts), size=size)
    vectors = material.vectors[picked]
    vectors += random_vectors.standard_normal(vectors.shape, np.float32) * np.float32(MOVED)
    texts = [
        " ".join(word if dice.random() > SHUFFLED else dice.choice(words) for word in material.standard[number].split())
        for number in picked
    ]
    owners = [f"entri-{number // PER_ENTRY}" for number in range(size)]
    before_mb, began = _memory_mb(), time.perf_counter()
    index = WordingIndex(owners, texts, texts, vectors, material.normalizer)
    build_s = time.perf_counter() - began
    del vectors

    def search(number: int) -> None:
        index.dense(material.question_vectors[number : number + 1])
        index.lexical([material.questions[number]])

    times = _times(search, len(material.questions))
    return Grown(size, build_s, _memory_mb() - before_mb, percentile(times, 50), percentile(times, 95))


def _names_of(size: int) -> Grown:
    """Invented companies, and a slip in each name that is asked for."""
    dice = random.Random(size)
    names = [f"PT {' '.join(_word(dice) for _ in range(3))}" for _ in range(size)]
    asked = [_slip(dice, name) for name in dice.sample(names, TIMED)]
    before_mb, began = _memory_mb(), time.perf_counter()
    index = NameIndex(names, ["Pontianak"] * size)
    build_s = time.perf_counter() - began
    times = _times(lambda number: index.find(asked[number]), TIMED)
    return Grown(size, build_s, _memory_mb() - before_mb, percentile(times, 50), percentile(times, 95))


def _word(dice: random.Random) -> str:
    return "".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))).capitalize()


def _slip(dice: random.Random, name: str) -> str:
    at = dice.randrange(4, len(name))
    return name[:at] + name[at + 1 :]


def _times(work: Callable[[int], object], count: int) -> list[float]:
    """Milliseconds of processor time of each, after a few unmeasured ones: what else the machine does is not counted."""
    for number in range(min(10, count)):
        work(number)
    times = []
    for number in range(count):
        began = time.process_time()
        work(number)
        times.append((time.process_time() - began) * 1000)
    return times


def _memory_mb() -> float:
    gc.collect()
    resident = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(resident.split()[1]) / 1024


def _draw(searches: Sequence[Grown], names: Sequence[Grown]) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    for row, (what, series) in zip(figure.subplots(2, 3), (("pertanyaan", searches), ("nama", names)), strict=True):
        for axes, title, of in zip(
            row,
            ("p95 (ms)", "dibangun (s)", "memori (MB)"),
            (lambda grown: grown.p95_ms, lambda grown: grown.build_s, lambda grown: grown.memory_mb),
            strict=True,
        ):
            axes.loglog(
                [grown.size for grown in series], [max(of(grown), 0.01) for grown in series], "o-", color="#0b5d58"
            )
            axes.set_title(f"{what}: {title}", fontsize=11)
            axes.grid(True, which="major", alpha=0.4)
            axes.spines[["top", "right"]].set_visible(False)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE)


if __name__ == "__main__":
    main()
