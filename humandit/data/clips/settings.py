"""What a build is asked for: everything that its shards depend on beside the films."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...errors import HumanDiTError
from ...pose.detect import DETECTORS
from ...types import MAX_SIDE
from .film import FASTEST
from .rules import Rule, rules_with
from .shots import LONGEST

CLIPS = 64
"""Clips per shard."""


@dataclass(frozen=True)
class Settings:
    """What the shards depend on, beside the films.

    Attributes:
        detector: finds poses; nets: folder of its nets; weights: file of its pose net.
        persons: file of a person net (YOLOX, YOLOv10, RTMDet in ONNX), or None. It finds people for a top-down
            detector, and for all of them it is a second opinion on how many people a crop shows.
        cotracker: TorchScript file that follows background points, None: Lucas-Kanade.
        text: "auto", "rapidocr" or "none".
        quality: folder of Q-Align, None: a weaker measure. clarity: file of the scorer, "simple", None: as bundled.
        fastest: frames per second at most. side: pixels of a frame at most. longest: seconds of a clip at most.
        clips: per shard.
        changes: rules with other numbers, "name=number" each.
    """

    detector: str = "mediapipe"
    nets: Path | None = None
    weights: Path | None = None
    persons: Path | None = None
    cotracker: Path | None = None
    text: str = "auto"
    quality: Path | None = None
    clarity: Path | str | None = None
    fastest: float = FASTEST
    side: int = MAX_SIDE
    longest: float = LONGEST
    clips: int = CLIPS
    changes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.detector not in DETECTORS:
            raise HumanDiTError(f"Unknown pose detector {self.detector!r}; known are {', '.join(DETECTORS)}.")
        for name, value in (("fastest", self.fastest), ("longest", self.longest), ("clips", self.clips)):
            if not value > 0:
                raise HumanDiTError(f"{name} must be more than 0, got {value}.")
        if not 64 <= self.side <= 4096:
            raise HumanDiTError(f"The longest side of a frame lies in 64..4096 pixels, got {self.side}.")
        rules_with(self.changes)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return rules_with(self.changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, paths as text."""
        plain = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()}
        return {**plain, "changes": list(self.changes)}
