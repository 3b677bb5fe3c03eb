"""An adapter can be taken further, and its training ends with a learning rate of nothing."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from knowledge.train_adapter import RANK, LowRank, pace, save, take_up


def _update(seed: int) -> LowRank:
    torch.manual_seed(seed)
    layer = LowRank(nn.Linear(16, 8))
    layer.B.data = torch.randn(8, RANK)
    return layer


def test_an_adapter_taken_up_is_the_one_that_was_written(tmp_path: Path) -> None:
    written, fresh = _update(1), _update(2)
    save({"layer": written}, tmp_path / "adapter.npz")
    take_up({"layer": fresh}, tmp_path / "adapter.npz")
    assert torch.allclose(fresh.B @ fresh.A, written.B @ written.A, atol=0.1)
    assert fresh.A.requires_grad


def test_learning_climbs_shortly_and_dies_away() -> None:
    rates = [pace(step / 100) for step in range(101)]
    assert rates[0] == 0
    assert max(rates) == rates[10] == 1
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 1e-9
    assert pace(1.2) < 1e-9
