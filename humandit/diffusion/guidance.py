"""Classifier-free guidance, here on the pose (paper §4.1: scale 1.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch import Tensor

POSE_GUIDANCE = 1.5
"""The paper's guidance scale on the pose condition (§4.1)."""


def guided(
    predict: Callable[[bool], Tensor], scale: float, both: Callable[[], Iterable[Tensor]] | None = None
) -> Tensor:
    """``predict(False) + scale * (predict(True) - predict(False))``, where True means "with the pose".

    Args:
        predict: asks the model; twice, one after the other, for asking for both at once doubles the memory.
        scale: of the guidance; 1 asks the model once, with the pose.
        both: what is asked instead where that memory is nothing: (with, without) from one call.
    """
    if scale == 1:
        return predict(True)
    with_pose, without = both() if both else (predict(True), predict(False))
    return without + scale * (with_pose - without)
