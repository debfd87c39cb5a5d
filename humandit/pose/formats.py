"""Poses as data for others: our own JSON file, and the two dialects of ComfyUI's POSE_KEYPOINT.

POSE_KEYPOINT is a list of frames ``{"people": [...], "canvas_width", "canvas_height"}``. The preprocessor packs
("aux") write 18 body points, 70 face and 2 x 21 hand points with confidence 1 or 0; core's SDPose ("sdpose") writes
real scores and six feet points more. Coordinates are pixels, in older tools fractions of the canvas.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..errors import InvalidPose
from ..types import Canvas
from . import skeleton as coco
from .keypoint_people import person_from, person_to
from .sequence import VISIBLE, PoseSequence

SCHEMA = "humandit-pose/1"
Dialect = Literal["aux", "sdpose"]
DEFAULT_FPS = 16.0
"""POSE_KEYPOINT does not say how fast it moves; ComfyUI's video templates mostly run at 16."""
FRACTION = 2.0
"""Coordinates that all lie under this are fractions of the canvas: nobody is two pixels tall."""


def to_pose_keypoint(poses: PoseSequence, dialect: Dialect = "aux") -> list[dict[str, Any]]:
    """One dictionary per frame, coordinates in pixels. A frame without a visible joint has no people."""
    if dialect not in ("aux", "sdpose"):
        raise InvalidPose(f'The dialect must be "aux" or "sdpose", got {dialect!r}.')
    size = {"canvas_height": poses.canvas.height, "canvas_width": poses.canvas.width}
    people = [
        [person_to(xy, score, binary=dialect == "aux")] if (score >= VISIBLE).any() else []
        for xy, score in zip(poses.xy, poses.score, strict=True)
    ]
    return [{"people": one, **size} for one in people]


def from_pose_keypoint(data: Any, fps: float = DEFAULT_FPS, canvas: Canvas | None = None) -> PoseSequence:
    """The strongest person of each frame, from either dialect.

    Args:
        data: a list of frames, or one frame.
        fps: of the film that the frames come from.
        canvas: used where the frames name none.

    Fractions of the canvas are recognised over the whole sequence. Hands whose labels are swapped (one of the
    dialects does) are put to the wrist they belong to, all frames alike.
    """
    frames = [data] if isinstance(data, dict) else data
    if not isinstance(frames, list | tuple) or not frames:
        raise InvalidPose(f"POSE_KEYPOINT is a list of frames, got {_kind(data)}. Connect a pose detector's output.")
    canvases = [_canvas(frame, index, canvas) for index, frame in enumerate(frames)]
    rows = [_strongest(frame, index) for index, frame in enumerate(frames)]
    xy, score = np.stack([r[0] for r in rows]), np.stack([r[1] for r in rows])
    sizes = np.array([[c.width, c.height] for c in canvases], np.float64)
    if np.abs(xy[score > 0]).max(initial=0) <= FRACTION:
        xy = xy * sizes[:, None]
    xy = xy * (sizes[0] / sizes)[:, None]
    xy, score = _hands_at_wrists(xy, score)
    return PoseSequence(xy, score, canvases[0], _speed(fps))


def save_json(poses: PoseSequence, path: str | Path) -> None:
    """Write our own file: pixels to 0.001, scores to 0.0001. The file appears whole or not at all."""
    values = np.concatenate([poses.xy.round(3), poses.score[..., None].round(4)], -1).astype(np.float64)
    keypoints = [[[round(x, 3), round(y, 3), round(s, 4)] for x, y, s in frame] for frame in values.tolist()]
    write_text(path, json.dumps(as_dict(poses) | {"keypoints": keypoints}, separators=(",", ":")))


def as_dict(poses: PoseSequence) -> dict[str, Any]:
    """The head of our own file, without the keypoints."""
    size = {"width": poses.canvas.width, "height": poses.canvas.height}
    return {"schema": SCHEMA, "skeleton": poses.skeleton, "fps": float(poses.fps), "canvas": size}


def load_json(path: str | Path) -> PoseSequence:
    """Read our own file, and refuse any other."""
    return from_dict(read_json(path), Path(path).name)


def load_any(path: str | Path, fps: float = DEFAULT_FPS, canvas: Canvas | None = None) -> PoseSequence:
    """Read our own file or a POSE_KEYPOINT file; ``fps`` and ``canvas`` serve the second where it names none."""
    data = read_json(path)
    if isinstance(data, dict) and "schema" in data:
        return from_dict(data, Path(path).name)
    return from_pose_keypoint(data, fps, canvas)


def from_dict(data: Any, name: str = "the file") -> PoseSequence:
    """A sequence from the content of our own file."""
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else _kind(data)
        raise InvalidPose(f"{name} is not a pose file: expected schema {SCHEMA!r}, found {found!r}.")
    values = _numbers(data.get("keypoints"), name)
    size = data.get("canvas")
    if not isinstance(size, dict):
        raise InvalidPose(f"{name} names no canvas: expected width and height, found {_kind(size)}.")
    canvas = Canvas(_side(size.get("width"), name), _side(size.get("height"), name))
    skeleton = data.get("skeleton", "coco-wholebody")
    return PoseSequence(values[..., :2], values[..., 2], canvas, _speed(data.get("fps")), str(skeleton))


def read_json(path: str | Path) -> Any:
    """Any JSON file's content."""
    path = Path(path)
    if not path.is_file():
        raise InvalidPose(f"Expected a pose file at {path}, found nothing there. Check the path.")
    try:
        return json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        make = "python -m humandit pose detect"
        raise InvalidPose(f"{path.name} is not JSON ({error}). Make a pose file with: {make}") from error


def write_text(path: str | Path, text: str) -> None:
    """Replace ``path`` by ``text`` in one step."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _strongest(frame: Any, index: int) -> tuple[np.ndarray, np.ndarray]:
    """[133, 2] and [133] of the person with the highest summed scores; zeros where there is nobody."""
    people = frame.get("people")
    if people is None and "animals" in frame:
        raise InvalidPose(f"Frame {index} holds animals, not people. Use a detector for people.")
    if not isinstance(people, list | tuple):
        raise InvalidPose(f"Frame {index} needs a list of people, got {_kind(people)}.")
    found = [person_from(person, index) for person in people]
    empty = np.zeros((coco.COUNT, 2)), np.zeros(coco.COUNT)
    return max(found, key=lambda p: p[1].sum(), default=empty)


def _canvas(frame: Any, index: int, canvas: Canvas | None) -> Canvas:
    if not isinstance(frame, dict):
        raise InvalidPose(f"Frame {index} must be a dictionary with people, got {_kind(frame)}.")
    width, height = frame.get("canvas_width"), frame.get("canvas_height")
    if width is not None and height is not None:
        return Canvas(_side(width, f"Frame {index}"), _side(height, f"Frame {index}"))
    if canvas is None:
        raise InvalidPose(f"Frame {index} names no canvas_width and canvas_height. Give the size of its film.")
    return canvas


def _hands_at_wrists(xy: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Swap the two hands in all frames where that brings them nearer to their wrists, summed over the film."""
    hands = coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE
    wrists = coco.INDEX["left_wrist"], coco.INDEX["right_wrist"]
    gain = 0.0
    for side, hand in enumerate(hands):
        known = (score[:, [hand.start, *wrists]] > 0).all(1)
        root = xy[known, hand.start]
        own, other = (np.linalg.norm(root - xy[known, wrists[w]], axis=-1) for w in (side, 1 - side))
        gain += float((own - other).sum())
    if gain <= 0:
        return xy, score
    xy, score = xy.copy(), score.copy()
    for values in (xy, score):
        left = values[:, hands[0]].copy()
        values[:, hands[0]], values[:, hands[1]] = values[:, hands[1]], left
    return xy, score


def _numbers(value: Any, name: str) -> np.ndarray:
    """[T, K, 3] finite float64."""
    try:
        values = np.array(value, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidPose(f"The keypoints of {name} are not numbers of one shape [T, 133, 3].") from error
    if values.ndim != 3 or values.shape[2] != 3 or not (np.abs(values) < 1e7).all():
        raise InvalidPose(f"The keypoints of {name} must be finite numbers [T, 133, 3], got {list(values.shape)}.")
    return values


def _side(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 1e6:
        raise InvalidPose(f"{name} has a canvas side of {value!r}; expected pixels, at least 1.")
    return int(value)


def _speed(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise InvalidPose(f"fps must be a number greater than 0, got {value!r}.")
    return float(value)


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
