"""The switches against drift, and sets of them. Measured, each alone, in docs/drift.md."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import HumanDiTError

LAST, REFERENCE, KEYS = "last frame", "reference", "key frames"
STARTS = (LAST, REFERENCE, KEYS)
"""What a segment starts from: the last frame of the one before (paper §3.4); the reference picture, every one of them;
a key frame that a short segment of its own makes from the reference picture."""
FREE, STARTING, FILM, POINTS = "free", "starting frame", "whole film", "by points"
BACKGROUNDS = (FREE, STARTING, FILM, POINTS)
"""Where the reference picture's background is put back: nowhere; in the frame that a segment starts from; in every
frame; in every frame, moved as the background points move, and nowhere without them. The second and third take the
artist's word that the camera stands still."""
SHARES = ("colour", "latents", "sharpen")
"""Switches that say how much, 0 to 1."""


@dataclass(frozen=True)
class Continuity:
    """How segments follow each other. All at their defaults: the paper's chain (§3.4), to the bit.

    Attributes:
        start: one of :data:`STARTS`.
        overlap: frames at a segment's end that the next one makes again; the two are cross-faded.
        colour: how far mean and spread of a segment's colours, person and background apart, are brought to those of
            the reference picture; 0..1.
        latents: how far mean and spread of a segment's latents, by channel, are brought to the first one's; 0..1.
        noise: noise on the starting latent, in shares of its own spread; models that were trained with noisy prefixes
            then trust its details less. The reference picture never gets any.
        sharpen: how much of the sharpness that the starting frame lost against the reference is given back; 0..1.
        background: one of :data:`BACKGROUNDS`.
        slow_seams: segments end where the person moves little, and may be shorter for it.

    Raises:
        HumanDiTError: a word or number out of range.
    """

    start: str = LAST
    overlap: int = 0
    colour: float = 0.0
    latents: float = 0.0
    noise: float = 0.0
    sharpen: float = 0.0
    background: str = FREE
    slow_seams: bool = False

    def __post_init__(self) -> None:
        for name, words in (("start", STARTS), ("background", BACKGROUNDS)):
            if getattr(self, name) not in words:
                raise HumanDiTError(f"The {name} is one of: {', '.join(words)}; got {getattr(self, name)!r}.")
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise HumanDiTError(f"{name} is a share from 0 to 1, got {getattr(self, name)}.")
        if not 0 <= self.noise <= 2:
            raise HumanDiTError(f"Noise on the starting frame is 0 to 2 of its spread, got {self.noise}. Try 0.1.")
        if self.overlap < 0:
            raise HumanDiTError(f"An overlap has 0 frames or more, got {self.overlap}.")

    @property
    def needs_person(self) -> bool:
        """Whether poses must tell where the person is."""
        return self.colour > 0 or self.background != FREE


PLAIN = Continuity()
"""The paper's chain."""
DEFAULT = Continuity(start=REFERENCE, overlap=4, background=POINTS)
"""The best of what was measured that asks nothing of the film."""
PRESETS = {
    "plain": PLAIN,
    "default": DEFAULT,
    "still camera": Continuity(start=REFERENCE, overlap=4, background=FILM),
    "gentle": Continuity(colour=0.5, sharpen=0.5),
}
"""Name -> switches."""


def continuity(name: str) -> Continuity:
    """The preset of that name."""
    if name not in PRESETS:
        raise HumanDiTError(f"Unknown continuity {name!r}. Choose one of: {', '.join(PRESETS)}.")
    return PRESETS[name]
