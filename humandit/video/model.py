"""The video DiT (paper §3.3): CogVideoX's transformer with a noise-free prefix and a pose guider.

Weight names equal diffusers' ``CogVideoXTransformer3DModel``, so the 5B models of that family load unchanged; the
extra parts (``pose_guider``, ``text_mask_embed``) start at zero and leave them unchanged. Weights may hold the
embeddings of the empty prompt (``empty_prompt``), which stand in where no text is given. Layer classes come from an
``operations`` namespace (``torch.nn`` here, ``comfy.ops`` on the canvas), attention is a function.

Shapes: B batch, F latent frames, C channels, h/w latent height/width, p patch, t latent frames per patch,
N = ceil(F/t)*(h/p)*(w/p) tokens, D width, L text tokens. Token order is (frame, row, column); text tokens stand in
front.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..diffusion.attention import Attention, sdpa
from ..diffusion.blocks import AdaLayerNormOut, Block, Operations, TimeEmbedding, timestep_features
from ..diffusion.rope import video_rope
from ..diffusion.runs import RunBlocks, every_block
from ..errors import InvalidShape
from .config import DiTConfig
from .finish import Finisher
from .overlay import Overlay
from .patch import patch_embed, patching, table_type
from .pose_guider import PoseGuider

OFS = 2.0
"""What CogVideoX 1.5 I2V is told beside the time; its authors never use another value."""


class HumanDiT(nn.Module):
    """Pose-guided video transformer.

    Args:
        config: sizes.
        operations: namespace with ``Linear``, ``Conv2d`` and ``LayerNorm``.
        attention: full attention over [B, heads, N, head_dim].
        dtype, device: handed to every layer.
    """

    empty_prompt: Tensor

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
        self.config, self.dtype, self.patching = config, dtype, patching(config)
        self.patch_embed = patch_embed(config, operations, **where)
        self.pose_guider = PoseGuider(
            self.patching, config.pose_channels, config.dim, operations, config.overlaid, **where
        )
        self.text_mask_embed = operations.Linear(self.patching.positions, config.dim, bias=False, **where)
        if config.stored_words:
            size = 1, config.stored_words, config.text_dim or 0
            self.register_buffer("empty_prompt", torch.zeros(size, dtype=table_type(dtype), device=device))
        self.time_embedding = TimeEmbedding(config.dim, config.time_dim, operations, **where)
        if config.ofs_dim is not None:
            self.ofs_embedding = TimeEmbedding(config.ofs_dim, config.ofs_dim, operations, **where)
        self.transformer_blocks = nn.ModuleList(
            [Block(config, operations, attention, **where) for _ in range(config.layers)]
        )
        self.norm_final = operations.LayerNorm(config.dim, eps=1e-5, **where)
        self.norm_out = AdaLayerNormOut(config, operations, **where)
        self.proj_out = operations.Linear(config.dim, self.patching.positions * config.out_channels, **where)
        if config.overlaid:
            self.overlay = Overlay(self.patching, config.out_channels, config.dim, operations, **where)
        if config.finished:
            self.finisher = Finisher(operations, **where)  # comes after the autoencoder, see video/finish

    def forward(
        self,
        latents: Tensor,
        timestep: Tensor,
        pose: Tensor | None = None,
        text: Tensor | None = None,
        text_mask: Tensor | None = None,
        prefix_frames: int = 1,
        run_blocks: RunBlocks = every_block,
        control: Tensor | None = None,
        any_size: bool = False,
    ) -> Tensor:
        """One evaluation.

        Args:
            latents: [B, F, C, h, w]; the first ``prefix_frames`` are clean, the rest noisy.
            timestep: [B], 0..999, of the noisy frames; the prefix is always at 0 (paper §3.3).
            pose: pose tokens [B, F, h, w, 512], 1408 for models that are shown the moved picture, or what the pose
                guider made of them [B, N, D or more], or None for none.
            text: text embeddings [B, L, text_dim], or None for the empty prompt that the weights hold, if they do.
            text_mask: [B, F, 1, h, w], 1 where burned-in text covers the picture, or None (paper §3.3).
            prefix_frames: noise-free latent frames in front; 0 gives plain CogVideoX.
            run_blocks: takes the tokens through the blocks; all of them, unless a sampler spares some.
            control: [B, F, control_channels, h, w], what goes in beside the latents: the picture's latent and zeros
                (I2V), a drawn film's latents (Fun). None for models that take none.
            any_size: positions are computed where the learned ones are of another size, instead of refusing it
                (:mod:`.positions`): what PP-VCtrl's vertical weights were made with.

        Returns:
            [B, F, out_channels, h, w]: "v" or "x0" by the config; frames of the prefix mean nothing.
        """
        frames, height, width = latents.shape[1], *latents.shape[3:]
        grid = self.patching.grid(frames, height, width)
        prefix = self.patching.prefix(prefix_frames, frames) * grid[1] * grid[2]
        temb = self._time(timestep, latents.dtype)
        rope = video_rope(
            grid[0], grid[1:], self.config.head_dim, self.config.rope_base, self.config.rope_theta, latents.device
        )

        x = self.patch_embed(self.patching.fill(self._beside(latents, control)), any_size)
        x, moved = self._posed(x, pose)
        if text_mask is not None:
            x = x + self.text_mask_embed(self.patching.cut(self.patching.fill(text_mask)).to(x.dtype))
        words = self._words(text, latents, any_size)

        x, words = run_blocks(self.transformer_blocks, x, words, temb, rope, prefix)
        x = self.norm_out(self.norm_final(x), temb, prefix)
        out = self.proj_out(x)
        if self.config.overlaid:
            out = out + self.overlay(x, latents, moved)
        return self.patching.join(out, grid)[:, -frames:]

    def _posed(self, x: Tensor, pose: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """``x`` with the pose, and what of the pose goes around the blocks: in an overlaid model the moved picture."""
        if pose is None:
            return x, None
        tokens: Tensor = pose if pose.ndim == 3 else self.pose_guider(pose.to(x.dtype))
        own, moved = tokens.tensor_split([self.config.dim], dim=-1)
        return x + own, moved if self.config.overlaid else None

    def _words(self, text: Tensor | None, latents: Tensor, any_size: bool) -> Tensor | None:
        """Tokens [B, L, D] of the text, or of the empty prompt that the weights hold."""
        if text is None and self.config.stored_words:
            text = self.empty_prompt.to(latents).expand(latents.shape[0], -1, -1)
        return None if text is None else self.patch_embed.words(text, latents if any_size else None)

    def _time(self, timestep: Tensor, dtype: torch.dtype) -> Tensor:
        """[B] -> [B, 2, time_dim]: of the prefix and of the rest, with the constant of the models that have one."""
        temb = self.time_embedding.of_parts(timestep, dtype)
        if self.config.ofs_dim is None:
            return temb
        return temb + self.ofs_embedding(timestep_features(timestep.new_tensor([OFS]), self.config.ofs_dim).to(dtype))

    def _beside(self, latents: Tensor, control: Tensor | None) -> Tensor:
        """``latents`` with ``control`` behind them on the channel axis."""
        wanted = self.config.control_channels
        got = 0 if control is None else control.shape[2]
        if got != wanted:
            remedy = "Leave the control latent out." if wanted == 0 else "Give the latent of a picture or drawn film."
            raise InvalidShape(f"This model takes {wanted} control channels beside the latent, got {got}. {remedy}")
        return latents if control is None else torch.cat([latents, control.to(latents)], dim=2)


def zero_start(state: dict[str, Tensor], model: HumanDiT) -> dict[str, Tensor]:
    """``state`` with zeros for the parts that stock CogVideoX lacks. Works through the state dict, because a
    host's ``operations`` may create weights only when they are loaded."""
    dim, positions = model.config.dim, model.patching.positions
    sizes = {"pose_guider.proj.weight": model.pose_guider.proj.in_features, "text_mask_embed.weight": positions}
    return {**{name: torch.zeros(dim, width) for name, width in sizes.items()}, **state}
