"""MediaPipe's holistic pipeline on LiteRT: body, hands and face of one person, without the mediapipe package.

The order of the nets and the proportions of their crops follow MediaPipe's published holistic graphs (Apache-2.0).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import MissingDependency
from .boxes import Box
from .nets import NETS, find_nets
from .protocol import SAME, Detector, Sighting, distinct
from .ssd import anchors, detections, strongest
from .wholebody import Part, whole_body

UP = np.pi / 2
SEEN = 0.5
"""Presence from which a net's answer counts."""
GLIMPSE = 0.2
"""Presence at which a first, rough crop is worth a second look."""
STEADY = 1.6
"""A body fills its crop; one that comes out this much larger or smaller than it was looked for is none."""
MOST = 8
"""People that one view may show."""
WIDE = 1.25
"""From this ratio of sides on, a frame is also searched in squares of its shorter side: its people look small."""
HEATMAP_WINDOW = 3
"""Cells on each side of a landmark that refine it."""
WRIST_SEEN = 0.1
"""Visibility of a wrist from which its hand is searched."""

HAND_POINTS = {"left": (15, 19, 17), "right": (16, 20, 18)}
"""BlazePose wrist, index and little finger of each hand."""


class Net:
    """One TFLite net: [side, side, 3] uint8 in, its raw outputs out (batch axis dropped)."""

    def __init__(self, path: Path, signed: bool = False) -> None:
        self._net = _interpreter(path)
        self._net.allocate_tensors()
        self._input = self._net.get_input_details()[0]
        self._outputs = [d["index"] for d in self._net.get_output_details()]
        self.side = int(self._input["shape"][1])
        self._scale, self._offset = (127.5, 1.0) if signed else (255.0, 0.0)

    def __call__(self, crop: np.ndarray) -> list[np.ndarray]:
        self._net.set_tensor(self._input["index"], crop[None].astype(np.float32) / self._scale - self._offset)
        self._net.invoke()
        return [self._net.get_tensor(index)[0] for index in self._outputs]


def _interpreter(path: Path) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise MissingDependency(
            "The mediapipe pose detector runs on LiteRT, which is not installed. Run: pip install ai-edge-litert"
        ) from error
    return Interpreter(model_path=str(path), num_threads=min(os.cpu_count() or 1, 4))


class MediaPipeDetector(Detector):
    """A body net that follows each person from where they were, a search for those not followed yet."""

    name = "mediapipe"
    device = "cpu (LiteRT XNNPACK)"

    def __init__(self, folder: Path) -> None:
        nets = {name.removesuffix(".tflite"): folder / name for name in NETS.files}
        self.find_body = Net(nets["pose_detection"], signed=True)
        self.find_face = Net(nets["face_detection_short_range"], signed=True)
        self.body = Net(nets["pose_landmark_full"])
        self.hand_crop = Net(nets["hand_recrop"])
        self.hand = Net(nets["hand_landmark_full"])
        self.face = Net(nets["face_landmark"])
        self.body_anchors = anchors(self.find_body.side, (8, 16, 32, 32, 32))
        self.face_anchors = anchors(self.find_face.side, (8, 16, 16, 16))

    @classmethod
    def load(cls, folder: str | Path | None = None) -> MediaPipeDetector:
        return cls(find_nets(folder))

    def people(self, frame: np.ndarray, near: Sequence[Box] = (), search: bool = True) -> list[Sighting]:
        """See :class:`humandit.pose.detect.Detector`."""
        bodies = [self._body_in(frame, box) for box in near]
        if search:
            bodies += self._search(frame, known=[after for body, after in bodies if body is not None and after])
        found = [_Body(body, after) for body, after in bodies if body is not None and after is not None]
        return distinct(self._whole(frame, one) for one in _apart(found))

    def _whole(self, frame: np.ndarray, found: _Body) -> Sighting:
        """Hands and face added to a body."""
        hands = {side: self._hand_in(frame, found.part, points) for side, points in HAND_POINTS.items()}
        hands = _one_place_one_hand(hands, found.part)
        size = frame.shape[1], frame.shape[0]
        whole = whole_body(found.part, hands["left"], hands["right"], self._face_in(frame, found.part), size)
        return Sighting(whole.xy, whole.score, found.after)

    def _search(self, frame: np.ndarray, known: Sequence[Box]) -> list[tuple[Part | None, Box | None]]:
        """Bodies confirmed by the landmark net, in views wider and closer until one shows somebody.

        Places that ``known`` bodies already cover are not looked at again.
        """
        for view, sure in _views(frame.shape[1], frame.shape[0]):
            spots = [box for box in self._spots(frame, view, sure) if not any(box.near(other) for other in known)]
            bodies = [body for body in (self._settle(frame, box) for box in spots) if body[0] is not None]
            if bodies or known:
                return bodies
        return []

    def _spots(self, frame: np.ndarray, views: Sequence[Box], sure: float) -> list[Box]:
        """Where the detector sees bodies in square views of the frame."""
        boxes = []
        for view in views:
            raw, scores = self.find_body(view.crop(frame, self.find_body.side))
            for found in detections(raw, scores[:, 0], self.body_anchors, self.find_body.side, sure, MOST):
                hips, reach = view.place(found.points[:2])
                boxes.append(Box.between(hips, reach, UP).grown(1.25))
        return boxes

    def _settle(self, frame: np.ndarray, first: Box) -> tuple[Part | None, Box | None]:
        """Look twice: the first box comes from four points only, the second knows the pose."""
        _, box = self._body_in(frame, first, GLIMPSE)
        return self._body_in(frame, box) if box else (None, None)

    def _body_in(self, frame: np.ndarray, box: Box, enough: float = SEEN) -> tuple[Part | None, Box | None]:
        """33 body points and the box for the next look, or nothing where the net sees no body."""
        if not box.usable:
            return None, None
        raw, presence, _, heatmap, _ = self.body(box.crop(frame, self.body.side))
        if presence[0] < enough:
            return None, None
        points = raw.reshape(39, 5).astype(np.float64)
        unit = _refined(points[:, :2] / self.body.side, heatmap)
        seen = 1 / (1 + np.exp(-points[:33, 3:5]))
        xy = box.place(unit)
        following = Box.between(xy[33], xy[34], UP).grown(1.25)
        if not 1 / STEADY < following.size / box.size < STEADY:
            return None, None
        return Part(xy[:33], seen.min(1)), following

    def _hand_in(self, frame: np.ndarray, body: Part, points: tuple[int, int, int]) -> Part | None:
        wrist, index, little = body.xy[list(points)]
        if body.score[points[0]] < WRIST_SEEN:
            return None
        box = Box.between((2 * index + little) / 3, wrist, -UP).grown(2.7)
        if not box.usable:
            return None
        centre, low = box.place(self.hand_crop(box.crop(frame, self.hand_crop.side, True))[0].reshape(2, 2) / 256)
        box = Box.between(centre, low, -UP).grown(1.0, -0.1)
        if not box.usable:
            return None
        raw, presence, *_ = self.hand(box.crop(frame, self.hand.side, True))
        if presence[0] < SEEN:
            return None
        xy = box.place(raw.reshape(21, 3)[:, :2] / self.hand.side)
        if np.linalg.norm(xy[0] - wrist) > box.size / 2:  # another hand than this arm's
            return None
        return Part(xy, np.full(21, float(presence[0])))

    def _face_in(self, frame: np.ndarray, body: Part) -> Part | None:
        head = body.xy[:11]
        tilt = Box.between(body.xy[5], body.xy[2], 0.0).angle
        view = Box.around(head, tilt).grown(3.0)
        if not view.usable:
            return None
        boxes, scores = self.find_face(view.crop(frame, self.find_face.side))
        found = strongest(boxes, scores[:, 0], self.face_anchors, self.find_face.side, SEEN)
        if found is None:
            return None
        right, left = view.place(found.points[:2])
        corners = view.place(found.box.reshape(2, 2))
        middle, side = corners.mean(0), float(np.max(found.box[2:] - found.box[:2])) * view.size
        box = Box(float(middle[0]), float(middle[1]), side, Box.between(right, left, 0.0).angle).grown(2.0, -0.1)
        if not box.usable:
            return None
        raw, presence = self.face(box.crop(frame, self.face.side, True))
        score = 1 / (1 + np.exp(-float(presence.reshape(-1)[0])))
        if score < SEEN:
            return None
        return Part(box.place(raw.reshape(468, 3)[:, :2] / self.face.side), np.full(468, score))


@dataclass(frozen=True)
class _Body:
    """33 body points, and where to look for them in the next frame."""

    part: Part
    after: Box


def _apart(bodies: Sequence[_Body]) -> list[_Body]:
    """Bodies that are not each other's double, surest first; doubles cost hands and face for nothing."""
    kept: list[_Body] = []
    for body in sorted(bodies, key=lambda b: -b.part.score.mean()):
        if all(np.linalg.norm(body.part.xy - k.part.xy, axis=-1).mean() > SAME * k.after.size for k in kept):
            kept.append(body)
    return kept


def _views(width: int, height: int) -> Iterator[tuple[list[Box], float]]:
    """Square views of a frame with the score that counts in them: all at once and in squares, wider, closer."""
    whole = Box(width / 2, height / 2, max(width, height))
    short = min(width, height)
    count = -(-max(width, height) // short) if max(width, height) > WIDE * short else 0
    centres = np.linspace(short / 2, max(width, height) - short / 2, count)
    squares = [Box(c, height / 2, short) if width > height else Box(width / 2, c, short) for c in centres]
    yield [whole, *squares], 0.5
    yield [whole.grown(1.4)], 0.5
    yield [whole.grown(0.7)], 0.5
    yield [whole], 0.3


def _refined(unit: np.ndarray, heatmap: np.ndarray) -> np.ndarray:
    """Landmarks [39, 2] moved to the centre of mass of their heat map's neighbourhood, where it is sure."""
    height, width, _ = heatmap.shape
    heat = 1 / (1 + np.exp(-heatmap.astype(np.float64)))
    refined = unit.copy()
    for k, (x, y) in enumerate(unit):
        column, row = int(x * width), int(y * height)
        if not (0 <= column < width and 0 <= row < height):
            continue
        top, left = max(row - HEATMAP_WINDOW, 0), max(column - HEATMAP_WINDOW, 0)
        window = heat[top : row + HEATMAP_WINDOW + 1, left : column + HEATMAP_WINDOW + 1, k]
        if window.max() >= SEEN:
            rows, columns = np.indices(window.shape)
            total = window.sum()
            refined[k, 0] = ((columns + left) * window).sum() / total / width
            refined[k, 1] = ((rows + top) * window).sum() / total / height
    return refined


def _one_place_one_hand(hands: dict[str, Part | None], body: Part) -> dict[str, Part | None]:
    """Where both searches ended on the same hand, it stays with the arm whose wrist is nearer."""
    left, right = hands["left"], hands["right"]
    if left is None or right is None:
        return hands
    size = max(np.ptp(left.xy, axis=0).max(), np.ptp(right.xy, axis=0).max())
    if np.linalg.norm(left.xy.mean(0) - right.xy.mean(0)) > 0.25 * size:
        return hands
    left_gap = np.linalg.norm(left.xy[0] - body.xy[HAND_POINTS["left"][0]])
    right_gap = np.linalg.norm(right.xy[0] - body.xy[HAND_POINTS["right"][0]])
    loser = "left" if left_gap > right_gap else "right"
    return {**hands, loser: None}
