"""The straight path through known points."""

import numpy as np
import torch

from humandit.motion.path import straight_path


def test_between_known_points_it_is_numpys_interpolation():
    rng = np.random.default_rng(0)
    points, known = rng.normal(size=(2, 9, 6)).astype(np.float32), rng.random((2, 9, 3)) > 0.6
    known[0, :, 1] = False
    path = straight_path(torch.from_numpy(points), torch.from_numpy(known)).numpy()
    for film, point in np.ndindex(2, 3):
        frames = np.flatnonzero(known[film, :, point])
        for axis in (2 * point, 2 * point + 1):
            wanted = np.interp(np.arange(9), frames, points[film, frames, axis]) if len(frames) else np.zeros(9)
            np.testing.assert_allclose(path[film, :, axis], wanted, atol=1e-6)
