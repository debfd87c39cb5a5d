"""Where the weights of the bundled workflows are: the page offers those that are missing when a workflow opens."""

from __future__ import annotations

from typing import Any

HUB = "https://huggingface.co"
URLS = {
    "diffusion_models/CogVideoX-Fun-V1.1-5b-Pose.safetensors": f"{HUB}/alibaba-pai/CogVideoX-Fun-V1.1-5b-Pose/resolve/"
    "main/transformer/diffusion_pytorch_model.safetensors",
    "diffusion_models/CogVideoX_1_0_5b_I2V_bf16.safetensors": f"{HUB}/Kijai/CogVideoX-comfy/resolve/main/"
    "CogVideoX_1_0_5b_I2V_bf16.safetensors",
    "vae/cogvideox_vae_bf16.safetensors": f"{HUB}/Kijai/CogVideoX-comfy/resolve/main/cogvideox_vae_bf16.safetensors",
    "text_encoders/t5xxl_fp8_e4m3fn.safetensors": f"{HUB}/comfyanonymous/flux_text_encoders/resolve/main/"
    "t5xxl_fp8_e4m3fn.safetensors",
}
"""Folder and name under ComfyUI's ``models`` -> address. PP-VCtrl's file is not here: it has to be converted first."""


def with_sources(workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow with the property "models" on every node that asks for one of these files, as ComfyUI reads it."""
    return {**workflow, "nodes": [_with_models(node) for node in workflow["nodes"]]}


def _with_models(node: dict[str, Any]) -> dict[str, Any]:
    models = [
        {"name": file.rpartition("/")[2], "url": url, "directory": file.rpartition("/")[0]}
        for file, url in URLS.items()
        if file.rpartition("/")[2] in (node.get("widgets_values") or ())
    ]
    return {**node, "properties": {**node.get("properties", {}), "models": models}} if models else node
