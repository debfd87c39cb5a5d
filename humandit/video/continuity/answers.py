"""The switches put to work: what the chain asks at every step of a segment. With none on, all passes as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ...errors import HumanDiTError
from ...types import Segment
from .handover import Handover
from .latents import matched, noisy, statistics
from .look import background_back, colour_matched, cross_faded, sharpened
from .options import FILM, POINTS, REFERENCE, STARTING, Continuity
from .scene import Scene

if TYPE_CHECKING:
    from ..segments import PoseImages

TAIL, STATISTICS = "tail", "latent_statistics"
"""Names of what is remembered from one segment to the next."""


@dataclass(frozen=True)
class Restarted:
    """Pose images in which every segment begins with ``first`` [1, 4h, 4w, 8], the reference's."""

    images: PoseImages
    first: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, frames: slice, /) -> Tensor:
        return torch.cat([self.first, self.images[frames.start + 1 : frames.stop]])


@dataclass(frozen=True, eq=False)
class Answers:
    """Attributes: the switches, the reference picture [H, W, 3], the pose images of the whole film, and what its poses
    tell.

    Raises:
        HumanDiTError: switches that need to know where the person is, and nobody who tells.
    """

    continuity: Continuity
    reference: Tensor
    images: PoseImages
    scene: Scene | None = None

    def __post_init__(self) -> None:
        if self.continuity.needs_person and self.scene is None:
            raise HumanDiTError(
                "Colours and background are put right where the person is not, which only poses tell. Give the poses, "
                "or leave these switches off."
            )

    def from_reference(self, segment: Segment) -> bool:
        """Whether ``segment`` starts from the reference picture."""
        return segment.start == 0 or segment.key is not None or self.continuity.start == REFERENCE

    def starting(self, segment: Segment, handed: Handover) -> tuple[Tensor, PoseImages]:
        """The frame [H, W, 3] that ``segment`` starts from, and the pose images that it is cut from."""
        if segment.start == 0 or not self.from_reference(segment):
            return self._mended_start(segment, handed), self.images
        begun = None if self.scene is None else self.scene.begun(self.reference, handed.prefix, segment.start)
        frame, pose = (self.reference, self.images[0:1]) if begun is None else begun
        return frame, Restarted(self.images, pose)

    def _mended_start(self, segment: Segment, handed: Handover) -> Tensor:
        """The frame that was handed on, put right; the reference where the film begins."""
        if segment.start == 0:
            return self.reference
        frame, options = handed.prefix, self.continuity
        if options.background == STARTING:
            frame = self._with_background(frame[None], segment)[0]
        return sharpened(frame, self.reference.to(frame), options.sharpen) if options.sharpen else frame

    def told(self, segment: Segment, prefix: Tensor) -> Tensor:
        """Its latent, as the model is told it."""
        if self.continuity.noise == 0 or self.from_reference(segment):
            return prefix
        return noisy(prefix, segment.index, self.continuity.noise)

    def settled(self, latents: Tensor, kept: Mapping[str, Tensor]) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The latents that are decoded, and what is remembered now."""
        if self.continuity.latents == 0:
            return latents, kept
        if STATISTICS not in kept:
            return latents, {**kept, STATISTICS: statistics(latents)}
        return matched(latents, kept[STATISTICS], self.continuity.latents), kept

    def mended(self, frames: Tensor, segment: Segment) -> Tensor:
        """Decoded frames [T, H, W, 3], put right."""
        options = self.continuity
        if options.colour:
            masks, reference = self._masks(segment, len(frames)).to(frames), self.reference.to(frames)
            frames = colour_matched(frames, masks, reference, self._reference_mask.to(frames), options.colour)
        return self._with_background(frames, segment) if options.background in (FILM, POINTS) else frames

    def handed_on(
        self, frames: Tensor, handed: Handover, kept: Mapping[str, Tensor], more: bool
    ) -> tuple[Tensor, Handover]:
        """What is new of ``frames`` [1 + T, H, W, 3], the first being the prefix, and what the next segment gets.

        Args:
            handed: from the segment before; the frames that both made are cross-faded.
            kept: what :meth:`settled` remembers.
            more: whether a segment follows, which makes the last frames again.
        """
        again, new = self.continuity.overlap, frames[1:]
        if TAIL in handed.kept:
            new = torch.cat([cross_faded(handed.kept[TAIL], new[:again]), new[again:]])
        kept = {name: value for name, value in kept.items() if name != TAIL}
        if again == 0 or not more:
            return new, Handover(frames[-1].clone(), kept)  # a view would keep all frames
        return new[:-again], Handover(frames[-1 - again].clone(), {**kept, TAIL: new[-again:].clone()})

    @cached_property
    def _reference_mask(self) -> Tensor:
        return self._seen.masks(slice(0, 1))[0]

    def _with_background(self, frames: Tensor, segment: Segment) -> Tensor:
        masks = self._masks(segment, len(frames)).to(frames)
        if self.continuity.background != POINTS:
            return background_back(frames, masks, self.reference[None], (1 - self._reference_mask[None]).to(frames))
        views, known = self._seen.backgrounds(self.reference, slice(segment.start, segment.start + len(frames)))
        return background_back(frames, masks, _held(views, len(frames)), _held(known, len(frames)).to(frames))

    def _masks(self, segment: Segment, count: int) -> Tensor:
        """[count, H, W] of the frames from the segment's first on; past the end of the film the last is held."""
        return _held(self._seen.masks(slice(segment.start, segment.start + count)), count)

    @property
    def _seen(self) -> Scene:
        assert self.scene is not None  # see above
        return self.scene


def _held(parts: Tensor, count: int) -> Tensor:
    """``count`` frames: the last one again and again where there are fewer."""
    return torch.cat([parts, parts[-1:].expand(count - len(parts), *parts.shape[1:])])
