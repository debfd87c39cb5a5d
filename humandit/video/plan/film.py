"""The plan of a film: what is wanted, on which machine, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ...diffusion.sampling import Sampling
from ...diffusion.schedule import TRAIN_STEPS, trailing_timesteps
from ...errors import HumanDiTError, InvalidShape
from ...types import SIDE_STEP, TIME_SCALE, TOKEN_BUDGET, Canvas, LatentShape, Segment, VideoShape
from ..config import DiTConfig
from ..segments import plan_segments
from .autoencoders import SMALL, AutoencoderCost, autoencoder_of
from .flops import finish_flops, forward_flops, parameters, tokens_of
from .memory import GB, CardMemory, MainMemory, card_memory, format_of, main_memory, without_card
from .speed import Speed

LONGEST = 249
"""Frames of the longest segment that was trained (paper §4.1)."""
LONGEST_SMALL = 25
"""Frames of a segment up to which the bundled small model holds together."""
STEP = 2 * TIME_SCALE
"""Segments are 8k+1 frames long."""


@dataclass(frozen=True)
class Wish:
    """What the artist asks for.

    Attributes:
        model: sizes of the transformer.
        canvas: size of the video; multiples of 16 up to 1280.
        frames: new frames, the picture not counted.
        fps: frames per second of the video.
        segment_frames: frames made at once, 8k+1; 0 for as many as model and token budget allow, evened out.
        sampling: steps and guidance; where that is not 1 the model is asked twice per step.
        precision: number format of the weights: "default", or one of :data:`.memory.FORMATS`.
        vae: what the autoencoder costs; None for the one that usually goes with a model of these sizes.
    """

    model: DiTConfig
    canvas: Canvas
    frames: int
    fps: float = 12.5
    segment_frames: int = 0
    sampling: Sampling = field(default_factory=Sampling)
    precision: str = "default"
    vae: AutoencoderCost | None = None


@dataclass(frozen=True)
class Machine:
    """What it is to run on.

    Attributes:
        device: its name.
        has_card: False where everything runs in main memory.
        vram, ram: bytes that are free on the card and beside it; None where nobody knows.
        speed: how fast it is, or None.
    """

    device: str = "a card"
    has_card: bool = True
    vram: int | None = None
    ram: int | None = None
    speed: Speed | None = None


@dataclass(frozen=True)
class Plan:
    """What the film takes. Sizes and operations are computed, memory is an estimate by parts, seconds are as good as
    the machine's :class:`.speed.Speed`.

    Attributes:
        wish, machine: what was planned for.
        segments: the chain, in film time.
        forwards: evaluations of the transformer.
        sampling_flops, decoding_flops: operations of the whole film; decoded frames are finished, too.
        card, main: memory by parts.
        advice: sentences: what to change where it does not fit.
    """

    wish: Wish
    machine: Machine
    segments: tuple[Segment, ...]
    forwards: int
    sampling_flops: float
    decoding_flops: float
    card: CardMemory
    main: MainMemory
    advice: tuple[str, ...] = ()

    @property
    def shape(self) -> VideoShape:
        """Of the longest segment."""
        return self.segments[0].shape

    @property
    def latent(self) -> LatentShape:
        return self.shape.latent

    @property
    def tokens(self) -> int:
        """Of one segment."""
        return tokens_of(self.wish.model, self.latent)

    @property
    def precision(self) -> str:
        return format_of(self.wish.precision, self.wish.model)

    @property
    def film_seconds(self) -> float:
        return self.wish.frames / self.wish.fps

    @property
    def tiled(self) -> bool:
        """Whether frames are decoded in tiles: where whole ones would need more than the card has free or, nobody
        knowing, more than denoising needs anyway."""
        room = max(self.card.sampling, self.machine.vram or 0)
        helps = self.card.decode_tiled < self.card.decode_whole
        return self.machine.has_card and helps and self.card.decoding(False) > room

    @property
    def vram(self) -> int:
        """Bytes on the card at the peak."""
        return self.card.peak(self.tiled)

    @property
    def ram(self) -> int:
        """Bytes of main memory; on a machine without a card all there is."""
        return self.main.total if self.machine.has_card else without_card(self.card, self.main)

    @property
    def fits(self) -> bool | None:
        """Whether it fits into what is free; None where that is not known."""
        needs = [(self.ram, self.machine.ram), (self.vram if self.machine.has_card else 0, self.machine.vram)]
        known = [need <= free for need, free in needs if free is not None]
        if False in known:
            return False
        unknown = self.machine.vram is None if self.machine.has_card else self.machine.ram is None
        return None if unknown else True

    @property
    def seconds(self) -> float | None:
        """For the whole film, models loaded; None without a known speed."""
        speed, flops = self.machine.speed, self.sampling_flops + self.decoding_flops
        return None if speed is None else speed.seconds(flops, self.forwards, self.wish.model.layers)


def costed(wish: Wish, machine: Machine) -> Plan:
    """The plan, without advice.

    Raises:
        InvalidShape: sizes or frame counts that cannot be, or a segment over the token budget; says what to choose.
    """
    _check(wish)
    length = wish.segment_frames or even_length(wish.frames, longest_segment(wish.model, wish.canvas))
    segments = plan_segments(wish.frames, length, wish.canvas)
    shape, precision = segments[0].shape.latent, format_of(wish.precision, wish.model)
    vae = wish.vae or autoencoder_of(wish.model)
    posed, bare = evaluations(wish.sampling)
    plan = Plan(
        wish,
        machine,
        tuple(segments),
        len(segments) * (posed + bare),
        float(sum(_segment_flops(wish.model, segment.shape.latent, posed, bare) for segment in segments)),
        0.0,
        card_memory(wish.model, shape, precision, vae),
        main_memory(wish.model, shape, precision, wish.frames, vae),
    )
    latents = [segment.shape.latent for segment in segments]
    decoding = sum(vae.flops(latent, plan.tiled) + finish_flops(wish.model, latent) for latent in latents)
    return replace(plan, decoding_flops=decoding)


def evaluations(sampling: Sampling) -> tuple[int, int]:
    """Evaluations of the transformer per segment, with the pose and without; what a cache spares is not known ahead."""
    guided = [sampling.guidance_at(timestep) != 1 for timestep in trailing_timesteps(sampling.steps)]
    return len(guided), sum(guided)


def _segment_flops(config: DiTConfig, shape: LatentShape, posed: int, bare: int) -> int:
    return posed * forward_flops(config, shape) + bare * forward_flops(config, shape, posed=False)


def longest_segment(config: DiTConfig, canvas: Canvas) -> int:
    """Most frames of a segment that the model was made for and the token budget allows, 8k+1.

    Raises:
        InvalidShape: not even 9 frames fit into the budget, or sides are no multiples of 16 up to 1280.
    """
    plane = VideoShape(STEP + 1, canvas.height, canvas.width).within().latent
    latents = (TOKEN_BUDGET // (plane.height * plane.width) - 1) // 2 * 2 + 1
    most = LONGEST_SMALL if parameters(config) < SMALL else LONGEST
    if config.learned_positions is not None:
        most = (config.learned_positions[1] - 1) * TIME_SCALE + 1
    return min(most, (latents - 1) * TIME_SCALE + 1)


def even_length(frames: int, longest: int) -> int:
    """The shortest segments, 8k+1, that make ``frames`` in as few of them as segments of ``longest`` do."""
    count = -(-frames // (longest - 1))
    return -(-frames // (count * STEP)) * STEP + 1


def frames_of(seconds: float, fps: float) -> int:
    """New frames of a film of that length, at least 1."""
    if not (seconds > 0 and fps > 0):
        raise HumanDiTError(f"A film needs more than 0 seconds and fps, got {seconds:g} s at {fps:g}.")
    return max(round(seconds * fps), 1)


def _check(wish: Wish) -> None:
    if wish.frames < 1 or not wish.fps > 0:
        raise HumanDiTError(f"A film has at least 1 frame and an fps above 0, got {wish.frames} and {wish.fps:g}.")
    if not 1 <= wish.sampling.steps <= TRAIN_STEPS:
        raise HumanDiTError(f"Steps are 1 to {TRAIN_STEPS}, got {wish.sampling.steps}. 20 is a good number.")
    if wish.model.learned_positions is None or wish.model.rope_base is None:
        return
    rows, columns = wish.model.rope_base
    only = Canvas(columns * SIDE_STEP, rows * SIDE_STEP)
    if wish.canvas != only:
        raise InvalidShape(f"This model knows one size only, {only}, got {wish.canvas}. Choose {only}.")


def gigabytes(size: float) -> str:
    """Bytes in words."""
    return f"{size / GB:.1f} GB" if size >= GB else f"{size / 2**20:.0f} MB"
