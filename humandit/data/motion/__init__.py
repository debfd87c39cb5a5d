"""Motion of people as keypoints at 25 frames per second, without pictures: bodies, clips, acts and cameras."""

from .corrupt import Faults, corrupted
from .films import FPS, Film, draw_film, film_of
from .takes import Take, draw_take

__all__ = ["FPS", "Faults", "Film", "Take", "corrupted", "draw_film", "draw_take", "film_of"]
