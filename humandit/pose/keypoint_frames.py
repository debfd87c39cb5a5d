"""ComfyUI's POSE_KEYPOINT to and from poses: one person or everybody, both dialects, pixels or fractions.

POSE_KEYPOINT is a list of frames ``{"people": [...], "canvas_width", "canvas_height"}``. The preprocessor packs
("aux") write 18 body points, 70 face and 2 x 21 hand points with confidence 1 or 0; core's SDPose ("sdpose") writes
real scores and six feet points more. Coordinates are pixels, in older tools fractions of the canvas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from ..errors import InvalidPose
from ..types import Canvas
from . import skeleton as coco
from .checks import kind, side, speed
from .identities import Body, identities
from .keypoint_people import person_from, person_to
from .sequence import VISIBLE, PoseSequence

Dialect = Literal["aux", "sdpose"]
DIALECTS = ("aux", "sdpose")
DEFAULT_FPS = 16.0
"""POSE_KEYPOINT does not say how fast it moves; ComfyUI's video templates mostly run at 16."""
FRACTION = 2.0
"""Coordinates that all lie under this are fractions of the canvas: nobody is two pixels tall."""


def to_pose_keypoint(
    poses: PoseSequence | Sequence[PoseSequence], dialect: Dialect = "aux", fractions: bool = False
) -> list[dict[str, Any]]:
    """One dictionary per frame.

    Args:
        poses: one person, or everybody of a film: same canvas, same number of frames.
        dialect: "aux" or "sdpose".
        fractions: write shares of the canvas, 0..1, instead of pixels.

    Whoever shows no visible joint in a frame is not in its list of people.
    """
    if dialect not in DIALECTS:
        raise InvalidPose(f'The dialect must be "aux" or "sdpose", got {dialect!r}.')
    people = together(poses)
    canvas = people[0].canvas
    size = {"canvas_height": canvas.height, "canvas_width": canvas.width}
    unit = np.array([canvas.width, canvas.height]) if fractions else np.ones(2)
    return [
        {
            "people": [
                person_to(one.xy[t] / unit, one.score[t], binary=dialect == "aux")
                for one in people
                if (one.score[t] >= VISIBLE).any()
            ],
            **size,
        }
        for t in range(len(people[0]))
    ]


def from_pose_keypoint(data: Any, fps: float = DEFAULT_FPS, canvas: Canvas | None = None) -> PoseSequence:
    """The strongest person of each frame, from either dialect.

    Args:
        data: a list of frames, or one frame.
        fps: of the film that the frames come from.
        canvas: used where the frames name none.

    Fractions of the canvas are recognised over the whole sequence. Hands whose labels are swapped (one of the
    dialects does) are put to the wrist they belong to, all frames alike.
    """
    bodies, size = _pixels(*read_frames(data, canvas))
    empty = np.zeros((coco.COUNT, 2)), np.zeros(coco.COUNT)
    rows = [max(frame, key=lambda body: body[1].sum(), default=empty) for frame in bodies]
    xy, score = _hands_at_wrists(np.stack([r[0] for r in rows]), np.stack([r[1] for r in rows]))
    return PoseSequence(xy, score, size, speed(fps))


def people_from_pose_keypoint(data: Any, fps: float = DEFAULT_FPS, canvas: Canvas | None = None) -> list[PoseSequence]:
    """Everybody, one sequence each over all frames, in the order in which they appear.

    Arguments as in :func:`from_pose_keypoint`; who is who is told by ``identities``. Somebody who is not listed in a
    frame has all scores 0 there. A film without anybody gives one empty sequence.
    """
    return people_of(*read_frames(data, canvas), speed(fps))


def people_of(frames: Sequence[Sequence[Body]], canvases: Sequence[Canvas], fps: float) -> list[PoseSequence]:
    """Sequences from the bodies of each frame and the canvas of each frame; never an empty list."""
    bodies, size = _pixels(frames, canvases)
    tracks = identities(bodies) or [(np.zeros((len(bodies), coco.COUNT, 2)), np.zeros((len(bodies), coco.COUNT)))]
    return [PoseSequence(*_hands_at_wrists(xy, score), size, fps) for xy, score in tracks]


def together(poses: PoseSequence | Sequence[PoseSequence]) -> list[PoseSequence]:
    """The people of one film as a list; refuses people of different films."""
    people = [poses] if isinstance(poses, PoseSequence) else list(poses)
    if not people:
        raise InvalidPose("Expected the poses of at least one person, got none.")
    films = {(str(one.canvas), len(one)) for one in people}
    if len(films) > 1:
        found = ", ".join(sorted(f"{count} of {size}" for size, count in films))
        raise InvalidPose(f"People of one film share its frames and canvas, got {found}. Resize or cut them first.")
    return people


def strongest(people: Sequence[PoseSequence]) -> PoseSequence:
    """The person whose scores add up to most over the film."""
    return max(people, key=lambda one: float(one.score.sum()))


def read_frames(
    data: Any, canvas: Canvas | None, read: Callable[[Any, int], Body] = person_from
) -> tuple[list[list[Body]], list[Canvas]]:
    """The bodies of each frame as they stand, and each frame's canvas."""
    frames = [data] if isinstance(data, dict) else data
    if not isinstance(frames, list | tuple) or not frames:
        raise InvalidPose(f"POSE_KEYPOINT is a list of frames, got {kind(data)}. Connect a pose detector's output.")
    canvases = [_canvas(frame, index, canvas) for index, frame in enumerate(frames)]
    return [[read(person, index) for person in _people(frame, index)] for index, frame in enumerate(frames)], canvases


def _people(frame: Any, index: int) -> Sequence[Any]:
    people = frame.get("people")
    if people is None and "animals" in frame:
        raise InvalidPose(f"Frame {index} holds animals, not people. Use a detector for people.")
    if not isinstance(people, list | tuple):
        raise InvalidPose(f"Frame {index} needs a list of people, got {kind(people)}.")
    return people


def _canvas(frame: Any, index: int, canvas: Canvas | None) -> Canvas:
    if not isinstance(frame, dict):
        raise InvalidPose(f"Frame {index} must be a dictionary with people, got {kind(frame)}.")
    width, height = frame.get("canvas_width"), frame.get("canvas_height")
    if width is not None and height is not None:
        return Canvas(side(width, f"Frame {index}"), side(height, f"Frame {index}"))
    if canvas is None:
        raise InvalidPose(f"Frame {index} names no canvas_width and canvas_height. Give the size of its film.")
    return canvas


def _pixels(frames: Sequence[Sequence[Body]], canvases: Sequence[Canvas]) -> tuple[list[list[Body]], Canvas]:
    """All bodies in pixels of the first frame's canvas."""
    far = max((np.abs(xy[score > 0]).max(initial=0) for frame in frames for xy, score in frame), default=0)
    sizes = [np.array([c.width, c.height], np.float64) for c in canvases]
    units = [sizes[0] if far <= FRACTION else sizes[0] / size for size in sizes]
    moved = [[(xy * unit, score) for xy, score in frame] for frame, unit in zip(frames, units, strict=True)]
    return moved, canvases[0]


def _hands_at_wrists(xy: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Swap the two hands in all frames where that brings them nearer to their wrists, summed over the film."""
    hands = coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE
    wrists = coco.INDEX["left_wrist"], coco.INDEX["right_wrist"]
    gain = 0.0
    for index, hand in enumerate(hands):
        known = (score[:, [hand.start, *wrists]] > 0).all(1)
        root = xy[known, hand.start]
        own, other = (np.linalg.norm(root - xy[known, wrists[w]], axis=-1) for w in (index, 1 - index))
        gain += float((own - other).sum())
    if gain <= 0:
        return xy, score
    xy, score = xy.copy(), score.copy()
    for values in (xy, score):
        left = values[:, hands[0]].copy()
        values[:, hands[0]], values[:, hands[1]] = values[:, hands[1]], left
    return xy, score
