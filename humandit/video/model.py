"""The video DiT (paper §3.3): CogVideoX's transformer with a noise-free prefix and a pose guider.

Weight names equal diffusers' ``CogVideoXTransformer3DModel``, so CogVideoX-5b loads unchanged; the extra parts
(``pose_guider``, ``text_mask_embed``) start at zero and leave it unchanged. Layer classes come from an
``operations`` namespace (``torch.nn`` here, ``comfy.ops`` on the canvas), attention is a function.

Shapes: B batch, F latent frames, C channels, h/w latent height/width, p patch, N = F*(h/p)*(w/p) tokens, D width,
L text tokens. Token order is (frame, row, column); text tokens stand in front.
"""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn

from ..diffusion.attention import Attention, sdpa
from ..diffusion.blocks import AdaLayerNormOut, Block, Operations, TimeEmbedding
from ..diffusion.rope import video_rope
from ..errors import InvalidShape
from .config import DiTConfig
from .pose_guider import PoseGuider


class PatchEmbed(nn.Module):
    """Latents (and text) to tokens."""

    def __init__(self, config: DiTConfig, operations: Operations, **where: object) -> None:
        super().__init__()
        p = config.patch
        self.proj = operations.Conv2d(config.in_channels, config.dim, kernel_size=p, stride=p, **where)
        if config.text_dim is not None:
            self.text_proj = operations.Linear(config.text_dim, config.dim, **where)

    def forward(self, latents: Tensor) -> Tensor:
        """[B, F, C, h, w] -> [B, N, D]."""
        batch = latents.shape[0]
        tokens = self.proj(latents.flatten(0, 1))
        return rearrange(tokens, "(b f) d h w -> b (f h w) d", b=batch)


class HumanDiT(nn.Module):
    """Pose-guided video transformer.

    Args:
        config: sizes.
        operations: namespace with ``Linear``, ``Conv2d`` and ``LayerNorm``.
        attention: full attention over [B, heads, N, head_dim].
        dtype, device: handed to every layer.
    """

    def __init__(
        self,
        config: DiTConfig,
        operations: Operations = torch.nn,
        attention: Attention = sdpa,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        where = {"dtype": dtype, "device": device}
        self.config, self.dtype = config, dtype
        self.patch_embed = PatchEmbed(config, operations, **where)
        self.pose_guider = PoseGuider(config.patch, config.dim, operations, **where)
        self.text_mask_embed = operations.Linear(config.patch**2, config.dim, bias=False, **where)
        self.time_embedding = TimeEmbedding(config.dim, config.time_dim, operations, **where)
        self.transformer_blocks = nn.ModuleList(
            [Block(config, operations, attention, **where) for _ in range(config.layers)]
        )
        self.norm_final = operations.LayerNorm(config.dim, eps=1e-5, **where)
        self.norm_out = AdaLayerNormOut(config, operations, **where)
        self.proj_out = operations.Linear(config.dim, config.patch**2 * config.out_channels, **where)

    def forward(
        self,
        latents: Tensor,
        timestep: Tensor,
        pose: Tensor | None = None,
        text: Tensor | None = None,
        text_mask: Tensor | None = None,
        prefix_frames: int = 1,
    ) -> Tensor:
        """One evaluation.

        Args:
            latents: [B, F, C, h, w]; the first ``prefix_frames`` are clean, the rest noisy.
            timestep: [B], 0..999, of the noisy frames; the prefix is always at 0 (paper §3.3).
            pose: pose tokens [B, F, h, w, 512], or None for none.
            text: text embeddings [B, L, text_dim], or None.
            text_mask: [B, F, 1, h, w], 1 where burned-in text covers the picture, or None (paper §3.3).
            prefix_frames: noise-free latent frames in front; 0 gives plain CogVideoX.

        Returns:
            [B, F, out_channels, h, w]: "v" or "x0" by the config; frames of the prefix mean nothing.
        """
        batch, frames, _, height, width = latents.shape
        rows, columns = self._grid(height, width)
        prefix = prefix_frames * rows * columns
        temb = self.time_embedding.of_parts(timestep, latents.dtype)
        rope = video_rope(
            frames, (rows, columns), self.config.head_dim, self.config.rope_base, self.config.rope_theta, latents.device
        )

        x = self.patch_embed(latents)
        if pose is not None:
            x = x + self.pose_guider(pose.to(x.dtype))
        if text_mask is not None:
            x = x + self.text_mask_embed(self._mask_patches(text_mask).to(x.dtype))
        words = self._words(text)

        for block in self.transformer_blocks:
            x, words = block(x, words, temb, rope, prefix)

        x = self.proj_out(self.norm_out(self.norm_final(x), temb, prefix))
        p = self.config.patch
        return rearrange(x, "b (f h w) (c p q) -> b f c (h p) (w q)", f=frames, h=rows, w=columns, p=p, q=p)

    def _grid(self, height: int, width: int) -> tuple[int, int]:
        p = self.config.patch
        if height % p or width % p:
            raise InvalidShape(f"Latent sides must be multiples of {p}, got {width}x{height}.")
        return height // p, width // p

    def _words(self, text: Tensor | None) -> Tensor | None:
        if text is None:
            return None
        if self.config.text_dim is None:
            raise InvalidShape("This model was made without a text stream and takes no prompt. Leave the text out.")
        return self.patch_embed.text_proj(text)

    def _mask_patches(self, mask: Tensor) -> Tensor:
        p = self.config.patch
        return rearrange(mask, "b f 1 (h p) (w q) -> b (f h w) (p q)", p=p, q=p)


def zero_start(state: dict[str, Tensor], model: HumanDiT) -> dict[str, Tensor]:
    """``state`` with zeros for the parts that stock CogVideoX lacks. Works through the state dict, because a
    host's ``operations`` may create weights only when they are loaded."""
    p, dim = model.config.patch, model.config.dim
    sizes = {"pose_guider.proj.weight": model.pose_guider.proj.in_features, "text_mask_embed.weight": p * p}
    return {**{name: torch.zeros(dim, width) for name, width in sizes.items()}, **state}
