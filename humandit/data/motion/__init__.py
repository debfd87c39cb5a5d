"""Motion of people as keypoints at 25 frames per second, without pictures: bodies, clips, acts and cameras."""

from .corrupt import Faults, corrupted
from .films import FPS, Film, draw_film, film_of
from .recorded import Recording, load_recordings
from .takes import Take, draw_recorded, draw_take

__all__ = [
    "FPS",
    "Faults",
    "Film",
    "Recording",
    "Take",
    "corrupted",
    "draw_film",
    "draw_recorded",
    "draw_take",
    "film_of",
    "load_recordings",
]
