"""Adapters on people whose bones are known."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.data.synthetic.pairs import draw_pair
from humandit.metrics.adapters import adapter_scores, affine, errors, size_errors
from humandit.pose.adapt import LIMB_BONES, part_vectors


@pytest.mark.slow
def test_robust_beats_the_paper_and_none():
    scores = adapter_scores([draw_pair(seed, "train") for seed in range(40, 52)])
    p95 = {name: values["bone_error_p95"] for name, values in scores.items()}
    assert p95["robust"] < 0.5 * p95["paper"] < 0.5 * p95["none"]
    assert p95["robust"] < 0.7 * p95["affine"]
    assert scores["robust"]["head_error"] < 0.5 * scores["paper"]["head_error"]
    assert scores["robust"]["hands_error"] < 0.7 * scores["paper"]["hands_error"]
    assert scores["robust"]["angle_error_deg"] <= scores["paper"]["angle_error_deg"]


def test_the_affine_fit_undoes_a_scale_and_a_shift():
    one = draw_pair(3, "train", frames=3).reference
    reference = replace(one, score=np.ones_like(one.score))
    template = replace(reference, xy=one.xy / 2 + [30, 60])
    np.testing.assert_allclose(affine(reference, template).xy[0], reference.xy[0], atol=0.05)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_truth_has_no_error_and_twice_its_size_has(scale):
    pair = draw_pair(5, "train", frames=4)
    points = np.zeros((4, 134, 2), np.float32)
    for bone, (child, parent) in enumerate(LIMB_BONES):
        points[:, child] = points[:, parent] + scale * pair.truth[:, bone]
    drawn = replace(pair.template, xy=points[:, :133], score=np.ones((4, 133)))
    length, angle = errors(drawn, pair)
    wanted = 100 * (scale - 1) * np.linalg.norm(pair.truth, axis=-1).mean() / pair.body
    assert length.mean() == pytest.approx(wanted, abs=1e-3) and angle.max() < 0.1


def test_a_head_too_large_by_a_tenth_is_ten_percent_wrong():
    pair = draw_pair(5, "train", frames=4)
    smaller = {part: vectors / 1.1 for part, vectors in part_vectors(pair.template.xy).items()}
    wrong = size_errors(pair.template, replace(pair, parts=smaller))
    assert wrong == {"head": pytest.approx(10, abs=0.01), "hands": pytest.approx(10, abs=0.01)}


def test_pairs_are_the_same_every_time_and_look_detected():
    a, b = draw_pair(7, "heldout", frames=20), draw_pair(7, "heldout", frames=20)
    assert np.array_equal(a.template.xy, b.template.xy) and np.array_equal(a.truth, b.truth)
    assert 0.9 < a.template.visible.mean() < 1 and len(a.reference) == 1
