"""Off-screen rendering by OpenGL through EGL: on a graphics card, or on the processor by Mesa's llvmpipe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ...errors import MissingDependency
from .characters import Character
from .shaders import FRAGMENT, VERTEX

SUPERSAMPLE = 2
NEAR, FAR = 0.3, 30.0


@dataclass(frozen=True)
class Light:
    """Direction towards the light in camera space, its colour, and the ambient colour (1 is neutral)."""

    direction: tuple[float, float, float]
    shine: tuple[float, float, float]
    ambient: tuple[float, float, float]


@dataclass(frozen=True)
class Picture:
    """One rendered frame: ``colour`` [H, W, 3] float32 0..255 premultiplied, ``cover`` [H, W] float32 0..1,
    ``zbuffer`` [H', W'] float32 metres from the camera, infinite where nothing is."""

    colour: np.ndarray
    cover: np.ndarray
    zbuffer: np.ndarray


def open_context() -> Any:  # noqa: ANN401 - moderngl's type, absent without it
    """A standalone OpenGL context without a display."""
    try:
        import moderngl
    except ImportError as error:
        raise MissingDependency(f"Rendering needs moderngl, got: {error}. Run: pip install moderngl") from error
    try:
        settings: dict[str, Any] = {"backend": "egl"}
        return moderngl.create_standalone_context(require=330, **settings)
    except Exception as error:  # moderngl raises bare Exceptions of many kinds here
        raise MissingDependency(
            f"Rendering needs OpenGL 3.3 through EGL, got: {error}. On Debian or Ubuntu run: "
            "apt-get install libegl1 libgl1-mesa-dri"
        ) from error


class Renderer:
    """Draws characters into frames of one size. Keeps its buffers; not for use from several threads.

    OpenGL draws into whatever context is current, and a renderer of another size has one of its own: whoever works with
    objects of this one must enter it first.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.context = open_context()
        side = size * SUPERSAMPLE
        self.target = self.context.framebuffer(
            [self.context.renderbuffer((side, side), 4)], self.context.depth_renderbuffer((side, side))
        )
        self.program = self.context.program(vertex_shader=VERTEX, fragment_shader=FRAGMENT)
        self._colour = np.empty((side, side, 4), np.uint8)
        self._depth = np.empty((side, side), np.float32)
        self._held: list[Any] = []

    def dress(self, character: Character, light: Light) -> None:
        """Upload what stays the same over a film."""
        with self.context:
            for old in self._held:
                old.release()
            count = len(character.vertices)
            fixed = np.concatenate([character.vertices, character.coordinates], 1).astype(np.float32)
            self.moving = self.context.buffer(reserve=count * 24, dynamic=True)
            still = self.context.buffer(fixed.tobytes())
            index = self.context.buffer(character.triangles.astype(np.int32).tobytes())
            self.array = self.context.vertex_array(
                self.program, [(self.moving, "3f 3f", "place", "normal"), (still, "3f 4f", "rest", "body")], index
            )
            self._held = [self.array, self.moving, still, index]
            for name, value in uniforms(character, light).items():
                self.program[name].value = value

    def draw(self, places: np.ndarray, normals: np.ndarray, lens: tuple[float, float, float, float]) -> Picture:
        """One frame of the dressed character from camera-space ``places`` and ``normals`` [V, 3]."""
        import cv2
        import moderngl

        with self.context:
            self.moving.write(np.concatenate([places, normals], 1).astype(np.float32).tobytes())
            self.program["lens"].value = lens
            self.program["clip"].value = (NEAR, FAR)
            self.target.use()
            self.context.enable_only(moderngl.DEPTH_TEST)
            self.target.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
            self.array.render()
            self.target.read_into(self._colour, components=4, alignment=1)
            self.target.read_into(self._depth, components=1, attachment=-1, dtype="f4", alignment=1)
        small = cv2.resize(self._colour[::-1], (self.size, self.size), interpolation=cv2.INTER_AREA).astype(np.float32)
        ndc = self._depth[::-1] * 2 - 1
        metres = 2 * NEAR * FAR / (FAR + NEAR - ndc * (FAR - NEAR))
        return Picture(small[..., :3], small[..., 3] / 255, np.where(ndc >= 1, np.inf, metres).astype(np.float32))


@lru_cache(maxsize=4)
def renderer(size: int) -> Renderer:
    """This process's renderer for square frames of ``size`` pixels."""
    return Renderer(size)


def uniforms(character: Character, light: Light) -> dict[str, Any]:
    """The shader's settings for a character under a light."""
    o, face = character.outfit, character.face.astype(float)
    brow, ear, nape, front, middle = character.hairline
    unit = np.array(light.direction) / np.linalg.norm(light.direction)
    return {
        "skin": o.skin, "hair": o.hair, "shoes": o.shoes,
        "shirt_a": o.shirt.first, "shirt_b": o.shirt.second,
        "trousers_a": o.trousers.first, "trousers_b": o.trousers.second,
        "shirt_pattern": (o.shirt.pattern, o.shirt.period, 0, 0),
        "trousers_pattern": (o.trousers.pattern, o.trousers.period, 0, 0),
        "cut": (o.sleeve, o.leg, o.collar, o.waist + float(character.points[11:13, 1].mean())),
        "gloves": float(o.gloves),
        "light": tuple(unit), "shine": light.shine, "ambient": light.ambient,
        "line": [(brow, ear, nape, front), (middle, 0, 0, 0)],
        "eyes": [_ellipse(face[36:42], 0.0075), _ellipse(face[42:48], 0.0075)],
        "brows": [(*face[a][:2], *face[b][:2]) for a, b in ((17, 19), (19, 21), (22, 24), (24, 26))],
        "mouth": _ellipse(face[48:60], 0.008),
    }  # fmt: skip


def _ellipse(points: np.ndarray, height: float) -> tuple[float, float, float, float]:
    """Centre, half width and half height of a face part; ``height`` is the least half height, metres."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    (x, y), (w, h) = (low + high) / 2, (high - low) / 2
    return float(x), float(y), float(w), float(max(h, height))
