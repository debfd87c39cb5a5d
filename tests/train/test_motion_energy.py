"""What a model must be told to move as lively as it is asked to."""

from dataclasses import replace

import pytest

from humandit.errors import InvalidWeights
from humandit.motion.config import MotionConfig
from humandit.motion.model import KeypointDiT
from humandit.train.motion import initialise
from humandit.train.motion_energy import calibrated

TINY = MotionConfig(heads=1, head_dim=32, layers=1, time_dim=16, window=12, overlap=4)


def test_energies_are_told_along_the_line_and_stay_in_range():
    config = replace(TINY, energy_gain=1.5, energy_bias=0.5)
    assert config.told(0.0) == 0.5 and config.told(-1.0) == -1.0 and config.told(2.0) == 2.5
    assert TINY.told(0.7) == 0.7
    with pytest.raises(InvalidWeights, match="gain"):
        replace(TINY, energy_gain=0.0)


def test_a_model_that_knows_no_energies_stays_as_it_is():
    model = KeypointDiT(TINY)
    initialise(model)  # holds the pose, whatever it is told
    assert calibrated(model.eval(), 3) == TINY
