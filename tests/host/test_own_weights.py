"""From films to an own model on the canvas: a LoRA is trained beside a tiny CogVideoX-5b of the true form by commands,
leaves the folder of its run as a file, and changes what the real server animates."""

from __future__ import annotations

import io
import json
import shutil

import numpy as np
import pytest

from humandit.cli import main
from humandit.weights.header import read_header
from tests.train.films import build
from tests.weights.checkpoints import stock, write, write_public
from tools.host import ROOT
from tools.prompt import bundled, node_of, with_values

pytestmark = [pytest.mark.host, pytest.mark.slow, pytest.mark.real]

STEPS = 12
BASE, VAE = "diffusion_models/tiny-5b.safetensors", "vae/tiny-5b-vae.safetensors"
OWN, WHOLE = "loras/own.safetensors", "diffusion_models/own.safetensors"
SMALL = (
    "sides=[64, 64]", "frames=[9, 9]", "lora={rank: 4, alpha: 8}", "optimizer=adamw", "precision=fp32", "lr=0.1",
    "prompt=none", "heldout=0", "samples=0", "cache=0",
)  # fmt: skip
"""What is other than in the recipe for 24 GB: sizes, and an optimiser that needs no further package."""
FILM = dict(width=64, height=64, frames=9, segment_frames=9, steps=2)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    build(folder, films=2)
    return folder


@pytest.fixture(scope="module")
def models(host, tmp_path_factory):
    """The server's folder of models, with a tiny base and its autoencoder."""
    folder, made = host.base / "models", tmp_path_factory.mktemp("public")
    write_public(made)
    for place in (BASE, VAE, OWN):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
    write({name: 4 * value for name, value in stock("5b").items()})(folder / BASE)
    shutil.copy(made / "vae/tiny-cogvideox.safetensors", folder / VAE)
    shutil.copy(made / "vae/config.json", folder / "vae/config.json")
    yield folder
    for place in (BASE, VAE, OWN, WHOLE, "vae/config.json"):
        (folder / place).unlink(missing_ok=True)


def animated(client, model, lora=None):
    """Frames [T, H, W, 3] of the bundled picture and film, and what the LoRA's loader said."""
    prompt = with_values(bundled(), "HumanDiTLoadModel", model=model, dtype="fp32")
    prompt = with_values(prompt, "HumanDiTLoadVAE", vae=VAE.partition("/")[2])
    prompt = with_values(prompt, "HumanDiTSample", **FILM)
    sampler, loader = node_of(prompt, "HumanDiTSample"), node_of(prompt, "HumanDiTLoadModel")
    kept = ("SaveVideo", "CreateVideo", "PreviewImage", "HumanDiTDraft", "HumanDiTDrawPose")
    prompt = {key: node for key, node in prompt.items() if node["class_type"] not in kept}
    prompt["900"] = {"class_type": "SaveImage", "inputs": {"images": [sampler, 0], "filename_prefix": "own"}}
    if lora:
        inputs = {"model": [loader, 0], "lora_name": lora, "strength": 1.0}
        prompt["901"] = {"class_type": "HumanDiTLoadLoRA", "inputs": inputs}
        prompt[sampler]["inputs"]["model"] = ["901", 0]
    run = client.run(prompt)
    assert run.end == "execution_success" and not run.refused, run.error or run.refused
    from PIL import Image

    pictures = [np.asarray(Image.open(io.BytesIO(client.view(file)))) for file in run.outputs["900"]["images"]]
    return np.stack(pictures).astype(int), run.outputs.get("901", {}).get("text", [""])[0]


def test_a_lora_is_trained_exported_and_animates(client, models, shards, tmp_path, capsys):
    run, recipe = str(tmp_path / "run"), str(ROOT / "recipes" / "5b-lora-24gb.yaml")
    given = [word for setting in SMALL for word in ("--set", setting)]
    files = ["--data", str(shards), "--start", str(models / BASE), "--vae", str(models / VAE), "--steps", str(STEPS)]
    assert main(["train", "video", "--recipe", recipe, "--out", run, *files, *given]) == 0
    assert main(["train", "export", run, "--out", str(models / OWN)]) == 0
    assert main(["train", "export", run, "--out", str(models / WHOLE), "--merge", str(models / BASE)]) == 0
    assert "a LoRA for a CogVideoX 5B model" in capsys.readouterr().out
    told = read_header(models / OWN).metadata
    assert json.loads(told["humandit_recipe"])["lora"]["rank"] == 4 and told["licence"] == "CogVideoX LICENSE"

    plain, _ = animated(client, BASE.partition("/")[2])
    own, said = animated(client, BASE.partition("/")[2], OWN.partition("/")[2])
    whole, _ = animated(client, WHOLE.partition("/")[2])
    assert plain.shape == own.shape == (9, 64, 64, 3) and plain.std() > 5
    assert said == "14 layers changed; licence: CogVideoX LICENSE", "six of two blocks each, pose guider, text mask"
    change = np.abs(own - plain).mean()
    assert change > 2, "the LoRA is seen in the pictures"
    assert np.abs(whole - own).mean() < change / 20, "the merged model makes the film of base and LoRA"
