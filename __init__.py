"""ComfyUI-HumanDiT: animate the person in a picture after the motion of a film."""

import sys

if __package__ and "comfy_api.latest" in sys.modules:  # inside ComfyUI; pytest imports this file too, without it
    from .nodes import comfy_entrypoint

    WEB_DIRECTORY = "./web"
    __all__ = ["WEB_DIRECTORY", "comfy_entrypoint"]
