"""Points of the background: what tells the model how the camera moves (paper §3.3, App. A)."""

from __future__ import annotations

from .camera import camera_background
from .draw import draw_points
from .person import cut_out
from .points import BackgroundPoints, shown_with
from .track import track_background

__all__ = ["BackgroundPoints", "camera_background", "cut_out", "draw_points", "shown_with", "track_background"]
