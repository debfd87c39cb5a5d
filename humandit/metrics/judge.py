"""One clip's judge: knows the truth and its features once, and scores everybody's film of it frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from torch import Tensor

from ..errors import InvalidShape
from ..pose.sequence import VISIBLE, PoseSequence
from ..types import Canvas
from . import disco, identity
from .backbones.features import I3D_FRAMES, i3d_features, inception_features, resnet_features
from .backbones.files import Backbones
from .backbones.stages import random_stages
from .flicker import flicker_frames
from .image import l1_frames, person_area, psnr_frames, ssim_frames, ssim_map
from .parts import Counts, part_counts
from .perceptual import Perceptual, channel_means, film_features
from .pose import Detector, enlarged, redetect

STRETCH = 16
"""Frames of one sample of ``fd_random_vid``; shorter films are one sample each."""


@runtime_checkable
class TrueClip(Protocol):
    """A clip of which everything is known. Frame 0 is the reference picture; frames 1 … T-1 are made and scored.

    Attributes:
        frames: uint8 [T, H, W, 3].
        poses: T true poses on the frames' canvas.
        mask: [T, H, W] bool, the person's pixels.
    """

    @property
    def frames(self) -> np.ndarray: ...
    @property
    def poses(self) -> PoseSequence: ...
    @property
    def mask(self) -> np.ndarray: ...


@dataclass(frozen=True)
class Tools:
    """What films are judged with.

    Attributes:
        detector: finds keypoints in the films; None leaves pose and face figures out.
        perceptual: the substitute's distance.
        backbones: published networks, where the user has them.
    """

    detector: Detector | None = None
    perceptual: Perceptual = field(default_factory=lambda: Perceptual(random_stages()))
    backbones: Backbones = field(default_factory=lambda: Backbones({}))


@dataclass(frozen=True)
class FilmScores:
    """One film's scores.

    Attributes:
        frames: figure -> [T-1] of every frame; NaN where it does not count.
        counts: part -> [T-1, 2] keypoints found and to find.
        features: figure of a whole set -> [N, F] what the film adds to it.
    """

    frames: Mapping[str, np.ndarray]
    counts: Counts
    features: Mapping[str, np.ndarray]


class Judge:
    """Scores films of one clip."""

    def __init__(self, clip: TrueClip, tools: Tools) -> None:
        self.clip, self.tools = clip, tools
        self.truth = clip.frames[1:]
        self.mask = clip.mask[1:]
        self.area = person_area(clip.mask[0], self.mask)
        self.nets = {"perceptual": tools.perceptual}
        self.nets |= {"lpips" if net == "alex" else f"lpips_{net}": one for net, one in tools.backbones.lpips.items()}
        self.stages = {name: net.stages(self.truth) for name, net in self.nets.items()}
        self.features = self._features(self.truth, self.stages["perceptual"])
        self.poses = clip.poses[slice(1, None)]

    def score(self, film: np.ndarray) -> FilmScores:
        """Compare a uint8 film [T-1, H, W, 3] with frames 1 … of the clip."""
        if film.shape != self.truth.shape or film.dtype != np.uint8:
            raise InvalidShape(f"Expected a uint8 film {list(self.truth.shape)}, got {film.dtype} {list(film.shape)}.")
        made = {name: net.stages(film) for name, net in self.nets.items()}
        frames = {**self._pixels(film), **self._perceived(made)}
        counts: Counts = {}
        if self.tools.detector is not None:
            found = redetect(self.tools.detector, film, self.poses.fps)
            counts = part_counts(found, self.poses)
            frames |= self._faces(film, found)
        return FilmScores(frames, counts, self._features(film, made["perceptual"]))

    def _pixels(self, film: np.ndarray) -> dict[str, np.ndarray]:
        similar = ssim_map(film, self.truth)
        reference, mask = self.clip.frames[0], self.clip.mask[0]
        return {
            "l1": l1_frames(film, self.truth),
            "psnr": psnr_frames(film, self.truth),
            "ssim": ssim_frames(similar),
            "person_psnr": psnr_frames(film, self.truth, self.area),
            "person_ssim": ssim_frames(similar, self.area),
            "palette": identity.palette_frames(film, self.mask, reference, mask),
            "flicker": flicker_frames(film, self.truth, reference),
            "l1_disco": disco.l1_frames(film, self.truth),
            "ssim_disco": disco.ssim_frames(film, self.truth),
        }

    def _perceived(self, made: Mapping[str, list[Tensor]]) -> dict[str, np.ndarray]:
        scores = {name: net.frames(made[name], self.stages[name]) for name, net in self.nets.items()}
        inside = self.tools.perceptual.frames_inside(made["perceptual"], self.stages["perceptual"], self.area)
        return {**scores, "person_perceptual": inside}

    def _faces(self, film: np.ndarray, found: PoseSequence) -> dict[str, np.ndarray]:
        """Faces are cut out of enlarged frames, as the detector saw them."""
        reference, large = enlarged(self.clip.frames[:1]), enlarged(film)
        canvas = Canvas(large.shape[2], large.shape[1])
        face = identity.aligned_face(reference[0], self.clip.poses[slice(0, 1)].resized(canvas), 0)
        given = (large, found.resized(canvas), self.poses.resized(canvas), face)
        scores = {
            "face_distance": identity.face_frames(*given, self._face_distance, VISIBLE),
            "face_found": identity.found_frames(*given, VISIBLE),
        }
        if self.tools.backbones.face is not None:
            alike = identity.arcface(self.tools.backbones.face)
            scores["identity"] = identity.face_frames(*given, alike, VISIBLE)
        return scores

    def _face_distance(self, a: np.ndarray, b: np.ndarray) -> float:
        net = self.tools.perceptual
        return float(net.frames(net.stages(a[None]), net.stages(b[None]))[0])

    def _features(self, film: np.ndarray, stages: list[Tensor]) -> dict[str, np.ndarray]:
        means = channel_means(stages)
        rows = {"fd_random": means, "fd_random_vid": film_features(means, min(STRETCH, len(means)))}
        nets = self.tools.backbones
        if nets.inception is not None:
            rows["fid"] = inception_features(nets.inception, film)
        if nets.resnet3d is not None:
            rows["fid_vid"] = resnet_features(nets.resnet3d, film)
        if nets.i3d is not None and len(film) >= I3D_FRAMES:
            rows["fvd"] = i3d_features(nets.i3d, film)
        return rows
