"""What the answers to drift ask of a film's poses, which this room does not know."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Scene(Protocol):
    """See ``humandit.pose.scene``."""

    def masks(self, frames: slice) -> Tensor:
        """[t, H, W] in 0..1 of the frames that there are: 1 on the person, 0 where nobody can be."""
        ...

    def speed(self, frame: int) -> float:
        """How fast the person moves at a frame."""
        ...

    @property
    def stands_still(self) -> bool:
        """Whether the camera is known to stand still."""
        ...
