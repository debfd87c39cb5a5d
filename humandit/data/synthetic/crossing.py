"""Two synthetic people whose paths cross in front of one backdrop: the test of who is who."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...pose.sequence import PoseSequence
from ...types import Canvas
from .clip import FPS, Clip, render_clip

SIDE = 288
"""Pixels of each person's own square picture."""
WIDTH = 2 * SIDE


@dataclass(frozen=True)
class Crossing:
    """A film [T, H, W, 3] of two people, their true poses and how much of each is in sight.

    Attributes:
        frames: uint8 [T, 288, 576, 3].
        poses: of both, on the film's canvas.
        shown: [2, T] share of the person's pixels that nobody covers.
    """

    frames: np.ndarray
    poses: tuple[PoseSequence, PoseSequence]
    shown: np.ndarray


def render_crossing(seed: int, split: str, frames: int) -> Crossing:
    """Two people walk past each other, one of them in front; odd seeds put the first one behind."""
    clips = [render_clip(2 * seed + i, split, frames, SIDE) for i in range(2)]
    way = np.linspace(0, 1, frames)
    starts = [(WIDTH - SIDE) * way, (WIDTH - SIDE) * (1 - way)]
    backdrop = _backdrop(clips[0])
    film = np.repeat(backdrop[None], frames, axis=0)
    masks = [np.zeros((frames, SIDE, WIDTH), bool) for _ in clips]
    order = (0, 1) if seed % 2 else (1, 0)  # the last one painted stands in front
    for person in order:
        clip = clips[person]
        for t in range(frames):
            left = round(starts[person][t])
            window = slice(left, left + SIDE)
            film[t, :, window][clip.mask[t]] = clip.frames[t][clip.mask[t]]
            masks[person][t, :, window] = clip.mask[t]
    front, back = masks[order[1]], masks[order[0]]
    shown = np.ones((2, frames))
    covered = (front & back).sum((1, 2)) / np.maximum(back.sum((1, 2)), 1)
    shown[order[0]] -= covered
    poses = [_shifted(clip.poses, start) for clip, start in zip(clips, starts, strict=True)]
    return Crossing(film, (poses[0], poses[1]), shown)


def _backdrop(clip: Clip) -> np.ndarray:
    """The first clip's picture where nobody stands, repeated as a mirror to the full width."""
    import cv2

    hole = cv2.dilate(clip.mask[0].astype(np.uint8), np.ones((9, 9)))
    empty = cv2.inpaint(np.ascontiguousarray(clip.frames[0]), hole, 5, cv2.INPAINT_TELEA)
    empty = cv2.GaussianBlur(empty, (0, 0), 2)
    return np.concatenate([empty, empty[:, ::-1]], axis=1)


def _shifted(poses: PoseSequence, starts: np.ndarray) -> PoseSequence:
    shift = np.stack([np.round(starts), np.zeros(len(starts))], -1)[:, None]
    return replace(poses, xy=poses.xy + shift, canvas=Canvas(WIDTH, SIDE))


__all__ = ["FPS", "Crossing", "render_crossing"]
