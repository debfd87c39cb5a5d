"""One person for some seconds: measured, judged by the rules, and labelled if they stay. Cheap figures come first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import InvalidMedia
from ...pose.background import BackgroundPoints, track_background
from ...pose.raster import MAX_BACKGROUND
from . import figures
from .masks import masks_of
from .regions import crops, hand_boxes, mouth_boxes, scored_frames
from .rules import Broken, Rule, broken
from .subjects import Subject
from .text import find_text, text_masks
from .tools import Tools

DIGITS = 4
"""Decimals of a figure."""


@dataclass(frozen=True)
class Labels:
    """What a clip's pictures show, beside its poses.

    Attributes:
        mask: [T, H, W] bool, the person. text: [T, H, W] bool, writing.
        background: points that stand still in the scene; None where there is nothing to follow.
        hands, teeth: clarity 0..1 of every scored crop. quality: 0..100 of every scored frame.
    """

    mask: np.ndarray
    text: np.ndarray
    background: BackgroundPoints | None
    hands: np.ndarray
    teeth: np.ndarray
    quality: np.ndarray


@dataclass(frozen=True)
class Verdict:
    """Figures of a clip, None for what nothing could measure; the rules it does not meet; its labels if it stays."""

    figures: dict[str, float | None]
    broken: tuple[Broken, ...]
    labels: Labels | None


def examine(frames: np.ndarray, subject: Subject, tools: Tools, rules: Sequence[Rule]) -> Verdict:
    """Frames [T, H, W, 3] of the crop against the rules.

    A clip that is too short, too small or shared with somebody is not looked at more closely, and only what meets
    every rule so far is searched for writing; so later figures may be missing.
    """
    found: dict[str, float | None] = {"person": 1.0, **figures.of_crop(subject)}
    if wrong := broken(rules, found):
        return Verdict(_rounded(found), wrong, None)
    mask, wide = masks_of(frames, subject.poses, tools.detector)
    quality = tools.quality(frames[list(scored_frames(len(frames)))])
    hands, teeth = (_clarity(frames, subject, tools, part) for part in ("hands", "teeth"))
    found.update({**figures.of_poses(subject.poses), **figures.of_pictures(frames, mask)})
    found.update(mean_quality=float(quality.mean()), worst_quality=float(quality.min()))
    found.update(hand_clarity=_mean(hands), teeth_clarity=_mean(teeth))
    if wrong := broken(rules, found):
        return Verdict(_rounded(found), wrong, None)
    text = _text(frames, tools)
    found["text_share"] = None if tools.text is None else float(text.mean())
    if wrong := broken(rules, found):
        return Verdict(_rounded(found), wrong, None)
    background = _background(frames, wide | text, subject, tools)  # letters stand still while cameras move
    found["background_points"] = 0.0 if background is None else float(background.visible.sum(1).mean())
    return Verdict(_rounded(found), (), Labels(mask, text, background, hands, teeth, quality))


def _clarity(frames: np.ndarray, subject: Subject, tools: Tools, part: str) -> np.ndarray:
    """[N] scores of what is seen of a part in every fifth frame."""
    boxes = hand_boxes if part == "hands" else mouth_boxes
    cut = [c for t in scored_frames(len(frames)) for c in crops(frames[t], boxes(subject.poses, t))]
    return tools.clarity(part, cut) if cut else np.zeros(0)


def _text(frames: np.ndarray, tools: Tools) -> np.ndarray:
    if tools.text is None:
        return np.zeros(frames.shape[:3], bool)
    return text_masks(find_text(tools.text, frames), *frames.shape[1:3])


def _background(frames: np.ndarray, hidden: np.ndarray, subject: Subject, tools: Tools) -> BackgroundPoints | None:
    fps = subject.poses.fps
    try:
        return track_background(frames, fps, masks=hidden, count=MAX_BACKGROUND, tracker=tools.tracker)
    except InvalidMedia:  # a plain wall: the clip is as good without points
        return None


def _mean(scores: np.ndarray) -> float | None:
    return float(scores.mean()) if len(scores) else None


def _rounded(found: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, DIGITS) for name, value in found.items()}
