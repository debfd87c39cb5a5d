"""A hole filled with patches from the rest of the picture, coarse to fine, so that walls, grass and edges go on.

The completion of Wexler et al. (2007) with the search of PatchMatch (Barnes et al., 2009), for all pixels at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fill import spread_colours

RADIUS = 2
"""Half side of a patch in pixels, without its middle."""
COARSE, FINE = 32, 256
"""Longer sides of the first and the last picture that patches are searched in."""
ROUNDS = (12, 6, 3, 2)
"""Searches and votes per size, coarse to fine; the last counts for all that follow."""
SEARCHES = 4
"""Random places tried per search, each nearer than the one before."""
INWARD = 1.25
"""How much less a vote counts for each pixel that it comes from farther inside the hole."""
GUESSED = 0.3
"""How much a made-up pixel counts beside a real one when patches are compared."""
NEARBY = 30.0
"""Difference of colours, 0..255, that a patch from the other end of the picture is worth: near ones are preferred."""
MOST_SHIFT = 60.0
"""Difference of colours at the hole's border that is evened out."""
LEAST = 64
"""Usable patches under which the hole is only filled smoothly."""


@dataclass(frozen=True)
class Hole:
    """A picture of one size and what of it is to be filled.

    Attributes:
        picture: float32 [H, W, 3], 0..255.
        mask: [H, W] bool.
        places: [P, 2] rows and columns of the pixels of the hole and around it whose patches are sought.
        number: [H, W] index of each such pixel in ``places``; -1 elsewhere.
        usable: [H, W] bool: middles of patches that lie wholly outside the hole.
        inside: [P] how far inside the hole, pixels.
        counts: [P, 25] how much each pixel of a patch counts; they sum to 1.
    """

    picture: np.ndarray
    mask: np.ndarray
    places: np.ndarray
    number: np.ndarray
    usable: np.ndarray
    inside: np.ndarray
    counts: np.ndarray

    def beside(self, way: tuple[int, int]) -> np.ndarray:
        """[P] number of the pixel that lies ``way`` (rows, columns) from each; -1 where it is none of them."""
        row, column = (self.places + way).T
        inside = (row >= 0) & (column >= 0) & (row < self.mask.shape[0]) & (column < self.mask.shape[1])
        return np.where(inside, self.number[np.where(inside, row, 0), np.where(inside, column, 0)], -1)


def completed(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """float32 [H, W, 3]: ``picture`` uint8 with the pixels of ``mask`` [H, W] bool made up from the others."""
    longer = max(mask.shape)
    sides = [side for side in (COARSE, 2 * COARSE, 4 * COARSE, FINE) if side < longer] + [min(longer, FINE)]
    rng = np.random.default_rng(0)
    found, filled = None, None
    for step, side in enumerate(dict.fromkeys(sides)):
        hole = _hole(picture, mask, side / longer)
        if hole.usable.sum() < LEAST:
            continue
        colours = _started(hole, filled)
        found = _random(hole, rng) if found is None else _grown(hole, *found)
        for _ in range(ROUNDS[min(step, len(ROUNDS) - 1)]):
            found = _searched(hole, colours, found, rng)
            colours = _voted(hole, colours, found)
        filled, found = colours, (hole, found)
    if found is None or filled is None:
        return spread_colours(picture, (~mask).astype(np.float32))
    hole = _hole(picture, mask, 1.0)
    return _finished(hole, _started(hole, filled), _grown(hole, *found))


def _hole(picture: np.ndarray, mask: np.ndarray, scale: float) -> Hole:
    import cv2

    size = (max(round(mask.shape[1] * scale), 1), max(round(mask.shape[0] * scale), 1))
    share = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    known = cv2.resize(picture * ~mask[..., None] + np.float32(0), size, interpolation=cv2.INTER_AREA)
    small = share > 0.01
    small_picture = known / np.maximum(1 - share, 1e-3)[..., None]
    square = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
    near = cv2.dilate(small.astype(np.uint8), square, borderValue=0) > 0
    usable = ~near
    for edge in (np.s_[:RADIUS], np.s_[-RADIUS:], np.s_[:, :RADIUS], np.s_[:, -RADIUS:]):
        usable[edge] = False
    places = np.argwhere(near)
    number = np.full(small.shape, -1)
    number[near] = np.arange(len(places))
    inside = cv2.distanceTransform(small.astype(np.uint8), cv2.DIST_L2, 3)[near]
    counts = _patches(np.where(small, GUESSED, 1.0)[..., None])[places[:, 0], places[:, 1]].reshape(len(places), -1)
    counts = (counts / counts.sum(1, keepdims=True)).astype(np.float32)
    return Hole(small_picture.astype(np.float32), small, places, number, usable, inside, counts)


def _started(hole: Hole, coarser: np.ndarray | None) -> np.ndarray:
    """The picture with its hole filled from the coarser one, or smoothly."""
    import cv2

    if coarser is None:
        return spread_colours(hole.picture, (~hole.mask).astype(np.float32))
    wide = cv2.resize(coarser, hole.mask.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.where(hole.mask[..., None], wide, hole.picture)


def _random(hole: Hole, rng: np.random.Generator) -> np.ndarray:
    """[P, 2] anywhere usable."""
    options = np.argwhere(hole.usable)
    return options[rng.integers(len(options), size=len(hole.places))]


def _grown(hole: Hole, coarse: Hole, found: np.ndarray) -> np.ndarray:
    """[P, 2] what was found on a coarser picture, on this one."""
    ratio = np.array(hole.mask.shape) / np.array(coarse.mask.shape)
    last = np.array(coarse.mask.shape) - 1
    at = np.minimum((hole.places / ratio).astype(int), last)
    number = coarse.number[at[:, 0], at[:, 1]]
    way = (found - coarse.places)[np.maximum(number, 0)]
    there = np.where(number[:, None] >= 0, hole.places + np.round(way * ratio).astype(int), hole.places)
    return _nearest_usable(hole, there)


def _nearest_usable(hole: Hole, places: np.ndarray) -> np.ndarray:
    """[P, 2] the usable middle next to each place."""
    from scipy.ndimage import distance_transform_edt

    row, column = np.asarray(distance_transform_edt(~hole.usable, return_distances=False, return_indices=True))
    y, x = np.clip(places, 0, np.array(hole.mask.shape) - 1).T
    return np.stack([row[y, x], column[y, x]], -1)


def _searched(hole: Hole, colours: np.ndarray, found: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """[P, 2] better places: those of the neighbours, and random ones about the best so far."""
    patches = _patches(colours)
    best, cost = found, _cost(hole, patches, np.arange(len(found)), found)
    for way in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        number = hole.beside(way)
        best, cost = _better(hole, patches, best, cost, best[number] - way, number >= 0)
    reach = float(max(hole.mask.shape))
    for _ in range(SEARCHES):
        tried = best + rng.integers(-max(int(reach), 1), max(int(reach), 1) + 1, size=best.shape)
        best, cost = _better(hole, patches, best, cost, tried, np.ones(len(best), bool))
        reach /= 4
    return best


def _better(  # noqa: PLR0913 - one comparison of the search
    hole: Hole, patches: np.ndarray, best: np.ndarray, cost: np.ndarray, tried: np.ndarray, allowed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    inside = ((tried >= 0) & (tried < hole.mask.shape)).all(1) & allowed
    y, x = np.where(inside[:, None], tried, best).T
    at = np.flatnonzero(inside & hole.usable[y, x])
    new = _cost(hole, patches, at, tried[at])
    win = new < cost[at]
    best, cost = best.copy(), cost.copy()
    best[at[win]], cost[at[win]] = tried[at[win]], new[win]
    return best, cost


def _patches(colours: np.ndarray) -> np.ndarray:
    """[H, W, 3, 5, 5] the patch about every pixel; edges repeated."""
    padded = np.pad(colours, ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, (2 * RADIUS + 1, 2 * RADIUS + 1), axis=(0, 1))


def _cost(hole: Hole, patches: np.ndarray, which: np.ndarray, places: np.ndarray) -> np.ndarray:
    """[N] mean squared difference between the patches number ``which`` [N] of the hole and those at ``places``."""
    own = hole.places[which]
    off = (patches[places[:, 0], places[:, 1]] - patches[own[:, 0], own[:, 1]]).reshape(len(own), 3, -1)
    colour = np.einsum("nck,nck,nk->n", off, off, hole.counts[which]) / 3
    far = (((places - own) / max(hole.mask.shape)) ** 2).sum(1)
    return colour + NEARBY**2 * far


def _voted(hole: Hole, colours: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The picture with each pixel of the hole the mean of what the patches over it say."""
    says = _said(hole, colours, found)
    return np.where(hole.mask[..., None], says, hole.picture)


def _finished(hole: Hole, colours: np.ndarray, found: np.ndarray) -> np.ndarray:
    """As :func:`_voted`, with what the patches miss at the border taken along inwards: no seam."""
    says = _said(hole, colours, found)
    ring = (hole.number >= 0) & ~hole.mask
    missed = np.clip(hole.picture - says, -MOST_SHIFT, MOST_SHIFT)
    shift = spread_colours(missed, ring.astype(np.float32))
    return np.where(hole.mask[..., None], says + shift, hole.picture)


def _said(hole: Hole, colours: np.ndarray, found: np.ndarray) -> np.ndarray:
    """[H, W, 3] for the hole and the ring around it, the mean of what the patches over each pixel say."""
    cost = _cost(hole, _patches(colours), np.arange(len(found)), found)
    trust = np.exp(-cost / (2 * max(float(np.quantile(cost, 0.75)), 1.0))) * INWARD**-hole.inside + 1e-9
    y, x = hole.places.T
    total, weight = np.zeros((len(y), 3)), np.zeros(len(y))
    for dy in range(-RADIUS, RADIUS + 1):
        for dx in range(-RADIUS, RADIUS + 1):
            number = hole.beside((-dy, -dx))
            source = found[number] + np.array((dy, dx))
            says = trust[number] * (number >= 0)
            total += says[:, None] * hole.picture[source[:, 0], source[:, 1]]
            weight += says
    out = hole.picture.copy()
    out[y, x] = total / np.maximum(weight, 1e-30)[:, None]
    return out
