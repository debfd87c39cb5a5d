"""What one call is asked for, and the recipes of both models that follow from it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from humandit.train.recipe import Recipe
from humandit.train.vae import VAERecipe
from humandit.video.light_vae import LightVAEConfig

MODELS = ("vae", "video")
FRAMES = 17
"""Of a clip, and of a segment of the evaluation."""
WIDER = LightVAEConfig(channels=64, width=192, layers=5, detail=32)
"""Channels of the code, and sizes of the decoder's network: 2.4 M numbers, 5 MB in half precision."""
SMALL = 128
"""Side of the smaller films in pixels."""
PERSON, SAVE = 3.0, 1.5
"""Extra weight of the person's pixels in the decoder's loss; minutes between checkpoints."""
RESERVE = 0.25, 2.0
"""Share of a stretch that is kept for the evaluation, and how many minutes at most."""


@dataclass(frozen=True)
class Plan:
    """One call: where, of what size, how long. Minutes are of the whole run over all calls, ``stretch`` of this one.

    ``evaluate`` is the number of held-out clips of the evaluation, 0 for none. ``began`` is on the monotonic clock.
    """

    out: Path
    size: int
    clips: int
    workers: int
    vae_minutes: float
    video_minutes: float
    stretch: float | None
    start: str
    start_vae: str
    pictures: Path | None
    batch: int
    crops: int
    tokens: int
    lr: float
    evaluate: int
    began: float
    compile: bool = False
    structure: float = 0.0

    @property
    def data(self) -> Path:
        return self.out / f"data-{self.size}"

    @property
    def sides(self) -> tuple[int, int]:
        """Small films are trained on, too: they are soon seen, and people ask for them."""
        return min(SMALL, self.size), self.size

    @property
    def code(self) -> Path:
        """The autoencoder that the run begins with: its code has all channels."""
        return self.out / "start" / "code.safetensors"

    @property
    def pieces(self) -> Path:
        return self.out / "pieces"

    def weights(self, name: str) -> Path:
        """The file that the training of one of :data:`MODELS` leaves; of the decoder's, if there is none, what it would
        have begun with."""
        if name not in self.models:
            return self.code
        return self.out / name / f"{name}.safetensors"

    @property
    def models(self) -> list[str]:
        """Those of :data:`MODELS` that are trained."""
        return [name for name in MODELS if name != "vae" or self.vae_minutes > 0]

    @property
    def left(self) -> float | None:
        """Minutes of this call that are left; None: as many as it takes."""
        return None if self.stretch is None else max(self.stretch - (time.monotonic() - self.began) / 60, 0.0)

    @property
    def left_to_train(self) -> float | None:
        """The same without those that are kept for the evaluation."""
        if self.stretch is None or self.left is None:
            return None
        share, most = RESERVE
        return max(self.left - (min(share * self.stretch, most) if self.evaluate else 0.0), 0.0)

    @property
    def vae(self) -> VAERecipe:
        return VAERecipe(
            self.data, self.out / "vae", self.vae_minutes, self.left_to_train, WIDER, self.code, self.crops,
            person=PERSON, pictures=self.pictures, save_minutes=SAVE,
        )  # fmt: skip

    @property
    def video(self) -> Recipe:
        return Recipe(
            data=self.data, vae=self.code, out=self.out / "video", minutes=self.video_minutes, sides=self.sides,
            stretch=self.left_to_train, start=self.start, config=None, batch=self.batch, lr=self.lr, save_minutes=SAVE,
            samples=0, moved_picture=True, overlaid=True, structure=self.structure, compile=self.compile,
        )  # fmt: skip
