"""Prompts on the canvas: CONDITIONING that comes from a text encoder, checked against what the weights can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from ..humandit.video.config import DiTConfig

TOKENS = 226
"""T5 tokens of a prompt, padding included, that the CogVideoX 5B models were trained with."""
WIDTH = 4096
"""Numbers in a token of T5-XXL."""
CONNECT = (
    "Connect HumanDiT Prompt to positive and negative, and core's CLIP loader to it (a T5-XXL text encoder in "
    "models/text_encoders, type sd3 or cogvideox)."
)


@dataclass(frozen=True)
class Prompts:
    """What a film should follow and keep away from.

    Attributes:
        positive, negative: CONDITIONING; without tokens the weights' own empty prompt is read.
        guidance: scale between them, 1 where they are the same.
    """

    positive: list[Any]
    negative: list[Any]
    guidance: float

    def conditioning(self, control: torch.Tensor) -> tuple[list[Any], list[Any]]:
        """Both with a control latent [1, C, F, h, w] in model space."""
        return tuple(
            [[words, {**more, "control_latent": control}] for words, more in side]
            for side in (self.positive, self.negative)
        )  # type: ignore[return-value]


def prompts(config: DiTConfig, positive: Any, negative: Any, guidance: float) -> Prompts:
    """Both prompts of a run; None is the empty one that some weights hold.

    Raises:
        InvalidShape: none where the weights hold none, or tokens of another text encoder.
    """
    import torch

    from ..humandit.errors import InvalidShape

    for name, given in (("positive", positive), ("negative", negative)):
        if given is None and not config.stored_words and (name == "positive" or guidance != 1):
            raise InvalidShape(
                f"This model follows a prompt, but {name} is not connected, and its weights hold no empty prompt. "
                f"{CONNECT}"
            )
        for words, _ in given or ():
            _check(config, name, tuple(words.shape[1:]))
    nothing = [[torch.zeros(1, 0, config.text_dim or WIDTH), {}]]
    same = positive is None and negative is None
    return Prompts(positive or nothing, negative or nothing, 1.0 if same else guidance)


def _check(config: DiTConfig, name: str, size: tuple[int, ...]) -> None:
    from ..humandit.errors import InvalidShape

    if size != (TOKENS, config.text_dim):
        raise InvalidShape(
            f"These weights read prompts of {TOKENS} tokens with {config.text_dim} numbers each, {name} has "
            f"{' x '.join(map(str, size))}. {CONNECT}"
        )
