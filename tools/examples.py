"""Render the bundled example pictures and film: people, motions and backdrops that training never sees.

``python -m tools.examples`` writes them to ``nodes/examples``; the same every time.
"""

from __future__ import annotations

from humandit.data.synthetic import render_clip
from humandit.media.write import write_image, write_mp4
from tools.fetch import EXAMPLES

SIZE = 384
PICTURES = {"picture-green-shirt.png": (17, 37), "picture-striped-shirt.png": (24, 31)}
"""File name -> seed of the scene and which of its frames."""
CLIP = 48
"""Frames of the scenes that the pictures are taken from."""
FILMS = {"film-dance.mp4": (12, 63)}
"""File name -> seed of the scene and its number of frames, at 12.5 a second."""


def main() -> None:
    for name, (seed, frame) in PICTURES.items():
        write_image(EXAMPLES / name, render_clip(seed, "heldout", CLIP, SIZE).frames[frame])
    for name, (seed, frames) in FILMS.items():
        write_mp4(EXAMPLES / name, render_clip(seed, "heldout", frames, SIZE).frames, 12.5)
    print(f"{len(PICTURES) + len(FILMS)} files in {EXAMPLES}")


if __name__ == "__main__":
    main()
