"""Socket types of this pack, and the words that several schemas share."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

if TYPE_CHECKING:
    from ..humandit.pose.sequence import PoseSequence

DEFAULT_FPS = 12.5
"""Frames per second of the paper's films (§4.1), and of poses that come without a speed."""

PoseSocket = io.Custom("POSE_SEQUENCE")
"""One person's keypoints over time: a ``PoseSequence``."""
KeypointSocket = io.Custom("POSE_KEYPOINT")
"""The list of OpenPose dictionaries that other packs pass around."""
DetectorSocket = io.Custom("HUMANDIT_POSE_DETECTOR")
"""A loaded pose detector."""
BackgroundSocket = io.Custom("HUMANDIT_BACKGROUND")
"""Points of a scene over time: ``BackgroundPoints``."""
ContinuitySocket = io.Custom("HUMANDIT_CONTINUITY")
"""What is done against drift over many segments: a ``Continuity``."""
MotionSocket = io.Custom("HUMANDIT_MOTION")
"""A loaded motion model, as the host manages it."""
VCtrlSocket = io.Custom("HUMANDIT_VCTRL")
"""A loaded side network of PP-VCtrl, as the host manages it."""


def schema(**values: Any) -> io.Schema:
    """A schema with the fields that this host knows: newer hosts take more (search aliases), older ones refuse them."""
    known = {field.name for field in fields(io.Schema)}
    return io.Schema(**{name: value for name, value in values.items() if name in known})


def pose_input(name: str, tooltip: str, optional: bool = False) -> io.Input:
    """An input that takes our poses and POSE_KEYPOINT alike."""
    return io.MultiType.Input(name, [PoseSocket, KeypointSocket], tooltip=tooltip, optional=optional)


def as_poses(value: Any) -> PoseSequence:
    """What came in through :func:`pose_input`, as a ``PoseSequence``; POSE_KEYPOINT counts as 12.5 fps."""
    from ..humandit.pose.formats import from_pose_keypoint
    from ..humandit.pose.sequence import PoseSequence

    return value if isinstance(value, PoseSequence) else from_pose_keypoint(value, fps=DEFAULT_FPS)


def as_people(value: Any) -> list[PoseSequence]:
    """What came in through :func:`pose_input`, everybody in it; POSE_KEYPOINT counts as 12.5 fps."""
    from ..humandit.pose.formats import people_from_pose_keypoint
    from ..humandit.pose.sequence import PoseSequence

    return [value] if isinstance(value, PoseSequence) else people_from_pose_keypoint(value, fps=DEFAULT_FPS)
