"""Muon against PyTorch's own, and its orthogonal matrices."""

import pytest
import torch

from humandit.train.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(8, 24), (24, 8), (16, 16)])
def test_singular_values_end_near_one(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0)) * 30
    values = torch.linalg.svdvals(orthogonal(matrix, torch.float32))
    assert 0.6 < values.min() and values.max() < 1.3
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    assert (u.T @ orthogonal(matrix, torch.float32) @ v.T).diagonal().min() > 0.6


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="PyTorch before 2.9 has no Muon to compare with")
def test_in_bfloat16_it_is_pytorchs_own():
    start = torch.randn(6, 10, generator=torch.Generator().manual_seed(1))
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    optimizers = [
        Muon([ours], 0.01, weight_decay=0.01, dtype=torch.bfloat16),
        torch.optim.Muon([theirs], lr=0.01, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
    ]
    for step in range(4):
        gradient = torch.randn(6, 10, generator=torch.Generator().manual_seed(step))
        for parameter, optimizer in zip((ours, theirs), optimizers, strict=True):
            parameter.grad = gradient.clone()
            optimizer.step()
    assert torch.equal(ours, theirs) and not torch.equal(ours, start)
