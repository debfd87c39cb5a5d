"""What several nodes that make or plan films and motion ask for: the same names and ranges, words of their own."""

from __future__ import annotations

from comfy_api.latest import io

from .types import DEFAULT_FPS

SAMPLERS = ["ddim", "dpm++", "dpm++2m"]
PRESETS = ["exact", "balanced", "fast"]
MAX_SIDE = 1280
"""Pixels; the longest side that the models know (paper §4.1)."""


def side_input(name: str, default: int, tooltip: str) -> io.Input:
    return io.Int.Input(name, default=default, min=16, max=MAX_SIDE, step=16, tooltip=tooltip)


def frames_input(tooltip: str) -> io.Input:
    return io.Int.Input("frames", default=0, min=0, max=100_000, tooltip=tooltip)


def fps_input(tooltip: str, default: float = DEFAULT_FPS) -> io.Input:
    return io.Float.Input("fps", default=default, min=1.0, max=60.0, step=0.5, tooltip=tooltip)


def steps_input(tooltip: str, default: int = 20) -> io.Input:
    return io.Int.Input("steps", default=default, min=1, max=1000, tooltip=tooltip)


def guidance_input(tooltip: str, default: float = 1.5, low: float = 0.0, high: float = 10.0) -> io.Input:
    return io.Float.Input("guidance", default=default, min=low, max=high, step=0.1, tooltip=tooltip)


def sampler_input(tooltip: str) -> io.Input:
    return io.Combo.Input("sampler", SAMPLERS, default="ddim", tooltip=tooltip)


def seed_input(made: str) -> io.Input:
    """``made``: what the seed changes, "video" or "motion"."""
    return io.Int.Input(
        "seed",
        default=0,
        min=0,
        max=0xFFFFFFFFFFFFFFFF,
        control_after_generate=True,
        tooltip=f"Same seed and settings, same {made}. Change it for another take.",
    )


def preset_input(tooltip: str) -> io.Input:
    return io.Combo.Input("preset", PRESETS, default="exact", optional=True, tooltip=tooltip)


def video_outputs(about: str) -> list[io.Output]:
    return [
        io.Image.Output("video_frames", display_name="frames", tooltip=about),
        io.Float.Output("video_fps", display_name="fps", tooltip="For Create Video."),
    ]
