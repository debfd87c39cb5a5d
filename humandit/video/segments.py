"""The chain (paper §3.4): the last frame of a segment is the prefix of the next, unless the artist asks for more.

This file knows how segments follow each other and nothing about networks: encoding, denoising and decoding are
handed in. The same chain runs in the library and on the canvas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from ..diffusion.finite import NotFinite
from ..errors import HumanDiTError
from ..types import TOKEN_BUDGET, Canvas, Segment, VideoShape
from .continuity import PLAIN, Answers, Continuity
from .continuity.handover import Handover
from .continuity.options import KEYS
from .continuity.plan import KEY_FRAMES, Span, plan_spans
from .continuity.scene import Scene
from .pose_guider import patchify_pose

Encode = Callable[[Tensor], Tensor]
"""One frame [1, H, W, 3] in 0..1 -> its model-space latent [1, C, h, w]."""
Denoise = Callable[[Segment, Tensor, Tensor], Tensor]
"""(segment, prefix latent [1, C, h, w], pose tokens [F, h, w, 512]) -> latents [F, C, h, w]."""
Decode = Callable[[Tensor], Tensor]
"""Latents [F, C, h, w] -> frames [4(F-1)+1, H, W, 3] in 0..1."""
Finish = Callable[[Segment, Tensor, Tensor, Tensor], Tensor]
"""(segment, the frame it starts from [H, W, 3], what it is shown of the poses, decoded frames) -> frames."""


@runtime_checkable
class PoseImages(Protocol):
    """Pose images of a film: a tensor [T, 4h, 4w, 8], or something that draws them when they are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, frames: slice, /) -> Tensor: ...


Window = Callable[[PoseImages, Segment], Tensor]
"""(images of the whole film, segment) -> what a segment is shown of them."""


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


def plan_segments(
    frames: int,
    segment_frames: int,
    canvas: Canvas,
    budget: int = TOKEN_BUDGET,
    continuity: Continuity = PLAIN,
    scene: Scene | None = None,
) -> list[Segment]:
    """Segments that make ``frames`` new frames after the reference picture.

    Frame 0 of the plan is the reference; new frames are 1 .. ``frames``. Every segment brings
    ``segment_frames`` - 1 new ones; the last is as short as 8k+1 allows. Segments that overlap bring fewer; those that
    start from key frames each follow a short one that makes theirs.

    Args:
        continuity: how segments follow each other.
        scene: what the poses tell, for seams where the person moves little.

    Raises:
        InvalidShape: sizes not allowed, or a segment over the token budget.
        HumanDiTError: no frames, an overlap that is too long, or slow seams without poses.
    """
    if frames < 1:
        raise HumanDiTError(f"A video needs at least 1 frame, got {frames}. Give a longer film or more frames.")
    shape = VideoShape(segment_frames, canvas.height, canvas.width).within(budget)
    if segment_frames == 1:
        raise HumanDiTError("A segment of 1 frame brings nothing new. Use 9 or more (8k+1).")
    if continuity.slow_seams and scene is None:
        raise HumanDiTError("Seams where the person moves little need the poses of the film. Give them, or leave it.")
    speed = scene.speed if continuity.slow_seams and scene is not None else None
    spans = [(span, None) for span in plan_spans(frames, segment_frames, continuity.overlap, speed)]
    if continuity.start == KEYS:
        spans = [spans[0], *(part for later in spans[1:] for part in (_key_span(later[0].start), later))]
    return [
        Segment(index, span.start, VideoShape(span.length, shape.height, shape.width), key)
        for index, (span, key) in enumerate(spans)
    ]


def _key_span(key: int) -> tuple[Span, int]:
    """The short segment that makes frame ``key``, as its last one where the film has begun by then."""
    return Span(max(key - KEY_FRAMES + 1, 0), KEY_FRAMES), key


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
    continuity: Continuity = PLAIN,
    scene: Scene | None = None,
    finish: Finish = lambda segment, start, shown, frames: frames,
) -> Iterator[Finished]:
    """Run the segments one after the other.

    Args:
        reference: the picture [H, W, 3] in 0..1, at the segments' size.
        images: pose images [1 + frames, 4h, 4w, 8]: the reference's pose, then the film's. Drawn as they are asked
            for they take the memory of one segment, whatever the film's length.
        segments: those to make: all, or the later ones of a plan.
        start: what the segment before the first of these left, or None where the film begins.
        window: what ``denoise`` is given of ``images``: pose tokens, unless the model follows something else.
        continuity: what is done against drift; the segments must have been planned with it.
        scene: what the poses tell of the film, for the answers that need to know where the person is.
        finish: what is done to frames that are decoded; nothing, unless the model has something for it.

    Yields:
        Each finished segment as soon as it is done; nothing of an earlier one is kept but what its handover holds.
        Frames that the next segment makes again are yielded with that one, key frames not at all.
    """
    answers = Answers(continuity, reference, images, scene)
    handed = Handover(reference) if start is None else start
    for segment in segments:
        frame, shown = answers.starting(segment, handed)
        prefix, pose = answers.told(segment, encode(frame[None])), window(shown, segment)
        try:
            latents = denoise(segment, prefix, pose)
        except NotFinite as broken:
            raise NotFinite(f"Segment {segment.index + 1}: {broken} Earlier segments are complete.") from broken
        latents, kept = answers.settled(latents, handed.kept)
        frames = decode(latents)
        if not torch.isfinite(frames).all():
            raise HumanDiTError(
                f"Segment {segment.index + 1} came out with numbers that are not finite (black frames). "
                "Load the model in bf16 or fp32 instead of fp16. Earlier segments are complete."
            )
        frames = answers.mended(finish(segment, frame, pose, frames), segment)
        if segment.key is not None:
            handed = Handover(frames[segment.key - segment.start].clone(), handed.kept)
            continue
        new, handed = answers.handed_on(frames, handed, kept, more=segment is not segments[-1])
        wanted = min(len(images) - segment.start, segment.shape.frames)
        yield Finished(segment, new[: wanted - 1], handed)
        del frames, latents, pose, new
