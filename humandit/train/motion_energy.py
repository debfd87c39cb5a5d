"""What a trained Keypoint-DiT must be told to move as lively as it is asked to: measured, then kept in its config.

Told an energy, a model moves more calmly, for the mean of what is possible is calm. How much more is a straight line
over the energies, the same for everybody within what seeds change.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..data.motion import Film, draw_film
from ..motion.config import MotionConfig
from ..motion.energy import energy_of, share_of_energy
from ..motion.generate import Manner, continue_motion
from ..motion.model import KeypointDiT

TOLD = (-1.5, -0.5, 0.5, 1.5)
"""Energies that are tried, deviations."""
TAKEN = 0.5
"""Share of the correction that is taken: told all of it, some poses are answered with cartwheels."""
LEAST = 0.2
"""A model that answers less than so much of what it is told does not know energies: it stays as it is."""


def calibrated(model: KeypointDiT, films: int) -> MotionConfig:
    """The model's config with its gain and bias of energies, from motions of one window that go on from the first pose
    of so many films of training."""
    plain = replace(model.config, energy_gain=1.0, energy_bias=0.0)
    model.config = plain
    starts = [draw_film(seed, "train", 2) for seed in range(films)]
    found = {told: [_moved(model, film, told) for film in starts] for told in TOLD}
    told = np.repeat(TOLD, films)
    answer = np.concatenate(list(found.values()))
    seen = np.isfinite(answer)
    if len(set(told[seen])) < 2:
        return plain
    slope, offset = np.polyfit(told[seen], answer[seen], 1)
    if slope < LEAST:
        return plain
    return replace(plain, energy_gain=1 + TAKEN * (1 / slope - 1), energy_bias=-TAKEN * offset / slope)


def _moved(model: KeypointDiT, film: Film, told: float) -> float:
    """The energy of what was made; NaN where no limb is seen."""
    made = continue_motion(model, film.poses[:1], model.config.window - 1, Manner(share_of_energy(told)))
    return energy_of(made, film.height)
