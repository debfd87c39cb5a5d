"""What the motion model did, in one line for the artist."""

from __future__ import annotations

import math
from dataclasses import asdict

from ..pose.sequence import PoseSequence
from .changes import changes
from .energy import energy_of, share_of_energy
from .height import height_of


def made_text(start: PoseSequence, new: PoseSequence, asked: float, seconds: float) -> str:
    """One line about generated motion: how long it is, how lively it became, how long it took.

    Args:
        start, new: at one speed; ``new`` follows ``start``.
        asked: the energy that was wished, 0..1. seconds: that making it took.
    """
    whole = start[-1:].concat(new)
    energy = energy_of(whole, height_of(whole))
    lively = (
        "energy cannot be measured without shoulders and limbs in view"
        if math.isnan(energy)
        else f"energy {share_of_energy(energy):.2f} (asked for {asked:.2f})"
    )
    return f"{len(new)} frames, {new.seconds:.1f} s at {new.fps:g} fps; {lively}; made in {seconds:.1f} s"


def refined_text(aligned: PoseSequence, refined: PoseSequence, model_fps: float) -> str:
    """One line about refined motion: the bridge, how far each part moved, what was filled in, and resampling.

    Args:
        aligned: the m poses that were given. refined: 1 + tau + m, as ``refine_motion`` returns them.
    """
    bridge = len(refined) - len(aligned) - 1
    parts = [f"Bridge of {_count(bridge, 'frame')}" if bridge else "No bridge", _moves(aligned, refined[1 + bridge :])]
    if aligned.fps != model_fps:
        parts.append(f"resampled from {aligned.fps:g} to the model's {model_fps:g} fps and back")
    return "; ".join(parts)


def _moves(before: PoseSequence, after: PoseSequence) -> str:
    changed = asdict(changes(before, after))
    filled = f"{_count(changed.pop('filled'), 'joint')} filled in"
    told = [f"{part} {way:.1f} %" for part, way in changed.items() if not math.isnan(way)]
    moved = "moved on average, of the body's height: " + ", ".join(told) if told else "changes cannot be measured"
    return f"{moved}; {filled}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
