"""How much of the refinement is taken over, per part of the body."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ..errors import InvalidPose
from ..pose import skeleton as coco
from ..types import Canvas
from .tokens import decode, encode, to_pixels, to_square


@dataclass(frozen=True)
class Strengths:
    """1 takes the model's points, 0 keeps the input's, values between lie between.

    Attributes:
        body: body and feet.
        hands, face: relative to the wrists and the nose: with the body at 0 the hands change where the arms are.

    Raises:
        InvalidPose: a strength outside 0..1.
    """

    body: float = 1.0
    hands: float = 1.0
    face: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 <= getattr(self, field.name) <= 1:
                raise InvalidPose(f"The strength of the {field.name} lies in 0..1, got {getattr(self, field.name)}.")

    @property
    def of_points(self) -> np.ndarray:
        """[133] float32."""
        strengths = np.full(coco.COUNT, self.body, np.float32)
        strengths[coco.FACE_SLICE] = self.face
        strengths[coco.LEFT_HAND_SLICE] = strengths[coco.RIGHT_HAND_SLICE] = self.hands
        return strengths


def blend(
    refined: np.ndarray, given: np.ndarray, present: np.ndarray, strengths: Strengths, canvas: Canvas
) -> np.ndarray:
    """Places [T, K, 2] between ``given`` and ``refined``, in pixels of ``canvas``.

    The mean is taken in model space, where hands hang on their wrist and the face on the nose, so that no part comes
    off the body. ``present`` [T, K] are the joints that count.
    """
    ours, theirs = (encode(to_square(places, canvas), present) for places in (refined, given))
    share = np.repeat(strengths.of_points, 2)
    mixed = to_pixels(decode(theirs + (ours - theirs) * share, present), canvas)
    return np.where(present[..., None], mixed, given)
