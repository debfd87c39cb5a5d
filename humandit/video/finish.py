"""What comes after the autoencoder in a small model: frames are gone over in pixels, frame by frame.

A code of few numbers for 8 x 8 pixels blurs what is finer than its blocks: fingers, eyes, the threads of cloth. All of
it is known: from the moved picture, from the frame that the segment starts from, and, for hands and faces, from their
lines. A small U-Net chooses for every pixel among the decoded frame, these two pictures and the plain colours of hands
and face, and adds what it draws itself. No part of the paper; 5B models are without.

Shapes: T frames of one segment, H and W pixels.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from ..types import LINE_CHANNELS, MOVED_CHANNELS, POSE_CHANNELS, POSE_PATCH, POSE_SCALE, TIME_SCALE, Segment
from .segments import Finish, PoseImages, image_window

if TYPE_CHECKING:
    from .model import HumanDiT

WIDTHS = (32, 64, 96)
"""Channels at half, a quarter and an eighth of the frame's size."""
PICTURES = 5
"""Among which a pixel is chosen: the decoded frame, the moved picture, the frame that the segment starts from, and two
plain ones of the colour of the picture's hands and of its face. Where they move, the moved picture may miss them; and
to choose a colour is easier learnt than to mix it."""
HANDS, FACE = slice(0, 6), slice(6, 11)
"""Channels of the lines (``pose/lines``)."""
SEEN = 3 * PICTURES + 2 + LINE_CHANNELS
"""Channels that go in: the pictures, the moved one's shares, lines."""
TRUSTED = 3.0
"""Before training the decoded frame is chosen by this logit, 0.91."""
Where = tuple[torch.device, torch.dtype]
"""Device and number type."""


class Residual(nn.Module):
    """Two 3x3 convolutions beside what goes in; they start as nothing."""

    def __init__(self, width: int, operations: Any, **where: object) -> None:
        super().__init__()
        self.a = operations.Conv2d(width, width, 3, padding=1, **where)
        self.b = operations.Conv2d(width, width, 3, padding=1, **where)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.b(_gelu(self.a(_gelu(x))))


class Finisher(nn.Module):
    """See the module's text."""

    def __init__(self, operations: Any, **where: object) -> None:
        super().__init__()
        half, quarter, eighth = WIDTHS
        block = lambda width: Residual(width, operations, **where)  # noqa: E731
        point = lambda given, made: operations.Conv2d(given, made, 1, **where)  # noqa: E731
        self.stem = operations.Conv2d(4 * SEEN, half, 3, padding=1, **where)
        self.half_in = block(half)
        self.down_quarter, self.quarter_in = point(4 * half, quarter), nn.Sequential(block(quarter), block(quarter))
        self.down_eighth, self.eighth = point(4 * quarter, eighth), nn.Sequential(block(eighth), block(eighth))
        self.up_quarter, self.quarter_out = point(eighth, 4 * quarter), nn.Sequential(block(quarter), block(quarter))
        self.up_half, self.half_out = point(quarter, 4 * half), block(half)
        self.out = operations.Conv2d(half, 4 * (3 + PICTURES), 3, padding=1, **where)

    def forward(
        self, decoded: Tensor, moved: Tensor, shares: Tensor, start: Tensor, lines: Tensor, skin: Tensor
    ) -> Tensor:
        """Frames [T, 3, H, W], not clamped.

        Args:
            decoded: [T, 3, H, W] in 0..1, sides multiples of 8.
            moved, shares: as :func:`moved_pixels` gives them.
            start: the frame that the segment starts from, [T or 1, 3, H, W].
            lines: [T, 12, H, W] in 0..1 (``pose/lines``).
            skin: [T or 1, 6, 1, 1], see :func:`skin_of`.
        """
        start, skin = start.expand_as(decoded), skin.expand(len(decoded), -1, *decoded.shape[2:])
        seen = torch.cat([decoded - 0.5, moved - 0.5 * shares[:, :1], shares, start - 0.5, lines, skin - 0.5], 1)
        half = self.half_in(self.stem(F.pixel_unshuffle(seen, 2)))
        quarter = self.quarter_in(self.down_quarter(F.pixel_unshuffle(half, 2)))
        eighth = self.eighth(self.down_eighth(F.pixel_unshuffle(quarter, 2)))
        quarter = self.quarter_out(quarter + F.pixel_shuffle(self.up_quarter(eighth), 2))
        half = self.half_out(half + F.pixel_shuffle(self.up_half(quarter), 2))
        drawn, chosen = F.pixel_shuffle(self.out(half), 2).split([3, PICTURES], 1)
        pictures = (decoded, moved, start, *skin.chunk(2, 1))
        for share, picture in zip(torch.softmax(chosen, 1).split(1, 1), pictures, strict=True):
            drawn = torch.addcmul(drawn, share, picture)
        return drawn

    @torch.inference_mode()
    def finish(
        self, frames: Tensor, start: Tensor, pose: Tensor, lines: Tensor, skin: Tensor, where: Where | None = None
    ) -> Tensor:
        """Decoded frames gone over.

        Args:
            frames: [T, H, W, 3] in 0..1. start: [H, W, 3].
            pose: the segment's pose tokens with the moved picture, [F, h, w, 1408]. lines: [T, 12, H, W] uint8.
            skin: [6].
            where: device and number type to compute with; None for the weights' own.

        Returns:
            [T, H, W, 3] in 0..1, where the frames lie and as what they are.
        """
        device, dtype = where or (self.stem.weight.device, self.stem.weight.dtype)
        begun, colours, done = start.movedim(-1, 0)[None], skin[None, :, None, None], torch.empty_like(frames)
        for number, tokens in enumerate(pose):
            part = slice(max(TIME_SCALE * (number - 1) + 1, 0), TIME_SCALE * number + 1)
            decoded = frames[part].movedim(-1, 1)
            moved, shares = (pixels[-len(decoded) :] for pixels in moved_pixels(tokens))
            seen = (decoded, moved, shares, begun, lines[part].float() / 255, colours)
            made = self(*(one.to(device, dtype, memory_format=torch.channels_last) for one in seen))
            done[part] = made.clamp(0, 1).movedim(1, -1).to(done)
        return done


def moved_pixels(tokens: Tensor) -> tuple[Tensor, Tensor]:
    """The moved picture in the pose tokens of one latent frame, [h, w, 1408].

    Returns:
        Of its 4 frames, of which a segment's first latent has the last alone: colours [4, 3, H, W] in 0..1, black
        where the moved picture is not, and its two shares (``pose/moved``) [4, 2, H, W].
    """
    images = rearrange(tokens, "h w (a b c d) -> a d (h b) (w c)", a=TIME_SCALE, b=POSE_PATCH, c=POSE_PATCH)
    colours, shares = images[:, POSE_CHANNELS:].split([MOVED_CHANNELS - 2, 2], 1)
    shares = shares.repeat_interleave(POSE_SCALE, 2).repeat_interleave(POSE_SCALE, 3)
    colours = rearrange(colours, "t (i j c) y x -> t c (y i) (x j)", i=POSE_SCALE, j=POSE_SCALE)
    return ((colours + shares[:, :1]) / 2).clamp(0, 1), shares


def skin_of(picture: Tensor, lines: Tensor) -> Tensor:
    """Mean colours [6] under the lines [12, H, W], uint8, of hands and of the face in a picture [H, W, 3] in 0..1. What
    is not seen has the other's colour; neither, grey."""
    hands, face = (_mean_under(lines[part].amax(0), picture) for part in (HANDS, FACE))
    grey = picture.new_full((3,), 0.5)
    known = lambda *colours: next(colour for colour in colours if colour is not None)  # noqa: E731
    return torch.cat([known(hands, face, grey), known(face, hands, grey)])


def finishing(model: HumanDiT, lines: PoseImages, picture: Tensor, where: Where | None = None) -> Finish:
    """What a ``model`` does to decoded frames of a film; nothing, where it has no finisher.

    Args:
        lines: of its poses, [1 + frames, 12, H, W] uint8 with the reference's first.
        picture: the reference [H, W, 3] in 0..1.
        where: as for :meth:`Finisher.finish`.
    """
    if not model.config.finished:
        return lambda segment, start, pose, frames: frames
    skin = skin_of(picture, lines[0:1][0])

    def finish(segment: Segment, start: Tensor, pose: Tensor, frames: Tensor) -> Tensor:
        return model.finisher.finish(frames, start, pose, image_window(lines, segment), skin, where)

    return finish


def unfinished(model: HumanDiT) -> HumanDiT:
    """The same modules and weights, whose frames are left as they are decoded."""
    made = copy.copy(model)
    made.config = replace(model.config, finished=False)
    return made


@torch.no_grad()
def begin(finisher: Finisher) -> None:
    """Weights from which training starts: decoded frames come out nearly as they are."""
    for module in finisher.modules():
        if isinstance(module, Residual):
            nn.init.zeros_(module.b.weight)
            nn.init.zeros_(module.b.bias)
    finisher.out.weight.mul_(0.1)
    finisher.out.bias.zero_()
    finisher.out.bias.view(3 + PICTURES, 4)[3] = TRUSTED


def _mean_under(lines: Tensor, picture: Tensor) -> Tensor | None:
    """Mean colour [3] of a picture [H, W, 3] under lines [H, W], uint8; None without any."""
    weight = lines.to(picture) / 255
    return (picture * weight[..., None]).sum((0, 1)) / weight.sum() if weight.sum() >= 1 else None


def _gelu(x: Tensor) -> Tensor:
    return F.gelu(x, approximate="tanh")
