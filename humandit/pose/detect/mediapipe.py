"""MediaPipe's holistic pipeline on LiteRT: body, hands and face of one person, without the mediapipe package.

The order of the nets and the proportions of their crops follow MediaPipe's published holistic graphs (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .. import skeleton as coco
from ..sequence import PoseSequence
from .boxes import Box
from .face import NOSE, FaceFinder, face_box
from .hands import POINTS as HAND_POINTS
from .hands import HandFinder, hand_box, one_place_one_hand
from .heatmap import refined
from .net import CORES, Net
from .nets import NETS, find_nets
from .protocol import SAME, Detector, Sighting, distinct
from .ssd import anchors, detections
from .trail import UP, Trail, body_box
from .wholebody import Part, whole_body

SEEN = 0.5
"""Presence from which a net's answer counts."""
GLIMPSE = 0.2
"""Presence at which a first, rough crop is worth a second look."""
STABLE = 1.6
"""A body fills its crop; one that comes out this much larger or smaller than it was looked for is none."""
MOST = 8
"""People that one view may show."""
WIDE = 1.25
"""From this ratio of sides on, a frame is also searched in squares of its shorter side: its people look small."""
SMALLEST = 24.0
"""Side of a body's crop, pixels, from which there are limbs to see: below, noise passes for people."""
ROOTS = {"left": HAND_POINTS["left"][0], "right": HAND_POINTS["right"][0], "face": NOSE}
"""The body point that each followed part hangs on."""


class MediaPipeDetector(Detector):
    """A body net that follows each person from where they were, a search for those not followed yet."""

    name = "mediapipe"
    device = "cpu (LiteRT XNNPACK)"

    def __init__(self, folder: Path) -> None:
        nets = {name.removesuffix(".tflite"): folder / name for name in NETS.files}
        self.find_body = Net(nets["pose_detection"], signed=True)
        self.body = Net(nets["pose_landmark_full"])
        half = max(CORES // 2, 1)  # both hands at once
        recrop, hand = nets["hand_recrop"], nets["hand_landmark_full"]
        self.hands = [HandFinder(side, Net(recrop, threads=1), Net(hand, threads=half)) for side in HAND_POINTS]
        self.face = FaceFinder(Net(nets["face_detection_short_range"], signed=True), Net(nets["face_landmark"]))
        self._pool = ThreadPoolExecutor(len(self.hands), thread_name_prefix="hand")
        self.body_anchors = anchors(self.find_body.side, (8, 16, 32, 32, 32))

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

    def person_masks(self, frames: Iterable[np.ndarray], poses: PoseSequence) -> Iterator[np.ndarray]:
        """[H, W] bool for every frame: what the body net cuts out around each pose. Empty where it sees nobody."""
        for frame, xy, seen in zip(frames, poses.xy, poses.visible, strict=False):
            yield self._mask_in(frame, _box_around(xy[coco.BODY_SLICE], seen[coco.BODY_SLICE]))

    def _mask_in(self, frame: np.ndarray, box: Box | None) -> np.ndarray:
        """Looks twice, as for a new body: the first box only guesses how far hands and feet reach."""
        height, width = frame.shape[:2]
        _, settled = self._body_in(frame, box, GLIMPSE) if box else (None, None)
        if settled is None or not settled.usable:
            return np.zeros((height, width), bool)
        _, _, logits, *_ = self.body(settled.crop(frame, self.body.side))
        return settled.put_back(logits[..., 0], width, height) > 0

    def _whole(self, frame: np.ndarray, found: _Body) -> Sighting:
        """Hands and face added to a body."""
        body, trail = found.part, found.after
        running = {finder.side: self._pool.submit(finder, frame, body, trail) for finder in self.hands}
        face = self.face(frame, body, trail)
        hands = one_place_one_hand({side: hand.result() for side, hand in running.items()}, body)
        whole = whole_body(body, hands["left"], hands["right"], face, (frame.shape[1], frame.shape[0]))
        boxes = {side: hand_box(hand) for side, hand in hands.items() if hand}
        if face:
            boxes["face"] = face_box(face)
        ahead = trail.with_parts(boxes, {name: body.xy[point] for name, point in ROOTS.items()})
        return Sighting(whole.xy, whole.score, ahead)

    def _search(self, frame: np.ndarray, known: Sequence[Box]) -> list[tuple[Part | None, Trail | None]]:
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
                boxes.append(body_box(view.place(found.points[:2])))
        return boxes

    def _settle(self, frame: np.ndarray, first: Box) -> tuple[Part | None, Trail | None]:
        """Look twice: the first box comes from four points only, the second knows the pose."""
        _, box = self._body_in(frame, first, GLIMPSE)
        return self._body_in(frame, box) if box else (None, None)

    def _body_in(self, frame: np.ndarray, box: Box, enough: float = SEEN) -> tuple[Part | None, Trail | None]:
        """33 body points and the box for the next look, or nothing where the net sees no body."""
        if not box.usable or box.size < SMALLEST:
            return None, None
        raw, presence, _, heatmap, _ = self.body(box.crop(frame, self.body.side, repeat_edge=True))
        if presence[0] < enough:
            return None, None
        points = raw.reshape(39, 5).astype(np.float64)
        unit = refined(points[:, :2] / self.body.side, heatmap)
        seen = 1 / (1 + np.exp(-points[:33, 3:5]))
        xy = box.place(unit)
        following = body_box(xy[33:35])
        if not 1 / STABLE < following.size / box.size < STABLE:
            return None, None
        return Part(xy[:33], seen.min(1)), Trail.from_box(box).moved(xy[33:35])


@dataclass(frozen=True)
class _Body:
    """33 body points, and where to look for them in the next frame; for hands and face still where they were."""

    part: Part
    after: Trail


def _box_around(xy: np.ndarray, seen: np.ndarray) -> Box | None:
    """Where the body net should look for 17 body points: a circle about the hips, the spine upright; None if unseen."""
    shoulders, hips = xy[[5, 6]].mean(0), xy[[11, 12]].mean(0)
    if not seen[[5, 6, 11, 12]].all():
        return None
    box = Box.between(hips, shoulders, UP)
    reach = float(np.linalg.norm(xy[seen] - hips, axis=-1).max())
    return replace(box, size=2 * reach).grown(1.25)


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
