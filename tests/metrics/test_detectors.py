"""Detector scores on hand-made findings."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.metrics.detectors import mean_errors
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tests.pose.conftest import standing


def test_errors_silence_and_hits_are_counted():
    truth = PoseSequence(standing()[None].repeat(2, 0), np.ones((2, coco.COUNT)), Canvas(200, 200), 12.5)
    perfect = mean_errors([truth], [truth])
    assert perfect["body_px"] == perfect["hand_px"] == 0 and perfect["body_pck"] == perfect["face_found"] == 1

    xy, score = truth.xy.copy(), truth.score.copy()
    xy[:, coco.BODY_SLICE] += [3, 4]
    xy[:, coco.INDEX["nose"]] += [100, 0]
    score[:, coco.LEFT_HAND_SLICE] = 0
    score[1, coco.FEET_SLICE] = 0
    scores = mean_errors([replace(truth, xy=xy, score=score)], [truth])
    assert scores["hand_found"] == 0.5 and scores["hand_px"] == 0
    assert scores["body_found"] == pytest.approx(40 / 46)
    assert scores["body_pck"] == pytest.approx((46 - 6 - 2) / 46)
    assert scores["body_median_px"] == pytest.approx(5)
