"""Pictures of the nodes that find, change or make poses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from humandit.data.motion import corrupted
from humandit.media.frames import fit_frames
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

from .example import adapted, film, film_poses, motion_model, over, picture, picture_pose
from .layout import FPS, beside, close, playing, sheet

CELL = 114
"""Side of a frame of the background's sheet."""
NOSE = INDEX["nose"]
TAU, FRAMES = 8, 48
ENERGIES = (0.2, 0.8)


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


def track_background() -> np.ndarray:
    canvas = Canvas(CELL, CELL)
    frames = fit_frames(film().frames[:FRAMES], canvas)
    rows = {
        "still": camera_background(canvas, FRAMES, FPS),
        "pan to the right": camera_background(canvas, FRAMES, FPS, (0.2, 0)),
        "zoom in": camera_background(canvas, FRAMES, FPS, zoom=0.2),
    }
    return sheet({label: draw_points(frames, points) for label, points in rows.items()})
