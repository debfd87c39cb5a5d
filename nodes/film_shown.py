"""What an artist sees of a film while it is made: its newest finished segment, playing."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from . import host

if TYPE_CHECKING:
    from ..humandit.video.segments import Finished

EVENT = "humandit.segment"
"""Message to the browser: node, file to play, and which segment of how many it is."""
SIDE = 320
"""Pixels; the longer side of the preview."""
EVERY = 1.0
"""Seconds that a segment is shown at least: kept ones of a film that goes on come faster."""


def playing(node_id: str | None, segments: int, fps: float) -> Callable[[Finished], None]:
    """A function that shows each finished segment of a film under the running node until the next one is there."""
    name, shown, number = f"humandit_segment_{uuid.uuid4().hex[:8]}", -EVERY, 0

    def show(finished: Finished) -> None:
        nonlocal shown, number
        if node_id is None or segments < 2 or time.monotonic() - shown < EVERY:
            return
        shown, number = time.monotonic(), number + 1
        file = write_preview(f"{name}_{number % 2}.webp", finished.frames, fps)
        index = finished.segment.index + 1
        host.tell_browser(EVENT, {"node": node_id, "segment": index, "segments": segments, "file": file})

    return show


def write_preview(name: str, frames: torch.Tensor, fps: float) -> dict[str, Any]:
    """All frames [T, H, W, 3], smaller, as an animated picture in the host's temporary folder; its name for /view."""
    import folder_paths
    from PIL import Image

    height, width = frames.shape[1:3]
    scale = min(SIDE / max(height, width), 1)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    first, *others = [Image.fromarray(picture).resize(size) for picture in host.to_uint8(frames)]
    folder = Path(folder_paths.get_temp_directory())
    folder.mkdir(parents=True, exist_ok=True)
    first.save(
        folder / name, save_all=True, append_images=others, duration=round(1000 / fps), loop=0, quality=80, method=0
    )
    return {"filename": name, "subfolder": "", "type": "temp"}
