"""What to change when a film does not fit, each change with the memory it would take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ...types import SIDE_STEP, Canvas
from .autoencoders import SMALL
from .film import STEP, Machine, Plan, Wish, costed, gigabytes
from .flops import parameters
from .memory import GB, block_bytes

CARDS = tuple(size * GB for size in (6, 8, 12, 16, 24, 32, 48, 80))
"""Sizes of graphics cards, for plans whose card is not known."""
LIGHTER = {"fp32": "bf16", "bf16": "fp8", "fp16": "fp8"}
"""The next smaller number format."""
SWITCHES = {"bf16": "dtype bf16 in HumanDiT Load Model", "fp8": "dtype fp8 in HumanDiT Load Model"}
"""How to get it."""
STREAM = "Let weights wait in main memory, slower (start ComfyUI with --lowvram)"
CALIBRATE = (
    "How long it takes is known once this machine is measured: switch on calibrate in HumanDiT Plan, or run "
    "python -m humandit plan --calibrate --model {}."
)


def planned(wish: Wish, machine: Machine, model: str = "5b") -> Plan:
    """The plan with its advice.

    Args:
        model: how the command line calls the model, for the advice.

    Raises:
        InvalidShape: see :func:`.film.costed`.
    """
    plan = costed(wish, machine)
    return replace(plan, advice=tuple(advice(plan, model)))


def advice(plan: Plan, model: str) -> Iterator[str]:
    """Sentences; none for a plan that fits on a machine whose speed is known."""
    room = target(plan)
    if room is not None and needed(plan) > room:
        if plan.machine.has_card and plan.machine.vram is None:
            yield f"For a card of {gigabytes(room)}, one of these:"
        yield from smaller(plan, room)
    if plan.machine.has_card and plan.machine.ram is not None and plan.ram > plan.machine.ram:
        yield shorter(plan, plan.machine.ram)
    if plan.tiled:
        whole = gigabytes(plan.card.decoding(False))
        yield f"Frames are decoded in tiles, which may show faint seams; whole ones need {whole}."
    if plan.machine.speed is None:
        yield CALIBRATE.format(model)


def needed(plan: Plan) -> int:
    """Bytes where the work is done: on the card, else in main memory."""
    return plan.vram if plan.machine.has_card else plan.ram


def streamed(plan: Plan) -> int:
    """The same with weights that come block by block, one in use and one on its way."""
    blocks = 2 * block_bytes(plan.wish.model, plan.precision)
    return max(plan.card.sampling - plan.card.weights + blocks, plan.card.decoding(plan.tiled))


def target(plan: Plan) -> int | None:
    """Bytes to fit into: what is free; of an unknown card the next smaller size that is sold."""
    if not plan.machine.has_card:
        return plan.machine.ram
    if plan.machine.vram is not None:
        return plan.machine.vram
    return max((size for size in CARDS if size < plan.vram), default=None)


def smaller(plan: Plan, room: int) -> list[str]:
    """The changes that make it fit, each alone; where none does, two together."""
    changes = []
    if (lighter := lighter_format(plan)) and needed(lighter) <= room:
        changes.append(f"Load the model in {lighter.precision} ({SWITCHES[lighter.precision]}): {_size(lighter)}.")
    if plan.machine.has_card and streamed(plan) <= room:
        changes.append(f"{STREAM}: {gigabytes(streamed(plan))}.")
    if short := shorter_segments(plan, room):
        changes.append(f"Use {short.shape.frames} segment_frames: {_size(short)}, {len(short.segments)} segments.")
    if small := smaller_canvas(plan, room, needed):
        changes.append(f"Use {small.wish.canvas}: {_size(small)}.")
    return changes or [together(plan, room)]


def together(plan: Plan, room: int) -> str:
    """What may still work where no single change is enough."""
    both = smaller_canvas(plan, room, streamed) if plan.machine.has_card else None
    if both is None:
        return f"Nothing makes this model fit into {gigabytes(room)}: free some memory, or take a smaller model."
    return f"{STREAM}, and use {both.wish.canvas}: {gigabytes(streamed(both))}."


def lighter_format(plan: Plan) -> Plan | None:
    """The same in the next smaller number format, for models whose weights matter on a card."""
    if parameters(plan.wish.model) < SMALL or plan.precision not in LIGHTER or not plan.machine.has_card:
        return None
    return costed(replace(plan.wish, precision=LIGHTER[plan.precision]), plan.machine)


def shorter_segments(plan: Plan, room: int) -> Plan | None:
    """The longest segments that fit, or None."""
    for length in range(plan.shape.frames - STEP, STEP, -STEP):
        other = costed(replace(plan.wish, segment_frames=length), plan.machine)
        if needed(other) <= room:
            return other
    return None


def smaller_canvas(plan: Plan, room: int, need: Callable[[Plan], int]) -> Plan | None:
    """The largest canvas of about the same shape that fits, segments as long, or None."""
    if plan.wish.model.learned_positions is not None:
        return None
    for longer in range(plan.wish.canvas.square - SIDE_STEP, 0, -SIDE_STEP):
        canvas = _shrunk(plan.wish.canvas, longer)
        other = costed(replace(plan.wish, canvas=canvas, segment_frames=plan.shape.frames), plan.machine)
        if need(other) <= room:
            return other
    return None


def _shrunk(canvas: Canvas, longer: int) -> Canvas:
    """About the same shape, the longer side ``longer``, both multiples of 16."""
    scale = longer / canvas.square / SIDE_STEP
    width, height = (max(round(side * scale), 1) * SIDE_STEP for side in (canvas.width, canvas.height))
    return Canvas(width, height)


def shorter(plan: Plan, room: int) -> str:
    """How to live with little main memory."""
    frames = int((room - plan.ram + plan.main.film) * plan.wish.frames / plan.main.film)
    words = f"{gigabytes(plan.ram)} of main memory are needed, {gigabytes(room)} are free"
    if frames < 1:
        return f"{words}: close other programs, or choose a smaller size."
    return f"{words}: make the film in parts of at most {frames} frames ({frames / plan.wish.fps:.1f} s)."


def _size(plan: Plan) -> str:
    return gigabytes(needed(plan))
