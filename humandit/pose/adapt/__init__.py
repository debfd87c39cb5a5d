"""The pose adapter (paper §3.4): a template's motion on the body of the reference picture.

Step by step outwards from the neck, each bone keeps the template's direction and takes the reference's length:
``child = parent + l0 / l1 * (child - parent)`` with ``l0`` the bone's length in the reference and ``l1`` its length in
the template. How the lengths are measured is :mod:`.paper` or :mod:`.robust`; feet on the floor are :mod:`.ground`,
the edges of the canvas :mod:`.inside`.
"""

from __future__ import annotations

from .alignment import Alignment, adapt, align
from .overlay import overlay
from .paper import LIMIT
from .parts import MODES, PARTS, Retarget
from .points import HANDS, HEAD, LIMB_BONES, NECK, NOSE, SHOULDERS, Points, limb_vectors, part_vectors
from .report import report

__all__ = [
    "HANDS", "HEAD", "LIMB_BONES", "LIMIT", "MODES", "NECK", "NOSE", "PARTS", "SHOULDERS",
    "Alignment", "Points", "Retarget", "adapt", "align", "limb_vectors", "overlay", "part_vectors", "report",
]  # fmt: skip
