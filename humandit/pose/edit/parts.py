"""Words for groups of joints, so that an edit of a whole arm stays short."""

from __future__ import annotations

from collections.abc import Sequence

from .. import skeleton as coco

HANDS = {"left": coco.LEFT_HAND_SLICE, "right": coco.RIGHT_HAND_SLICE}


def _joints(*names: str) -> tuple[int, ...]:
    return tuple(coco.INDEX[name] for name in names)


def _range(part: slice) -> tuple[int, ...]:
    return tuple(range(part.start, part.stop))


def _limbs(side: str) -> dict[str, tuple[int, ...]]:
    toes = (f"{side}_big_toe", f"{side}_small_toe", f"{side}_heel")
    hand = _range(HANDS[side])
    return {
        f"{side} arm": (*_joints(f"{side}_shoulder", f"{side}_elbow", f"{side}_wrist"), *hand),
        f"{side} leg": _joints(f"{side}_hip", f"{side}_knee", f"{side}_ankle", *toes),
        f"{side} hand": hand,
    }


PARTS = {
    "all": tuple(range(coco.COUNT)),
    "body": tuple(i for i in range(coco.COUNT) if not coco.FACE_SLICE.start <= i < coco.FACE_SLICE.stop),
    "head": (*_joints("nose", "left_eye", "right_eye", "left_ear", "right_ear"), *_range(coco.FACE_SLICE)),
    "face": _range(coco.FACE_SLICE),
    **_limbs("left"),
    **_limbs("right"),
}
"""Name -> joints. "body" is everything but the 68 points of the face; an arm has its hand, a leg its foot."""


def joints_of(words: Sequence[str]) -> tuple[int, ...]:
    """Joints that names of joints and of parts stand for, sorted, each once. ``words`` must be known."""
    found = {joint for word in words for joint in (PARTS[word] if word in PARTS else (coco.INDEX[word],))}
    return tuple(sorted(found))


def known(word: str) -> bool:
    """Whether ``word`` names a joint or a part."""
    return word in PARTS or word in coco.INDEX
