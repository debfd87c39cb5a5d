"""Procedural motion: curves of anatomical angles over time, without end. Public domain by construction (CC0).

An act is a function of a random generator that returns curves: ``curves(times [T]) -> {angle name: [T]}`` in radians.
Names of the two sides end in .L and .R and are mirror images: positive is outward, forward or bent on both.
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


def act(name: str, rng: np.random.Generator) -> Curves:
    """The curves of one procedural motion."""
    return _ACTS[name](rng)


def _keyed(rng: np.random.Generator, beat: float, draw: Callable[[int], Angles]) -> Curves:
    """Smooth curves through one key pose per beat, held for a random part of it."""
    count = int(HORIZON / beat) + 2
    keys = [draw(i) for i in range(count)]
    names = sorted(set().union(*keys))
    hold = rng.uniform(0.05, 0.45)
    knots = np.stack([np.arange(count) * beat, (np.arange(count) + hold) * beat], 1).ravel()
    table = PchipInterpolator(knots, np.repeat([[k.get(n, 0.0) for n in names] for k in keys], 2, axis=0))
    return lambda t: dict(zip(names, table(np.mod(t, HORIZON)).T, strict=True))


def _sum(*parts: Curves) -> Curves:
    def curves(t: np.ndarray) -> dict[str, np.ndarray]:
        out: dict[str, np.ndarray] = {}
        for part in parts:
            for name, value in part(t).items():
                out[name] = out.get(name, 0) + value
        return out

    return curves


def _arm(rng: np.random.Generator, side: str, choices: tuple[str, ...]) -> Angles:
    angles = ARMS[choices[rng.integers(len(choices))]]
    noisy = {f"arm {n}.{side}": v + rng.normal(0, 0.14) for n, v in angles.items()}
    noisy[f"arm elbow.{side}"] = max(noisy[f"arm elbow.{side}"], 0.05)
    return noisy | {
        f"wrist flex.{side}": rng.normal(0, 0.25), f"wrist aside.{side}": rng.normal(0, 0.12),
        f"roll.{side}": rng.normal(0, 0.35), f"curl.{side}": abs(rng.normal(0.25, 0.35)),
        f"spread.{side}": rng.uniform(-0.2, 0.4),
    }  # fmt: skip


def _legs(rng: np.random.Generator, lively: float) -> Angles:
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


def _trunk(rng: np.random.Generator, amount: float) -> Angles:
    sizes = {"pelvis yaw": 0.3, "pelvis roll": 0.1, "chest yaw": 0.3, "chest pitch": 0.14, "chest roll": 0.18,
             "head yaw": 0.4, "head pitch": 0.15, "head roll": 0.14}  # fmt: skip
    return {n: rng.normal(0, s * amount) for n, s in sizes.items()}


def _alive(rng: np.random.Generator) -> Curves:
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


def _still(angles: Angles) -> Curves:
    return lambda t: {n: np.full_like(t, v) for n, v in angles.items()}


def _dance(rng: np.random.Generator) -> Curves:
    twin, lively, amount = rng.random() < 0.35, rng.uniform(0.2, 0.75), rng.uniform(0.6, 1.3)

    def draw(_: int) -> Angles:
        left, right = _arm(rng, "L", DANCING), _arm(rng, "R", DANCING)
        if twin:
            right = {n[:-1] + "R": v for n, v in left.items()}
        return left | right | _legs(rng, lively) | _trunk(rng, amount)

    beat = rng.uniform(0.4, 0.9)
    bounce, phase = rng.uniform(0, 0.14), rng.uniform(0, 6.28)
    groove = lambda t: {  # noqa: E731
        **{f"leg {n}.{s}": k * bounce * (1 + np.sin(6.28 / beat * t + phase)) for s in "LR" for n, k in
           (("hip", 1), ("knee", 2))},
        "pelvis roll": bounce * np.sin(3.14 / beat * t), "chest roll": -bounce * np.sin(3.14 / beat * t),
    }  # fmt: skip
    return _sum(_keyed(rng, beat, draw), groove, _alive(rng))


def _talk(rng: np.random.Generator) -> Curves:
    def draw(_: int) -> Angles:
        return _arm(rng, "L", TALKING) | _arm(rng, "R", TALKING) | _trunk(rng, 0.5)

    return _sum(_keyed(rng, rng.uniform(0.5, 1.1), draw), _still(_legs(rng, 0.3)), _alive(rng))


def _raise(rng: np.random.Generator) -> Curves:
    pairs = [("down", "up"), ("down", "high"), ("side", "front"), ("down", "side"), ("curl", "high"), ("cactus", "up")]
    pair, twin = pairs[rng.integers(len(pairs))], rng.random() < 0.6

    def draw(i: int) -> Angles:
        return _arm(rng, "L", (pair[i % 2],)) | _arm(rng, "R", (pair[(i + (not twin)) % 2],)) | _trunk(rng, 0.3)

    return _sum(_keyed(rng, rng.uniform(0.5, 1.2), draw), _still(_legs(rng, 0.3)), _alive(rng))


def _wave(rng: np.random.Generator) -> Curves:
    side, rate, other = "LR"[rng.integers(2)], rng.uniform(1.2, 2.4), ("down", "hip", "curl", "open", "cactus")
    raised = _arm(rng, side, ("cactus", "up"))
    rest = _arm(rng, "R" if side == "L" else "L", other)
    size, both = rng.uniform(0.25, 0.6), rng.random() < 0.25
    swing = lambda t: {  # noqa: E731
        f"arm twist.{side}": -size * np.sin(6.28 * rate * t), f"arm elbow.{side}": 0.3 * size * np.cos(6.28 * rate * t),
        f"wrist aside.{side}": 0.6 * size * np.sin(6.28 * rate * t - 0.6),
    }  # fmt: skip
    poses = raised | ({n[:-1] + ("R" if side == "L" else "L"): v for n, v in raised.items()} if both else rest)
    base = lambda _: {n: v + rng.normal(0, 0.12) for n, v in poses.items()} | _trunk(rng, 0.5)  # noqa: E731
    return _sum(_keyed(rng, rng.uniform(0.9, 1.6), base), swing, _still(_legs(rng, 0.3)), _alive(rng))


def _squat(rng: np.random.Generator) -> Curves:
    depth, rate = rng.uniform(0.5, 1.15), rng.uniform(0.35, 0.7)
    arms = ("front", "hip", "curl", "side", "cross")
    pose = _arm(rng, "L", arms)
    pose |= {n[:-1] + "R": v for n, v in pose.items()}

    def curves(t: np.ndarray) -> dict[str, np.ndarray]:
        bend = depth * (0.5 - 0.5 * np.cos(6.28 * rate * t))
        legs = {f"leg {n}.{s}": k * bend for s in "LR" for n, k in (("hip", 1), ("knee", 1.75), ("out", 0.2))}
        return legs | {"pelvis pitch": 0.35 * bend, "head pitch": -0.3 * bend}

    return _sum(curves, _still(pose), _alive(rng))


def _gait(rng: np.random.Generator, arms: float, reach: tuple[float, float]) -> Curves:
    rate, stride = rng.uniform(0.65, 1.05), rng.uniform(*reach)
    swing, elbow, sway = rng.uniform(0.4, 1.3) * arms, rng.uniform(0.15, 1.0), rng.uniform(0.02, 0.12)
    lift = rng.uniform(0.7, 1.3)

    def curves(t: np.ndarray) -> dict[str, np.ndarray]:
        out: dict[str, np.ndarray] = {}
        for side, shift in (("L", 0.0), ("R", np.pi)):
            a = 6.28318 * rate * t + shift
            s = np.sin(a)
            swinging = np.maximum(np.cos(a), 0)
            out |= {
                f"leg hip.{side}": stride * s + 0.08 + 0.25 * lift * swinging,
                f"leg knee.{side}": 0.1 + lift * (0.75 * swinging**1.5 + 0.12 * (1 - s)),
                f"leg out.{side}": 0.04 + 0 * t, f"foot pitch.{side}": 0.3 * swinging - 0.25 * s * (s > 0),
                f"arm flex.{side}": -swing * stride * s + 0.05, f"arm out.{side}": 0.14 + 0 * t,
                f"arm elbow.{side}": elbow * (1 - 0.4 * s), f"curl.{side}": 0.4 + 0 * t,
            }  # fmt: skip
        turn = np.sin(6.28318 * rate * t)
        tilt = sway * np.cos(6.28318 * rate * t)
        return out | {"pelvis yaw": -0.1 * turn, "chest yaw": 0.22 * turn, "pelvis roll": tilt, "chest roll": -tilt,
                      "chest pitch": 0.05 + 0 * t}  # fmt: skip

    return _sum(curves, _alive(rng))


def _walk(rng: np.random.Generator) -> Curves:
    return _gait(rng, 1.0, (0.3, 0.5))


def _stroll(rng: np.random.Generator) -> Curves:
    """Held-out walking: shorter steps, one hand busy."""
    busy = _arm(rng, "L", ("curl", "open", "hip"))
    return _sum(_gait(rng, 0.4, (0.18, 0.28)), _still(busy))


def _turn(rng: np.random.Generator) -> Curves:
    rate, size = rng.uniform(0.08, 0.22), rng.uniform(0.6, 1.6)
    base = _dance(rng) if rng.random() < 0.6 else _gait(rng, 1.0, (0.15, 0.3))
    return _sum(base, lambda t: {"pelvis yaw": size * np.sin(6.28 * rate * t)})


def _conduct(rng: np.random.Generator) -> Curves:
    """Held out: both arms beat time, knees give a little."""
    rate, size = rng.uniform(0.5, 0.9), rng.uniform(0.35, 0.7)
    pose = {n[:-1] + s: v for s in "LR" for n, v in _arm(rng, "L", ("open", "halfout")).items()}

    def curves(t: np.ndarray) -> dict[str, np.ndarray]:
        a = 6.28318 * rate * t
        out = {}
        for side, lag in (("L", 0.0), ("R", 0.5)):
            out |= {f"arm flex.{side}": size * np.sin(a + lag) + 0.4, f"arm out.{side}": size * np.sin(2 * a + lag),
                    f"arm elbow.{side}": 0.3 * size * np.cos(2 * a)}  # fmt: skip
        return out | {"head pitch": 0.1 * np.sin(2 * a)}

    return _sum(_still(pose), curves, _still(_legs(rng, 0.3)), _alive(rng))


_ACTS = {
    "dance": _dance, "talk": _talk, "raise": _raise, "wave": _wave, "squat": _squat, "walk": _walk,
    "stroll": _stroll, "turn": _turn, "conduct": _conduct,
}  # fmt: skip
