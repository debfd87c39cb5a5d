"""What the pose editor in the browser needs: the poses as they came, and the film behind them as small pictures."""

from __future__ import annotations

import io as bytes_io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import host, host_files
from .motion_shown import playing

if TYPE_CHECKING:
    import numpy as np
    import torch

    from ..humandit.pose.sequence import PoseSequence

SIDE = 640
"""Pixels; the longer side of the pictures behind the skeleton."""
PICTURES = 1500
"""Of a longer film, so many evenly spread pictures are shown; the poses are all there."""
QUALITY = 82
GRID = 16
"""Pixels between those that tell two films apart."""


def shown(film: Sequence[PoseSequence], edited: PoseSequence, frames: torch.Tensor | None, text: str) -> dict[str, Any]:
    """The ``ui`` of the node: the edited motion plays under it, the editor finds its files in "humandit_edit"."""
    from ..humandit.pose.edit import pack

    packed = pack(film)
    files = {"poses": host_files.temporary_file("humandit_edit", ".poses", packed, lambda: packed)}
    if frames is not None:
        files["film"] = host_files.temporary_file(
            "humandit_edit", ".film", fingerprint(frames), lambda: pack_film(frames)
        )
    return playing(edited) | {"text": (text,), "humandit_edit": [files]}


def fingerprint(frames: torch.Tensor) -> bytes:
    """Changes when the film does: a film is not packed anew for every edit."""
    pixels = frames[:, ::GRID, ::GRID].float().cpu().contiguous()
    return f"{SIDE} {QUALITY} {list(frames.shape)}".encode() + pixels.numpy().tobytes()


def pack_film(frames: torch.Tensor) -> bytes:
    """IMAGE [N, H, W, C] as bytes: a line of JSON with the size of each JPEG, then the JPEGs one after the other."""
    count = min(len(frames), PICTURES)
    picks = [round(i * (len(frames) - 1) / max(count - 1, 1)) for i in range(count)]
    pictures = [jpeg(host.to_uint8(frames[i : i + 1])[0]) for i in picks]
    return json.dumps({"sizes": [len(one) for one in pictures]}).encode() + b"\n" + b"".join(pictures)


def jpeg(picture: np.ndarray) -> bytes:
    """uint8 [H, W, 3], its longer side at most ``SIDE``, as a JPEG."""
    from PIL import Image

    small, buffer = Image.fromarray(picture), bytes_io.BytesIO()
    small.thumbnail((SIDE, SIDE))
    small.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
