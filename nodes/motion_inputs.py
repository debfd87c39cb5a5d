"""What both nodes of the motion model ask for."""

from __future__ import annotations

from comfy_api.latest import io

from .types import MotionSocket


def motion_input() -> io.Input:
    return MotionSocket.Input("motion_model", tooltip="From HumanDiT Load Motion.")


def guidance_input(default: float, tooltip: str) -> io.Input:
    return io.Float.Input("guidance", default=default, min=0.0, max=10.0, step=0.1, tooltip=tooltip)


def steps_input(default: int, advice: str) -> io.Input:
    return io.Int.Input(
        "steps",
        default=default,
        min=1,
        max=1000,
        tooltip=f"Denoising steps per window of 4 seconds. {advice}",
    )
