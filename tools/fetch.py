"""The real material of demo and tests: pose nets, motion clips and films of people, fetched once into the cache.

``python -m tools.fetch`` fetches all of it. The films are previews of ComfyUI's own templates (MIT).
"""

from __future__ import annotations

from pathlib import Path

from humandit.wheels import WheelFiles, cache_root
from tools.host import ROOT

TEMPLATES = "comfyui_workflow_templates_media_video/templates"
FILMS = WheelFiles(
    "comfyui-workflow-templates-media-video==0.3.101",
    {
        "dancer.webp": (
            f"{TEMPLATES}/video_wan21_scail2_character_replacement-2.webp",
            "323d36b718dfe7d4cd07e98b54bce89ca30ad84d47faee8253e59bc6918c87b4",
        ),
        "doll.webp": (
            f"{TEMPLATES}/video_wan2_2_14B_fun_control-1.webp",
            "9c3ee52547fd3edb466bdb6b874221da526a685b1bf7fb1eb2ce6708d3e44784",
        ),
        "boxer.webp": (
            f"{TEMPLATES}/api_kling_motion_control3-2.webp",
            "bc0ed49244c970ee578e50a23ded4e5d1cd64d1cbb033fa787a2d212bb80faea",
        ),
        "guitarist.webp": (
            f"{TEMPLATES}/api_luma_ray3_2_video_edit-1.webp",
            "cd280849f887e0cfa517f5ac574d3cc7362664c0664ea2fdc1381406f2fc96b8",
        ),
        "couple.webp": (
            f"{TEMPLATES}/video_wan2_1_infinitetalk-1.webp",
            "fcf7aa1fe18177de5b39be5d3b515e0352e57c576c325ff420fcfaccc5c00cf4",
        ),
        "runner.webp": (
            f"{TEMPLATES}/video_wan2_2_5B_fun_control-1.webp",
            "0d65596539e892d21380654994728c821ab83325512003acaf6e3d1cefa4c741",
        ),
        "field.webp": (
            f"{TEMPLATES}/video_wan_vace_14B_v2v-1.webp",
            "d5d96e7bed5029927f0e5274eb201b4d1f9301091fb9f408405b52a3eb830a62",
        ),
        "flowers.webp": (
            f"{TEMPLATES}/video_wan_vace_flf2v-1.webp",
            "dc388ec33c5d13f6b168137a4298ff7c6cbceddb7267e3e9f6c532130a4343d6",
        ),
    },
    "python -m tools.fetch",
)
"""350 x 350 pixels. A dancer in a meadow (45 frames), an animated figure (81). Harder: a boxer in the dark,
a guitarist among passers-by, a couple, a runner in a long dress, a bent body in a field, raised arms in profile."""
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
