"""Our own pose file: JSON that keeps all 133 points, their scores and the speed.

"humandit-pose/1" holds one person in ``keypoints`` [T, 133, 3] (x, y in pixels, score), "humandit-pose/2" several in
``people``, a list of such arrays. Optional ``times`` [T] in seconds say when each pose was seen, for films without a
steady speed; the poses are brought to ``fps`` when they are read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InvalidPose
from ..types import Canvas
from .checks import kind, short, side, speed
from .keypoint_frames import strongest, together
from .layouts import check_count
from .sequence import SKELETONS, PoseSequence
from .times import steady

SCHEMA, SCHEMA_PEOPLE = "humandit-pose/1", "humandit-pose/2"
"""One person, and several. Both stay readable for ever."""


def save_json(poses: PoseSequence | Sequence[PoseSequence], path: str | Path) -> None:
    """Write our own file: pixels to 0.001, scores to 0.0001. The file appears whole or not at all."""
    write_text(path, json.dumps(to_dict(poses), separators=(",", ":")))


def to_dict(poses: PoseSequence | Sequence[PoseSequence]) -> dict[str, Any]:
    """The content of our own file; "/1" for one person, "/2" for several."""
    people = together(poses)
    if len({one.fps for one in people}) > 1:
        raise InvalidPose("People of one film share its fps. Bring them to one speed first.")
    if len(people) == 1:
        return as_dict(people[0]) | {"keypoints": _rows(people[0])}
    return as_dict(people[0]) | {"schema": SCHEMA_PEOPLE, "people": [_rows(one) for one in people]}


def as_dict(poses: PoseSequence) -> dict[str, Any]:
    """The head of our own file, without the keypoints."""
    size = {"width": poses.canvas.width, "height": poses.canvas.height}
    return {"schema": SCHEMA, "skeleton": poses.skeleton, "fps": float(poses.fps), "canvas": size}


def load_json(path: str | Path) -> PoseSequence:
    """Read our own file, and refuse any other; of several people the strongest."""
    return from_dict(read_json(path), Path(path).name)


def from_dict(data: Any, name: str = "the file") -> PoseSequence:
    """A sequence from the content of our own file; of several people the strongest."""
    return strongest(people_from_dict(data, name))


def people_from_dict(data: Any, name: str = "the file") -> list[PoseSequence]:
    """Everybody in the content of our own file, in its order."""
    found = data.get("schema") if isinstance(data, dict) else kind(data)
    if not isinstance(data, dict) or found not in (SCHEMA, SCHEMA_PEOPLE):
        raise InvalidPose(
            f"{name} is not a pose file: expected schema {SCHEMA!r} or {SCHEMA_PEOPLE!r}, found {short(found)}."
        )
    people = [_numbers(value, name) for value in _tracks(data, found, name)]
    fps, canvas = speed(data.get("fps")), _canvas(data.get("canvas"), name)
    skeleton = str(data.get("skeleton", "coco-wholebody"))[:40]
    if skeleton not in SKELETONS:
        raise InvalidPose(f"{name} has the skeleton {skeleton!r}; known are {', '.join(SKELETONS)}.")
    if len({len(values) for values in people}) > 1:
        raise InvalidPose(f"The people of {name} must all have as many frames as the film.")
    poses = [PoseSequence(v[..., :2], v[..., 2], canvas, fps, skeleton) for v in people]
    return poses if data.get("times") is None else [steady(one, data["times"], name) for one in poses]


def read_json(path: str | Path) -> Any:
    """Any JSON file's content."""
    path = Path(path)
    if not path.is_file():
        raise InvalidPose(f"Expected a pose file at {path}, found nothing there. Check the path.")
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        make = "python -m humandit pose detect"
        raise InvalidPose(f"{path.name} is not JSON ({error}). Make a pose file with: {make}") from error
    except OSError as error:
        raise InvalidPose(f"{path.name} cannot be read ({error.strerror}). Check its permissions.") from error


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


def _rows(poses: PoseSequence) -> list[list[list[float]]]:
    values = np.concatenate([poses.xy.round(3), poses.score[..., None].round(4)], -1).astype(np.float64)
    return [[[round(x, 3), round(y, 3), round(s, 4)] for x, y, s in frame] for frame in values.tolist()]


def _tracks(data: dict, schema: str, name: str) -> list[Any]:
    """The keypoints of each person as they stand."""
    if schema == SCHEMA:
        return [data.get("keypoints")]
    people = data.get("people")
    if not isinstance(people, list) or not people:
        raise InvalidPose(f"{name} must list the keypoints of its people, found {kind(people)}.")
    return people


def _canvas(size: Any, name: str) -> Canvas:
    if not isinstance(size, dict):
        raise InvalidPose(f"{name} names no canvas: expected width and height, found {kind(size)}.")
    return Canvas(side(size.get("width"), name), side(size.get("height"), name))


def _numbers(value: Any, name: str) -> np.ndarray:
    """[T, 133, 3] finite float64."""
    try:
        values = np.array(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidPose(f"The keypoints of {name} are not numbers of one shape [T, 133, 3].") from error
    if values.dtype.kind not in "iuf" or values.ndim != 3 or values.shape[2] != 3 or not (np.abs(values) < 1e7).all():
        raise InvalidPose(f"The keypoints of {name} must be finite numbers [T, 133, 3], got {list(values.shape)}.")
    check_count(values.shape[1], "coco-wholebody")
    return values.astype(np.float64)
