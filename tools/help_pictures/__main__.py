"""Draw the pictures of the help pages: ``python -m tools.help_pictures``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from humandit.media.write import whole_file, write_image

from . import IMAGES, PICTURES
from .layout import FPS

QUALITY, FILM_QUALITY = 85, 55
"""Of WebP: standing pictures, and those that play."""


def save(node: str, drawn: np.ndarray) -> Path:
    """One picture [H, W, 3], or a film [T, H, W, 3] that plays again and again."""
    from PIL import Image

    first, *rest = [Image.fromarray(frame) for frame in drawn.reshape(-1, *drawn.shape[-3:])]
    plays = {"save_all": True, "append_images": rest, "duration": round(1000 / FPS), "loop": 0} if rest else {}
    with whole_file(IMAGES / f"{node}.webp") as part:
        first.save(part, quality=FILM_QUALITY if rest else QUALITY, method=6, **plays)
    return IMAGES / f"{node}.webp"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(PICTURES), help="nodes (default: all)")
    parser.add_argument("--look", type=Path, help="folder for PNG copies; of films, of some frames")
    args = parser.parse_args()
    for node in args.only or PICTURES:
        drawn = PICTURES[node]()
        path = save(node, drawn)
        if args.look:
            stills = drawn[None] if drawn.ndim == 3 else drawn[:: len(drawn) // 5]
            write_image(args.look / f"{node}.png", np.concatenate(stills))
        print(f"{node}: {drawn.shape[-2]} x {drawn.shape[-3]}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
