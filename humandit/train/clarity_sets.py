"""What the clarity scorer learns from: crops of hands and mouths, each spoilt in five steps of known order.

The paper's people ranked five crops of one hand or mouth by eye (App. A.1). Here one sharp crop becomes five by blur,
motion, compression, a lower resolution or something in front of it, a little more each time: the order is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.clips.clarity import PARTS
from ..data.clips.film import open_film
from ..data.clips.measures import blurriness, grey
from ..data.clips.regions import SIDE, crops, hand_boxes, mouth_boxes
from ..data.synthetic import render_scene
from ..data.synthetic.split import split_of
from ..errors import HumanDiTError
from ..pose.detect import load_detector
from ..pose.sequence import PoseSequence
from ..pose.track import track

RANKS = 5
"""Crops of a set (paper App. A.1)."""
APART = 2
"""Ranks by which the two of a pair differ at least (paper App. A.1)."""
SIZE = 896
"""Side of the rendered frames, pixels: mouths have about 25."""
MOMENTS = (0.0, 1.7)
"""Seconds into a scene at which crops are taken."""
EVERY, MOST = 8, 90
"""Frames of a real film from one crop to the next, and frames that are looked at."""
SHARP = 0.6
"""Blurriness up to which a crop may be the best of its set."""
TENTH = 10
"""One source in ten is held out (paper App. A.1: 9:1)."""
BOXES = {"hands": hand_boxes, "teeth": mouth_boxes}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Sources:
    """Sharp crops.

    Attributes:
        crops: part -> [N, 64, 64, 3] uint8. origin: part -> [N] number of the film or scene that each is of.
    """

    crops: dict[str, np.ndarray]
    origin: dict[str, np.ndarray]

    def side(self, part: str, held_out: bool) -> np.ndarray:
        """Crops to learn from, or the held-out ones; no scene or film has crops on both sides."""
        return self.crops[part][(self.origin[part] % TENTH == TENTH - 1) == held_out]

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        parts = {f"{part}_{what}": values[part] for part in PARTS for what, values in vars(self).items()}
        part = path.with_name(f".{path.name}")
        with part.open("wb") as file:
            np.savez(file, **parts)
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Sources:
        with np.load(path) as file:
            return cls(*({part: file[f"{part}_{what}"] for part in PARTS} for what in ("crops", "origin")))


def gather(scenes: int, films: Sequence[Path], say: Say) -> Sources:
    """Crops of rendered people and of real films.

    Raises:
        HumanDiTError: fewer than ten crops of a part on either side.
    """
    found: dict[str, list[tuple[int, np.ndarray]]] = {part: [] for part in PARTS}
    for seed in range(scenes):
        held_out = seed % TENTH == TENTH - 1
        split = "heldout" if held_out else "train"
        frames, poses, *_ = render_scene(
            seed, split, split_of(split).rng(seed, 41).uniform(0, 9) + np.array(MOMENTS), SIZE
        )
        _keep(found, seed, frames, poses)
        if (seed + 1) % 50 == 0:
            say(f"rendered {seed + 1} of {scenes} scenes")
    detector = load_detector() if films else None
    for number, path in enumerate(films):
        assert detector is not None
        say(f"looking for hands and mouths in {path.name}")
        stream = open_film(path)
        frames = [frame for frame, _ in zip(stream.frames, range(MOST), strict=False)]
        for person in track(detector, frames, stream.timing.fps):
            some = list(range(0, len(frames), EVERY))
            _keep(found, scenes + number, np.stack([frames[i] for i in some]), person.poses[slice(None, None, EVERY)])
    for part, rows in found.items():
        if min(sum((n % TENTH == TENTH - 1) == side for n, _ in rows) for side in (True, False)) < TENTH:
            raise HumanDiTError(
                f"Too few sharp {part} were found ({len(rows)}) to learn from. Use more scenes or films."
            )
    return Sources(
        {part: np.stack([crop for _, crop in rows]) for part, rows in found.items()},
        {part: np.array([number for number, _ in rows]) for part, rows in found.items()},
    )


def _keep(found: dict, number: int, frames: np.ndarray, poses: PoseSequence) -> None:
    for part, boxes in BOXES.items():
        for t, frame in enumerate(frames):
            found[part] += [(number, c) for c in crops(frame, boxes(poses, t)) if blurriness(grey(c)) <= SHARP]


def draw_sets(sharp: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """[count, 5, 64, 64, 3] uint8, the clearest first, and [count] what spoils each, a number in :data:`FAULTS`."""
    chosen, kinds = rng.integers(0, len(sharp), count), rng.integers(0, len(FAULTS), count)
    sets = [spoilt(_varied(sharp[i], rng), list(FAULTS)[kind], rng) for i, kind in zip(chosen, kinds, strict=True)]
    return np.stack(sets), kinds


def spoilt(crop: np.ndarray, fault: str, rng: np.random.Generator) -> np.ndarray:
    """[5, 64, 64, 3] of one crop: as it is, then worse and worse."""
    how = FAULTS[fault](rng)
    return np.stack([crop, *(how(crop, step / (RANKS - 1)) for step in range(1, RANKS))])


def pairs(rng: np.random.Generator, count: int) -> np.ndarray:
    """[count, 2] ranks (better, worse), at least two apart."""
    better = rng.integers(0, RANKS - APART, count)
    return np.stack([better, rng.integers(better + APART, RANKS)], 1)


def _varied(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mirrored, lighter or darker, of another contrast."""
    crop = crop[:, ::-1] if rng.random() < 0.5 else crop
    picture = (crop.astype(np.float32) - 128) * rng.uniform(0.7, 1.2) + 128 + rng.uniform(-30, 30)
    return np.clip(picture, 0, 255).astype(np.uint8)


Spoil = Callable[[np.ndarray, float], np.ndarray]


def _blur(rng: np.random.Generator) -> Spoil:
    import cv2

    most = rng.uniform(2.5, 5)
    return lambda crop, part: cv2.GaussianBlur(crop, (0, 0), 0.4 + most * part)


def _motion(rng: np.random.Generator) -> Spoil:
    import cv2

    most, angle = rng.uniform(12, 24), rng.uniform(0, 180)

    def spoil(crop: np.ndarray, part: float) -> np.ndarray:
        length = max(round(most * part), 2)
        line = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
        line[length, length - length // 2 : length + length // 2 + 1] = 1
        turn = cv2.getRotationMatrix2D((length, length), float(angle), 1)
        line = cv2.warpAffine(line, turn, line.shape[::-1])
        return cv2.filter2D(crop, -1, line / line.sum(), borderType=cv2.BORDER_REPLICATE)

    return spoil


def _compression(rng: np.random.Generator) -> Spoil:
    import cv2

    worst, half = rng.uniform(2, 8), rng.random() < 0.5

    def spoil(crop: np.ndarray, part: float) -> np.ndarray:
        small = cv2.resize(crop, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA) if half else crop
        quality = int(45 * (worst / 45) ** part)
        done = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        return cv2.resize(np.asarray(done), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)

    return spoil


def _resolution(rng: np.random.Generator) -> Spoil:
    import cv2

    least = rng.uniform(6, 12)

    def spoil(crop: np.ndarray, part: float) -> np.ndarray:
        side = round(48 * (least / 48) ** part)
        small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)

    return spoil


def _occlusion(rng: np.random.Generator) -> Spoil:
    import cv2

    most, angle = rng.uniform(0.6, 0.95), rng.uniform(0, 2 * np.pi)
    colour, grain = rng.uniform(0, 255, 3), rng.normal(0, rng.uniform(0, 20), (8, 8, 3))
    surface = np.clip(colour + cv2.resize(grain, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), 0, 255)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    along = x * np.cos(angle) + y * np.sin(angle) + 0.5

    def spoil(crop: np.ndarray, part: float) -> np.ndarray:
        edge = np.quantile(along, most * part)
        cover = np.clip((edge - along) * SIDE / 2 + 0.5, 0, 1)[..., None]
        return (crop * (1 - cover) + surface * cover).astype(np.uint8)

    return spoil


FAULTS: dict[str, Callable[[np.random.Generator], Spoil]] = {
    "blur": _blur, "motion": _motion, "compression": _compression, "resolution": _resolution, "occlusion": _occlusion,
}  # fmt: skip
"""What spoils a set."""
