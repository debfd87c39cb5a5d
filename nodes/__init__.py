"""The ComfyUI side: every node is a schema and one call into the library."""

from __future__ import annotations

from comfy_api.latest import ComfyExtension, io

from . import condition, example, load, pose, video
from .host import register_folders

NODES: tuple[type[io.ComfyNode], ...] = (*example.NODES, *load.NODES, *pose.NODES, *condition.NODES, *video.NODES)


class HumanDiTExtension(ComfyExtension):
    """What this pack adds to ComfyUI."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return list(NODES)


async def comfy_entrypoint() -> HumanDiTExtension:
    register_folders()
    return HumanDiTExtension()
