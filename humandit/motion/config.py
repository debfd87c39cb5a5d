"""Sizes of the Keypoint-DiT."""

from __future__ import annotations

from dataclasses import dataclass

from ..diffusion.config import TransformerConfig
from ..errors import InvalidWeights
from ..pose.sequence import SKELETONS
from .energy import MOST


@dataclass(frozen=True)
class MotionConfig(TransformerConfig):
    """Attributes, beside those of every transformer:
    points: keypoints per frame.
    fps: frames per second that the model knows (paper App. B: 25).
    window: frames that are denoised together.
    overlap: frames of a window that are the noise-free prefix of the next.
    energy_gain, energy_bias: what the model must be told to move with an energy; found after training, for a model
        moves more calmly than it is told. See :meth:`told`.

    Raises:
        InvalidWeights: sizes that make no model.
    """

    heads: int = 4
    head_dim: int = 64
    layers: int = 6
    time_dim: int = 64
    rope_theta: float = 1000.0
    prediction: str = "x0"
    points: int = SKELETONS["coco-wholebody"]
    fps: float = 25.0
    window: int = 100
    overlap: int = 25
    energy_gain: float = 1.0
    energy_bias: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.prediction != "x0":
            raise InvalidWeights(f"A motion model's prediction is 'x0', got {self.prediction!r}.")
        if self.points not in SKELETONS.values():
            known = ", ".join(map(str, SKELETONS.values()))
            raise InvalidWeights(f"A motion model knows skeletons of {known} points, got {self.points}.")
        if not 1 <= self.overlap < self.window:
            raise InvalidWeights(f"The overlap lies in 1..{self.window - 1}, below the window, got {self.overlap}.")
        if not self.fps > 0:
            raise InvalidWeights(f"fps must be greater than 0, got {self.fps}.")
        if not self.energy_gain > 0:
            raise InvalidWeights(f"The gain of energies must be greater than 0, got {self.energy_gain}.")

    def told(self, energy: float) -> float:
        """What this model is told so that it moves with ``energy`` (deviations, see ``energy.py``)."""
        return min(max(self.energy_gain * energy + self.energy_bias, -MOST), MOST)


MOTION_MINI = MotionConfig()
"""The bundled small model: 5.8 M parameters, real time on two CPU cores."""

MOTION_PAPER = MotionConfig(heads=16, layers=16, time_dim=256)
"""For a cluster, 230 M parameters. Our choice: the paper gives no sizes, only 1M steps on 8 H100s (App. B)."""
