"""Point layouts of the pose world as data, and how each maps to and from COCO-WholeBody's 133 points."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import skeleton as coco
from .openpose import BODY_18
from .sapiens_points import GOLIATH_308, TO_WHOLEBODY

BODY_25 = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear",
    "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
)  # fmt: skip
"""OpenPose's newer body (its ``poseParameters.cpp``), which some editors write into ``pose_keypoints_2d``."""
HALPE_26 = (
    *coco.BODY, "head", "neck", "mid_hip",
    "left_big_toe", "right_big_toe", "left_small_toe", "right_small_toe", "left_heel", "right_heel",
)  # fmt: skip
"""Body and feet of the Halpe data set (Fang-Haoshu/Halpe-FullBody on GitHub), which RTMPose's body nets give."""

MIDDLES = {"neck": ("left_shoulder", "right_shoulder"), "mid_hip": ("left_hip", "right_hip")}
"""Points of other layouts that lie between two of ours."""


@dataclass(frozen=True)
class Layout:
    """An order of points.

    Attributes:
        count: how many there are, counted by hand: a slip in ``names`` shows at once.
        names: the points in order.
        places: [133] place of each COCO-WholeBody point in ``names``; -1 where the layout has none.
        sources: per point the COCO-WholeBody points it is the middle of: one, two, or none if it cannot be told.
    """

    count: int
    names: tuple[str, ...]
    places: tuple[int, ...] = ()
    sources: tuple[tuple[int, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        if len(self.names) != self.count or len(set(self.names)) != self.count:
            raise ValueError(f"A layout of {self.count} points lists {len(set(self.names))} different names.")
        index = {name: i for i, name in enumerate(self.names)}
        places = self.places or tuple(index.get(name, -1) for name in coco.KEYPOINTS)
        sources = [tuple(coco.INDEX[half] for half in MIDDLES.get(name, ())) for name in self.names]
        for point, place in reversed(list(enumerate(places))):  # a wrist that is also a hand's root counts as wrist
            if place >= 0:
                sources[place] = (point,)
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "sources", tuple(sources))


LAYOUTS = {
    "coco-17": Layout(17, coco.BODY),
    "body-18": Layout(18, BODY_18),
    "body-25": Layout(25, BODY_25),
    "halpe-26": Layout(26, HALPE_26),
    "coco-wholebody": Layout(133, coco.KEYPOINTS),
    "sapiens-308": Layout(308, GOLIATH_308, TO_WHOLEBODY),
}
"""Every layout by name. OpenPose's are body only; hands and face travel in fields of their own."""


def fitting(count: int) -> list[str]:
    """Names of the layouts that have ``count`` points."""
    return [name for name, layout in LAYOUTS.items() if layout.count == count]
