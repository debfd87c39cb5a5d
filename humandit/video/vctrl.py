"""PP-VCtrl: a small network beside CogVideoX that watches a drawn film and adds to the large one's tokens.

It sees what the large one sees (noise and picture) and the drawn film, in a few blocks without text; the tokens after
each of its blocks are added to those after some of the large model's (PaddleMIX ``VCtrlModel``, layout "even",
"spacing" or "end"). Tensor names are those of its weights once they are converted. Shapes as in :mod:`.model`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ..diffusion.attention import Attention, sdpa
from ..diffusion.blocks import Block, Operations, Rope, TimeEmbedding
from ..diffusion.rope import video_rope
from ..diffusion.runs import RunBlocks
from ..errors import HumanDiTError, InvalidShape
from .config import DiTConfig
from .patch import FramePatchEmbed, patching

LAYOUTS = ("even", "spacing", "end")
"""Which blocks of the large model get something: all of them, each output for a stretch of neighbours; the first of
each stretch; the last ones. No tensor tells which one weights were trained with. The authors' commands take "even" for
their first pose weights and "spacing" for the second (v2)."""


@dataclass(frozen=True)
class VCtrlConfig(DiTConfig):
    """Sizes of a side network: a DiT's without text.

    Attributes:
        in_channels: of what the large model sees: the noisy latent, and the picture's.
        cond_channels: of what is shown to it: the drawn film's latent, and a mask of the frames that it covers.
    """

    layers: int = 7
    in_channels: int = 32
    text_dim: int | None = None
    cond_channels: int = 17


VCTRL_5B_I2V = VCtrlConfig()
"""The side networks for CogVideoX-5b-I2V (``cogvideox_5b_i2v_vctrl_config.json``)."""


class VCtrl(nn.Module):
    """The side network; arguments as :class:`~.model.HumanDiT`'s."""

    def __init__(
        self,
        config: VCtrlConfig,
        operations: Operations = torch.nn,
        attention: Attention = sdpa,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        where = {"dtype": dtype, "device": device}
        self.config, self.dtype = config, dtype
        self.time_embedding = TimeEmbedding(config.dim, config.time_dim, operations, **where)
        self.sample_patch_embed = FramePatchEmbed(config, operations, **where)
        shown = replace(config, in_channels=config.cond_channels)
        self.cond_patch_embed = FramePatchEmbed(shown, operations, **where)
        self.transformer_blocks = nn.ModuleList(
            [Block(config, operations, attention, **where) for _ in range(config.layers)]
        )

    def forward(self, latents: Tensor, timestep: Tensor, shown: Tensor) -> list[Tensor]:
        """One evaluation.

        Args:
            latents: [B, F, in_channels, h, w], noisy latents with the picture's behind them, as the large model's.
            timestep: [B], 0..999.
            shown: [B or 1, F, cond_channels, h, w].

        Returns:
            The tokens [B, N, D] after each block.

        Raises:
            InvalidShape: channels, frames or sides that do not fit.
        """
        self._check(latents, shown)
        config, (frames, rows, columns) = self.config, patching(self.config).grid(latents.shape[1], *latents.shape[3:])
        temb = self.time_embedding.of_parts(timestep, latents.dtype)
        rope = video_rope(frames, (rows, columns), config.head_dim, config.rope_base, config.rope_theta, latents.device)

        x = self.sample_patch_embed(latents)
        x = x + with_spread_of(self.cond_patch_embed(shown.to(latents)), x)
        outputs = []
        for block in self.transformer_blocks:
            x, _ = block(x, None, temb, rope, 0)
            outputs.append(x)
        return outputs

    def _check(self, latents: Tensor, shown: Tensor) -> None:
        wanted = (latents.shape[1], self.config.cond_channels, *latents.shape[3:])
        if latents.shape[2] != self.config.in_channels:
            raise InvalidShape(
                f"This side network goes beside a model that sees {self.config.in_channels} channels, "
                f"got {latents.shape[2]}. Those of PP-VCtrl's I2V weights go beside CogVideoX-5b-I2V."
            )
        if tuple(shown.shape[1:]) != wanted or shown.shape[0] not in (1, latents.shape[0]):
            raise InvalidShape(
                f"Expected the drawn film's latents as {list(wanted)} [F, C, h, w], got {list(shown.shape[1:])}. "
                "Draw the film at the size and length of the video to make."
            )


def with_spread_of(tokens: Tensor, like: Tensor) -> Tensor:
    """``tokens`` [B, N, D] with the mean and deviation, over all of a film's numbers, of ``like``."""
    deviation = like.float().std(dim=(1, 2), keepdim=True) / (tokens.float().std(dim=(1, 2), keepdim=True) + 1e-5)
    mean, goal = (x.mean(dim=(1, 2), keepdim=True) for x in (tokens, like))
    return (tokens - mean) * deviation.to(tokens.dtype) + goal


def gets(layout: str, blocks: int, outputs: int) -> dict[int, int]:
    """Block of the large model -> output of the side network that is added after it.

    Raises:
        HumanDiTError: an unknown layout, or counts that it cannot share out.
    """
    if layout not in LAYOUTS:
        raise HumanDiTError(f"Unknown layout {layout!r}. Choose one of: {', '.join(LAYOUTS)}.")
    if blocks < outputs or (layout != "end" and blocks % outputs):
        raise HumanDiTError(
            f"A side network of {outputs} layers cannot be shared out over {blocks} blocks in the layout {layout!r}. "
            "Use the weights that were made for this model."
        )
    if layout == "end":
        return {blocks - outputs + i: i for i in range(outputs)}
    stretch = blocks // outputs
    return {i: i // stretch for i in range(blocks) if layout == "even" or i % stretch == 0}


class Helped(nn.Module):
    """A block, and what is added to the film's tokens after it."""

    def __init__(self, block: nn.Module, added: Tensor) -> None:
        super().__init__()
        self.block, self.added = block, added

    def forward(
        self, x: Tensor, words: Tensor | None, temb: Tensor, rope: Rope, prefix: int
    ) -> tuple[Tensor, Tensor | None]:
        x, words = self.block(x, words, temb, rope, prefix)
        return x + self.added.to(x), words


def helped(run: RunBlocks, outputs: Sequence[Tensor], layout: str, strength: float) -> RunBlocks:
    """``run`` with a side network's outputs added on the way, times ``strength``."""
    added = [output * strength for output in outputs]

    def run_helped(
        blocks: Iterable[nn.Module], x: Tensor, words: Tensor | None, temb: Tensor, rope: Rope, prefix: int
    ) -> tuple[Tensor, Tensor | None]:
        blocks = list(blocks)
        places = gets(layout, len(blocks), len(added))
        with_help = [Helped(block, added[places[i]]) if i in places else block for i, block in enumerate(blocks)]
        return run(with_help, x, words, temb, rope, prefix)

    return run_helped
