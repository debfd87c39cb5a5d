"""Shards as ``data build`` writes them, of a bright square that walks over a smooth ground; its points lie on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from humandit.data.clips.examine import Labels, Verdict
from humandit.data.clips.film_log import FilmLog
from humandit.data.clips.settings import Settings
from humandit.data.clips.shards import pack
from humandit.data.clips.shots import Stretch
from humandit.data.clips.subjects import Crop, Subject
from humandit.data.clips.work import Film, Job
from humandit.data.synthetic import render_clip
from humandit.pose import skeleton as coco
from humandit.pose.background import BackgroundPoints
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.light_vae import LightVAE, LightVAEConfig
from humandit.weights.save import save_model

WIDE, HIGH, FRAMES, FPS = 80, 64, 41, 25.0
"""Of a clip; at 12.5 frames per second it has 21."""
SQUARE, TEXT = 20, slice(56, 64)
"""Side of the square, and the rows that writing covers."""


def film(seed: int) -> tuple[np.ndarray, PoseSequence, np.ndarray, np.ndarray]:
    """Frames, poses (all points in the square's middle), person and text masks."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(0, 160, (4, 5, 3)).repeat(HIGH // 4, 0).repeat(WIDE // 5, 1).astype(np.uint8)
    frames = np.repeat(ground[None], FRAMES, 0)
    person, text = np.zeros((2, FRAMES, HIGH, WIDE), bool)
    text[:, TEXT] = True
    xy = np.zeros((FRAMES, coco.COUNT, 2), np.float32)
    left, top = int(rng.integers(0, 20)), int(rng.integers(0, HIGH - SQUARE - 8))
    for t in range(FRAMES):
        place = slice(top, top + SQUARE), slice(left + t, left + t + SQUARE)
        frames[t][place], person[t][place] = 255, True
        xy[t] = (left + t + SQUARE / 2, top + SQUARE / 2)
    poses = PoseSequence(xy, np.ones((FRAMES, coco.COUNT), np.float32), Canvas(WIDE, HIGH), FPS)
    return frames, poses, person, text


def rendered(seed: int, frames: int, side: int) -> tuple[np.ndarray, PoseSequence, np.ndarray, np.ndarray]:
    """The same of a rendered person, without text."""
    clip = render_clip(seed, "train", frames, side, 12.5)
    return clip.frames, clip.poses, clip.mask, np.zeros_like(clip.mask)


def build(folder: Path, films: int = 6, clips: int = 2, shown: Callable[[int], tuple] = film) -> list[Path]:
    """``films`` films of one clip each, ``clips`` of them in a shard; ``shown`` makes them."""
    job = Job(folder, folder, Settings(clips=clips))
    finished = [Film(number, f"film-{number}.mp4") for number in range(films)]
    for one in finished:
        place = job.folder(one)
        place.mkdir(parents=True)
        log = FilmLog(one.name, one.number, place, {})
        frames, poses, person, text = shown(one.number)
        count, size = len(frames), poses.canvas
        log.about = {"fps": poses.fps, "seconds": count / poses.fps}
        corner = BackgroundPoints(np.full((count, 1, 2), 4, np.float32), np.ones((count, 1), bool), size, poses.fps)
        labels = Labels(person, text, corner, np.ones(1), np.ones(1), np.ones(1))
        subject = Subject(0, 0, count, Crop(0, 0, size.width, size.height), poses, 0)
        log.judged(Stretch(0, frames, False), subject, Verdict({}, (), labels), frames)
        log.save()
    return pack(job, finished)


def light_vae(path: Path) -> Path:
    """A small light autoencoder fitted to the films."""
    torch.manual_seed(0)
    vae = LightVAE(LightVAEConfig(width=8, layers=1, detail=2))
    frames = torch.from_numpy(np.stack([film(seed)[0] for seed in range(6)])).float() / 255
    vae.single.fit(vae.single.blocks(frames[:, ::8].flatten(0, 1)).flatten(0, 2))
    vae.quad.fit(vae.quad.blocks(frames[:, 1:].flatten(0, 1)).flatten(0, 2))
    return save_model(path, vae, {"class": "LightVAE", **vae.config.to_dict()}, "vae")
