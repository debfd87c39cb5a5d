"""The bundled model on pictures of real people, moved by real films: contact sheets for ``docs/reality``.

``python -m tools.reality`` takes scikit-image's astronaut (NASA, public domain) and first frames of the films that the
tests fetch. Nothing is chosen by its looks, and nothing is done twice: what fails is on the sheets.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from humandit.draft import draft_frames
from humandit.errors import HumanDiTError
from humandit.media.frames import fit_frames
from humandit.media.read import Film, read_film, read_image
from humandit.media.sheet import contact_sheet
from humandit.metrics.parts import part_counts
from humandit.metrics.pose import redetect
from humandit.pipeline import Models, Settings, animate, driving_poses, fit_picture
from humandit.pose.detect import Detector, load_detector
from humandit.pose.draw import draw
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.presets import usual_sampling
from humandit.weights.load import load_model, load_vae
from humandit.wheels import WheelFiles, cache_root
from tools.fetch import example_picture, film
from tools.host import ROOT

STILLS = WheelFiles(
    "scikit-image==0.26.0",
    {
        "astronaut.png": (
            "skimage/data/astronaut.png",
            "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        ),
    },
    "python -m tools.reality",
)
ASTRONAUT, EXAMPLE = "astronaut", "rendered"
PAIRS = (
    (EXAMPLE, "dancer"), (ASTRONAUT, "couple"), (ASTRONAUT, "guitarist"), ("dancer", "guitarist"), ("boxer", "dancer"),
    ("guitarist", "boxer"), ("runner", "dancer"), ("flowers", "runner"),
)  # fmt: skip
"""Whose picture is moved by which film. The first is a rendered person of the kind that the model knows."""
SIDE, FRAMES = 192, 48
"""Pixels that the bundled model was trained on, and frames: two segments."""
COLUMNS, QUALITY = 8, 70
LARGE = 4


@dataclass(frozen=True)
class Case:
    """A picture and a film that moves it."""

    picture_name: str
    film_name: str

    @property
    def name(self) -> str:
        return f"{self.picture_name}-as-{self.film_name}"

    @property
    def picture(self) -> np.ndarray:
        if self.picture_name == EXAMPLE:
            return read_image(example_picture())
        if self.picture_name == ASTRONAUT:
            return read_image(STILLS.fetch(cache_root() / "stills") / "astronaut.png")
        return read_film(film(f"{self.picture_name}.webp"), 2).frames[0]

    @property
    def driving(self) -> Film:
        return read_film(film(f"{self.film_name}.webp"))


def played(case: Case, models: Models, detector: Detector, settings: Settings, out: Path) -> dict[str, object]:
    """Make the film, draw its sheet and say how much of the motion is found again in it."""
    picture, shown = case.picture, case.driving
    pose, moves = detector.detect(picture[None], 1.0), detector.detect(shown.frames, shown.fps)
    small, small_pose = fit_picture(picture, pose, settings.canvas)
    poses = driving_poses(small_pose, moves, settings)
    made = np.concatenate([_bytes(part.frames) for part in animate(picture, pose, moves, models, settings)])
    puppet = np.stack(list(draft_frames(small, small_pose, poses[1:])))
    rows = {
        f"{case.film_name}, the film that moves": fit_frames(
            _in_step(shown, settings.fps, len(made)), settings.canvas, "fill"
        ),
        "its poses on the picture's body": draw(poses[1:], Canvas(LARGE * SIDE, LARGE * SIDE)),
        f"{case.picture_name}, animated by the bundled model": np.concatenate([small[None], made]),
        "the puppet (HumanDiT Draft)": np.concatenate([small[None], puppet]),
    }
    _save(rows, out / f"{case.name}.jpg")
    found = {"model": made, "puppet": puppet}
    return {"case": case.name, **{name: _pck(detector, frames, poses[1:]) for name, frames in found.items()}}


def _pck(detector: Detector, frames: np.ndarray, poses: PoseSequence) -> dict[str, float]:
    counts = part_counts(redetect(detector, frames, poses.fps), poses)
    sums = {part: each.sum(0) for part, each in counts.items()}
    return {part: round(float(right / total), 3) for part, (right, total) in sums.items() if total}


def _in_step(shown: Film, fps: float, frames: int) -> np.ndarray:
    """The film's frames at the moments of the made one's."""
    at = (np.arange(frames) / fps * shown.fps).round().astype(int)
    return shown.frames[at.clip(0, len(shown.frames) - 1)]


def _bytes(frames: Any) -> np.ndarray:
    return (frames.clamp(0, 1) * 255).round().byte().numpy()


def _save(rows: dict[str, np.ndarray], path: Path) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(contact_sheet(rows, COLUMNS, SIDE)).save(path, quality=QUALITY)


def results(args: argparse.Namespace) -> Iterator[dict[str, object]]:
    """One case after the other; one that cannot be made tells why."""
    models, detector = Models(load_model(args.model), load_vae(args.vae)), load_detector()
    settings = Settings(Canvas(SIDE, SIDE), frames=FRAMES, sampling=usual_sampling(models.dit.config))
    for case in (Case(*pair) for pair in PAIRS):
        if args.only and args.only not in case.name:
            continue
        try:
            yield played(case, models, detector, settings, args.out)
        except HumanDiTError as problem:
            yield {"case": case.name, "problem": str(problem)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mini", help="a bundled name or a .safetensors file; default: mini")
    parser.add_argument("--vae", default="mini", help="its autoencoder; default: mini")
    parser.add_argument("--only", help="cases whose name holds this word")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "reality", help="folder; default: %(default)s")
    for result in results(parser.parse_args()):
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
