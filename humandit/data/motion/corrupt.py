"""What detectors and adapters do wrong to a motion: wrong sizes, trembling, lost, swapped and flung joints.

The trembling is as measured with the default detector on rendered people: joints of the body lie 1.45 % of the body
height off on average, some several times as much as others, and errors last: they correlate by 0.77 over 80 ms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...pose import skeleton as coco
from ...pose.sequence import PoseSequence
from .films import HANDS, span

MEAN_ERROR = 0.0145
"""Mean distance of a detected body joint from the true one, in body heights."""
CORRELATION, CORRELATION_STEP = 0.77, 0.08
"""Of that error with itself so many seconds later."""
SPREAD = 0.6
"""Sigma of the lognormal factor by which joints tremble more or less than the mean."""
ROOTED = 0.3
"""Hands and face move with wrist and nose; their own trembling is this share of the body's."""
WRISTS = (coco.INDEX["left_wrist"], coco.INDEX["right_wrist"])
LIMBS = {
    "left_wrist": ("left_wrist", 0), "right_wrist": ("right_wrist", 1), "left_elbow": ("left_elbow", None),
    "right_elbow": ("right_elbow", None), "left_ankle": ("left_ankle", None), "right_ankle": ("right_ankle", None),
    "left_knee": ("left_knee", None), "right_knee": ("right_knee", None),
}  # fmt: skip
"""Joints that may go astray, and the hand that goes with them."""


@dataclass(frozen=True)
class Faults:
    """How often and how badly. Chances are per film and, for hands, per hand.

    Attributes:
        hand, hand_scale: chance and range of a hand of the wrong size, about its wrist.
        face, face_scale, face_off: the same of the face about the nose, and its largest shift in body heights.
        tremble: range of the trembling, 1 is the detector's.
        dropped: share of joints lost in single frames. lost: chance that a hand, the face or a limb is lost for a span.
        swapped: chance that the hands change sides for a span. astray: chance that a joint is flung off; ``far`` is
            how far, in body heights. span, flight: lengths of spans and flights as shares of the film.
    """

    hand: float = 0.6
    hand_scale: tuple[float, float] = (0.6, 1.5)
    face: float = 0.6
    face_scale: tuple[float, float] = (0.75, 1.35)
    face_off: float = 0.03
    tremble: tuple[float, float] = (0.0, 1.5)
    dropped: float = 0.02
    lost: float = 0.3
    swapped: float = 0.15
    astray: float = 0.3
    far: tuple[float, float] = (0.1, 0.4)
    span: tuple[float, float] = (0.05, 0.25)
    flight: tuple[float, float] = (0.01, 0.05)


FAULTS = Faults()


def corrupted(poses: PoseSequence, height: float, rng: np.random.Generator, faults: Faults = FAULTS) -> PoseSequence:
    """``poses`` of a person ``height`` pixels tall with faults; joints are lost, never added."""
    xy, score = poses.xy.copy(), poses.score.copy()
    for hand in HANDS:
        if rng.random() < faults.hand:
            xy[:, hand] = scaled(xy[:, hand], xy[:, hand.start, None], _between(faults.hand_scale, rng))
    if rng.random() < faults.face:
        face, nose = coco.FACE_SLICE, xy[:, :1]
        off = rng.uniform(-faults.face_off, faults.face_off, 2) * height
        xy[:, face] = scaled(xy[:, face], nose, _between(faults.face_scale, rng)) + off
    xy = xy + trembling(len(poses), poses.fps, rng) * height * rng.uniform(*faults.tremble)
    xy = _flung(_swapped(xy, rng, faults), height, rng, faults)
    return replace(poses, xy=xy, score=np.where(_lost(len(poses), rng, faults), 0, score))


def scaled(points: np.ndarray, root: np.ndarray, factor: float) -> np.ndarray:
    """Points [T, N, 2] about ``root`` [T, 1, 2]."""
    return root + factor * (points - root)


def _between(scale: tuple[float, float], rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(scale))))


def trembling(frames: int, fps: float, rng: np.random.Generator) -> np.ndarray:
    """[frames, 133, 2] in body heights: slow noise on every body joint; hands and face follow wrists and nose."""
    from scipy.signal import lfilter

    keep = CORRELATION ** (1 / (CORRELATION_STEP * fps))
    fresh = rng.normal(size=(frames, coco.COUNT, 2))
    fresh[1:] *= np.sqrt(1 - keep**2)
    noise = np.asarray(lfilter([1.0], [1.0, -keep], fresh, axis=0))
    unlike = np.exp(rng.normal(-(SPREAD**2) / 2, SPREAD, coco.COUNT))  # of mean one
    noise *= MEAN_ERROR / np.sqrt(np.pi / 2) * unlike[:, None]
    for root, part in ((0, coco.FACE_SLICE), *zip(WRISTS, HANDS, strict=True)):
        noise[:, part] = noise[:, root, None] + ROOTED * noise[:, part]
    return noise


def _swapped(xy: np.ndarray, rng: np.random.Generator, faults: Faults) -> np.ndarray:
    if rng.random() >= faults.swapped:
        return xy
    left, right = (np.r_[wrist, hand] for wrist, hand in zip(WRISTS, HANDS, strict=True))
    frames, swapped = span(len(xy), faults.span, rng), xy.copy()
    swapped[frames, left], swapped[frames, right] = xy[frames, right], xy[frames, left]
    return swapped


def _flung(xy: np.ndarray, height: float, rng: np.random.Generator, faults: Faults) -> np.ndarray:
    if rng.random() >= faults.astray:
        return xy
    flung = xy.copy()
    for name in rng.choice(list(LIMBS), int(rng.integers(1, 4)), replace=False):
        joint, hand = LIMBS[str(name)]
        points = [coco.INDEX[joint]] if hand is None else [coco.INDEX[joint], *range(133)[HANDS[hand]]]
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(*faults.far) * height
        frames = span(len(xy), faults.flight, rng)
        flung[frames, points] = xy[frames, points] + far * np.array([np.cos(angle), np.sin(angle)])
    return flung


def _lost(frames: int, rng: np.random.Generator, faults: Faults) -> np.ndarray:
    """[frames, 133] bool."""
    lost = rng.random((frames, coco.COUNT)) < faults.dropped
    for part in (*HANDS, coco.FACE_SLICE, *(coco.INDEX[joint] for joint in LIMBS)):
        whole = isinstance(part, slice)
        if rng.random() < (faults.lost if whole else faults.lost / 4):
            lost[span(frames, faults.span, rng), part] = True
    return lost
