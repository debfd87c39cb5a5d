"""How lively a motion is."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.data.motion import draw_film
from humandit.errors import HumanDiTError
from humandit.motion.energy import energy_of, energy_of_share


@pytest.fixture(scope="module")
def film():
    return draw_film(5, "heldout", 60)


def test_faster_is_more_and_a_carried_person_or_a_larger_picture_changes_nothing(film):
    usual, fast = energy_of(film.poses, film.height), energy_of(replace(film.poses, fps=50), film.height)
    assert fast == pytest.approx(usual + np.log(2) / 0.87, abs=1e-4)
    carried = replace(film.poses, xy=film.poses.xy * 2 + np.arange(60)[:, None, None])
    assert energy_of(carried, 2 * film.height) == pytest.approx(usual, abs=1e-3)


def test_films_of_training_are_usual():
    films = [draw_film(seed, "train", 50) for seed in range(60)]
    energies = np.array([energy_of(film.poses, film.height) for film in films])
    assert abs(np.nanmean(energies)) < 0.4 and 0.6 < np.nanstd(energies) < 1.4


def test_nobody_has_no_energy_and_a_still_has_the_least(film):
    assert np.isnan(energy_of(replace(film.poses, score=np.zeros_like(film.poses.score)), film.height))
    assert energy_of(replace(film.poses, xy=film.poses.xy[:1].repeat(60, 0)), film.height) == -2.5


def test_shares():
    assert energy_of_share(0.5) == pytest.approx(0, abs=1e-9)
    assert energy_of_share(0.0) == -2.5 and energy_of_share(0.84) == pytest.approx(1, abs=0.01)
    with pytest.raises(HumanDiTError, match=r"0\.\.1"):
        energy_of_share(1.2)
