"""Tunes the bundled encoder to the domain: a low-rank adapter, small enough for git, merged when the model is built.

Run by hand after the content changed a lot (about half an hour on two cores); not part of set-up. The golden questions are
never shown to it, so that confidence can be calibrated on them honestly.

Method: LoRA (Hu et al. 2021) of rank 4 on the six linear layers of every encoder layer; scaled-cosine softmax over one
prototype per entry (CosFace without margin, Wang et al. 2018) and one for each kind of out-of-scope. Copies of the lines stand
in for what people write: misspelt ones, and ones with words of a local tongue (as CoSDA-ML, Qin et al. 2020).
"""

from __future__ import annotations

import argparse
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from knowledge.bundled_model import ADAPTER_FILE
from knowledge.entries import CONTENT, load_entries, load_out_of_scope
from knowledge.noise import in_local_words, local_words, misspell

RANK = 4
SCALE = 20.0
MISSPELT, LOCAL = 0.4, 0.2
"""Of the lines of an epoch that are misspelt, or told with words of a local tongue."""

LEARNING_RATES = 1.5e-3, 1e-2
"""At the peak, of the updates and of the prototypes; half of it where an earlier adapter is taken further."""

WARM_UP = 0.1
LINES_A_PROTOTYPE = 24
"""Of so many lines of an entry the mean is where its prototype begins."""

LINEARS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


class LowRank(nn.Module):
    """A frozen linear layer plus its low-rank update."""

    def __init__(self, frozen: nn.Linear) -> None:
        super().__init__()
        self.frozen = frozen
        self.A = nn.Parameter(torch.randn(RANK, frozen.in_features) / math.sqrt(frozen.in_features))
        self.B = nn.Parameter(torch.zeros(frozen.out_features, RANK))

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.frozen(hidden) + functional.linear(functional.linear(hidden, self.A), self.B)


def _adapt(bert: nn.Module) -> dict[str, LowRank]:
    """Put an update on every linear layer of the encoder; all else stays frozen."""
    for parameter in bert.parameters():
        parameter.requires_grad_(False)
    adapted = {}
    for number, layer in enumerate(bert.encoder.layer):
        for name in LINEARS:
            parent = layer.get_submodule(name.rpartition(".")[0])
            last = name.rpartition(".")[2]
            adapted[f"encoder.layer.{number}.{name}"] = update = LowRank(getattr(parent, last))
            setattr(parent, last, update)
    return adapted


def _batches(lines: list[tuple[str, int]], size: int) -> list[list[tuple[str, int]]]:
    """Batches of about equal length, so that little is padding, in random order."""
    ordered = sorted(lines, key=lambda line: len(line[0]) * random.uniform(0.8, 1.25))
    batches = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    random.shuffle(batches)
    return batches


def save(adapted: dict[str, LowRank], path: Path) -> None:
    """Write the updates as int8 with one float32 scale a rank: key.A (rank, in), key.As (rank, 1), key.B (out, rank), key.Bs (1, rank)."""
    arrays = {}
    for name, layer in adapted.items():
        for part in ("A", "B"):
            values = getattr(layer, part).detach().numpy()
            along = 1 if part == "A" else 0
            scales = np.maximum(np.abs(values).max(axis=along, keepdims=True), 1e-8) / 127
            arrays[f"{name}.{part}"] = np.round(values / scales).astype(np.int8)
            arrays[f"{name}.{part}s"] = scales.astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)


def take_up(adapted: dict[str, LowRank], path: Path) -> None:
    """Begin with the updates that `save` wrote."""
    with np.load(path) as stored, torch.no_grad():
        for name, layer in adapted.items():
            for part in ("A", "B"):
                values = stored[f"{name}.{part}"].astype(np.float32) * stored[f"{name}.{part}s"]
                getattr(layer, part).copy_(torch.from_numpy(values))


@dataclass(slots=True)
class _Encoder:
    """Texts to mean-pooled unit vectors, as the service computes them."""

    tokenizer: object
    bert: nn.Module

    def vectors(self, texts: list[str]) -> torch.Tensor:
        """Shape (len(texts), hidden)."""
        queries = [f"query: {text}" for text in texts]
        tokens = self.tokenizer(queries, padding=True, truncation=True, max_length=72, return_tensors="pt")
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.bert(input_ids=tokens.input_ids, attention_mask=tokens.attention_mask).last_hidden_state
        mask = tokens.attention_mask[..., None]
        return functional.normalize((states.float() * mask).sum(1) / mask.sum(1), dim=1)


def _first_prototypes(encoder: _Encoder, lines: list[tuple[str, int]], size: int) -> nn.Parameter:
    """Where the lines of each label lie from the middle of all, shape (labels, hidden)."""
    by_label: dict[int, list[str]] = {}
    for text, label in random.sample(lines, len(lines)):
        by_label.setdefault(label, []).append(text)
    means = []
    with torch.no_grad():
        for label in sorted(by_label):
            texts = sorted(by_label[label][:LINES_A_PROTOTYPE], key=len)
            batches = [texts[at : at + size] for at in range(0, len(texts), size)]
            means.append(torch.cat([encoder.vectors(batch) for batch in batches]).mean(0))
    together = torch.stack(means)
    return nn.Parameter(functional.normalize(together - together.mean(0), dim=1))


def pace(progress: float) -> float:
    """The part of the peak learning rate after `progress` (0 to 1) of the training: a short climb, then a cosine to nothing."""
    if progress < WARM_UP:
        return progress / WARM_UP
    return (1 + math.cos(math.pi * (min(progress, 1.0) - WARM_UP) / (1 - WARM_UP))) / 2


def train(
    model_folder: Path,
    target: Path,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    minutes: float,
    earlier: Path | None = None,
) -> None:
    """Tune the plain model of `model_folder`, from an `earlier` adapter on, and write the adapter to `target`.

    Where the machine is too busy for all epochs in `minutes`, fewer steps are taken and the learning rate falls in time.
    """
    from transformers import AutoTokenizer, BertModel

    random.seed(seed)
    torch.manual_seed(seed)
    entries = load_entries(CONTENT / "faq")
    labels = {entry.id: number for number, entry in enumerate(entries)}
    lines = [(variant.text, labels[entry.id]) for entry in entries for variant in entry.variants]
    lines += [(line.text, len(labels) + (line.kind == "near")) for line in load_out_of_scope()]
    tongues = local_words()
    bert = BertModel.from_pretrained(model_folder, add_pooling_layer=False, attn_implementation="sdpa")
    adapted = _adapt(bert)
    if earlier:
        take_up(adapted, earlier)
    encoder = _Encoder(AutoTokenizer.from_pretrained(model_folder), bert)
    prototypes = _first_prototypes(encoder, lines, batch_size)
    low_rank = [parameter for layer in adapted.values() for parameter in (layer.A, layer.B)]
    peaks = [rate / 2 if earlier else rate for rate in LEARNING_RATES]
    groups = [
        {"params": parameters, "lr": peak} for parameters, peak in zip((low_rank, [prototypes]), peaks, strict=True)
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    batches_an_epoch = math.ceil(len(lines) / batch_size)
    steps = epochs * batches_an_epoch
    batches: list[list[tuple[str, int]]] = []
    bert.train()
    started, done, running, progress = time.monotonic(), 0, 0.0, 0.0
    while progress < 1:
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * pace(progress)
        batches = batches or _batches(lines, batch_size)
        batch = batches.pop()
        vectors = encoder.vectors([_as_written(text, tongues) for text, _ in batch])
        logits = SCALE * vectors @ functional.normalize(prototypes, dim=1).T
        loss = functional.cross_entropy(logits, torch.tensor([label for _, label in batch]), label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(low_rank, 1.0)
        optimizer.step()
        done += 1
        spent = time.monotonic() - started
        progress = max(done / steps, spent / 60 / minutes)
        running = 0.98 * running + 0.02 * loss.item() if done > 1 else loss.item()
        if done % 25 == 0:
            print(f"step {done}/{steps} loss {running:.3f} {spent:.0f} s, {progress:.0%}", flush=True)
    save(adapted, target)
    print(f"wrote {target} ({target.stat().st_size // 1024} kB)")


def _as_written(text: str, tongues: list[dict[str, list[str]]]) -> str:
    """The line itself, or one of its copies."""
    if random.random() < LOCAL:
        text = in_local_words(text, random.choice(tongues))
    return misspell(text) if random.random() < MISSPELT else text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="folder of the plain model (bundled_model.build with adapter=None)")
    parser.add_argument("--out", type=Path, default=ADAPTER_FILE)
    parser.add_argument("--earlier", type=Path, help="adapter to take further, which needs half the epochs")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=90)
    options = parser.parse_args()
    train(
        options.model,
        options.out,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        minutes=options.minutes,
        earlier=options.earlier,
    )


if __name__ == "__main__":
    main()
