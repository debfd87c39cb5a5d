"""The ComfyUI side: every node is a schema and one call into the library."""

from __future__ import annotations

from comfy_api.latest import ComfyExtension, io

from . import (
    adapt,
    background,
    compare,
    condition,
    continuity,
    detect,
    draft,
    draw,
    edit_pose,
    example,
    finish,
    fun_pose,
    load,
    load_lora,
    motion_generate,
    motion_load,
    motion_refine,
    plan,
    pose_files,
    prompt,
    prompt_files,
    smooth,
    vctrl,
    vctrl_load,
    video,
)
from .host_files import register_folders

ROOMS = (
    example, load, load_lora, motion_load, detect, adapt, smooth, edit_pose, motion_generate, motion_refine, draw,
    pose_files, background, plan, draft, condition, finish, continuity, video, compare, prompt, prompt_files,
    fun_pose, vctrl_load, vctrl,
)  # fmt: skip
NODES: tuple[type[io.ComfyNode], ...] = tuple(node for room in ROOMS for node in room.NODES)


class HumanDiTExtension(ComfyExtension):
    """What this pack adds to ComfyUI."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return list(NODES)


async def comfy_entrypoint() -> HumanDiTExtension:
    register_folders()
    return HumanDiTExtension()
