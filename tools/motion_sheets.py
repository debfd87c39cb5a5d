"""Contact sheets and moving pictures of what the motion model does, for ``docs/motion``.

``python -m tools.motion_sheets`` takes held-out films and, where they are in the cache, poses of real ones; it lets
each go on from its first pose, calm and lively, and mends each after spoiling it. Nothing is chosen by its looks.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from humandit.data.motion import FPS, Film, corrupted, draw_film
from humandit.data.motion.pieces import pieces
from humandit.media.read import read_film
from humandit.media.sheet import contact_sheet
from humandit.motion.generate import Manner, continue_motion
from humandit.motion.inside import kept_inside
from humandit.motion.model import KeypointDiT
from humandit.motion.refine import refine_motion
from humandit.motion.start import MotionSampling
from humandit.pose.detect import load_detector
from humandit.pose.draw import draw
from humandit.pose.sequence import PoseSequence
from humandit.pose.track import track
from humandit.types import Canvas
from humandit.weights.load import load_motion
from humandit.wheels import cache_root
from tools.host import ROOT
from tools.motion_grid import moving_grid

SECONDS, TAU = 5.0, 8
MADE_UP, REAL = 4, ("dancer", "doll", "boxer", "guitarist")
"""Held-out films, each of another act or clip, and films of the cache."""
CALM, LIVELY = (0.2, 0), (0.8, 1)
"""Energy and seed of the two motions from each start."""
COLUMNS, CELL, QUALITY, INK = 8, 140, 70, 3
ROOM = 1.08
"""Side of the pictures over the longer side of what they show."""
MARK = (255, 150, 0)
"""Colour of the frame around poses of the bridge."""
BRIDGE = (0, 2, 4, 6, 8)
"""Frames of a mended film that are always shown: the picture and some of the bridge."""

Rows = dict[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """A film to work on; ``name`` is that of its files."""

    name: str
    film: Film


def made_up(count: int, frames: int) -> list[Case]:
    """The first held-out films of ``count`` different motions."""
    found: dict[str, Film] = {}
    for seed in range(40):
        film = draw_film(seed, "heldout", frames)
        found.setdefault(film.motion, film)
    return [Case(f"heldout-{motion}", film) for motion, film in list(found.items())[:count]]


def real(frames: int) -> list[Case]:
    """The largest person of every film of the cache, as far as they are seen in one go."""
    paths = [path for name in REAL if (path := cache_root() / "films" / f"{name}.webp").exists()]
    detector = load_detector() if paths else None
    cases = []
    for path in paths:
        shown = read_film(path, round(SECONDS * 30))
        poses = track(detector, shown.frames, shown.fps, most=1)[0].poses if detector else None
        for film in pieces(poses, frames, path.stem)[:1] if poses else []:
            long = int(np.flatnonzero(film.poses.visible.any(1))[-1]) + 1
            cases.append(Case(f"real-{path.stem}", Film(film.poses[:long], film.height, path.stem, everywhere=False)))
    return cases


def framed(films: dict[str, PoseSequence]) -> dict[str, PoseSequence]:
    """The films on a square around everything that any of them shows of its canvas."""
    canvas = next(iter(films.values())).canvas
    size = np.array([canvas.width, canvas.height])
    shown = np.concatenate([poses.xy[poses.visible] for poses in films.values()]).clip(0, size)
    low, high = shown.min(0), shown.max(0)
    side = max(round(float((high - low).max()) * ROOM), 8)
    move = side / 2 - (low + high) / 2
    return {
        label: PoseSequence(poses.xy + move, poses.score, Canvas(side, side), poses.fps)
        for label, poses in films.items()
    }


def pictures(films: dict[str, PoseSequence], bridge: int = 0) -> Rows:
    """[T, h, w, 3] each, at twice the size of a cell; the ``bridge`` frames behind the first are framed."""
    rows = {label: draw(poses, Canvas(2 * CELL, 2 * CELL)) for label, poses in framed(films).items()}
    for frames in rows.values():
        for frame in frames[1 : bridge + 1]:
            for side in (frame[:INK], frame[-INK:], frame[:, :INK], frame[:, -INK:]):
                side[:] = MARK
    return rows


def continued(model: KeypointDiT, case: Case) -> Rows:
    """The film as it goes on, and what the model makes of its first pose."""
    start, frames = case.film.poses[:1], round(SECONDS * FPS)
    films = {f"{case.name}: how the film goes on, {case.film.poses.seconds:.1f} s": case.film.poses}
    for energy, seed in (CALM, LIVELY):
        made = continue_motion(model, start, frames, Manner(energy), MotionSampling(seed=seed))
        films[f"from its first pose, {SECONDS:g} s, energy {energy:g}, seed {seed}"] = kept_inside(made)
    return pictures(films)


def mended(model: KeypointDiT, case: Case, seed: int) -> Rows:
    """The film, what it was spoilt to, and what the model makes of that; the first ``TAU`` frames are not given."""
    truth = case.film.poses
    spoilt = corrupted(truth[TAU + 1 :], case.film.height, np.random.default_rng((seed, 25)))
    kind = "truth" if case.film.everywhere else "as detected"
    films = {
        f"{case.name}: {kind} (orange: the bridge)": truth,
        "spoilt, as the model gets it": PoseSequence.stacked([truth[:1], _nobody(truth[:TAU]), spoilt]),
        "mended by the model": refine_motion(model, truth[:1], spoilt, TAU),
    }
    return pictures(films, TAU)


def _nobody(poses: PoseSequence) -> PoseSequence:
    return PoseSequence(poses.xy, np.zeros_like(poses.score), poses.canvas, poses.fps)


def save_sheet(rows: Rows, path: Path, picks: np.ndarray | None = None) -> None:
    """A sheet of frames spread evenly, or of those that are picked."""
    from PIL import Image

    chosen = {label: frames[picks] for label, frames in rows.items()} if picks is not None else rows
    columns = COLUMNS if picks is None else len(picks)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(contact_sheet(chosen, columns, CELL)).save(path, quality=QUALITY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="mini", help="a bundled name or a .safetensors file; default: mini")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "motion", help="folder; default: %(default)s")
    args = parser.parse_args()
    model, frames = load_motion(args.weights), round(SECONDS * FPS) + 1
    cases = made_up(MADE_UP, frames) + real(frames)
    going, whole = {}, {}
    for number, case in enumerate(cases):
        going[case.name] = continued(model, case)
        save_sheet(going[case.name], args.out / f"continued-{case.name}.jpg")
        whole[case.name] = mended(model, case, number)
        picks = np.r_[BRIDGE, np.linspace(TAU + 4, len(case.film.poses) - 1, COLUMNS - len(BRIDGE) + 2).round()]
        save_sheet(whole[case.name], args.out / f"mended-{case.name}.jpg", picks.astype(int))
        print(json.dumps({"case": case.name, "seconds": round(case.film.poses.seconds, 1)}), flush=True)  # noqa: T201
    energies = [f"energy {energy:g}" for energy, _ in (CALM, LIVELY)]
    moving_grid(going, ["the film", *energies], args.out / "continued.webp")
    moving_grid(whole, ["truth", "spoilt", "mended"], args.out / "mended.webp")


if __name__ == "__main__":
    main()
