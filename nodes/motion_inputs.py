"""What both nodes of the motion model ask for beside ``film_inputs``."""

from __future__ import annotations

from comfy_api.latest import io

from .types import MotionSocket

STEPS_TIP = "Denoising steps per window of 4 seconds. "


def motion_input() -> io.Input:
    return MotionSocket.Input("motion_model", tooltip="From HumanDiT Load Motion.")
