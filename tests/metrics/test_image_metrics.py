"""PSNR and SSIM against hand numbers and a plain-loop reference."""

from __future__ import annotations

import numpy as np
import pytest

from humandit.errors import InvalidShape
from humandit.metrics.image import C1, C2, CEILING_DB, SIGMA, WINDOW, person_area, psnr, ssim, ssim_map


def test_psnr_by_hand() -> None:
    truth = np.zeros((2, 8, 8, 3), np.uint8)
    assert psnr(truth, truth) == CEILING_DB
    tenth = np.full((2, 8, 8, 3), 0.1)
    assert psnr(tenth, truth) == pytest.approx(20.0)
    mixed = np.stack([tenth[0], np.full((8, 8, 3), 0.01)])
    assert psnr(mixed, truth) == pytest.approx(30.0)  # mean of 20 and 40 dB, not dB of the mean
    assert psnr(np.full_like(truth, 255), truth) == pytest.approx(0.0)


def test_psnr_counts_only_the_mask_and_skips_empty_ones() -> None:
    truth = np.zeros((2, 8, 8, 3))
    result = truth.copy()
    result[0, :4] = 0.1
    mask = np.zeros((2, 8, 8), bool)
    mask[0, :4] = True
    assert psnr(result, truth, mask) == pytest.approx(20.0)
    mask[0, 4:] = True
    assert psnr(result, truth, mask) == pytest.approx(20.0 + 10 * np.log10(2))


def plain_ssim(x: np.ndarray, y: np.ndarray) -> float:
    """The formula of Wang et al. window by window, one colour."""
    at = np.arange(WINDOW) - WINDOW // 2
    line = np.exp(-(at**2) / (2 * SIGMA**2))
    weights = np.outer(line, line) / line.sum() ** 2
    scores = []
    for i in range(x.shape[0] - WINDOW + 1):
        for j in range(x.shape[1] - WINDOW + 1):
            a, b = x[i : i + WINDOW, j : j + WINDOW], y[i : i + WINDOW, j : j + WINDOW]
            ma, mb = (weights * a).sum(), (weights * b).sum()
            va, vb = (weights * (a - ma) ** 2).sum(), (weights * (b - mb) ** 2).sum()
            cov = (weights * (a - ma) * (b - mb)).sum()
            scores.append((2 * ma * mb + C1) * (2 * cov + C2) / ((ma**2 + mb**2 + C1) * (va + vb + C2)))
    return float(np.mean(scores))


def test_ssim_equals_the_plain_formula() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((2, 20, 24, 3))
    result = np.clip(truth + 0.2 * rng.standard_normal(truth.shape), 0, 1)
    expected = np.mean([plain_ssim(result[t, ..., c], truth[t, ..., c]) for t in range(2) for c in range(3)])
    assert ssim(result, truth) == pytest.approx(float(expected), abs=1e-10)


def test_ssim_by_hand() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 256, (1, 16, 16, 3), dtype=np.uint8)
    assert ssim(truth, truth) == pytest.approx(1.0)
    grey, black = np.full((1, 16, 16, 3), 0.5), np.zeros((1, 16, 16, 3))
    assert ssim(grey, black) == pytest.approx(C1 / (0.25 + C1))


def test_masked_ssim_is_the_mean_of_the_map_inside() -> None:
    rng = np.random.default_rng(2)
    truth, result = rng.random((2, 2, 16, 16, 3))
    mask = np.zeros((2, 16, 16), bool)
    mask[1, :3, 5:9] = True
    assert ssim_map(result, truth).shape == (2, 16, 16)
    assert ssim(result, truth, mask) == pytest.approx(ssim_map(result, truth)[1, :3, 5:9].mean())


def test_person_area_is_the_grown_union() -> None:
    reference = np.zeros((16, 16), bool)
    reference[4, 4] = True
    masks = np.zeros((2, 16, 16), bool)
    masks[1, 12, 0] = True
    area = person_area(reference, masks, grow=2)
    assert area[0].sum() == 25
    assert area[0, 2:7, 2:7].all()
    assert area[1].sum() == 25 + 15  # the second square is cut by the border
    assert person_area(np.eye(128, dtype=bool) * False, masks=np.zeros((1, 128, 128), bool)).sum() == 0


@pytest.mark.parametrize("other", [(2, 8, 8, 3), (1, 8, 8, 4), (8, 8, 3)])
def test_other_shapes_are_refused(other: tuple[int, ...]) -> None:
    with pytest.raises(InvalidShape):
        psnr(np.zeros(other), np.zeros((1, 8, 8, 3)))
