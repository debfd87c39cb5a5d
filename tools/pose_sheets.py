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
from humandit.pose import skeleton as coco
from humandit.pose.detect import Detector, load_detector
from humandit.pose.draw import draw
from humandit.pose.jitter import jitter
from humandit.pose.track import track
from tools.fetch import FILMS, film
from tools.host import ROOT

FRAMES, COLUMNS, CELL = 45, 6, 170
QUALITY = 82
DARK = 0.45


def sheet_of(path: Path, detector: Detector, out: Path) -> dict[str, object]:
    """Draw one film's sheet and say what was found in it."""
    from PIL import Image

    shown = read_film(path, FRAMES)
    people = track(detector, shown.frames, shown.fps)
    skeletons = draw([person.poses for person in people])
    over = np.maximum((shown.frames * DARK).astype(np.uint8), skeletons)
    out.mkdir(parents=True, exist_ok=True)
    picture = contact_sheet({path.stem: shown.frames, "poses": over}, COLUMNS, CELL)
    Image.fromarray(picture).save(out / f"{path.stem}.jpg", quality=QUALITY)
    best = people[0].poses
    hands = [float(best.visible[:, part].mean()) for part in (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE)]
    return {
        "film": path.stem, "people": len(people), "present": [round(float(p.present.mean()), 2) for p in people],
        "hands": [round(share, 2) for share in hands], "jitter": {k: round(v, 2) for k, v in jitter(best).items()},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "poses", help="folder; default: %(default)s")
    parser.add_argument("--detector", default="mediapipe", help="default: %(default)s")
    args = parser.parse_args()
    detector = load_detector(args.detector)
    for name in FILMS.files:
        print(json.dumps(sheet_of(film(name), detector, args.out)), flush=True)


if __name__ == "__main__":
    main()
