"""Who makes the films that are compared: the model, its conditions taken away or swapped, and the bounds around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import HumanDiTError
from ..pipeline import Models, Settings, render
from ..pose.lines import LineImages
from ..pose.raster import Raster
from ..pose.sequence import PoseSequence
from ..types import TIME_SCALE, Canvas, Segment, VideoShape
from ..video.continuity import PLAIN, Continuity
from ..video.finish import finishing, unfinished
from ..video.model import HumanDiT
from ..video.pose_guider import patchify_pose
from ..video.sample import Sampling, sample_latents, segment_noise
from ..video.vae import Autoencoder
from .judge import TrueClip

Device = torch.device | str

BATCH = 8
"""Clips denoised together."""
GREY = 128
"""What stands in the reference's place where a model gets no prefix."""


def ground_truth(clips: Sequence[TrueClip]) -> list[np.ndarray]:
    """The true frames: how well the detector itself does."""
    return [clip.frames[1:] for clip in clips]


def repeat_reference(clips: Sequence[TrueClip]) -> list[np.ndarray]:
    """The reference picture, standing still: what a model that ignores the poses can at least do."""
    return [np.repeat(clip.frames[:1], len(clip.frames) - 1, axis=0) for clip in clips]


def puppet(clips: Sequence[TrueClip]) -> Iterator[np.ndarray]:
    """The 2D puppet of ``humandit.draft`` at its best: it is given the true mask of the person in the reference."""
    from ..draft import draft_frames

    for clip in clips:
        first, moves = clip.poses[slice(0, 1)], clip.poses[slice(1, None)]
        yield np.stack(list(draft_frames(clip.frames[0], first, moves, clip.mask[0])))


@torch.inference_mode()
def through_vae(clips: Sequence[TrueClip], vae: Autoencoder, device: Device = "cpu") -> list[np.ndarray]:
    """The truth through the autoencoder: what a perfect transformer could do. The prefix is encoded alone."""
    return [as_film(vae.decode(encode_clip(clip, vae, device))) for clip in clips]


@torch.inference_mode()
def through_pca(clips: Sequence[TrueClip], vae: Autoencoder, device: Device = "cpu") -> list[np.ndarray] | None:
    """The truth through the autoencoder's linear part, a PCA of the same latent shape; None where it has none."""
    decode = getattr(vae, "decode_linear", None)
    if decode is None:
        return None
    return [as_film([decode(encode_clip(clip, vae, device))]) for clip in clips]


def sampled(
    clips: Sequence[TrueClip],
    models: Models,
    sampling: Sampling,
    poses: Sequence[PoseSequence] | None,
    batch: int = BATCH,
) -> Iterator[np.ndarray]:
    """Films of one segment each, from the model, in the clips' order.

    Args:
        clips: give the reference picture (frame 0) and the size.
        models: the video model and its autoencoder.
        sampling: steps, guidance, sampler, seed. Clip i draws its noise from (seed, i), whatever the batch.
        poses: what each clip shall show; None switches the pose, and with it the guidance, off.
        batch: clips denoised together.
    """
    for start in range(0, len(clips), batch):
        part = slice(start, start + batch)
        yield from _sample(clips[part], models, sampling, None if poses is None else poses[part], start)


def chained(
    clips: Sequence[TrueClip],
    models: Models,
    sampling: Sampling,
    poses: Sequence[PoseSequence] | None,
    segment_frames: int,
    against_drift: Continuity = PLAIN,
) -> Iterator[np.ndarray]:
    """Films of several segments, each as :func:`~humandit.pipeline.render` makes it for everybody.

    Args:
        clips, models, poses: as for :func:`sampled`. sampling: clip i has the seed ``sampling.seed + i``.
        segment_frames: frames of a segment with its prefix, 8k+1. against_drift: what keeps segments alike.
    """
    models = models if poses is not None else Models(PoseBlind.of(models.dit), models.vae)
    device = next(models.dit.parameters()).device
    for i, clip in enumerate(clips):
        height, width = clip.frames.shape[1:3]
        calm = sampling if poses is not None else replace(sampling, guidance=1)
        settings = Settings(
            Canvas(width, height),
            segment_frames=segment_frames,
            sampling=replace(calm, seed=calm.seed + i),
            continuity=against_drift,
        )
        shown = clip.poses if poses is None else led_by(clip, poses[i])
        made = render(floats(clip.frames[0], device), shown, models, settings, lambda segment, done, total: None)
        yield np.concatenate([to_bytes(finished.frames) for finished in made])


class PoseBlind(HumanDiT):
    """A video model that is asked without its poses, whatever it is given."""

    @classmethod
    def of(cls, dit: HumanDiT) -> HumanDiT:
        """The same modules and weights, blind."""
        blind = unfinished(dit)  # finishing follows poses, too
        blind.__class__ = cls
        return blind

    def forward(self, latents: Tensor, timestep: Tensor, pose: Tensor | None, *others: Any, **named: Any) -> Tensor:
        return super().forward(latents, timestep, None, *others, **named)


@dataclass(frozen=True)
class ChangedClip:
    """A clip whose reference picture is another."""

    frames: np.ndarray
    poses: PoseSequence
    mask: np.ndarray


def without_prefix(clips: Sequence[TrueClip]) -> list[ChangedClip]:
    """The clips with grey in the reference's place: what a model makes of the poses alone. Nobody can know colours and
    background then; what is left is whether a person stands where they should."""
    grey = [np.concatenate([np.full_like(clip.frames[:1], GREY), clip.frames[1:]]) for clip in clips]
    return [ChangedClip(frames, clip.poses, clip.mask) for frames, clip in zip(grey, clips, strict=True)]


def shuffled(clips: Sequence[TrueClip]) -> list[PoseSequence]:
    """Every clip's poses handed to the next clip, brought to its size."""
    poses = [clip.poses for clip in clips]
    return [pose.resized(clip.poses.canvas) for pose, clip in zip([poses[-1], *poses[:-1]], clips, strict=True)]


def encode_clip(clip: TrueClip, vae: Autoencoder, device: Device = "cpu") -> Tensor:
    """Raw latents [F, C, h, w] as training makes them: the reference alone, then the rest of the whole clip's."""
    frames = floats(clip.frames, device)
    return torch.cat([vae.encode(frames[:1]), vae.encode(frames)[1:]])


@torch.inference_mode()
def _sample(
    clips: Sequence[TrueClip], models: Models, sampling: Sampling, poses: Sequence[PoseSequence] | None, first: int
) -> list[np.ndarray]:
    """One batch; ``first`` is the number of its first clip."""
    vae, device = models.vae, next(models.dit.parameters()).device
    prefix = torch.stack([vae.encode(floats(clip.frames[:1], device)) for clip in clips]) * vae.scaling_factor
    shape = (1, (len(clips[0].frames) - 1) // TIME_SCALE, *prefix.shape[2:])
    noise = torch.cat([segment_noise(sampling.seed, first + i, shape) for i in range(len(clips))])
    pose = None
    if poses is not None:
        shown = models.dit.config.moved_picture
        pose = torch.stack([pose_tokens(*both, shown) for both in zip(poses, clips, strict=True)]).to(device)
    latents = sample_latents(models.dit, prefix, pose, noise.to(prefix), sampling) / vae.scaling_factor
    films = [torch.cat(list(vae.decode(one))) for one in latents]
    if poses is not None and pose is not None:
        films = [_finished(*one, models.dit) for one in zip(films, clips, poses, pose, strict=True)]
    return [as_film([film]) for film in films]


def _finished(film: Tensor, clip: TrueClip, poses: PoseSequence, pose: Tensor, dit: HumanDiT) -> Tensor:
    """One segment's decoded frames, as the model leaves them."""
    segment = Segment(0, 0, VideoShape(*film.shape[:3]))
    picture = floats(clip.frames[0], film.device)
    finish = finishing(dit, LineImages(led_by(clip, poses), segment.shape.canvas), picture)
    return finish(segment, picture, pose, film)


def pose_tokens(pose: PoseSequence, clip: TrueClip, moved: bool) -> Tensor:
    """Pose tokens [F, h, w, 512]; as in the pipeline, frame 0 is the reference's own pose. ``moved``: with the picture
    moved along its bones, [F, h, w, 1408]."""
    height, width = clip.frames.shape[1:3]
    picture = floats(clip.frames[0], "cpu") if moved else None
    images = Raster(led_by(clip, pose), Canvas(width, height), picture=picture)
    return patchify_pose(images[0 : len(images)])


def led_by(clip: TrueClip, pose: PoseSequence) -> PoseSequence:
    """``pose`` with the reference's own in frame 0."""
    own = replace(clip.poses[slice(0, 1)], fps=pose.fps)
    return own.concat(pose[slice(1, None)])


def floats(frames: np.ndarray, device: Device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(frames)).to(device).float() / 255


def as_film(chunks: Iterable[Tensor]) -> np.ndarray:
    """uint8 frames 1 … of a decoded segment."""
    return to_bytes(torch.cat(list(chunks))[1:])


def to_bytes(frames: Tensor) -> np.ndarray:
    """uint8 frames [T, H, W, 3] from floats in 0..1."""
    if not torch.isfinite(frames).all():
        raise HumanDiTError("A film came out with numbers that are not finite. Load the model in float32.")
    return (frames.float().clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()
