"""A window of a clip, brought to a shape: frames, pose images, and where the person and burned-in text are."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..errors import InvalidMedia
from ..framing import Framing, framed
from ..media.frames import framed_frames
from ..pose.raster import Background, Raster
from ..pose.sequence import PoseSequence
from ..types import SPACE_SCALE, TIME_SCALE, VideoShape
from ..video.pose_guider import patchify_pose
from .clip_index import Clip


@dataclass(frozen=True)
class Window:
    """Which frames of a clip an example shows: ``prefix`` as the given picture, then those after ``start``, every
    ``stride``-th, ``shape.frames`` - 1 of them, all on the shape's canvas."""

    clip: Clip
    prefix: int
    start: int
    stride: int
    shape: VideoShape

    @property
    def times(self) -> list[int]:
        """Frame numbers in the clip: the prefix, then the film."""
        return [self.prefix, *(self.start + self.stride * t for t in range(1, self.shape.frames))]

    @property
    def framing(self) -> Framing:
        return framed(self.clip.canvas, self.shape.canvas, "fill")


@dataclass(frozen=True)
class Shown:
    """Of a window: pose tokens [F, h, w, 512] uint8, or [F, h, w, 1408] floats with the moved picture; person and text
    [F, 1, h, w] bool: latent positions they touch."""

    pose: Tensor
    person: Tensor
    text: Tensor


def stride_of(clip: Clip, fps: float) -> int:
    """Every how manieth frame is taken for about ``fps``: labels belong to whole frames."""
    return max(round(clip.fps / fps), 1)


def window_frames(window: Window) -> tuple[Tensor, Tensor]:
    """The prefix [1, H, W, 3] and the film [T, H, W, 3] from the frame before it on, uint8.

    Raises:
        InvalidMedia: the film in the shard cannot be decoded.
    """
    times = [window.prefix, window.start, *window.times[1:]]
    frames = framed_frames(decoded(window.clip, times), window.framing)
    return torch.from_numpy(frames[:1]), torch.from_numpy(frames[1:])


def decoded(clip: Clip, times: Sequence[int]) -> np.ndarray:
    """Frames [N, H, W, 3] uint8 of those numbers."""
    import av
    from av.error import FFmpegError

    wanted, found = set(times), dict[int, np.ndarray]()
    try:
        with av.open(io.BytesIO(clip.read(".mp4"))) as container:
            container.streams.video[0].thread_type = "AUTO"
            for number, frame in enumerate(container.decode(video=0)):
                if number in wanted:
                    found[number] = frame.to_ndarray(format="rgb24")[: clip.canvas.height, : clip.canvas.width]
                if number >= max(wanted):
                    break
    except (FFmpegError, IndexError, OSError, ValueError) as problem:
        raise InvalidMedia(f"{clip.shard.name}: {clip.key}.mp4 cannot be decoded ({problem}).") from problem
    if len(found) < len(wanted):
        raise InvalidMedia(f"{clip.shard.name}: {clip.key}.mp4 should have {clip.frames} frames and has fewer.")
    return np.stack([found[time] for time in times])


def window_labels(window: Window, background: bool = True, moved_picture: bool = False) -> Shown:
    """What is drawn and marked for the window; ``background``: with the points that tell how the camera moves;
    ``moved_picture``: with the prefix moved along its bones.

    Raises:
        InvalidMedia: labels of another size than the clip's.
    """
    clip, framing, times = window.clip, window.framing, window.times
    arrays = _arrays(clip)
    poses = PoseSequence(arrays["xy"][times], arrays["score"][times], clip.canvas, clip.fps).framed(framing)
    points = Background(framing.points(arrays["background_xy"][times]), arrays["background_visible"][times])
    picture = None
    if moved_picture:
        picture = torch.from_numpy(framed_frames(decoded(clip, [window.prefix]), framing)[0]).float() / 255
    images = Raster(poses, framing.canvas, points if background else None, picture)[0 : len(poses)]
    masks = (_positions(_unpacked(arrays[name][times], clip), framing) for name in ("mask", "text"))
    return Shown(patchify_pose(images), *masks)


def _arrays(clip: Clip) -> dict[str, np.ndarray]:
    try:
        with np.load(io.BytesIO(clip.read(".npz"))) as labels:
            arrays = {name: labels[name] for name in labels.files}
        lengths = {name: len(arrays[name]) for name in ("xy", "score", "mask", "text", "background_xy")}
    except Exception as problem:  # numpy has many words for a broken file
        raise InvalidMedia(f"{clip.shard.name}: {clip.key}.npz cannot be read ({problem}).") from problem
    if set(lengths.values()) != {clip.frames}:
        raise InvalidMedia(f"{clip.shard.name}: the labels of {clip.key} should be of {clip.frames} frames: {lengths}.")
    return arrays


def _unpacked(bits: np.ndarray, clip: Clip) -> np.ndarray:
    """[T, H, W] bool."""
    width, height = clip.canvas.width, clip.canvas.height
    return np.unpackbits(bits, axis=-1, count=width * height).reshape(-1, height, width).astype(bool)


def _positions(masks: np.ndarray, framing: Framing) -> Tensor:
    """Masks [4f+1, H, W] of the clip -> [f+1, 1, h, w] bool: latent positions that any pixel of any frame touches."""
    painted = np.repeat(masks[..., None].astype(np.uint8) * 255, 3, axis=-1)
    placed = torch.from_numpy(framed_frames(painted, framing)[..., 0] > 0)
    blocks = placed.unflatten(1, (-1, SPACE_SCALE)).unflatten(3, (-1, SPACE_SCALE)).any(4).any(2)
    quads = blocks[1:].unflatten(0, (-1, TIME_SCALE)).any(1)
    return torch.cat([blocks[:1], quads])[:, None]
