"""How large hands and face are."""

import numpy as np
import torch

from humandit.motion.sizes import SIZES, sizes, to_first_size
from humandit.pose import skeleton as coco


def _path():
    path = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 5, coco.COUNT, 2))).float()
    path[0, 3:, coco.LEFT_HAND_SLICE] = path[0, :1, coco.LEFT_HAND_SLICE] * 1.5
    path[:, :, coco.RIGHT_HAND_SLICE] = 0
    return path.flatten(-2)


def test_a_hand_that_grew_is_told_by_its_ratio_to_the_prefix():
    size = sizes(_path(), 1)
    assert size.shape == (1, 5, SIZES)
    own, ratio = size[0, :, 0], size[0, :, 3]
    assert torch.allclose(ratio[3:], torch.full((2,), float(np.log(1.5))), atol=1e-5) and ratio[0] == 0
    assert torch.allclose(own[3] - own[0], ratio[3])
    assert torch.allclose(sizes(_path(), 4)[0, 3:, 3], torch.zeros(2), atol=1e-5), "the last prefix frame counts"


def test_an_absent_hand_has_no_size():
    assert (sizes(_path(), 1)[0, :, [1, 4]] == 0).all()
    late = _path().unflatten(-1, (-1, 2))
    late[:, 2:, coco.RIGHT_HAND_SLICE] = 1.0 * torch.arange(21)[:, None]
    size = sizes(late.flatten(-2), 1)[0]
    assert (size[2:, 1] != 0).all() and (size[:, 4] == 0).all(), "nothing to compare with"


def test_the_way_to_the_first_size_mends_a_hand_that_is_too_large():
    path = _path().unflatten(-1, (-1, 2))
    path[0, 1:, coco.LEFT_HAND_SLICE] = path[0, :1, coco.LEFT_HAND_SLICE] * 1.5
    path = path.flatten(-2)
    mended = (path + to_first_size(path, sizes(path, 1), 1)).unflatten(-1, (-1, 2))
    hand = mended[0, :, coco.LEFT_HAND_SLICE]
    assert torch.allclose(hand[1:], hand[:1].expand(4, -1, -1) * 1.5, atol=1e-4), "all frames by the same factor"
    assert torch.equal(mended[0, :, :23], path.unflatten(-1, (-1, 2))[0, :, :23])
