"""The real film of the demo: taken out of a wheel that carries ComfyUI's own template previews (MIT)."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

from tools.host import ROOT, cache_folder, download_wheel

FILM_WHEEL = "comfyui-workflow-templates-media-video==0.3.101"
FILM_MEMBER = "comfyui_workflow_templates_media_video/templates/video_wan2_2_14B_fun_control-1.webp"
FILM_SHA256 = "9c3ee52547fd3edb466bdb6b874221da526a685b1bf7fb1eb2ce6708d3e44784"
FILM_FPS = 16.0
EXAMPLES = ROOT / "nodes" / "examples"


def example_picture() -> Path:
    """The first bundled picture of a person."""
    return min(EXAMPLES.glob("picture-*.png"))


def example_film() -> Path:
    """The first bundled film of a person."""
    return min(EXAMPLES.glob("film-*.mp4"))


def dance_film() -> Path:
    """A whole-body dance, 81 frames of 350 x 350 pixels, as an animated WebP; downloaded once."""
    path = cache_folder() / "films" / Path(FILM_MEMBER).name
    if not path.is_file():
        with zipfile.ZipFile(download_wheel(FILM_WHEEL)) as wheel:
            keep(path, wheel.read(FILM_MEMBER), FILM_SHA256)
    return path


def keep(path: Path, data: bytes, sha256: str) -> None:
    """Write ``data`` to ``path`` in one step if it is what was expected."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ValueError(f"{path.name} should have the SHA-256 {sha256}, got {found}. The package was changed.")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(path)


def dance_mp4(folder: Path, max_frames: int | None = None) -> Path:
    """The film as MP4 in ``folder``, as ComfyUI's Load Video wants it."""
    from humandit.media.read import read_film
    from humandit.media.write import write_mp4

    film = read_film(dance_film(), max_frames, fps=FILM_FPS)
    path = folder / "dance.mp4"
    write_mp4(path, film.frames, film.fps)
    return path
