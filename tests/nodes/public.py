"""What the tests of the public pose weights share: tiny files in the host's folders, loaded once, poses and prompts."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import torch

from tests.weights.checkpoints import PROMPT, write_public


@pytest.fixture(scope="module")
def nodes(pack):
    extension = asyncio.run(pack("nodes").comfy_entrypoint())
    return {node.GET_SCHEMA().node_id: node for node in asyncio.run(extension.get_node_list())}


@pytest.fixture(scope="module")
def models(comfy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    write_public(folder)
    return folder


@pytest.fixture(autouse=True)
def folders(comfy, models, monkeypatch):
    import folder_paths

    for kind in ("diffusion_models", "vae", "controlnet"):
        place = ([str(models / kind)], {".safetensors"})
        monkeypatch.setitem(folder_paths.folder_names_and_paths, kind, place)
    monkeypatch.setattr(folder_paths, "filename_list_cache", {})


@pytest.fixture(scope="module")
def loaded(nodes):
    """``loaded(name)``: MODEL and VAE through their loaders, each file once."""
    seen = {}

    def once(node, **inputs):
        key = (node, *inputs.values())
        if key not in seen:
            seen[key] = run(nodes[node], **inputs)
        return seen[key]

    def load(name="tiny-fun"):
        model = once("HumanDiTLoadModel", model=name if "(" in name else f"{name}.safetensors", dtype="default")
        return {"model": model, "vae": once("HumanDiTLoadVAE", vae="tiny-cogvideox.safetensors")}

    return load


def run(node, **inputs):
    prepared = node.PREPARE_CLASS_CLONE(None) if hasattr(node, "PREPARE_CLASS_CLONE") else node
    output = prepared.execute(**inputs)
    return output.args if len(output.args) > 1 else output.args[0]


def motion(pack, frames=13, fps=8.0):
    """A person who trembles, on a canvas of the films' shape."""
    types, sequence = pack("humandit.types"), pack("humandit.pose.sequence")
    rng = np.random.default_rng(0)
    xy = rng.uniform(0.2, 0.8, (1, 133, 2)) * 64 + rng.normal(0, 4, (frames, 133, 2))
    return sequence.PoseSequence(xy, np.ones((frames, 133)), types.Canvas(96, 64), fps)


def words(seed=1, tokens=PROMPT, width=12):
    return torch.randn(1, tokens, width, generator=torch.Generator().manual_seed(seed))


def said(*tensors):
    return {name: [[t, {}]] for name, t in zip(("positive", "negative"), tensors, strict=False)}
