"""Pictures of the help pages, ``web/docs/images/NODE.webp``: the bundled example, before and after each node.

``python -m tools.help_pictures [--only NODE ...] [--look FOLDER]`` draws them; ``--look`` also writes PNG copies.
What has a time axis plays. Nodes that load, save or only tell something have none; the pose editor's is a screenshot.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from humandit.data.motion import corrupted
from humandit.draft import draft_frames
from humandit.framing import MODES, framed
from humandit.media.frames import fit_frames, framed_frames
from humandit.media.sheet import contact_sheet
from humandit.media.write import whole_file, write_image
from humandit.metrics.compare import compare_films, heat, side_by_side
from humandit.metrics.drift import as_lists, drift_meter
from humandit.metrics.drift_plot import drift_plot
from humandit.motion.generate import Manner, continue_motion
from humandit.motion.inside import kept_inside
from humandit.motion.refine import refine_motion
from humandit.motion.start import MotionSampling
from humandit.pose.background import camera_background, draw_points
from humandit.pose.draw import WIDTHS, draw
from humandit.pose.sequence import PoseSequence
from humandit.pose.skeleton import INDEX
from humandit.pose.smooth import Smoothing, smooth
from humandit.types import Canvas
from tools.help_example import (
    adapted,
    detector,
    film,
    film_poses,
    models,
    motion_model,
    over,
    picture,
    picture_pose,
    rendered,
    small,
)  # fmt: skip
from tools.host import ROOT

IMAGES = ROOT / "web" / "docs" / "images"
WIDTH, COLUMNS, QUALITY, FILM_QUALITY = 480, 4, 85, 55
"""Pixels across, frames beside each other, and of WebP: standing pictures, and those that play."""
ROOM = 1.1
"""Side of a close-up over the longer side of what it shows."""
FPS = 12.5
CELL = 114
"""Side of a frame on a sheet of ``COLUMNS``."""
GAP = 6
"""Pixels between pictures of ``beside``."""
NOSE = INDEX["nose"]
TAU, FRAMES = 8, 48
ENERGIES = (0.2, 0.8)
LONG = {"segment_frames": 9, "frames": 56}
"""A film of short segments, seven of them when plain, in which drift shows."""


def beside(cells: Mapping[str, np.ndarray]) -> np.ndarray:
    """Labelled square pictures in a row."""
    return playing({label: cell[None] for label, cell in cells.items()})[0]


def playing(films: Mapping[str, np.ndarray]) -> np.ndarray:
    """[T, h, w, 3]: labelled square films in a row, which play together."""
    side = (WIDTH - GAP * (len(films) - 1)) // len(films)
    frames = min(len(film) for film in films.values())
    return side_by_side([(label, fit_frames(film[:frames], Canvas(side, side))) for label, film in films.items()])


def sheet(rows: Mapping[str, np.ndarray], columns: int = COLUMNS) -> np.ndarray:
    """Labelled rows of frames, the same moments of films below each other."""
    return contact_sheet(rows, columns, WIDTH // columns - GAP)


def close(*shown: PoseSequence) -> tuple[slice, slice]:
    """Rows and columns of the square around everything that the poses show, inside their canvas."""
    canvas = shown[0].canvas
    points = np.concatenate([poses.xy[poses.visible] for poses in shown]).clip(0, (canvas.width, canvas.height))
    low, high = points.min(0), points.max(0)
    side = int(min((high - low).max() * ROOM, canvas.width, canvas.height))
    left, top = ((low + high - side) / 2).clip(0, (canvas.width - side, canvas.height - side)).astype(int)
    return slice(top, top + side), slice(left, left + side)


def example() -> np.ndarray:
    frames = film().frames
    return beside({"picture": picture(), "frames": frames[0], "": frames[len(frames) // 2], " ": frames[-1]})


def detect_pose() -> np.ndarray:
    at = slice(len(film()) // 2, len(film()) // 2 + 1)
    frame, pose = film().frames[at], film_poses()[at]
    still, moving = close(picture_pose()), close(pose)
    return beside(
        {
            "picture": picture()[still],
            "its pose": over(picture()[None], picture_pose())[0][still],
            "a frame": frame[0][moving],
            "its pose ": over(frame, pose)[0][moving],
        }
    )


def adapt_pose() -> np.ndarray:
    where = (slice(None), *close(picture_pose(), film_poses(), adapted()))
    return sheet(
        {
            "the film's poses on the picture, as they are": over(picture(), film_poses())[where],
            "adapted: bones and place of the person in the picture": over(picture(), adapted())[where],
        }
    )


def smooth_pose() -> np.ndarray:
    """One joint of somebody who stands still, as a detector sees it that errs by a hundredth of the picture."""
    still = picture_pose()
    shown = PoseSequence(still.xy.repeat(FRAMES, 0), still.score.repeat(FRAMES, 0), still.canvas, 2 * FPS)
    off = np.random.default_rng(0).normal(0, 0.01 * still.canvas.square, shown.xy.shape)
    shaken = replace(shown, xy=(shown.xy + off).astype(np.float32))
    calm = {f"strength {strength:g}": smooth(shaken, Smoothing(strength=strength)) for strength in (0.5, 1)}
    way = "nose, pixels from the left, frame by frame"
    lines = {"before": shaken, **calm}
    return drift_plot({label: {way: poses.xy[:, NOSE, 0].tolist()} for label, poses in lines.items()})


def draw_pose() -> np.ndarray:
    pose = film_poses()[len(film()) // 2 :][:1]
    where = close(pose)
    return beside({f"lines: {lines}": draw(pose, lines=lines)[0][where] for lines in WIDTHS})


def generate_motion() -> np.ndarray:
    films = {"the picture's pose": over(picture()[None], picture_pose())[[0] * FRAMES]}
    for energy in ENERGIES:
        made = continue_motion(motion_model(), picture_pose(), FRAMES, Manner(energy), MotionSampling(seed=1))
        films[f"energy {energy:g}"] = draw(kept_inside(made))
    return playing(films)


def refine_motion_() -> np.ndarray:
    start = picture_pose()
    height = float(np.ptp(start.xy[start.visible][:, 1]))
    spoilt = corrupted(adapted(), height, np.random.default_rng(4))
    mended = refine_motion(motion_model(), start, spoilt, TAU)
    nobody = PoseSequence(spoilt.xy[:TAU], np.zeros_like(spoilt.score[:TAU]), spoilt.canvas, spoilt.fps)
    where = (slice(None), *close(start, mended))
    films = {
        "the picture's pose": over(picture()[None], start)[[0] * FRAMES],
        "poses with faults": draw(nobody.concat(spoilt)[:FRAMES]),
        "refined": draw(mended[:FRAMES]),
    }
    return playing({label: frames[where] for label, frames in films.items()})


def track_background_() -> np.ndarray:
    canvas = Canvas(CELL, CELL)
    frames = fit_frames(film().frames[:FRAMES], canvas)
    rows = {
        "still": camera_background(canvas, FRAMES, FPS),
        "pan to the right": camera_background(canvas, FRAMES, FPS, (0.2, 0)),
        "zoom in": camera_background(canvas, FRAMES, FPS, zoom=0.2),
    }
    return sheet({label: draw_points(frames, points) for label, points in rows.items()})


def plan() -> np.ndarray:
    tall = picture()[:, 96:-96]
    canvas = Canvas(tall.shape[1], tall.shape[0])
    return beside({"a tall picture": on_square(tall)} | {
        f"mode: {mode}": on_square(framed_frames(tall, framed(canvas, Canvas(256, 256), mode))) for mode in MODES
    })  # fmt: skip


def on_square(frame: np.ndarray) -> np.ndarray:
    """The whole frame in the middle of a grey square."""
    side = max(frame.shape[:2])
    square = np.full((side, side, 3), 60, np.uint8)
    top, left = (side - frame.shape[0]) // 2, (side - frame.shape[1]) // 2
    square[top : top + frame.shape[0], left : left + frame.shape[1]] = frame
    return square


def draft() -> np.ndarray:
    made = draft_frames(picture(), picture_pose(), adapted()[:FRAMES], detector=detector())
    where = (slice(None), *close(picture_pose(), adapted()))
    films = {
        "picture": picture()[None].repeat(FRAMES, 0),
        "poses": draw(adapted()[:FRAMES]),
        "draft": np.stack(list(made)),
    }
    return playing({label: film[where] for label, film in films.items()})


def sample() -> np.ndarray:
    shown, poses = small()
    made = np.concatenate(rendered())
    driving = draw(poses[1 : len(made) + 1], Canvas(256, 256))
    return playing({"picture": shown[None].repeat(len(made), 0), "poses": driving, "film": made})


def condition() -> np.ndarray:
    shown, poses = small()
    made = rendered()[0]
    rows = {
        "into the conditioning: the picture, and the poses of one segment": over(shown, poses[: len(made) + 1]),
        "what KSampler and VAE Decode make of it": np.concatenate([shown[None], made]),
    }
    return sheet(rows, 5)


def continuity() -> np.ndarray:
    rows = {
        "plain: the last frame of each segment": rendered("plain", **LONG),
        "default: colours and background are held": rendered("default", **LONG),
    }
    return sheet({label: np.stack([part[-1] for part in parts]) for label, parts in rows.items()}, 6)


def drift() -> np.ndarray:
    shown, poses = small()
    films = {}
    for name in ("plain", "default"):
        measure = drift_meter(poses, shown)
        films[name] = as_lists([measure(part) for part in rendered(name, **LONG)])
    return drift_plot(films, 1)


def compare() -> np.ndarray:
    found = compare_films(np.concatenate(rendered())[:24], np.concatenate(rendered(preset="fast"))[:24])
    at = slice(found.worst, found.worst + 1)
    films = {"exact": found.a[at][0], "fast": found.b[at][0], "difference": heat(found.a[at], found.b[at])[0]}
    return beside(films)


def load_vae() -> np.ndarray:
    import torch

    shown, vae = small()[0], models().vae
    with torch.inference_mode():
        latent = vae.encode(torch.from_numpy(shown[None]).float() / 255)
        back = torch.cat(list(vae.decode(latent)))[0]
    return beside({"a picture": shown, "through latents and back": (back.clamp(0, 1) * 255).byte().numpy()})


def fun_pose() -> np.ndarray:
    where = (slice(None), *close(film_poses()))
    drawn = dwpose(film_poses())[where]
    return sheet({"what the weights are shown: poses, drawn; who dances is said by the prompt": drawn})


def vctrl() -> np.ndarray:
    shown = np.concatenate([picture()[None], dwpose(picture_pose()), dwpose(adapted())])
    picks = np.r_[0, 1, 2 : len(shown) : len(shown) // 3][:5]
    return sheet({"what the weights are shown: the picture, its pose, the motion": shown[picks]}, len(picks))


def dwpose(poses: PoseSequence) -> np.ndarray:
    return draw(poses, lines="dwpose")


PICTURES: dict[str, Callable[[], np.ndarray]] = {
    "HumanDiTExample": example,
    "HumanDiTDetectPose": detect_pose,
    "HumanDiTAdaptPose": adapt_pose,
    "HumanDiTSmoothPose": smooth_pose,
    "HumanDiTDrawPose": draw_pose,
    "HumanDiTGenerateMotion": generate_motion,
    "HumanDiTRefineMotion": refine_motion_,
    "HumanDiTTrackBackground": track_background_,
    "HumanDiTPlan": plan,
    "HumanDiTDraft": draft,
    "HumanDiTSample": sample,
    "HumanDiTCondition": condition,
    "HumanDiTContinuity": continuity,
    "HumanDiTDriftMeter": drift,
    "HumanDiTCompare": compare,
    "HumanDiTLoadVAE": load_vae,
    "HumanDiTFunPose": fun_pose,
    "HumanDiTVCtrl": vctrl,
}


def save(node: str, drawn: np.ndarray) -> Path:
    """One picture [H, W, 3], or a film [T, H, W, 3] that plays again and again."""
    from PIL import Image

    first, *rest = [Image.fromarray(frame) for frame in drawn.reshape(-1, *drawn.shape[-3:])]
    plays = {"save_all": True, "append_images": rest, "duration": round(1000 / FPS), "loop": 0} if rest else {}
    with whole_file(IMAGES / f"{node}.webp") as part:
        first.save(part, quality=FILM_QUALITY if rest else QUALITY, method=6, **plays)
    return IMAGES / f"{node}.webp"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(PICTURES), help="nodes (default: all)")
    parser.add_argument("--look", type=Path, help="folder for PNG copies; of films, of some frames")
    args = parser.parse_args()
    for node in args.only or PICTURES:
        drawn = PICTURES[node]()
        path = save(node, drawn)
        if args.look:
            stills = drawn[None] if drawn.ndim == 3 else drawn[:: len(drawn) // 5]
            write_image(args.look / f"{node}.png", np.concatenate(stills))
        print(f"{node}: {drawn.shape[-2]} x {drawn.shape[-3]}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
