"""How alike two latents' pixels are in structure."""

from pathlib import Path

import numpy as np
import pytest
import torch

from humandit.train.recipe import Recipe
from humandit.train.structure import Structure
from humandit.train.video import structure
from humandit.video.light_vae import LightVAE
from humandit.weights.load import load_vae

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def vae() -> LightVAE:
    return load_vae("mini")  # type: ignore[return-value]


def films(vae: LightVAE) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents [1, 2, C, 2, 4] of two films that differ a little."""
    rng = torch.Generator().manual_seed(0)
    film = torch.rand(9, 2, 4, 3, generator=rng).repeat_interleave(8, 1).repeat_interleave(8, 2)
    film = (film + 0.2 * torch.rand(9, 16, 32, 3, generator=rng)).clamp(0, 1)
    other = (0.7 * film + 0.3 * torch.rand(9, 16, 32, 3, generator=rng)).clamp(0, 1)
    return vae.encode(film)[None, 1:], vae.encode(other)[None, 1:]


def test_it_is_the_usual_ssim_of_every_square(vae):
    a, b = films(vae)
    found = 1 - Structure(vae, CPU)(a, b)
    x, y = (vae.quad.decode(latents[0]).double().numpy() for latents in (a, b))
    for f, row, column in np.ndindex(2, 2, 4):
        place = slice(4 * f, 4 * f + 4), slice(8 * row, 8 * row + 8), slice(8 * column, 8 * column + 8)
        want = [by_hand(one, two) for one, two in zip(x[place], y[place], strict=True)]
        assert found[0, f, 0, row, column] == pytest.approx(np.mean(want), abs=1e-4)


def by_hand(a: np.ndarray, b: np.ndarray) -> float:
    """SSIM of two squares [8, 8, 3] taken as one window each."""
    values = []
    for x, y in zip(a.reshape(64, 3).T, b.reshape(64, 3).T, strict=True):
        (xx, xy), (_, yy) = np.cov(x, y, bias=True)
        alike = (2 * x.mean() * y.mean() + 1e-4) / (x.mean() ** 2 + y.mean() ** 2 + 1e-4)
        values.append(alike * (2 * xy + 9e-4) / (xx + yy + 9e-4))
    return float(np.mean(values))


def test_blur_costs_structure_where_it_saves_squares(vae):
    truth, noisy = films(vae)
    noisy = truth + 0.8 * (noisy - truth)
    mean = truth.mean((3, 4), keepdim=True).expand_as(truth)
    likely = 0.5 * (noisy + mean)
    cost = Structure(vae, CPU, weight=2.0)
    assert cost(truth, truth).abs().max() < 1e-5
    assert cost(likely, truth).mean() > cost(noisy, truth).mean()
    torch.testing.assert_close(cost(noisy, truth), 2 * Structure(vae, CPU)(noisy, truth))


def test_a_recipe_asks_for_it(vae):
    recipe = Recipe(Path("data"), "mini", Path("out"), structure=0.5, compile=False)
    made = structure(recipe, vae, CPU)
    assert made is not None and made.weight == 0.5
    assert structure(Recipe(Path("data"), "mini", Path("out")), vae, CPU) is None
