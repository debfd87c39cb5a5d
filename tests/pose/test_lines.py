"""Poses as fine lines."""

from dataclasses import replace

import numpy as np
import torch

from humandit.pose import skeleton as coco
from humandit.pose.lines import LINES, LineImages, draw_lines
from humandit.pose.sequence import PoseSequence
from humandit.types import LINE_CHANNELS, Canvas

CANVAS = Canvas(64, 48)


def poses(frames: int = 3) -> PoseSequence:
    rng = np.random.default_rng(0)
    xy = rng.uniform(4, 44, (frames, coco.COUNT, 2)).astype(np.float32)
    return PoseSequence(xy, np.ones((frames, coco.COUNT), np.float32), CANVAS, 12.5)


def only(joints: dict[int, tuple[float, float]]) -> PoseSequence:
    """One frame in which these joints alone are seen."""
    xy, score = np.zeros((1, coco.COUNT, 2), np.float32), np.zeros((1, coco.COUNT), np.float32)
    for joint, place in joints.items():
        xy[0, joint], score[0, joint] = place, 1
    return PoseSequence(xy, score, CANVAS, 12.5)


def test_every_joint_of_hands_and_face_is_on_a_line():
    drawn = {joint for paths in LINES for path in paths for joint in path}
    parts = (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE, coco.FACE_SLICE)
    assert len(LINES) == LINE_CHANNELS
    assert drawn >= {i for part in parts for i in range(part.start, part.stop)}
    assert not drawn & set(coco.EXCLUDED)


def test_a_line_runs_between_its_joints_and_tells_fractions_of_a_pixel():
    first = coco.LEFT_HAND_SLICE.start
    image = draw_lines(only({first: (10.5, 10.5), first + 5: (30.5, 10.5)}), CANVAS)[0]
    assert image[1, 10, 10:31].min() > 120, "from the wrist to the index finger's first joint"
    assert not image[1, 14:].any() and not image[1, :7].any() and not image[1, :, 34:].any()
    assert not image[[0, *range(2, LINE_CHANNELS)]].any()
    rows = [draw_lines(only({first: (10.5, y), first + 5: (30.5, y)}), CANVAS)[0, 1, :, 20] for y in (10.5, 11.0)]
    middle, between = (row.int() for row in rows)
    assert abs(middle[9] - middle[11]) < 20 and middle[10] > 2 * middle[9], "in the middle of a row"
    assert abs(between[10] - between[11]) < 20 and between[10] > 2 * between[9], "and between two"


def test_a_hand_is_drawn_alike_on_either_side():
    left, right = coco.LEFT_HAND_SLICE.start, coco.RIGHT_HAND_SLICE.start
    places = {i: (5.0 + i, 20.0 + 7 * (i % 3)) for i in range(21)}
    one = draw_lines(only({left + i: place for i, place in places.items()}), CANVAS)
    assert one[:, :6].flatten(2).any(-1).all()
    assert torch.equal(one, draw_lines(only({right + i: place for i, place in places.items()}), CANVAS))


def test_what_is_not_seen_or_is_far_away_is_left_out():
    first = coco.LEFT_HAND_SLICE.start
    seen = only({first: (10, 10), first + 5: (30, 10)})
    assert not draw_lines(replace(seen, score=seen.score * (np.arange(coco.COUNT) != first)), CANVAS).any()
    seen.xy[0, first] = 1e9
    assert not draw_lines(seen, CANVAS).any()


def test_lines_are_drawn_when_asked_for_at_the_canvas_asked_for():
    film = poses(5)
    images = LineImages(film, Canvas(128, 96))
    assert len(images) == 5 and images[1:4].shape == (3, LINE_CHANNELS, 96, 128)
    assert torch.equal(images[1:4], draw_lines(film.resized(Canvas(128, 96)), Canvas(128, 96))[1:4])
