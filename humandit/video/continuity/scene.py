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

    def begun(self, picture: Tensor, before: Tensor, frame: int) -> tuple[Tensor, Tensor] | None:
        """The reference as a camera that moves would have taken it at ``frame``, and its pose image [1, 4h, 4w, 8];
        ``before`` is the film's frame there. None for a still camera."""
        ...

    def backgrounds(self, picture: Tensor, frames: slice) -> tuple[Tensor, Tensor]:
        """The picture as the background points move, [t, H, W, 3], and where its background is known, [t, H, W]."""
        ...
