"""The COCO-WholeBody skeleton as data: 133 names, parts, limbs and mirror pairs.

Order and names follow COCO-WholeBody (Jin et al., ECCV 2020; jin-s13/COCO-WholeBody on GitHub): 17 body points,
6 feet, 68 face, 21 left hand, 21 right hand. "Left" is the person's own left.
"""

from __future__ import annotations

BODY = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
FEET = ("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel")
FACE = tuple(f"face_{i}" for i in range(68))
HAND = (
    "wrist",
    *(f"{finger}_{joint}" for finger in ("thumb", "index", "middle", "ring", "little") for joint in range(1, 5)),
)

KEYPOINTS = (*BODY, *FEET, *FACE, *(f"left_hand_{n}" for n in HAND), *(f"right_hand_{n}" for n in HAND))
COUNT = len(KEYPOINTS)
INDEX = {name: i for i, name in enumerate(KEYPOINTS)}
SIDES = ("left", "right")
NECK, HIPS = COUNT, COUNT + 1
"""Two joints behind the 133, for those who need them: the middles of the shoulders and of the hips."""


def joint(side: str, name: str) -> int:
    """Index of a joint of the left or right side."""
    return INDEX[f"{side}_{name}"]


BODY_SLICE = slice(0, 17)
FEET_SLICE = slice(17, 23)
FACE_SLICE = slice(23, 91)
LEFT_HAND_SLICE = slice(91, 112)
RIGHT_HAND_SLICE = slice(112, 133)

EXCLUDED = (INDEX["left_ear"], INDEX["right_ear"])
"""Stored, but not shown to the model (paper App. A: ears are excluded)."""

BONES = (
    ("nose", "neck"), ("left_shoulder", "neck"), ("right_shoulder", "neck"),
    ("left_elbow", "left_shoulder"), ("left_wrist", "left_elbow"),
    ("right_elbow", "right_shoulder"), ("right_wrist", "right_elbow"),
    ("left_hip", "neck"), ("right_hip", "neck"),
    ("left_knee", "left_hip"), ("left_ankle", "left_knee"),
    ("right_knee", "right_hip"), ("right_ankle", "right_knee"),
    ("left_eye", "nose"), ("right_eye", "nose"), ("left_ear", "left_eye"), ("right_ear", "right_eye"),
    ("left_big_toe", "left_ankle"), ("left_small_toe", "left_ankle"), ("left_heel", "left_ankle"),
    ("right_big_toe", "right_ankle"), ("right_small_toe", "right_ankle"), ("right_heel", "right_ankle"),
)  # fmt: skip
"""(child, parent), parents first. "neck" is the midpoint of the shoulders: no COCO point, the adapter's root."""

HAND_PARENTS = (-1, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19)
"""Parent of each of a hand's 21 points; -1 is the wrist."""

_FACE_MIRROR = (
    *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31,
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
)  # fmt: skip


def _swap(name: str) -> str:
    for a, b in (("left_", "right_"), ("right_", "left_")):
        if name.startswith(a):
            return b + name.removeprefix(a)
    return name


MIRROR = tuple(
    FACE_SLICE.start + _FACE_MIRROR[i - FACE_SLICE.start] if name.startswith("face_") else INDEX[_swap(name)]
    for i, name in enumerate(KEYPOINTS)
)
"""MIRROR[i] is the keypoint that keypoint i becomes when the picture is flipped left to right."""
