"""What several nodes that make or plan a film ask for: the same names and ranges, words of their own."""

from __future__ import annotations

from comfy_api.latest import io

from .types import DEFAULT_FPS

SAMPLERS = ["ddim", "dpm++", "dpm++2m"]
PRESETS = ["exact", "balanced", "fast"]


def frames_input(tooltip: str) -> io.Input:
    return io.Int.Input("frames", default=0, min=0, max=100_000, tooltip=tooltip)


def fps_input(tooltip: str) -> io.Input:
    return io.Float.Input("fps", default=DEFAULT_FPS, min=1.0, max=60.0, step=0.5, tooltip=tooltip)


def steps_input(tooltip: str) -> io.Input:
    return io.Int.Input("steps", default=20, min=1, max=1000, tooltip=tooltip)


def guidance_input(tooltip: str) -> io.Input:
    return io.Float.Input("guidance", default=1.5, min=0.0, max=10.0, step=0.1, tooltip=tooltip)


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
