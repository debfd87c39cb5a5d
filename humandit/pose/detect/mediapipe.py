"""MediaPipe's holistic pipeline on LiteRT: body, hands and face of one person, without the mediapipe package.

The order of the nets and the proportions of their crops follow MediaPipe's published holistic graphs (Apache-2.0).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InvalidMedia, MissingDependency, NoPersonFound
from ...types import Canvas
from .. import skeleton as coco
from ..sequence import PoseSequence
from .boxes import Box
from .nets import NETS, find_nets
from .ssd import anchors, strongest
from .wholebody import Part, whole_body

UP = np.pi / 2
SEEN = 0.5
"""Presence from which a net's answer counts."""
GLIMPSE = 0.2
"""Presence at which a first, rough crop is worth a second look."""
STEADY = 1.6
"""A body fills its crop; one that comes out this much larger or smaller than it was looked for is none."""
VIEWS = ((1.0, 0.3), (1.4, 0.5), (0.7, 0.5))
"""Size of the searched square over the frame's longer side, and the detector's score that is worth a look there."""
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


class MediaPipeDetector:
    """One person per frame; a frame starts where the previous one's body was, and searches anew when it is lost."""

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

    def detect(
        self, frames: Iterable[np.ndarray], fps: float, on_frame: Callable[[int], None] | None = None
    ) -> PoseSequence:
        """See :class:`humandit.pose.detect.Detector`."""
        poses, shape, last = [], None, None
        for count, frame in enumerate(frames, 1):
            shape = shape or _checked(frame)
            if frame.shape != shape:
                raise InvalidMedia(f"Frames must share one size, got {list(frame.shape)} after {list(shape)}.")
            pose, last = self._frame(frame, last)
            poses.append(pose)
            if on_frame:
                on_frame(count)
        if shape is None:
            raise InvalidMedia("Pose detection needs at least one frame, got none.")
        if not any(pose.score.any() for pose in poses):
            raise NoPersonFound(
                f"Nobody was found in {len(poses)} frame{'s' * (len(poses) != 1)}. Use a picture or film in which one "
                "person is clearly visible and fills much of the frame."
            )
        canvas = Canvas(shape[1], shape[0])
        return PoseSequence(np.stack([p.xy for p in poses]), np.stack([p.score for p in poses]), canvas, fps)

    def _frame(self, frame: np.ndarray, last: Box | None) -> tuple[Part, Box | None]:
        """133 points, and where to look for the body in the next frame."""
        size = frame.shape[1], frame.shape[0]
        body, following = self._follow(frame, last) if last else self._search(frame)
        if body is None:
            return Part(np.tile(np.array(size) / 2, (coco.COUNT, 1)), np.zeros(coco.COUNT)), None
        hands = {side: self._hand_in(frame, body, points) for side, points in HAND_POINTS.items()}
        hands = _one_place_one_hand(hands, body)
        return whole_body(body, hands["left"], hands["right"], self._face_in(frame, body), size), following

    def _follow(self, frame: np.ndarray, last: Box) -> tuple[Part | None, Box | None]:
        """The body near ``last``, unless a fresh look disagrees and sees more: a lost trail ends by itself."""
        body, following = self._body_in(frame, last)
        if body is None:
            return self._search(frame)
        fresh = self._spot(frame, *VIEWS[0])
        if fresh is None or fresh.near(last):
            return body, following
        other, after = self._settle(frame, fresh)
        if other is not None and other.score.mean() > body.score.mean():
            return other, after
        return body, following

    def _search(self, frame: np.ndarray) -> tuple[Part | None, Box | None]:
        """Views of the whole frame, wider and closer, until one shows a body that the landmark net confirms."""
        for zoom, sure in VIEWS:
            box = self._spot(frame, zoom, sure)
            body, following = self._settle(frame, box) if box else (None, None)
            if body is not None:
                return body, following
        return None, None

    def _spot(self, frame: np.ndarray, zoom: float, sure: float) -> Box | None:
        """Where the detector sees the strongest body, in a square of ``zoom`` times the frame's longer side."""
        view = Box(frame.shape[1] / 2, frame.shape[0] / 2, max(frame.shape[:2]) * zoom)
        boxes, scores = self.find_body(view.crop(frame, self.find_body.side))
        found = strongest(boxes, scores[:, 0], self.body_anchors, self.find_body.side, sure)
        if found is None:
            return None
        hips, reach = view.place(found.points[:2])
        return Box.between(hips, reach, UP).grown(1.25)

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


def _checked(frame: np.ndarray) -> tuple[int, ...]:
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8 or 0 in frame.shape:
        raise InvalidMedia(f"Pose detection needs uint8 RGB frames [H, W, 3], got {frame.dtype} {list(frame.shape)}.")
    return frame.shape


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
