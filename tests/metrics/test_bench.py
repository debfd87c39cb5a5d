"""The harness compares like with like."""

from __future__ import annotations

import torch

from humandit.metrics.bench import Case, compare, interleaved, pair
from humandit.video.config import DiTConfig


def test_rounds_are_interleaved_after_a_warm_up() -> None:
    order: list[str] = []

    def call(name: str) -> torch.Tensor:
        order.append(name)
        return torch.zeros(1)

    seconds = interleaved({"a": lambda: call("a"), "b": lambda: call("b")}, repeats=3)
    assert order == ["a", "b"] * 4
    assert [len(values) for values in seconds.values()] == [3, 3]


def test_both_compute_the_same_with_and_without_text() -> None:
    stock, ours = pair(DiTConfig(heads=1, head_dim=32, layers=2, time_dim=8, text_dim=12))
    for words in (0, 5):
        result = compare(Case(3, 8, 8, words), stock, ours, repeats=1)
        assert result["difference"] < 1e-5
        assert result["tokens"] == 48
        assert result["ratio"]["min"] > 0
