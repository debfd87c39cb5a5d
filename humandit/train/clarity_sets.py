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
from ..data.clips.regions import crops, hand_boxes, mouth_boxes
from ..data.synthetic import render_scene
from ..data.synthetic.split import split_of
from ..errors import HumanDiTError
from ..media.write import whole_file
from ..pose.detect import load_detector
from ..pose.sequence import PoseSequence
from ..pose.track import track
from .clarity_faults import FAULTS, RANKS, spoilt

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
        parts = {f"{part}_{what}": values[part] for part in PARTS for what, values in vars(self).items()}
        with whole_file(path) as part:
            np.savez(part, **parts)

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


def pairs(rng: np.random.Generator, count: int) -> np.ndarray:
    """[count, 2] ranks (better, worse), at least two apart."""
    better = rng.integers(0, RANKS - APART, count)
    return np.stack([better, rng.integers(better + APART, RANKS)], 1)


def _varied(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mirrored, lighter or darker, of another contrast."""
    crop = crop[:, ::-1] if rng.random() < 0.5 else crop
    picture = (crop.astype(np.float32) - 128) * rng.uniform(0.7, 1.2) + 128 + rng.uniform(-30, 30)
    return np.clip(picture, 0, 255).astype(np.uint8)
