"""Films of takes: a camera, a canvas of any shape, and what is missing in it. Points alone, nothing is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...pose import skeleton as coco
from ...pose.sequence import PoseSequence
from ...types import Canvas
from ..synthetic.camera import FULL, Camera, draw_camera, frame
from ..synthetic.scene import to_pixels
from ..synthetic.split import split_of
from .takes import FPS, Take, draw_take

CANVASES = ((512, 512), (384, 512), (288, 512), (512, 384), (512, 288))
"""Width and height, pixels; only the shape counts, keypoints are normalised by the longer side."""
SHARES = (0.35, 0.2, 0.2, 0.1, 0.15)
"""How often each of them is drawn."""
STEADY = 3.0
"""Seconds after which pans and turns end, as in rendered films."""
HANDS = (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE)
TOES = [coco.INDEX[f"{side}_{toe}"] for side in ("left", "right") for toe in ("big_toe", "small_toe", "heel")]
ABSENT = {"hand": 0.08, "face": 0.06, "toes": 0.2}
"""Chance that a part is missing throughout."""
GONE = 0.1
"""Chance that a hand or the face is missing for a span."""
SPAN = (0.1, 0.5)
"""Length of that span, share of the film."""


@dataclass(frozen=True)
class Film:
    """Keypoints of a filmed person, all taken for true.

    Attributes:
        poses: at ``FPS``; joints outside the canvas, on the far side of the head or left out have score 0.
        height: of the person from soles to eyes in this picture, pixels, also where the legs are cut off.
        motion: name of the clip, act or file.
        everywhere: joints of score 0 have their true place too. Not so where a detector did not find them.
    """

    poses: PoseSequence
    height: float
    motion: str
    everywhere: bool = True


def draw_film(seed: int, split: str, frames: int) -> Film:
    """The film of one seed; the same every time."""
    return film_of(draw_take(seed, split, frames), split_of(split).rng(seed, 24))


def film_of(take: Take, rng: np.random.Generator) -> Film:
    """A take seen by a random camera on a random canvas, mirrored half of the times, with parts missing."""
    camera = draw_camera(rng)
    camera = replace(camera, framing=FULL) if take.acrobatic else camera
    canvas = Canvas(*CANVASES[rng.choice(len(CANVASES), p=SHARES)])
    xy, seen, metre = _shot(take, camera, canvas, rng.normal(0, 0.3))
    if rng.random() < 0.5:
        xy, seen = mirrored(xy, canvas), seen[:, coco.MIRROR]
    seen = seen & ~missing(len(xy), rng)
    return Film(PoseSequence(xy, seen, canvas, FPS), metre * take.height, take.motion)


def mirrored(xy: np.ndarray, canvas: Canvas) -> np.ndarray:
    """Places [T, 133, 2] in the picture flipped left to right."""
    return (xy * [-1, 1] + [canvas.width, 0])[:, coco.MIRROR]


def _shot(take: Take, camera: Camera, canvas: Canvas, aside: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Pixels [T, 133, 2], what is in view [T, 133] bool, and pixels per metre; ``aside`` is where between the
    sides of a wide canvas (-1..1) the person stands."""
    times = np.minimum(np.arange(len(take.points)) / FPS, STEADY)
    view = camera.view(times, take.middle).astype(np.float32)
    points = take.points @ np.swapaxes(view[..., :3], 1, 2) + view[:, None, :, 3]
    focal, shift = frame(camera, points, points)
    focal, shift = _narrowed(points, camera, canvas, focal, shift)
    shifts = times[:, None] * np.array(camera.pan) + shift
    lens = np.stack([shifts, np.full((len(times), 2), focal)], 1)
    xy = to_pixels(points, lens, canvas.height)
    room = (canvas.width - canvas.height) / 2
    xy = xy + [room + np.clip(aside, -1, 1) * max(room, 0), 0]
    inside = np.all((xy >= 0) & (xy < [canvas.width, canvas.height]), axis=-1)
    inside[:, coco.FACE_SLICE] &= facing(points)[:, None]
    return xy, inside, focal * canvas.height / 2 / float(-points[..., 2].mean())


def _narrowed(
    points: np.ndarray, camera: Camera, canvas: Canvas, focal: float, shift: np.ndarray
) -> tuple[float, np.ndarray]:
    """A full-body camera steps back where the canvas is narrower than the motion."""
    if camera.framing != FULL or canvas.width >= canvas.height:
        return focal, shift
    flat = points[..., 0] / -points[..., 2]
    part = min(1.0, 2.1 * canvas.width / canvas.height / float(np.ptp(flat) * focal))
    return focal * part, shift * part


def facing(points: np.ndarray) -> np.ndarray:
    """[T] bool: whether the face of camera-space points [T, 133, 3] looks at the camera by less than about 100
    degrees; a detector sees none beyond."""
    nose, ears = points[:, 0], points[:, [3, 4]].mean(1)
    ahead, eye = nose - ears, -points[:, 0]
    return (ahead * eye).sum(-1) > -0.17 * np.linalg.norm(ahead, axis=-1) * np.linalg.norm(eye, axis=-1)


def missing(frames: int, rng: np.random.Generator) -> np.ndarray:
    """[frames, 133] bool: parts that this film lacks, throughout or for a span."""
    lost = np.zeros((frames, coco.COUNT), bool)
    parts = [(ABSENT["hand"], hand) for hand in HANDS] + [(ABSENT["face"], coco.FACE_SLICE)]
    for chance, part in parts:
        if rng.random() < chance:
            lost[:, part] = True
        elif rng.random() < GONE:
            lost[span(frames, SPAN, rng), part] = True
    if rng.random() < ABSENT["toes"]:
        lost[:, TOES] = True
    return lost


def span(frames: int, share: tuple[float, float], rng: np.random.Generator) -> slice:
    """Some frames in a row, a random ``share`` of all (at least one)."""
    length = min(max(round(rng.uniform(*share) * frames), 1), frames)
    start = int(rng.integers(0, frames - length + 1))
    return slice(start, start + length)
