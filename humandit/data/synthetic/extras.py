"""Hair and skirts: what the bare body lacks, as a few extra vertices that move with its bones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .body import Body

HAIR, SKIRT = 1.0, 2.0
"""Material numbers in the fourth body coordinate."""
Line = tuple[float, float, float, float, float]
Mesh = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Style:
    """Metres. ``volume`` of the hair; ``length`` it hangs below the ears (0: short); ``skirt`` length (0: none)."""

    volume: float
    length: float
    bun: bool
    skirt: float
    flare: float


def draw_style(rng: np.random.Generator) -> Style:
    long = rng.random() < 0.45
    return Style(
        volume=float(rng.uniform(0.006, 0.03)),
        length=float(rng.uniform(0.08, 0.3)) if long else 0.0,
        bun=bool(not long and rng.random() < 0.25),
        skirt=float(rng.uniform(0.3, 0.6)) if rng.random() < 0.2 else 0.0,
        flare=float(rng.uniform(1.15, 1.6)),
    )


def hairline(points: np.ndarray, face: np.ndarray) -> Line:
    """Heights of hairline at the brow, ear and nape; depths of the front and the ear (rest pose, metres)."""
    brow, ear = face[17:27, 1].max(), points[3]
    return float(brow + 0.045), float(ear[1] + 0.04), float(ear[1] - 0.055), float(face[19, 2]), float(ear[2])


def above(vertices: np.ndarray, line: Line) -> np.ndarray:
    """[V] metres above the hairline."""
    brow, ear, nape, front, middle = line
    z = vertices[:, 2]
    return vertices[:, 1] - np.interp(z, [middle - 0.03, middle, front], [nape, ear, brow])


def puff_hair(vertices: np.ndarray, normals: np.ndarray, neck: np.ndarray, line: Line, style: Style) -> np.ndarray:
    """The body's vertices with the scalp lifted by the hair's volume."""
    lift = np.clip(above(vertices, line) / 0.03, 0, 1) * style.volume * (neck > 1.5)
    return vertices + normals * lift[:, None]


def meshes(body: Body, shape: int, line: Line, style: Style) -> list[Mesh]:
    """Extra meshes of ``style``: (vertices, weights, triangles, coordinates) each."""
    out = []
    if style.length > 0:
        out.append(_curtain(body, shape, line, style))
    if style.bun:
        out.append(_bun(body, shape, line, style))
    if style.skirt > 0:
        out.append(_skirt(body, shape, style))
    return out


def _grid(rows: int, columns: int, closed: bool) -> np.ndarray:
    """Triangles of a rows x columns grid of vertices, both windings (a sheet is seen from both sides)."""
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
    a, b = r * columns + c, r * columns + (c + 1) % columns
    d, e = a + columns, b + columns
    return np.concatenate([np.stack([a, d, b], -1).reshape(-1, 3), np.stack([b, d, e], -1).reshape(-1, 3)])


def _coordinates(count: int, material: float) -> np.ndarray:
    return np.tile(np.array([-1, -1, 2 if material == HAIR else 0, material], np.float32), (count, 1))


def _weights(body: Body, rows: dict[str, np.ndarray]) -> np.ndarray:
    names = [str(n) for n in body.bones]
    out = np.zeros((len(next(iter(rows.values()))), len(names)), np.float32)
    for name, value in rows.items():
        out[:, names.index(name)] = value
    return out / out.sum(1, keepdims=True)


def _curtain(body: Body, shape: int, line: Line, style: Style) -> Mesh:
    """Long hair: a sheet around the back of the head from ear to ear, hanging down."""
    head = body.vertices[shape][body.weights[:, [str(n) for n in body.bones].index("head")] > 0.7]
    top, ear, middle = head[:, 1].max(), line[1] - 0.04, line[4]
    side = np.abs(head[np.abs(head[:, 1] - ear - 0.06) < 0.03, 0]).max() + style.volume * 0.8 + 0.004
    back = middle - head[:, 2].min() + style.volume
    angles = np.linspace(-1.75, 1.75, 17)
    heights = np.concatenate([np.linspace(ear + 0.6 * (top - ear), ear, 4), ear - np.linspace(0, style.length, 7)[1:]])
    fall = np.clip((ear - heights) / 0.3, 0, 1)
    up = np.clip((heights - ear) / (top - ear), 0, 1)
    wide = (side * np.sqrt(1 - 0.9 * up**2) + 0.03 * fall)[:, None]
    deep = (back * np.sqrt(1 - 0.9 * up**2) + 0.035 * fall)[:, None]
    x, z = wide * np.sin(angles), middle - 0.01 - deep * np.cos(angles)
    grid = np.stack([x, np.broadcast_to(heights[:, None], x.shape), z], -1).reshape(-1, 3)
    loose = np.repeat(np.clip((ear - heights) / 0.25, 0, 0.9), len(angles))
    weights = _weights(body, {"head": 1 - loose, "spine01": loose * 0.7, "neck01": loose * 0.3})
    return grid, weights, _grid(len(heights), len(angles), False), _coordinates(len(grid), HAIR)


def _bun(body: Body, shape: int, line: Line, style: Style) -> Mesh:
    """A ball of hair at the back of the head."""
    head = body.vertices[shape][body.weights[:, [str(n) for n in body.bones].index("head")] > 0.7]
    centre = np.array([0, 0.55 * head[:, 1].max() + 0.45 * line[1], head[:, 2].min() - 0.015])
    u, v = np.meshgrid(np.linspace(0, np.pi, 7), np.linspace(0, 2 * np.pi, 10, endpoint=False), indexing="ij")
    ball = np.stack([np.sin(u) * np.cos(v), np.cos(u), np.sin(u) * np.sin(v)], -1).reshape(-1, 3)
    grid = centre + ball * (0.035 + style.volume)
    weights = _weights(body, {"head": np.ones(len(grid))})
    return grid, weights, _grid(7, 10, True)[:, ::-1], _coordinates(len(grid), HAIR)


def _skirt(body: Body, shape: int, style: Style) -> Mesh:
    """A cone around both legs; its hem follows the thighs."""
    names = [str(n) for n in body.bones]
    hip = body.heads[shape][names.index("upperleg01.L")]
    trunk = body.vertices[shape][np.abs(body.vertices[shape][:, 1] - hip[1] - 0.02) < 0.03]
    trunk = trunk[np.abs(trunk[:, 0]) < 0.26]
    middle = (trunk[:, 2].max() + trunk[:, 2].min()) / 2
    half = np.array([np.abs(trunk[:, 0]).max(), (trunk[:, 2].max() - trunk[:, 2].min()) / 2]) + 0.012
    angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    down = np.linspace(-0.1, style.skirt, 8)
    grow = np.interp(down, [-0.1, 0, style.skirt], [0.86, 1.0, style.flare])[:, None]
    x, z = half[0] * grow * np.sin(angles), middle + half[1] * grow * np.cos(angles)
    y = np.broadcast_to((hip[1] + 0.02 - down)[:, None], x.shape)
    grid = np.stack([x, y, z], -1).reshape(-1, 3)
    follow = np.repeat(np.clip((down + 0.02) / 0.25, 0, 0.85), len(angles))
    left = 0.5 + 0.5 * np.clip(grid[:, 0] / (half[0] * 0.6), -1, 1)
    weights = _weights(body, {"root": 1 - follow, "upperleg01.L": follow * left, "upperleg01.R": follow * (1 - left)})
    return grid, weights, _grid(len(down), len(angles), True), _coordinates(len(grid), SKIRT)
