"""Where the person is seen from, how much of them, and under which light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .render import Light
from .rig import rotation

X, Y = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
FULL, KNEES, HIPS = "full", "knees", "hips"


@dataclass(frozen=True)
class Camera:
    """How a film looks at the person.

    Attributes:
        azimuth, turning: radians and radians/s about the person; positive shows the person's left side.
        pitch: radians down. distance: metres. framing: full, knees or hips (what the frame ends at).
        fill: part of the frame's height that the person takes. pan: ndc per second, x and y. off: ndc shift.
    """

    azimuth: float
    turning: float
    pitch: float
    distance: float
    framing: str
    fill: float
    pan: tuple[float, float]
    off: tuple[float, float]

    def view(self, times: np.ndarray, target: np.ndarray) -> np.ndarray:
        """[T, 3, 4] world to camera; the camera looks along -z at ``target`` [3]."""
        turn = rotation(X, np.array(self.pitch)) @ rotation(Y, -(self.azimuth + self.turning * np.asarray(times)))
        shift = -turn @ target + np.array([0, 0, -self.distance])
        return np.concatenate([turn, shift[..., None]], -1)


def draw_camera(rng: np.random.Generator) -> Camera:
    """A random camera: mostly from the front, some turning, full bodies and crops."""
    wide = rng.random() < 0.08
    azimuth = rng.uniform(-3.14, 3.14) if wide else float(np.clip(rng.normal(0, 0.42), -1.0, 1.0))
    framing = (FULL, KNEES, HIPS)[rng.choice(3, p=(0.42, 0.33, 0.25))]
    still = rng.random() < 0.6
    return Camera(
        azimuth=float(azimuth),
        turning=float(rng.normal(0, 0.18)) if rng.random() < 0.2 else 0.0,
        pitch=float(rng.normal(0.06, 0.07)),
        distance=float(rng.uniform(2.6, 5.0)),
        framing=framing,
        fill=float(rng.uniform(0.78, 0.96)),
        pan=(0.0, 0.0) if still else (float(rng.normal(0, 0.03)), float(rng.normal(0, 0.015))),
        off=(float(rng.normal(0, 0.06)), float(rng.normal(0, 0.02))),
    )


def frame(camera: Camera, points: np.ndarray, hull: np.ndarray) -> tuple[float, np.ndarray]:
    """Focal length and shift [2] (ndc) that put the person into the frame for a whole film.

    Args:
        points: [T, 133, 3] and ``hull``: [T, N, 3] camera-space metres.
    """
    flat = hull[..., :2] / -hull[..., 2:]
    joints = points[..., :2] / -points[..., 2:]
    top, bottom, centre = flat[..., 1].max(), flat[..., 1].min(), joints[:, [5, 6, 11, 12], 0].mean()
    left, right = flat[..., 0].min(), flat[..., 0].max()
    crown = joints[:, :5, 1].max() + 0.16 / camera.distance
    if camera.framing == FULL:
        # Hands may leave the frame a little, head and feet may not.
        top, centre = 0.25 * crown + 0.75 * max(top, crown), (left + right) / 2
        most = 2.1 / (right - left)
    else:
        ends = [13, 14] if camera.framing == KNEES else [11, 12]
        bottom = joints[:, ends, 1].mean() - 0.03 * (top - bottom)
        top, most = 0.7 * crown + 0.3 * max(top, crown), 3.0 / (right - left)
    focal = min(2 * camera.fill / (top - bottom), most)
    slack = max(1 - focal * (top - bottom) / 2, 0.0)
    shift = np.array([-centre * focal, -(top + bottom) / 2 * focal]) + np.clip(camera.off, -slack, slack)
    if camera.framing != FULL:
        shift[1] = -1 - bottom * focal
    return float(focal), shift


def draw_light(rng: np.random.Generator) -> Light:
    """A random light from above or aside, never too dark."""
    direction = (rng.normal(0, 0.7), rng.uniform(0.1, 1.2), rng.uniform(0.5, 1.4))
    power, ambient = rng.uniform(0.55, 0.95), rng.uniform(0.35, 0.6)
    warm = rng.normal(0, 0.06)
    tint = np.array([1 + warm, 1, 1 - warm])
    return Light(direction, tuple(power * tint), tuple(ambient * (2 - tint)))
