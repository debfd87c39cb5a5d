"""Contact sheets of an evaluation's best, middle and worst clips at full size: ``docs/evaluation``.

``python -m humandit evaluate mini --keep KEPT`` leaves films; ``python -m tools.evaluation_sheets KEPT`` renders the
same held-out clips again, ranks them by the model's SSIM inside the person and draws four of each kind.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from humandit.commands.evaluate.held_out import FPS
from humandit.commands.evaluate.outputs import placed
from humandit.data.synthetic import Clip, render_clip
from humandit.errors import HumanDiTError
from humandit.media.sheet import contact_sheet
from humandit.metrics.image import person_area, psnr_frames, ssim_frames, ssim_map
from humandit.pose.draw import draw
from humandit.types import Canvas
from tools.host import ROOT

EACH = 4
"""Clips of each kind."""
COLUMNS, QUALITY = 8, 66
LARGE = 4
"""Poses are drawn this many times larger, then made small: thin lines stay smooth."""
SHOWN = {"model": "the bundled model", "puppet": "the puppet (HumanDiT Draft)", "vae_only": "the truth through the VAE"}
"""Rivals on a sheet -> what stands there."""


@dataclass(frozen=True)
class Ranked:
    """A clip's number, where it stands, and each shown rival's (PSNR, SSIM) inside the person."""

    number: int
    place: str
    scores: dict[str, tuple[float, float]]

    @property
    def name(self) -> str:
        return f"{self.place}-{self.number:02d}"


def kept_films(folder: Path) -> dict[str, dict[int, np.ndarray]]:
    """Rival -> number of the clip -> film, of those that are shown."""
    films = {}
    for name in SHOWN:
        if (folder / f"{name}.npz").is_file():
            with np.load(folder / f"{name}.npz") as file:
                films[name] = {int(key): file[key] for key in file.files}
    if "model" not in films:
        raise HumanDiTError(f"{folder} holds no model.npz. Run: python -m humandit evaluate mini --keep {folder}")
    return films


def inside(film: np.ndarray, clip: Clip) -> tuple[float, float]:
    """Mean PSNR and SSIM inside the person, as ``evaluate`` counts them."""
    truth, area = clip.frames[1:], person_area(clip.mask[0], clip.mask[1:])
    return (
        float(np.nanmean(psnr_frames(film, truth, area))),
        float(np.nanmean(ssim_frames(ssim_map(film, truth), area))),
    )


def ranked(scores: dict[int, dict[str, tuple[float, float]]], each: int = EACH) -> list[Ranked]:
    """The best, middle and worst clips by the model's SSIM."""
    order = sorted(scores, key=lambda number: -scores[number]["model"][1])
    return [Ranked(number, place, scores[number]) for number, place in placed(order, each).items()]


def sheet(clip: Clip, films: dict[str, np.ndarray], one: Ranked) -> np.ndarray:
    """Truth, poses and films of one clip, one below the other."""
    side = clip.frames.shape[1]
    rows = {
        f"clip {one.number}, the truth ({clip.motion})": clip.frames[1:],
        "its poses": draw(clip.poses[slice(1, None)], Canvas(LARGE * side, LARGE * side)),
    }
    for name, film in films.items():
        psnr, ssim = one.scores[name]
        rows[f"{SHOWN[name]}: {psnr:.1f} dB, SSIM {ssim:.2f} inside the person"] = film
    return contact_sheet(rows, COLUMNS, side)


def draw_all(folder: Path, out: Path) -> Sequence[Ranked]:
    """Write the sheets; returns what is on them."""
    from PIL import Image

    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    films = kept_films(folder)
    frames = about["segments"] * (about["frames"] - 1) + 1
    clips = {i: render_clip(about["seed"] + i, "heldout", frames, about["size"], FPS) for i in films["model"]}
    scores = {
        i: {name: inside(each[i], clip) for name, each in films.items() if i in each} for i, clip in clips.items()
    }
    out.mkdir(parents=True, exist_ok=True)
    chosen = ranked(scores)
    for one in chosen:
        shown = {name: each[one.number] for name, each in films.items() if one.number in each}
        picture = sheet(clips[one.number], shown, one)
        Image.fromarray(picture).save(out / f"{one.name}.jpg", quality=QUALITY)
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kept", type=Path, help="folder that evaluate --keep left")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "evaluation", help="default: %(default)s")
    args = parser.parse_args()
    for one in draw_all(args.kept, args.out):
        print(
            json.dumps({"clip": one.name, **{name: [round(v, 3) for v in pair] for name, pair in one.scores.items()}})
        )


if __name__ == "__main__":
    main()
