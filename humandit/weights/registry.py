"""What weights the project knows: those it brings along, those it can get, and those a user brings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MINI = Path(__file__).parent / "mini"
"""Folder of the bundled small weights."""

CONFIG_KEY = "humandit_config"
"""safetensors metadata: JSON of the model's config dataclass."""
KIND_KEY = "humandit_kind"
"""safetensors metadata: one of :data:`KINDS`."""
KINDS = ("video", "vae", "motion")


@dataclass(frozen=True)
class Entry:
    """One set of weights.

    Attributes:
        name: what a user writes: ``--model mini``, ``weights get pose``.
        kind: "video", "vae", "motion" or "pose".
        path: where the bundled file lies; None for what is fetched or brought by the user.
        origin: where it comes from, in words.
        licence: SPDX name, or the name of the licence's own text.
        folder: folder under ComfyUI's ``models`` for a user's own copy.
    """

    name: str
    kind: str
    origin: str
    licence: str
    folder: str
    path: Path | None = None

    @property
    def here(self) -> bool:
        """Whether a bundled file is on this disk."""
        return self.path is not None and self.path.is_file()


ENTRIES = (
    Entry("mini", "video", "bundled; trained by `train video --config mini`", "Apache-2.0", "diffusion_models",
          MINI / "video.safetensors"),
    Entry("mini", "vae", "bundled; trained by `train vae --config mini`", "Apache-2.0", "vae",
          MINI / "vae.safetensors"),
    Entry("mini", "motion", "bundled; trained by `train motion --config mini`", "Apache-2.0", "diffusion_models",
          MINI / "motion.safetensors"),
    Entry("pose", "pose", "the nets inside the mediapipe 0.10.21 wheel (Google)", "Apache-2.0", "humandit_pose"),
    Entry("CogVideoX-5b", "video", "zai-org/CogVideoX-5b, transformer; brought by the user", "CogVideoX LICENSE",
          "diffusion_models"),
    *(Entry(name, "video", f"{repository}, transformer; brought by the user", "CogVideoX LICENSE", "diffusion_models")
      for name, repository in (
          ("CogVideoX-5b-I2V", "zai-org/CogVideoX-5b-I2V"),
          ("CogVideoX1.5-5B", "zai-org/CogVideoX1.5-5B"),
          ("CogVideoX1.5-5B-I2V", "zai-org/CogVideoX1.5-5B-I2V"),
          ("CogVideoX-Fun-V1.1-5b-Pose", "alibaba-pai/CogVideoX-Fun-V1.1-5b-Pose"),
          ("CogVideoX-Fun-V1.1-5b-Control", "alibaba-pai/CogVideoX-Fun-V1.1-5b-Control"),
      )),
    Entry("CogVideoX-5b", "vae", "zai-org/CogVideoX-5b, vae; brought by the user", "CogVideoX LICENSE", "vae"),
)  # fmt: skip


def find(name: str, kind: str) -> Entry | None:
    """The entry of that name and kind, or None."""
    return next((entry for entry in ENTRIES if (entry.name, entry.kind) == (name, kind)), None)


def names(kind: str) -> tuple[str, ...]:
    """Names that stand for a bundled file of ``kind``."""
    return tuple(entry.name for entry in ENTRIES if entry.kind == kind and entry.path is not None)
