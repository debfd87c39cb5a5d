"""A cut-out picture on a net of triangles, drawn where the net's points have moved to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FAINT = 1
"""Alpha, 0..255, under which a pixel needs no net."""
AROUND = 4
"""Pixels that the net goes on beyond the picture: smaller copies are softer."""
FRACTION = 4
"""Bits of a pixel's fraction in OpenCV's drawing."""
FLAT = 0.02
"""Area in pixels under which a triangle is seen edge-on and left out."""
LEVELS = 4
"""Smaller copies of a picture, each half as large, for people who are drawn smaller than they were."""


@dataclass(frozen=True)
class Mesh:
    """A net over a picture.

    Attributes:
        points: [V, 2] float32 pixels of the whole picture.
        triangles: [N, 3] indices, in drawing order.
        levels: uint8 [h, w, 4] RGBA, and copies of half the size each.
        corner: [2] place of the picture's upper left pixel.
    """

    points: np.ndarray
    triangles: np.ndarray
    levels: tuple[np.ndarray, ...]
    corner: np.ndarray

    def ordered(self, height: np.ndarray) -> Mesh:
        """The same net with points of greater ``height`` [V] drawn later, over the others where it folds."""
        order = np.argsort(height[self.triangles].mean(1), kind="stable")
        return Mesh(self.points, self.triangles[order], self.levels, self.corner)


def mesh(picture: np.ndarray, corner: np.ndarray, step: float) -> Mesh:
    """A net of squares of ``step`` pixels, each two triangles, over what is seen of ``picture`` uint8 [h, w, 4]."""
    import cv2

    step = max(round(step), 1)
    seen = cv2.dilate((picture[..., 3] > FAINT).astype(np.uint8), np.ones((2 * AROUND + 1, 2 * AROUND + 1), np.uint8))
    rows, columns = (-(-side // step) for side in seen.shape)
    padded = np.zeros((rows * step, columns * step), np.uint8)
    padded[: seen.shape[0], : seen.shape[1]] = seen
    row, column = np.nonzero(padded.reshape(rows, step, columns, step).max((1, 3)))
    number = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    a, b, c, d = (number[row + y, column + x] for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)))
    triangles = np.concatenate([np.stack([a, b, c], -1), np.stack([d, c, b], -1)])
    used, triangles = np.unique(triangles, return_inverse=True)
    y, x = np.divmod(used, columns + 1)
    levels = [picture]
    for _ in range(LEVELS):
        if min(levels[-1].shape[:2]) < 8:
            break
        levels.append(cv2.pyrDown(levels[-1]))
    points = np.stack([x, y], -1) * step + corner
    return Mesh(points.astype(np.float32), triangles.reshape(-1, 3), tuple(levels), corner)


def draw(net: Mesh, moved: np.ndarray, size: float, frame: np.ndarray, cover: np.ndarray) -> None:
    """Lay the net's picture over ``frame`` and its alpha over ``cover``, in place.

    Args:
        moved: [V, 2] new places of the net's points.
        size: of the person beside the picture's: smaller people are drawn from smaller copies.
        frame: float32 [H, W, 3], 0..255. cover: float32 [H, W], 0..1.
    """
    import cv2

    box = _box(moved, cover.shape)
    if box is None:
        return
    rows, columns = box
    ids, corners = _numbers(net.triangles, moved - (columns.start, rows.start), box)
    y, x = np.nonzero(ids >= 0)
    if not len(y):
        return
    level = int(np.clip(np.log2(1 / max(size, 1e-3)) + 0.5, 0, len(net.levels) - 1))
    at = _sources(net, corners, ids[y, x], np.stack([x, y], -1).astype(np.float32))
    at = (at - net.corner) / 2**level
    places = np.full((*ids.shape, 2), -9, np.float32)
    places[y, x] = at
    x, y = places[..., 0], places[..., 1]
    rgba = cv2.remap(net.levels[level], x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
    alpha = rgba[..., 3].astype(np.float32) / 255
    frame[box] += (rgba[..., :3] - frame[box]) * alpha[..., None]
    cover[box] += (1 - cover[box]) * alpha


def _box(moved: np.ndarray, size: tuple[int, ...]) -> tuple[slice, slice] | None:
    """Rows and columns of the frame that the net reaches; None where it is outside."""
    low = np.clip(np.floor(moved.min(0)), 0, None).astype(int)
    high = np.clip(np.ceil(moved.max(0)) + 1, 0, (size[1], size[0])).astype(int)
    if (high <= low).any():
        return None
    return slice(low[1], high[1]), slice(low[0], high[0])


def _numbers(triangles: np.ndarray, moved: np.ndarray, box: tuple[slice, slice]) -> tuple[np.ndarray, np.ndarray]:
    """[h, w] number of the uppermost triangle of each pixel, -1 for none, and the triangles' corners [N, 3, 2]."""
    import cv2

    ids = np.full(tuple(side.stop - side.start for side in box), -1, np.int32)
    corners = moved[triangles]
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    wide = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) > 2 * FLAT
    pixels = np.round(np.clip(corners, -9e3, 9e3) * 2**FRACTION).astype(np.int32)
    for k in np.flatnonzero(wide).tolist():
        cv2.fillConvexPoly(ids, pixels[k], k, cv2.LINE_8, FRACTION)
    return ids, corners


def _sources(net: Mesh, corners: np.ndarray, number: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """[P, 2] places in the picture of ``pixels`` [P, 2] that the triangles ``number`` [P] show, never far beyond
    them: the pixels of a thin one reach far outside it."""
    edges = np.stack([corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]], -1)
    before = net.points[net.triangles]
    old = np.stack([before[:, 1] - before[:, 0], before[:, 2] - before[:, 0]], -1)
    shown = np.zeros(len(corners), bool)
    shown[number] = True
    inverse = np.zeros_like(edges)
    inverse[shown] = np.linalg.inv(edges[shown])
    inverse, start, old, before = inverse[number], corners[number, 0], old[number], before[number, 0]
    x, y = (pixels - start).T
    u = np.clip(inverse[:, 0, 0] * x + inverse[:, 0, 1] * y, -1, 2)
    v = np.clip(inverse[:, 1, 0] * x + inverse[:, 1, 1] * y, -1, 2)
    return before + old[..., 0] * u[:, None] + old[..., 1] * v[:, None]
