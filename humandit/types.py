"""Geometry with names: the one home of the 4x / 8x scales, the 8k+1 rule and the token budget.

Nothing else in the project writes a bare 4, 8 or 16 where it means one of these scales.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import InvalidShape

TIME_SCALE = 4
"""Frames per latent frame, after the first one, which stands alone (causal VAE; paper §3.3)."""
SPACE_SCALE = 8
"""Pixels per latent position on a side (paper §3.3)."""
POSE_SCALE = 2
"""Pixels per pose-image pixel: pose images are 4h x 4w where frames are 8h x 8w (paper §3.3)."""
POSE_PATCH = 4
"""Pose-image pixels (and frames) per pose token on each axis (paper §3.3)."""
POSE_CHANNELS = 8
"""Channels of a pose image: seven for the body in round robin, the eighth for the background (paper §3.3)."""
MOVED_CHANNELS = POSE_SCALE**2 * 3 + 2
"""Further channels of a pose image for models that are shown the moved picture: the colours of the frame's pixels under
each of its own, whether that is the person, and whether the picture shows that part of them."""
LINE_CHANNELS = 12
"""Channels of the pictures in which poses are drawn as fine lines (``pose/lines``)."""
SIDE_STEP = 16
"""Frame sides are multiples of this: the VAE's 8 times the transformer's 2x2 patch."""
MAX_SIDE = 1280
"""Longest side seen in training (paper §4.1)."""
TOKEN_BUDGET = 480_000
"""Latent positions per segment, (f+1)*h*w, that one training sample may hold (paper §4.1, Table 2)."""


@dataclass(frozen=True)
class Canvas:
    """Width and height in pixels of a picture or film."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise InvalidShape(f"A canvas needs at least 1x1 pixels, got {self.width}x{self.height}.")

    @property
    def square(self) -> int:
        """Side of the enclosing square, in pixels: the unit of normalised keypoints (paper App. B)."""
        return max(self.width, self.height)

    def covering(self, canvas: Canvas) -> tuple[float, tuple[float, float]]:
        """Scale, and shift in pixels of ``canvas``, that make a picture of this size cover it; the overhang is cut
        equally on both sides."""
        scale = max(canvas.width / self.width, canvas.height / self.height)
        return scale, ((canvas.width - self.width * scale) / 2, (canvas.height - self.height * scale) / 2)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class LatentShape:
    """Frames, channels, height and width of a latent video, in latent units."""

    frames: int
    height: int
    width: int
    channels: int = 16

    @property
    def positions(self) -> int:
        """(f+1)*h*w: what the paper's token budget counts."""
        return self.frames * self.height * self.width

    def tokens(self, patch: int) -> int:
        """Transformer tokens for a spatial patch of ``patch`` x ``patch`` latent positions."""
        return self.frames * (self.height // patch) * (self.width // patch)

    @property
    def video(self) -> VideoShape:
        """The frames that decode from this latent."""
        return VideoShape((self.frames - 1) * TIME_SCALE + 1, self.height * SPACE_SCALE, self.width * SPACE_SCALE)


@dataclass(frozen=True)
class VideoShape:
    """Frames, height and width of one segment of video, in pixels.

    Raises:
        InvalidShape: unless frames are 8k+1 (an odd number of latents; even ones decode to a wrong frame
            count in the CogVideoX VAE) and both sides are multiples of 16 up to 1280.
    """

    frames: int
    height: int
    width: int

    def __post_init__(self) -> None:
        step = 2 * TIME_SCALE
        if self.frames != 1 and (self.frames < 1 or self.frames % step != 1):
            lower = max(self.frames - 1, step) // step * step + 1
            raise InvalidShape(
                f"A segment has 8k+1 frames (9, 17, 25, …), got {self.frames}. Use {lower} or {lower + step}."
            )
        for name, side in (("height", self.height), ("width", self.width)):
            if side < SIDE_STEP or side % SIDE_STEP or side > MAX_SIDE:
                near = min(max(round(side / SIDE_STEP), 1) * SIDE_STEP, MAX_SIDE)
                raise InvalidShape(
                    f"The {name} must be a multiple of {SIDE_STEP} up to {MAX_SIDE}, got {side}. Use {near}."
                )

    @property
    def latent(self) -> LatentShape:
        return LatentShape((self.frames - 1) // TIME_SCALE + 1, self.height // SPACE_SCALE, self.width // SPACE_SCALE)

    @property
    def canvas(self) -> Canvas:
        return Canvas(self.width, self.height)

    def within(self, budget: int = TOKEN_BUDGET) -> VideoShape:
        """This shape, or :class:`InvalidShape` when it holds more latent positions than ``budget``."""
        if self.latent.positions > budget:
            plane = self.latent.height * self.latent.width
            odd = max((budget // plane - 1) // 2 * 2 + 1, 1)
            raise InvalidShape(
                f"A segment of {self.frames} frames at {self.width}x{self.height} has {self.latent.positions} latent "
                f"positions, the budget is {budget}. Use {(odd - 1) * TIME_SCALE + 1} frames or a smaller size."
            )
        return self


@dataclass(frozen=True)
class Segment:
    """One link of the chain (paper §3.4): frames ``start`` .. ``start + shape.frames - 1`` of the film.

    Frame ``start`` is the prefix: the reference picture in the first segment, the previous segment's last
    frame in every other. It is not generated again.

    Attributes:
        key: a frame of the film for whose sake alone the segment is made, or None.
    """

    index: int
    start: int
    shape: VideoShape
    key: int | None = None

    @property
    def stop(self) -> int:
        return self.start + self.shape.frames


def nearest_side(pixels: float) -> int:
    """The allowed side length nearest to ``pixels``."""
    return int(min(max(round(pixels / SIDE_STEP), 1) * SIDE_STEP, MAX_SIDE))


def whole_length(frames: int) -> int:
    """The smallest number of frames, at least ``frames``, that a film can have: 8k+1, k at least 1."""
    step = 2 * TIME_SCALE
    return max(-(-(frames - 1) // step), 1) * step + 1
