"""The harness compares like with like."""

from __future__ import annotations

import json

import pytest
import torch

from humandit.cli import main
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
        done = result["tflop_per_second"]["ours"] * result["ms"]["ours"]["min"] / 1000
        assert done == pytest.approx(result["tflop"], rel=0.01), "arithmetic over time"


def test_any_film_in_half_the_precision(capsys) -> None:
    main(["bench", "dit", "--heads=1", "--layers=1", "--repeats=1", "--precision=bf16", "--video", "9x32x48", "--json"])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [(case["tokens"], case["text"]) for case in found["cases"]] == [(18, 0), (18, 226)]
    assert found["precision"] == "bf16" and all(case["difference"] < 0.05 for case in found["cases"])


@pytest.mark.parametrize(("film", "said"), [("49x480", "FRAMESxHEIGHTxWIDTH"), ("48x480x720", "Use 41 or 49")])
def test_a_film_of_no_size_is_refused(film, said, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "dit", "--video", film])
    assert said in capsys.readouterr().err
