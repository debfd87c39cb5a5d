"""A plan in numbers for programs and in lines for people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .film import Plan, gigabytes
from .memory import GB


def numbers(plan: Plan) -> dict[str, Any]:
    """Plain JSON values. GB are 2^30 bytes; ``seconds`` is None where the machine's speed is not known."""
    return {
        "width": plan.wish.canvas.width,
        "height": plan.wish.canvas.height,
        "new_frames": plan.wish.frames,
        "fps": plan.wish.fps,
        "film_seconds": round(plan.film_seconds, 3),
        "segments": len(plan.segments),
        "segment_frames": plan.shape.frames,
        "latent_frames": plan.latent.frames,
        "latent_positions": plan.latent.positions,
        "tokens": plan.tokens,
        "steps": plan.wish.sampling.steps,
        "guidance": plan.wish.sampling.guidance,
        "precision": plan.precision,
        "forwards": plan.forwards,
        "sampling_tflop": round(plan.sampling_flops / 1e12, 3),
        "decoding_tflop": round(plan.decoding_flops / 1e12, 3),
        "tflop_per_forward": round(plan.sampling_flops / plan.forwards / 1e12, 4),
        "seconds": None if plan.seconds is None else round(plan.seconds, 1),
        "speed": None if plan.machine.speed is None else asdict(plan.machine.speed),
        "device": plan.machine.device,
        "vram_gb": round(plan.vram / GB, 2) if plan.machine.has_card else 0.0,
        "ram_gb": round(plan.ram / GB, 2),
        "vram_parts_gb": plan.card.to_gb(),
        "vram_stages_gb": stages(plan),
        "ram_parts_gb": plan.main.to_gb(),
        "decode": "tiled" if plan.tiled else "whole",
        "vram_free_gb": free(plan.machine.vram),
        "ram_free_gb": free(plan.machine.ram),
        "fits": plan.fits,
        "advice": list(plan.advice),
    }


def stages(plan: Plan) -> dict[str, float]:
    """GB on the card while denoising and while decoding; ``vram_gb`` is the larger one."""
    decoding = plan.card.decoding(plan.tiled)
    return {"sampling": round(plan.card.sampling / GB, 3), "decoding": round(decoding / GB, 3)}


def free(size: int | None) -> float | None:
    return None if size is None else round(size / GB, 2)


def rows(plan: Plan) -> dict[str, str]:
    """Name -> text, the lines that an artist reads first."""
    return {
        "film": f"{plan.wish.canvas}, {plan.wish.frames} frames, {plan.film_seconds:.1f} s at {plan.wish.fps:g} fps",
        "segments": f"{len(plan.segments)} of {plan.shape.frames} frames, {plan.tokens:,} tokens each",
        "work": f"{plan.forwards} evaluations, {in_words(plan.sampling_flops + plan.decoding_flops)}",
        "time": time_words(plan),
        **memory_rows(plan),
    }


def memory_rows(plan: Plan) -> dict[str, str]:
    """Needed, free, and whether that is enough."""
    main = f"{gigabytes(plan.ram)} needed{beside(plan.machine.ram)}"
    if not plan.machine.has_card:
        return {"memory": main, "fits": verdict(plan)}
    where = f"denoising {gigabytes(plan.card.sampling)}, decoding {gigabytes(plan.card.decoding(plan.tiled))}"
    card = f"{gigabytes(plan.vram)} needed{beside(plan.machine.vram)} ({where}; {plan.precision})"
    return {"card": card, "main memory": main, "fits": verdict(plan)}


def beside(size: int | None) -> str:
    return "" if size is None else f", {gigabytes(size)} free"


def verdict(plan: Plan) -> str:
    return {True: "yes", False: "NO", None: "free memory is not known"}[plan.fits]


def time_words(plan: Plan) -> str:
    """With how far the figure can be trusted."""
    if plan.seconds is None or plan.machine.speed is None:
        return "not known before this machine is calibrated"
    speed = plan.machine.speed
    trust = "a guess for this card" if speed.source == "guess" else speed.source
    return f"about {duration(plan.seconds)} on {plan.machine.device} ({speed.tflops:.3g} TFLOP/s, {trust})"


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def in_words(flops: float) -> str:
    """Operations with a fitting unit."""
    for unit, size in (("PFLOP", 1e15), ("TFLOP", 1e12)):
        if flops >= size:
            return f"{flops / size:,.1f} {unit}"
    return f"{flops / 1e9:,.1f} GFLOP"


def text(plan: Plan) -> str:
    """All lines, advice below."""
    lines = [f"{name}: {value}" for name, value in rows(plan).items()]
    return "\n".join([*lines, *(f"- {sentence}" for sentence in plan.advice)])
