"""The chain (paper §3.4): the last frame of a segment is the prefix of the next.

This file knows how segments follow each other and nothing about networks: encoding, denoising and decoding are
handed in. The same chain runs in the library and on the canvas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from ..diffusion.finite import NotFinite
from ..errors import HumanDiTError
from ..types import TOKEN_BUDGET, Canvas, Segment, VideoShape
from .pose_guider import patchify_pose

Encode = Callable[[Tensor], Tensor]
"""One frame [1, H, W, 3] in 0..1 -> its model-space latent [1, C, h, w]."""
Denoise = Callable[[Segment, Tensor, Tensor], Tensor]
"""(segment, prefix latent [1, C, h, w], pose tokens [F, h, w, 512]) -> latents [F, C, h, w]."""
Decode = Callable[[Tensor], Tensor]
"""Latents [F, C, h, w] -> frames [4(F-1)+1, H, W, 3] in 0..1."""


@runtime_checkable
class PoseImages(Protocol):
    """Pose images of a film: a tensor [T, 4h, 4w, 8], or something that draws them when they are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, frames: slice, /) -> Tensor: ...


Window = Callable[[PoseImages, Segment], Tensor]
"""(images of the whole film, segment) -> what a segment is shown of them."""


@dataclass(frozen=True, eq=False)
class Handover:
    """All that a segment leaves to the next: whoever keeps it can go on from there, to the bit.

    Attributes:
        prefix: [H, W, 3] float in 0..1, the frame that the next segment starts from.
        kept: what the answers to drift remember, by name; empty for the plain chain. Tensors, made from finished
            frames and the reference alone.
    """

    prefix: Tensor
    kept: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Finished:
    """A finished segment: its new frames, without the prefix, in film time.

    Attributes:
        segment: which one.
        frames: [t, H, W, 3] float in 0..1.
        handover: what the next one needs.
    """

    segment: Segment
    frames: Tensor
    handover: Handover


def plan_segments(frames: int, segment_frames: int, canvas: Canvas, budget: int = TOKEN_BUDGET) -> list[Segment]:
    """Segments that make ``frames`` new frames after the reference picture.

    Frame 0 of the plan is the reference; new frames are 1 .. ``frames``. Every segment brings
    ``segment_frames`` - 1 new ones; the last is as short as 8k+1 allows.

    Raises:
        InvalidShape: sizes not allowed, or a segment over the token budget.
    """
    if frames < 1:
        raise HumanDiTError(f"A video needs at least 1 frame, got {frames}. Give a longer film or more frames.")
    shape = VideoShape(segment_frames, canvas.height, canvas.width).within(budget)
    if segment_frames == 1:
        raise HumanDiTError("A segment of 1 frame brings nothing new. Use 9 or more (8k+1).")
    segments = []
    for index, start in enumerate(range(0, frames, segment_frames - 1)):
        wanted = min(frames - start, segment_frames - 1)
        length = -(-wanted // 8) * 8 + 1
        segments.append(Segment(index, start, VideoShape(length, shape.height, shape.width)))
    return segments


def pose_window(images: PoseImages, segment: Segment) -> Tensor:
    """Pose tokens [F, h, w, 512] of one segment from all pose images [1 + frames, 4h, 4w, 8]."""
    return patchify_pose(image_window(images, segment))


def image_window(images: PoseImages, segment: Segment) -> Tensor:
    """The images of one segment as they are; past the end of the film the last one is held."""
    window = images[segment.start : segment.stop]
    missing = segment.shape.frames - window.shape[0]
    if missing:
        window = torch.cat([window, window[-1:].expand(missing, -1, -1, -1)])
    return window


def chain(
    reference: Tensor,
    images: PoseImages,
    segments: list[Segment],
    encode: Encode,
    denoise: Denoise,
    decode: Decode,
    start: Handover | None = None,
    window: Window = pose_window,
) -> Iterator[Finished]:
    """Run the segments one after the other.

    Args:
        reference: the picture [H, W, 3] in 0..1, at the segments' size.
        images: pose images [1 + frames, 4h, 4w, 8]: the reference's pose, then the film's. Drawn as they are asked
            for they take the memory of one segment, whatever the film's length.
        segments: those to make: all, or the later ones of a plan.
        start: what the segment before the first of these left, or None where the film begins.
        window: what ``denoise`` is given of ``images``: pose tokens, unless the model follows something else.

    Yields:
        Each finished segment as soon as it is done; nothing of an earlier one is kept.
    """
    handed = Handover(reference) if start is None else start
    for segment in segments:
        try:
            latents = denoise(segment, encode(handed.prefix[None]), window(images, segment))
        except NotFinite as broken:
            raise NotFinite(f"Segment {segment.index + 1}: {broken} Earlier segments are complete.") from broken
        frames = decode(latents)
        if not torch.isfinite(frames).all():
            raise HumanDiTError(
                f"Segment {segment.index + 1} came out with numbers that are not finite (black frames). "
                "Load the model in bf16 or fp32 instead of fp16. Earlier segments are complete."
            )
        handed = Handover(frames[-1].clone())  # a view would keep all frames
        wanted = min(len(images) - segment.start, segment.shape.frames)
        yield Finished(segment, frames[1:wanted], handed)
        del frames, latents
