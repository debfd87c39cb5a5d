"""Peak memory is that of a fresh process, and the chain draws poses only when it needs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from humandit.cli import main
from humandit.errors import HumanDiTError
from humandit.metrics.bench_memory import peaks, swaying
from humandit.pose.background import camera_background, shown_with
from humandit.pose.raster import Raster, rasterize
from humandit.types import Canvas
from humandit.video.segments import chain, plan_segments

CANVAS = Canvas(32, 48)
ROOT = Path(__file__).parents[2]


def test_the_peak_rises_with_what_is_held():
    """In a process of its own: this one may have held more before."""
    code = """
import numpy as np
from humandit.metrics.bench_memory import peak_megabytes
before = peak_megabytes()
held = np.ones(256 << 17)
print(peak_megabytes() - before)
del held
print(peak_megabytes() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    held, afterwards = map(float, done.stdout.split())
    assert held > 128 and afterwards > 128, "a peak, not what is held now"


def test_a_process_that_breaks_off_says_why():
    with pytest.raises(HumanDiTError, match="chain of 1 segments broke off: error: Unknown preset 'warp'"):
        next(peaks([1], ["--preset", "warp"]))


def test_drawn_parts_equal_the_whole_drawing():
    poses = swaying(20, CANVAS, 12.5)
    points = shown_with(camera_background(CANVAS, 19, 12.5, pan=(0.2, 0.0)), poses)
    for background in (None, points):
        whole, raster = rasterize(poses, CANVAS, background), Raster(poses, CANVAS, background)
        assert len(raster) == 20
        assert torch.equal(raster[8:17], whole[8:17]) and torch.equal(raster[16:99], whole[16:])
        assert whole.any()


def test_the_chain_draws_one_segment_at_a_time():
    asked = []

    class Watched(Raster):
        def __getitem__(self, frames: slice) -> torch.Tensor:
            asked.append((frames.start, frames.stop))
            return super().__getitem__(frames)

    images = Watched(swaying(21, CANVAS, 12.5), CANVAS)
    latents = torch.zeros(3, 16, 6, 4)
    done = chain(
        torch.zeros(48, 32, 3), images, plan_segments(20, 9, CANVAS), lambda frame: latents[:1],
        lambda segment, prefix, pose: latents, lambda z: torch.zeros(9, 48, 32, 3),
    )  # fmt: skip
    assert len(next(done).frames) == 8 and asked == [(0, 9)]
    assert [len(part.frames) for part in done] == [8, 4] and asked == [(0, 9), (8, 17), (16, 25)]


@pytest.mark.slow
def test_the_command_measures_the_bundled_chain(capsys):
    words = ["--width", "48", "--height", "32", "--segment-frames", "9", "--steps", "1", "--json"]
    assert main(["bench", "memory", "--segments", "1", "2", *words]) == 0
    peak = json.loads(capsys.readouterr().out.strip().splitlines()[-1])["peak_mb"]
    assert set(peak) == {"1", "2"} and 50 < peak["1"] < 4000
