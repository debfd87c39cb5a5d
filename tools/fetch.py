"""The real material of demo and tests: pose nets, motion clips and a film of a person, fetched once into the cache.

``python -m tools.fetch`` fetches all of it. The films are previews of ComfyUI's own templates (MIT).
"""

from __future__ import annotations

from pathlib import Path

from humandit.wheels import WheelFiles, cache_root
from tools.host import ROOT

FILMS = WheelFiles(
    "comfyui-workflow-templates-media-video==0.3.101",
    {
        "dancer.webp": (
            "comfyui_workflow_templates_media_video/templates/video_wan21_scail2_character_replacement-2.webp",
            "323d36b718dfe7d4cd07e98b54bce89ca30ad84d47faee8253e59bc6918c87b4",
        ),
        "doll.webp": (
            "comfyui_workflow_templates_media_video/templates/video_wan2_2_14B_fun_control-1.webp",
            "9c3ee52547fd3edb466bdb6b874221da526a685b1bf7fb1eb2ce6708d3e44784",
        ),
    },
    "python -m tools.fetch",
)
"""Whole bodies, 350 x 350 pixels: 45 frames of a dancer in a meadow, 81 frames of an animated figure."""
EXAMPLES = ROOT / "nodes" / "examples"


def example_picture() -> Path:
    """The bundled picture that the workflow starts with."""
    return EXAMPLES / "picture-striped-shirt.png"


def example_film() -> Path:
    """The first bundled film of a person."""
    return min(EXAMPLES.glob("film-*.mp4"))


def film(name: str) -> Path:
    """One of ``FILMS``, as an animated WebP; downloaded once."""
    return FILMS.fetch(cache_root() / "films") / name


def dance_mp4(folder: Path, max_frames: int | None = None) -> Path:
    """The dancer as MP4 in ``folder``, as ComfyUI's Load Video wants it."""
    from humandit.media.read import read_film
    from humandit.media.write import write_mp4

    dance = read_film(film("dancer.webp"), max_frames)
    path = folder / "dance.mp4"
    write_mp4(path, dance.frames, dance.fps)
    return path


def main() -> None:
    from humandit.data.synthetic.mocap import fetch_clips
    from humandit.pose.detect.nets import fetch_nets

    for folder in (fetch_nets(), fetch_clips(), film("dancer.webp").parent):
        print(folder)


if __name__ == "__main__":
    main()
