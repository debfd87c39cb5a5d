"""The Keypoint-DiT (paper §3.4, App. B): a transformer in time with one token per frame and a noise-free prefix.

Layer classes come from an ``operations`` namespace, attention is a function, as in the video DiT. Shapes: B batch,
T frames, K points; points are in model space (``tokens.py``), (x, y) of each beside each other.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..diffusion.attention import Attention, sdpa
from ..diffusion.blocks import AdaLayerNormOut, Block, Operations, TimeEmbedding
from ..diffusion.rope import time_rope
from ..errors import InvalidShape
from .config import MotionConfig
from .path import MENDS, Gaps, curve, mends, straight_path
from .sizes import SIZES, sizes, to_first_size

UNSTEADY = 10.0
"""Brings the way to the slow path, which the network sees, to order one."""


def shown(points: Tensor, presence: Tensor) -> Tensor:
    """[..., 2K] and [..., K] -> [..., 3K], what a layer sees: zero is a place, absence is not, so an absent point has
    value 0 and presence 0."""
    return torch.cat([points * presence.repeat_interleave(2, dim=-1), presence], dim=-1)


class KeypointDiT(nn.Module):
    """Poses that follow a prefix.

    Args:
        config: sizes.
        operations: namespace with ``Linear`` and ``LayerNorm``.
        attention: full attention over [B, heads, T, head_dim].
        dtype, device: handed to every layer.
    """

    def __init__(
        self,
        config: MotionConfig,
        operations: Operations = torch.nn,
        attention: Attention = sdpa,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        where = {"dtype": dtype, "device": device}
        self.config, self.dtype = config, dtype
        self.point_embed = operations.Linear(3 * config.points, config.dim, **where)
        # without a bias "no energy" and absent points add nothing
        self.condition_embed = operations.Linear(5 * config.points + SIZES, config.dim, bias=False, **where)
        self.energy_embed = operations.Linear(2, config.dim, bias=False, **where)
        self.time_embedding = TimeEmbedding(config.dim, config.time_dim, operations, **where)
        self.transformer_blocks = nn.ModuleList(
            [Block(config, operations, attention, **where) for _ in range(config.layers)]
        )
        self.norm_final = operations.LayerNorm(config.dim, eps=1e-5, **where)
        self.norm_out = AdaLayerNormOut(config, operations, **where)
        self.proj_out = operations.Linear(config.dim, (2 + MENDS) * config.points, **where)

    def forward(
        self,
        points: Tensor,
        presence: Tensor,
        timestep: Tensor,
        condition: Tensor | None = None,
        condition_presence: Tensor | None = None,
        prefix_frames: int = 1,
        energy: Tensor | None = None,
    ) -> Tensor:
        """One evaluation.

        Args:
            points: [B, T, 2K]; the first ``prefix_frames`` are clean, the rest noisy.
            presence: [B, T, K], 1 for the joints that the result has, 0 for the others.
            timestep: [B], 0..999, of the noisy frames; the prefix is always at 0.
            condition: [B, T, 2K], poses that the result should follow, or None for none.
            condition_presence: [B, T, K], 1 where ``condition`` shows a joint; whole frames may be absent.
            prefix_frames: noise-free frames in front: 1 for a still, more where a window continues another.
            energy: [B], how lively the motion is (see ``energy.py``), NaN where that is free, or None for all free.

        Returns:
            [B, T, 2K], clean; frames of the prefix and absent joints mean nothing.

        The result is told as what must be done to the straight path through prefix and condition: a model that has
        learned nothing holds the pose, or follows the condition as it is.
        """
        self._check(points, presence, condition, condition_presence)
        temb = self.time_embedding.of_parts(timestep, points.dtype)
        rope = time_rope(points.shape[1], self.config.head_dim, self.config.rope_theta, points.device)

        if condition is None or condition_presence is None:
            condition, condition_presence = points, torch.zeros_like(presence)
        followed = torch.cat([points[:, :prefix_frames], condition[:, prefix_frames:]], 1)
        known = torch.cat([presence[:, :prefix_frames], condition_presence[:, prefix_frames:]], 1)
        gaps = Gaps.of(known > 0)
        path = straight_path(followed, gaps)
        size = sizes(path, prefix_frames)
        ways = mends(path, curve(followed, gaps), to_first_size(path, size, prefix_frames))
        seen = [path, condition_presence, UNSTEADY * ways[..., 2], size]

        x = self.point_embed(shown(points, presence))
        x = x + self.condition_embed(torch.cat(seen, -1)) + self._lively(energy, x)

        for block in self.transformer_blocks:
            x, _ = block(x, None, temb, rope, prefix_frames)

        x = self.proj_out(self.norm_out(self.norm_final(x), temb, prefix_frames))
        added, shares = x.split([points.shape[2], MENDS * presence.shape[2]], -1)
        shares = shares.unflatten(-1, (-1, MENDS)).repeat_interleave(2, dim=2)
        return path + (ways * shares).sum(-1) + added

    def _lively(self, energy: Tensor | None, x: Tensor) -> Tensor:
        """[B, 1, dim] for ``energy``, zero where it is free."""
        if energy is None:
            energy = x.new_full((len(x),), torch.nan)
        told = energy.isfinite()
        return self.energy_embed(torch.stack([energy.nan_to_num(0), told.to(energy)], -1))[:, None]

    def _check(self, points: Tensor, presence: Tensor, *condition: Tensor | None) -> None:
        count = self.config.points
        if points.ndim != 3 or points.shape[2] != 2 * count or presence.shape != (*points.shape[:2], count):
            raise InvalidShape(
                f"Points are [B, T, {2 * count}] and their presence [B, T, {count}], "
                f"got {list(points.shape)} and {list(presence.shape)}."
            )
        shapes = [None if part is None else part.shape for part in condition]
        if shapes != [None, None] and shapes != [points.shape, presence.shape]:
            raise InvalidShape("A condition has as many frames and points as what is denoised, and its own presence.")
