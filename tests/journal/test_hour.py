"""An hour of film: 45,000 frames at 12.5 per second take the memory of one segment."""

from pathlib import Path

import pytest
import torch

from humandit.journal import Shelf, remembered
from humandit.metrics.bench_memory import swaying
from humandit.pose.raster import Raster
from humandit.types import Canvas
from humandit.video.sample import segment_noise
from humandit.video.segments import chain, plan_segments

CANVAS = Canvas(64, 64)
FRAMES = 45_000
LENGTH = 249
STATM = Path("/proc/self/statm")


def held_megabytes() -> float:
    """Memory that this process holds right now, MiB."""
    return int(STATM.read_text().split()[1]) * 4096 / 2**20


def decode(latents):
    frames = latents.movedim(1, -1).repeat_interleave(8, 1).repeat_interleave(8, 2)
    return frames.repeat_interleave(4, 0)[3:]


@pytest.mark.slow
@pytest.mark.skipif(not STATM.exists(), reason="only Linux tells a process its memory this way")
def test_an_hour_of_film(tmp_path):
    """As frames it would be 2.2 GB, as pose images 370 MB: neither is ever held."""
    poses = swaying(1 + FRAMES, CANVAS, 12.5)
    segments, images = plan_segments(FRAMES, LENGTH, CANVAS), Raster(poses, CANVAS)
    made, said = [], []

    def film(stop_at=None):
        def denoise(segment, prefix, pose):
            if segment.index == stop_at:
                raise KeyboardInterrupt
            made.append(segment.index)
            return segment_noise(0, segment.index, (segment.shape.latent.frames, 3, 8, 8)) + 0.5 * prefix

        def making(denoise):
            return chain(torch.zeros(64, 64, 3), images, segments, encode, denoise, decode)

        return remembered(Shelf(tmp_path, said.append), lambda: {"poses": poses}, segments, denoise, making)

    def encode(frame):
        return frame.movedim(-1, 1)[..., ::8, ::8]

    with pytest.raises(KeyboardInterrupt):
        for _ in film(stop_at=100):
            pass
    first, most, count = 0.0, 0.0, 0
    for part in film():
        count += len(part.frames)
        del part
        first, most = first or held_megabytes(), max(most, held_megabytes())
    assert (len(segments), count, made) == (182, FRAMES, list(range(182)))
    assert said == ["100 of 182 segments are kept.", "Resumed at segment 101 of 182."]
    assert most - first < 60, f"grew from {first:.0f} to {most:.0f} MiB"
