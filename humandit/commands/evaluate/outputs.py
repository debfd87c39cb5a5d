"""What an evaluation leaves in a folder: scores.json, scores.csv, page.html and contact sheets."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .tools import say

if TYPE_CHECKING:
    import numpy as np

    from ...metrics.evaluate import Judged, TrueClip
    from ...metrics.report.page import Shown

SHEETS = 4
"""Clips on contact sheets from each of best, middle and worst."""
ON_PAGE = 2
"""The same, of films on the page."""
COLUMNS = ("puppet", "against", "repeat_reference", "shuffled_pose", "vae_only")
"""Rivals whose films are shown, in this order; at most :data:`MOST` of them beside truth and poses."""
MOST = 4
PLAIN = ("ground_truth", "repeat_reference")
"""Rivals that a sheet shows anyway."""
LARGE = 4
"""Pose pictures are drawn this many times larger than the films, then made small: thin lines stay smooth."""


@dataclass(frozen=True)
class Evaluation:
    """All that was made and found.

    Attributes:
        result: the command's result. scores: every film's own. films: rival -> one per clip; the first is the one in
            question. clips: the truth. what: rival -> what it is. fps: speed. segments: frames of each.
    """

    result: Mapping[str, Any]
    scores: Judged
    films: Mapping[str, Sequence[np.ndarray]]
    clips: Sequence[TrueClip]
    what: Mapping[str, str]
    fps: float
    segments: Sequence[slice]

    @property
    def first(self) -> str:
        return next(iter(self.films))

    def name(self, index: int) -> str:
        """Of a clip."""
        names = self.result.get("names")
        return names[index] if names else f"clip-{index:02d}"


def write_outputs(folder: Path, found: Evaluation) -> dict[str, Any]:
    """Write everything; returns the paths."""
    say("drawing")
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"table": folder / "scores.csv", "page": folder / "page.html", "json": folder / "scores.json"}
    write_table(paths["table"], found)
    sheets = draw_sheets(folder, found)
    paths["page"].write_text(draw_page(found), encoding="utf-8")
    outputs = {**{name: str(path) for name, path in paths.items()}, "sheets": sheets}
    paths["json"].write_text(json.dumps({**found.result, "outputs": outputs}, indent=1), encoding="utf-8")
    return outputs


def chosen(found: Evaluation, each: int) -> dict[int, str]:
    """Number of a clip -> "best", "middle" or "worst", by the first one's SSIM inside the person; best first."""
    from ...metrics.evaluate import clip_means

    means = [clip_means(one) for one in found.scores[found.first]]
    ranked = sorted(range(len(means)), key=lambda i: -means[i].get("person_ssim", means[i]["ssim"]))
    return placed(ranked, each)


def placed(ranked: Sequence[int], each: int) -> dict[int, str]:
    """Number -> place of ``each`` at the front, in the middle and at the end of a ranking, the best first; where they
    are few, the first place counts."""
    middle = max((len(ranked) - each) // 2, 0)
    places = {"best": ranked[:each], "middle": ranked[middle : middle + each], "worst": ranked[-each:]}
    out: dict[int, str] = {}
    for place, numbers in places.items():
        for number in numbers:
            out.setdefault(number, place)
    return out


def write_table(path: Path, found: Evaluation) -> None:
    """A line per rival and clip, for spreadsheets and other programs."""
    from ...metrics.evaluate import clip_means
    from ...metrics.figures import FIGURES

    rows = [{"rival": rival, "clip": found.name(i), **clip_means(one)}
            for rival in found.films for i, one in enumerate(found.scores[rival])]  # fmt: skip
    known = [figure.name for figure in FIGURES if any(figure.name in row for row in rows)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["rival", "clip", *known])
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in row.items()}
            )


def draw_sheets(folder: Path, found: Evaluation) -> list[str]:
    """One contact sheet per chosen clip at the films' own size: reference, truth, poses, results."""
    from PIL import Image

    from ...media.sheet import contact_sheet

    paths = []
    for index, place in chosen(found, SHEETS).items():
        frames = found.clips[index].frames
        rows = {"reference": frames[:1].repeat(len(frames) - 1, 0), "truth": frames[1:], **_poses(found.clips[index])}
        rows |= {name: made[index] for name, made in found.films.items() if name not in PLAIN}
        path = folder / f"{place}-{found.name(index)}.png"
        Image.fromarray(contact_sheet(rows, cell=max(frames.shape[1:3]))).save(path)
        paths.append(str(path))
    return paths


def draw_page(found: Evaluation) -> str:
    """The page's text."""
    from ...metrics.report.page import Report, page

    rows = {name: found.result[name] for name in found.films}
    title = f"How good is {found.result.get('model_file', found.first)}?"
    report = Report(title, _about(found.result), rows, found.what, _numbers(found), found.result["features"])
    shown = [_shown(found, index, place) for index, place in chosen(found, ON_PAGE).items()]
    return page(report, found.scores, [part.start for part in found.segments[1:]], shown, found.fps)


def _poses(clip: TrueClip) -> dict[str, np.ndarray]:
    from ...pose.draw import draw
    from ...types import Canvas

    if not clip.poses.visible.any():
        return {}
    height, width = clip.frames.shape[1:3]
    return {"pose": draw(clip.poses[slice(1, None)], Canvas(LARGE * width, LARGE * height))}


def _about(result: Mapping[str, Any]) -> str:
    if "model_file" not in result:
        return f"{result['clips']} pairs of films, matched by name."
    return (
        f"{result['clips']} held-out clips of {result['segments_per_clip']} segments of {result['frames']} frames, "
        f"{result['size']} x {result['size']} pixels. Their people, motions and backdrops are kept out of training."
    )


def _numbers(found: Evaluation) -> dict[str, str]:
    """The few figures that the page begins with."""
    from ...metrics.figures import BY_NAME

    row, shown = found.result[found.first], {}
    for name in ("person_psnr", "person_ssim", "perceptual", "pck", "hand_pck"):
        if name in row:
            shown[BY_NAME[name].title] = f"{row[name]:.{BY_NAME[name].digits}f}"
    if "wins" in found.result:
        shown["of clips beat the still picture"] = f"{found.result['wins']:.0%}"
        shown["of the reachable gain"] = f"{found.result['closed']:.0%}"
    return shown


def _shown(found: Evaluation, index: int, place: str) -> Shown:
    from ...metrics.report.page import Shown

    clip = found.clips[index]
    others = [name for name in COLUMNS if name in found.films and name != found.first]
    rows = {"reference": clip.frames[:1], "truth": clip.frames[1:], **_poses(clip)}
    rows |= {name: found.films[name][index] for name in [found.first, *others][: MOST + 1]}
    return Shown(f"{found.name(index)}: {place} by SSIM inside the person", rows)
