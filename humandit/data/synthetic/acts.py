"""Procedural motion without end. Public domain by construction (CC0).

An act is a function of a random generator that returns curves of anatomical angles; see :mod:`.angles`.
"""

from __future__ import annotations

import numpy as np

from .angles import DANCING, TALKING, Angles, Curves, added, alive, arm, keyed, legs, still, trunk


def act(name: str, rng: np.random.Generator) -> Curves:
    """The curves of one procedural motion."""
    return _ACTS[name](rng)


def _dance(rng: np.random.Generator) -> Curves:
    twin, lively, amount = rng.random() < 0.35, rng.uniform(0.2, 0.75), rng.uniform(0.6, 1.3)

    def draw(_: int) -> Angles:
        left, right = arm(rng, "L", DANCING), arm(rng, "R", DANCING)
        if twin:
            right = {n[:-1] + "R": v for n, v in left.items()}
        return left | right | legs(rng, lively) | trunk(rng, amount)

    beat = rng.uniform(0.4, 0.9)
    bounce, phase = rng.uniform(0, 0.14), rng.uniform(0, 6.28)
    groove = lambda t: {  # noqa: E731
        **{f"leg {n}.{s}": k * bounce * (1 + np.sin(6.28 / beat * t + phase)) for s in "LR" for n, k in
           (("hip", 1), ("knee", 2))},
        "pelvis roll": bounce * np.sin(3.14 / beat * t), "chest roll": -bounce * np.sin(3.14 / beat * t),
    }  # fmt: skip
    return added(keyed(rng, beat, draw), groove, alive(rng))


def _talk(rng: np.random.Generator) -> Curves:
    def draw(_: int) -> Angles:
        return arm(rng, "L", TALKING) | arm(rng, "R", TALKING) | trunk(rng, 0.5)

    return added(keyed(rng, rng.uniform(0.5, 1.1), draw), still(legs(rng, 0.3)), alive(rng))


def _raise(rng: np.random.Generator) -> Curves:
    pairs = [("down", "up"), ("down", "high"), ("side", "front"), ("down", "side"), ("curl", "high"), ("cactus", "up")]
    pair, twin = pairs[rng.integers(len(pairs))], rng.random() < 0.6

    def draw(i: int) -> Angles:
        return arm(rng, "L", (pair[i % 2],)) | arm(rng, "R", (pair[(i + (not twin)) % 2],)) | trunk(rng, 0.3)

    return added(keyed(rng, rng.uniform(0.5, 1.2), draw), still(legs(rng, 0.3)), alive(rng))


def _wave(rng: np.random.Generator) -> Curves:
    side, rate, other = "LR"[rng.integers(2)], rng.uniform(1.2, 2.4), ("down", "hip", "curl", "open", "cactus")
    raised = arm(rng, side, ("cactus", "up"))
    rest = arm(rng, "R" if side == "L" else "L", other)
    size, both = rng.uniform(0.25, 0.6), rng.random() < 0.25
    swing = lambda t: {  # noqa: E731
        f"arm twist.{side}": -size * np.sin(6.28 * rate * t), f"arm elbow.{side}": 0.3 * size * np.cos(6.28 * rate * t),
        f"wrist aside.{side}": 0.6 * size * np.sin(6.28 * rate * t - 0.6),
    }  # fmt: skip
    poses = raised | ({n[:-1] + ("R" if side == "L" else "L"): v for n, v in raised.items()} if both else rest)
    base = lambda _: {n: v + rng.normal(0, 0.12) for n, v in poses.items()} | trunk(rng, 0.5)  # noqa: E731
    return added(keyed(rng, rng.uniform(0.9, 1.6), base), swing, still(legs(rng, 0.3)), alive(rng))


def _squat(rng: np.random.Generator) -> Curves:
    depth, rate = rng.uniform(0.5, 1.15), rng.uniform(0.35, 0.7)
    arms = ("front", "hip", "curl", "side", "cross")
    pose = arm(rng, "L", arms)
    pose |= {n[:-1] + "R": v for n, v in pose.items()}

    def curves(t: np.ndarray) -> dict[str, np.ndarray]:
        bend = depth * (0.5 - 0.5 * np.cos(6.28 * rate * t))
        legs = {f"leg {n}.{s}": k * bend for s in "LR" for n, k in (("hip", 1), ("knee", 1.75), ("out", 0.2))}
        return legs | {"pelvis pitch": 0.35 * bend, "head pitch": -0.3 * bend}

    return added(curves, still(pose), alive(rng))


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

    return added(curves, alive(rng))


def _walk(rng: np.random.Generator) -> Curves:
    return _gait(rng, 1.0, (0.3, 0.5))


def _stroll(rng: np.random.Generator) -> Curves:
    """Held-out walking: shorter steps, one hand busy."""
    busy = arm(rng, "L", ("curl", "open", "hip"))
    return added(_gait(rng, 0.4, (0.18, 0.28)), still(busy))


def _turn(rng: np.random.Generator) -> Curves:
    rate, size = rng.uniform(0.08, 0.22), rng.uniform(0.6, 1.6)
    base = _dance(rng) if rng.random() < 0.6 else _gait(rng, 1.0, (0.15, 0.3))
    return added(base, lambda t: {"pelvis yaw": size * np.sin(6.28 * rate * t)})


def _conduct(rng: np.random.Generator) -> Curves:
    """Held out: both arms beat time, knees give a little."""
    rate, size = rng.uniform(0.5, 0.9), rng.uniform(0.35, 0.7)
    pose = {n[:-1] + s: v for s in "LR" for n, v in arm(rng, "L", ("open", "halfout")).items()}

    def curves(t: np.ndarray) -> dict[str, np.ndarray]:
        a = 6.28318 * rate * t
        out = {}
        for side, lag in (("L", 0.0), ("R", 0.5)):
            out |= {f"arm flex.{side}": size * np.sin(a + lag) + 0.4, f"arm out.{side}": size * np.sin(2 * a + lag),
                    f"arm elbow.{side}": 0.3 * size * np.cos(2 * a)}  # fmt: skip
        return out | {"head pitch": 0.1 * np.sin(2 * a)}

    return added(still(pose), curves, still(legs(rng, 0.3)), alive(rng))


_ACTS = {
    "dance": _dance, "talk": _talk, "raise": _raise, "wave": _wave, "squat": _squat, "walk": _walk,
    "stroll": _stroll, "turn": _turn, "conduct": _conduct,
}  # fmt: skip
