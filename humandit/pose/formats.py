"""Pose files of every kind, told apart by what is in them.

Read: our own JSON, POSE_KEYPOINT in both dialects, OpenPose's own JSON (a file per frame, or their folder),
COCO-WholeBody result lists, and what MMPose and Sapiens save. Each kind is written down in a file of its own; this
one knows which is which.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InvalidPose
from ..types import Canvas
from .checks import kind, speed
from .keypoint_frames import (
    DEFAULT_FPS,
    from_pose_keypoint,
    people_from_pose_keypoint,
    people_of,
    strongest,
    to_pose_keypoint,
)
from .own_file import from_dict, load_json, people_from_dict, read_json, save_json, to_dict, write_text
from .results_file import coco_frames, is_coco, is_mmpose, mmpose_frames
from .sequence import PoseSequence

__all__ = (
    "DEFAULT_FPS", "from_dict", "from_pose_keypoint", "load_any", "load_json", "load_people", "people_from_any",
    "people_from_pose_keypoint", "pick", "read_json", "save_json", "strongest", "to_dict", "to_pose_keypoint",
    "write_text",
)  # fmt: skip


def load_any(path: str | Path, fps: float = DEFAULT_FPS, canvas: Canvas | None = None) -> PoseSequence:
    """Read any pose file: one person, the strongest of several.

    Args:
        path: a file, or the folder of files that OpenPose writes, one per frame.
        fps: used where the file names none; only our own does.
        canvas: size of the film, used where the file names none: OpenPose, COCO and MMPose files.
    """
    data = _content(path)
    if _keypoint_frames(data):
        return from_pose_keypoint(data, fps, canvas)
    return strongest(people_from_any(data, fps, canvas, Path(path).name))


def load_people(path: str | Path, fps: float = DEFAULT_FPS, canvas: Canvas | None = None) -> list[PoseSequence]:
    """Read any pose file: everybody. Arguments as in :func:`load_any`."""
    return people_from_any(_content(path), fps, canvas, Path(path).name)


def people_from_any(
    data: Any, fps: float = DEFAULT_FPS, canvas: Canvas | None = None, name: str = "the file"
) -> list[PoseSequence]:
    """Everybody in the content of any pose file."""
    if isinstance(data, dict) and "schema" in data:
        return people_from_dict(data, name)
    if is_coco(data):
        return _measured(coco_frames(data), fps, canvas, name)
    if is_mmpose(data):
        return _measured(mmpose_frames(data), fps, canvas, name)
    return people_from_pose_keypoint(data, fps, canvas)


def pick(people: list[PoseSequence], person: int | None) -> PoseSequence:
    """Person number ``person`` from 0 on, in the order of the file; None means the strongest."""
    if person is None:
        return strongest(people)
    if not 0 <= person < len(people):
        raise InvalidPose(f"Person {person} was asked for, but there are {len(people)} (0 to {len(people) - 1}).")
    return people[person]


def _content(path: str | Path) -> Any:
    """A file's JSON, or that of all files of a folder, one frame each."""
    path = Path(path)
    if not path.is_dir():
        return read_json(path)
    files = sorted(path.glob("*.json"))
    if not files:
        raise InvalidPose(f"Expected JSON files in {path}, one per frame, found none.")
    frames = [read_json(file) for file in files]
    for file, frame in zip(files, frames, strict=True):
        if not isinstance(frame, dict) or "people" not in frame:
            raise InvalidPose(f"{file.name} holds no people of one frame, found {kind(frame)}.")
    return frames


def _keypoint_frames(data: Any) -> bool:
    return not (isinstance(data, dict) and "schema" in data) and not is_coco(data) and not is_mmpose(data)


def _measured(frames: list, fps: float, canvas: Canvas | None, name: str) -> list[PoseSequence]:
    """People of a file that never names the size of its film."""
    if canvas is None:
        raise InvalidPose(f"{name} does not say how large its film was. Give its width and height.")
    return people_of(frames, [canvas] * len(frames), speed(fps))
