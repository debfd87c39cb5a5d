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
from ..types import LatentShape
from ..video.config import DiTConfig
from ..video.model import HumanDiT, zero_start
from ..video.plan.flops import forward_flops
from ..video.plan.memory import GB
from ..video.stock import stock_class

WORDS = 226
"""Text tokens of a CogVideoX prompt."""
TEXT_DIM = 4096
"""Width of the stock class's text where ours reads none."""


@dataclass(frozen=True)
class Case:
    """One size: latent frames, height and width, and text tokens (0: none)."""

    frames: int
    height: int
    width: int
    words: int

    @property
    def latent(self) -> LatentShape:
        return LatentShape(self.frames, self.height, self.width)

    @property
    def tokens(self) -> int:
        """Video tokens, patches of 2 x 2."""
        return self.latent.tokens(2)


CASES = tuple(Case(frames, side, side, words) for frames, side in ((5, 16), (5, 28), (9, 30)) for words in (0, WORDS))
"""320 tokens is the bundled model's segment; 980 and 2025 show how attention grows."""


def pair(
    config: DiTConfig, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> tuple[Any, HumanDiT]:
    """(stock, ours) with the same random weights, made in their place; ours has a zero pose guider on top."""
    torch.manual_seed(0)
    with torch.device(device):
        stock: Any = stock_class("CogVideoXTransformer3DModel")(
            num_attention_heads=config.heads,
            attention_head_dim=config.head_dim,
            num_layers=config.layers,
            time_embed_dim=config.time_dim,
            text_embed_dim=config.text_dim or TEXT_DIM,
            use_rotary_positional_embeddings=True,
        ).to(dtype)
    ours = HumanDiT(config, dtype=dtype, device=device)
    ours.load_state_dict(zero_start(stock.state_dict(), ours))
    return stock.eval(), ours.eval()


def calls(stock: Any, ours: HumanDiT, case: Case) -> dict[str, Callable[[], Tensor]]:
    """One forward of each rival on the same input, batch 1, rotary angles included for ours, given to the stock."""
    config, like = ours.config, next(ours.parameters())
    rng = torch.Generator().manual_seed(1)
    latents = torch.randn(1, case.frames, config.in_channels, case.height, case.width, generator=rng).to(like)
    text = torch.randn(1, case.words, config.text_dim or 0, generator=rng).to(like)
    timestep = torch.tensor([500], device=like.device)
    grid = (case.height // 2, case.width // 2)
    cos, sin = video_rope(case.frames, grid, config.head_dim, config.rope_base, config.rope_theta, like.device)
    rope = (cos.repeat_interleave(2, -1), sin.repeat_interleave(2, -1))
    words = text if case.words else None
    return {
        "stock": lambda: stock(latents, text, timestep, image_rotary_emb=rope, return_dict=False)[0],
        "ours": lambda: ours(latents, timestep, text=words, prefix_frames=0),
        "ours_prefix": lambda: ours(latents, timestep, text=words, prefix_frames=1),
    }


def interleaved(
    runs: Mapping[str, Callable[[], Tensor]],
    repeats: int,
    first: Callable[[str, Callable[[], Tensor]], object] = lambda name, call: call(),
) -> dict[str, list[float]]:
    """Seconds of every run: one untimed round by ``first``, then ``repeats`` rounds that call each once, in turn."""
    for name, call in runs.items():
        first(name, call)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, call in runs.items():
            start = time.perf_counter()
            call()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            seconds[name].append(time.perf_counter() - start)
    return seconds


@torch.inference_mode()
def compare(case: Case, stock: Any, ours: HumanDiT, repeats: int) -> dict[str, Any]:
    """Times in ms and ratios to the stock transformer, below 1 where ours is faster; arithmetic of one forward in
    TFLOP and how much of it is done in a second; on a graphics card the memory of each forward beside the weights."""
    outputs: dict[str, Tensor] = {}
    memory: dict[str, float | None] = {}

    def look(name: str, call: Callable[[], Tensor]) -> None:
        outputs[name], memory[name] = watched(call)

    seconds = interleaved(calls(stock, ours, case), repeats, look)
    expected = outputs["stock"]
    difference = float((outputs["ours"] - expected).abs().max() / expected.abs().max())
    times = {name: _times(values) for name, values in seconds.items()}
    ratios = {
        name: {of: round(times[name][of] / times["stock"][of], 4) for of in ("min", "median")}
        for name in ("ours", "ours_prefix")
    }
    tflop = forward_flops(ours.config, case.latent, case.words, posed=False) / 1e12
    return {
        "tokens": case.tokens,
        "text": case.words,
        "ratio": ratios["ours"],
        "ratio_prefix": ratios["ours_prefix"],
        "ms": times,
        "difference": difference,
        "tflop": float(f"{tflop:.5g}"),
        "tflop_per_second": {name: float(f"{1000 * tflop / times[name]['min']:.4g}") for name in times},
        "forward_gb": memory,
    }


def watched(call: Callable[[], Tensor]) -> tuple[Tensor, float | None]:
    """What a forward gives, and the GB it takes on a graphics card at its peak beside what lies there before it (the
    weights of both rivals); None elsewhere."""
    if not torch.cuda.is_available():
        return call(), None
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    output = call()
    torch.cuda.synchronize()
    return output, round((torch.cuda.max_memory_allocated() - before) / GB, 3)


def _times(seconds: Sequence[float]) -> dict[str, float]:
    ms = 1000 * np.array(seconds)
    return {
        "min": round(float(ms.min()), 3),
        "median": round(float(np.median(ms)), 3),
        "spread": round(float(ms.max() / ms.min()), 3),
    }
