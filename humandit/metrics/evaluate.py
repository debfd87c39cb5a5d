"""Held-out evaluation: how close do films made from a reference picture and poses come to the truth?

This page knows clips and films, and nothing about networks: whoever makes films hands in a :data:`Maker`.
Frame 0 of a clip is the reference picture; frames 1 … T-1 are made and scored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from ..errors import InvalidShape
from ..pose.sequence import PoseSequence
from .image import person_area, psnr, ssim
from .pose import Detector, hits, redetect


@runtime_checkable
class TrueClip(Protocol):
    """A clip of which everything is known.

    Attributes:
        frames: uint8 [T, H, W, 3].
        poses: T true poses on the frames' canvas.
        mask: [T, H, W] bool, the person's pixels.
    """

    frames: np.ndarray
    poses: PoseSequence
    mask: np.ndarray


Maker = Callable[[Sequence[TrueClip]], list[np.ndarray]]
"""Clips -> for each the uint8 film [T-1, H, W, 3] of its frames 1 … T-1."""


@dataclass(frozen=True)
class Scores:
    """Scores of one film, in dB, 0..1, dB, 0..1 and keypoints."""

    psnr: float
    ssim: float
    person_psnr: float
    person_ssim: float
    found: int = 0
    wanted: int = 0


def score(film: np.ndarray, clip: TrueClip, detector: Detector | None) -> Scores:
    """Compare one film [T-1, H, W, 3] with frames 1 … of its clip. Without a detector no keypoints are counted."""
    truth = clip.frames[1:]
    if film.shape != truth.shape or film.dtype != np.uint8:
        raise InvalidShape(f"Expected a uint8 film {list(truth.shape)}, got {film.dtype} {list(film.shape)}.")
    area = person_area(clip.mask[0], clip.mask[1:])
    found = wanted = 0
    if detector is not None:
        true_poses = clip.poses[slice(1, None)]
        found, wanted = hits(redetect(detector, film, true_poses.fps), true_poses)
    return Scores(psnr(film, truth), ssim(film, truth), psnr(film, truth, area), ssim(film, truth, area), found, wanted)


def mean_scores(scores: Sequence[Scores]) -> dict[str, float]:
    """Means over clips; ``pck`` is the share over all keypoints of all clips."""
    wanted = sum(s.wanted for s in scores)
    names = ("psnr", "ssim", "person_psnr", "person_ssim")
    means = {name: float(np.mean([getattr(s, name) for s in scores])) for name in names}
    return {**means, "pck": sum(s.found for s in scores) / wanted if wanted else 0.0}


def compare(
    films: Mapping[str, Sequence[np.ndarray]], clips: Sequence[TrueClip], detector: Detector | None
) -> dict[str, object]:
    """Scores of every rival's films, and how the model stands among them.

    Args:
        films: rival -> one film per clip. Needs "model", "repeat_reference" and "vae_only".
        clips: the truth.
        detector: finds keypoints in the films; None leaves ``pck`` at 0.

    Returns:
        rival -> means; ``closed``: (model - repeat) / (vae_only - repeat) in person_psnr, the share of the
        reachable gain that the model reaches; ``wins``: share of clips in which the model beats the repeated
        reference in person_psnr; ``clips``: how many clips that is.
    """
    each = {name: [score(f, c, detector) for f, c in zip(made, clips, strict=True)] for name, made in films.items()}
    means = {name: mean_scores(scores) for name, scores in each.items()}
    model, repeat, best = (means[name]["person_psnr"] for name in ("model", "repeat_reference", "vae_only"))
    won = [m.person_psnr > r.person_psnr for m, r in zip(each["model"], each["repeat_reference"], strict=True)]
    reach = best - repeat
    return {
        **means,
        "closed": (model - repeat) / reach if reach > 0 else 0.0,
        "wins": float(np.mean(won)),
        "clips": len(clips),
    }
