"""A picture and a short motion for whole films."""

import numpy as np
import pytest
import torch

from humandit.data.synthetic import render_clip


@pytest.fixture(scope="session")
def bundled_pose():
    """A rendered person of 64 x 64 pixels [64, 64, 3] in 0..1, and its poses, 1 + 16 frames."""
    clip = render_clip(3, "heldout", 17, 64)
    return torch.from_numpy(np.array(clip.frames[0])).float() / 255, clip.poses
