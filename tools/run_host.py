"""Start the ComfyUI in the current folder; arguments are ComfyUI's own.

A PyTorch without CUDA beside torchvision's standard wheel lacks two operators that torchvision describes when it
is imported. ComfyUI never calls them, so they are declared here and the real torchvision is used for the rest.
"""

from __future__ import annotations

import os
import runpy
import sys

SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def declare_missing_operators() -> None:
    import torch

    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        for name in ("nms", "qnms"):
            torch.library.define(f"torchvision::{name}", SIGNATURE)


def main() -> None:
    host = os.getcwd()
    sys.path[0] = host
    sys.argv[0] = os.path.join(host, "main.py")
    declare_missing_operators()
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
