"""What `silvi eval` prints."""

from __future__ import annotations

from collections.abc import Sequence

from bot.texts.table import MISSING, milliseconds, share, table
from knowledge.entries import GoldenQuestion
from knowledge.metrics import MAX_WRONG, ClassScores, Scores
from knowledge.speed import EmbeddingSpeed

SILVI, BM25, ENCODER, RASA = "Silvi", "BM25 saja", "e5 saja", "Rasa ResponseSelector"
HEADINGS = (
    "",
    "hit@1",
    "hit@3",
    "MRR",
    "dijawab",
    "salah*",
    "di luar, jauh",
    "di luar, dekat",
    "p50 ms",
    "p95 ms",
)
NO_MODEL = "indeks tidak bisa dibuat; jalankan: silvi model build && silvi model learn"
ONLY_QUESTIONS = "Giliran banyak dan triase: beri --folder dengan multiturn*.jsonl dan messages*.jsonl."
JUDGES_ITSELF = (
    "Keyakinan Silvi dan ambang semua sistem dipelajari dari pertanyaan emas ini juga: "
    "untuk angka yang jujur beri --folder."
)
X_LABEL = "Pertanyaan yang dijawab (%)"
Y_LABEL = "Jawaban salah di antara yang dijawab (%)"
PLOT_TITLE = "Makin banyak dijawab, makin banyak yang salah"
LIMIT = f"batas {MAX_WRONG:.0%}"
WORKING_POINT = "ambang Silvi sekarang"


def heading(questions: Sequence[GoldenQuestion], source: str, *, has_nlu: bool) -> str:
    inside = sum(bool(question.entry_ids) for question in questions)
    far, near = (sum(question.oos == kind for question in questions) for kind in ("far", "near"))
    nlu = "dengan NLU" if has_nlu else "tanpa NLU"
    return (
        f"{len(questions)} pertanyaan dari {source}: {inside} ada jawabannya, {far} di luar lingkup (jauh), "
        f"{near} di luar lingkup (dekat); {nlu}"
    )


def systems(scores: dict[str, Scores | None], cannot_answer: set[str]) -> str:
    """The one table; a system that cannot keep its wrong answers rare enough has no columns about answering."""
    footnote = (
        "* bagian yang salah di antara yang dijawab; "
        f"ambang pembanding dipilih pada pertanyaan emas agar <= {MAX_WRONG}"
    )
    rows = [_row(name, of_system, name not in cannot_answer) for name, of_system in scores.items()]
    return f"{table(HEADINGS, rows)}\n{footnote}"


def _row(name: str, scores: Scores | None, can_answer: bool) -> list[str]:
    if scores is None:
        return [name, *[MISSING] * (len(HEADINGS) - 1)]
    answering = (scores.answered, scores.wrong_among_answered, scores.far_answered, scores.near_answered)
    return [
        name,
        *map(share, (scores.hit_at_1, scores.hit_at_3, scores.mrr)),
        *(share(value) if can_answer else MISSING for value in answering),
        milliseconds(scores.p50_ms),
        milliseconds(scores.p95_ms),
    ]


def styles(counts: dict[str, int], hits: dict[str, dict[str, float]]) -> str:
    """hit@1 by style, most frequent first, a column for each system."""
    rows = [
        [style, str(counts[style]), *(share(of_system.get(style)) for of_system in hits.values())]
        for style in sorted(counts, key=lambda style: -counts[style])
    ]
    return table(("hit@1 per gaya", "jumlah", *hits), rows)


def conversations(count: int, hit_at_1: float, country: float | None) -> str:
    return (
        f"Giliran banyak ({count} percakapan): hit@1 giliran terakhir {share(hit_at_1)}, negara benar {share(country)}"
    )


def triage(
    count: int,
    emergency: tuple[float | None, float | None],
    intents: ClassScores,
    categories: ClassScores | None,
) -> str:
    recall, precision = emergency
    lines = [
        f"Triase ({count} pesan): darurat dikenali (recall) {share(recall)}, tepat (precision) {share(precision)}",
        f"  maksud: akurasi {share(intents.accuracy)}, macro-F1 {share(intents.macro_f1)}",
    ]
    if categories:
        lines.append(f"  kategori laporan: akurasi {share(categories.accuracy)}, macro-F1 {share(categories.macro_f1)}")
    return "\n".join(lines)


def speed(measured: EmbeddingSpeed) -> str:
    return (
        f"Vektor satu kalimat (p50): {measured.ours_ms:.1f} ms; bobot yang sama di torch (sentence-transformers) "
        f"{measured.torch_ms:.1f} ms: {measured.ratio:.1f} kali lebih cepat"
    )
