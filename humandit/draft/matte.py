"""How much of each pixel is the person: a mask that is given, one that a detector cuts out, or one found by colour."""

from __future__ import annotations

import numpy as np

from ..errors import InvalidMedia
from ..pose.background.person import PersonMasks, widened
from ..pose.sequence import PoseSequence
from .girth import Capsule, flesh, head
from .joints import NECK, SIDES, Figure, joint

WORKING = 320
"""Longer side on which colours are told apart, pixels."""
ROUNDS = 4
"""Of GrabCut: more change little."""
LOOSE = 0.22
"""Shoulder breadths around the painted body in which hair, skirts and wide sleeves may lie."""
SURE, LIKELY = 0.5, 1.25
"""Usual half widths of the limbs that are the person for sure, and probably."""


def matte(
    picture: np.ndarray, pose: PoseSequence, rest: Figure, mask: np.ndarray | None = None, detector: object = None
) -> np.ndarray:
    """[H, W] float32 in 0..1, the person's share of each pixel.

    Args:
        picture: uint8 [H, W, 3].
        pose: the picture's, one frame on its canvas.
        rest: the same as joints.
        mask: [H, W] bool or 0..1, taken as it is (a hard one gets a soft edge).
        detector: a pose detector; one that also cuts people out helps to find the mask.

    Raises:
        InvalidMedia: a mask of another size, or an empty one.
    """
    if mask is not None:
        return _given(picture, mask)
    found = _by_colour(picture, *_guesses(picture, pose, rest, detector))
    return _soft(picture, found)


def _given(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    import cv2

    if mask.shape != picture.shape[:2]:
        raise InvalidMedia(
            f"The mask must have the picture's size {list(picture.shape[:2])}, got {list(mask.shape)}. Scale it first."
        )
    share = np.clip(mask.astype(np.float32), 0, 1)
    if not (share > 0.5).any():
        raise InvalidMedia("The mask is empty: it must be white where the person is.")
    hard = bool(np.isin(share, (0, 1)).all())
    return cv2.GaussianBlur(share, (0, 0), 0.6) if hard else share


def _guesses(
    picture: np.ndarray, pose: PoseSequence, rest: Figure, detector: object
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three [H, W] bool masks: the person for sure, probably, and at most."""
    sure, likely = (_painted(picture.shape[:2], rest, part) for part in (SURE, LIKELY))
    cut = np.zeros_like(sure)
    if isinstance(detector, PersonMasks):
        cut = next(iter(detector.person_masks([picture], pose)))
    if not cut.any():
        return sure, likely, widened(likely, round(LOOSE * rest.breadth))
    inner = ~widened(~cut, max(round(0.05 * rest.breadth), 1))
    return sure | inner, cut | sure, widened(cut | sure, max(round(LOOSE / 2 * rest.breadth), 2))


def _painted(size: tuple[int, int], rest: Figure, part: float) -> np.ndarray:
    """[H, W] bool: the body as its usual flesh, ``part`` of its thickness, and the trunk."""
    import cv2

    points = np.stack(np.meshgrid(*map(np.arange, size[::-1])), -1).astype(np.float32)
    mask = np.zeros(size, bool)
    bones = [bone for some in flesh(None, rest).values() for bone in some]
    throat = head(rest)[0]
    for bone in (*bones, Capsule(rest.xy[NECK], throat.a, (throat.thick[0], throat.thick[0]))):
        mask |= bone.depth(points) < part
    hull = np.zeros(size, np.uint8)
    corners = rest.xy[[joint(s, n) for s in SIDES for n in ("shoulder", "hip")]]
    corners = corners.mean(0) + min(part, 1) * (corners - corners.mean(0))
    cv2.fillConvexPoly(hull, cv2.convexHull(np.round(np.clip(corners, -9e3, 9e3)).astype(np.int32)), 1)
    return mask | (hull > 0)


def _by_colour(picture: np.ndarray, sure: np.ndarray, likely: np.ndarray, most: np.ndarray) -> np.ndarray:
    """[H, W] bool by GrabCut (Rother et al., 2004) from three guesses."""
    import cv2

    height, width = picture.shape[:2]
    scale = min(1.0, WORKING / max(height, width))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    kinds = np.full(size[::-1], cv2.GC_BGD, np.uint8)
    for area, kind in ((most, cv2.GC_PR_BGD), (likely, cv2.GC_PR_FGD), (sure, cv2.GC_FGD)):
        kinds[cv2.resize(area.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0] = kind
    if {cv2.GC_FGD, cv2.GC_BGD} <= set(np.unique(kinds).tolist()):
        cv2.setRNGSeed(0)
        cv2.grabCut(small, kinds, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = np.isin(kinds, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    whole = _one_piece(found, kinds == cv2.GC_FGD)
    return cv2.resize(whole.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5


def _one_piece(found: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """``found`` without specks that touch nothing sure, and with its small holes closed."""
    import cv2

    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, pieces = cv2.connectedComponents(found)
    kept = np.isin(pieces, np.unique(pieces[sure & (found > 0)])) & (found > 0)
    count, holes, stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8), connectivity=4)
    small = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] < 0.004 * kept.size]
    return kept | np.isin(holes, small)


def _soft(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The mask with an edge that follows the picture's (guided filter, He et al., 2010), near the edge alone."""
    import cv2

    reach = max(round(max(mask.shape) / 128), 1)
    size = (2 * reach + 1, 2 * reach + 1)
    guide, hard = picture.astype(np.float32).mean(-1) / 255, mask.astype(np.float32)
    mean, share = cv2.blur(guide, size), cv2.blur(hard, size)
    spread = cv2.blur(guide * guide, size) - mean * mean
    slope = (cv2.blur(guide * hard, size) - mean * share) / (spread + 1e-3)
    soft = cv2.blur(slope, size) * guide + cv2.blur(share - slope * mean, size)
    near = (share > 0) & (share < 1)
    return np.where(near, np.clip((soft - 0.15) / 0.7, 0, 1), hard).astype(np.float32)
