"""Tiny files of the true form in the place of the public 5B weights, and the workflows that ask for them made small."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from humandit.weights.full_size import FUN_POSE, I2V, T5, VAE
from humandit.weights.full_size import VCTRL as SIDE
from tests.weights.checkpoints import write_public
from tools.prompt import Prompt

FUN, VCTRL = "fun-pose", "vctrl-picture-pose"
TINY = {
    FUN_POSE.place: "diffusion_models/tiny-fun-kept.safetensors",
    I2V.place: "diffusion_models/tiny-i2v-kept.safetensors",
    VAE.place: "vae/tiny-cogvideox.safetensors",
    SIDE.place: "controlnet/tiny-vctrl.safetensors",
}
"""What a workflow asks for -> the tiny file that stands there; each holds the empty prompt, because no T5 is tiny."""
TEXT_NODES = ("CLIPLoader", "HumanDiTPrompt")
"""Nodes to leave out, so that the weights' own empty prompt is read."""
TEXT_ENCODER = T5.place
SMALL: dict[str, dict[str, dict[str, Any]]] = {
    FUN: {
        "HumanDiTLoadModel": dict(dtype="fp32"),
        "HumanDiTFunPose": dict(width=48, height=32, frames=13, window_frames=9, overlap=4, steps=2),
    },
    VCTRL: {
        "HumanDiTLoadModel": dict(dtype="fp32"),
        "HumanDiTVCtrl": dict(width=32, height=48, frames=12, segment_frames=9, steps=2),
        "HumanDiTDraft": dict(width=32, height=48, frames=12),
    },
}
"""Values for the nodes of a workflow: name of the workflow -> type of node -> widget -> value."""


@contextlib.contextmanager
def tiny_files(models: Path, made: Path) -> Iterator[None]:
    """While it lasts, the tiny files lie under ``models``; ``made`` is an empty folder to make them in."""
    write_public(made)
    copied = {**TINY, "vae/config.json": "vae/config.json"}
    for wanted, tiny in copied.items():
        (models / wanted).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made / tiny, models / wanted)
    try:
        yield
    finally:
        for wanted in copied:
            (models / wanted).unlink()


@contextlib.contextmanager
def listed_files(models: Path, made: Path) -> Iterator[None]:
    """As :func:`tiny_files`, and an empty text encoder: the page misses nothing. ``made`` is an empty folder."""
    (models / TEXT_ENCODER).parent.mkdir(parents=True, exist_ok=True)
    (models / TEXT_ENCODER).touch()
    try:
        with tiny_files(models, made):
            yield
    finally:
        (models / TEXT_ENCODER).unlink()


def without_text(prompt: Prompt) -> Prompt:
    """The workflow without text encoder and prompt: the weights' own empty one is read."""
    left = {key: node for key, node in prompt.items() if node["class_type"] not in TEXT_NODES}
    return {
        key: {**node, "inputs": {n: v for n, v in node["inputs"].items() if n not in ("positive", "negative")}}
        for key, node in left.items()
    }


def film_alone(prompt: Prompt) -> Prompt:
    """The workflow without what runs without weights: shown poses, and the draft and its video."""
    drafts = [key for key, node in prompt.items() if node["class_type"] == "HumanDiTDraft"]
    videos = [key for key, node in prompt.items() if node["inputs"].get("images", [""])[0] in drafts]
    savers = [key for key, node in prompt.items() if node["inputs"].get("video", [""])[0] in videos]
    left_out = {*drafts, *videos, *savers}
    return {key: node for key, node in prompt.items() if key not in left_out and node["class_type"] != "PreviewImage"}
