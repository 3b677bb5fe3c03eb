"""Tunes the bundled encoder to the domain: a low-rank adapter, small enough for git, merged when the model is built.

Run by hand after the content changed a lot (about half an hour on two cores); not part of set-up. The golden questions are
never shown to it, so that confidence can be calibrated on them honestly.

Method: LoRA (Hu et al. 2021) of rank 4 on the six linear layers of every encoder layer; scaled-cosine softmax over one
prototype per entry (CosFace without margin, Wang et al. 2018) and one for each kind of out-of-scope; misspelt copies as
augmentation.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from knowledge.bundled_model import ADAPTER_FILE
from knowledge.entries import CONTENT, load_entries, load_out_of_scope
from knowledge.noise import misspell

RANK = 4
SCALE = 20.0
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


def train(model_folder: Path, target: Path, *, epochs: int, batch_size: int, seed: int, minutes: float) -> None:
    """Tune the plain model of `model_folder` and write the adapter to `target`; stops in time, keeping what is learnt."""
    from transformers import AutoTokenizer, BertModel

    random.seed(seed)
    torch.manual_seed(seed)
    entries = load_entries(CONTENT / "faq")
    labels = {entry.id: number for number, entry in enumerate(entries)}
    lines = [(variant.text, labels[entry.id]) for entry in entries for variant in entry.variants]
    lines += [(line.text, len(labels) + (line.kind == "near")) for line in load_out_of_scope()]
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    bert = BertModel.from_pretrained(model_folder, add_pooling_layer=False, attn_implementation="sdpa")
    adapted = _adapt(bert)
    prototypes = nn.Parameter(torch.randn(len(labels) + 2, bert.config.hidden_size) * 0.02)
    low_rank = [parameter for layer in adapted.values() for parameter in (layer.A, layer.B)]
    optimizer = torch.optim.AdamW(
        [{"params": low_rank, "lr": 1.5e-3}, {"params": [prototypes], "lr": 1e-2}], weight_decay=0.01
    )
    steps = epochs * math.ceil(len(lines) / batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [1.5e-3, 1e-2], total_steps=steps, pct_start=0.1)
    bert.train()
    started, done, running = time.monotonic(), 0, 0.0
    for epoch in range(epochs):
        for batch in _batches(lines, batch_size):
            texts = ["query: " + (misspell(text) if random.random() < 0.4 else text) for text, _ in batch]
            tokens = tokenizer(texts, padding=True, truncation=True, max_length=72, return_tensors="pt")
            with torch.autocast("cpu", dtype=torch.bfloat16):
                states = bert(input_ids=tokens.input_ids, attention_mask=tokens.attention_mask).last_hidden_state
            mask = tokens.attention_mask[..., None]
            vectors = functional.normalize((states.float() * mask).sum(1) / mask.sum(1), dim=1)
            logits = SCALE * vectors @ functional.normalize(prototypes, dim=1).T
            target_labels = torch.tensor([label for _, label in batch])
            loss = functional.cross_entropy(logits, target_labels, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(low_rank, 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            running = 0.98 * running + 0.02 * loss.item() if running else loss.item()
            if done % 50 == 0:
                spent = time.monotonic() - started
                print(f"epoch {epoch + 1} step {done}/{steps} loss {running:.3f} {spent:.0f} s", flush=True)
        save(adapted, target)
        if (time.monotonic() - started) / 60 > minutes:
            break
    print(f"wrote {target} ({target.stat().st_size // 1024} kB)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="folder of the plain model (bundled_model.build with adapter=None)")
    parser.add_argument("--out", type=Path, default=ADAPTER_FILE)
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
    )


if __name__ == "__main__":
    main()
