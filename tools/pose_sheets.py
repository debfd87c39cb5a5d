"""Contact sheets of real films with the poses that were found in them, for ``docs/poses``.

``python -m tools.pose_sheets`` fetches eight films, follows everybody in them and draws each film above its poses.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from humandit.media.read import read_film
from humandit.media.sheet import contact_sheet
from humandit.pose.detect import Detector, load_detector
from humandit.pose.draw import draw
from humandit.pose.jitter import jitter, jitter_text
from humandit.pose.track import track
from humandit.wheels import WheelFiles, cache_root
from tools.fetch import film as fetched
from tools.host import ROOT

TEMPLATES = "comfyui_workflow_templates_media_video/templates"
MORE = WheelFiles(
    "comfyui-workflow-templates-media-video==0.3.101",
    {
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
    "python -m tools.pose_sheets",
)
OWN = ("dancer.webp", "doll.webp")
FRAMES, COLUMNS, CELL = 45, 6, 170
QUALITY = 82
DARK = 0.45


def films() -> list[Path]:
    """All eight films, fetched once into the cache."""
    folder = MORE.fetch(cache_root() / "films")
    return [*(fetched(name) for name in OWN), *(folder / name for name in MORE.files)]


def sheet_of(path: Path, detector: Detector, out: Path) -> dict[str, object]:
    """Draw one film's sheet and say what was found in it."""
    from PIL import Image

    film = read_film(path, FRAMES)
    people = track(detector, film.frames, film.fps)
    skeletons = np.max([draw(person.poses) for person in people], axis=0)
    over = np.maximum((film.frames * DARK).astype(np.uint8), skeletons)
    out.mkdir(parents=True, exist_ok=True)
    picture = contact_sheet({path.stem: film.frames, "poses": over}, COLUMNS, CELL)
    Image.fromarray(picture).save(out / f"{path.stem}.jpg", quality=QUALITY)
    best = people[0].poses
    hands = [float(best.visible[:, part].mean()) for part in (slice(91, 112), slice(112, 133))]
    return {
        "film": path.stem, "people": len(people), "present": [round(float(p.present.mean()), 2) for p in people],
        "hands": [round(share, 2) for share in hands], "jitter": jitter_text(jitter(best), jitter(best)),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "poses", help="folder; default: %(default)s")
    parser.add_argument("--detector", default="mediapipe", help="default: %(default)s")
    args = parser.parse_args()
    detector = load_detector(args.detector)
    for path in films():
        print(json.dumps(sheet_of(path, detector, args.out)), flush=True)


if __name__ == "__main__":
    main()
