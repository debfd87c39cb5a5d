"""The estimate of a training step's memory against what PyTorch keeps, and against a card."""

import pytest
import torch

from humandit.train.lora import add_lora
from humandit.train.memory import lora_memory, saved_bytes
from humandit.train.recipe import LoRA
from humandit.types import VideoShape
from humandit.video.config import COGVIDEOX_5B, DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.plan.memory import GB

FILM = VideoShape(49, 480, 720)
MEASURED = {(128, "adamw8bit"): 21.18, (128, "adamw"): 22.87, (64, "adamw8bit"): 19.71}
"""GB that PyTorch had allocated at the peak of a step on an H200 (tools/bench_lora.py)."""


@pytest.mark.parametrize("rank, optimizer", MEASURED)
def test_it_comes_near_what_a_card_needed(rank, optimizer):
    estimate = lora_memory(COGVIDEOX_5B, LoRA(rank, rank), FILM, optimizer)
    assert (estimate.peak - estimate.reserve) / GB == pytest.approx(MEASURED[rank, optimizer], rel=0.05)


def test_recomputed_blocks_are_what_makes_it_fit():
    kept = lora_memory(COGVIDEOX_5B, LoRA(64, 64), FILM, checkpointing=False)
    again = lora_memory(COGVIDEOX_5B, LoRA(64, 64), FILM)
    assert again.peak < 24 * GB < 100 * GB < kept.peak and kept.flops < again.flops


def test_what_learns_is_counted_with_gradient_average_and_optimiser():
    config = DiTConfig(heads=2, head_dim=16, layers=3, time_dim=8, text_dim=None, rope_base=(4, 4))
    model = HumanDiT(config)
    add_lora(model, LoRA(4, 4))
    learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
    found = lora_memory(config, LoRA(4, 4), VideoShape(9, 64, 64), "adamw")
    assert (found.trained, found.optimizer) == (12 * learning, 8 * learning)


def test_saved_tensors_count_once_and_weights_do_not():
    layer, x = torch.nn.Linear(8, 8), torch.ones(4, 8, requires_grad=True)
    assert saved_bytes(lambda: layer(x).relu().sum(), layer.parameters()) > 0
    product = lambda: (x * x).sum()  # noqa: E731
    assert saved_bytes(product, ()) == x.numel() * 4
