"""PoseSequence: what it refuses, and time and space."""

import numpy as np
import pytest

from humandit.errors import InvalidPose
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas


def _sequence(frames=5, fps=25.0):
    xy = np.arange(frames, dtype=np.float32)[:, None, None] * np.ones((1, 133, 2), np.float32)
    return PoseSequence(xy, np.ones((frames, 133)), Canvas(100, 50), fps)


def test_table_counts_and_mirror():
    assert coco.COUNT == 133
    assert [coco.MIRROR[coco.MIRROR[i]] for i in range(133)] == list(range(133))
    assert coco.KEYPOINTS[coco.MIRROR[coco.INDEX["left_wrist"]]] == "right_wrist"
    assert coco.MIRROR[coco.FACE_SLICE.start + 36] == coco.FACE_SLICE.start + 45


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"xy": np.zeros((5, 17, 2))}, "133"),
        ({"xy": np.full((5, 133, 2), np.nan)}, "finite"),
        ({"score": np.full((5, 133), 1.5)}, r"0\.\.1"),
        ({"fps": 0}, "fps"),
        ({"skeleton": "horse"}, "horse"),
    ],
)
def test_bad_poses_are_refused(change, words):
    good = {"xy": np.zeros((5, 133, 2)), "score": np.ones((5, 133)), "canvas": Canvas(9, 9), "fps": 25}
    with pytest.raises(InvalidPose, match=words):
        PoseSequence(**{**good, **change})


def test_resampling_halves_and_doubles_the_rate():
    assert _sequence(5).resampled(12.5).xy[:, 0, 0].tolist() == [0, 2, 4]
    assert _sequence(3).resampled(50).xy[:, 0, 0].tolist() == [0, 0.5, 1, 1.5, 2]
    assert _sequence(1).resampled(12.5).fps == 12.5


def test_resampling_never_mixes_in_a_missing_joint():
    sequence = _sequence(2)
    score = sequence.score.copy()
    score[1, 7] = 0
    mixed = PoseSequence(sequence.xy + 10, score, sequence.canvas, 25).resampled(50)
    assert mixed.xy[1, 7, 0] in (10, 11)
    assert mixed.xy[1, 8, 0] == 10.5


def test_resizing_and_joining():
    wide = _sequence().resized(Canvas(200, 50))
    assert wide.xy[1, 0].tolist() == [2, 1]
    assert len(_sequence().concat(wide)) == 10
    assert np.allclose(_sequence().concat(wide).xy[5:], _sequence().xy)
    with pytest.raises(InvalidPose, match="at least one"):
        PoseSequence.stacked([])
