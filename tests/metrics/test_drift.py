"""The drift meter on pictures whose drift is known, its plot, and the bench of all answers on a toy model."""

from __future__ import annotations

import argparse
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from humandit.commands.bench.drift import chosen
from humandit.errors import HumanDiTError, InvalidShape
from humandit.metrics.bench_drift import METHODS, Way, compare, loss, stretches
from humandit.metrics.drift import drift_meter, told
from humandit.metrics.drift_plot import COLOURS, PANEL, drift_plot
from humandit.pipeline import Models
from humandit.pose import skeleton as coco
from humandit.pose.background.person import person_masks
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.config import DiTConfig
from humandit.video.light_vae import LightVAE, LightVAEConfig
from humandit.video.model import HumanDiT
from humandit.video.sample import Sampling

SIDE = 64


def standing(frames: int) -> PoseSequence:
    """Body joints alone, upright in the middle."""
    xy, score = np.full((frames, coco.COUNT, 2), SIDE / 2, np.float32), np.zeros((frames, coco.COUNT), np.float32)
    places = {"nose": (0, -22), "eye": (2, -24), "shoulder": (7, -14), "elbow": (10, -4), "wrist": (11, 4),
              "hip": (4, 4), "knee": (5, 14), "ankle": (5, 24)}  # fmt: skip
    for name, (x, y) in places.items():
        for side, sign in (("", 0), ("left_", 1), ("right_", -1)):
            if (index := coco.INDEX.get(f"{side}{name}")) is not None:
                xy[:, index] += (sign * x, y)
                score[:, index] = 1
    return PoseSequence(xy, score, Canvas(SIDE, SIDE), 12.5)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """Blue in front of grey with stripes."""
    image = np.full((SIDE, SIDE, 3), 120, np.uint8)
    image[::4] = 140
    image[next(person_masks(standing(1)))] = (40, 60, 160)
    return image


def one(picture, film):
    return drift_meter(standing(1 + len(film)), picture)(film)


def test_the_picture_itself_has_not_drifted(picture):
    drift = one(picture, np.stack([picture] * 3))
    assert (drift.colour, drift.identity, drift.pck) == (pytest.approx(0, abs=1e-3), pytest.approx(0, abs=1e-3), None)
    assert drift.sharpness == pytest.approx(1)


def test_other_clothes_are_another_identity_and_half_a_shift_of_colour(picture):
    dressed = picture.copy()
    dressed[next(person_masks(standing(1)))] = (160, 60, 40)
    drift = one(picture, dressed[None])
    assert drift.identity > 50
    assert drift.colour == pytest.approx(drift.identity / 2, rel=0.05), "the background has stayed"


def test_another_background_is_no_other_person_and_blur_is_not_sharp(picture):
    import cv2

    person = next(person_masks(standing(1)))
    other = np.where(person[..., None], picture, 220).astype(np.uint8)
    drift = one(picture, other[None])
    assert drift.identity < 1 and drift.colour > 10
    assert one(picture, cv2.GaussianBlur(picture, (0, 0), 2)[None]).sharpness < 0.7


def test_poses_that_are_found_again_count(picture):
    poses = standing(5)
    film = np.stack([picture] * 4)
    assert drift_meter(poses, picture, lambda frames: poses[1:])(film).pck == 1
    away = replace(poses, xy=poses.xy + 30)
    assert drift_meter(poses, picture, lambda frames: away[1:])(film).pck == 0


def test_segments_are_measured_with_their_own_poses(picture):
    poses = standing(5)
    poses = replace(poses, xy=poses.xy + np.array([0, 0, 0, 20, 20])[:, None, None].astype(np.float32))
    moved = np.roll(picture, (20, 20), (0, 1))
    meter = drift_meter(poses, picture)
    first, second = meter(np.stack([picture] * 2)), meter(np.stack([moved] * 2))
    assert first.identity < 0.01 and second.identity < 3
    assert told([first, second]).splitlines()[0] == "segment 1: colour 0.00, identity 0.00, sharpness 1.00"


def test_nobody_in_sight_is_no_number(picture):
    nobody = replace(standing(2), score=np.zeros((2, coco.COUNT), np.float32))
    drift = drift_meter(nobody, picture)(picture[None])
    assert np.isnan(drift.identity) and drift.colour < 0.01


def test_frames_without_poses_are_refused(picture):
    with pytest.raises(InvalidShape, match=r"3, 64, 64, 3\] and 1 poses"):
        drift_meter(standing(2), picture)(np.stack([picture] * 3))


def test_the_plot_has_a_diagram_per_figure_and_a_colour_per_film():
    plot = drift_plot(
        {"plain": {"psnr": [24, 22, 21], "pck": [0.9, float("nan"), 0.5]}, "default": {"psnr": [24, 23, 23]}}
    )
    assert plot.shape[1] == 2 * PANEL[0] and plot.shape[0] > PANEL[1], "and a legend below"
    for colour in COLOURS[:2]:
        assert (plot == colour).all(-1).sum() > 20
    assert drift_plot({"film": {"psnr": [24, 24]}}).shape == (PANEL[1], PANEL[0], 3)
    with pytest.raises(InvalidShape, match="at least one figure"):
        drift_plot({"film": {}})


@pytest.fixture(scope="module")
def models() -> Models:
    torch.manual_seed(0)
    config = DiTConfig(heads=1, head_dim=32, layers=1, time_dim=16, text_dim=None, rope_base=(4, 4), prediction="x0")
    return Models(HumanDiT(config).eval(), LightVAE(LightVAEConfig(width=16, layers=1, detail=4)).eval())


def test_every_answer_is_measured_in_the_plain_chains_stretches(models, picture):
    poses = standing(25)
    clip: Any = SimpleNamespace(
        frames=np.stack([picture] * 25), poses=poses, mask=np.stack([*person_masks(poses)]),
        background_xy=np.tile(np.array([[[4, 4], [60, 4]]], np.float32), (25, 1, 1)),
        background_visible=np.ones((25, 2), bool),
    )  # fmt: skip
    seen = []
    rows = compare([clip], METHODS, models, Way(9, Sampling(1)), None, lambda name, index, film, row: seen.append(name))
    assert seen == list(METHODS) == list(rows)
    assert all(len(values) == 3 for row in rows.values() for values in row.values())
    assert set(rows["plain"]) == {"psnr", "ssim", "colour", "identity", "sharpness"}
    assert rows["plain"]["psnr"] != rows["default"]["psnr"], "the background comes back"
    assert loss(rows["plain"]) == pytest.approx(rows["plain"]["psnr"][0] - rows["plain"]["psnr"][-1], abs=1e-3)


def test_what_cannot_be_measured_is_said():
    with pytest.raises(HumanDiTError, match="10 frames cannot be cut into 3"):
        stretches(np.zeros((10, 2, 2, 3)), 3)
    with pytest.raises(HumanDiTError, match="Unknown answer to drift 'glue'.*plain, default"):
        chosen(argparse.Namespace(all=False, only=["glue"]))
    assert list(chosen(argparse.Namespace(all=False, only=None))) == ["plain", "default"]
