"""The face on a body's head: looked for where it was, or by a face detector around the head."""

from __future__ import annotations

import numpy as np

from .boxes import Box
from .net import Net
from .ssd import anchors, strongest
from .trail import Trail, turned
from .wholebody import Part

SEEN = 0.5
"""Presence from which a net's answer counts."""
NOSE, HEAD = 0, slice(0, 11)
"""BlazePose points: the one that a followed face hangs on, and all of the head."""
EYES = (33, 263)
"""Mesh vertices whose line is level in an upright face."""


class FaceFinder:
    """A face detector, skipped while a face is followed, and a net that places the 468 points of the mesh."""

    def __init__(self, detector: Net, mesh: Net) -> None:
        self.detector, self.mesh = detector, mesh
        self.anchors = anchors(detector.side, (8, 16, 16, 16))

    def __call__(self, frame: np.ndarray, body: Part, trail: Trail) -> Part | None:
        """468 points, or None where no face is seen."""
        followed = self._points(frame, trail.part("face", body.xy[NOSE]))
        return followed or self._points(frame, self._search(frame, body))

    def _search(self, frame: np.ndarray, body: Part) -> Box | None:
        tilt = Box.between(body.xy[5], body.xy[2], 0.0).angle
        view = Box.around(body.xy[HEAD], tilt).grown(3.0)
        if not view.usable:
            return None
        boxes, scores = self.detector(view.crop(frame, self.detector.side))
        found = strongest(boxes, scores[:, 0], self.anchors, self.detector.side, SEEN)
        if found is None:
            return None
        points = view.place(found.points)
        return Box.around(points, Box.between(points[0], points[1], 0.0).angle).grown(2.0, -0.1)

    def _points(self, frame: np.ndarray, box: Box | None) -> Part | None:
        if box is None or not box.usable:
            return None
        raw, presence = self.mesh(box.crop(frame, self.mesh.side, True))
        score = 1 / (1 + np.exp(-float(presence.reshape(-1)[0])))
        if score < SEEN:
            return None
        return Part(box.place(raw.reshape(468, 3)[:, :2] / self.mesh.side), np.full(468, score))


def face_box(face: Part) -> Box:
    """Where to look for a face in the next frame."""
    right, left = face.xy[list(EYES)]
    return turned(face.xy, Box.between(right, left, 0.0).angle).grown(1.5)
