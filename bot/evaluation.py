"""`silvi eval`: the product on labelled questions, by the same steps as a chat, beside three simpler ways to answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.batch import answer, triage_result
from bot.dialogue.understand import understand
from bot.domain.messages import Memory
from bot.nlu_process import NluNotSetUp
from bot.offline import opened
from bot.response_selector import RasaFailed, ResponseSelector
from bot.services.knowledge_base import model_folder
from bot.settings import Settings
from bot.texts import evaluation as words
from knowledge import metrics
from knowledge.baselines import Bm25Alone, EncoderAlone, plain_model
from knowledge.embedder import Embedder, VectorCache
from knowledge.entries import Entry, GoldenQuestion, load_golden
from knowledge.labelled import Conversation, LabelledMessage, LabelledSet, UnusableLabels, load_labelled
from knowledge.metrics import Guess
from knowledge.policy import Outcome
from knowledge.speed import embedding_speed

Say = Callable[[str], None]
TOLD_EVERY = 200
TIMED_TEXTS = 200


@dataclass(frozen=True, slots=True)
class Product:
    """What Silvi made of everything, and the entries she knew."""

    guesses: list[Guess]
    conversations: list[dict]
    triages: list[dict]
    entries: list[Entry]
    has_nlu: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """One system's guesses; `can_answer` is False where no threshold keeps its wrong answers rare enough."""

    guesses: list[Guess]
    can_answer: bool


async def report(
    settings: Settings, folder: Path | None, plot: Path | None, *, with_nlu: bool, tell: Say, show: Say
) -> None:
    """Measure and print; raises UnusableLabels for questions or a model that cannot be used."""
    labelled = load_labelled(folder)
    product = await _measure_product(settings, labelled, with_nlu=with_nlu, tell=tell)
    systems: dict[str, Measured | None] = {words.SILVI: Measured(product.guesses, can_answer=True)}
    systems |= await asyncio.to_thread(_measure_baselines, settings, product.entries, labelled.questions, tell)
    show(words.heading(labelled.questions, str(folder or "pertanyaan emas"), has_nlu=product.has_nlu))
    if folder is None:
        show(words.JUDGES_ITSELF)
    _show_systems(labelled.questions, systems, show)
    _show_conversations(labelled.conversations, product.conversations, show)
    _show_triages(labelled.messages, product.triages, show)
    if folder is None:
        show(f"\n{words.ONLY_QUESTIONS}")
    if plot:
        _draw(plot, labelled.questions, systems)
        tell(f"Kurva ditulis ke {plot}")
    tell("Membandingkan kecepatan dengan torch ...")
    texts = [question.text for question in labelled.questions[:TIMED_TEXTS]]
    show("\n" + words.speed(await asyncio.to_thread(embedding_speed, Embedder(model_folder(settings)), texts)))


async def _measure_product(settings: Settings, labelled: LabelledSet, *, with_nlu: bool, tell: Say) -> Product:
    async with opened(settings, with_nlu=with_nlu, tell=tell) as app:
        base = app.knowledge.current
        if base is None:
            raise UnusableLabels(words.NO_MODEL)
        await understand(base, app.nlu, "halo", Memory())
        guesses = []
        for number, question in enumerate(labelled.questions, 1):
            guesses.append(_guess_of(await answer(app, question.id, [question.text])))
            if number % TOLD_EVERY == 0:
                tell(f"Bertanya kepada Silvi: {number} dari {len(labelled.questions)} ...")
        return Product(
            guesses=guesses,
            conversations=[await answer(app, None, list(one.turns)) for one in labelled.conversations],
            triages=[await _triage(app, message.text) for message in labelled.messages],
            entries=list(base.entries.values()),
            has_nlu=await app.nlu.is_ready(),
        )


async def _triage(app: App, text: str) -> dict:
    return triage_result(None, await understand(app.knowledge.current, app.nlu, text, Memory()))


def _guess_of(result: dict) -> Guess:
    return Guess(
        tuple(result["suggestions"]),
        result["confidence"],
        result["decision"] == Outcome.ANSWER,
        result["latency_ms"],
    )


def _measure_baselines(
    settings: Settings, entries: list[Entry], questions: list[GoldenQuestion], tell: Say
) -> dict[str, Measured | None]:
    """Each baseline answers from the threshold that the golden questions give it."""
    golden = load_golden()
    texts = [question.text for question in [*golden, *questions]]
    folder = model_folder(settings)
    plain = plain_model(folder, tell=tell)
    tell("Mengukur pembanding BM25 dan e5 (pertama kali 1-2 menit) ...")
    bm25 = Bm25Alone(entries)
    encoder = EncoderAlone(entries, VectorCache(Embedder(plain), [plain / "baseline.npz"]))
    guesses: dict[str, list[Guess] | None] = {
        words.BM25: [bm25.guess(text) for text in texts],
        words.ENCODER: [encoder.guess(text) for text in texts],
        words.RASA: _ask_rasa(entries, texts, folder.parent.parent / "response_selector", tell),
    }
    return {name: _judged(of_system, golden) if of_system else None for name, of_system in guesses.items()}


def _judged(guesses: list[Guess], golden: list[GoldenQuestion]) -> Measured:
    """The guesses after those on the golden questions, which set the threshold."""
    threshold = metrics.answer_threshold(golden, guesses[: len(golden)])
    return Measured(metrics.answering_from(threshold, guesses[len(golden) :]), threshold is not None)


def _ask_rasa(entries: list[Entry], texts: list[str], folder: Path, tell: Say) -> list[Guess] | None:
    try:
        return ResponseSelector(entries, folder, tell=tell).guesses(texts)
    except (NluNotSetUp, RasaFailed) as error:
        tell(f"Tanpa pembanding Rasa: {error}")
        return None


def _show_systems(questions: list[GoldenQuestion], systems: dict[str, Measured | None], show: Say) -> None:
    there = {name: measured for name, measured in systems.items() if measured}
    scores = {name: metrics.score(questions, one.guesses) if one else None for name, one in systems.items()}
    show("\n" + words.systems(scores, {name for name, measured in there.items() if not measured.can_answer}))
    counts = Counter(question.style for question in questions if question.entry_ids)
    hits = {name: metrics.hits_by_style(questions, measured.guesses) for name, measured in there.items()}
    show("\n" + words.styles(counts, hits))


def _show_conversations(conversations: Sequence[Conversation], results: Sequence[dict], show: Say) -> None:
    if not conversations:
        return
    pairs = list(zip(conversations, results, strict=True))
    hits = [bool(set(result["suggestions"][:1]) & set(one.entry_ids)) for one, result in pairs]
    countries = [one.country == result["country"] for one, result in pairs if one.country]
    country = sum(countries) / len(countries) if countries else None
    show("\n" + words.conversations(len(hits), sum(hits) / len(hits), country))


def _show_triages(messages: Sequence[LabelledMessage], results: Sequence[dict], show: Say) -> None:
    if not messages:
        return
    urgencies = metrics.recall_and_precision(
        "emergency", [message.urgency for message in messages], [result["urgency"] for result in results]
    )
    intents = metrics.classes([message.intent for message in messages], [result["intent"] for result in results])
    reports = [
        (message.category, result["category"] or "")
        for message, result in zip(messages, results, strict=True)
        if message.category
    ]
    categories = metrics.classes(*map(list, zip(*reports))) if reports else None
    show("\n" + words.triage(len(messages), urgencies, intents, categories))


def _draw(path: Path, questions: list[GoldenQuestion], systems: dict[str, Measured | None]) -> None:
    """The risk-coverage curves as a PNG, with the point Silvi works at."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, measured in systems.items():
        if measured:
            points = metrics.risk_coverage(questions, measured.guesses)
            axes.plot(
                [100 * answered for answered, _ in points],
                [100 * wrong for _, wrong in points],
                label=name,
                linewidth=3 if name == words.SILVI else 1.5,
            )
    axes.axhline(100 * metrics.MAX_WRONG, color="grey", linestyle="--", linewidth=1, label=words.LIMIT)
    now = metrics.score(questions, systems[words.SILVI].guesses)
    if now.answered:
        point = 100 * now.answered, 100 * now.wrong_among_answered
        axes.plot(*point, "o", color="black", zorder=3, label=words.WORKING_POINT)
    axes.set(xlabel=words.X_LABEL, ylabel=words.Y_LABEL, title=words.PLOT_TITLE, xlim=(0, 100), ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")
