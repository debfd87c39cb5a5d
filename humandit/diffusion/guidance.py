"""Classifier-free guidance, here on the pose (paper §4.1: scale 1.5)."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

POSE_GUIDANCE = 1.5
"""The paper's guidance scale on the pose condition (§4.1)."""


def guided(predict: Callable[[bool], Tensor], scale: float) -> Tensor:
    """``predict(False) + scale * (predict(True) - predict(False))``, where True means "with the pose".

    The two calls run one after the other: batching them saves no arithmetic and doubles the memory. A scale of
    1 asks the model once.
    """
    with_pose = predict(True)
    if scale == 1:
        return with_pose
    without = predict(False)
    return without + scale * (with_pose - without)
