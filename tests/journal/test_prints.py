"""Two jobs are the same exactly when everything is that can change a frame."""

import functools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from humandit.journal import code_print, fingerprint, weights_print
from humandit.types import Canvas
from humandit.video.sample import Sampling


def scaled(by):
    return lambda x: x * by


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        ("1", 1),
        ([1, 2], (1, 2)),
        ([1, [2]], [[1], 2]),
        (["ab", "c"], ["a", "bc"]),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
        (Canvas(16, 32), Canvas(32, 16)),
        (Sampling(seed=1), Sampling(seed=2)),
        (np.zeros(4, np.float32), np.zeros(4, np.int32)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (torch.zeros(4), torch.zeros(4, dtype=torch.bfloat16)),
        (torch.tensor(1.0), torch.tensor(1.0000001)),
        (scaled(2), scaled(3)),
        (lambda x: x * 2, lambda x: x * 3),
        (functools.partial(scaled, 2), functools.partial(scaled, 3)),
        (None, False),
    ],
)
def test_what_differs_has_another_print(one, other):
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(one) and fingerprint(other) == fingerprint(other)


def everything():
    """A value of every kind that has a print."""
    things = {"b": [1, 2.5, None], "a": Sampling(seed=3), "c": {"x", "y", "z"}}
    return {**things, "t": torch.arange(5), "f": np.float32(2)}


def test_equal_values_have_one_print_in_every_process():
    code = "from tests.journal.test_prints import everything, fingerprint; print(fingerprint(everything()))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == fingerprint(everything())


def test_the_order_of_names_does_not_matter_and_loops_end():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    loop = {"a": [1]}
    loop["a"].append(loop)
    again = {"a": [1]}
    again["a"].append(again)
    assert fingerprint(loop) == fingerprint(again)


def test_what_cannot_be_looked_into_is_never_the_same():
    assert fingerprint(torch.Generator()) != fingerprint(torch.Generator())


def test_weights_are_told_apart_by_a_sample_of_every_tensor():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(300, 300), torch.nn.Linear(300, 4))
    before = weights_print(net)
    assert before == weights_print(net) == weights_print(torch.nn.Sequential(*net))
    net[0].weight.data += 1e-6  # as a step of training does
    changed = weights_print(net)
    net[1].bias.data[2] += 1e-3
    assert len({before, changed, weights_print(net), weights_print(net.bfloat16())}) == 4


def test_the_code_counts_as_well(tmp_path):
    (tmp_path / "node.py").write_text("a")
    one = code_print(tmp_path / "node.py")
    (tmp_path / "node.py").write_text("b")
    assert len({one, code_print(tmp_path / "node.py"), code_print()}) == 3 and code_print() == code_print()


def test_every_setting_of_sampling_counts():
    plain = Sampling()
    changed = [replace(plain, **change) for change in (dict(steps=3), dict(guidance=2.0), dict(sampler="dpm++"))]
    assert len({fingerprint(each) for each in (plain, *changed)}) == 4
