"""What procedural motion is put together from: positions of limbs in anatomical angles, and curves through them.

``curves(times [T]) -> {angle name: [T]}`` in radians. Names of the two sides end in .L and .R and are mirror images:
positive is outward, forward or bent on both.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.interpolate import PchipInterpolator

Curves = Callable[[np.ndarray], dict[str, np.ndarray]]
Angles = dict[str, float]
HORIZON = 60.0
"""Seconds for which key poses are drawn; longer times repeat."""

ARMS: dict[str, Angles] = {
    "down": {"flex": 0.05, "out": 0.12, "elbow": 0.2},
    "hip": {"flex": -0.35, "out": 0.75, "elbow": 1.75, "twist": -0.9},
    "side": {"flex": 0.0, "out": 1.45, "elbow": 0.15},
    "up": {"flex": 0.25, "out": 2.7, "elbow": 0.25},
    "high": {"flex": 2.6, "out": 0.35, "elbow": 0.3},
    "front": {"flex": 1.45, "out": 0.15, "elbow": 0.2},
    "open": {"flex": 0.5, "out": 0.7, "elbow": 1.2, "twist": 0.5},
    "curl": {"flex": 0.3, "out": 0.2, "elbow": 2.1},
    "cactus": {"flex": 0.0, "out": 1.4, "elbow": 1.6, "twist": 1.45},
    "cross": {"flex": 0.9, "out": -0.2, "elbow": 1.6, "twist": -0.6},
    "back": {"flex": -0.5, "out": 0.3, "elbow": 0.3},
    "halfout": {"flex": 0.2, "out": 0.75, "elbow": 0.5},
}
LEGS: dict[str, Angles] = {
    "stand": {"hip": 0.03, "knee": 0.06, "out": 0.06},
    "wide": {"hip": 0.08, "knee": 0.16, "out": 0.32},
    "bend": {"hip": 0.4, "knee": 0.8, "out": 0.16},
    "step": {"hip": 0.35, "knee": 0.3, "out": 0.08},
    "rear": {"hip": -0.25, "knee": 0.35, "out": 0.1},
    "lift": {"hip": 0.95, "knee": 1.3, "out": 0.15},
    "kick": {"hip": 0.8, "knee": 0.25, "out": 0.1},
    "aside": {"hip": 0.05, "knee": 0.1, "out": 0.6},
}
TALKING = ("open", "curl", "down", "halfout", "front", "cross")
DANCING = tuple(ARMS)


def keyed(rng: np.random.Generator, beat: float, draw: Callable[[int], Angles]) -> Curves:
    """Smooth curves through one key pose per beat, held for a random part of it."""
    count = int(HORIZON / beat) + 2
    keys = [draw(i) for i in range(count)]
    names = sorted(set().union(*keys))
    hold = rng.uniform(0.05, 0.45)
    knots = np.stack([np.arange(count) * beat, (np.arange(count) + hold) * beat], 1).ravel()
    table = PchipInterpolator(knots, np.repeat([[k.get(n, 0.0) for n in names] for k in keys], 2, axis=0))
    return lambda t: dict(zip(names, table(np.mod(t, HORIZON)).T, strict=True))


def added(*parts: Curves) -> Curves:
    def curves(t: np.ndarray) -> dict[str, np.ndarray]:
        out: dict[str, np.ndarray] = {}
        for part in parts:
            for name, value in part(t).items():
                out[name] = out.get(name, 0) + value
        return out

    return curves


def arm(rng: np.random.Generator, side: str, choices: tuple[str, ...]) -> Angles:
    angles = ARMS[choices[rng.integers(len(choices))]]
    noisy = {f"arm {n}.{side}": v + rng.normal(0, 0.14) for n, v in angles.items()}
    noisy[f"arm elbow.{side}"] = max(noisy[f"arm elbow.{side}"], 0.05)
    return noisy | {
        f"wrist flex.{side}": rng.normal(0, 0.25), f"wrist aside.{side}": rng.normal(0, 0.12),
        f"roll.{side}": rng.normal(0, 0.35), f"curl.{side}": abs(rng.normal(0.25, 0.35)),
        f"spread.{side}": rng.uniform(-0.2, 0.4),
    }  # fmt: skip


def legs(rng: np.random.Generator, lively: float) -> Angles:
    if rng.random() > lively:
        pair = ("stand", "stand")
    else:
        pair = [("bend", "bend"), ("wide", "wide"), ("step", "rear"), ("lift", "stand"), ("kick", "stand"),
                ("aside", "stand"), ("bend", "wide")][rng.integers(7)]  # fmt: skip
        pair = pair if rng.random() < 0.5 else pair[::-1]
    out: Angles = {}
    for side, name in zip("LR", pair, strict=True):
        out |= {f"leg {n}.{side}": v * rng.uniform(0.8, 1.15) for n, v in LEGS[name].items()}
    return out


def trunk(rng: np.random.Generator, amount: float) -> Angles:
    sizes = {"pelvis yaw": 0.3, "pelvis roll": 0.1, "chest yaw": 0.3, "chest pitch": 0.14, "chest roll": 0.18,
             "head yaw": 0.4, "head pitch": 0.15, "head roll": 0.14}  # fmt: skip
    return {n: rng.normal(0, s * amount) for n, s in sizes.items()}


def alive(rng: np.random.Generator) -> Curves:
    """Breathing, small sway, head and mouth: nobody stands stone still."""
    f = rng.uniform(0.2, 0.6, 6)
    p = rng.uniform(0, 6.28, 6)
    chatty = rng.uniform(0, 0.22) * (rng.random() < 0.6)
    size = rng.uniform(0.02, 0.09)

    def curves(t: np.ndarray) -> dict[str, np.ndarray]:
        wave = [np.sin(6.28 * f[i] * t + p[i]) for i in range(6)]
        return {
            "head yaw": 3 * size * wave[0], "head pitch": size * wave[1], "chest roll": 0.5 * size * wave[2],
            "chest yaw": size * wave[3], "pelvis roll": 0.3 * size * wave[4],
            "jaw": np.maximum(chatty * (np.sin(13 * t + p[5]) + wave[5]), 0),
        }  # fmt: skip

    return curves


def still(angles: Angles) -> Curves:
    return lambda t: {n: np.full_like(t, v) for n, v in angles.items()}
