"""Who is seen: a body shape with skin, hair and clothes. Clothes are painted in the shader by body coordinates."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from . import extras
from .body import Body
from .rig import Rig

SKINS = (
    (250, 220, 196), (240, 200, 170), (224, 172, 136), (198, 140, 102),
    (160, 106, 74), (120, 78, 54), (86, 56, 42),
)  # fmt: skip
HAIRS = (
    (24, 20, 20), (50, 34, 26), (92, 60, 36), (140, 92, 50), (206, 168, 104),
    (150, 60, 34), (160, 160, 164), (196, 60, 120),
)  # fmt: skip
PLAIN, STRIPES, UPRIGHT, CHECKS, DOTS, HALVES = range(6)


@dataclass(frozen=True)
class Cloth:
    """Two colours (rgb 0..1), a pattern number and its period in metres."""

    first: tuple[float, float, float]
    second: tuple[float, float, float]
    pattern: int
    period: float


@dataclass(frozen=True)
class Outfit:
    """Colours 0..1; ``sleeve``, ``leg`` and ``collar`` are body coordinates (1 elbow or knee, 2 wrist or ankle);
    ``waist`` is in metres above the hip joints."""

    skin: tuple[float, float, float]
    hair: tuple[float, float, float]
    shirt: Cloth
    trousers: Cloth
    shoes: tuple[float, float, float]
    sleeve: float
    leg: float
    collar: float
    waist: float
    gloves: bool


@dataclass(frozen=True)
class Character:
    """A body with everything that stays the same over a film. V counts body, hair and skirt vertices.

    Attributes:
        vertices, normals: [V, 3] at rest. weights: [V, B]. triangles: [F, 3].
        coordinates: [V, 4] float32: along the arm, along the leg, up the neck (see :func:`body_coordinates`), material.
        points, point_weights: the 23 body and feet points and the 68 face points and 40 + 2 hand points at rest,
            [133, 3] and [133, B], in COCO-WholeBody order.
        face: [68, 3] at rest. hairline: ``brow, ear top, nape`` heights and ``front, ear`` depths, metres.
    """

    rig: Rig
    outfit: Outfit
    vertices: np.ndarray
    normals: np.ndarray
    weights: np.ndarray
    triangles: np.ndarray
    coordinates: np.ndarray
    points: np.ndarray
    point_weights: np.ndarray
    face: np.ndarray
    hairline: tuple[float, float, float, float, float]


def draw_character(body: Body, shapes: tuple[int, ...], rng: np.random.Generator) -> Character:
    """A random character with one of the body ``shapes``."""
    from .keypoints import rest_points

    shape = int(shapes[rng.integers(len(shapes))])
    rig, coordinates = _shape_data(body, shape)
    outfit, style = draw_outfit(rng), extras.draw_style(rng)
    vertices, face = body.vertices[shape].astype(np.float32), body.face[shape]
    line = extras.hairline(body.points[shape], face)
    vertices = extras.puff_hair(vertices, face_normals(vertices, body.triangles), coordinates[:, 2], line, style)
    parts = [(vertices, body.weights, body.triangles, coordinates)]
    parts += extras.meshes(body, shape, line, style)
    vertices, weights, triangles, coordinates = _join(parts)
    points, point_weights = rest_points(body, shape)
    return Character(
        rig, outfit, vertices, face_normals(vertices, triangles), weights, triangles, coordinates,
        points, point_weights, face, line,
    )  # fmt: skip


def draw_outfit(rng: np.random.Generator) -> Outfit:
    """Colours that keep skin, shirt, trousers and shoes apart in brightness or hue."""
    skin = np.array(SKINS[rng.integers(len(SKINS))]) / 255 * rng.uniform(0.92, 1.05)
    shirt = _colour(rng)
    for _ in range(20):
        trousers = _colour(rng)
        if np.abs(trousers - shirt).sum() > 0.75 and np.abs(shirt - skin).sum() > 0.5:
            break
        if np.abs(shirt - skin).sum() <= 0.5:
            shirt = _colour(rng)
    shoes = _colour(rng)
    hair = np.array(HAIRS[rng.integers(len(HAIRS))]) / 255
    waist = rng.uniform(0.05, 0.17)
    sleeve = rng.choice([0.15, 0.45, 0.6, 1.3, 1.9, 1.95], p=[0.1, 0.25, 0.15, 0.1, 0.2, 0.2])
    leg = rng.choice([0.45, 0.85, 1.4, 1.88, 1.95], p=[0.15, 0.15, 0.1, 0.3, 0.3])
    return Outfit(
        tuple(np.clip(skin, 0, 1)), tuple(hair), _cloth(rng, shirt, 0.7), _cloth(rng, trousers, 0.3), tuple(shoes),
        float(sleeve), float(leg), float(rng.uniform(0.2, 0.9)), float(waist), bool(rng.random() < 0.06),
    )  # fmt: skip


def _colour(rng: np.random.Generator) -> np.ndarray:
    value, saturation = rng.uniform(0.18, 1.0), rng.uniform(0, 1) ** 0.7
    return np.array(colorsys.hsv_to_rgb(rng.random(), saturation, value))


def _cloth(rng: np.random.Generator, first: np.ndarray, fancy: float) -> Cloth:
    pattern = int(rng.integers(1, 6)) if rng.random() < fancy else PLAIN
    second = _colour(rng)
    for _ in range(20):
        if 0.5 < np.abs(second - first).sum():
            break
        second = _colour(rng)
    return Cloth(tuple(first), tuple(second), pattern, float(rng.uniform(0.07, 0.18)))


@lru_cache(maxsize=64)
def _shape_data(body: Body, shape: int) -> tuple[Rig, np.ndarray]:
    return Rig.of(body, shape), body_coordinates(body, shape)


def body_coordinates(body: Body, shape: int) -> np.ndarray:
    """[V, 4] float32. Arm: -1 trunk, 0 shoulder, 1 elbow, 2 wrist, 3 fingertips. Leg: -1 trunk, 0 hip, 1 knee,
    2 ankle, 3 toes. Neck: 0 trunk, 0..1 neck, 2 head. Material: 0 (body)."""
    out = np.zeros((len(body.weights), 4), np.float32)
    vertices, names = body.vertices[shape], [str(n) for n in body.bones]
    at = {n: i for i, n in enumerate(names)}
    chains = {0: ("upperarm01", "lowerarm01", "wrist", "finger3-3"), 1: ("upperleg01", "lowerleg01", "foot", "toe1-1")}
    for k, chain in chains.items():
        out[:, k] = -1
        for side in "LR":
            joints = [body.heads[shape][at[f"{n}.{side}"]] for n in chain]
            limb = [i for i, n in enumerate(names) if n.endswith(f".{side}") and _on(n, k)]
            share = body.weights[:, limb].sum(1)
            along = _along(vertices, joints)
            out[:, k] = np.where(share > 0.01, share * along + (1 - share) * np.minimum(along, -0.15), out[:, k])
    neck = {"neck01": 0.2, "neck02": 0.6, "neck03": 1.0, "head": 2.0, "jaw": 2.0}
    out[:, 2] = sum(body.weights[:, at[n]] * v for n, v in neck.items())
    return out


def _on(bone: str, limb: int) -> bool:
    starts = (("upperarm", "lowerarm", "wrist", "finger", "metacarpal"), ("upperleg", "lowerleg", "foot", "toe"))
    return bone.startswith(starts[limb])


def _along(points: np.ndarray, joints: list[np.ndarray]) -> np.ndarray:
    """[V] position along a chain of joints: i + fraction on segment i, of the nearest segment."""
    best, where = np.full(len(points), np.inf), np.zeros(len(points))
    for i, (a, b) in enumerate(zip(joints[:-1], joints[1:], strict=True)):
        part = (points - a) @ (b - a) / ((b - a) @ (b - a))
        low, high = (-1.0 if i == 0 else 0.0), (2.0 if i == len(joints) - 2 else 1.0)
        distance = np.linalg.norm(points - a - np.clip(part, 0, 1)[:, None] * (b - a), axis=1)
        nearer = distance < best
        best, where = np.where(nearer, distance, best), np.where(nearer, i + np.clip(part, low, high), where)
    return where


def face_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """[V, 3] unit vertex normals, weighted by triangle area."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    total = np.stack(
        [sum(np.bincount(triangles[:, k], normal[:, d], len(vertices)) for k in range(3)) for d in range(3)], -1
    )
    return (total / (np.linalg.norm(total, axis=1, keepdims=True) + 1e-9)).astype(np.float32)


def _join(parts: list[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    starts = np.cumsum([0] + [len(p[0]) for p in parts[:-1]])
    triangles = np.concatenate([p[2] + s for p, s in zip(parts, starts, strict=True)]).astype(np.int32)
    vertices, weights, coordinates = (np.concatenate([p[k] for p in parts]).astype(np.float32) for k in (0, 1, 3))
    return vertices, weights, triangles, coordinates
