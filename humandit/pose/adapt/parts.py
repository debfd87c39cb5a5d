"""What the artist chooses: which parts of the body take over the reference's proportions, and how far."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...errors import InvalidPose
from .. import skeleton as coco
from .points import Bone

MODES = ("robust", "paper")
ENDS = {
    "nose": "head", "shoulder": "trunk", "hip": "trunk", "elbow": "arms", "wrist": "arms",
    "knee": "legs", "ankle": "legs", "toe": "legs", "heel": "legs",
}  # fmt: skip
"""Last word of a bone's far end -> the part that it belongs to. The neck goes with the head."""
PARTS = ("arms", "legs", "trunk", "head", "hands")


@dataclass(frozen=True)
class Retarget:
    """How a film's motion is put on another body.

    Attributes:
        mode: "paper" (largest lengths) or "robust" (quantiles, both sides, limits, no flights).
        strength: 1 takes the reference's proportions, 0 leaves the template's and only scales the whole body.
        arms, legs, trunk, head, hands: the same for one part, multiplied with ``strength``. The trunk is shoulders and
            hips, legs include the feet, the head includes the neck.
        ground: feet that stand in the template stand in the result, and the lowest one stays on the floor.
        keep_inside: head, hands, and feet if the reference shows them, do not leave the canvas.

    Raises:
        InvalidPose: an unknown mode or a strength outside 0..1.
    """

    mode: str = "robust"
    strength: float = 1.0
    arms: float = 1.0
    legs: float = 1.0
    trunk: float = 1.0
    head: float = 1.0
    hands: float = 1.0
    ground: bool = False
    keep_inside: bool = False

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise InvalidPose(f"The adapter's mode is one of {', '.join(MODES)}, got {self.mode!r}.")
        for name in ("strength", *PARTS):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidPose(f"The adapter's {name} lies in 0..1, got {getattr(self, name)}.")

    def of(self, part: str) -> float:
        """Strength of one of ``PARTS``."""
        return self.strength * getattr(self, part)


@dataclass(frozen=True)
class Build:
    """One body measured by another: ratios of lengths, reference over template.

    Attributes:
        body: of the whole body.
        bones: of every limb bone. head: of eyes, ears and face. hands: of the left and the right hand.
    """

    body: float
    bones: dict[Bone, float]
    head: float
    hands: tuple[float, float]

    def weighed(self, choice: Retarget) -> Build:
        """The same, each part taken over as far as ``choice`` says; at strength 0 it has the body's ratio."""
        bones = {bone: self._part(ratio, choice.of(part_of(bone))) for bone, ratio in self.bones.items()}
        left, right = (self._part(ratio, choice.of("hands")) for ratio in self.hands)
        return replace(self, bones=bones, head=self._part(self.head, choice.of("head")), hands=(left, right))

    def _part(self, ratio: float, strength: float) -> float:
        return self.body * (ratio / self.body) ** strength


def part_of(bone: Bone) -> str:
    """Which of ``PARTS`` a limb bone belongs to."""
    return ENDS[coco.KEYPOINTS[bone[0]].split("_")[-1]]
