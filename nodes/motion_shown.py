"""What an artist sees of a motion: a skeleton while it is made, a playing one afterwards."""

from __future__ import annotations

import functools
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io, ui

from . import host

if TYPE_CHECKING:
    from ..humandit.pose.sequence import PoseSequence
    from ..humandit.types import Canvas

SIDE = 320
"""Pixels; the longer side of all previews."""
SECONDS = 10.0
"""Of a longer motion, only its beginning is played."""
FPS = 25.0
"""A faster motion is played with fewer frames."""
PAUSE = 0.25
"""Seconds between two pictures of a running node."""


def watch() -> Callable[[int, int, PoseSequence], None]:
    """The library's ``on_step``: moves the bar, shows the newest pose of the window, stops when the user cancels."""
    bar, shown = functools.cache(host.progress), -PAUSE

    def on_step(done: int, total: int, poses: PoseSequence) -> None:
        nonlocal shown
        picture = None
        if time.monotonic() - shown >= PAUSE:
            picture, shown = skeleton(poses[-1:]), time.monotonic()
        bar(total)(done, picture)

    return on_step


def skeleton(pose: PoseSequence) -> tuple[str, Any, int]:
    """One pose as the host's progress bar takes it."""
    from PIL import Image

    from ..humandit.pose.draw import draw

    return "JPEG", Image.fromarray(draw(pose, small(pose.canvas))[0]), SIDE


def playing(poses: PoseSequence) -> dict[str, Any]:
    """The ``ui`` of a node: the first seconds of the motion as an animated picture in the host's temporary folder."""
    from ..humandit.pose.draw import draw

    calm = poses.resampled(min(poses.fps, FPS))
    pictures = host.to_image(draw(calm[: round(SECONDS * calm.fps)], small(poses.canvas)))
    name = f"humandit_motion_{uuid.uuid4().hex[:8]}"
    file = ui.ImageSaveHelper.save_animated_webp(
        pictures, name, io.FolderType.temp, None, calm.fps, lossless=False, quality=80, method=0
    )
    return ui.SavedImages([file], is_animated=len(pictures) > 1).as_dict()


def small(canvas: Canvas) -> Canvas:
    """``canvas`` with its longer side at ``SIDE``, smaller ones as they are."""
    from ..humandit.types import Canvas

    scale = min(SIDE / canvas.square, 1)
    return Canvas(max(round(canvas.width * scale), 1), max(round(canvas.height * scale), 1))
