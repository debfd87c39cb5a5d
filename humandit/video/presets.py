"""Presets of speed: which of the work is done. Measured, with what each switch gains and costs, in docs/speed.md."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..diffusion.guidance import POSE_GUIDANCE
from ..diffusion.sampling import Sampling
from ..diffusion.schedule import TRAIN_STEPS
from ..errors import HumanDiTError
from .config import DiTConfig


@dataclass(frozen=True)
class Preset:
    """Switches, each worth something alone. All at their defaults: the plain sampler, to the bit.

    Attributes:
        steps, sampler: instead of the asked ones; None keeps those.
        guided_from, guided_to: timesteps, 999 (all noise) down to 0, between which guidance works.
        cache: change of the first block below which the others are spared (``diffusion/runs``); 0 spares none.
        attention: a name of ``diffusion/attention``, or "auto" for the fastest on this machine.
        compile: torch.compile each block: half a minute at the start.
        fp8: linear layers of the blocks in 8-bit floats, on GPUs that can.
    """

    steps: int | None = None
    sampler: str | None = None
    guided_from: int = TRAIN_STEPS - 1
    guided_to: int = 0
    cache: float = 0.0
    attention: str = "sdpa"
    compile: bool = False
    fp8: bool = False

    def applied(self, sampling: Sampling) -> Sampling:
        """``sampling`` with the switches that are a matter of sampling; the others are :func:`~.prepare.prepared`'s."""
        return replace(
            sampling,
            steps=self.steps or sampling.steps,
            sampler=self.sampler or sampling.sampler,
            guided_from=self.guided_from,
            guided_to=self.guided_to,
            cache=self.cache,
        )


PRESETS = {
    "exact": Preset(),
    "balanced": Preset(steps=16, sampler="dpm++2m", attention="auto"),
    "fast": Preset(steps=6, sampler="dpm++2m", attention="auto"),
}
"""Name -> switches. "exact" keeps the asked steps and sampler, the others choose both."""


STEPS, SETTLED = 20, 2
"""Steps of models that have to find everything in the noise, and of those that are shown the moved picture: there the
first step settles most, and more of them than a few add grain (docs/speed.md)."""
UNGUIDED = 1.0
"""Guidance of models with a finisher, which draws by the poses itself: asked once per step they are better in all but
the colours' balance (docs/evaluation.md)."""


def usual_sampling(config: DiTConfig, **asked: Any) -> Sampling:
    """How a model is best asked; ``asked`` is what somebody chose instead, by field, None where nobody did."""
    usual = Sampling(SETTLED if config.moved_picture else STEPS, UNGUIDED if config.finished else POSE_GUIDANCE)
    return replace(usual, **{name: value for name, value in asked.items() if value is not None})


def preset(name: str) -> Preset:
    """The preset of that name."""
    if name not in PRESETS:
        raise HumanDiTError(f"Unknown preset {name!r}. Choose one of: {', '.join(PRESETS)}.")
    return PRESETS[name]
