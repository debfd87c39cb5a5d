"""ComfyUI's pages, newer than those that its copy brings: fetched through pip, unpacked, never installed.

``python -m tools.frontend`` brings the newest one and prints its folder, which is for ComfyUI's ``--front-end-root``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from humandit.wheels import cache_root, download_wheel

PACKAGE = "comfyui-frontend-package"
STATIC = "comfyui_frontend_package/static/"
REMEDY = "python -m tools.frontend"


def fetch_newest() -> Path:
    """The folder of the newest pages that pip finds, unpacked beside the older ones in the cache."""
    with tempfile.TemporaryDirectory() as scratch:
        wheel = download_wheel(PACKAGE, Path(scratch), REMEDY)
        target = cache_root() / "frontends" / wheel.name.split("-")[1]
        return target / STATIC if target.is_dir() else unpack(wheel, target)


def unpack(wheel: Path, target: Path) -> Path:
    """The wheel's pages under ``target``, which appears whole or not at all; returns the folder to serve."""
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(partial, [name for name in archive.namelist() if name.startswith(STATIC)])
    with contextlib.suppress(OSError):  # another process was faster
        partial.rename(target)
    shutil.rmtree(partial, ignore_errors=True)
    return target / STATIC


def newest() -> Path | None:
    """The newest pages that were fetched before, or None."""
    found = [path for path in (cache_root() / "frontends").glob("*") if path.name.replace(".", "").isdigit()]
    return max(found, key=lambda path: tuple(map(int, path.name.split(".")))) / STATIC if found else None


def version(folder: Path) -> str:
    """Version of pages that :func:`fetch_newest` unpacked."""
    return folder.parent.parent.name


if __name__ == "__main__":
    print(fetch_newest())
