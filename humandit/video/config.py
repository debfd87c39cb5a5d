"""Sizes of the video DiT."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..diffusion.config import TransformerConfig
from ..errors import InvalidWeights
from ..types import MOVED_CHANNELS, POSE_CHANNELS


@dataclass(frozen=True)
class DiTConfig(TransformerConfig):
    """Attributes, beside those of every transformer:
    in_channels, out_channels: latent channels in and out; what goes in beyond the noisy latent is a control latent.
    text_dim: width of text tokens, or None for a model without a text stream.
    patch: latent positions per token on a side.
    patch_t: latent frames per token; 2 in CogVideoX 1.5.
    rope_base: rows and columns of tokens in the plane that positions are fitted into; None where positions are
        simply counted, as in CogVideoX 1.5.
    learned_positions: words and latent frames that a table of learned positions was made for, over the plane of
        ``rope_base``; None for none. Only CogVideoX-5b-I2V has one, and so takes one size only.
    ofs_dim: width of the embedding of a constant that CogVideoX 1.5 I2V adds to the time; None for none.
    stored_words: tokens of the empty prompt whose embeddings the weights hold, so that nobody loads a text encoder
        to leave the prompt out; 0 for none.
    snr_shift: 1.0 for 5b and ours, 3.0 for 2b.
    moved_picture: the pose guider is shown, beside the dots, the picture's person moved along their bones
        (``pose/moved``): no part of the paper, but what a small model would need long to learn.
    overlaid: the moved picture goes around the blocks, too, laid over the prefix (:mod:`.overlay`); like it no part of
        the paper.
    finished: decoded frames are gone over in pixels (:mod:`.finish`), from the moved picture among others; neither is
        this in the paper.
    prediction: "v" (CogVideoX) or "x0" (the bundled small model).
    """

    heads: int = 48
    head_dim: int = 64
    layers: int = 42
    time_dim: int = 512
    in_channels: int = 16
    out_channels: int = 16
    text_dim: int | None = 4096
    patch: int = 2
    rope_base: tuple[int, int] | None = (30, 45)
    patch_t: int = 1
    learned_positions: tuple[int, int] | None = None
    ofs_dim: int | None = None
    stored_words: int = 0
    moved_picture: bool = False
    overlaid: bool = False
    finished: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.learned_positions is not None and self.rope_base is None:
            raise InvalidWeights("Learned positions need a rope_base, whose plane they cover, got None.")
        if self.ofs_dim not in (None, self.time_dim):
            raise InvalidWeights(f"ofs_dim is added to the time and must be {self.time_dim} wide, got {self.ofs_dim}.")
        if self.overlaid and (not self.moved_picture or self.patch_t > 1 or self.control_channels):
            raise InvalidWeights(
                "Only a model that is shown the moved picture can lay it over the prefix, frame by frame."
            )
        if self.finished and not self.moved_picture:
            raise InvalidWeights("Frames are finished from the moved picture, which this model is not shown.")
        if self.stored_words and self.text_dim is None:
            raise InvalidWeights(f"A model without text cannot hold a prompt, got one of {self.stored_words} tokens.")

    @property
    def pose_channels(self) -> int:
        """Channels of the pose images that the pose guider reads."""
        return POSE_CHANNELS + (MOVED_CHANNELS if self.moved_picture else 0)

    @property
    def control_channels(self) -> int:
        """Channels of the latent that goes in beside the noisy one; 0 for none."""
        return self.in_channels - self.out_channels

    @property
    def takes_picture(self) -> bool:
        """Whether that latent is a picture's, as in the I2V models, and not a drawn film's."""
        return self.control_channels > 0 and (self.learned_positions is not None or self.ofs_dim is not None)

    @property
    def takes_film(self) -> bool:
        """Whether that latent is a drawn film's, as in CogVideoX-Fun Pose and Control."""
        return self.control_channels > 0 and not self.takes_picture

    @property
    def has_text(self) -> bool:
        return self.text_dim is not None


COGVIDEOX_5B = DiTConfig()
"""THUDM/zai-org CogVideoX-5b, the paper's base (§4.1)."""
COGVIDEOX_5B_I2V = replace(COGVIDEOX_5B, in_channels=32, learned_positions=(226, 13))
"""CogVideoX-5b-I2V: a picture's latent beside the noisy one; 720x480 and 49 frames only."""
FUN_5B = replace(COGVIDEOX_5B, in_channels=32)
"""CogVideoX-Fun-V1.1-5b-Pose and -Control: the latent of a drawn film beside the noisy one."""
COGVIDEOX_15_5B = replace(COGVIDEOX_5B, patch_t=2, rope_base=None)
"""CogVideoX1.5-5B."""
COGVIDEOX_15_5B_I2V = replace(COGVIDEOX_15_5B, in_channels=32, ofs_dim=512)
"""CogVideoX1.5-5B-I2V."""

MINI = DiTConfig(
    heads=4, head_dim=64, layers=10, time_dim=64, in_channels=64, out_channels=64, text_dim=None, rope_base=(8, 8),
    rope_theta=100.0, prediction="x0", moved_picture=True, overlaid=True, finished=True,
)  # fmt: skip
"""The bundled small model: 128 px frames are 8 x 8 tokens."""
