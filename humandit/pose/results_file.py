"""Result files of other pose tools: COCO-WholeBody result lists, and the JSON of MMPose and Sapiens."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidPose
from ..types import Canvas
from . import skeleton as coco
from .checks import kind, short
from .identities import Body
from .keypoint_people import FURTHEST
from .layouts import from_layout
from .tables import fitting

PARTS = {
    "keypoints": coco.BODY_SLICE, "foot_kpts": coco.FEET_SLICE, "face_kpts": coco.FACE_SLICE,
    "lefthand_kpts": coco.LEFT_HAND_SLICE, "righthand_kpts": coco.RIGHT_HAND_SLICE,
}  # fmt: skip
"""Fields of a COCO-WholeBody result and their places among the 133 points; 3 numbers (x, y, score) a point."""


def is_coco(data: Any) -> bool:
    """Whether this is a list of COCO results, one entry per person and picture."""
    return isinstance(data, list) and bool(data) and isinstance(data[0], dict) and "image_id" in data[0]


def is_mmpose(data: Any) -> bool:
    """Whether this is what MMPose's and Sapiens' demos save."""
    if isinstance(data, dict):
        return "instance_info" in data
    return isinstance(data, list) and bool(data) and isinstance(data[0], dict) and "instances" in data[0]


def coco_frames(data: Any) -> list[list[Body]]:
    """The bodies of each picture, pictures by rising ``image_id``; each id is one frame."""
    frames: dict[Any, list[Body]] = {}
    for index, entry in enumerate(data):
        image = entry.get("image_id") if isinstance(entry, dict) else None
        if not isinstance(image, int | str):
            raise InvalidPose(f"Result {index} needs an image_id, a number or a name, got {kind(image)}.")
        frames.setdefault(image, []).append(_coco_body(entry, index))
    if len({type(image) for image in frames}) > 1:
        raise InvalidPose("The image_ids must all be numbers or all be names, or the frames have no order.")
    return [frames[image] for image in sorted(frames)]


def mmpose_frames(data: Any) -> list[list[Body]]:
    """The bodies of each frame; the number of points tells the layout."""
    frames = data["instance_info"] if isinstance(data, dict) else data
    if not isinstance(frames, list) or not frames:
        raise InvalidPose(f"instance_info must be a list of frames or people, got {kind(frames)}.")
    if not (isinstance(frames[0], dict) and "instances" in frames[0]):
        frames = [{"instances": frames}]
    return [[_mmpose_body(person, index) for person in _instances(f, index)] for index, f in enumerate(frames)]


def to_coco(people: list) -> list[dict[str, Any]]:
    """COCO-WholeBody results of several ``PoseSequence``; ``image_id`` is the frame's number."""
    found = []
    for frame in range(len(people[0])):
        for one in people:
            values = np.concatenate([one.xy[frame], one.score[frame, :, None]], 1).astype(np.float64).round(4)
            if one.visible[frame].any():
                fields = {name: values[part].reshape(-1).tolist() for name, part in PARTS.items()}
                score = round(float(one.score[frame].mean()), 4)
                found.append({"image_id": frame, "category_id": 1, "score": score, **fields})
    return found


def _coco_body(entry: dict, index: int) -> Body:
    xy, score = np.zeros((coco.COUNT, 2)), np.zeros(coco.COUNT)
    whole = entry.get("keypoints")
    if isinstance(whole, list) and len(whole) == 3 * coco.COUNT:
        values = _numbers(whole, index).reshape(-1, 3)
        return values[:, :2], _scores(values[:, 2], index)
    for name, part in PARTS.items():
        value = entry.get(name)
        if value is None and name != "keypoints":
            continue
        count = part.stop - part.start
        if not isinstance(value, list) or len(value) != 3 * count:
            found = len(value) if isinstance(value, list) else kind(value)
            raise InvalidPose(f"Result {index}: {name} needs {3 * count} numbers (x, y, score each), got {found}.")
        values = _numbers(value, index).reshape(-1, 3)
        xy[part], score[part] = values[:, :2], _scores(values[:, 2], index)
    return xy, score


def _instances(frame: Any, index: int) -> list:
    people = frame.get("instances") if isinstance(frame, dict) else frame
    if not isinstance(people, list):
        raise InvalidPose(f"Frame {index} needs a list of instances, got {kind(people)}.")
    return people


def _mmpose_body(person: Any, index: int) -> Body:
    if not isinstance(person, dict) or "keypoints" not in person or "keypoint_scores" not in person:
        raise InvalidPose(f"Frame {index}: an instance needs keypoints and keypoint_scores.")
    xy, score = _numbers(person["keypoints"], index), _numbers(person["keypoint_scores"], index)
    if xy.ndim != 2 or xy.shape[1] != 2 or score.shape != xy.shape[:1]:
        raise InvalidPose(f"Frame {index}: expected points [K, 2] and scores [K], got {list(xy.shape)}.")
    layouts = fitting(len(xy))
    if not layouts:
        raise InvalidPose(f"Frame {index}: no known layout has {len(xy)} points.")
    poses = from_layout(xy[None], _scores(score, index)[None], layouts[0], Canvas(1, 1), 1.0)
    return poses.xy[0].astype(np.float64), poses.score[0].astype(np.float64)


def _numbers(value: Any, index: int) -> np.ndarray:
    try:
        values = np.array(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidPose(f"Entry {index}: keypoints must be numbers of one shape.") from error
    if values.dtype.kind not in "iuf" or not (np.abs(values) < FURTHEST).all():
        raise InvalidPose(f"Entry {index}: keypoints must be finite numbers below {FURTHEST:g}, got {short(value)}.")
    return values.astype(np.float64)


def _scores(values: np.ndarray, index: int) -> np.ndarray:
    """Scores held to 0..1: nets overshoot a little; labels of visibility (0, 1, 2) are refused."""
    if values.size and not -0.1 <= values.min() <= values.max() <= 1.1:
        raise InvalidPose(f"Entry {index}: scores lie in 0..1, got {values.min():g}..{values.max():g}.")
    return values.clip(0, 1)
