"""Time our video DiT against diffusers' ``CogVideoXTransformer3DModel``: same weights, same tokens, same machine.

Runs are interleaved, because a shared machine drifts, and both the minimum and the median are kept: the minimum is
the least disturbed run, the median tells how disturbed the others were. Before anything is timed the two outputs
are compared, so that nobody times two different computations.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..diffusion.rope import video_rope
from ..video.config import DiTConfig
from ..video.model import HumanDiT, zero_start
from ..video.stock import stock_class

WORDS = 226
"""Text tokens of a CogVideoX prompt."""


@dataclass(frozen=True)
class Case:
    """One size: latent frames, height and width, and text tokens (0: none)."""

    frames: int
    height: int
    width: int
    words: int

    @property
    def tokens(self) -> int:
        """Video tokens, patches of 2 x 2."""
        return self.frames * (self.height // 2) * (self.width // 2)


CASES = tuple(Case(frames, side, side, words) for frames, side in ((5, 16), (5, 28), (9, 30)) for words in (0, WORDS))
"""320 tokens is the bundled model's segment; 980 and 2025 show how attention grows."""


def pair(config: DiTConfig, device: torch.device | str = "cpu") -> tuple[Any, HumanDiT]:
    """(stock, ours) with the same random weights; ours has a zero pose guider on top."""
    torch.manual_seed(0)
    stock: Any = stock_class("CogVideoXTransformer3DModel")(
        num_attention_heads=config.heads,
        attention_head_dim=config.head_dim,
        num_layers=config.layers,
        time_embed_dim=config.time_dim,
        text_embed_dim=config.text_dim or 4096,
        use_rotary_positional_embeddings=True,
    )
    ours = HumanDiT(config)
    ours.load_state_dict(zero_start(stock.state_dict(), ours))
    return stock.to(device).eval(), ours.to(device).eval()


def calls(
    stock: Any, ours: HumanDiT, case: Case, device: torch.device | str = "cpu"
) -> dict[str, Callable[[], Tensor]]:
    """One forward of each rival on the same input, batch 1, rotary angles included for ours, given to the stock."""
    config = ours.config
    rng = torch.Generator().manual_seed(1)
    latents = torch.randn(1, case.frames, config.in_channels, case.height, case.width, generator=rng).to(device)
    text = torch.randn(1, case.words, config.text_dim or 0, generator=rng).to(device)
    timestep = torch.tensor([500], device=device)
    grid = (case.height // 2, case.width // 2)
    cos, sin = video_rope(case.frames, grid, config.head_dim, config.rope_base, config.rope_theta, latents.device)
    rope = (cos.repeat_interleave(2, -1), sin.repeat_interleave(2, -1))
    words = text if case.words else None
    return {
        "stock": lambda: stock(latents, text, timestep, image_rotary_emb=rope, return_dict=False)[0],
        "ours": lambda: ours(latents, timestep, text=words, prefix_frames=0),
        "ours_prefix": lambda: ours(latents, timestep, text=words, prefix_frames=1),
    }


def interleaved(runs: Mapping[str, Callable[[], Tensor]], repeats: int) -> dict[str, list[float]]:
    """Seconds of every run: one untimed round, then ``repeats`` rounds that call each once, in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for round_ in range(repeats + 1):
        for name, call in runs.items():
            start = time.perf_counter()
            call()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if round_ > 0:
                seconds[name].append(time.perf_counter() - start)
    return seconds


@torch.inference_mode()
def compare(case: Case, stock: Any, ours: HumanDiT, repeats: int, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Times in ms and ratios to the stock transformer, below 1 where ours is faster."""
    runs = calls(stock, ours, case, device)
    expected = runs["stock"]()
    difference = float((runs["ours"]() - expected).abs().max() / expected.abs().max())
    seconds = interleaved(runs, repeats)
    times = {name: _times(values) for name, values in seconds.items()}
    ratios = {
        name: {of: round(times[name][of] / times["stock"][of], 4) for of in ("min", "median")}
        for name in ("ours", "ours_prefix")
    }
    return {
        "tokens": case.tokens,
        "text": case.words,
        "ratio": ratios["ours"],
        "ratio_prefix": ratios["ours_prefix"],
        "ms": times,
        "difference": difference,
    }


def _times(seconds: Sequence[float]) -> dict[str, float]:
    ms = 1000 * np.array(seconds)
    return {
        "min": round(float(ms.min()), 3),
        "median": round(float(np.median(ms)), 3),
        "spread": round(float(ms.max() / ms.min()), 3),
    }
