"""Pictures of the nodes that make films, measure them, or say what goes into them."""

from __future__ import annotations

import numpy as np

from humandit.draft import draft_frames
from humandit.framing import MODES, framed
from humandit.media.frames import framed_frames
from humandit.metrics.compare import compare_films, heat
from humandit.metrics.drift import as_lists, drift_meter
from humandit.metrics.drift_plot import drift_plot
from humandit.pose.draw import draw
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

from .example import adapted, detector, film, film_poses, models, over, picture, picture_pose, rendered, small
from .layout import beside, close, on_square, playing, sheet

FRAMES = 48
LONG = {"segment_frames": 9, "frames": 56}
"""A film of short segments, seven of them when plain, in which drift shows."""


def example() -> np.ndarray:
    frames = film().frames
    return beside({"picture": picture(), "frames": frames[0], "": frames[len(frames) // 2], " ": frames[-1]})


def plan() -> np.ndarray:
    tall = picture()[:, 96:-96]
    canvas = Canvas(tall.shape[1], tall.shape[0])
    return beside({"a tall picture": on_square(tall)} | {
        f"mode: {mode}": on_square(framed_frames(tall, framed(canvas, Canvas(256, 256), mode))) for mode in MODES
    })  # fmt: skip


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
        "what KSampler, VAE Decode and Finish make of it": np.concatenate([shown[None], made]),
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
